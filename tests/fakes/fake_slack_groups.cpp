// The user groups of the fake Slack (docs.slack.dev/reference/methods/usergroups.users.list).

#include "tests/fakes/fake_slack.hpp"

namespace vedette::test {

FakeSlack::Answer FakeSlack::group_users(const Form& form) const {
  if (!scopes_.empty() && scopes_.find("usergroups:read") == std::string::npos) {
    Answer answer = fail("missing_scope");
    answer.body["needed"] = "usergroups:read";
    answer.body["provided"] = scopes_;
    return answer;
  }
  const auto named = form.find("usergroup");
  if (named == form.end() || named->second.empty()) return fail("invalid_arguments");
  if (!plan_has_groups_) return fail("plan_upgrade_required");
  const auto group = groups_.find(named->second);
  if (group == groups_.end()) return fail("no_such_subteam");
  return {200, {{"ok", true}, {"users", group->second}}};
}

}  // namespace vedette::test
