#include "integrations/slack/groups.hpp"

#include "bot/base/log.hpp"

namespace vedette::slack {

Groups::Groups(Executor executor, WebApi& api, const Clock& clock, SlackOptions options)
    : executor_(std::move(executor)), api_(api), clock_(clock), options_(std::move(options)) {
  for (const auto& group : options_.groups) groups_[group.id] = std::make_shared<Members>();
}

bool Groups::known(const Members& members, std::chrono::milliseconds age) const {
  return members.asked && clock_.steady_now() - *members.asked <= age;
}

boost::asio::awaitable<void> Groups::ask(std::string group, MembersPtr members, Deadline deadline) {
  if (members->asking) {
    const auto ended = std::make_shared<Signal>(executor_);
    members->waiting.push_back(ended);
    co_await ended->wait(deadline.left());
    co_return;
  }
  members->asking = true;
  auto answer = co_await api_.group_members(group, deadline);
  members->asking = false;
  if (answer) {
    members->users = std::move(*answer);
    members->asked = clock_.steady_now();
  } else {
    log::warning("slack", "it is not known who is in the user group {}: {}", group, answer.error().message);
  }
  for (const auto& ended : members->waiting) ended->notify();
  members->waiting.clear();
}

boost::asio::awaitable<GroupRoles> Groups::roles_of(std::string user, bool deciding, Deadline deadline) {
  GroupRoles result;
  const auto age = deciding ? options_.group_fresh : options_.group_cache;
  for (const auto& group : options_.groups) {
    const MembersPtr members = groups_.at(group.id);
    if (!known(*members, age)) co_await ask(group.id, members, deadline);
    if (!known(*members, age)) {
      result.doubt = "Slack did not tell me who is in the user group " + group.id + ", so it gives nobody a role now.";
    } else if (members->users.contains(user)) {
      result.roles.insert(result.roles.end(), group.roles.begin(), group.roles.end());
    }
  }
  co_return result;
}

}  // namespace vedette::slack
