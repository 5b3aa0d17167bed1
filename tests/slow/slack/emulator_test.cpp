// Vedette as it is started by its users, against a Slack emulator that nobody here wrote. Every envelope comes over both
// sockets there: what is done must be done once all the same. No message keeps its metadata: the usual path must not need
// it.

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "tests/slow/slack/local_slack.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/attack.hpp"
#include "tests/support/bot.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;
constexpr const char* kChannel = "C0SOC";

int count_in(const json& messages, const std::string& words) {
  int count = 0;
  for (const auto& message : messages) count += message.dump().find(words) != std::string::npos ? 1 : 0;
  return count;
}

// The value of the first button that starts with `verb`.
std::string command_in(const json& node, const std::string& verb) {
  if (node.is_object() && node.value("type", "") == "button" && node.value("value", "").starts_with(verb + " "))
    return node["value"];
  if (!node.is_structured()) return {};
  for (const auto& child : node) {
    std::string found = command_in(child, verb);
    if (!found.empty()) return found;
  }
  return {};
}

class World {
 public:
  using Question = std::function<boost::asio::awaitable<bool>()>;

  World(Executor io, const Foreign& foreign) : emulator(io, foreign, folder), client(net::make_http_client(io, {})) {}

  // Both sockets stand and C-1 has its verdict in the channel.
  boost::asio::awaitable<bool> start() { co_return co_await start_with("", wazuh_alert(1), "Suspicious 40 %"); }

  boost::asio::awaitable<bool> start_with(std::string logs, std::string alert, std::string verdict) {
    BotOptions options;
    options.slack_api_url = emulator.api_url();
    bot = std::make_unique<Bot>(folder, options);
    Question sockets = [this]() { return two_sockets(); };
    const bool connected = co_await holds("two sockets", std::move(sockets));
    if (!connected) co_return false;
    if (!logs.empty()) {
      const auto logged = co_await post(*client, bot->url("/v1/events/windows"), kSourceToken, std::move(logs));
      if (!logged || logged->status != 202) co_return false;
    }
    const auto accepted = co_await post(*client, bot->url("/v1/alerts/wazuh"), kSourceToken, std::move(alert));
    if (!accepted || accepted->status != 202) co_return false;
    Question card = [this, verdict]() { return card_stands(verdict); };
    co_return co_await holds("the card", std::move(card));
  }

  // Asks again and again until it is so, for half a minute at most.
  boost::asio::awaitable<bool> holds(std::string what, Question question) {
    const Deadline deadline = Deadline::after(std::chrono::seconds(30));
    while (!deadline.passed()) {
      const bool so = co_await question();
      if (so) co_return true;
      co_await sleep_for(std::chrono::milliseconds(50));
    }
    const json page = co_await emulator.page();
    ADD_FAILURE() << "not within half a minute: " << what << "\n" << page.value("messages", json()).dump(1) << bot->log();
    co_return false;
  }

  boost::asio::awaitable<bool> says(std::string words, std::string channel = kChannel) {
    const json said = co_await emulator.messages(channel);
    co_return count_in(said, words) > 0;
  }

  boost::asio::awaitable<json> case_one() { co_return co_await get_json(*client, bot->url("/v1/cases/C-1")); }

  boost::asio::awaitable<bool> case_has(std::string member, json value) {
    const json found = co_await case_one();
    co_return found.is_object() && found.value(member, json()) == value;
  }

  // The message with a button that starts with `verb`, and that button's command.
  boost::asio::awaitable<std::pair<std::string, std::string>> button(std::string verb) {
    const json said = co_await emulator.messages(kChannel);
    for (const auto& message : said) {
      std::string command = command_in(message.value("blocks", json::array()), verb);
      if (!command.empty()) co_return std::pair(message.value("ts", ""), command);
    }
    co_return std::pair<std::string, std::string>();
  }

  // Actions of C-1 in this state.
  boost::asio::awaitable<int> actions(std::string state) {
    const json found = co_await case_one();
    int count = 0;
    for (const auto& action : found.value("actions", json::array())) count += action.value("state", "") == state ? 1 : 0;
    co_return count;
  }

  // Notes of this kind in the case's history.
  boost::asio::awaitable<int> notes(std::string kind) {
    const json found = co_await case_one();
    int count = 0;
    for (const auto& note : found.value("notes", json::array())) count += note.value("kind", "") == kind ? 1 : 0;
    co_return count;
  }

  boost::asio::awaitable<bool> has_notes(std::string kind, int count) { co_return co_await notes(std::move(kind)) == count; }

  boost::asio::awaitable<bool> has_button(std::string verb) {
    const auto found = co_await button(std::move(verb));
    co_return !found.second.empty();
  }

  boost::asio::awaitable<bool> has_modals(size_t count) {
    const json page = co_await emulator.page();
    co_return page.is_object() && page.value("modalStack", json::array()).size() == count;
  }

  boost::asio::awaitable<bool> home_shows(std::string user, std::vector<std::string> words) {
    const json page = co_await emulator.page();
    const std::string shown = page.value("homeViews", json::object()).value(user, json()).dump();
    co_return std::all_of(words.begin(), words.end(),
                          [&](const std::string& word) { return shown.find(word) != std::string::npos; });
  }

  boost::asio::awaitable<bool> until_said(std::string words) {
    Question said = [this, words]() { return says(words); };
    co_return co_await holds(words, std::move(said));
  }

  boost::asio::awaitable<bool> until_case_has(std::string member, json value) {
    Question has = [this, member, value]() { return case_has(member, value); };
    co_return co_await holds(member, std::move(has));
  }

  boost::asio::awaitable<bool> until_notes(std::string kind, int count) {
    Question has = [this, kind, count]() { return has_notes(kind, count); };
    co_return co_await holds(kind, std::move(has));
  }

  boost::asio::awaitable<bool> until_modals(size_t count) {
    Question has = [this, count]() { return has_modals(count); };
    co_return co_await holds("modals", std::move(has));
  }

  // How often Vedette called a method of Slack, by the emulator's own log.
  boost::asio::awaitable<int> calls(std::string method) {
    const json page = co_await emulator.page();
    int count = 0;
    for (const auto& entry : page.value("log", json::array()))
      count += entry.value("kind", "") == "web_api" && entry.value("summary", "") == method ? 1 : 0;
    co_return count;
  }

  // Every envelope was acknowledged, nothing Vedette asked for was refused, and it stops as it should.
  boost::asio::awaitable<void> end_well() {
    const json page = co_await emulator.page();
    int sent = 0;
    int acknowledged = 0;
    for (const auto& entry : page.value("log", json::array())) {
      const std::string summary = entry.value("summary", "");
      sent += summary.starts_with("envelope ") ? 1 : 0;
      acknowledged += entry.value("kind", "") == "ack" ? 1 : 0;
      const bool refused = entry.value("direction", "") == "internal" && summary != "users.info -> user_not_found";
      EXPECT_FALSE(refused) << summary << entry.dump();
    }
    EXPECT_GT(sent, 0);
    EXPECT_EQ(acknowledged, sent);
    EXPECT_EQ(bot->process().terminate(), 0) << bot->log();
    EXPECT_EQ(bot->log().find(" error "), std::string::npos) << bot->log();
  }

  TempDir folder;
  LocalSlack emulator;
  std::unique_ptr<net::HttpClient> client;
  std::unique_ptr<Bot> bot;
  std::string root;  // the card's ts

 private:
  boost::asio::awaitable<bool> two_sockets() {
    net::HttpRequest request("GET", bot->url("/metrics"));
    request.headers.set("Authorization", std::string("Bearer ") + kApiToken);
    const Deadline deadline = Deadline::after(std::chrono::seconds(10));
    const auto answer = co_await client->send(std::move(request), deadline);
    co_return answer && answer->body.find("vedette_slack_sockets 2") != std::string::npos;
  }

  boost::asio::awaitable<bool> card_stands(std::string verdict) {
    const json said = co_await emulator.messages(kChannel);
    for (const auto& message : said) {
      if (!message.contains("thread_ts") && message.dump().find(verdict) != std::string::npos)
        root = message.value("ts", "");
    }
    co_return !root.empty() && count_in(said, "Timeline · C-1") == 1;
  }
};

using Story = Job (*)(World& world);

Job tell(Executor io, const Foreign& foreign, Story story) {
  World world(io, foreign);
  co_await story(world);
}

void in_a_workspace(Story story) {
  const Foreign foreign = foreign_packages();
  const std::string why_not = LocalSlack::why_not(foreign);
  if (!why_not.empty()) GTEST_SKIP() << why_not;
  run_async([&](Executor io) { return tell(std::move(io), foreign, story); }, std::chrono::minutes(4));
}

// An alert becomes one card with its thread; a mention, a slash command and a button each do their thing once.
Job commands(World& world) {
  CO_ASSERT_TRUE(co_await world.start());
  const json before = co_await world.emulator.messages(kChannel);
  EXPECT_EQ(count_in(before, "Suspicious 40 %"), 1) << before.dump(1);

  CO_ASSERT_TRUE(co_await world.emulator.say("U0ANN", kChannel, "<@U0BOT> note the service is known", world.root));
  CO_ASSERT_TRUE(co_await world.until_said("Noted on C-1."));
  EXPECT_EQ(co_await world.notes("note"), 1);

  CO_ASSERT_TRUE(co_await world.emulator.slash("U0ANN", "list open"));
  CO_ASSERT_TRUE(co_await world.until_said("Open cases: 1"));

  CO_ASSERT_TRUE(co_await world.emulator.press("U0ANN", world.root, "ack C-1"));
  CO_ASSERT_TRUE(co_await world.until_case_has("owner", "ann"));
  CO_ASSERT_TRUE(co_await world.until_said("Acknowledged by ann"));

  // A stranger may look and not touch; who is meant by nobody is not answered.
  CO_ASSERT_TRUE(co_await world.emulator.say("U0STRANGER", kChannel, "<@U0BOT> close C-1 fp because", world.root));
  CO_ASSERT_TRUE(co_await world.emulator.say("U0BEN", kChannel, "ack C-1 would be a command, said to the bot", world.root));
  CO_ASSERT_TRUE(co_await world.emulator.say("U0BEN", kChannel, "<@U0BOT> note the last one", world.root));
  CO_ASSERT_TRUE(co_await world.until_notes("note", 2));
  EXPECT_TRUE(co_await world.case_has("status", "acknowledged"));
  EXPECT_EQ(co_await world.notes("status"), 1);

  const json after = co_await world.emulator.messages(kChannel);
  EXPECT_EQ(count_in(after, "Open cases: 1"), 1) << after.dump(1);
  EXPECT_EQ(count_in(after, "Timeline · C-1"), 1) << after.dump(1);
  co_await world.end_well();
}

// Close… opens one modal; sent empty it says what is missing, sent right it closes the case and itself.
Job closing(World& world) {
  CO_ASSERT_TRUE(co_await world.start());
  CO_ASSERT_TRUE(co_await world.emulator.press("U0ANN", world.root, "close C-1"));
  CO_ASSERT_TRUE(co_await world.until_modals(1));
  EXPECT_EQ(co_await world.calls("views.open"), 1);

  const json nothing = json::object();
  CO_ASSERT_TRUE(co_await world.emulator.submit("U0ANN", nothing));
  EXPECT_TRUE(co_await world.has_modals(1)) << "an empty form was taken";
  EXPECT_FALSE(co_await world.case_has("status", "closed"));

  const json values = {{"how", {{"answer", {{"type", "static_select"}, {"selected_option", {{"value", "btp"}}}}}}},
                       {"reason", {{"answer", {{"type", "plain_text_input"}, {"value", "patch day"}}}}}};
  CO_ASSERT_TRUE(co_await world.emulator.submit("U0ANN", values));
  EXPECT_TRUE(co_await world.has_modals(0));
  CO_ASSERT_TRUE(co_await world.until_case_has("status", "closed"));
  EXPECT_TRUE(co_await world.case_has("disposition", "btp"));
  EXPECT_TRUE(co_await world.case_has("closing_reason", "patch day"));
  const char* told = "C-1 is closed as benign true positive: patch day";
  CO_ASSERT_TRUE(co_await world.until_said(told));
  CO_ASSERT_TRUE(co_await world.until_said("☑️ Closed"));
  EXPECT_EQ(co_await world.notes("status"), 1);
  const json after = co_await world.emulator.messages(kChannel);
  EXPECT_EQ(count_in(after, told), 1);
  co_await world.end_well();
}

// A thumb on the card counts once and is taken back; the Home tab and the direct conversation answer.
Job looking(World& world) {
  CO_ASSERT_TRUE(co_await world.start());
  CO_ASSERT_TRUE(co_await world.emulator.react("U0BEN", world.root, "+1", true));
  CO_ASSERT_TRUE(co_await world.until_case_has("good", 1));
  CO_ASSERT_TRUE(co_await world.emulator.react("U0BEN", world.root, "+1", false));
  CO_ASSERT_TRUE(co_await world.until_case_has("good", 0));
  EXPECT_TRUE(co_await world.case_has("bad", 0));

  CO_ASSERT_TRUE(co_await world.emulator.slash("U0ANN", "ack C-1"));
  CO_ASSERT_TRUE(co_await world.until_case_has("owner", "ann"));
  CO_ASSERT_TRUE(co_await world.emulator.open_home("U0ANN"));
  const auto home = [&world]() { return world.home_shows("U0ANN", {"Your cases", "C-1"}); };
  CO_ASSERT_TRUE(co_await world.holds("the home tab with ann's case", home));

  CO_ASSERT_TRUE(co_await world.emulator.say("U0ANN", "U0ANN", "why C-1"));
  // The emulator begins a conversation where it was asked only whether there is one: find the one that was spoken in.
  const json page = co_await world.emulator.page();
  const json conversations = page.value("messages", json::object());
  std::string direct;
  for (const auto& [id, said] : conversations.items()) {
    if (id.starts_with("D") && count_in(said, "why C-1") > 0) direct = id;
  }
  CO_ASSERT_TRUE(!direct.empty());
  const auto answered = [&world, direct]() { return world.says("The detector rated this high", direct); };
  CO_ASSERT_TRUE(co_await world.holds("the answer to a direct message", answered));
  const json said = co_await world.emulator.messages(direct);
  EXPECT_EQ(said.size(), 2U) << "a question and one answer: " << said.dump(1);
  EXPECT_FALSE(said.back().contains("subtype")) << "an answer that is gone after a reload, and notifies nobody";
  co_await world.end_well();
}

// An action is asked for by one person's button, refused to her, approved by another's, and runs once.
Job deciding(World& world) {
  std::string logs = attack_log();
  std::string alert = attack_alert();
  CO_ASSERT_TRUE(co_await world.start_with(std::move(logs), std::move(alert), "Likely malicious"));
  const auto request = co_await world.button("request");
  CO_ASSERT_TRUE(!request.second.empty());
  CO_ASSERT_TRUE(co_await world.emulator.press("U0ANN", request.first, request.second));
  const auto asked = [&world]() { return world.has_button("approve"); };
  CO_ASSERT_TRUE(co_await world.holds("the approval card", asked));
  const auto approve = co_await world.button("approve");
  CO_ASSERT_TRUE(co_await world.emulator.press("U0ANN", approve.first, approve.second));
  CO_ASSERT_TRUE(co_await world.until_said("You may not approve"));
  EXPECT_EQ(co_await world.actions("awaiting"), 1);
  CO_ASSERT_TRUE(co_await world.emulator.press("U0BEN", approve.first, approve.second));
  CO_ASSERT_TRUE(co_await world.until_said("Done: "));
  EXPECT_EQ(co_await world.actions("succeeded"), 1);
  const json after = co_await world.emulator.messages(kChannel);
  EXPECT_EQ(count_in(after, "You may not approve"), 1) << after.dump(1);
  co_await world.end_well();
}

TEST(SlackEmulator, an_alert_becomes_one_card_and_each_command_is_done_once) { in_a_workspace(commands); }
TEST(SlackEmulator, an_action_needs_the_button_of_a_second_person_and_runs_once) { in_a_workspace(deciding); }
TEST(SlackEmulator, a_case_is_closed_by_the_modal_of_its_button) { in_a_workspace(closing); }
TEST(SlackEmulator, thumbs_the_home_tab_and_direct_messages_work) { in_a_workspace(looking); }

// The one command of docs/slack.md: both start, cases come in blocks that the emulator's page draws, and both end.
Job trying(Executor io, uint16_t port) {
  TempDir folder;
  const std::vector<std::string> start = {"/usr/bin/env",
                                          std::string("VEDETTE=") + VEDETTE_BINARY,
                                          std::string(VEDETTE_SOURCE_DIR) + "/scripts/try-slack",
                                          "--port",
                                          std::to_string(port),
                                          "--listen",
                                          "127.0.0.1:0",
                                          "--speed",
                                          "max"};
  Process script(start, folder.file("script.log"));
  const auto address = script.wait_for_line("Slack, of this machine alone:");
  if (!address) ADD_FAILURE() << read_file(folder.file("script.log"));
  CO_ASSERT_TRUE(address.has_value());
  EXPECT_NE(address->find("http://127.0.0.1:" + std::to_string(port)), std::string::npos);
  const auto client = net::make_http_client(io, {});
  const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/_control/messages/C0ALERTS";
  const Deadline deadline = Deadline::after(std::chrono::minutes(2));
  std::string said;
  while (!deadline.passed() && said.find("Likely malicious") == std::string::npos) {
    net::HttpRequest request("GET", url);
    const auto answer = co_await client->send(std::move(request), deadline);
    if (answer) said = answer->body;
    co_await sleep_for(std::chrono::milliseconds(200));
  }
  EXPECT_NE(said.find("Likely malicious"), std::string::npos) << said << read_file(folder.file("script.log"));
  EXPECT_EQ(said.find("rich_text"), std::string::npos);
  EXPECT_EQ(script.terminate(), 0);
  net::HttpRequest request("GET", url);
  const Deadline at_once = Deadline::after(std::chrono::seconds(5));
  const auto nobody = co_await client->send(std::move(request), at_once);
  EXPECT_FALSE(nobody.has_value()) << "the emulator still runs";
}

TEST(SlackEmulator, one_command_shows_the_demo_in_it) {
  const Foreign foreign = foreign_packages();
  const std::string why_not = LocalSlack::why_not(foreign);
  if (!why_not.empty()) GTEST_SKIP() << why_not;
  const uint16_t port = free_port();
  run_async([port](Executor io) { return trying(std::move(io), port); }, std::chrono::minutes(4));
}

}  // namespace
}  // namespace vedette::test
