#include "integrations/slack/streams.hpp"

#include "bot/base/log.hpp"
#include "integrations/slack/render_stream.hpp"

namespace vedette::slack {
namespace {

constexpr std::chrono::hours kRefusalHolds(1);
constexpr size_t kStoppedKept = 100;
constexpr const char* kNotStreaming = "(message_not_in_streaming_state)";

// What the first block of an answer is known by.
std::string mark_of(const chat::Outgoing& message) { return "answer-" + message.key; }

Fields of_stream(const chat::Outgoing& message, const std::string& ts) { return {{"channel", message.channel}, {"ts", ts}}; }

}  // namespace

bool Streams::wanted(const chat::Outgoing& message) const {
  if (message.asked_by.user.empty() || message.thread_ref.empty() || !message.message_ref.empty()) return false;
  if (!message.only_for.empty() || message.channel.empty()) return false;
  // Slack asks for the asker's workspace, and of an organisation's people we know the organisation only.
  if (!message.asked_by.workspace.starts_with('T')) return false;
  const auto refused = refused_until_.find(message.channel.front());
  return refused == refused_until_.end() || clock_.steady_now() >= refused->second;
}

Async<std::optional<std::string>> Streams::say(chat::Outgoing message, std::string blocks, Deadline deadline) {
  std::vector<std::string> pieces = stream_pieces(blocks, mark_of(message));
  Fields fields = {{"channel", message.channel},
                   {"thread_ts", message.thread_ref},
                   {"recipient_user_id", message.asked_by.user},
                   {"recipient_team_id", message.asked_by.workspace},
                   {"chunks", pieces.front()}};
  auto begun = co_await api_.call("chat.startStream", std::move(fields), Repeat::once, deadline);
  if (!begun) {
    if (begun.error().code == Code::unknown_outcome) co_return std::move(begun).error();
    // Surely not begun: whatever the reason, the plain way is there. Only what passes by itself is tried again soon.
    if (!begun.error().retryable) {
      refused_until_[message.channel.front()] = clock_.steady_now() + kRefusalHolds;
      log::info("slack", "answers are posted in one piece from now on: {}", begun.error().message);
    }
    co_return std::optional<std::string>();
  }
  std::string ts = (*begun)["ts"].string_or("");
  if (ts.empty()) co_return Error(Code::unknown_outcome, "Slack began a stream without saying which message it is");
  pieces.erase(pieces.begin());
  const std::string channel = message.channel;
  auto ended = co_await continue_and_end(std::move(message), ts, std::move(pieces), deadline);
  if (ended || was_stopped(channel, ts)) co_return std::optional<std::string>(std::move(ts));
  co_return Error(Code::unknown_outcome, "an answer was begun and not ended: " + ended.error().message);
}

Async<void> Streams::continue_and_end(chat::Outgoing message, std::string ts, std::vector<std::string> pieces,
                                      Deadline deadline) {
  for (auto& piece : pieces) {
    Fields fields = of_stream(message, ts);
    fields.emplace_back("chunks", std::move(piece));
    CO_TRY_VOID(api_.call("chat.appendStream", std::move(fields), Repeat::once, deadline));
  }
  Fields fields = of_stream(message, ts);
  fields.emplace_back("metadata", delivery_metadata(message.key));
  fields.emplace_back("session_status", "active");
  CO_TRY_VOID(api_.call("chat.stopStream", std::move(fields), Repeat::once, deadline));
  co_return Status();
}

Async<std::optional<chat::Found>> Streams::find_begun(chat::Outgoing message, Time since, Deadline deadline) {
  const std::string mark = mark_of(message);
  auto begun = co_await api_.find_block(message.channel, message.thread_ref, mark, since, deadline);
  if (!begun) co_return std::move(begun).error();
  if (!begun->has_value()) co_return std::optional<chat::Found>();
  std::string ts = **begun;
  if (was_stopped(message.channel, ts)) co_return std::optional<chat::Found>(chat::Found{std::move(ts), true});
  Fields fields = of_stream(message, ts);
  auto ended = co_await api_.call("chat.stopStream", std::move(fields), Repeat::repeatable, deadline);
  const bool over = ended || ended.error().message.find(kNotStreaming) != std::string::npos;
  if (!over) co_return std::move(ended).error();
  co_return std::optional<chat::Found>(chat::Found{std::move(ts), false});
}

void Streams::stopped(const std::string& channel, const std::set<std::string>& streams) {
  if (stopped_.size() + streams.size() > kStoppedKept) stopped_.clear();
  for (const auto& ts : streams) stopped_.insert(channel + "/" + ts);
}

}  // namespace vedette::slack
