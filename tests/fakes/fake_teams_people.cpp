// The fake Teams as people see it: what they do becomes activities.

#include <stdexcept>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "tests/fakes/fake_teams.hpp"
#include "tests/fakes/fake_teams_check.hpp"

namespace vedette::test {

using json = nlohmann::json;

namespace {

constexpr size_t kSmallRoom = 60;  // above it, only those named are refreshed

std::string text_at(const json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string as_html(const std::string& text) {
  std::string html = text::replace_all(text, "&", "&amp;");
  html = text::replace_all(std::move(html), "<", "&lt;");
  return text::replace_all(std::move(html), ">", "&gt;");
}

// A client does not send a card while a required input is empty.
bool is_filled(const json& card, const json& inputs) {
  bool filled = true;
  const auto look = [&](const auto& self, const json& value) -> void {
    if (value.is_object() && value.value("isRequired", false)) {
      const auto given = inputs.find(text_at(value, "id"));
      if (given == inputs.end() || (given->is_string() && given->get<std::string>().empty())) filled = false;
    }
    if (value.is_structured()) {
      for (const auto& part : value) self(self, part);
    }
  };
  look(look, card);
  return filled;
}

json merged(json data, const json& inputs) {
  if (!data.is_object()) data = json::object();
  for (const auto& [name, value] : inputs.items()) data[name] = value;
  return data;
}

}  // namespace

json TeamsAnswer::dialog_card() const {
  const auto answered = json();
  const nlohmann::json::json_pointer card("/task/value/card/content");
  return answered.is_object() && answered.contains(card) ? answered[card] : nullptr;
}

void FakeTeams::connect(ActivityCarrier carrier, Signer signer) {
  carrier_ = std::move(carrier);
  signer_ = std::move(signer);
}

// As recorded from Teams: microsoft/teams.net, TeamsActivityTests.cs.
json FakeTeams::activity_of(const std::string& who, const std::string& room, const std::string& type,
                            const std::string& root) {
  const FakePerson& person = people_.at(who);
  const FakeRoom& place = rooms_.at(room);
  const std::string now = to_rfc3339(system_clock().now());
  json activity = {{"type", type},
                   {"channelId", "msteams"},
                   {"id", "f:" + new_guid()},
                   {"timestamp", now},
                   {"localTimestamp", now},
                   {"localTimezone", "Europe/Berlin"},
                   {"locale", "en-US"},
                   {"serviceUrl", service_url()},
                   {"from", {{"id", person.address}, {"name", person.name}, {"aadObjectId", person.object}}},
                   {"recipient", {{"id", bot()}, {"name", options_.bot_name}}},
                   {"conversation", {{"id", room}, {"conversationType", place.kind}, {"tenantId", person.tenant}}},
                   {"channelData", {{"tenant", {{"id", person.tenant}}}}},
                   {"entities", json::array({{{"type", "clientInfo"}, {"locale", "en-US"}, {"platform", "Web"}}})}};
  if (place.kind != "personal") activity["conversation"]["isGroup"] = true;
  if (place.kind == "channel") {
    if (!root.empty()) activity["conversation"]["id"] = room + ";messageid=" + root;
    activity["channelData"]["teamsChannelId"] = room;
    activity["channelData"]["teamsTeamId"] = place.team;
    activity["channelData"]["channel"] = {{"id", room}};
    activity["channelData"]["team"] = {{"id", place.team}};
  }
  return activity;
}

FakeTeams::Done FakeTeams::carry(json activity) {
  TeamsAnswer answer;
  answer.activity = activity;
  if (!carrier_) throw std::logic_error("fake teams: nobody carries activities");
  std::string authorization = signer_ ? signer_(text_at(activity, "serviceUrl")) : std::string();
  std::string text = activity.dump(-1, ' ', false, json::error_handler_t::replace);
  const CarriedAnswer carried = co_await carrier_(std::move(text), std::move(authorization));
  answer.status = carried.status;
  answer.body = carried.body;
  const std::string name = text_at(activity, "name");
  if (text_at(activity, "type") == "invoke" && carried.status == 200) {
    const std::string fault = invoke_answer_fault(name, carried.body);
    if (!fault.empty()) problems_.push_back(fmt::format("{}: {}", name, fault));
  }
  co_return answer;
}

FakeTeams::Done FakeTeams::again(TeamsAnswer before) {
  before.activity["timestamp"] = to_rfc3339(system_clock().now());
  TeamsAnswer answer = co_await carry(before.activity);
  answer.message = before.message;
  co_return answer;
}

FakeTeams::Done FakeTeams::say(std::string who, std::string room, std::string text, std::string root, bool mention) {
  FakeRoom& place = rooms_.at(room);
  if (place.kind == "personal") mention = false;
  json activity = activity_of(who, room, "message");
  activity["textFormat"] = "plain";
  activity["text"] = text;
  std::string html = "<p>" + as_html(text) + "</p>";
  if (mention) {
    const std::string marked = "<at>" + options_.bot_name + "</at>";
    activity["text"] = marked + " " + text;
    activity["entities"].push_back(
        {{"type", "mention"}, {"mentioned", {{"id", bot()}, {"name", options_.bot_name}}}, {"text", marked}});
    html = "<p><span itemtype=\"http://schema.skype.com/Mention\" itemscope=\"\" itemid=\"0\">" + options_.bot_name +
           "</span>&nbsp;" + as_html(text) + "</p>";
  }
  activity["attachments"] = json::array({{{"contentType", "text/html"}, {"content", html}}});
  TeamsAnswer answer;
  const std::string id = put(place, std::move(root), people_.at(who).address, activity);
  answer.message = id;
  activity["id"] = id;
  if (place.kind == "channel") activity["conversation"]["id"] = room + ";messageid=" + messages_.back().root;
  messages_.back().activity = activity;
  const bool heard = place.bot_in && (mention || place.kind == "personal");
  if (!heard) co_return answer;
  answer = co_await carry(std::move(activity));
  answer.message = id;
  co_return answer;
}

FakeTeams::Done FakeTeams::press(std::string who, std::string room, std::string message, std::string button, json inputs,
                                 bool old_client) {
  TeamsMessage* found = find(room, message);
  const std::string address = people_.at(who).address;
  if (found == nullptr || found->deleted || (!found->only_for.empty() && found->only_for != address)) {
    throw std::logic_error(fmt::format("fake teams: {} does not see message {}", who, message));
  }
  const auto own = found->shown_to.find(who);
  const auto cards = own != found->shown_to.end() ? std::vector<json>{own->second} : cards_in(found->activity);
  for (const auto& card : cards) {
    for (const auto& action : actions_in(card)) {
      const json data = action.value("data", json::object());
      if (text_at(data, "command") != button && text_at(action, "title") != button) continue;
      const json given = merged(initial_inputs(card), inputs.is_null() ? json::object() : inputs);
      if (!is_filled(card, given)) co_return TeamsAnswer();
      json with_inputs = action.value("associatedInputs", "auto") == "none" ? data : merged(data, given);
      json pressed = action;
      co_return co_await press_action(std::move(who), found, std::move(pressed), std::move(with_inputs), old_client);
    }
  }
  throw std::logic_error(fmt::format("fake teams: no button '{}' under message {}", button, message));
}

FakeTeams::Done FakeTeams::press_action(std::string who, TeamsMessage* message, json action, json data, bool old_client) {
  std::string type = text_at(action, "type");
  if (type == "Action.Execute" && old_client) {
    const json fallback = action.value("fallback", json());
    if (!fallback.is_object()) co_return TeamsAnswer();
    data = merged(data, fallback.value("data", json::object()));
    type = text_at(fallback, "type");
  }
  json activity = activity_of(who, message->room, "invoke", message->root);
  activity["replyToId"] = message->id;
  activity["channelData"]["source"] = {{"name", "message"}};
  activity["channelData"]["legacy"] = {{"replyToId", message->legacy_id.empty() ? "1:" + message->id : message->legacy_id}};
  const std::string room = message->room;
  const std::string id = message->id;
  if (type == "Action.Execute") {
    activity["name"] = "adaptiveCard/action";
    json what = {{"type", type}, {"title", text_at(action, "title")}, {"data", std::move(data)}};
    if (action.contains("verb")) what["verb"] = action["verb"];
    if (action.contains("id")) what["id"] = action["id"];
    activity["value"] = {{"action", std::move(what)}, {"trigger", "manual"}};
    TeamsAnswer answer = co_await carry(std::move(activity));
    const json body = answer.json();
    TeamsMessage* still = find(room, id);
    const bool card = answer.status == 200 && text_at(body, "type") == "application/vnd.microsoft.card.adaptive";
    if (card && still != nullptr) still->shown_to[who] = body["value"];
    co_return answer;
  }
  if (type != "Action.Submit") throw std::logic_error("fake teams: " + type + " sends nothing");
  if (text_at(data.value("msteams", json()), "type") == "task/fetch") {
    activity["name"] = "task/fetch";
    activity["value"] = {{"data", std::move(data)}, {"context", {{"theme", "default"}}}};
  } else {
    activity["type"] = "message";
    activity["id"] = new_id();
    activity["value"] = std::move(data);
  }
  co_return co_await carry(std::move(activity));
}

FakeTeams::Done FakeTeams::look_at(std::string who, std::string room, std::string message) {
  TeamsMessage* found = find(room, message);
  if (found == nullptr || found->deleted) throw std::logic_error("fake teams: no message " + message);
  const auto cards = cards_in(found->activity);
  if (cards.empty() || !cards[0].contains("refresh")) co_return TeamsAnswer();
  const json refresh = cards[0]["refresh"];
  bool refreshed = !refresh.contains("userIds") && rooms_.at(room).people.size() <= kSmallRoom;
  for (const auto& user : refresh.value("userIds", json::array())) refreshed |= user == people_.at(who).address;
  if (!refreshed) co_return TeamsAnswer();
  json activity = activity_of(who, room, "invoke", found->root);
  activity["name"] = "adaptiveCard/action";
  activity["replyToId"] = found->id;
  activity["value"] = {{"action", refresh["action"]}, {"trigger", "automatic"}};
  TeamsAnswer answer = co_await carry(std::move(activity));
  const json body = answer.json();
  TeamsMessage* still = find(room, message);
  const bool card = answer.status == 200 && text_at(body, "type") == "application/vnd.microsoft.card.adaptive";
  if (card && still != nullptr) still->shown_to[who] = body["value"];
  co_return answer;
}

FakeTeams::Done FakeTeams::thumb(std::string who, std::string room, std::string message, std::string reaction,
                                 std::string words, FeedbackShape shape, bool tell_message) {
  const TeamsMessage* found = find(room, message);
  const json data = found != nullptr ? found->activity.value("channelData", json::object()) : json::object();
  if (!data.contains("feedbackLoop") && !data.value("feedbackLoopEnabled", false)) {
    throw std::logic_error("fake teams: no thumbs under message " + message);
  }
  json feedback = words;
  if (shape == FeedbackShape::json_text) feedback = json({{"feedbackText", words}}).dump();
  if (shape == FeedbackShape::object) feedback = {{"feedbackText", words}};
  json activity = activity_of(who, room, "invoke", found->root);
  activity["name"] = "message/submitAction";
  if (tell_message) activity["replyToId"] = found->id;
  activity["value"] = {{"actionName", "feedback"}, {"actionValue", {{"reaction", reaction}, {"feedback", feedback}}}};
  co_return co_await carry(std::move(activity));
}

FakeTeams::Done FakeTeams::ask_feedback_form(std::string who, std::string room, std::string message, std::string reaction) {
  const TeamsMessage* found = find(room, message);
  if (found == nullptr) throw std::logic_error("fake teams: no message " + message);
  json activity = activity_of(who, room, "invoke", found->root);
  activity["name"] = "message/fetchTask";
  activity["replyToId"] = found->id;
  activity["value"] = {{"actionName", "feedback"}, {"actionValue", {{"reaction", reaction}}}};
  co_return co_await carry(std::move(activity));
}

FakeTeams::Done FakeTeams::react(std::string who, std::string room, std::string message, std::string type, bool added) {
  TeamsMessage* found = find(room, message);
  if (found == nullptr || found->deleted) throw std::logic_error("fake teams: no message " + message);
  auto& those = found->reactions[type];
  added ? (void)those.insert(who) : (void)those.erase(who);
  if (found->from != bot()) co_return TeamsAnswer();  // of others' messages a bot hears nothing
  json activity = activity_of(who, room, "messageReaction", found->root);
  activity["replyToId"] = found->id;
  activity[added ? "reactionsAdded" : "reactionsRemoved"] = json::array({{{"type", type}}});
  co_return co_await carry(std::move(activity));
}

FakeTeams::Done FakeTeams::submit_dialog(std::string who, std::string room, TeamsAnswer opened, json inputs,
                                         std::string title) {
  const json card = opened.dialog_card();
  if (card.is_null()) throw std::logic_error("fake teams: no dialog is open");
  for (const auto& action : actions_in(card)) {
    const std::string type = text_at(action, "type");
    if ((type != "Action.Submit" && type != "Action.Execute") || (!title.empty() && text_at(action, "title") != title)) {
      continue;
    }
    const json given = merged(initial_inputs(card), inputs.is_null() ? json::object() : inputs);
    if (!is_filled(card, given)) co_return TeamsAnswer();
    json activity = activity_of(who, room, "invoke");
    activity["conversation"] = opened.activity["conversation"];
    if (opened.activity.contains("replyToId")) activity["replyToId"] = opened.activity["replyToId"];
    activity["name"] = "task/submit";
    activity["value"] = {{"data", merged(action.value("data", json::object()), given)}, {"context", {{"theme", "default"}}}};
    co_return co_await carry(std::move(activity));
  }
  throw std::logic_error("fake teams: the dialog has no button '" + title + "'");
}

FakeTeams::Done FakeTeams::install(std::string who, std::string room, bool added) {
  FakeRoom& place = rooms_.at(room);
  place.bot_in = added;
  if (place.kind == "personal") people_.at(who).installed = added;
  const json us = json::array({{{"id", bot()}}});
  json update = activity_of(who, room, "conversationUpdate");
  update[added ? "membersAdded" : "membersRemoved"] = us;
  json installation = activity_of(who, room, "installationUpdate");
  installation["action"] = added ? "add" : "remove";
  if (place.kind == "channel") {
    update["channelData"]["eventType"] = added ? "teamMemberAdded" : "teamMemberRemoved";
    for (json* one : {&update, &installation}) {
      (*one)["channelData"]["team"]["name"] = place.name;
      (*one)["channelData"]["settings"] = {{"selectedChannel", {{"id", room}}}};
    }
  }
  co_await carry(std::move(update));
  co_return co_await carry(std::move(installation));
}

FakeTeams::Done FakeTeams::join(std::string who, std::string room, bool added) {
  FakeRoom& place = rooms_.at(room);
  if (!people_.contains(who)) add_person(who);
  added ? (void)place.people.insert(who) : (void)place.people.erase(who);
  json activity = activity_of(who, room, "conversationUpdate");
  activity[added ? "membersAdded" : "membersRemoved"] =
      json::array({{{"id", people_.at(who).address}, {"aadObjectId", people_.at(who).object}}});
  if (place.kind == "channel") activity["channelData"]["eventType"] = added ? "teamMemberAdded" : "teamMemberRemoved";
  co_return co_await carry(std::move(activity));
}

FakeTeams::Done FakeTeams::invoke(std::string who, std::string room, std::string name, json value) {
  json activity = activity_of(who, room, "invoke");
  activity["name"] = std::move(name);
  activity["value"] = std::move(value);
  co_return co_await carry(std::move(activity));
}

}  // namespace vedette::test
