// Looking for our own messages: "was it posted?"

#include "integrations/slack/timestamp.hpp"
#include "integrations/slack/web_api.hpp"

namespace vedette::slack {
namespace {

constexpr auto kClockSkew = std::chrono::minutes(5);  // Slack stamps messages with its clock, attempts are stamped with ours
constexpr int kPages = 25;
constexpr const char* kDeliveryEvent = "vedette_delivery";

bool has_key(const Json& message, const std::string& key) {
  const Json metadata = message["metadata"];
  return metadata["event_type"].string_or("") == kDeliveryEvent && metadata.at("/event_payload/key").string_or("") == key;
}

bool has_block(const Json& message, const std::string& block_id) {
  for (const auto& block : message["blocks"].elements()) {
    if (block["block_id"].string_or("") == block_id) return true;
  }
  return false;
}

}  // namespace

std::string delivery_metadata(const std::string& key) {
  JsonWriter metadata;
  metadata.begin_object().field("event_type", kDeliveryEvent).key("event_payload");
  metadata.begin_object().field("key", key).end_object().end_object();
  return metadata.take();
}

Async<std::optional<std::string>> WebApi::find_message(std::string channel, std::string thread_ts, std::string key,
                                                       Time since, Deadline deadline) {
  const auto ours = [key](const Json& message) { return has_key(message, key); };
  co_return co_await look_up(std::move(channel), std::move(thread_ts), ours, since, deadline);
}

Async<std::optional<std::string>> WebApi::find_block(std::string channel, std::string thread_ts, std::string block_id,
                                                     Time since, Deadline deadline) {
  const auto ours = [block_id](const Json& message) { return has_block(message, block_id); };
  co_return co_await look_up(std::move(channel), std::move(thread_ts), ours, since, deadline);
}

Async<std::optional<std::string>> WebApi::look_up(std::string channel, std::string thread_ts, Wanted wanted, Time since,
                                                  Deadline deadline) {
  CO_TRY(const Self us, self(deadline));
  const std::string method = thread_ts.empty() ? "conversations.history" : "conversations.replies";
  std::string cursor;
  for (int page = 0; page < kPages; ++page) {
    Fields fields = {{"channel", channel},
                     {"oldest", to_ts(since - kClockSkew)},
                     {"inclusive", "true"},
                     {"limit", "200"},
                     {"include_all_metadata", "true"}};
    if (!thread_ts.empty()) fields.emplace_back("ts", thread_ts);
    if (!cursor.empty()) fields.emplace_back("cursor", cursor);
    auto listed = co_await call(method, std::move(fields), Repeat::repeatable, deadline);
    // With the thread's first message the whole thread is gone.
    if (!listed && listed.error().code == Code::not_found && !thread_ts.empty()) co_return std::optional<std::string>();
    if (!listed) co_return std::move(listed).error();
    const Json answer = *std::move(listed);
    for (const auto& message : answer["messages"].elements()) {
      // Any app in the channel can write metadata and name blocks: only our own message counts.
      const bool ours =
          message["user"].string_or("") == us.user || (!us.bot.empty() && message["bot_id"].string_or("") == us.bot);
      if (ours && wanted(message)) co_return std::optional<std::string>(message["ts"].string_or(""));
    }
    cursor = answer.at("/response_metadata/next_cursor").string_or("");
    if (cursor.empty()) co_return std::optional<std::string>();
  }
  co_return Error(Code::unavailable, "too many messages to look through in this Slack channel", true);
}

}  // namespace vedette::slack
