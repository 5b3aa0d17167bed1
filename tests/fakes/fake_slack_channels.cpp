// What the fake Slack knows of channels, and taking messages away again (docs.slack.dev/reference/methods).

#include "tests/fakes/fake_slack.hpp"

namespace vedette::test {
namespace {

std::string field(const std::map<std::string, std::string>& form, const std::string& name) {
  const auto found = form.find(name);
  return found == form.end() ? "" : found->second;
}

}  // namespace

FakeSlack::Answer FakeSlack::conversations_info(const Form& form) const {
  const std::string id = field(form, "channel");
  if (!known_channel(id)) return fail("channel_not_found");
  return {200,
          {{"ok", true},
           {"channel",
            {{"id", id},
             {"name", "soc"},
             {"is_channel", true},
             {"is_archived", archived_channels_.contains(id)},
             {"is_member", !left_channels_.contains(id) && !archived_channels_.contains(id)}}}}};
}

// One direct conversation with one person (docs.slack.dev/reference/methods/conversations.open).
FakeSlack::Answer FakeSlack::open_direct(const Form& form) {
  const std::string user = field(form, "users");
  if (!scopes_.empty() && scopes_.find("im:write") == std::string::npos) return fail("missing_scope");
  if (user.empty()) return fail("users_list_not_supplied");
  if (missing_users_.contains(user)) return fail("user_not_found");
  const bool there = directs_.contains(user);
  if (!there && field(form, "prevent_creation") == "true") return fail("channel_not_found");
  return {200, {{"ok", true}, {"no_op", there}, {"already_open", there}, {"channel", {{"id", direct_with(user)}}}}};
}

std::string FakeSlack::direct_with(const std::string& user) { return directs_.try_emplace(user, "D0" + user).first->second; }

// Why nothing can be posted there by an app that has no chat:write.public.
std::optional<std::string> FakeSlack::closed_to_us(const std::string& channel) const {
  if (archived_channels_.contains(channel)) return "is_archived";
  if (left_channels_.contains(channel)) return "not_in_channel";
  return std::nullopt;
}

FakeSlack::Answer FakeSlack::delete_message(const Form& form) {
  const std::string channel = field(form, "channel");
  if (!known_channel(channel)) return fail("channel_not_found");
  const FakeMessage* message = find_message(channel, field(form, "ts"));
  if (message == nullptr) return fail("message_not_found");
  if (message->bot_id != kFakeBotId) return fail("cant_delete_message");
  const std::string ts = message->ts;
  erase_message(channel, ts);
  return {200, {{"ok", true}, {"channel", channel}, {"ts", ts}}};
}

}  // namespace vedette::test
