#include "bot/policy/policy.hpp"

#include <gtest/gtest.h>

namespace vedette::policy {
namespace {

Person person(std::string id, std::vector<std::string> roles) {
  Person result;
  result.id = std::move(id);
  result.roles = std::move(roles);
  return result;
}

ActionPlan plan(std::string verb, Entity target) {
  ActionPlan result;
  result.verb = std::move(verb);
  result.provider = "simulated";
  result.target = std::move(target);
  return result;
}

Action awaiting(ActionPlan what, std::string requester) {
  Action action;
  action.id = ActionId(9);
  action.case_id = CaseId(3);
  action.plan = std::move(what);
  action.state = ActionState::awaiting;
  action.proposer = "vedette";
  action.requester = std::move(requester);
  return action;
}

Vote vote(std::string who, bool approve) {
  Vote result;
  result.person = std::move(who);
  result.approve = approve;
  return result;
}

const Entity kAddress(EntityType::ip, "203.0.113.7");

struct RoleRow {
  const char* role;
  bool read, triage, respond, approve, administer;
};

TEST(Policy, roles_hold_exactly_their_permissions) {
  const RoleRow rows[] = {
      {"viewer", true, false, false, false, false},   {"analyst", true, true, true, false, false},
      {"approver", true, true, true, true, false},    {"admin", true, true, true, true, true},
      {"janitor", false, false, false, false, false}, {"", false, false, false, false, false},
      {"Admin", false, false, false, false, false},
  };
  const Policy policy({});
  for (const auto& row : rows) {
    const auto who = person("ann", {row.role});
    EXPECT_EQ(policy.may(who, Permission::read).allowed, row.read) << row.role;
    EXPECT_EQ(policy.may(who, Permission::triage).allowed, row.triage) << row.role;
    EXPECT_EQ(policy.may(who, Permission::respond).allowed, row.respond) << row.role;
    EXPECT_EQ(policy.may(who, Permission::approve).allowed, row.approve) << row.role;
    EXPECT_EQ(policy.may(who, Permission::administer).allowed, row.administer) << row.role;
  }
  EXPECT_FALSE(policy.may(person("ann", {}), Permission::read).allowed);
  EXPECT_TRUE(policy.may(person("ann", {"janitor", "viewer"}), Permission::read).allowed);
}

TEST(Policy, a_refusal_says_which_role_is_missing) {
  const Policy policy({});
  const auto refused = policy.may(person("vic", {"viewer"}), Permission::triage);
  EXPECT_FALSE(refused.allowed);
  EXPECT_NE(refused.reason.find("analyst or approver or admin"), std::string::npos) << refused.reason;
}

struct TargetRow {
  const char* pattern;
  Entity target;
  bool is_protected;
};

TEST(Policy, protected_targets_are_refused_to_everybody) {
  const TargetRow rows[] = {
      {"host:dc01", {EntityType::host, "dc01"}, true},
      {"host:DC01", {EntityType::host, "dc01"}, true},
      {"host:dc01", {EntityType::host, "dc01.corp.example"}, true},
      {"host:dc01.corp.example", {EntityType::host, "dc01"}, true},
      {"host:dc01.corp.example", {EntityType::host, "dc01.other.example"}, false},
      {"host:dc01", {EntityType::host, "dc011"}, false},
      {"host:dc01", {EntityType::user, "dc01"}, false},
      {"host:dc*", {EntityType::host, "dc77.corp.example"}, true},
      {"host:dc*", {EntityType::host, "adc1"}, false},
      {"host:*-gw", {EntityType::host, "berlin-gw"}, true},
      {"host:*-gw", {EntityType::host, "berlin-gw2"}, false},
      {"host:*core*", {EntityType::host, "eu-core-7"}, true},
      {"host:*", {EntityType::host, "anything"}, true},
      {"user:root", {EntityType::user, "root@corp.example"}, true},
      {"user:*-admin", {EntityType::user, "ann-admin"}, true},
      {"ip:10.0.0.0/8", {EntityType::ip, "10.255.0.1"}, true},
      {"ip:10.0.0.0/8", {EntityType::ip, "11.0.0.1"}, false},
      {"ip:10.0.0.0/8", {EntityType::ip, "::ffff:10.1.2.3"}, true},
      {"ip:198.51.100.7", {EntityType::ip, "198.51.100.7"}, true},
      {"ip:198.51.100.7", {EntityType::ip, "198.51.100.70"}, false},
      {"ip:198.51.100.0/25", {EntityType::ip, "198.51.100.127"}, true},
      {"ip:198.51.100.0/25", {EntityType::ip, "198.51.100.128"}, false},
      {"ip:198.51.100.7", {EntityType::ip, "198.51.100.0/24"}, true},
      {"ip:2001:db8::/32", {EntityType::ip, "2001:db8:1::9"}, true},
      {"ip:2001:db8::/32", {EntityType::ip, "2001:db9::9"}, false},
      {"ip:0.0.0.0/0", {EntityType::ip, "203.0.113.7"}, true},
      {"ip:0.0.0.0/0", {EntityType::ip, "2001:db8::1"}, false},
  };
  for (const auto& row : rows) {
    PolicyOptions options;
    options.protected_targets = {row.pattern};
    const Policy policy(options);
    const auto admin = person("root", {"admin"});
    const auto what = plan("block_ip", row.target);
    EXPECT_EQ(policy.may_request(admin, what).allowed, !row.is_protected) << row.pattern << " " << to_text(row.target);
    EXPECT_EQ(policy.may_approve(admin, awaiting(what, "ann")).allowed, !row.is_protected) << row.pattern;
    auto approved = awaiting(what, "ann");
    approved.votes = {vote("ben", true)};
    EXPECT_EQ(policy.may_run(approved).allowed, !row.is_protected) << row.pattern;
  }
}

TEST(Policy, requesting_takes_the_respond_permission) {
  const Policy policy({});
  EXPECT_FALSE(policy.may_request(person("vic", {"viewer"}), plan("block_ip", kAddress)).allowed);
  EXPECT_TRUE(policy.may_request(person("ann", {"analyst"}), plan("block_ip", kAddress)).allowed);
}

TEST(Policy, rules_choose_how_many_and_who) {
  PolicyOptions options;
  options.rules = {{"isolate_host", 2, {"admin"}}, {"block_ip", 1, {"netops"}}, {"*", 3, {"approver"}}};
  const Policy policy(options);
  const auto ann = person("ann", {"analyst"});
  EXPECT_EQ(policy.may_request(ann, plan("isolate_host", {EntityType::host, "web01"})).approvals, 2);
  EXPECT_EQ(policy.may_request(ann, plan("block_ip", kAddress)).approvals, 1);
  EXPECT_EQ(policy.may_request(ann, plan("suspend_user", {EntityType::user, "x"})).approvals, 3);

  const auto isolate = awaiting(plan("isolate_host", {EntityType::host, "web01"}), "ann");
  EXPECT_FALSE(policy.may_approve(person("ben", {"approver"}), isolate).allowed);
  EXPECT_TRUE(policy.may_approve(person("cat", {"admin"}), isolate).allowed);
  // A role of the organisation's own counts where a rule names it, and nowhere else.
  const auto net = person("ned", {"netops"});
  EXPECT_TRUE(policy.may_approve(net, awaiting(plan("block_ip", kAddress), "ann")).allowed);
  EXPECT_FALSE(policy.may_approve(net, isolate).allowed);
  EXPECT_TRUE(policy.may(net, Permission::approve).allowed);
  EXPECT_FALSE(policy.may(net, Permission::triage).allowed);
}

TEST(Policy, nobody_approves_what_they_asked_for_or_voted_on) {
  const Policy policy({});
  auto action = awaiting(plan("block_ip", kAddress), "ben");
  const auto ben = person("ben", {"approver"});
  const auto cat = person("cat", {"admin"});
  EXPECT_FALSE(policy.may_approve(ben, action).allowed);
  EXPECT_TRUE(policy.may_approve(cat, action).allowed);
  EXPECT_FALSE(policy.may_approve(person("ann", {"analyst"}), action).allowed);
  EXPECT_FALSE(policy.may_approve(person("vic", {"viewer"}), action).allowed);
  action.proposer = "cat";
  EXPECT_FALSE(policy.may_approve(cat, action).allowed) << "the proposer";
  action.proposer = "vedette";
  action.votes = {vote("cat", true)};
  EXPECT_FALSE(policy.may_approve(cat, action).allowed) << "voted already";
}

TEST(Policy, the_last_gate_counts_distinct_other_people) {
  PolicyOptions options;
  options.rules = {{"*", 2}};
  const Policy policy(options);
  auto action = awaiting(plan("block_ip", kAddress), "ann");
  action.approvals_needed = 2;
  EXPECT_FALSE(policy.may_run(action).allowed);
  action.votes = {vote("ben", true), vote("ben", true)};
  EXPECT_FALSE(policy.may_run(action).allowed) << "the same person twice";
  action.votes = {vote("ben", true), vote("ann", true)};
  EXPECT_FALSE(policy.may_run(action).allowed) << "the requester";
  action.votes = {vote("ben", true), vote("cat", true)};
  EXPECT_TRUE(policy.may_run(action).allowed);
  action.votes.push_back(vote("dan", false));
  EXPECT_FALSE(policy.may_run(action).allowed) << "a denial wins over any number of approvals";
  // Stored with fewer than the policy asks for now: the policy counts.
  action.votes = {vote("ben", true)};
  action.approvals_needed = 1;
  EXPECT_FALSE(policy.may_run(action).allowed);
}

TEST(Policy, a_one_person_set_up_counts_asking_as_approval) {
  PolicyOptions options;
  options.requester_may_approve = true;
  const Policy policy(options);
  const auto what = plan("block_ip", kAddress);
  EXPECT_TRUE(policy.may_request(person("ann", {"admin"}), what).requester_counts);
  EXPECT_FALSE(policy.may_request(person("ann", {"analyst"}), what).requester_counts) << "not entitled to approve";
  EXPECT_TRUE(policy.may_run(awaiting(what, "ann")).allowed);
  EXPECT_FALSE(Policy({}).may_request(person("ann", {"admin"}), what).requester_counts);
}

TEST(Policy, refuses_options_that_cannot_be_meant) {
  const auto with_target = [](std::string target) {
    PolicyOptions options;
    options.protected_targets = {std::move(target)};
    return validate(options).has_value();
  };
  EXPECT_TRUE(with_target("host:dc*"));
  EXPECT_FALSE(with_target("dc01"));
  EXPECT_FALSE(with_target("host:"));
  EXPECT_FALSE(with_target("host:a*b"));
  EXPECT_FALSE(with_target("ip:10.0.0.0/33"));
  EXPECT_FALSE(with_target("ip:10.0.*"));
  PolicyOptions options;
  options.rules = {{"*", 0}};
  EXPECT_FALSE(validate(options).has_value());
  options.rules = {{"*", 1, {}}};
  EXPECT_FALSE(validate(options).has_value());
  options.rules = {};
  options.expiry = std::chrono::minutes(31);
  EXPECT_FALSE(validate(options).has_value());
  EXPECT_THROW(Policy{options}, std::invalid_argument);
}

}  // namespace
}  // namespace vedette::policy
