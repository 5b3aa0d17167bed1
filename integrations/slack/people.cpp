#include "integrations/slack/people.hpp"

#include <algorithm>
#include <array>

#include "bot/base/log.hpp"
#include "bot/base/text.hpp"

namespace vedette::slack {
namespace {

constexpr size_t kRemembered = 10'000;
constexpr std::array<std::string_view, 12> kLook = {"help",     "list",   "ls",     "show", "why",    "evidence",
                                                    "timeline", "status", "whoami", "ask",  "oncall", "coverage"};
// With every alias of commands/{approve,deny,edit,request,settle,undo}.cpp; tests/unit/commands checks that none is missing.
constexpr std::array<std::string_view, 10> kDecide = {"approve", "yes",     "deny",   "no",   "reject",
                                                      "request", "propose", "settle", "undo", "edit"};

template <size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

Weight weight_of(std::string_view command) {
  std::string word;
  std::string first;
  const std::string lowered = text::lower(command) + ' ';
  for (const char c : lowered) {
    if (c >= 'a' && c <= 'z') {
      word += c;
      continue;
    }
    if (is_one_of(kDecide, word)) return Weight::decide;
    if (first.empty()) first = word;
    word.clear();
  }
  return first.empty() || is_one_of(kLook, first) ? Weight::look : Weight::act;
}

std::optional<std::string> refusal_for(const User& user, const Self& self) {
  if (user.deleted) return "This Slack account is deactivated, so it cannot decide anything here.";
  if (user.bot) return "Bots cannot decide anything here; a person has to.";
  if (user.guest) return "Guests of this Slack workspace can read along, but not decide. Please ask a full member.";
  const bool same_team = !user.team.empty() && user.team == self.team;
  const bool same_enterprise = !self.enterprise.empty() && user.enterprise == self.enterprise;
  if (user.stranger || !(same_team || same_enterprise)) {
    return "Members of another Slack workspace can read along, but not decide. Please ask somebody of this one.";
  }
  return std::nullopt;
}

struct People::Flight {
  std::vector<std::shared_ptr<Signal>> waiting;
  std::optional<Result<std::optional<std::string>>> outcome;
};

People::People(Executor executor, WebApi& api, const Clock& clock, SlackOptions options)
    : executor_(std::move(executor)), api_(api), clock_(clock), options_(std::move(options)) {}

void People::remember(const std::string& user, const std::optional<std::string>& refusal) {
  const auto now = clock_.steady_now();
  if (known_.size() >= kRemembered) {
    std::erase_if(known_, [&](const auto& entry) { return now - entry.second.when > options_.person_cache; });
    if (known_.size() >= kRemembered) known_.clear();
  }
  known_[user] = {refusal, now};
}

Async<std::optional<std::string>> People::ask(std::string user, Deadline deadline) {
  CO_TRY(const Self self, api_.self(deadline));
  auto found = co_await api_.user_info(user, deadline);
  std::optional<std::string> refusal;
  if (found) {
    refusal = refusal_for(*found, self);
  } else if (found.error().code == Code::not_found) {
    refusal = "Slack does not know this account in this workspace, so it cannot decide anything here.";
  } else {
    co_return std::move(found).error();
  }
  remember(user, refusal);
  co_return refusal;
}

Async<std::optional<std::string>> People::look_up(std::string user, Deadline deadline) {
  const auto running = flights_.find(user);
  if (running != flights_.end()) {
    const auto flight = running->second;
    const auto signal = std::make_shared<Signal>(executor_);
    flight->waiting.push_back(signal);
    co_await signal->wait(deadline.left());
    if (!flight->outcome) co_return Error(Code::timeout, "Slack did not answer in time", true);
    co_return *flight->outcome;
  }
  const auto flight = std::make_shared<Flight>();
  flights_[user] = flight;
  flight->outcome = co_await ask(user, deadline);
  flights_.erase(user);
  for (const auto& signal : flight->waiting) signal->notify();
  co_return *flight->outcome;
}

boost::asio::awaitable<std::optional<std::string>> People::refusal(std::string user, Weight weight, Deadline deadline) {
  if (weight == Weight::look) co_return std::nullopt;
  if (weight == Weight::act) {
    const auto known = known_.find(user);
    if (known != known_.end() && clock_.steady_now() - known->second.when <= options_.person_cache) {
      co_return known->second.refusal;
    }
    auto outcome = co_await look_up(user, deadline);
    if (outcome) co_return *outcome;
    log::warning("slack", "could not look up a person, the directory alone decides: {}", outcome.error().message);
    co_return std::nullopt;
  }
  auto outcome = co_await ask(user, deadline);  // never shares an earlier answer
  if (outcome) co_return *outcome;
  log::warning("slack", "a decision was refused because a person could not be looked up: {}", outcome.error().message);
  co_return "I could not check with Slack who you are, so nothing was done. Please try again in a moment.";
}

}  // namespace vedette::slack
