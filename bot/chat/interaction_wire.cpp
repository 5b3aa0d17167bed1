#include "bot/base/json.hpp"
#include "bot/chat/interaction.hpp"

namespace vedette::chat {

std::string to_json(const Interaction& interaction) {
  JsonWriter out;
  out.begin_object()
      .field("key", interaction.key)
      .field("platform", interaction.who.platform)
      .field("workspace", interaction.who.workspace)
      .field("user", interaction.who.user)
      .field("channel", interaction.channel)
      .field("thread_ref", interaction.thread_ref)
      .field("text", interaction.text)
      .field("button", interaction.button)
      .field("reaction", interaction.reaction)
      .field("direct", interaction.direct)
      .field("reply_url", interaction.reply_url);
  if (!interaction.name.empty()) out.field("name", interaction.name);
  if (!interaction.said_ref.empty()) out.field("said_ref", interaction.said_ref);
  if (!interaction.about_ref.empty()) {
    out.field("about_ref", interaction.about_ref).field("about_time", to_micros(interaction.about_time));
  }
  if (!interaction.moot_by.empty()) {
    out.key("moot_by").begin_array();
    for (const auto& keys : interaction.moot_by) {
      out.begin_object().field("after", keys.after).field("before", keys.before).end_object();
    }
    out.end_array();
  }
  out.end_object();
  return out.take();
}

Result<Interaction> interaction_from_json(std::string_view json) {
  TRY(const Json in, Json::parse(json));
  if (!in["key"].is_string() || !in["platform"].is_string() || !in["user"].is_string() || !in["text"].is_string()) {
    return Error(Code::invalid_input, "a stored interaction lacks its key, platform, user or text");
  }
  Interaction interaction;
  interaction.key = in["key"].string_or("");
  interaction.who = Identity(in["platform"].string_or(""), in["workspace"].string_or(""), in["user"].string_or(""));
  interaction.name = in["name"].string_or("");
  interaction.channel = in["channel"].string_or("");
  interaction.thread_ref = in["thread_ref"].string_or("");
  interaction.said_ref = in["said_ref"].string_or("");
  interaction.text = in["text"].string_or("");
  interaction.button = in["button"].boolean_or(false);
  interaction.reaction = in["reaction"].boolean_or(false);
  interaction.direct = in["direct"].boolean_or(false);
  interaction.reply_url = in["reply_url"].string_or("");
  interaction.about_ref = in["about_ref"].string_or("");
  interaction.about_time = from_micros(in["about_time"].integer_or(0));
  for (const auto& keys : in["moot_by"].elements()) {
    interaction.moot_by.push_back({keys["after"].string_or(""), keys["before"].string_or("")});
  }
  return interaction;
}

}  // namespace vedette::chat
