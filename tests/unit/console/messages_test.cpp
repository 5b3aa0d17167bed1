#include "tests/unit/console/console_fixture.hpp"

#include "integrations/console/message_json.hpp"

namespace vedette::console::test {
namespace {

std::string body_of(std::string_view text, std::string_view key, std::string_view thread = {}, bool button = false,
                    std::string_view channel = "soc") {
  JsonWriter w;
  w.begin_object().field("text", text).field("channel", channel).field("key", key).field("thread_ref", thread);
  return w.field("button", button).end_object().take();
}

ASYNC_TEST(ConsoleMessages, ChannelsAreThoseOfTheConfiguration) {
  ConsoleFixture fixture(io);
  auto ann = co_await fixture.signed_in("ann");
  const auto answer = co_await fixture.get(ann, "/console/api/channels");
  EXPECT_EQ(json_of(answer).at("/channels/0/name").string_or(""), "soc-alerts");
  EXPECT_EQ(json_of(answer).at("/channels/1/name").string_or(""), "digest");
  const auto other = co_await fixture.get(ann, "/console/api/messages?channel=secret");
  EXPECT_EQ(other.status, 404);
}

ASYNC_TEST(ConsoleMessages, ArePagedFromTheNewest) {
  ConsoleFixture fixture(io);
  auto ann = co_await fixture.signed_in("ann");
  for (int i = 1; i <= 45; ++i) {
    co_await fixture.say("case/" + std::to_string(i) + "/root", "number " + std::to_string(i));
  }
  const auto newest = json_of(co_await fixture.get(ann, "/console/api/messages?channel=soc"));
  CO_ASSERT_TRUE(newest["messages"].size() == 40);
  EXPECT_TRUE(newest["more"].boolean_or(false));
  EXPECT_EQ(newest.at("/messages/39/summary").string_or(""), "number 45");
  EXPECT_EQ(newest.at("/messages/0/summary").string_or(""), "number 6");
  EXPECT_EQ(newest.at("/messages/0/card/type").string_or(""), "AdaptiveCard");
  const std::string oldest = std::to_string(newest.at("/messages/0/id").integer_or(0));
  const auto rest = json_of(co_await fixture.get(ann, "/console/api/messages?channel=soc&before=" + oldest));
  CO_ASSERT_TRUE(rest["messages"].size() == 5);
  EXPECT_FALSE(rest["more"].boolean_or(true));
  EXPECT_EQ(rest.at("/messages/4/summary").string_or(""), "number 5");
  const auto wrong = co_await fixture.get(ann, "/console/api/messages?channel=soc&before=x");
  EXPECT_EQ(wrong.status, 400);
}

ASYNC_TEST(ConsoleMessages, PrivateOnesAreForTheirPersonAlone) {
  ConsoleFixture fixture(io);
  auto ann = co_await fixture.signed_in("ann");
  auto bob = co_await fixture.signed_in("bob");
  co_await fixture.say("case/1/root", "to all");
  co_await fixture.say("reply/1", "to ann", "", "ann");
  co_await fixture.say("reply/2", "to ann in the thread", "case/1/root", "ann");
  const auto of_ann = json_of(co_await fixture.get(ann, "/console/api/messages?channel=soc"));
  CO_ASSERT_TRUE(of_ann["messages"].size() == 2);
  EXPECT_TRUE(of_ann.at("/messages/1/private").boolean_or(false));
  const auto of_bob = json_of(co_await fixture.get(bob, "/console/api/messages?channel=soc"));
  EXPECT_EQ(of_bob["messages"].size(), 1u);
  const auto thread_of_ann = json_of(co_await fixture.get(ann, "/console/api/thread?channel=soc&root=case%2F1%2Froot"));
  EXPECT_EQ(thread_of_ann["messages"].size(), 2u);
  EXPECT_EQ(thread_of_ann.at("/messages/0/slot").string_or(""), "case/1/root");
  const auto thread_of_bob = json_of(co_await fixture.get(bob, "/console/api/thread?channel=soc&root=case%2F1%2Froot"));
  EXPECT_EQ(thread_of_bob["messages"].size(), 1u);
  const auto peek = co_await fixture.get(bob, "/console/api/thread?channel=soc&root=reply%2F1");
  EXPECT_EQ(peek.status, 404);
  const auto answer_there = co_await fixture.post(bob, "/console/api/interact", body_of("help", "key-of-bob-1", "reply/1"));
  EXPECT_EQ(answer_there.status, 404);
}

ASYNC_TEST(ConsoleMessages, ACardThatCannotBeReadIsSaidToBe) {
  ConsoleFixture fixture(io);
  OutboxRow row;
  row.id = 1;
  row.message.slot = "case/1/root";
  row.message.card = "{not json";
  JsonWriter w;
  write_message(w, row, fixture.directory);
  const auto parsed = Json::parse(w.text());
  CO_ASSERT_OK(parsed);
  EXPECT_EQ((*parsed)["summary"].string_or(""), "This message cannot be read");
}

ASYNC_TEST(ConsoleInteract, TypedCommandsAreKeptShownAndHandedOver) {
  ConsoleFixture fixture(io);
  auto ann = co_await fixture.signed_in("ann");
  const auto answer = co_await fixture.post(ann, "/console/api/interact", body_of("  /soc list open ", "key-0001"));
  EXPECT_EQ(answer.status, 202);
  CO_ASSERT_TRUE(fixture.sink.taken.size() == 1);
  const auto& taken = fixture.sink.taken.front();
  EXPECT_EQ(taken.text, "list open");
  EXPECT_EQ(taken.who, Identity("console", "", "ann"));
  EXPECT_EQ(taken.channel, "soc");
  EXPECT_EQ(taken.key, "ann/key-0001");
  EXPECT_FALSE(taken.button);
  const auto page = json_of(co_await fixture.get(ann, "/console/api/messages?channel=soc"));
  CO_ASSERT_TRUE(page["messages"].size() == 1);
  EXPECT_EQ(page.at("/messages/0/text").string_or(""), "/soc list open") << "as it was typed";
  EXPECT_EQ(page.at("/messages/0/author/name").string_or(""), "Ann Ek");
  EXPECT_FALSE(page.at("/messages/0/card").exists());
  const auto due = co_await fixture.store->outbox().due("console", fixture.clock.now(), 10);
  CO_ASSERT_OK(due);
  CO_ASSERT_TRUE(due->size() == 1);
  EXPECT_EQ(due->front().message.lane, Lane::page) << "shown before any answer to it";
}

ASYNC_TEST(ConsoleInteract, TheSameKeyHappensOnce) {
  ConsoleFixture fixture(io);
  auto ann = co_await fixture.signed_in("ann");
  auto bob = co_await fixture.signed_in("bob");
  co_await fixture.post(ann, "/console/api/interact", body_of("help", "key-0001"));
  const auto again = co_await fixture.post(ann, "/console/api/interact", body_of("help", "key-0001"));
  EXPECT_EQ(again.status, 202);
  EXPECT_FALSE(json_of(again)["accepted"].boolean_or(true));
  EXPECT_EQ(fixture.sink.taken.size(), 1u);
  // A key belongs to its person: bob's use of the same one is his own.
  const auto other = co_await fixture.post(bob, "/console/api/interact", body_of("help", "key-0001"));
  EXPECT_TRUE(json_of(other)["accepted"].boolean_or(false));
  const auto page = json_of(co_await fixture.get(ann, "/console/api/messages?channel=soc"));
  EXPECT_EQ(page["messages"].size(), 2u);
}

ASYNC_TEST(ConsoleInteract, ButtonsAreNotEchoed) {
  ConsoleFixture fixture(io);
  auto ann = co_await fixture.signed_in("ann");
  co_await fixture.say("case/1/root", "root");
  const auto answer =
      co_await fixture.post(ann, "/console/api/interact", body_of("ack C-1", "key-0001", "case/1/root", true));
  EXPECT_EQ(answer.status, 202);
  CO_ASSERT_TRUE(fixture.sink.taken.size() == 1);
  EXPECT_TRUE(fixture.sink.taken.front().button);
  EXPECT_EQ(fixture.sink.taken.front().thread_ref, "case/1/root");
  const auto thread = json_of(co_await fixture.get(ann, "/console/api/thread?channel=soc&root=case%2F1%2Froot"));
  EXPECT_EQ(thread["messages"].size(), 1u);
}

ASYNC_TEST(ConsoleInteract, TypedInAThreadStaysThere) {
  ConsoleFixture fixture(io);
  auto ann = co_await fixture.signed_in("ann");
  co_await fixture.say("case/1/root", "root");
  const auto answer = co_await fixture.post(ann, "/console/api/interact", body_of("why", "key-0001", "case/1/root"));
  EXPECT_EQ(answer.status, 202);
  const auto thread = json_of(co_await fixture.get(ann, "/console/api/thread?channel=soc&root=case%2F1%2Froot"));
  CO_ASSERT_TRUE(thread["messages"].size() == 2);
  EXPECT_EQ(thread.at("/messages/1/text").string_or(""), "why");
  const auto page = json_of(co_await fixture.get(ann, "/console/api/messages?channel=soc"));
  EXPECT_EQ(page["messages"].size(), 1u);
}

ASYNC_TEST(ConsoleInteract, BadRequestsDoNothing) {
  ConsoleFixture fixture(io);
  auto ann = co_await fixture.signed_in("ann");
  struct Bad {
    std::string body;
    int status;
  };
  const std::vector<Bad> all = {{body_of("", "key-0001"), 400},
                                {body_of("/soc", "key-0001"), 400},
                                {body_of("help", "short"), 400},
                                {body_of("help", "key/0001/../x"), 400},
                                {body_of("help", std::string(65, 'k')), 400},
                                {body_of("help", "key-0001", "", false, "elsewhere"), 404},
                                {body_of("help", "key-0001", "case/9/root"), 404},
                                {body_of(std::string(4001, 'x'), "key-0001"), 413},
                                {body_of(std::string(70000, 'x'), "key-0001"), 413},
                                {"not json", 400},
                                {"[]", 400}};
  for (const auto& bad : all) {
    const auto answer = co_await fixture.post(ann, "/console/api/interact", bad.body);
    EXPECT_EQ(answer.status, bad.status) << bad.body.substr(0, 80);
    EXPECT_EQ(answer.headers.get("Content-Type"), "application/problem+json");
  }
  EXPECT_TRUE(fixture.sink.taken.empty());
  const auto page = json_of(co_await fixture.get(ann, "/console/api/messages?channel=soc"));
  EXPECT_EQ(page["messages"].size(), 0u);
}

ASYNC_TEST(ConsoleInteract, WhatCouldNotBeStoredIsNotAcknowledged) {
  ConsoleFixture fixture(io);
  auto ann = co_await fixture.signed_in("ann");
  fixture.sink.refuse = Error(Code::unavailable, "The disk is full.", true);
  const auto answer = co_await fixture.post(ann, "/console/api/interact", body_of("help", "key-0001"));
  EXPECT_EQ(answer.status, 503);
  fixture.sink.refuse.reset();
  const auto again = co_await fixture.post(ann, "/console/api/interact", body_of("help", "key-0001"));
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(fixture.sink.taken.size(), 1u);
  const auto page = json_of(co_await fixture.get(ann, "/console/api/messages?channel=soc"));
  EXPECT_EQ(page["messages"].size(), 1u) << "said once, though sent twice";
}

ASYNC_TEST(ConsoleComplete, OffersWhatTheCommandsKnow) {
  ConsoleFixture fixture(io);
  auto ann = co_await fixture.signed_in("ann");
  const auto plain = json_of(co_await fixture.get(ann, "/console/api/complete?text=li"));
  EXPECT_EQ(plain.at("/completions/0/text").string_or(""), "list open");
  EXPECT_EQ(plain.at("/completions/0/hint").string_or(""), "for ann");
  const auto prefixed = json_of(co_await fixture.get(ann, "/console/api/complete?text=%2Fsoc%20li"));
  EXPECT_EQ(prefixed.at("/completions/0/text").string_or(""), "/soc list open");
  const auto none = json_of(co_await fixture.get(ann, "/console/api/complete?text=zz"));
  EXPECT_EQ(none["completions"].size(), 0u);
}

ASYNC_TEST(ConsolePlatform, SaysWhatTheOutboxHas) {
  ConsoleFixture fixture(io);
  co_await fixture.say("case/1/root", "root");
  chat::Outgoing there;
  there.channel = "soc";
  there.slot = "case/1/root";
  const auto found = co_await fixture.console->platform().find(there, fixture.clock.now(), Deadline::never());
  CO_ASSERT_OK(found);
  CO_ASSERT_TRUE(found->has_value());
  EXPECT_EQ((*found)->message_ref, "case/1/root");
  const auto delivered = co_await fixture.console->platform().deliver(there, Deadline::never());
  CO_ASSERT_OK(delivered);
  EXPECT_EQ(*delivered, "case/1/root");
  chat::Outgoing absent = there;
  absent.slot = "case/2/root";
  const auto not_found = co_await fixture.console->platform().find(absent, fixture.clock.now(), Deadline::never());
  CO_ASSERT_OK(not_found);
  EXPECT_FALSE(not_found->has_value());
  const auto failed = co_await fixture.console->platform().deliver(absent, Deadline::never());
  EXPECT_FALSE(failed);
}

}  // namespace
}  // namespace vedette::console::test
