// The Web API methods of the fake Slack (docs.slack.dev/reference/methods).

#include <algorithm>

#include "bot/base/text.hpp"
#include "tests/fakes/fake_slack.hpp"
#include "tests/fakes/fake_slack_blocks.hpp"
#include "tests/fakes/fake_slack_new_blocks.hpp"

namespace vedette::test {
namespace {

using json = nlohmann::json;

std::string field(const std::map<std::string, std::string>& form, const std::string& name) {
  const auto found = form.find(name);
  return found == form.end() ? "" : found->second;
}

// Timestamps compare as text once their whole parts have the same length, which holds from 2001 to 2286.
bool before(const std::string& a, const std::string& b) { return a < b; }

}  // namespace

FakeSlack::Answer FakeSlack::connections_open() {
  const std::string ticket = "ticket-" + std::to_string(next_id_++);
  tickets_.insert(ticket);
  return {200,
          {{"ok", true},
           {"url", "ws://127.0.0.1:" + std::to_string(port()) + "/link?ticket=" + ticket + "&app_id=" + kFakeApp}}};
}

// What Slack answers to who posted or edited a message, beside its ts.
nlohmann::json FakeSlack::as_posted(const FakeMessage& message) {
  json shown = {{"type", "message"},  {"ts", message.ts},  {"user", message.user}, {"bot_id", message.bot_id},
                {"app_id", kFakeApp}, {"team", kFakeTeam}, {"text", message.text}};
  if (!message.thread_ts.empty()) shown["thread_ts"] = message.thread_ts;
  if (!message.blocks.is_null()) shown["blocks"] = message.blocks;
  return shown;
}

// Fills in text, blocks and metadata; answers an error name when Slack would refuse them.
std::optional<std::string> FakeSlack::read_content(const Form& form, FakeMessage& message, json* details) const {
  message.text = field(form, "text");
  if (text::characters(message.text) > 40'000) return "msg_too_long";
  if (form.contains("blocks")) {
    message.blocks = json::parse(field(form, "blocks"), nullptr, false);
    if (message.blocks.is_discarded()) return "invalid_blocks_format";
    for (const auto& block : message.blocks) {
      const std::string type = block.value("type", "");
      const bool too_new = !options_.newer_blocks && is_newer_block(type);
      if (!too_new && (refused_block_.empty() || type != refused_block_)) continue;
      *details = json::array({"[ERROR] unsupported type: " + type});
      return "invalid_blocks";
    }
    if (const auto problem = blocks_problem(message.blocks)) {
      *details = json::array({*problem});
      return "invalid_blocks";
    }
    if (blocks_text(message.blocks) > kMostBlocksText) return "msg_blocks_too_long";
    if (message.blocks.empty()) message.blocks = nullptr;
  }
  if (message.text.empty() && message.blocks.is_null()) return "no_text";
  if (form.contains("metadata")) {
    message.metadata = json::parse(field(form, "metadata"), nullptr, false);
    const bool good = message.metadata.is_object() && message.metadata.value("event_type", json()).is_string() &&
                      message.metadata.value("event_payload", json()).is_object();
    if (!good) return "invalid_metadata_format";
  }
  return std::nullopt;
}

FakeSlack::Answer FakeSlack::post_message(const Form& form) {
  FakeMessage message;
  message.channel = field(form, "channel");
  // A person's id stands for the direct conversation with them.
  const bool person = message.channel.starts_with("U") || message.channel.starts_with("W");
  if (person && !missing_users_.contains(message.channel)) message.channel = "D" + message.channel;
  if (!known_channel(message.channel)) return fail("channel_not_found");
  if (const auto error = closed_to_us(message.channel)) return fail(*error);
  json details;
  if (const auto error = read_content(form, message, &details)) {
    Answer answer = fail(*error);
    if (!details.is_null()) answer.body["response_metadata"]["messages"] = details;
    return answer;
  }
  message.thread_ts = field(form, "thread_ts");
  if (!message.thread_ts.empty() && find_message(message.channel, message.thread_ts) == nullptr)
    return fail("thread_not_found");
  if (options_.channel_pace.count() > 0) {
    const auto now = std::chrono::steady_clock::now();
    const auto last = last_post_.find(message.channel);
    if (last != last_post_.end() && now - last->second < options_.channel_pace) {
      Answer answer = fail("ratelimited");
      answer.status = 429;
      answer.retry_after = 1;
      return answer;
    }
    last_post_[message.channel] = now;
  }
  message.ts = next_ts();
  message.user = kFakeBotUser;
  message.bot_id = kFakeBotId;
  Answer answer{200, {{"ok", true}, {"channel", message.channel}, {"ts", message.ts}, {"message", as_posted(message)}}};
  store(std::move(message));
  return answer;
}

FakeSlack::Answer FakeSlack::update_message(const Form& form) {
  const std::string channel = field(form, "channel");
  if (!known_channel(channel)) return fail("channel_not_found");
  FakeMessage* message = find_message(channel, field(form, "ts"));
  if (message == nullptr) return fail("message_not_found");
  if (message->bot_id != kFakeBotId) return fail("cant_update_message");
  if (message->streaming) return fail("streaming_state_conflict");
  FakeMessage content;
  json details;
  if (const auto error = read_content(form, content, &details)) {
    Answer answer = fail(*error);
    if (!details.is_null()) answer.body["response_metadata"]["messages"] = details;
    return answer;
  }
  message->text = content.text;
  message->blocks = content.blocks;  // text alone removes the blocks, as the real one does
  if (!content.metadata.is_null()) message->metadata = content.metadata;
  ++message->edits;
  write_journal(*message);
  return {
      200,
      {{"ok", true}, {"channel", channel}, {"ts", message->ts}, {"text", message->text}, {"message", as_posted(*message)}}};
}

FakeSlack::Answer FakeSlack::post_ephemeral(const Form& form) {
  FakeMessage message;
  message.channel = field(form, "channel");
  message.only_for = field(form, "user");
  if (!known_channel(message.channel)) return fail("channel_not_found");
  if (message.only_for.empty() || missing_users_.contains(message.only_for)) return fail("user_not_in_channel");
  json details;
  if (const auto error = read_content(form, message, &details)) return fail(*error);
  message.thread_ts = field(form, "thread_ts");
  message.ts = next_ts();
  message.user = kFakeBotUser;
  message.bot_id = kFakeBotId;
  const std::string ts = message.ts;
  store(std::move(message));
  return {200, {{"ok", true}, {"message_ts", ts}}};
}

FakeSlack::Answer FakeSlack::history(const Form& form, bool replies) {
  const std::string channel = field(form, "channel");
  if (!known_channel(channel)) return fail("channel_not_found");
  const std::string root = field(form, "ts");
  if (replies && find_message(channel, root) == nullptr) return fail("thread_not_found");
  const std::string oldest = field(form, "oldest");
  const std::string latest = field(form, "latest");
  const bool inclusive = field(form, "inclusive") == "true";
  std::vector<const FakeMessage*> found;
  for (const auto& message : messages_) {
    if (message.channel != channel || !message.only_for.empty()) continue;
    const bool is_root = replies && message.ts == root;
    if (replies ? message.thread_ts != root && !is_root : !message.thread_ts.empty() && message.thread_ts != message.ts)
      continue;
    const bool outside = (!oldest.empty() && (inclusive ? before(message.ts, oldest) : !before(oldest, message.ts))) ||
                         (!latest.empty() && (inclusive ? before(latest, message.ts) : !before(message.ts, latest)));
    if (outside && !is_root) continue;  // the root is always there
    found.push_back(&message);
  }
  if (!replies) std::reverse(found.begin(), found.end());  // the newest first
  const auto limit =
      static_cast<size_t>(std::clamp<int64_t>(text::parse_integer(field(form, "limit")).value_or(100), 1, 999));
  const auto from = static_cast<size_t>(std::max<int64_t>(text::parse_integer(field(form, "cursor")).value_or(0), 0));
  json rows = json::array();
  for (size_t at = from; at < found.size() && at < from + limit; ++at) {
    const auto& message = *found[at];
    json row = {{"type", "message"}, {"ts", message.ts}, {"user", message.user}, {"text", message.text}};
    if (!message.bot_id.empty()) row["bot_id"] = message.bot_id;
    if (!message.thread_ts.empty()) row["thread_ts"] = message.thread_ts;
    for (const auto& reply : messages_) {
      if (replies || reply.channel != channel || reply.thread_ts != message.ts || reply.ts == message.ts) continue;
      row["thread_ts"] = message.ts;
      row["latest_reply"] = reply.ts;
      row["reply_count"] = row.value("reply_count", 0) + 1;
    }
    if (!message.blocks.is_null()) row["blocks"] = message.blocks;
    if (!message.files.is_null()) row["files"] = message.files;
    if (!message.metadata.is_null() && field(form, "include_all_metadata") == "true") row["metadata"] = message.metadata;
    rows.push_back(std::move(row));
  }
  const bool more = from + limit < found.size();
  return {200,
          {{"ok", true},
           {"messages", std::move(rows)},
           {"has_more", more},
           {"response_metadata", {{"next_cursor", more ? std::to_string(from + limit) : ""}}}}};
}

FakeSlack::Answer FakeSlack::users_info(const Form& form) {
  const std::string id = field(form, "user");
  if (id.empty() || missing_users_.contains(id)) return fail("user_not_found");
  json user = {{"id", id},
               {"team_id", kFakeTeam},
               {"name", "someone"},
               {"deleted", false},
               {"is_bot", false},
               {"is_restricted", false},
               {"is_ultra_restricted", false},
               {"is_admin", false}};
  const auto known = users_.find(id);
  if (known != users_.end()) user.update(known->second);
  return {200, {{"ok", true}, {"user", std::move(user)}}};
}

}  // namespace vedette::test
