// One person on two platforms is one person in an approval.

#include "tests/integration/commands/linking.hpp"

namespace vedette::test {
namespace {

policy::PolicyOptions two_approvals() {
  policy::PolicyOptions options;
  policy::ActionRule rule;
  rule.verb = "block_ip";
  rule.approvals = 2;
  options.rules = {rule};
  return options;
}

Async<Action> action_one(Company& company) { return company.store->actions().get(ActionId(1)); }

// Ann has asked for R-1; Ben and Cat are on Slack and Teams, as Ann is.
Async<void> requested(Company& company) {
  CO_TRY_VOID(company.investigated_case());
  for (const std::string name : {"ann", "ben", "cat"}) {
    CO_TRY_VOID(linked(company, slack_of(name), teams_of(name)));
  }
  CO_TRY_VOID(company.say_from(slack_of("ann"), "request R-1"));
  CO_TRY(const auto action, action_one(company));
  if (action.state != ActionState::awaiting) co_return Error(Code::internal, "not awaiting");
  co_return Status();
}

ASYNC_TEST(LinkedApproval, two_accounts_have_one_vote) {
  Company company(io, two_approvals());
  CO_ASSERT_OK(co_await requested(company));
  CO_ASSERT_OK(co_await company.say_from(slack_of("ben"), "approve R-1"));
  const auto again = co_await company.say_from(teams_of("ben"), "approve R-1");
  CO_ASSERT_OK(again);
  auto action = co_await action_one(company);
  CO_ASSERT_OK(action);
  EXPECT_EQ(action->state, ActionState::awaiting) << "one of two: " << text_of(*again);
  CO_ASSERT_TRUE(action->votes.size() == 1);
  EXPECT_EQ(action->votes[0].person, "ben");
  CO_ASSERT_OK(co_await company.say_from(teams_of("cat"), "approve R-1"));
  action = co_await action_one(company);
  EXPECT_EQ(action->state, ActionState::approved);
  EXPECT_EQ(action->votes.size(), 2u);
}

ASYNC_TEST(LinkedApproval, who_asked_cannot_approve_from_elsewhere) {
  policy::PolicyOptions options;
  options.rules = {};
  Company company(io, options);
  CO_ASSERT_OK(co_await company.investigated_case());
  CO_ASSERT_OK(co_await linked(company, slack_of("ben"), teams_of("ben")));
  CO_ASSERT_OK(co_await company.say_from(slack_of("ben"), "request R-1"));
  const auto own = co_await company.say_from(teams_of("ben"), "approve R-1");
  CO_ASSERT_OK(own);
  const auto action = co_await action_one(company);
  EXPECT_EQ(action->state, ActionState::awaiting) << text_of(*own);
  EXPECT_TRUE(action->votes.empty());
}

ASYNC_TEST(LinkedApproval, a_denial_from_either_account_wins) {
  for (const bool from_teams : {false, true}) {
    Company company(io, two_approvals());
    CO_ASSERT_OK(co_await requested(company));
    const Identity first = from_teams ? slack_of("ben") : teams_of("ben");
    const Identity second = from_teams ? teams_of("cat") : slack_of("cat");
    CO_ASSERT_OK(co_await company.say_from(first, "approve R-1"));
    CO_ASSERT_OK(co_await company.say_from(second, "deny R-1"));
    const auto action = co_await action_one(company);
    CO_ASSERT_OK(action);
    EXPECT_EQ(action->state, ActionState::denied);
  }
}

// A vote is the person's: it was cast by somebody entitled, and stands when the account goes. What the account is told after
// that is what any stranger is told.
ASYNC_TEST(LinkedApproval, votes_stand_when_the_account_is_unlinked) {
  Company company(io, two_approvals());
  CO_ASSERT_OK(co_await requested(company));
  CO_ASSERT_OK(co_await company.say_from(teams_of("ben"), "approve R-1"));
  CO_ASSERT_OK(co_await company.say_from(slack_of("ben"), "unlink " + teams_of("ben").text()));
  const auto stranger = co_await company.say_from(teams_of("ben"), "approve R-1");
  EXPECT_SAYS(stranger, "I don't know you yet");
  const auto again = co_await company.say_from(slack_of("ben"), "approve R-1");
  CO_ASSERT_OK(again);
  auto action = co_await action_one(company);
  CO_ASSERT_OK(action);
  CO_ASSERT_TRUE(action->votes.size() == 1);
  EXPECT_EQ(action->votes[0].person, "ben");
  EXPECT_EQ(action->state, ActionState::awaiting) << text_of(*again);
  // Linked to somebody else since, the account has that person's vote, once.
  CO_ASSERT_OK(co_await company.say_from(slack_of("cat"), "unlink " + teams_of("cat").text()));
  CO_ASSERT_OK(co_await linked(company, slack_of("cat"), teams_of("ben")));
  CO_ASSERT_OK(co_await company.say_from(teams_of("ben"), "approve R-1"));
  action = co_await action_one(company);
  EXPECT_EQ(action->state, ActionState::approved);
  EXPECT_EQ(action->votes.size(), 2u);
}

// Linked between asking and approving, two accounts that were a stranger and the requester are one person.
ASYNC_TEST(LinkedApproval, linking_in_the_middle_gives_no_second_vote) {
  Company company(io);
  CO_ASSERT_OK(co_await company.investigated_case());
  CO_ASSERT_OK(co_await company.say_from(slack_of("ben"), "request R-1"));
  const auto stranger = co_await company.say_from(teams_of("ben"), "approve R-1");
  EXPECT_SAYS(stranger, "I don't know you yet");
  CO_ASSERT_OK(co_await linked(company, slack_of("ben"), teams_of("ben")));
  CO_ASSERT_OK(co_await company.say_from(teams_of("ben"), "approve R-1"));
  const auto action = co_await action_one(company);
  EXPECT_EQ(action->state, ActionState::awaiting);
  EXPECT_TRUE(action->votes.empty());
}

}  // namespace
}  // namespace vedette::test
