// Modals of the fake Slack: views.open, and what people do with a view (docs.slack.dev/surfaces/modals).

#include "tests/fakes/fake_slack_views.hpp"

#include <set>

#include "bot/base/text.hpp"
#include "tests/fakes/fake_slack.hpp"
#include "tests/fakes/fake_slack_blocks.hpp"
#include "tests/fakes/fake_slack_pickers.hpp"

namespace vedette::test {

using json = nlohmann::json;

namespace {

using Problem = std::optional<std::string>;
constexpr auto kTriggerLives = std::chrono::seconds(3);

Problem text_length(const json& holder, const char* name, size_t least, size_t most) {
  const json text = holder.value(name, json());
  if (!text.is_string()) return std::string(name) + " is no string";
  const size_t size = text::characters(text.get_ref<const std::string&>());
  if (size < least || size > most) return std::string(name) + " has " + std::to_string(size) + " characters";
  return std::nullopt;
}

Problem plain(const json& holder, const char* name, size_t most) {
  const json text = holder.value(name, json());
  if (!text.is_object() || text.value("type", "") != "plain_text") return std::string(name) + " is no plain_text";
  if (auto problem = text_length(text, "text", 1, most)) return std::string(name) + ": " + *problem;
  return std::nullopt;
}

Problem only(const json& object, const std::set<std::string>& allowed) {
  for (const auto& [key, value] : object.items()) {
    if (!allowed.contains(key)) return "unknown field '" + key + "'";
  }
  return std::nullopt;
}

Problem input_problem(const json& block) {
  if (auto problem = only(block, {"type", "block_id", "label", "optional", "element", "hint", "dispatch_action"})) {
    return problem;
  }
  if (auto problem = plain(block, "label", 2000)) return problem;
  if (block.contains("hint")) {
    if (auto problem = plain(block, "hint", 2000)) return problem;
  }
  if (auto problem = text_length(block, "block_id", 1, 255)) return problem;
  const json element = block.value("element", json());
  if (!element.is_object()) return "no element";
  if (auto problem = text_length(element, "action_id", 1, 255)) return problem;
  const std::string type = element.value("type", "");
  if (is_picker(element)) return picker_problem(element, true);
  if (type != "plain_text_input") return "unknown element '" + type + "'";
  if (auto problem =
          only(element, {"type", "action_id", "multiline", "max_length", "min_length", "initial_value", "placeholder"})) {
    return problem;
  }
  const int most = element.value("max_length", 3000);
  if (most < 1 || most > 3000) return "max_length " + std::to_string(most);
  if (element.value("min_length", 0) > most) return "min_length is more than max_length";
  if (element.contains("placeholder")) {
    if (auto problem = plain(element, "placeholder", 150)) return problem;
  }
  if (!element.contains("initial_value")) return std::nullopt;
  return text_length(element, "initial_value", 0, static_cast<size_t>(most));
}

const json* block_of(const json& view, const std::string& id) {
  for (const auto& block : view["blocks"]) {
    if (block.value("block_id", "") == id) return &block;
  }
  return nullptr;
}

}  // namespace

std::optional<std::string> view_problem(const json& view) {
  if (!view.is_object() || view.value("type", "") != "modal") return "no modal";
  if (auto problem = only(view, {"type", "callback_id", "title", "submit", "close", "private_metadata", "blocks",
                                 "clear_on_close", "notify_on_close", "external_id"})) {
    return problem;
  }
  if (auto problem = plain(view, "title", 24)) return problem;
  for (const char* button : {"submit", "close"}) {
    if (!view.contains(button)) continue;
    if (auto problem = plain(view, button, 24)) return problem;
  }
  if (view.contains("private_metadata")) {
    if (auto problem = text_length(view, "private_metadata", 0, 3000)) return problem;
  }
  if (auto problem = text_length(view, "callback_id", 0, 255)) return problem;
  const json blocks = view.value("blocks", json());
  if (!blocks.is_array() || blocks.empty() || blocks.size() > 100) return "1 to 100 blocks";
  std::set<std::string> ids;
  bool input = false;
  for (size_t at = 0; at < blocks.size(); ++at) {
    const auto& block = blocks[at];
    const bool is_input = block.value("type", "") == "input";
    input = input || is_input;
    if (block.contains("block_id") && !ids.insert(block.value("block_id", "")).second) return "block_id stands twice";
    const auto problem = is_input ? input_problem(block) : view_blocks_problem(json::array({block}));
    if (problem) return "/" + std::to_string(at) + ": " + *problem;
  }
  if (input && !view.contains("submit")) return "inputs without submit";
  return std::nullopt;
}

std::string FakeSlack::new_trigger() {
  const std::string trigger = std::to_string(next_id_++) + ".111.fake";
  triggers_[trigger].made = std::chrono::steady_clock::now();
  return trigger;
}

void FakeSlack::age_triggers() {
  for (auto& [id, trigger] : triggers_) trigger.made -= kTriggerLives;
}

FakeSlack::Answer FakeSlack::open_view(const Form& form) {
  const auto id = form.find("trigger_id");
  const auto trigger = id == form.end() ? triggers_.end() : triggers_.find(id->second);
  if (trigger == triggers_.end()) return fail("invalid_trigger_id");
  if (trigger->second.used) return fail("exchanged_trigger_id");
  if (std::chrono::steady_clock::now() - trigger->second.made >= kTriggerLives) return fail("expired_trigger_id");
  const auto given = form.find("view");
  json view = given == form.end() ? json() : json::parse(given->second, nullptr, false);
  if (const auto problem = view_problem(view)) {
    Answer answer = fail("invalid_arguments");
    answer.body["response_metadata"]["messages"] = json::array({*problem});
    return answer;
  }
  trigger->second.used = true;
  const std::string name = "V" + std::to_string(1'000'000 + next_id_++);  // in the order they were opened
  json opened = view;
  opened["id"] = name;
  views_[name] = std::move(view);
  return {200, {{"ok", true}, {"view", std::move(opened)}}};
}

json FakeSlack::view_payload(const std::string& kind, const std::string& user, const std::string& view) const {
  json shown = views_.at(view);
  shown["id"] = view;
  shown["team_id"] = kFakeTeam;
  shown["hash"] = "1596530361.fake";
  shown["state"] = {{"values", json::object()}};
  return {{"type", kind},
          {"team", {{"id", kFakeTeam}, {"domain", "fake"}}},
          {"enterprise", nullptr},
          {"user", {{"id", user}, {"username", "someone"}, {"name", "someone"}, {"team_id", kFakeTeam}}},
          {"api_app_id", kFakeApp},
          {"view", std::move(shown)}};
}

std::optional<size_t> FakeSlack::submit_view(const std::string& user, const std::string& view,
                                             const std::map<std::string, std::string>& values) {
  if (!views_.contains(view)) return std::nullopt;
  json payload = view_payload("view_submission", user, view);
  json& state = payload["view"]["state"]["values"];
  for (const auto& block : views_[view]["blocks"]) {
    if (block.value("type", "") != "input") continue;
    const json& element = block["element"];
    json empty = is_picker(element) ? picker_state(element, "") : json{{"type", element["type"]}, {"value", nullptr}};
    // What stood there from the start and was not touched is sent too.
    if (element.contains("initial_option")) empty["selected_option"] = element["initial_option"];
    if (element.contains("initial_value")) empty["value"] = element["initial_value"];
    state[block.value("block_id", "")][element.value("action_id", "")] = std::move(empty);
  }
  for (const auto& [id, value] : values) {
    const json* block = block_of(views_[view], id);
    if (block == nullptr) return std::nullopt;
    json& field = state[id][(*block)["element"].value("action_id", "")];
    if (is_picker((*block)["element"])) {
      field = picker_state((*block)["element"], value);
      if (field.is_null()) return std::nullopt;
    } else {
      field["value"] = value;
    }
  }
  payload["trigger_id"] = new_trigger();
  payload["response_urls"] = json::array();
  return send("interactive", std::move(payload));
}

std::optional<size_t> FakeSlack::close_view(const std::string& user, const std::string& view) {
  if (!views_.contains(view)) return std::nullopt;
  json payload = view_payload("view_closed", user, view);
  views_.erase(view);
  payload["is_cleared"] = false;
  return send("interactive", std::move(payload));
}

size_t FakeSlack::shortcut(const std::string& user, const std::string& callback, const std::string& channel,
                           const std::string& ts) {
  json payload = {{"type", ts.empty() ? "shortcut" : "message_action"},
                  {"token", "fake"},
                  {"action_ts", next_ts()},
                  {"team", {{"id", kFakeTeam}, {"domain", "fake"}}},
                  {"user", {{"id", user}, {"username", "someone"}, {"team_id", kFakeTeam}}},
                  {"enterprise", nullptr},
                  {"callback_id", callback},
                  {"trigger_id", new_trigger()}};
  if (!ts.empty()) {
    payload["channel"] = {{"id", channel}, {"name", "soc"}};
    payload["message_ts"] = ts;
    payload["response_url"] = response_url(user, channel);
    payload["message"] = {{"type", "message"}, {"ts", ts}};
    if (const FakeMessage* message = find_message(channel, ts)) {
      payload["message"]["text"] = message->text;
      payload["message"]["user"] = message->user;
      if (!message->blocks.is_null()) payload["message"]["blocks"] = message->blocks;
    }
  }
  return send("interactive", std::move(payload));
}

}  // namespace vedette::test
