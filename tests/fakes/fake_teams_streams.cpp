// Streamed answers (learn.microsoft.com/microsoftteams/platform/bots/streaming-ux): pieces are typing activities with the
// whole text so far, the last one is the message.

#include "tests/fakes/fake_teams.hpp"
#include "tests/fakes/fake_teams_parts.hpp"

namespace vedette::test {

using json = nlohmann::json;

namespace {

json stream_info(const json& activity) {
  for (const auto& entity : activity.value("entities", json::array())) {
    if (entity.value("type", "") == "streaminfo") return entity;
  }
  return nullptr;
}

}  // namespace

// Nothing when the activity is no part of a stream.
std::optional<FakeTeams::Answer> FakeTeams::stream(FakeRoom& room, const json& activity) {
  const json info = stream_info(activity);
  if (info.is_null()) return std::nullopt;
  const std::string type = info.value("streamType", "");
  const std::string id = info.value("streamId", "");
  const std::string text = activity.value("text", "");
  const bool last = type == "final";
  if (room.kind != "personal" || !streaming_) return fail(400, "BadArgument", "Streaming API is not enabled");
  if (last != (activity.value("type", "") == "message")) {
    return fail(400, "BadRequest", "Only end streaming type is allowed as a message activity");
  }
  if (!last && type != "informative" && type != "streaming") return fail(400, "BadRequest", "no such streamType");
  if (!last && !info.contains("streamSequence")) return fail(400, "BadRequest", "a piece without streamSequence");
  if (last && info.contains("streamSequence")) return fail(400, "BadRequest", "the last piece has no streamSequence");
  if (text.empty()) return fail(400, "BadRequest", "Start streaming activities should include text");
  Answer answer;
  const auto now = std::chrono::steady_clock::now();
  if (id.empty()) {
    if (last) return fail(400, "BadRequest", "a stream's end without streamId");
    if (info["streamSequence"] != 1) return fail(400, "BadRequest", "a stream begins with 1");
    const std::string message = put(room, {}, bot(), activity);
    messages_.back().streaming = true;
    streams_[message] = {message, 1, type == "informative", now};
    answer.status = 201;
    answer.body = {{"id", message}};
    return answer;
  }
  const auto found = streams_.find(id);
  TeamsMessage* message = find(room.id, id);
  if (found == streams_.end() || message == nullptr) return fail(404, "ActivityNotFoundInConversation", "no such stream");
  Stream& going = found->second;
  if (!message->streaming)
    return fail(403, "ContentStreamNotAllowed", "Content stream is not allowed on an already completed streamed message");
  if (now - going.begun > options_.stream_life) {
    return fail(403, "ContentStreamNotAllowed", "Content stream finished due to exceeded streaming time.");
  }
  if (!last && info["streamSequence"] <= going.sequence) {
    return fail(202, "ContentStreamSequenceOrderPreConditionFailed", "an older piece");
  }
  if (!last && type == "informative" && !going.informative) return fail(400, "BadRequest", "informative after text");
  if (type == "streaming" && !going.informative && !text.starts_with(message->activity.value("text", ""))) {
    return fail(400, "BadRequest", "Request streamed content should contain the previously streamed content");
  }
  if (!last) going.sequence = info["streamSequence"];
  going.informative = going.informative && type == "informative";
  message->earlier.push_back(std::move(message->activity));
  message->activity = activity;
  message->streaming = !last;
  answer.status = 202;
  answer.body = json::object();
  return answer;
}

}  // namespace vedette::test
