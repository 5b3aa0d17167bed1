#include "integrations/teams/activity_wire.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/chat/typed_text.hpp"
#include "integrations/teams/message_wire.hpp"
#include "integrations/teams/options.hpp"
#include "integrations/teams/picks_wire.hpp"

namespace vedette::teams {
namespace {

using Kind = chat::Conversation::Kind;

constexpr size_t kActivityBytes = 1 << 20;
constexpr size_t kIdBytes = 1024;       // of every id: conversation ids of 1:1 chats have some 150
constexpr size_t kCommand = 8000;       // characters; longer texts are no commands
constexpr size_t kFeedback = 450;       // characters of a thumb's reason
constexpr size_t kMessageBytes = 3500;  // of a message that is to be looked into; a command has 4,000 characters
constexpr std::string_view kThread = ";messageid=";

Ignored ignored(std::string reason) { return Ignored{std::move(reason)}; }

std::string id_of(const Json& value) {
  std::string id = value.string_or("");
  return id.size() <= kIdBytes ? id : std::string();
}

std::string first_of(std::initializer_list<Json> candidates) {
  for (const auto& candidate : candidates) {
    std::string id = id_of(candidate);
    if (!id.empty()) return id;
  }
  return {};
}

Kind kind_of(const Json& conversation, const std::string& id) {
  const std::string kind = conversation["conversationType"].string_or("");
  if (kind == "personal") return Kind::personal;
  if (kind == "groupChat") return Kind::group;
  if (kind == "channel") return Kind::channel;
  // Some old activities name none; the ids tell.
  if (is_channel(id)) return Kind::channel;
  return conversation["isGroup"].boolean_or(false) || id.ends_with("@thread.v2") ? Kind::group : Kind::personal;
}

// What every kind of interaction has in common. `what` begins the key.
chat::Interaction interaction_of(const Activity& activity, std::string_view what) {
  chat::Interaction result;
  result.key = fmt::format("{}/{}/{}", what, activity.conversation, activity.id);
  result.who = who_acted(activity);
  result.name = activity.json["from"]["name"].string_or("");  // for display only
  result.channel = activity.conversation;
  result.direct = activity.kind == Kind::personal;
  return result;
}

// The message whose thread or card it belongs to.
std::string place_of(const Activity& activity) { return activity.thread.empty() ? activity.reply_to : activity.thread; }

std::string why_useless(const Activity& activity) {
  if (activity.user.empty()) return "no aadObjectId";
  if (activity.conversation.empty()) return "no conversation";
  if (activity.id.empty()) return "no id";
  return {};
}

// A card's button: what we put into it, completed by what was chosen beside it.
Meaning card_action(const Activity& activity, const Json& data, bool refresh, std::string_view what) {
  CardAction result;
  result.interaction = interaction_of(activity, what);
  result.interaction.button = true;
  result.interaction.thread_ref = place_of(activity);
  result.slot = id_of(data["key"]);
  result.refresh = refresh;
  if (!refresh) {
    result.interaction.text = picked_command(data);
    if (result.interaction.text.empty()) return ignored("an action without a command");
    if (text::characters(result.interaction.text) > kCommand) return ignored("too long for a command");
  }
  return result;
}

// learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model
Meaning card_invoke(const Activity& activity) {
  const Json value = activity.json["value"];
  const Json action = value["action"];
  // Whatever asks by itself, without a person's hand, may look and nothing else.
  const bool automatic = value["trigger"].string_or("manual") != "manual";
  const bool refresh = automatic || action["verb"].string_or("") == "refresh";
  return card_action(activity, action["data"], refresh, "press");
}

std::string_view thumb_of(std::string_view reaction) {
  if (reaction == "like" || reaction.starts_with("1f44d")) return "good";
  if (reaction == "dislike" || reaction.starts_with("1f44e")) return "bad";
  return {};
}

Meaning feedback_invoke(const Activity& activity) {
  const Json value = activity.json["value"];
  if (value["actionName"].string_or("") != "feedback") return ignored("a submit that is no feedback");
  const std::string_view thumb = thumb_of(value["actionValue"]["reaction"].string_or(""));
  if (thumb.empty()) return ignored("feedback that is no thumb");
  Feedback result;
  result.interaction = interaction_of(activity, "feedback");
  result.interaction.button = true;
  result.interaction.reaction = true;  // counts on a case's root message only
  // The message itself, not its thread: thumbs stand under one message.
  result.interaction.thread_ref = activity.reply_to.empty() ? activity.thread : activity.reply_to;
  if (result.interaction.thread_ref.empty()) return ignored("feedback that does not say on what");
  result.interaction.text = thumb;
  // Of the words only a 👎 keeps some. They stand in « and », within which nothing means anything to the grammar.
  const std::string words = thumb == "bad" ? feedback_text(value["actionValue"]["feedback"]) : std::string();
  if (!words.empty()) {
    const std::string plain = text::replace_all(text::replace_all(words, "\\", "\\\\"), "»", ">");
    result.interaction.text += " «" + plain + "»";
  }
  return result;
}

// In microseconds, with as many digits as every other: keys are compared byte by byte.
std::string moment_of(const Activity& activity) {
  const auto time = parse_time(activity.json["timestamp"].string_or(""));
  return time ? fmt::format("{:020}", std::max<int64_t>(to_micros(*time), 0)) : std::string();
}

// A thumb put on a message of ours, or taken off again. Whether it is a case's card, the router finds out.
Meaning reaction(const Activity& activity) {
  const std::string at = moment_of(activity);
  if (at.empty() || activity.reply_to.empty()) return ignored("a reaction that does not say when and to what");
  for (const bool added : {true, false}) {
    for (const auto& entry : activity.json[added ? "reactionsAdded" : "reactionsRemoved"].elements()) {
      const std::string type = entry["type"].string_or("");
      const std::string_view thumb = thumb_of(type);
      if (thumb.empty()) continue;
      chat::Interaction result = interaction_of(activity, "");
      // As in Slack: an addition is overtaken by any later one, which replaces it, and by a later removal of the same
      // thumb; a removal by a later addition. '~' stands behind whatever ids and times are made of.
      const std::string message = text::join({activity.conversation, activity.reply_to, activity.user}, "/");
      const std::string additions = "reaction/" + message + "/";
      const std::string removals = fmt::format("unreaction/{}/{}/", message, thumb);
      result.key = added ? fmt::format("{}{}/{}", additions, at, thumb) : removals + at;
      result.moot_by.push_back({additions + at + "/~", additions + "~"});
      if (added) result.moot_by.push_back({removals + at, removals + "~"});
      result.thread_ref = activity.reply_to;
      result.text = added ? std::string(thumb) : "retract " + std::string(thumb);
      result.button = true;
      result.reaction = true;
      return result;
    }
  }
  return ignored("a reaction that is no thumb");
}

bool mentions_us(const Activity& activity) {
  const auto entities = activity.json["entities"].elements();
  return std::any_of(entities.begin(), entities.end(), [&](const Json& entity) {
    return entity["type"].string_or("") == "mention" && entity["mentioned"]["id"].string_or("") == activity.bot;
  });
}

Meaning message(const Activity& activity, const ObjectOf& object_of) {
  // An Action.Submit of a client that does not know Action.Execute comes as a message with a value.
  const Json value = activity.json["value"];
  if (value.is_object() && value["command"].is_string()) return card_action(activity, value, false, "press");
  if (activity.json["from"]["role"].string_or("") == "bot") return ignored("said by a bot");
  if (activity.kind != Kind::personal && !mentions_us(activity)) return ignored("not said to us");
  chat::Interaction result = interaction_of(activity, "message");
  result.said_ref = activity.id;
  // A message that begins a thread is its own root.
  if (activity.thread != activity.id) result.thread_ref = activity.thread;
  result.text = typed_command(activity, object_of);
  if (text::characters(result.text) > kCommand) return ignored("too long for a command");
  return result;
}

// installationUpdate: add, remove, add-upgrade, remove-upgrade; a conversationUpdate lists members.
Meaning membership(const Activity& activity) {
  if (activity.type == "installationUpdate") {
    const std::string action = activity.json["action"].string_or("");
    if (action.starts_with("add")) return Membership{true};
    if (action == "remove") return Membership{false};
    return ignored("an installationUpdate of another kind");
  }
  for (const bool added : {true, false}) {
    for (const auto& member : activity.json[added ? "membersAdded" : "membersRemoved"].elements()) {
      if (member["id"].string_or("") == activity.bot) return Membership{added};
    }
  }
  return ignored("a conversationUpdate about others");
}

Meaning shortcut(const Activity& activity) {
  const Json value = activity.json["value"];
  const Json message = value["messagePayload"];
  if (value["commandId"].string_or("") != kInvestigate || !message.is_object()) return UnknownInvoke{};
  Shortcut result;
  result.interaction = interaction_of(activity, "shortcut");
  result.interaction.about_ref = id_of(message["id"]);
  if (const auto at = parse_time(message["createdDateTime"].string_or(""))) result.interaction.about_time = *at;
  result.text = message_text(message, kMessageBytes);
  return result;
}

Meaning invoke(const Activity& activity) {
  if (activity.name == "adaptiveCard/action") return card_invoke(activity);
  if (activity.name == "message/submitAction") return feedback_invoke(activity);
  if (activity.name == "message/fetchTask") {
    return FeedbackForm{thumb_of(activity.json["value"]["actionValue"]["reaction"].string_or("")) == "good"};
  }
  const Json data = activity.json["value"]["data"];
  if (activity.name == "task/fetch") {
    DialogFetch result;
    result.interaction = interaction_of(activity, "dialog");
    result.interaction.button = true;
    result.interaction.thread_ref = place_of(activity);
    result.interaction.text = picked_command(data);
    result.data = data;
    return result;
  }
  if (activity.name == "task/submit") {
    DialogSubmit result;
    result.interaction = interaction_of(activity, "form");
    result.interaction.button = true;
    result.interaction.thread_ref = place_of(activity);
    result.data = data;
    return result;
  }
  if (activity.name == "composeExtension/fetchTask") return shortcut(activity);
  return UnknownInvoke{};
}

}  // namespace

Result<Activity> read_activity(std::string_view bytes) {
  JsonLimits limits;
  limits.bytes = kActivityBytes;
  TRY(Json json, Json::parse(bytes, limits));
  if (!json.is_object()) return Error(Code::invalid_input, "an activity that is not a JSON object");
  Activity activity;
  activity.type = json["type"].string_or("");
  if (activity.type.empty()) return Error(Code::invalid_input, "an activity without a type");
  activity.name = json["name"].string_or("");
  activity.id = id_of(json["id"]);
  activity.channel_id = json["channelId"].string_or("");
  activity.service_url = json["serviceUrl"].string_or("");
  const Json conversation = json["conversation"];
  const Json data = json["channelData"];
  activity.tenant = text::lower(first_of({data["tenant"]["id"], conversation["tenantId"]}));
  activity.conversation = id_of(conversation["id"]);
  if (const size_t at = activity.conversation.find(kThread); at != std::string::npos) {
    activity.thread = activity.conversation.substr(at + kThread.size());
    activity.conversation.resize(at);
  }
  activity.kind = kind_of(conversation, activity.conversation);
  activity.reply_to = id_of(json["replyToId"]);
  activity.address = id_of(json["from"]["id"]);
  activity.user = text::lower(id_of(json["from"]["aadObjectId"]));
  activity.bot = id_of(json["recipient"]["id"]);
  activity.json = std::move(json);
  return activity;
}

ClaimedOrigin origin_of(const Activity& activity) {
  ClaimedOrigin origin;
  origin.channel = activity.channel_id;
  origin.service_url = activity.service_url;
  origin.tenant = activity.tenant;
  return origin;
}

Identity who_acted(const Activity& activity) { return {kPlatform, activity.tenant, activity.user}; }

chat::Conversation conversation_of(const Activity& activity) {
  chat::Conversation result;
  result.platform = kPlatform;
  result.workspace = activity.tenant;
  result.id = activity.conversation;
  result.kind = activity.kind;
  result.service_url = activity.service_url;
  result.bot = activity.bot;
  if (activity.kind == Kind::personal) {
    result.user = activity.user;
    result.address = activity.address;
  }
  const Json data = activity.json["channelData"];
  result.team = id_of(data["team"]["id"]);
  // Added to a team, we hear of its channel of the same id as the team, or of the one that was chosen.
  if (activity.kind == Kind::channel) {
    const std::string chosen = first_of({data["settings"]["selectedChannel"]["id"], data["channel"]["id"]});
    if (activity.type == "installationUpdate" && !chosen.empty()) result.id = chosen;
  }
  return result;
}

chat::Conversation person_of(const Activity& activity) {
  chat::Conversation result;
  result.platform = kPlatform;
  result.workspace = activity.tenant;
  result.id = activity.user;
  result.kind = Kind::person;
  result.service_url = activity.service_url;
  result.bot = activity.bot;
  result.user = activity.user;
  result.address = activity.address;
  return result;
}

Meaning interpret(const Activity& activity, const ObjectOf& object_of) {
  if (activity.type == "installationUpdate" || activity.type == "conversationUpdate") {
    if (activity.conversation.empty()) return ignored("no conversation");
    return membership(activity);
  }
  const bool known = activity.type == "message" || activity.type == "messageReaction" || activity.type == "invoke";
  if (!known) return ignored("an activity of another type");
  if (auto reason = why_useless(activity); !reason.empty()) {
    if (activity.type == "invoke") return UnknownInvoke{};
    return ignored(std::move(reason));
  }
  if (activity.type == "message") return message(activity, object_of);
  if (activity.type == "messageReaction") return reaction(activity);
  return invoke(activity);
}

std::string typed_command(const Activity& activity, const ObjectOf& object_of) {
  std::string text = activity.json["text"].string_or("");
  for (const auto& entity : activity.json["entities"].elements()) {
    if (entity["type"].string_or("") != "mention") continue;
    const std::string marked = entity["text"].string_or("");
    const size_t at = marked.empty() ? std::string::npos : text.find(marked);
    if (at == std::string::npos) continue;
    const std::string address = entity["mentioned"]["id"].string_or("");
    const std::string object = address == activity.bot ? std::string() : object_of(address);
    const bool ours = address == activity.bot;
    const std::string name = ours ? std::string() : entity["mentioned"]["name"].string_or("");
    text.replace(at, marked.size(), object.empty() ? " " + name + " " : " <@" + object + "> ");
  }
  // Plain text all the same holds what an editor left behind.
  for (const auto& [from, to] : {std::pair{"&nbsp;", " "}, {"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}}) {
    text = text::replace_all(std::move(text), from, to);
  }
  text = chat::as_typed(std::move(text));
  // Said to a bot as to a person: "@Vedette: status".
  while (!text.empty() && (text.front() == ',' || text.front() == ':' || text.front() == ' ')) text.erase(0, 1);
  return text;
}

std::string feedback_text(const Json& feedback) {
  std::string words;
  const auto from_object = [&words](const Json& object) {
    for (const auto& [name, value] : object.members()) {
      const std::string part = std::string(text::trim(value.string_or("")));
      if (!part.empty()) words += (words.empty() ? "" : "; ") + part;
    }
  };
  if (feedback.is_object()) {
    from_object(feedback);
  } else if (feedback.is_string()) {
    const std::string plain = feedback.string_or("");
    const auto inner = Json::parse(plain);
    if (inner && inner->is_object()) {
      from_object(*inner);
    } else {
      words = plain;
    }
  }
  words = text::displayable(words);
  return text::ellipsize(text::trim(words), kFeedback);
}

}  // namespace vedette::teams
