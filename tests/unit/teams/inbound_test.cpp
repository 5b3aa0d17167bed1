// What is done with an activity before it is answered, with a trust, a book and an inbox that do as they are told.

#include "integrations/teams/inbound.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "commands/forms.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/fake_clock.hpp"

namespace vedette::teams {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

class ScriptedTrust final : public Trust {
 public:
  Async<void> check(std::string authorization, ClaimedOrigin, Deadline) override {
    if (authorization == "Bearer good") co_return Status();
    co_return verdict;
  }
  Status check_origin(const ClaimedOrigin& origin) const override {
    if (origin.tenant == "t1") return {};
    return Error(Code::forbidden, "a foreign tenant");
  }
  Error verdict = Error(Code::unauthenticated, "not a good token");
};

class Shelf final : public chat::Conversations {
 public:
  Async<std::vector<chat::Conversation>> all(std::string) override { co_return stored; }
  Async<void> keep(chat::Conversation conversation) override {
    if (broken) co_return Error(Code::unavailable, "disk full", true);
    stored.push_back(std::move(conversation));
    co_return Status();
  }
  std::vector<chat::Conversation> stored;
  bool broken = false;
};

class Inbox final : public chat::InteractionSink {
 public:
  Async<bool> accept(chat::Interaction interaction) override {
    if (slow.count() > 0) co_await sleep_for(slow);
    if (broken) co_return Error(Code::unavailable, "disk full", true);
    const bool fresh = keys.insert(interaction.key).second;
    if (fresh) taken.push_back(std::move(interaction));
    co_return fresh;
  }
  std::vector<chat::Interaction> taken;
  std::set<std::string> keys;
  bool broken = false;
  milliseconds slow{0};
};

class Cards final : public chat::CurrentCards {
 public:
  Async<std::optional<chat::CurrentCard>> current(std::string, std::string channel, std::string slot) override {
    if (channel != "a:1" || !card || slot != "case/12/root") co_return std::optional<chat::CurrentCard>();
    co_return card;
  }
  std::optional<chat::CurrentCard> card;
};

struct Bench {
  explicit Bench(Executor io) : inbound(io, trust, book, inbox, clock, options(), events()) {
    inbound.offer(&forms, &cards);
    chat::CurrentCard card;
    card.card.summary = "C-12 as it is now";
    card.card.blocks = {chat::Heading{card.card.summary, {}}};
    card.message_ref = "1700";
    cards.card = std::move(card);
  }
  static TeamsOptions options() {
    TeamsOptions result;
    result.answer_wait = milliseconds(60);
    return result;
  }
  InboundEvents events() {
    InboundEvents result;
    result.asked = [this](const Activity&) { ++asked; };
    result.copy = [this](const Activity&, const std::string& ref) { copies.push_back(ref); };
    return result;
  }
  boost::asio::awaitable<ActivityAnswer> tell(json activity, std::string authorization = "Bearer good") {
    ReceivedActivity received;
    received.body = activity.dump();
    received.authorization = std::move(authorization);
    const Deadline deadline = Deadline::after(std::chrono::seconds(5));
    co_return co_await inbound.take(std::move(received), deadline);
  }
  ScriptedTrust trust;
  Shelf shelf;
  test::FakeClock clock;
  Book book{shelf, clock};
  Inbox inbox;
  Cards cards;
  commands::CommandForms forms{&clock};
  int asked = 0;
  std::vector<std::string> copies;
  Inbound inbound;
};

Deadline soon() { return Deadline::after(std::chrono::seconds(5)); }

json message(const std::string& text) {
  return {{"type", "message"},
          {"id", "1759944781430"},
          {"channelId", "msteams"},
          {"serviceUrl", "https://smba.trafficmanager.net/amer/T1/"},
          {"from", {{"id", "29:ann"}, {"aadObjectId", "aaaa-1"}}},
          {"recipient", {{"id", "28:bot"}}},
          {"conversation", {{"id", "a:1"}, {"conversationType", "personal"}, {"tenantId", "T1"}}},
          {"text", text}};
}

json invoke(const std::string& name, json value, const std::string& id = "f:1") {
  json activity = message("");
  activity["type"] = "invoke";
  activity["name"] = name;
  activity["id"] = id;
  activity["value"] = std::move(value);
  return activity;
}

json press(const std::string& command, const std::string& on = "1700") {
  json activity = invoke(
      "adaptiveCard/action",
      {{"trigger", "manual"}, {"action", {{"verb", "command"}, {"data", {{"command", command}, {"key", "case/12/root"}}}}}});
  activity["replyToId"] = on;
  return activity;
}

ASYNC_TEST(TeamsInbound, what_is_said_is_stored_and_then_answered) {
  Bench bench(io);
  const auto answer = co_await bench.tell(message("ack C-12"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
  CO_ASSERT_TRUE(bench.inbox.taken.size() == 1u);
  EXPECT_EQ(bench.inbox.taken[0].text, "ack C-12");
  EXPECT_EQ(bench.asked, 1);
  const auto again = co_await bench.tell(message("ack C-12"));
  EXPECT_EQ(again.status, 200) << "told once more, taken once";
  EXPECT_EQ(bench.inbox.taken.size(), 1u);
  EXPECT_EQ(bench.asked, 1);
  EXPECT_EQ(bench.inbound.counts().repeated, 1u);
  co_await bench.inbound.stop(soon());
}

ASYNC_TEST(TeamsInbound, nothing_untrusted_reaches_a_handler) {
  Bench bench(io);
  for (const auto& [code, status] :
       {std::pair{Code::unauthenticated, 401}, {Code::forbidden, 403}, {Code::unavailable, 503}}) {
    bench.trust.verdict = Error(code, "no");
    for (const auto& activity : {message("ack C-12"), press("ack C-12"), invoke("task/fetch", json::object())}) {
      const auto answer = co_await bench.tell(activity, "Bearer bad");
      EXPECT_EQ(answer.status, status);
      EXPECT_EQ(answer.body, "");
    }
  }
  EXPECT_TRUE(bench.inbox.taken.empty());
  EXPECT_TRUE(bench.shelf.stored.empty()) << "and teaches us no address";
  EXPECT_EQ(bench.inbound.counts().refused, 9u);
  co_await bench.inbound.stop(soon());
}

ASYNC_TEST(TeamsInbound, a_connection_vouches_for_itself_but_not_for_a_tenant) {
  Bench bench(io);
  ReceivedActivity received;
  received.vouched_for = true;
  received.body = message("status").dump();
  auto copy = received;
  const auto taken = co_await bench.inbound.take(std::move(copy), soon());
  EXPECT_EQ(taken.status, 200);
  json foreign = message("status");
  foreign["conversation"]["tenantId"] = "T2";
  received.body = foreign.dump();
  const auto refused = co_await bench.inbound.take(std::move(received), soon());
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(bench.inbox.taken.size(), 1u);
  co_await bench.inbound.stop(soon());
}

ASYNC_TEST(TeamsInbound, what_cannot_be_stored_is_not_acknowledged) {
  Bench bench(io);
  bench.inbox.broken = true;
  auto answer = co_await bench.tell(message("ack C-12"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.retry_after, 5);
  answer = co_await bench.tell(press("ack C-12"));
  EXPECT_EQ(answer.status, 200) << "Teams shows a person nothing of any other";
  EXPECT_EQ(json::parse(answer.body)["statusCode"], 500);
  bench.shelf.broken = true;
  json elsewhere = message("status");
  elsewhere["conversation"]["id"] = "a:2";
  answer = co_await bench.tell(elsewhere);
  EXPECT_EQ(answer.status, 503) << "an address that is not kept could not be answered after a restart";
  co_await bench.inbound.stop(soon());
}

// Teams sends again what was not answered in time; the first copy may be stored after all, and is then done once.
ASYNC_TEST(TeamsInbound, slow_work_does_not_hold_the_answer_up) {
  Bench bench(io);
  bench.inbox.slow = milliseconds(200);
  const auto answer = co_await bench.tell(message("ack C-12"));
  EXPECT_EQ(answer.status, 503) << "it waited for the work";
  for (int i = 0; i < 200 && bench.inbox.taken.empty(); ++i) co_await sleep_for(milliseconds(5));
  EXPECT_EQ(bench.inbox.taken.size(), 1u);
  bench.inbox.slow = milliseconds(0);
  const auto again = co_await bench.tell(message("ack C-12"));
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(bench.inbox.taken.size(), 1u);
  co_await bench.inbound.stop(soon());
}

ASYNC_TEST(TeamsInbound, a_press_is_answered_with_what_was_received) {
  Bench bench(io);
  const auto answer = co_await bench.tell(press("ack C-12"));
  const json said = json::parse(answer.body);
  EXPECT_EQ(said["type"], "application/vnd.microsoft.activity.message");
  EXPECT_NE(said["value"].get<std::string>().find("ack C-12"), std::string::npos);
  CO_ASSERT_TRUE(bench.inbox.taken.size() == 1u);
  EXPECT_EQ(bench.inbox.taken[0].thread_ref, "1700");
  EXPECT_TRUE(bench.copies.empty());
  co_await bench.inbound.stop(soon());
}

ASYNC_TEST(TeamsInbound, a_press_on_a_second_copy_shows_where_that_is) {
  Bench bench(io);
  json activity = press("ack C-12", "1650");
  (void)co_await bench.tell(activity);
  activity = press("ack C-12", "1:abc");
  activity["id"] = "f:2";
  (void)co_await bench.tell(activity);
  for (int i = 0; i < 100 && bench.copies.empty(); ++i) co_await sleep_for(milliseconds(2));
  EXPECT_EQ(bench.copies, std::vector<std::string>{"1650"}) << "ids of another make are left alone";
  EXPECT_EQ(bench.inbox.taken.size(), 2u);
  co_await bench.inbound.stop(soon());
}

ASYNC_TEST(TeamsInbound, whoever_looks_gets_the_card_as_it_is_and_does_nothing) {
  Bench bench(io);
  json look = press("approve R-1");
  look["value"]["trigger"] = "automatic";
  auto answer = co_await bench.tell(look);
  const json said = json::parse(answer.body);
  EXPECT_EQ(said["type"], "application/vnd.microsoft.card.adaptive");
  EXPECT_NE(said["value"].dump().find("C-12 as it is now"), std::string::npos);
  EXPECT_EQ(said["value"]["refresh"]["userIds"], json::array({"29:ann"})) << "and it goes on being fresh";
  EXPECT_TRUE(bench.inbox.taken.empty());
  bench.cards.card->only_for = "somebody-else";
  answer = co_await bench.tell(look);
  EXPECT_EQ(json::parse(answer.body)["statusCode"], 404) << "a card for one person is shown to nobody else";
  co_await bench.inbound.stop(soon());
}

ASYNC_TEST(TeamsInbound, a_form_asks_first_and_becomes_a_command) {
  Bench bench(io);
  const json fetch = invoke("task/fetch", {{"data", {{"command", "close C-12"}}}});
  auto answer = co_await bench.tell(fetch);
  const json shown = json::parse(answer.body);
  EXPECT_EQ(shown["task"]["type"], "continue");
  EXPECT_TRUE(bench.inbox.taken.empty()) << "nothing is done yet";
  // Teams hands back what stood in the button that was pressed, and the inputs.
  json data = json::object();
  for (const auto& action : shown["task"]["value"]["card"]["content"]["actions"]) data = action["data"];
  const json incomplete = invoke("task/submit", {{"data", data}}, "f:2");
  answer = co_await bench.tell(incomplete);
  EXPECT_EQ(json::parse(answer.body)["task"]["type"], "continue") << "what is missing is asked for again";
  data["how"] = "fp";
  data["reason"] = "known scanner";
  const json complete = invoke("task/submit", {{"data", data}}, "f:3");
  answer = co_await bench.tell(complete);
  EXPECT_EQ(answer.body, "") << answer.body;
  CO_ASSERT_TRUE(bench.inbox.taken.size() == 1u);
  EXPECT_TRUE(bench.inbox.taken[0].text.starts_with("close C-12 fp")) << bench.inbox.taken[0].text;
  co_await bench.inbound.stop(soon());
}

ASYNC_TEST(TeamsInbound, a_thumb_down_counts_before_its_form_is_answered) {
  Bench bench(io);
  const json fetch = invoke("task/fetch", {{"data", {{"command", "bad C-12"}}}});
  const auto answer = co_await bench.tell(fetch);
  EXPECT_EQ(json::parse(answer.body)["task"]["type"], "continue");
  CO_ASSERT_TRUE(bench.inbox.taken.size() == 1u);
  EXPECT_EQ(bench.inbox.taken[0].text, "bad C-12");
  co_await bench.inbound.stop(soon());
}

ASYNC_TEST(TeamsInbound, unknown_and_malformed_are_answered_as_the_protocol_says) {
  Bench bench(io);
  const auto unknown = co_await bench.tell(invoke("composeExtension/query", json::object()));
  EXPECT_EQ(unknown.status, 501);
  const json typing = {{"type", "typing"}, {"channelId", "msteams"}};
  const auto other = co_await bench.tell(typing);
  EXPECT_EQ(other.status, 200);
  for (const auto& [body, status] :
       {std::pair<std::string, int>{"{", 400}, {"[]", 400}, {"{\"type\":\"" + std::string(2 << 20, 'x') + "\"}", 413}}) {
    ReceivedActivity received;
    received.body = body;
    received.authorization = "Bearer good";
    const auto answer = co_await bench.inbound.take(std::move(received), soon());
    EXPECT_EQ(answer.status, status);
  }
  EXPECT_TRUE(bench.inbox.taken.empty());
  co_await bench.inbound.stop(soon());
}

ASYNC_TEST(TeamsInbound, added_we_say_what_we_understand_and_removed_we_keep_silent) {
  Bench bench(io);
  json activity = message("");
  activity["type"] = "installationUpdate";
  activity["action"] = "add";
  (void)co_await bench.tell(activity);
  CO_ASSERT_TRUE(bench.inbox.taken.size() == 1u);
  EXPECT_EQ(bench.inbox.taken[0].text, "help");
  CO_ASSERT_TRUE(bench.book.find("t1", "a:1") != nullptr);
  EXPECT_FALSE(bench.book.find("t1", "a:1")->blocked);
  EXPECT_EQ(bench.book.object_of("29:ann"), "aaaa-1");
  activity["action"] = "add-upgrade";
  activity["id"] = "f:8";
  (void)co_await bench.tell(activity);
  EXPECT_EQ(bench.inbox.taken.size(), 1u) << "an update of the app is nothing to greet for";
  activity["action"] = "remove";
  activity["id"] = "f:9";
  (void)co_await bench.tell(activity);
  EXPECT_TRUE(bench.book.find("t1", "a:1")->blocked);
  EXPECT_EQ(bench.inbox.taken.size(), 1u);
  (void)co_await bench.tell(message("status"));
  EXPECT_FALSE(bench.book.find("t1", "a:1")->blocked) << "whoever writes to us can be answered";
  co_await bench.inbound.stop(soon());
}

ASYNC_TEST(TeamsInbound, feedback_is_answered_with_an_empty_object) {
  Bench bench(io);
  json activity = invoke("message/submitAction",
                         {{"actionName", "feedback"}, {"actionValue", {{"reaction", "dislike"}, {"feedback", "no"}}}});
  activity["replyToId"] = "1700";
  const auto answer = co_await bench.tell(activity);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "{}");
  CO_ASSERT_TRUE(bench.inbox.taken.size() == 1u);
  EXPECT_EQ(bench.inbox.taken[0].text, "bad «no»");
  activity["value"]["actionValue"]["reaction"] = "shrug";
  const auto nothing = co_await bench.tell(activity);
  EXPECT_EQ(nothing.body, "{}");
  co_await bench.inbound.stop(soon());
}

}  // namespace
}  // namespace vedette::teams
