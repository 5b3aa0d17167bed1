// A form as a dialog (learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots);
// picks_wire.hpp reads what comes back.

#include <algorithm>

#include "bot/base/clock.hpp"
#include "bot/base/text.hpp"
#include "bot/chat/adaptive_card.hpp"
#include "integrations/teams/render_pieces.hpp"

namespace vedette::teams {
namespace {

using nlohmann::json;

constexpr size_t kTitle = 60;
constexpr size_t kLabel = 300;
constexpr size_t kSentence = 1000;
constexpr size_t kChoice = 200;
constexpr size_t kChoices = 100;
constexpr size_t kFields = 8;  // as many as come back
constexpr size_t kMostInput = 3000;
constexpr size_t kShownAtOnce = 4;  // choices that are seen without opening a list

// For where no TextRun can stand.
std::string words(std::string_view content, size_t characters) { return chat::adaptive_text(plain(content, characters)); }

void require(json& input, const chat::FormField& field, const char* sentence) {
  if (!field.required) return;
  input["isRequired"] = true;
  input["errorMessage"] = sentence;
}

json text_input(const chat::FormField& field) {
  const size_t longest = std::clamp<size_t>(field.longest, 1, kMostInput);
  json input = {{"type", "Input.Text"}, {"isMultiline", field.several_lines}, {"maxLength", longest}};
  const std::string initial = text::ellipsize(text::displayable(field.initial, field.several_lines), longest);
  if (!initial.empty()) input["value"] = initial;
  require(input, field, "This is needed.");
  return input;
}

json choice_input(const chat::FormField& field) {
  json choices = json::array();
  json input = {{"type", "Input.ChoiceSet"}, {"wrap", true}};
  for (const auto& choice : field.choices) {
    if (choices.size() == kChoices) break;
    if (choice.value == field.initial) input["value"] = choice.value;
    const std::string label = words(choice.label, kChoice);
    choices.push_back({{"title", label.empty() ? words(choice.value, kChoice) : label}, {"value", choice.value}});
  }
  input["style"] = choices.size() <= kShownAtOnce ? "expanded" : "compact";
  input["choices"] = std::move(choices);
  require(input, field, "Please choose one.");
  return input;
}

// Anybody of the organisation (learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/people-picker); the
// answer is the person's object id.
json person_input(const chat::FormField& field) {
  json input = {{"type", "Input.ChoiceSet"},
                {"choices", json::array()},
                {"choices.data", {{"type", "Data.Query"}, {"dataset", "graph.microsoft.com/users"}}},
                {"isMultiSelect", false},
                {"placeholder", "Type a name"}};
  std::string initial = field.initial;
  if (initial.starts_with("<@") && initial.ends_with(">")) initial = initial.substr(2, initial.size() - 3);
  if (!initial.empty() && initial.size() <= kChoice) input["value"] = initial;
  require(input, field, "Please choose somebody.");
  return input;
}

// Day and time side by side; Teams asks for both without a zone, so it is ours.
json time_inputs(const chat::FormField& field) {
  json day = {{"type", "Input.Date"}, {"id", field.name}, {"label", words(field.label, kLabel)}};
  json time = {{"type", "Input.Time"}, {"id", field.name + "-time"}, {"label", "Time (UTC)"}, {"value", "09:00"}};
  if (const auto moment = parse_time(field.initial); moment && *moment > Time()) {
    const std::string written = to_rfc3339(*moment);
    day["value"] = written.substr(0, 10);
    time["value"] = written.substr(11, 5);
  }
  require(day, field, "Please pick a day.");
  const auto column = [](json input) {
    return json{{"type", "Column"}, {"width", "stretch"}, {"items", json::array({std::move(input)})}};
  };
  return {{"type", "ColumnSet"}, {"columns", json::array({column(std::move(day)), column(std::move(time))})}};
}

void add(json& body, const chat::FormField& field, const std::string& error) {
  if (!error.empty()) body.push_back(text_line("⚠ " + plain(error, kSentence), "Attention"));
  if (field.kind == chat::FormField::Kind::time) {
    body.push_back(time_inputs(field));
  } else {
    const bool person = field.kind == chat::FormField::Kind::person;
    json input = person ? person_input(field) : field.choices.empty() ? text_input(field) : choice_input(field);
    input["id"] = field.name;
    input["label"] = words(field.label, kLabel);
    body.push_back(std::move(input));
  }
  if (field.hint.empty()) return;
  body.push_back(text_line(plain(field.hint, kSentence), nullptr, true));
  body.back()["spacing"] = "Small";
}

}  // namespace

std::string render_form_dialog(const chat::Form& form, const std::string& context,
                               const std::map<std::string, std::string>& errors) {
  json body = json::array();
  if (!form.intro.empty()) body.push_back(text_line(plain(form.intro, kSentence)));
  for (const auto& [name, sentence] : errors) {
    const bool at_a_field =
        std::any_of(form.fields.begin(), form.fields.end(), [&](const auto& field) { return field.name == name; });
    if (!at_a_field) body.push_back(text_line("⚠ " + plain(sentence, kSentence), "Attention"));
  }
  for (size_t at = 0; at < std::min(form.fields.size(), kFields); ++at) {
    const auto error = errors.find(form.fields[at].name);
    add(body, form.fields[at], error == errors.end() ? std::string() : error->second);
  }
  if (body.empty()) body.push_back(text_line(plain(form.title, kTitle)));
  json data = json::parse(context, nullptr, false);
  if (!data.is_object()) data = json::object();
  json submit = {{"type", "Action.Submit"},
                 {"title", form.submit.empty() ? std::string("Send") : words(form.submit, kTitle)},
                 {"data", std::move(data)}};
  json card = {{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
               {"type", "AdaptiveCard"},
               {"version", "1.5"},
               {"lang", "en"},
               {"body", std::move(body)},
               {"actions", json::array({std::move(submit)})}};
  const char* height = form.fields.size() <= 1 ? "small" : "medium";
  return text_of({{"title", plain(form.title, kTitle)},
                  {"height", height},
                  {"width", "medium"},
                  {"card", attachment(std::move(card))}});
}

}  // namespace vedette::teams
