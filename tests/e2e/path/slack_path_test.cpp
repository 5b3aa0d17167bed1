// The whole path against the fake Slack: alert in, card out, acknowledged and decided by people, carried out, audited.

#include <gtest/gtest.h>

#include "tests/fakes/fake_slack.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/attack.hpp"
#include "tests/support/bot.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;
constexpr const char* kChannel = "C0SOC";

// Text of everything a message shows, buttons included.
std::string shown(const FakeMessage& message) { return message.text + message.blocks.dump(); }

// Slack gives meaning to text in `text` and in elements of type mrkdwn; plain_text and rich_text are literal.
bool harmless(const FakeMessage& message) {
  bool ok = message.text.find("<!channel>") == std::string::npos && message.text.find("<https://") == std::string::npos;
  const std::function<void(const json&)> walk = [&](const json& node) {
    if (node.is_object() && node.value("type", "") == "mrkdwn" && node.dump().find("<!channel>") != std::string::npos)
      ok = false;
    if (node.is_structured()) {
      for (const auto& child : node) walk(child);
    }
  };
  walk(message.blocks);
  return ok;
}

class World {
 public:
  explicit World(Executor io) : slack(io, FakeSlackOptions()), client(net::make_http_client(io, {})) {}

  boost::asio::awaitable<bool> start() {
    if (!slack.start()) co_return false;
    BotOptions options;
    options.slack_api_url = slack.api_url();
    bot = std::make_unique<Bot>(folder, options);
    co_return co_await slack.wait_sockets(2, std::chrono::seconds(20));
  }

  // Waits for a message of the bot that shows all of `words`; in any thread.
  boost::asio::awaitable<const FakeMessage*> message_with(std::vector<std::string> words) {
    const Deadline deadline = Deadline::after(std::chrono::seconds(10));
    while (!deadline.passed()) {
      for (const auto& message : slack.messages()) {
        const std::string text = shown(message);
        const bool all = std::all_of(words.begin(), words.end(),
                                     [&](const std::string& word) { return text.find(word) != std::string::npos; });
        if (all && !message.bot_id.empty()) co_return &message;
      }
      co_await sleep_for(std::chrono::milliseconds(20));
    }
    std::string said;
    for (const auto& message : slack.messages()) said += shown(message) + "\n";
    ADD_FAILURE() << "no message with '" << words.front() << "'; there is:\n" << said << bot->log();
    co_return nullptr;
  }

  // The command of the first button that starts with `verb`.
  static std::string command_in(const FakeMessage& message, const std::string& verb) {
    std::string found;
    const std::function<void(const json&)> walk = [&](const json& node) {
      if (node.is_object() && node.value("type", "") == "button" && node.value("value", "").starts_with(verb + " "))
        found = node["value"];
      if (node.is_structured()) {
        for (const auto& child : node) walk(child);
      }
    };
    walk(message.blocks);
    return found;
  }

  TempDir folder;
  FakeSlack slack;
  std::unique_ptr<net::HttpClient> client;
  std::unique_ptr<Bot> bot;
};

ASYNC_TEST(SlackPath, from_alert_to_carried_out_action) {
  World world(io);
  CO_ASSERT_TRUE(co_await world.start());
  std::string logs = attack_log();
  const auto logged = co_await post(*world.client, world.bot->url("/v1/events/windows"), kSourceToken, std::move(logs));
  CO_ASSERT_OK(logged);
  EXPECT_EQ(logged->status, 202) << logged->body;
  std::string alert = attack_alert();
  const auto accepted = co_await post(*world.client, world.bot->url("/v1/alerts/wazuh"), kSourceToken, std::move(alert));
  CO_ASSERT_OK(accepted);
  EXPECT_EQ(accepted->status, 202) << accepted->body;

  // One card, with verdict, reasons and an action; nothing in it acts.
  std::vector<std::string> verdict_words = {"Likely malicious", "C-1", "[E"};
  const FakeMessage* root = co_await world.message_with(std::move(verdict_words));
  CO_ASSERT_TRUE(root != nullptr);
  EXPECT_EQ(root->channel, kChannel);
  EXPECT_TRUE(root->thread_ts.empty());
  EXPECT_TRUE(harmless(*root)) << shown(*root);
  const std::string root_ts = root->ts;
  const std::string request = World::command_in(*root, "request");
  CO_ASSERT_TRUE(!request.empty());

  // Acknowledged by a button; the same card changes.
  const auto ack = world.slack.click("U0ANN", kChannel, root_ts, "ack C-1");
  CO_ASSERT_TRUE(ack.has_value());
  EXPECT_TRUE(co_await world.slack.wait_acked(*ack, std::chrono::seconds(10)));
  std::vector<std::string> acked_words = {"Likely malicious", "Acknowledged by ann"};
  CO_ASSERT_TRUE(co_await world.message_with(std::move(acked_words)) != nullptr);

  // Asked for by one person: an approval opens in the thread. She cannot approve it herself; a stranger cannot either.
  CO_ASSERT_TRUE(world.slack.click("U0ANN", kChannel, root_ts, request).has_value());
  std::vector<std::string> approval_words = {"approve R-"};
  const FakeMessage* approval = co_await world.message_with(std::move(approval_words));
  CO_ASSERT_TRUE(approval != nullptr);
  EXPECT_EQ(approval->thread_ts, root_ts);
  const std::string approve = World::command_in(*approval, "approve");
  const std::string approval_ts = approval->ts;
  const auto own = world.slack.click("U0ANN", kChannel, approval_ts, approve);
  const auto stranger = world.slack.click("U0EVE", kChannel, approval_ts, approve);
  CO_ASSERT_TRUE(own.has_value() && stranger.has_value());
  EXPECT_TRUE(co_await world.slack.wait_acked(*own, std::chrono::seconds(10)));
  EXPECT_TRUE(co_await world.slack.wait_acked(*stranger, std::chrono::seconds(10)));
  std::vector<std::string> own_words = {"You may not approve"};
  const FakeMessage* own_refusal = co_await world.message_with(std::move(own_words));
  std::vector<std::string> stranger_words = {"I don't know you yet"};
  const FakeMessage* stranger_refusal = co_await world.message_with(std::move(stranger_words));
  CO_ASSERT_TRUE(own_refusal != nullptr && stranger_refusal != nullptr);
  EXPECT_EQ(own_refusal->only_for, "U0ANN");
  EXPECT_EQ(stranger_refusal->only_for, "U0EVE");
  json view = co_await get_json(*world.client, world.bot->url("/v1/cases/C-1"));
  const auto awaiting = [](const json& one) { return one["state"] == "awaiting"; };
  EXPECT_TRUE(std::any_of(view["actions"].begin(), view["actions"].end(), awaiting)) << view["actions"].dump();

  // Approved by a second person, delivered twice by Slack: carried out once.
  const auto yes = world.slack.click("U0BEN", kChannel, approval_ts, approve);
  CO_ASSERT_TRUE(yes.has_value());
  world.slack.send_again(*yes);
  std::vector<std::string> done_words = {"Done: ", "Approved by", "ben"};
  CO_ASSERT_TRUE(co_await world.message_with(std::move(done_words)) != nullptr);
  view = co_await get_json(*world.client, world.bot->url("/v1/cases/C-1"));
  int succeeded = 0;
  for (const auto& action : view["actions"]) succeeded += action["state"] == "succeeded" ? 1 : 0;
  EXPECT_EQ(succeeded, 1) << view["actions"].dump();

  // The same words typed as a slash command and in the thread.
  const auto slash = world.slack.slash("U0ANN", kChannel, "list open");
  EXPECT_TRUE(co_await world.slack.wait_acked(slash, std::chrono::seconds(10)));
  std::vector<std::string> list_words = {"C-1", "open"};
  CO_ASSERT_TRUE(co_await world.message_with(std::move(list_words)) != nullptr);
  const auto mention = world.slack.mention("U0BEN", kChannel, "note seen on the phone", root_ts);
  EXPECT_TRUE(co_await world.slack.wait_acked(mention, std::chrono::seconds(10)));
  std::vector<std::string> note_words = {"seen on the phone"};
  CO_ASSERT_TRUE(co_await world.message_with(std::move(note_words)) != nullptr);

  // One root card, however often it was edited.
  int roots = 0;
  for (const auto& message : world.slack.messages())
    roots += message.thread_ts.empty() && message.only_for.empty() && !message.bot_id.empty() ? 1 : 0;
  EXPECT_EQ(roots, 1);

  EXPECT_EQ(world.bot->process().terminate(), 0);
  const std::string log = world.bot->log();
  for (const char* secret :
       {"xapp-fake-app-token", "xoxb-fake-bot-token", kSourceToken, kApiToken, kHmacKey, "ticket-of-response"}) {
    EXPECT_EQ(log.find(secret), std::string::npos) << secret << " is in the log";
  }
  Process audit({VEDETTE_BINARY, "audit", "verify", "--config", world.folder.file("vedette.yaml")},
                world.folder.file("audit.log"));
  const std::string said = audit.rest_of_output();
  EXPECT_EQ(audit.wait(), 0) << said;
  EXPECT_NE(said.find("intact"), std::string::npos) << said;
  Process exported({VEDETTE_BINARY, "audit", "export", "--config", world.folder.file("vedette.yaml")},
                   world.folder.file("audit.log"));
  const std::string rows = exported.rest_of_output();
  for (const char* what : {"case.ack", "action.request", "action.approve"})
    EXPECT_NE(rows.find(what), std::string::npos) << what << " in\n" << rows;
  co_await world.slack.stop();
}

// A message given up for good is no reason to be taken out of service, and none to look healthy. A private answer to a
// mention has no other way than the refused one, and nothing changes its slot afterwards.
ASYNC_TEST(SlackPath, a_message_given_up_is_seen_from_outside) {
  World world(io);
  CO_ASSERT_TRUE(co_await world.start());
  json ready = co_await get_json(*world.client, world.bot->url("/readyz"));
  EXPECT_EQ(ready["status"], "ready");
  world.slack.add_fault({"chat.postEphemeral", "error:some_new_error", 1, 0, {}});
  const auto mention = world.slack.mention("U0ANN", kChannel, "whoami");
  EXPECT_TRUE(co_await world.slack.wait_acked(mention, std::chrono::seconds(10)));
  const Deadline deadline = Deadline::after(std::chrono::seconds(10));
  while (ready["status"] != "degraded" && !deadline.passed()) {
    co_await sleep_for(std::chrono::milliseconds(20));
    ready = co_await get_json(*world.client, world.bot->url("/readyz"));
  }
  EXPECT_EQ(ready["status"], "degraded") << world.bot->log();
  EXPECT_NE(ready.value("detail", "").find("some_new_error"), std::string::npos) << ready.dump();
  net::HttpRequest request("GET", world.bot->url("/metrics"));
  request.headers.set("Authorization", std::string("Bearer ") + kApiToken);
  const auto metrics = co_await world.client->send(std::move(request), deadline);
  CO_ASSERT_OK(metrics);
  EXPECT_NE(metrics->body.find("vedette_messages_given_up{platform=\"slack\"} 1\n"), std::string::npos) << metrics->body;
  EXPECT_NE(metrics->body.find("vedette_slack_refused 0"), std::string::npos) << metrics->body;
  world.bot->process().terminate();
  co_await world.slack.stop();
}

ASYNC_TEST(SlackPath, a_lost_answer_does_not_post_twice) {
  World world(io);
  for (const char* kind : {"store_then_500", "store_then_hang", "500", "429"}) {
    FakeFault fault;
    fault.method = "chat.postMessage";
    fault.kind = kind;
    fault.hold = std::chrono::milliseconds(200);
    world.slack.add_fault(fault);
  }
  CO_ASSERT_TRUE(co_await world.start());
  for (int number = 1; number <= 3; ++number) {
    std::string alert = wazuh_alert(number);
    const auto accepted = co_await post(*world.client, world.bot->url("/v1/alerts/wazuh"), kSourceToken, std::move(alert));
    CO_ASSERT_OK(accepted);
  }
  for (const char* id : {"C-1", "C-2", "C-3"}) {
    std::vector<std::string> words = {std::string(" · ") + id, "[E"};
    CO_ASSERT_TRUE(co_await world.message_with(std::move(words)) != nullptr);
  }
  std::map<std::string, int> posted;
  for (const auto& message : world.slack.messages()) {
    if (!message.bot_id.empty() && message.only_for.empty()) ++posted[name_of(message)];
  }
  for (const auto& [key, count] : posted) EXPECT_EQ(count, 1) << key;
  world.bot->process().terminate();
  co_await world.slack.stop();
}

}  // namespace
}  // namespace vedette::test
