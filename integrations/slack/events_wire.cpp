#include "integrations/slack/events_wire.hpp"

#include "bot/base/text.hpp"
#include "bot/chat/typed_text.hpp"
#include "integrations/slack/picks_wire.hpp"

namespace vedette::slack {
namespace {

constexpr size_t kEnvelopeId = 200;
constexpr size_t kMostAck = 20'480;
constexpr size_t kCommand = 8000;  // characters; longer texts are no commands

JsonLimits frame_limits() {
  JsonLimits limits;
  limits.bytes = 4 << 20;  // frames of 67 kB were seen
  return limits;
}

std::string first_of(std::initializer_list<Json> candidates) {
  for (const auto& candidate : candidates) {
    std::string text = candidate.string_or("");
    if (!text.empty()) return text;
  }
  return {};
}

Meaning ignored(std::string reason) { return Ignored{std::move(reason)}; }

bool blank(std::string_view text) { return text::trim(text).empty(); }

// Our own user id as the event itself states it, for the moments before auth.test has answered.
bool is_us(const Json& payload, const Self& self, std::string_view user) {
  if (user.empty()) return false;
  if (!self.user.empty()) return user == self.user;
  for (const auto& authorization : payload["authorizations"].elements()) {
    if (authorization["is_bot"].boolean_or(false) && authorization["user_id"].string_or("") == user) return true;
  }
  const auto authed = payload["authed_users"].elements();  // the older form of the same
  return authed.size() == 1 && authed.front().string_or("") == user;
}

struct Mention {
  size_t begin = std::string::npos;
  size_t end = std::string::npos;
  explicit operator bool() const { return begin != std::string::npos; }
};

// The first <@U…> or <@U…|name> that means us.
Mention find_mention(std::string_view text, const Json& payload, const Self& self) {
  for (size_t at = text.find("<@"); at != std::string_view::npos; at = text.find("<@", at + 2)) {
    const size_t close = text.find('>', at);
    if (close == std::string_view::npos) return {};
    std::string_view user = text.substr(at + 2, close - at - 2);
    user = user.substr(0, user.find('|'));
    if (is_us(payload, self, user)) return {at, close + 1};
  }
  return {};
}

// What is said to us: the words after the mention, or those before it when nothing follows.
std::string addressed_text(std::string_view text, Mention mention) {
  std::string_view after = text.substr(mention.end);
  while (!after.empty() && (after.front() == ',' || after.front() == ':' || after.front() == ' ')) after.remove_prefix(1);
  return plain_command(blank(after) ? text.substr(0, mention.begin) : after);
}

Meaning finished(chat::Interaction interaction) {
  if (interaction.who.user.empty()) return ignored("no user");
  if (interaction.channel.empty()) return ignored("no channel");
  if (text::characters(interaction.text) > kCommand) return ignored("too long for a command");
  return interaction;
}

Meaning message_event(const Json& payload, const Json& event, const Self& self) {
  const std::string type = event["type"].string_or("");
  const std::string subtype = event["subtype"].string_or("");
  // A file with words or a reply shown in the channel too is still said by a person; edits, deletions and joins are not
  // commands.
  if (!subtype.empty() && subtype != "file_share" && subtype != "thread_broadcast")
    return ignored("message subtype " + subtype);
  if (!event["bot_id"].string_or("").empty() || event["bot_profile"].is_object()) return ignored("said by a bot");
  const std::string user = event["user"].string_or("");
  if (is_us(payload, self, user) && !self.user.empty()) return ignored("said by us");
  const std::string ts = event["ts"].string_or("");
  if (ts.empty()) return ignored("no timestamp");

  const std::string text = event["text"].string_or("");
  const Mention mention = find_mention(text, payload, self);
  const bool direct = event["channel_type"].string_or("") == "im";
  if (!direct && !mention && type != "app_mention") return ignored("not said to us");
  chat::Interaction result;
  result.channel = event["channel"].string_or("");
  result.key = "message/" + result.channel + "/" + ts;
  result.who = Identity("slack", first_of({payload["enterprise_id"], payload["team_id"]}), user);
  result.thread_ref = event["thread_ts"].string_or("");
  result.said_ref = ts;
  // Answered by a message that stays and is notified of, which one that only a single person sees does not and is not.
  result.direct = direct;
  result.text = mention ? addressed_text(text, mention) : plain_command(text);
  // An app_mention is about us even while we don't know our name: take its first mention for ours.
  if (type == "app_mention" && !mention) {
    const size_t close = text.starts_with("<@") ? text.find('>') : std::string::npos;
    if (close != std::string::npos) result.text = addressed_text(text, {0, close + 1});
  }
  return finished(std::move(result));
}

// "+1::skin-tone-2" → "good"; empty for an emoji that says nothing to us.
std::string_view thumb_of(std::string_view reaction) {
  const std::string_view plain = reaction.substr(0, reaction.find("::skin-tone-"));
  if (plain == "+1" || plain == "thumbsup") return "good";
  if (plain == "-1" || plain == "thumbsdown") return "bad";
  return {};
}

// A thumb on a message of ours, or one taken off again. Whether the message is a case's card, the router finds out.
Meaning reaction_event(const Json& payload, const Json& event, const Self& self) {
  const bool added = event["type"].string_or("") == "reaction_added";
  const std::string reaction = event["reaction"].string_or("");
  const std::string_view thumb = thumb_of(reaction);
  if (thumb.empty()) return ignored("a reaction that is no thumb");
  const Json item = event["item"];
  if (item["type"].string_or("") != "message") return ignored("a reaction to something that is no message");
  const std::string user = event["user"].string_or("");
  if (is_us(payload, self, user)) return ignored("a reaction of ours");
  // Whose message it is; not said for those of some integrations.
  const std::string author = event["item_user"].string_or("");
  if (!author.empty() && !self.user.empty() && author != self.user) return ignored("a reaction to somebody else's message");
  const std::string ts = item["ts"].string_or("");
  const std::string at = event["event_ts"].string_or("");
  if (ts.empty() || at.empty()) return ignored("no timestamp");
  chat::Interaction result;
  result.channel = item["channel"].string_or("");
  // An addition and its removal can come by two sockets in either order; their timestamps say which was first. An addition
  // is overtaken by any later one, which replaces it, and by a later removal of the same emoji; a removal by a later
  // addition. '~' stands behind whatever emoji and timestamps are made of.
  const std::string message = text::join({result.channel, ts, user}, "/");
  const std::string additions = "reaction/" + message + "/";
  const std::string removals = "unreaction/" + message + "/" + reaction + "/";
  result.key = added ? additions + at + "/" + reaction : removals + at;
  result.moot_by.push_back({additions + at + "/~", additions + "~"});
  if (added) result.moot_by.push_back({removals + at, removals + "~"});
  result.who = Identity("slack", first_of({payload["enterprise_id"], payload["team_id"]}), user);
  result.thread_ref = ts;
  result.text = added ? std::string(thumb) : "retract " + std::string(thumb);
  result.button = true;  // the changed card is the answer
  result.reaction = true;
  return finished(std::move(result));
}

// Somebody looks at one of our tabs.
Meaning home_event(const Json& payload, const Json& event) {
  const std::string tab = event["tab"].string_or("");
  if (tab != "home" && tab != "messages") return ignored("another tab than home");
  HomeOpened opened;
  opened.messages = tab == "messages";
  opened.who = Identity("slack", first_of({payload["enterprise_id"], payload["team_id"]}), event["user"].string_or(""));
  opened.channel = event["channel"].string_or("");
  if (opened.who.user.empty()) return ignored("no user");
  return opened;
}

Meaning session_stopped(const Json& event) {
  SessionStopped stopped;
  stopped.channel = event["channel"].string_or("");
  stopped.thread = event["thread_ts"].string_or("");
  for (const auto& ts : event["streaming_message_ts"].elements()) stopped.streams.insert(ts.string_or(""));
  if (stopped.channel.empty() || stopped.thread.empty()) return ignored("a stop of nothing");
  return stopped;
}

Meaning event_callback(const Json& payload, const Self& self) {
  if (payload["type"].string_or("") == "app_rate_limited") return ignored("app_rate_limited: Slack held events back");
  const Json event = payload["event"];
  if (!event.is_object()) return ignored("no event in it");
  const std::string type = event["type"].string_or("");
  if (type == "app_mention" || type == "message") return message_event(payload, event, self);
  if (type == "reaction_added" || type == "reaction_removed") return reaction_event(payload, event, self);
  if (type == "app_home_opened") return home_event(payload, event);
  if (type == "agent_session_stopped") return session_stopped(event);
  return ignored("event " + type);
}

std::string workspace_of(const Json& payload) {
  return first_of(
      {payload["enterprise"]["id"], payload["team"]["enterprise_id"], payload["team"]["id"], payload["user"]["team_id"]});
}

Meaning block_actions(const Json& payload) {
  const Json container = payload["container"];
  const Json message = payload["message"];
  for (const auto& action : payload["actions"].elements()) {
    const std::string command = picked_command(action);
    const bool in_view = container["type"].string_or("") == "view";
    if (in_view && payload["view"]["type"].string_or("") != "home") return ignored("an element of a view");
    if (blank(command)) continue;
    chat::Interaction result;
    result.button = true;
    result.text = std::string(text::trim(command));  // as we sent it: no markup in it to undo
    result.channel = first_of({payload["channel"]["id"], container["channel_id"]});
    const std::string user = payload["user"]["id"].string_or("");
    result.who = Identity("slack", workspace_of(payload), user);
    if (in_view) {
      // No message and no channel: what is to be said goes to the direct conversation, which the view remembers, or to the
      // user's id, which Slack takes for it (docs.slack.dev/reference/methods/chat.postMessage#channels).
      const auto remembered = Json::parse(payload["view"]["private_metadata"].string_or(""));
      result.channel = remembered ? (*remembered)["channel"].string_or("") : "";
      if (result.channel.empty()) result.channel = user;
      result.direct = true;
      const std::vector<std::string> key = {"home", first_of({container["view_id"], payload["view"]["id"]}), user,
                                            first_of({action["action_ts"], payload["trigger_id"]}),
                                            action["action_id"].string_or("")};
      result.key = text::join(key, "/");
      return finished(std::move(result));
    }
    const std::string message_ts = first_of({message["ts"], container["message_ts"]});
    const std::vector<std::string> key = {"action",
                                          result.channel,
                                          message_ts,
                                          user,
                                          first_of({action["action_ts"], payload["trigger_id"]}),
                                          action["action_id"].string_or("")};
    result.key = text::join(key, "/");
    result.thread_ref = first_of({message["thread_ts"], container["thread_ts"]});
    // A message shown to one person alone is no thread's root.
    if (result.thread_ref.empty() && !container["is_ephemeral"].boolean_or(false)) result.thread_ref = message_ts;
    result.reply_url = payload["response_url"].string_or("");
    return finished(std::move(result));
  }
  return ignored("no action with a command");
}

Meaning slash_command(const Json& payload) {
  const std::string trigger = payload["trigger_id"].string_or("");
  if (trigger.empty()) return ignored("no trigger id");
  chat::Interaction result;
  result.key = "slash/" + trigger;
  result.channel = payload["channel_id"].string_or("");
  result.who = Identity("slack", first_of({payload["enterprise_id"], payload["team_id"]}), payload["user_id"].string_or(""));
  result.name = payload["user_name"].string_or("");
  result.text = plain_command(payload["text"].string_or(""));
  result.reply_url = payload["response_url"].string_or("");
  return finished(std::move(result));
}

// What stands between < and > in a message (docs.slack.dev/messaging/formatting-message-text#retrieving-messages).
std::string reference_text(std::string_view inside) {
  const size_t bar = inside.find('|');
  const std::string_view target = inside.substr(0, bar);
  const std::string_view label = bar == std::string_view::npos ? std::string_view() : inside.substr(bar + 1);
  if (target.starts_with("@")) return "<" + std::string(target) + ">";
  if (target.starts_with("#")) return label.empty() ? "<" + std::string(target) + ">" : "#" + std::string(label);
  if (target.starts_with("!")) return label.empty() ? "@" + std::string(target.substr(1)) : std::string(label);
  if (!label.empty()) return std::string(label);
  return std::string(target.starts_with("mailto:") ? target.substr(7) : target);
}

}  // namespace

Result<Frame> parse_frame(std::string_view bytes) {
  TRY(const Json json, Json::parse(bytes, frame_limits()));
  if (!json.is_object()) return Error(Code::invalid_input, "a Slack frame that is not a JSON object");
  const std::string type = json["type"].string_or("");
  if (type == "hello") {
    Hello hello;
    hello.connections = json["num_connections"].integer_or(0);
    const int64_t seconds = json.at("/debug_info/approximate_connection_time").integer_or(0);
    if (seconds > 0 && seconds < 1'000'000) hello.lifetime = std::chrono::seconds(seconds);
    return Frame(hello);
  }
  if (type == "disconnect") return Frame(Disconnect{json["reason"].string_or("")});
  const std::string id = json["envelope_id"].string_or("");
  if (id.empty()) return Frame(OtherFrame{type});
  if (id.size() > kEnvelopeId) return Error(Code::invalid_input, "a Slack envelope whose id is too long");
  Envelope envelope;
  envelope.id = id;
  envelope.type = type;
  envelope.payload = json["payload"];
  envelope.accepts_response = json["accepts_response_payload"].boolean_or(false);
  envelope.retry = json["retry_attempt"].integer_or(0);
  return Frame(std::move(envelope));
}

std::string ack_frame(std::string_view envelope_id, std::string_view payload) {
  const std::string start = "{\"envelope_id\":" + json_quote(envelope_id);
  if (payload.empty() || start.size() + payload.size() + 20 > kMostAck) return start + "}";
  return start + ",\"payload\":" + std::string(payload) + "}";
}

Identity who_acted(const Json& payload) {
  return Identity("slack", workspace_of(payload), payload["user"]["id"].string_or(""));
}

Meaning interpret(std::string_view type, const Json& payload, const Self& self) {
  if (!payload.is_object()) return ignored("no payload");
  if (type == "events_api") return event_callback(payload, self);
  if (type == "slash_commands") return slash_command(payload);
  if (type == "interactive") {
    const std::string kind = payload["type"].string_or("");
    if (kind == "block_actions") return block_actions(payload);
    return ignored("interaction " + kind);
  }
  return ignored("envelope type " + std::string(type));
}

std::string plain_command(std::string_view raw) {
  std::string out;
  for (size_t at = 0; at < raw.size();) {
    if (raw[at] != '<') {
      out += raw[at++];
      continue;
    }
    const size_t close = raw.find('>', at);
    if (close == std::string_view::npos) {
      out += raw.substr(at);
      break;
    }
    out += reference_text(raw.substr(at + 1, close - at - 1));
    at = close + 1;
  }
  // "&amp;" last, or "&amp;lt;" would be undone twice.
  for (const auto& [from, to] : {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}}) {
    out = text::replace_all(std::move(out), from, to);
  }
  return chat::as_typed(std::move(out));
}

}  // namespace vedette::slack
