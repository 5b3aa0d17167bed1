// What Vedette says in Teams, where Teams answers late, refuses, or forgets.

#include "tests/integration/teams/teams_world.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;
using teams::Way;

Async<void> put(TeamsWorld& world, std::string slot, chat::Card card, std::function<void(OutboxMessage&)> change = {}) {
  OutboxMessage message;
  message.slot = std::move(slot);
  message.platform = "teams";
  message.channel = world.room;
  message.card = to_json(card);
  if (change) change(message);
  std::vector<OutboxMessage> messages;
  messages.push_back(std::move(message));
  co_return co_await world.store->outbox().put(std::move(messages));
}

chat::Card words(const std::string& text, std::vector<int> evidence = {}) {
  chat::Card card;
  card.summary = text.substr(0, 60);
  card.blocks = {chat::Paragraph{{{text, std::move(evidence), false}}, false}};
  return card;
}

const TeamsMessage* the_only(const std::vector<TeamsMessage>& messages) {
  return messages.size() == 1 ? &messages.front() : nullptr;
}

ASYNC_TEST(TeamsPlatform, a_lost_answer_is_a_second_message_that_says_so_until_somebody_presses_the_first) {
  TeamsWorld world(io, Way::https);
  CO_ASSERT_TRUE(co_await world.start());
  TeamsFault lost;
  lost.call = "create";
  lost.kind = "store_then_500";
  world.fake.add_fault(lost);
  const std::string root = co_await world.shown_case();
  CO_ASSERT_TRUE(!root.empty());
  const auto both = world.fake.by_key("case/1/root");
  CO_ASSERT_TRUE(both.size() == 2u);
  EXPECT_EQ(both[0].activity.dump().find("second time"), std::string::npos);
  EXPECT_NE(both[1].activity.dump().find("second time"), std::string::npos);
  EXPECT_EQ(both[1].id, root);
  const auto pressed = co_await world.fake.press("ann", world.room, both[0].id, "ack C-1");
  EXPECT_EQ(pressed.status, 200);
  CO_ASSERT_TRUE(co_await world.quiet());
  EXPECT_EQ((co_await world.case_one()).owner, "ann");
  const std::function<bool()> alone = [&] { return world.fake.by_key("case/1/root").size() == 1; };
  EXPECT_TRUE(co_await world.eventually(alone));
  const auto left = world.fake.by_key("case/1/root");
  EXPECT_EQ(left.front().id, root) << "the one that is kept up to date stays";
  co_await world.stop();
}

ASYNC_TEST(TeamsPlatform, what_is_for_one_person_goes_to_their_own_chat_where_it_cannot_be_shown_in_the_channel) {
  TeamsWorld world(io, Way::https);
  CO_ASSERT_TRUE(co_await world.start());
  TeamsFault refused;
  refused.call = "post";
  refused.kind = "error:400:BadSyntax";
  world.fake.add_fault(refused);
  (void)co_await world.fake.say("ann", world.room, "whoami");
  CO_ASSERT_TRUE(co_await world.quiet());
  EXPECT_EQ(world.seen(world.room, "analyst"), 0) << "never to all";
  EXPECT_EQ(world.seen(world.fake.direct_with("ann"), "analyst"), 1);
  co_await world.stop();
}

ASYNC_TEST(TeamsPlatform, removed_it_keeps_silent_and_added_again_it_says_what_is_new) {
  TeamsWorld world(io, Way::https);
  CO_ASSERT_TRUE(co_await world.start());
  (void)co_await world.fake.install("ann", world.room, false);
  const size_t asked = world.fake.requests().size();
  CO_ASSERT_OK(co_await put(world, "notice/one", words("what happened meanwhile")));
  co_await sleep_for(milliseconds(200));
  EXPECT_EQ(world.fake.requests().size(), asked) << "nothing is sent where we are not";
  (void)co_await world.fake.install("ann", world.room, true);
  CO_ASSERT_TRUE(co_await world.quiet());
  EXPECT_EQ(world.seen(world.room, "what happened meanwhile"), 1);
  co_await world.stop();
}

ASYNC_TEST(TeamsPlatform, a_person_who_takes_the_app_away_is_not_waited_for) {
  TeamsWorld world(io, Way::https);
  CO_ASSERT_TRUE(co_await world.start());
  const std::string chat = world.fake.direct_with("ann");
  (void)co_await world.fake.say("ann", chat, "help");
  (void)co_await world.fake.install("ann", chat, false);
  CO_ASSERT_TRUE(co_await world.quiet());
  EXPECT_EQ(world.delivery->health().failed, 1);
  EXPECT_FALSE(world.delivery->oldest_unposted().has_value()) << "it would make us unready for as long as they are away";
  co_await world.stop();
}

ASYNC_TEST(TeamsPlatform, a_channel_we_were_removed_from_ends_no_check_of_people) {
  TeamsWorld world(io, Way::https);
  CO_ASSERT_TRUE(co_await world.start());
  const std::string second = world.fake.add_channel(world.fake.add_team("Other", {"ben"}), "more");
  (void)co_await world.fake.install("ben", second);
  TeamsFault closed;
  closed.call = "member";
  closed.kind = "403";
  world.fake.add_fault(closed);
  teams::TeamsOptions options;
  options.tenant = world.fake.options().tenant;
  options.cloud.service_url = world.fake.base_url();
  teams::Book book(*world.conversations, system_clock());
  CO_ASSERT_OK(co_await book.load());
  teams::People people(world.vedette->connector(), book, options, {world.room, second});
  const FakePerson ben = world.fake.person("ben");
  Identity who("teams", ben.tenant, ben.object);
  const auto refusal = co_await people.refusal(who, true, in_time(5000));
  EXPECT_FALSE(refusal) << *refusal;
  co_await world.stop();
}

ASYNC_TEST(TeamsPlatform, where_cases_go_is_known_after_a_restart) {
  TeamsWorld world(io, Way::https);
  CO_ASSERT_TRUE(co_await world.start());
  const auto known = co_await world.conversations->all("teams");
  CO_ASSERT_OK(known);
  teams::Book book(*world.conversations, system_clock());
  CO_ASSERT_OK(co_await book.load());
  CO_ASSERT_TRUE(book.find(world.room) != nullptr);
  EXPECT_EQ(book.find(world.room)->service_url, world.fake.service_url());
  EXPECT_EQ(book.object_of(world.fake.person("ann").address), world.fake.person("ann").object);
  co_await world.stop();
}

ASYNC_TEST(TeamsPlatform, a_long_answer_between_two_is_streamed_and_cites_its_evidence) {
  TeamsWorld world(io, Way::https);
  CO_ASSERT_TRUE(co_await world.start());
  const std::string chat = world.fake.direct_with("ann");
  (void)co_await world.fake.say("ann", chat, "help");
  CO_ASSERT_TRUE(co_await world.quiet());
  const size_t before = world.fake.requests().size();
  chat::Card card;
  card.summary = "A long answer";
  for (int number = 1; number <= 12; ++number) {
    card.blocks.push_back(chat::Paragraph{
        {{"The password was guessed from 203.0.113.7, again and again, until it was found, number " + std::to_string(number),
          {number},
          false}},
        false});
  }
  const FakePerson ann = world.fake.person("ann");
  const std::function<void(OutboxMessage&)> asked_by_ann = [&](OutboxMessage& message) {
    message.channel = chat;
    message.asked_by = Identity("teams", ann.tenant, ann.object);
    message.below = "1700000000000";
  };
  CO_ASSERT_OK(co_await put(world, "reply/4711", card, asked_by_ann));
  CO_ASSERT_TRUE(co_await world.quiet());
  int streamed = 0;
  for (size_t at = before; at < world.fake.requests().size(); ++at) {
    const json& body = world.fake.requests()[at].body;
    if (body.is_object() && body.value("type", "") == "typing" && body.contains("entities")) ++streamed;
  }
  EXPECT_EQ(streamed, 1) << "the beginning at once";
  std::vector<TeamsMessage> answers;
  for (const auto& message : world.fake.in_room(chat)) {
    if (message.activity.dump().find("guessed") != std::string::npos) answers.push_back(message);
  }
  const TeamsMessage* answer = the_only(answers);
  CO_ASSERT_TRUE(answer != nullptr);
  EXPECT_FALSE(answer->streaming);
  int claims = 0;
  for (const auto& entity : answer->activity["entities"]) {
    if (entity.value("@type", "") == "Message") claims += static_cast<int>(entity["citation"].size());
  }
  EXPECT_EQ(claims, 12);
  EXPECT_FALSE(answer->activity.contains("attachments"));
  // Where streams are not taken, the same answer comes whole.
  world.fake.allow_streaming(false);
  CO_ASSERT_OK(co_await put(world, "reply/4712", card, asked_by_ann));
  CO_ASSERT_TRUE(co_await world.quiet());
  EXPECT_EQ(world.seen(chat, "guessed"), 2);
  co_await world.stop();
}

ASYNC_TEST(TeamsPlatform, whoever_looks_sees_the_card_as_it_is_now) {
  TeamsWorld world(io, Way::https);
  CO_ASSERT_TRUE(co_await world.start());
  const std::string root = co_await world.shown_case();
  const auto* message = world.fake.find(world.room, root);
  CO_ASSERT_TRUE(message != nullptr);
  const json refresh = message->activity["attachments"][0]["content"]["refresh"];
  EXPECT_EQ(refresh["userIds"].size(), 3u) << "the room is small";
  const auto looked = co_await world.fake.look_at("ann", world.room, root);
  EXPECT_EQ(looked.status, 200);
  EXPECT_EQ(looked.json()["type"], "application/vnd.microsoft.card.adaptive");
  CO_ASSERT_TRUE(co_await world.quiet());
  EXPECT_EQ((co_await world.case_one()).owner, "") << "looking does nothing";
  // Where the edit does not get through, who looks sees the present state all the same.
  TeamsFault refused;
  refused.call = "edit";
  refused.kind = "503";
  refused.times = 1000;
  world.fake.add_fault(refused);
  (void)co_await world.fake.press("ben", world.room, root, "ack C-1");
  CO_ASSERT_OK(co_await world.router->work_off());
  CO_ASSERT_OK(co_await world.presenter->present_changed());
  const auto fresh = co_await world.fake.look_at("ann", world.room, root);
  EXPECT_NE(fresh.body.find("ben"), std::string::npos);
  EXPECT_EQ(looked.body.find("ben"), std::string::npos);
  world.fake.clear_faults();
  CO_ASSERT_TRUE(co_await world.quiet());
  EXPECT_TRUE(world.fake.problems().empty());
  co_await world.stop();
}

ASYNC_TEST(TeamsPlatform, what_is_too_long_for_a_message_is_in_a_dialog) {
  TeamsWorld world(io, Way::https);
  CO_ASSERT_TRUE(co_await world.start());
  chat::Card card;
  card.summary = "Very long";
  card.blocks = {chat::Heading{"Very long", {}}};
  for (int number = 0; number < 1300; ++number) {
    card.blocks.push_back(chat::Paragraph{{{"line number " + std::to_string(number) + " of it", {}, false}}, false});
  }
  CO_ASSERT_OK(co_await put(world, "case/7/evidence", card));
  CO_ASSERT_TRUE(co_await world.quiet());
  const auto said = world.fake.by_key("case/7/evidence");
  CO_ASSERT_TRUE(said.size() == 1u);
  EXPECT_LE(teams::utf16_bytes(said[0].activity.dump()), teams::kMostBytes);
  auto opened = co_await world.fake.press("ann", world.room, said[0].id, "Details");
  std::string all = said[0].activity.dump();
  int pages = 0;
  while (opened.dialog_card().is_object() && ++pages < 60) {
    all += opened.dialog_card().dump();
    if (opened.dialog_card().dump().find("\"Next\"") == std::string::npos) break;
    auto next = co_await world.fake.submit_dialog("ann", world.room, opened, json::object(), "Next");
    opened = std::move(next);
  }
  EXPECT_GE(pages, 2);
  int missing = 0;
  for (int number = 0; number < 1300; ++number) {
    missing += all.find("line number " + std::to_string(number) + " of it") == std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(missing, 0) << "nothing is cut silently";
  EXPECT_TRUE(world.fake.problems().empty());
  co_await world.stop();
}

ASYNC_TEST(TeamsPlatform, guests_and_people_who_left_decide_nothing) {
  TeamsWorld world(io, Way::https);
  CO_ASSERT_TRUE(co_await world.start());
  const std::string shown = co_await world.shown_case();
  CO_ASSERT_TRUE(!shown.empty());
  for (const bool guest : {true, false}) {
    if (guest) {
      world.fake.person("ben").role = "guest";
    } else {
      world.fake.person("ben").role = "user";
      world.fake.room(world.room).people.erase("ben");
    }
    (void)co_await world.fake.say("ben", world.fake.direct_with("ben"), "deny R-1");
    CO_ASSERT_TRUE(co_await world.quiet());
    EXPECT_EQ(world.seen(world.fake.direct_with("ben"), guest ? "Guests can read along" : "does not list you"), 1);
  }
  co_await world.stop();
}

}  // namespace
}  // namespace vedette::test
