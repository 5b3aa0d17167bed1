// Reactions and the Home tab of the fake Slack (docs.slack.dev/reference/events/reaction_added, …/app_home_opened,
// docs.slack.dev/reference/methods/views.publish).

#include "tests/fakes/fake_slack.hpp"
#include "tests/fakes/fake_slack_blocks.hpp"

namespace vedette::test {

using json = nlohmann::json;

namespace {
// The conversation of a person with the bot.
std::string direct_channel(const std::string& user) { return "D" + user; }
}  // namespace

size_t FakeSlack::react(const std::string& user, const std::string& channel, const std::string& ts, const std::string& emoji,
                        bool added) {
  json event = {{"type", added ? "reaction_added" : "reaction_removed"},
                {"user", user},
                {"reaction", emoji},
                {"item", {{"type", "message"}, {"channel", channel}, {"ts", ts}}},
                {"event_ts", next_ts()}};
  if (const auto* message = find_message(channel, ts)) event["item_user"] = message->user;
  return send_event(std::move(event));
}

size_t FakeSlack::open_home(const std::string& user, const std::string& tab) {
  json event = {
      {"type", "app_home_opened"}, {"user", user}, {"channel", direct_channel(user)}, {"tab", tab}, {"event_ts", next_ts()}};
  if (const FakeHome* shown = home(user)) event["view"] = shown->view;
  return send_event(std::move(event));
}

const FakeHome* FakeSlack::home(const std::string& user) const {
  const auto found = homes_.find(user);
  return found == homes_.end() ? nullptr : &found->second;
}

std::optional<size_t> FakeSlack::click_home(const std::string& user, const std::string& value) {
  const FakeHome* shown = home(user);
  if (shown == nullptr) return std::nullopt;
  json action = pressed(shown->view["blocks"], value);
  if (action.is_null()) return std::nullopt;
  action["action_ts"] = next_ts();
  // Neither channel nor message nor response_url: a view has none of them.
  json payload = {{"type", "block_actions"},
                  {"user", {{"id", user}, {"username", "someone"}, {"name", "someone"}, {"team_id", kFakeTeam}}},
                  {"api_app_id", kFakeApp},
                  {"container", {{"type", "view"}, {"view_id", shown->id}}},
                  {"trigger_id", std::to_string(next_id_++) + ".111.fake"},
                  {"team", {{"id", kFakeTeam}, {"domain", "fake"}}},
                  {"enterprise", nullptr},
                  {"view", shown->view}};
  payload["actions"] = json::array({std::move(action)});
  return send("interactive", std::move(payload));
}

FakeSlack::Answer FakeSlack::publish_view(const Form& form) {
  const auto given = [&](const char* name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string() : found->second;
  };
  const std::string user = given("user_id");
  if (user.empty() || missing_users_.contains(user)) return fail("user_not_found");
  json view = json::parse(given("view"), nullptr, false);
  const auto refuse = [](std::string why) {
    Answer answer = fail("invalid_arguments");
    answer.body["response_metadata"]["messages"] = json::array({std::move(why)});
    return answer;
  };
  if (!view.is_object()) return refuse("[ERROR] view is no JSON object");
  if (view.dump().size() > 250'000) return fail("view_too_large");
  if (view.value("type", "") != "home") return refuse("[ERROR] unsupported type [json-pointer:/view/type]");
  for (const auto& [key, value] : view.items()) {
    static const std::set<std::string> known = {"type", "blocks", "private_metadata", "callback_id", "external_id"};
    if (!known.contains(key)) return refuse("[ERROR] no more than the known fields, not " + key);
  }
  if (view.value("private_metadata", "").size() > 3000) return refuse("[ERROR] private_metadata is too long");
  for (const auto& block : view.value("blocks", json::array())) {
    if (!refused_block_.empty() && block.value("type", "") == refused_block_)
      return refuse("[ERROR] unsupported type: " + refused_block_ + " [json-pointer:/view/blocks]");
  }
  if (const auto problem = view_blocks_problem(view.value("blocks", json()))) return refuse("[ERROR] " + *problem);
  FakeHome& home = homes_[user];
  if (home.id.empty()) home.id = "V" + std::to_string(next_id_++);
  view["id"] = home.id;
  home.view = view;
  ++home.published;
  return {200, {{"ok", true}, {"view", std::move(view)}}};
}

}  // namespace vedette::test
