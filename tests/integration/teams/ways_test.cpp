// What Teams sends is understood and answered alike by all three ways in.

#include "tests/integration/teams/teams_world.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;
using Shape = FakeTeams::FeedbackShape;

EACH_WAY(TeamsWays, a_message_between_two_is_answered_there) {
  TeamsWorld world(io, way);
  CO_ASSERT_TRUE(co_await world.start());
  const std::string chat = world.fake.direct_with("ann");
  const auto said = co_await world.fake.say("ann", chat, "whoami");
  EXPECT_EQ(said.status, 200);
  EXPECT_EQ(said.body, "");
  CO_ASSERT_TRUE(co_await world.quiet());
  EXPECT_EQ(world.seen(chat, "analyst"), 1);
  EXPECT_EQ(world.seen(world.room, "analyst"), 0);
  EXPECT_TRUE(world.fake.problems().empty());
  co_await world.stop();
}

EACH_WAY(TeamsWays, a_mention_is_answered_in_its_thread_and_for_one_alone_where_it_must) {
  TeamsWorld world(io, way);
  CO_ASSERT_TRUE(co_await world.start());
  const std::string root = co_await world.shown_case();
  CO_ASSERT_TRUE(!root.empty());
  const auto said = co_await world.fake.say("ann", world.room, "ack", root);
  EXPECT_EQ(said.status, 200);
  CO_ASSERT_TRUE(co_await world.quiet());
  const Case record = co_await world.case_one();
  EXPECT_EQ(record.owner, "ann") << "the thread says which case";
  (void)co_await world.fake.say("eve", world.room, "close C-1 fp", root);
  CO_ASSERT_TRUE(co_await world.quiet());
  int refusals = 0;
  for (const auto& message : world.fake.in_room(world.room)) {
    if (message.only_for != world.fake.person("eve").address) continue;
    ++refusals;
    EXPECT_EQ(message.root, root);
  }
  EXPECT_EQ(refusals, 1) << "a stranger is told so, alone";
  co_await world.stop();
}

EACH_WAY(TeamsWays, a_button_does_what_it_says_and_the_card_changes_in_place) {
  TeamsWorld world(io, way);
  CO_ASSERT_TRUE(co_await world.start());
  const std::string root = co_await world.shown_case();
  CO_ASSERT_TRUE(!root.empty());
  const size_t before = world.fake.in_room(world.room).size();
  const auto pressed = co_await world.fake.press("ann", world.room, root, "ack C-1");
  EXPECT_EQ(pressed.status, 200);
  EXPECT_EQ(pressed.json()["type"], "application/vnd.microsoft.activity.message");
  CO_ASSERT_TRUE(co_await world.quiet());
  EXPECT_EQ((co_await world.case_one()).owner, "ann");
  const auto* card = world.fake.find(world.room, root);
  CO_ASSERT_TRUE(card != nullptr);
  EXPECT_GE(card->edits, 1);
  EXPECT_NE(card->activity.dump().find("ann"), std::string::npos) << "who has it stands on it";
  EXPECT_EQ(world.fake.in_room(world.room).size(), before) << "nothing was said beside it";
  EXPECT_TRUE(world.fake.problems().empty());
  co_await world.stop();
}

EACH_WAY(TeamsWays, an_old_client_presses_the_same) {
  TeamsWorld world(io, way);
  CO_ASSERT_TRUE(co_await world.start());
  const std::string root = co_await world.shown_case();
  const auto pressed = co_await world.fake.press("ann", world.room, root, "ack C-1", {}, true);
  EXPECT_EQ(pressed.status, 200);
  CO_ASSERT_TRUE(co_await world.quiet());
  EXPECT_EQ((co_await world.case_one()).owner, "ann");
  co_await world.stop();
}

EACH_WAY(TeamsWays, thumbs_come_in_three_shapes) {
  for (const auto shape : {Shape::plain, Shape::json_text, Shape::object}) {
    TeamsWorld world(io, way);
    CO_ASSERT_TRUE(co_await world.start());
    const std::string root = co_await world.shown_case();
    const auto thumb = co_await world.fake.thumb("ann", world.room, root, "dislike", "it was a test", shape);
    EXPECT_EQ(thumb.status, 200);
    EXPECT_EQ(thumb.body, "{}");
    CO_ASSERT_TRUE(co_await world.quiet());
    EXPECT_EQ((co_await world.case_one()).bad, 1) << static_cast<int>(shape);
    (void)co_await world.fake.thumb("ann", world.room, root, "like", "", shape);
    CO_ASSERT_TRUE(co_await world.quiet());
    const Case record = co_await world.case_one();
    EXPECT_EQ(record.bad, 0) << "the later thumb counts";
    EXPECT_EQ(record.good, 1);
    EXPECT_TRUE(world.fake.problems().empty());
    co_await world.stop();
  }
}

EACH_WAY(TeamsWays, a_dialog_asks_and_its_answer_is_a_command) {
  TeamsWorld world(io, way);
  CO_ASSERT_TRUE(co_await world.start());
  const std::string root = co_await world.shown_case();
  const auto opened = co_await world.fake.press("ann", world.room, root, "close C-1");
  EXPECT_EQ(opened.status, 200);
  CO_ASSERT_TRUE(opened.dialog_card().is_object());
  EXPECT_EQ(to_string((co_await world.case_one()).status), "open") << "opening a dialog does nothing";
  const auto incomplete = co_await world.fake.submit_dialog("ann", world.room, opened, json::object());
  EXPECT_TRUE(incomplete.activity.is_null()) << "what must be filled in Teams asks for by itself";
  const json inputs = {{"how", "fp"}, {"reason", "known scanner"}};
  const auto sent = co_await world.fake.submit_dialog("ann", world.room, opened, inputs);
  EXPECT_EQ(sent.status, 200);
  CO_ASSERT_TRUE(co_await world.quiet());
  EXPECT_EQ(to_string((co_await world.case_one()).status), "closed");
  EXPECT_TRUE(world.fake.problems().empty());
  co_await world.stop();
}

EACH_WAY(TeamsWays, a_reaction_is_a_thumb_and_comes_off_again) {
  TeamsWorld world(io, way);
  CO_ASSERT_TRUE(co_await world.start());
  const std::string root = co_await world.shown_case();
  (void)co_await world.fake.react("ann", world.room, root, "like");
  CO_ASSERT_TRUE(co_await world.quiet());
  EXPECT_EQ((co_await world.case_one()).good, 1);
  (void)co_await world.fake.react("ann", world.room, root, "like", false);
  CO_ASSERT_TRUE(co_await world.quiet());
  EXPECT_EQ((co_await world.case_one()).good, 0);
  (void)co_await world.fake.react("ann", world.room, root, "heart");
  CO_ASSERT_TRUE(co_await world.quiet());
  EXPECT_EQ((co_await world.case_one()).good, 0);
  co_await world.stop();
}

EACH_WAY(TeamsWays, large_bodies_come_through_whole) {
  TeamsWorld world(io, way);
  CO_ASSERT_TRUE(co_await world.start());
  const std::string chat = world.fake.direct_with("ann");
  json activity = world.fake.activity_of("ann", chat, "message");
  activity["id"] = "1700000000001";
  activity["text"] = "whoami";
  activity["attachments"] = json::array({{{"contentType", "text/html"}, {"content", std::string(300'000, 'x')}}});
  const auto said = co_await world.fake.carry(activity);
  EXPECT_EQ(said.status, 200);
  CO_ASSERT_TRUE(co_await world.quiet());
  EXPECT_EQ(world.seen(chat, "analyst"), 1);
  co_await world.stop();
}

EACH_WAY(TeamsWays, what_comes_twice_is_done_once) {
  TeamsWorld world(io, way);
  CO_ASSERT_TRUE(co_await world.start());
  const std::string root = co_await world.shown_case();
  const auto said = co_await world.fake.say("ann", world.room, "note C-1 only once", root);
  EXPECT_EQ(said.status, 200);
  for (int times = 0; times < 4; ++times) {
    const auto again = co_await world.fake.again(said);
    EXPECT_EQ(again.status, 200);
  }
  const auto pressed = co_await world.fake.press("ann", world.room, root, "good C-1");
  const auto repeated = co_await world.fake.again(pressed);
  EXPECT_EQ(repeated.body, pressed.body);
  CO_ASSERT_TRUE(co_await world.quiet());
  const auto view = co_await world.store->cases().view(CaseId(1));
  CO_ASSERT_OK(view);
  int notes = 0;
  for (const auto& note : view->notes) notes += note.text.find("only once") != std::string::npos ? 1 : 0;
  EXPECT_EQ(notes, 1);
  EXPECT_EQ(view->record.good, 1);
  co_await world.stop();
}

EACH_WAY(TeamsWays, slow_work_is_not_acknowledged_and_done_once_when_it_comes_again) {
  TeamsWorld world(io, way, [](teams::TeamsOptions& options) { options.answer_wait = milliseconds(80); });
  CO_ASSERT_TRUE(co_await world.start());
  const std::string root = co_await world.shown_case();
  world.sink->hold = milliseconds(400);
  const auto said = co_await world.fake.say("ann", world.room, "note C-1 slowly", root);
  EXPECT_EQ(said.status, 503) << "nothing is said to be stored before it is";
  world.sink->hold = milliseconds(0);
  co_await sleep_for(milliseconds(450));
  const auto again = co_await world.fake.again(said);
  EXPECT_EQ(again.status, 200);
  CO_ASSERT_TRUE(co_await world.quiet());
  const auto view = co_await world.store->cases().view(CaseId(1));
  CO_ASSERT_OK(view);
  int notes = 0;
  for (const auto& note : view->notes) notes += note.text.find("slowly") != std::string::npos ? 1 : 0;
  EXPECT_EQ(notes, 1);
  co_await world.stop();
}

Job say_into(TeamsWorld& world, std::string text, TeamsAnswer& answer, bool& done) {
  answer = co_await world.fake.say("ann", world.room, std::move(text));
  done = true;
}

// The link breaks after the activity was taken and before it is answered: nobody knows, so it comes again.
EACH_WAY(TeamsWays, a_break_in_the_middle_of_a_request_loses_nothing_and_repeats_nothing) {
  TeamsWorld world(io, way);
  CO_ASSERT_TRUE(co_await world.start());
  const std::string shown = co_await world.shown_case();
  CO_ASSERT_TRUE(!shown.empty());
  world.sink->hold = milliseconds(150);
  TaskGroup talk(io, "talk");
  TeamsAnswer answer;
  bool done = false;
  talk.spawn("say", say_into(world, "note C-1 in the middle", answer, done));
  const std::function<bool()> taken = [&] { return world.sink->inside > 0; };
  CO_ASSERT_TRUE(co_await world.eventually(taken));
  if (way == teams::Way::relay) world.relay.cut_listeners();
  if (way == teams::Way::socket) world.socket.kill(world.socket.sockets("emea").back());
  if (way == teams::Way::https) co_await world.hang_up();
  const std::function<bool()> answered = [&] { return done; };
  CO_ASSERT_TRUE(co_await world.eventually(answered));
  EXPECT_NE(answer.status, 200) << "nobody said that it was taken";
  world.sink->hold = milliseconds(0);
  for (int tries = 0; tries < 200 && answer.status != 200; ++tries) {
    co_await sleep_for(milliseconds(20));
    auto again = co_await world.fake.again(answer);
    answer = std::move(again);
  }
  EXPECT_EQ(answer.status, 200);
  CO_ASSERT_TRUE(co_await world.quiet());
  const auto view = co_await world.store->cases().view(CaseId(1));
  CO_ASSERT_OK(view);
  int notes = 0;
  for (const auto& note : view->notes) notes += note.text.find("in the middle") != std::string::npos ? 1 : 0;
  EXPECT_EQ(notes, 1);
  co_await talk.stop(in_time(1000));
  co_await world.stop();
}

EACH_WAY(TeamsWays, forged_and_foreign_activities_are_refused) {
  TeamsWorld world(io, way);
  CO_ASSERT_TRUE(co_await world.start());
  const std::string chat = world.fake.direct_with("ann");
  const size_t asked = world.fake.requests().size();
  json activity = world.fake.activity_of("ann", chat, "message");
  activity["text"] = "whoami";
  activity["id"] = "1700000000002";
  json foreign = activity;
  foreign["conversation"]["tenantId"] = foreign["channelData"]["tenant"]["id"] = "33333333-0000-4000-8000-000000000003";
  const auto stranger = co_await world.fake.carry(foreign);
  EXPECT_EQ(stranger.status, 403);
  json elsewhere = activity;
  elsewhere["serviceUrl"] = "https://smba.trafficmanager.net.evil.example/teams/";
  const auto attacker = co_await world.fake.carry(elsewhere);
  EXPECT_EQ(attacker.status, 403);
  CO_ASSERT_TRUE(co_await world.quiet());
  EXPECT_EQ(world.fake.requests().size(), asked) << "nothing was sent anywhere";
  EXPECT_EQ(world.vedette->inbound().counts().refused, 2u);
  const auto unknown = co_await world.fake.invoke("ann", chat, "composeExtension/query", json::object());
  EXPECT_EQ(unknown.status, 501);
  co_await world.stop();
}

}  // namespace
}  // namespace vedette::test
