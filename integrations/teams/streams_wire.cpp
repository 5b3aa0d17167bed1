#include "integrations/teams/streams_wire.hpp"

#include <nlohmann/json.hpp>

namespace vedette::teams {
namespace {

using nlohmann::json;

constexpr size_t kWorthIt = 700;  // bytes; shorter texts are read faster than streamed
constexpr size_t kBeginning = 400;

std::string text_of(json activity) { return activity.dump(-1, ' ', false, json::error_handler_t::replace); }

json info(const char* type) { return {{"type", "streaminfo"}, {"streamType", type}}; }

}  // namespace

std::optional<std::string> first_piece(std::string_view activity) {
  const json message = json::parse(activity, nullptr, false);
  if (!message.is_object() || !message.contains("text") || !message["text"].is_string()) return std::nullopt;
  const std::string text = message["text"].get<std::string>();
  const size_t end = text.find("\n\n", kBeginning);
  if (text.size() < kWorthIt || end == std::string::npos) return std::nullopt;
  json entity = info("streaming");
  entity["streamSequence"] = 1;
  return text_of({{"type", "typing"},
                  {"text", text.substr(0, end)},
                  {"textFormat", message.value("textFormat", "markdown")},
                  {"entities", json::array({std::move(entity)})}});
}

std::string last_piece(std::string_view activity, std::string_view stream_id) {
  json message = json::parse(activity, nullptr, false);
  json entity = info("final");
  entity["streamId"] = stream_id;
  message["entities"].push_back(std::move(entity));
  return text_of(std::move(message));
}

std::string typing_activity() { return R"({"type":"typing"})"; }

}  // namespace vedette::teams
