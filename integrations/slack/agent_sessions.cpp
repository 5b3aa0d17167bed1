#include "integrations/slack/agent_sessions.hpp"

#include "bot/base/log.hpp"
#include "integrations/slack/manifest.hpp"

namespace vedette::slack {
namespace {

constexpr std::chrono::hours kRefusalHolds(1);
constexpr std::chrono::hours kOfferEvery(24);
constexpr size_t kPeopleKept = 1000;
constexpr size_t kMostCalls = 32;  // at once; what is beyond is left out

}  // namespace

AgentSessions::AgentSessions(Executor executor, WebApi& api, Streams& streams, const Clock& clock, SlackOptions options)
    : api_(api),
      streams_(streams),
      clock_(clock),
      options_(std::move(options)),
      calls_(std::move(executor), "slack sessions") {}

boost::asio::awaitable<void> AgentSessions::stop(Deadline deadline) { co_await calls_.stop(deadline); }

bool AgentSessions::refused() const { return clock_.steady_now() < refused_until_; }

void AgentSessions::asked(const chat::Interaction& question) {
  if (!question.direct || question.said_ref.empty()) return;
  set_status(question.channel, question.thread_ref.empty() ? question.said_ref : question.thread_ref, "processing");
}

void AgentSessions::answered(const std::string& channel, const std::string& thread) {
  if (!channel.starts_with('D') || thread.empty()) return;
  set_status(channel, thread, "active");
}

void AgentSessions::stopped(const SessionStopped& by) {
  streams_.stopped(by.channel, by.streams);
  set_status(by.channel, by.thread, "active");
}

void AgentSessions::opened(const HomeOpened& by) {
  if (refused() || by.channel.empty()) return;
  const auto now = clock_.steady_now();
  const auto before = offered_.find(by.who.user);
  if (before != offered_.end() && now - before->second < kOfferEvery) return;
  if (offered_.size() >= kPeopleKept) offered_.clear();
  offered_[by.who.user] = now;
  Fields fields = {{"channel_id", by.channel}, {"title", "You could ask"}, {"prompts", prompts_json()}};
  calls_.spawn("prompts", call("assistant.threads.setSuggestedPrompts", std::move(fields)));
}

void AgentSessions::set_status(std::string channel, std::string thread, const char* status) {
  if (refused() || calls_.running() >= kMostCalls) return;
  Fields fields = {{"channel_id", std::move(channel)}, {"thread_ts", std::move(thread)}, {"status", status}};
  calls_.spawn("status", call("agents.sessions.setStatus", std::move(fields)));
}

Job AgentSessions::call(std::string method, Fields fields) {
  const Deadline deadline = Deadline::after(options_.call_wait);
  auto done = co_await api_.call(std::move(method), std::move(fields), Repeat::repeatable, deadline);
  if (done || done.error().retryable || done.error().code == Code::cancelled) co_return;
  refused_until_ = clock_.steady_now() + kRefusalHolds;
  log::info("slack", "the agent's status is not shown: {}", done.error().message);
}

}  // namespace vedette::slack
