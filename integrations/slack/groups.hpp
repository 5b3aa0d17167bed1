#pragma once
// Slack's user groups as roles: who is in a group named in the config has its roles, beside those of the directory.
// usergroups.users.list is a method of tier 2 (some 20 calls a minute): answers are kept for `group_cache`, and for
// `group_fresh` where something is decided, or `group_busy` where Slack asks us to wait; questions at the same time share
// one call, and after a failed one nothing is asked for `group_retry`. A group that Slack does not tell about grants
// nothing. Lives as long as the app; io thread only.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "integrations/slack/web_api.hpp"

namespace vedette::slack {

struct GroupRoles {
  std::vector<std::string> roles;
  std::string doubt;  // a sentence about a group whose members are not known now; empty: none
};

class Groups {
 public:
  Groups(Executor executor, WebApi& api, const Clock& clock, SlackOptions options);
  boost::asio::awaitable<GroupRoles> roles_of(std::string user, bool deciding, Deadline deadline);

 private:
  struct Members {
    std::set<std::string> users;
    std::optional<SteadyTime> told;                // when Slack told
    SteadyTime not_before;                         // of the next call
    bool busy = false;                             // Slack asked us to wait
    bool asking = false;                           // a call is under way
    std::vector<std::shared_ptr<Signal>> waiting;  // for its end
  };
  using MembersPtr = std::shared_ptr<Members>;

  bool known(const Members& members, std::chrono::milliseconds age) const;
  boost::asio::awaitable<void> ask(std::string group, MembersPtr members, Deadline deadline);
  void take(const std::string& group, Members& members, Result<std::set<std::string>> answer);

  Executor executor_;
  WebApi& api_;
  const Clock& clock_;
  SlackOptions options_;
  std::map<std::string, MembersPtr> groups_;  // by id, as configured
};

}  // namespace vedette::slack
