#include "integrations/slack/groups.hpp"

#include <algorithm>

#include "bot/base/log.hpp"

namespace vedette::slack {

Groups::Groups(Executor executor, WebApi& api, const Clock& clock, SlackOptions options)
    : executor_(std::move(executor)), api_(api), clock_(clock), options_(std::move(options)) {
  for (const auto& group : options_.groups) groups_[group.id] = std::make_shared<Members>();
}

bool Groups::known(const Members& members, std::chrono::milliseconds age) const {
  return members.told && clock_.steady_now() - *members.told <= age;
}

boost::asio::awaitable<void> Groups::ask(std::string group, MembersPtr members, Deadline deadline) {
  if (members->asking) {
    const auto ended = std::make_shared<Signal>(executor_);
    members->waiting.push_back(ended);
    co_await ended->wait(deadline.left());
    co_return;
  }
  if (clock_.steady_now() < members->not_before) co_return;
  members->asking = true;
  Result<std::set<std::string>> answer = Error(Code::internal, "the question broke off");
  try {
    answer = co_await api_.group_members(group, deadline);
  } catch (const std::exception& e) {
    answer = Error(Code::internal, e.what());
  }
  members->asking = false;
  take(group, *members, std::move(answer));
  for (const auto& ended : members->waiting) ended->notify();
  members->waiting.clear();
}

void Groups::take(const std::string& group, Members& members, Result<std::set<std::string>> answer) {
  const auto now = clock_.steady_now();
  members.busy = !answer && answer.error().code == Code::rate_limited;
  if (answer) {
    members.users = std::move(*answer);
    members.told = now;
    return;
  }
  members.not_before = now + options_.group_retry;
  log::warning("slack", "it is not known now who is in the user group {}: {}", group, answer.error().message);
}

boost::asio::awaitable<GroupRoles> Groups::roles_of(std::string user, bool deciding, Deadline deadline) {
  GroupRoles result;
  const auto age = deciding ? options_.group_fresh : options_.group_cache;
  for (const auto& group : options_.groups) {
    const MembersPtr members = groups_.at(group.id);
    if (!known(*members, age)) co_await ask(group.id, members, deadline);
    const auto oldest = members->busy ? std::max(age, options_.group_busy) : age;
    if (known(*members, oldest) && members->users.contains(user)) {
      result.roles.insert(result.roles.end(), group.roles.begin(), group.roles.end());
    } else if (!known(*members, oldest)) {
      result.doubt = "Slack did not tell me who is in the user group " + group.id + ", so it gives nobody a role now.";
    } else if (!known(*members, age)) {
      result.doubt = "Who joined the user group " + group.id + " within the last minute is not known yet.";
    }
  }
  co_return result;
}

}  // namespace vedette::slack
