// The fake Teams as a bot sees it: the Connector's calls.

#include <algorithm>

#include <fmt/format.h>

#include "tests/fakes/fake_teams.hpp"
#include "tests/fakes/fake_teams_check.hpp"
#include "tests/fakes/fake_teams_parts.hpp"

namespace vedette::test {

using json = nlohmann::json;

namespace {

std::string text_at(const json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

// Why nothing can be said there.
std::optional<FakeTeams::Answer> FakeTeams::closed(const FakeRoom* room) const {
  if (room == nullptr) return fail(404, "ConversationNotFound", "Conversation not found.");
  if (disabled_) return fail(403, "BotDisabledByAdmin", "The tenant admin disabled this bot");
  if (!room->bot_in) return fail(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.");
  if (room->writes_blocked) {
    TeamsFault blocked;
    blocked.kind = "403";
    return answer_of(blocked);
  }
  return std::nullopt;
}

std::optional<FakeTeams::Answer> FakeTeams::no_target(const FakeRoom& room, const json& activity) const {
  const std::string target = text_at(activity.value("recipient", json()), "id");
  if (room.kind == "personal") return fail(400, "Bad argument", "no targeted messages in a chat of two");
  for (const auto& name : room.people) {
    if (!target.empty() && people_.at(name).address == target) return std::nullopt;
  }
  return fail(400, "Bad argument", "the recipient is no member");
}

FakeTeams::Answer FakeTeams::store(FakeRoom& room, const std::string& root, Asked& asked) {
  const json& activity = asked.body;
  if (auto fault = activity_fault(activity); !fault.empty()) return fail(400, "BadArgument", fault);
  if (asked.targeted) {
    if (auto refused = no_target(room, activity)) return std::move(*refused);
  }
  if (auto streamed = stream(room, activity)) return std::move(*streamed);
  Answer answer;
  answer.status = 201;
  if (text_at(activity, "type") == "typing") {
    answer.status = 202;
    answer.body = json::object();
    return answer;
  }
  if (is_split(activity)) {
    // Two messages, and no id of either.
    json text = activity;
    text.erase("attachments");
    json card = activity;
    card.erase("text");
    const std::string first = put(room, root, bot(), std::move(text));
    put(room, root.empty() ? first : root, bot(), std::move(card));
    answer.body = json::object();
    return answer;
  }
  const std::string id = put(room, root, bot(), activity);
  if (asked.targeted) messages_.back().only_for = text_at(activity["recipient"], "id");
  answer.body = {{"id", id}};
  return answer;
}

FakeTeams::Answer FakeTeams::send(Asked& asked) {
  auto [id, root] = place_of(asked.conversation);
  const auto found = rooms_.find(id);
  FakeRoom* room = found == rooms_.end() ? nullptr : &found->second;
  if (auto refused = closed(room)) return std::move(*refused);
  if (!root.empty()) {
    const TeamsMessage* first = find(id, root);
    if (room->kind != "channel" || first == nullptr || first->deleted) {
      return fail(404, "ActivityNotFoundInConversation", "there is no such thread");
    }
  }
  if (!asked.activity_id.empty()) {
    const TeamsMessage* replied = find(id, asked.activity_id);
    if (replied == nullptr) return fail(404, "ActivityNotFoundInConversation", "there is no such message");
    root = replied->root;
  }
  return store(*room, root, asked);
}

FakeTeams::Answer FakeTeams::create(Asked& asked) {
  const std::string channel =
      text_at(asked.body.value("channelData", json::object()).value("channel", json::object()), "id");
  if (channel.empty()) return create_direct(asked);
  const auto found = rooms_.find(channel);
  if (found == rooms_.end() || found->second.kind != "channel") {
    return fail(404, "ConversationNotFound", "Conversation not found.");
  }
  FakeRoom& room = found->second;
  if (auto refused = closed(&room)) return std::move(*refused);
  if (!asked.body.value("isGroup", false)) return fail(400, "BadArgument", "isGroup must be true for a channel");
  if (!asked.body.value("activity", json()).is_object()) return fail(400, "BadSyntax", "Incorrect conversation creation");
  asked.body = json(asked.body["activity"]);
  Answer answer = store(room, {}, asked);
  if (answer.status != 201) return answer;
  // Named by another id than the one in its thread's address, as recorded.
  TeamsMessage& root = messages_.back();
  root.legacy_id = fmt::format("1:{:016x}_FAKE", ++numbers_);
  answer.body = {{"id", room.id + ";messageid=" + root.id}, {"activityId", root.legacy_id}};
  return answer;
}

FakeTeams::Answer FakeTeams::create_direct(Asked& asked) {
  const json members = asked.body.value("members", json::array());
  if (asked.body.value("isGroup", false) || !members.is_array() || members.size() != 1) {
    return fail(400, "BadSyntax", "bots create conversations with one person only");
  }
  std::string tenant = text_at(asked.body, "tenantId");
  if (tenant.empty())
    tenant = text_at(asked.body.value("channelData", json::object()).value("tenant", json::object()), "id");
  if (tenant != options_.tenant) return fail(403, "BotNotInConversationRoster", "another tenant");
  const std::string ours = text_at(asked.body.value("bot", json()), "id");
  if (!ours.empty() && ours != bot() && ours != options_.app_id) return fail(400, "BadArgument", "another bot");
  const FakePerson* person = by_id(text_at(members[0], "id"));
  if (person == nullptr) return fail(400, "BadSyntax", "Bad format of user id");
  if (disabled_) return fail(403, "BotDisabledByAdmin", "The tenant admin disabled this bot");
  if (!person->installed)
    return fail(403, "ForbiddenOperationException", "The bot is not installed in user's personal scope");
  FakeRoom& room = rooms_.at(direct_with(person->name));
  Answer answer;
  answer.status = 201;
  answer.body = {{"id", room.id}};
  if (!asked.body.contains("activity")) return answer;
  asked.body = json(asked.body["activity"]);
  if (auto refused = closed(&room)) return std::move(*refused);
  Answer posted = store(room, {}, asked);
  if (posted.status != 201) return posted;
  if (posted.body.contains("id")) answer.body["activityId"] = posted.body["id"];
  return answer;
}

FakeTeams::Answer FakeTeams::update(Asked& asked) {
  const auto [id, root] = place_of(asked.conversation);
  const auto found = rooms_.find(id);
  if (auto refused = closed(found == rooms_.end() ? nullptr : &found->second)) return std::move(*refused);
  TeamsMessage* message = find(id, asked.activity_id);
  if (message == nullptr || message->deleted || message->only_for.empty() == asked.targeted) {
    return fail(404, "ActivityNotFoundInConversation", "Conversation not found.");
  }
  if (!root.empty() && message->root != root) return fail(404, "ActivityNotFoundInConversation", "not in this thread");
  if (message->from != bot()) return fail(403, "NotEnoughPermissions", "the message of somebody else");
  if (asked.targeted && asked.body.contains("recipient")) return fail(400, "Bad argument", "an edit names no recipient");
  if (auto fault = activity_fault(asked.body); !fault.empty()) return fail(400, "BadArgument", fault);
  if (text_at(asked.body, "type") != "message" || is_split(asked.body)) {
    return fail(400, "BadArgument", "Activity resulted into multiple skype activities");
  }
  message->earlier.push_back(std::move(message->activity));
  message->activity = asked.body;
  message->shown_to.clear();
  ++message->edits;
  Answer answer;
  answer.body = {{"id", message->id}};
  return answer;
}

FakeTeams::Answer FakeTeams::remove(Asked& asked) {
  const auto [id, root] = place_of(asked.conversation);
  const auto found = rooms_.find(id);
  if (auto refused = closed(found == rooms_.end() ? nullptr : &found->second)) return std::move(*refused);
  TeamsMessage* message = find(id, asked.activity_id);
  if (message == nullptr || message->deleted) {
    return fail(404, "ActivityNotFoundInConversation", "Conversation not found.");
  }
  if (message->from != bot()) return fail(403, "NotEnoughPermissions", "the message of somebody else");
  message->deleted = true;
  return {};
}

// ---- members

json FakeTeams::member_json(const FakePerson& person) const {
  return {{"id", person.address},
          {"objectId", person.object},
          {"aadObjectId", person.object},
          {"name", person.name},
          {"givenName", person.name},
          {"surname", "Fake"},
          {"email", person.name + "@example.test"},
          {"userPrincipalName", person.name + "@example.test"},
          {"tenantId", person.tenant},
          {"userRole", person.role}};
}

FakeTeams::Answer FakeTeams::get_member(Asked& asked) {
  const auto found = rooms_.find(asked.conversation);
  if (found == rooms_.end()) return fail(404, "ConversationNotFound", "Conversation not found.");
  if (!found->second.bot_in) return fail(403, "BotNotInConversationRoster", "The bot is not part of the roster.");
  const FakePerson* person = by_id(asked.request.params["member"]);
  if (person == nullptr || !found->second.people.contains(person->name)) {
    return fail(404, "MemberNotFoundInConversation", "The member is not in the conversation.");
  }
  Answer answer;
  answer.body = member_json(*person);
  return answer;
}

FakeTeams::Answer FakeTeams::get_members(Asked& asked) {
  const auto found = rooms_.find(asked.conversation);
  if (found == rooms_.end()) return fail(404, "ConversationNotFound", "Conversation not found.");
  if (!found->second.bot_in) return fail(403, "BotNotInConversationRoster", "The bot is not part of the roster.");
  Answer answer;
  answer.body = json::array();
  for (const auto& name : found->second.people) answer.body.push_back(member_json(people_.at(name)));
  return answer;
}

// learn.microsoft.com/microsoftteams/platform/bots/how-to/get-teams-context: pages of 50 to 500, 200 unless told.
FakeTeams::Answer FakeTeams::get_page(Asked& asked) {
  Answer all = get_members(asked);
  if (all.status != 200) return all;
  const std::string wanted = asked.request.query["pageSize"];
  const size_t size = wanted.empty() ? 200 : std::clamp<size_t>(std::stoul(wanted), 50, 500);
  const std::string token = asked.request.query["continuationToken"];
  size_t from = 0;
  if (!token.empty()) {
    if (!token.starts_with("page+") || !token.ends_with("==")) return fail(400, "BadArgument", "no such page");
    from = std::stoul(token.substr(5));
  }
  json page = json::array();
  for (size_t at = from; at < std::min(from + size, all.body.size()); ++at) page.push_back(all.body[at]);
  Answer answer;
  answer.body = {{"members", std::move(page)}};
  if (from + size < all.body.size()) answer.body["continuationToken"] = fmt::format("page+{}==", from + size);
  return answer;
}

}  // namespace vedette::test
