#include "integrations/slack/agent_sessions.hpp"

#include <utility>

#include "bot/base/log.hpp"
#include "integrations/slack/manifest.hpp"
#include "integrations/slack/people.hpp"

namespace vedette::slack {
namespace {

constexpr std::chrono::hours kRefusalHolds(1);
constexpr std::chrono::hours kOfferEvery(24);
constexpr size_t kPeopleKept = 1000;
constexpr size_t kThreadsKept = 1000;
constexpr size_t kMostCalls = 32;  // at once; what is beyond is left out

}  // namespace

AgentSessions::AgentSessions(Executor executor, WebApi& api, Streams& streams, const Clock& clock, SlackOptions options)
    : api_(api),
      streams_(streams),
      clock_(clock),
      options_(std::move(options)),
      calls_(std::move(executor), "slack sessions") {
  streams_.when_over([this](const std::string& channel, const std::string& thread) { over(channel, thread); });
}

boost::asio::awaitable<void> AgentSessions::stop(Deadline deadline) { co_await calls_.stop(deadline); }

bool AgentSessions::refused() const { return clock_.steady_now() < refused_until_; }

void AgentSessions::asked(const chat::Interaction& question) {
  if (!question.direct || question.said_ref.empty()) return;
  const std::string& thread = question.thread_ref.empty() ? question.said_ref : question.thread_ref;
  streams_.asked_again(question.channel, thread);
  if (only_questions_.size() >= kThreadsKept) only_questions_.clear();
  bool& only_questions = only_questions_.try_emplace(question.channel + "/" + thread, true).first->second;
  if (weight_of(question.text) != Weight::look) only_questions = false;
  set_status(question.channel, thread, "processing");
}

void AgentSessions::answered(const std::string& channel, const std::string& thread) {
  if (!channel.starts_with('D') || thread.empty()) return;
  set_status(channel, thread, "active");
}

void AgentSessions::stopped(const SessionStopped& by) {
  streams_.stopped(by.channel, by.streams);
  const auto known = only_questions_.find(by.channel + "/" + by.thread);
  if (known != only_questions_.end() && known->second) streams_.stop_answers(by.channel, by.thread, by.streams);
  set_status(by.channel, by.thread, "active");
}

void AgentSessions::opened(const HomeOpened& by) {
  if (refused() || calls_.stopping() || by.channel.empty()) return;
  const auto now = clock_.steady_now();
  const auto before = offered_.find(by.who.user);
  if (before != offered_.end() && now - before->second < kOfferEvery) return;
  if (offered_.size() >= kPeopleKept) offered_.clear();
  offered_[by.who.user] = now;
  Fields fields = {{"channel_id", by.channel}, {"title", "You could ask"}, {"prompts", prompts_json()}};
  calls_.spawn("prompts", offer(std::move(fields)));
}

// The stream's own word may have come before an earlier one of ours that is still on its way.
void AgentSessions::over(const std::string& channel, const std::string& thread) {
  if (in_work_.contains(channel + "/" + thread)) set_status(channel, thread, "active");
}

void AgentSessions::set_status(std::string channel, std::string thread, const char* status) {
  if (refused() || calls_.stopping()) return;
  const std::string key = channel + "/" + thread;
  if (const auto busy = in_work_.find(key); busy != in_work_.end()) {
    busy->second = status;
    return;
  }
  if (calls_.running() >= kMostCalls) return;
  in_work_[key] = nullptr;
  calls_.spawn("status", show(std::move(channel), std::move(thread), status));
}

// One call of a thread after the other: two at once may arrive in either order.
Job AgentSessions::show(std::string channel, std::string thread, const char* status) {
  const std::string key = channel + "/" + thread;
  while (status != nullptr) {
    Fields fields = {{"channel_id", channel}, {"thread_ts", thread}, {"status", status}};
    co_await call("agents.sessions.setStatus", std::move(fields));
    const bool stop = co_await cancelled();
    status = stop || refused() ? nullptr : std::exchange(in_work_[key], nullptr);
  }
  in_work_.erase(key);
}

Job AgentSessions::offer(Fields fields) { co_await call("assistant.threads.setSuggestedPrompts", std::move(fields)); }

boost::asio::awaitable<void> AgentSessions::call(std::string method, Fields fields) {
  const Deadline deadline = Deadline::after(options_.call_wait);
  auto done = co_await api_.call(std::move(method), std::move(fields), Repeat::repeatable, deadline);
  if (done || done.error().retryable || done.error().code == Code::cancelled) co_return;
  refused_until_ = clock_.steady_now() + kRefusalHolds;
  log::info("slack", "the agent's status is not shown: {}", done.error().message);
}

}  // namespace vedette::slack
