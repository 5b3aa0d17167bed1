// Streamed messages and agent sessions in the fake Slack (docs.slack.dev/reference/methods/chat.startStream and its like,
// docs.slack.dev/ai/agent-sessions). A stream takes some 12,000 characters; like the real one, this one loses what is
// beyond.

#include "bot/base/text.hpp"
#include "tests/fakes/fake_slack.hpp"
#include "tests/fakes/fake_slack_blocks.hpp"

namespace vedette::test {
namespace {

using json = nlohmann::json;

constexpr size_t kMostStreamed = 12'000;

std::string field(const std::map<std::string, std::string>& form, const std::string& name) {
  const auto found = form.find(name);
  return found == form.end() ? "" : found->second;
}

}  // namespace

// Adds the chunks of a call to a message; an error name when Slack would refuse them.
std::optional<std::string> FakeSlack::stream_chunks(const Form& form, FakeMessage& message) {
  if (!form.contains("chunks") && !form.contains("markdown_text")) return std::nullopt;
  const json chunks = form.contains("chunks")
                          ? json::parse(field(form, "chunks"), nullptr, false)
                          : json::array({{{"type", "markdown_text"}, {"text", field(form, "markdown_text")}}});
  if (!chunks.is_array()) return "invalid_chunks";
  json added = json::array();
  for (const auto& chunk : chunks) {
    const std::string type = chunk.value("type", "");
    if (type == "markdown_text" && chunk.contains("text")) {
      added.push_back({{"type", "markdown"}, {"text", chunk["text"]}});
    } else if (type == "blocks" && chunk.contains("blocks")) {
      for (const auto& block : chunk["blocks"]) {
        if (!refused_block_.empty() && block.value("type", "") == refused_block_) return "invalid_chunks";
      }
      if (blocks_problem(chunk["blocks"])) return "invalid_chunks";
      for (const auto& block : chunk["blocks"]) added.push_back(block);
    } else if (type != "task_update" && type != "plan_update") {
      return "invalid_chunks";
    }
  }
  if (message.blocks.is_null()) message.blocks = json::array();
  for (auto& block : added) {
    json whole = message.blocks;
    whole.push_back(block);
    if (blocks_text(whole) > kMostStreamed) break;  // without a word
    message.blocks = std::move(whole);
  }
  return std::nullopt;
}

FakeSlack::Answer FakeSlack::start_stream(const Form& form) {
  FakeMessage message;
  message.channel = field(form, "channel");
  message.thread_ts = field(form, "thread_ts");
  if (!known_channel(message.channel)) return fail("channel_not_found");
  if (const auto closed = closed_to_us(message.channel)) return fail(*closed);
  if (message.thread_ts.empty()) return fail("invalid_thread_ts");
  if (find_message(message.channel, message.thread_ts) == nullptr) return fail("thread_not_found");
  if (!message.channel.starts_with('D')) {
    if (field(form, "recipient_user_id").empty()) return fail("missing_recipient_user_id");
    if (field(form, "recipient_team_id").empty()) return fail("missing_recipient_team_id");
  }
  if (const auto error = stream_chunks(form, message)) return fail(*error);
  message.ts = next_ts();
  message.user = kFakeBotUser;
  message.bot_id = kFakeBotId;
  message.streaming = true;
  Answer answer{200, {{"ok", true}, {"channel", message.channel}, {"ts", message.ts}}};
  store(std::move(message));
  return answer;
}

FakeSlack::Answer FakeSlack::append_stream(const Form& form) {
  FakeMessage* message = find_message(field(form, "channel"), field(form, "ts"));
  if (message == nullptr) return fail("message_not_found");
  if (message->bot_id != kFakeBotId) return fail("message_not_owned_by_app");
  if (!message->streaming) return fail("message_not_in_streaming_state");
  if (const auto error = stream_chunks(form, *message)) return fail(*error);
  return {200, {{"ok", true}, {"channel", message->channel}, {"ts", message->ts}}};
}

FakeSlack::Answer FakeSlack::stop_stream(const Form& form) {
  FakeMessage* message = find_message(field(form, "channel"), field(form, "ts"));
  if (message == nullptr) return fail("message_not_found");
  if (message->bot_id != kFakeBotId) return fail("message_not_owned_by_app");
  if (!message->streaming) return fail("message_not_in_streaming_state");
  if (const auto error = stream_chunks(form, *message)) return fail(*error);
  if (form.contains("metadata")) message->metadata = json::parse(field(form, "metadata"), nullptr, false);
  message->streaming = false;
  if (const std::string status = field(form, "session_status"); !status.empty()) {
    sessions_[message->channel + "/" + message->thread_ts].push_back(status);
  }
  write_journal(*message);
  return {200, {{"ok", true}, {"channel", message->channel}, {"ts", message->ts}, {"message", as_posted(*message)}}};
}

FakeSlack::Answer FakeSlack::set_session_status(const Form& form) {
  const std::string status = field(form, "status");
  const bool known = status == "active" || status == "processing" || status == "suspended" || status == "closed";
  if (!known) return fail("invalid_status");
  if (!known_channel(field(form, "channel_id"))) return fail("channel_not_found");
  if (find_message(field(form, "channel_id"), field(form, "thread_ts")) == nullptr) return fail("thread_not_found");
  sessions_[field(form, "channel_id") + "/" + field(form, "thread_ts")].push_back(status);
  return {200, {{"ok", true}, {"status", status}}};
}

FakeSlack::Answer FakeSlack::set_prompts(const Form& form) {
  const json prompts = json::parse(field(form, "prompts"), nullptr, false);
  if (!prompts.is_array() || prompts.empty() || prompts.size() > 4) return fail("invalid_prompts");
  for (const auto& prompt : prompts) {
    if (prompt.value("title", "").empty() || prompt.value("message", "").empty()) return fail("invalid_prompts");
  }
  if (!field(form, "channel_id").starts_with('D')) return fail("channel_not_found");
  return {200, {{"ok", true}}};
}

std::vector<std::string> FakeSlack::session(const std::string& channel, const std::string& thread) const {
  const auto found = sessions_.find(channel + "/" + thread);
  return found == sessions_.end() ? std::vector<std::string>() : found->second;
}

void FakeSlack::end_streams() {
  for (auto& message : messages_) message.streaming = false;
}

size_t FakeSlack::press_stop(const std::string& user, const std::string& channel, const std::string& thread) {
  json streams = json::array();
  for (auto& message : messages_) {
    if (message.channel != channel || message.thread_ts != thread || !message.streaming) continue;
    message.streaming = false;
    streams.push_back(message.ts);
  }
  return send_event({{"type", "agent_session_stopped"},
                     {"user", user},
                     {"channel", channel},
                     {"thread_ts", thread},
                     {"streaming_message_ts", std::move(streams)},
                     {"event_ts", next_ts()}});
}

}  // namespace vedette::test
