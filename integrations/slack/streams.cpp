#include "integrations/slack/streams.hpp"

#include <fmt/format.h>

#include "bot/base/log.hpp"
#include "integrations/slack/render.hpp"
#include "integrations/slack/render_stream.hpp"

namespace vedette::slack {
namespace {

constexpr std::chrono::hours kRefusalHolds(1);
constexpr size_t kStoppedKept = 100;
constexpr const char* kNotStreaming = "(message_not_in_streaming_state)";

// A refusal of the method or of the workspace, not of one message: what one person writes or deletes must not turn streaming
// off for everybody.
bool holds_for_all(const Error& error) {
  if (error.retryable || (error.code != Code::upstream && error.code != Code::unauthenticated)) return false;
  for (const char* own : {"(invalid_chunks)", "(thread_not_found)", "(invalid_thread_ts)"}) {
    if (error.message.find(own) != std::string::npos) return false;
  }
  return true;
}

// What the first block of an answer is known by.
std::string mark_of(const chat::Outgoing& message) { return "answer-" + message.key; }

Fields of_stream(const chat::Outgoing& message, const std::string& ts) { return {{"channel", message.channel}, {"ts", ts}}; }

}  // namespace

bool Streams::wanted(const chat::Outgoing& message) const {
  if (message.asked_by.user.empty() || message.thread_ref.empty() || !message.message_ref.empty()) return false;
  if (!message.only_for.empty() || message.channel.empty()) return false;
  if (is_stopped(message)) return true;
  // Slack asks for the asker's workspace, and of an organisation's people we know the organisation only.
  if (!message.asked_by.workspace.starts_with('T')) return false;
  const auto refused = refused_until_.find(message.channel.front());
  return refused == refused_until_.end() || clock_.steady_now() >= refused->second;
}

Async<std::optional<std::string>> Streams::say(chat::Outgoing message, std::string blocks, Deadline deadline) {
  if (is_stopped(message)) co_return co_await say_stopped(std::move(message), deadline);
  std::vector<std::string> pieces = stream_pieces(blocks, mark_of(message));
  Fields fields = {{"channel", message.channel},
                   {"thread_ts", message.thread_ref},
                   {"recipient_user_id", message.asked_by.user},
                   {"recipient_team_id", message.asked_by.workspace},
                   {"chunks", pieces.front()}};
  auto begun = co_await api_.call("chat.startStream", std::move(fields), Repeat::once, deadline);
  if (!begun) {
    if (begun.error().code == Code::unknown_outcome) co_return std::move(begun).error();
    // Surely not begun: whatever the reason, the plain way is there.
    if (holds_for_all(begun.error())) {
      refused_until_[message.channel.front()] = clock_.steady_now() + kRefusalHolds;
      log::info("slack", "answers are posted in one piece from now on: {}", begun.error().message);
    }
    co_return std::optional<std::string>();
  }
  std::string ts = (*begun)["ts"].string_or("");
  if (ts.empty()) co_return Error(Code::unknown_outcome, "Slack began a stream without saying which message it is");
  pieces.erase(pieces.begin());
  auto ended = co_await continue_and_end(message, ts, std::move(pieces), deadline);
  if (ended) over(message);
  if (ended || was_stopped(message.channel, ts)) co_return std::optional<std::string>(std::move(ts));
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
  fields.emplace_back("session_status", "active");
  auto ended = co_await api_.call("chat.stopStream", std::move(fields), Repeat::repeatable, deadline);
  const bool is_over = ended || ended.error().message.find(kNotStreaming) != std::string::npos;
  if (!is_over) co_return std::move(ended).error();
  over(message);
  co_return std::optional<chat::Found>(chat::Found{std::move(ts), false});
}

// One line, and what else was still to be said in the thread counts as said with it.
Async<std::optional<std::string>> Streams::say_stopped(chat::Outgoing message, Deadline deadline) {
  const std::string thread = message.channel + "/" + message.thread_ref;
  if (const std::string& stands = stopped_threads_[thread]; !stands.empty()) co_return std::optional<std::string>(stands);
  chat::Card card;
  card.summary = "Stopped.";
  Message rendered = render(card);
  NewMessage line;
  line.channel = std::move(message.channel);
  line.thread_ts = std::move(message.thread_ref);
  line.text = std::move(rendered.text);
  line.blocks = std::move(rendered.blocks);
  line.key = std::move(message.key);
  CO_TRY(std::string ts, api_.post_message(std::move(line), deadline));
  const auto stopped = stopped_threads_.find(thread);  // somebody may have asked again meanwhile
  if (stopped != stopped_threads_.end()) stopped->second = ts;
  co_return std::optional<std::string>(std::move(ts));
}

void Streams::stop_answers(const std::string& channel, const std::string& thread, const std::set<std::string>& streams) {
  if (stopped_threads_.size() >= kStoppedKept) stopped_threads_.clear();
  stopped_threads_[channel + "/" + thread] = streams.empty() ? std::string() : *streams.rbegin();
}

void Streams::stopped(const std::string& channel, const std::set<std::string>& streams) {
  if (stopped_.size() + streams.size() > kStoppedKept) stopped_.clear();
  for (const auto& ts : streams) stopped_.insert(fmt::format("{}/{}", channel, ts));
}

}  // namespace vedette::slack
