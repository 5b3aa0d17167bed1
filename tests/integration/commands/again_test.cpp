// Actions asked for once more, undone, withdrawn; and what status tells.

#include "tests/integration/commands/company.hpp"

namespace vedette::test {
namespace {

ASYNC_TEST(Commands, asking_again_names_the_new_action) {
  Company company(io);
  auto opened = co_await company.investigated_case();
  CO_ASSERT_OK(opened);
  auto requested = co_await company.say("ann", "request R-1");
  EXPECT_SAYS(requested, "R-1 now waits for 1 approval");
  auto denied = co_await company.say("ben", "deny R-1 not now");
  EXPECT_SAYS(denied, "You have denied R-1");
  auto stored = co_await company.store->actions().get(ActionId(1));
  CO_ASSERT_OK(stored);
  auto pressed = co_await company.press("ann", "request R-1 --digest=" + stored->plan.digest(stored->case_id));
  EXPECT_SAYS(pressed, "R-1 was denied by @ben, so a button is not enough");
  EXPECT_SAYS(pressed, "type 'request R-1'");
  auto again = co_await company.say("ann", "request R-1");
  EXPECT_SAYS(again, "R-1 had ended, so it is asked for anew as R-2, which now waits for 1 approval");
  auto approved = co_await company.say("ben", "approve R-2");
  EXPECT_SAYS(approved, "You have approved R-2");
}

ASYNC_TEST(Commands, a_withdrawn_action_leads_to_its_successor_while_that_is_recommended) {
  Company company(io);
  auto opened = co_await company.investigated_case();
  CO_ASSERT_OK(opened);
  auto stored = co_await company.store->actions().get(ActionId(1));
  CO_ASSERT_OK(stored);
  const std::string button = "request R-1 --digest=" + stored->plan.digest(stored->case_id);
  CO_ASSERT_OK(co_await company.next_round(false));
  auto gone = co_await company.press("ann", button);
  EXPECT_SAYS(gone, "R-1 was withdrawn: the evidence changed, and it is no longer proposed.");
  CO_ASSERT_OK(co_await company.next_round(true));
  auto asked = co_await company.press("ann", button);
  EXPECT_SAYS(asked, "R-1 had ended, so it is asked for anew as R-2, which now waits for 1 approval");
  auto approved = co_await company.say("ben", "approve R-2");
  EXPECT_SAYS(approved, "You have approved R-2");
}

ASYNC_TEST(Commands, undo_asks_for_the_opposite) {
  Company company(io);
  auto opened = co_await company.investigated_case();
  CO_ASSERT_OK(opened);
  auto early = co_await company.say("ann", "undo R-1");
  EXPECT_SAYS(early, "Only what was done can be undone. R-1 is only proposed so far");
  auto said_1 = co_await company.say("ann", "request R-1");
  EXPECT_SAYS(said_1, "R-1 now waits");
  auto said_2 = co_await company.say("ben", "approve R-1");
  EXPECT_SAYS(said_2, "You have approved R-1");
  AuditEntry audit;
  audit.action = "action.begin";
  audit.subject = "R-1";
  CO_ASSERT_OK(co_await company.store->actions().begin(ActionId(1), audit));
  audit.action = "action.succeeded";
  auto done = co_await company.store->actions().finish(ActionId(1), ActionState::succeeded, "It is blocked.", audit);
  CO_ASSERT_OK(done);
  auto said_3 = co_await company.say("vic", "undo R-1");
  EXPECT_SAYS(said_3, "You may not ask for actions");
  auto asked = co_await company.press("ann", "undo R-1 --digest=" + done->plan.digest(done->case_id));
  EXPECT_SAYS(asked, "R-2 would undo R-1 and now waits for 1 approval by somebody else.");
  EXPECT_SAYS(asked, "Unblock IP 203[.]0[.]113[.]7 with simulated");
  auto said_4 = co_await company.say("ann", "approve R-2");
  EXPECT_SAYS(said_4, "You may not");
  auto said_5 = co_await company.say("ben", "approve R-2");
  EXPECT_SAYS(said_5, "You have approved R-2");
}

ASYNC_TEST(Commands, status_tells_of_messages_given_up) {
  Company company(io);
  auto said_6 = co_await company.say("vic", "status");
  EXPECT_SAYS(said_6, "Messages given up: none");
  OutboxMessage message;
  message.slot = "case/1/root";
  message.platform = "slack";
  message.channel = "C1";
  message.card = "{}";
  std::vector<OutboxMessage> messages;
  messages.push_back(std::move(message));
  CO_ASSERT_OK(co_await company.store->outbox().put(std::move(messages)));
  const auto row = co_await company.store->outbox().find("slack", "C1", "case/1/root");
  CO_ASSERT_OK(row);
  CO_ASSERT_OK(co_await company.store->outbox().failed((*row)->id, "Slack refused it (some_error)"));
  auto told = co_await company.say("vic", "status");
  EXPECT_SAYS(told, "Working, with something to look at");
  EXPECT_SAYS(told, "Messages given up: 1 within a day, 1 in all; the latest because: Slack refused it (some_error)");
  company.clock.advance(std::chrono::hours(25));
  auto said_7 = co_await company.say("vic", "status");
  EXPECT_SAYS(said_7, "0 within a day, 1 in all");
}

}  // namespace
}  // namespace vedette::test
