#include "integrations/slack/render_form.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "bot/base/clock.hpp"
#include "bot/base/text.hpp"
#include "integrations/slack/forms_wire.hpp"
#include "integrations/slack/render_pieces.hpp"

namespace vedette::slack {
namespace {

using json = nlohmann::json;

constexpr size_t kTitle = 24;
constexpr size_t kLabel = 2000;
constexpr size_t kOption = 75;
constexpr size_t kOptions = 100;
constexpr size_t kSection = 3000;
constexpr size_t kMostInput = 3000;
constexpr const char* kAction = "answer";

json words(std::string_view text, size_t most) { return plain_text(text::ellipsize(text::displayable(text), most)); }

json choice_of(const chat::FormField& field) {
  json options = json::array();
  json chosen;
  for (const auto& choice : field.choices) {
    if (options.size() == kOptions) break;
    options.push_back({{"text", words(choice.label, kOption)}, {"value", choice.value}});
    if (choice.value == field.initial) chosen = options.back();
  }
  json element = {{"type", "static_select"},
                  {"action_id", kAction},
                  {"placeholder", plain_text("Choose one")},
                  {"options", std::move(options)}};
  if (!chosen.is_null()) element["initial_option"] = std::move(chosen);
  return element;
}

json element_of(const chat::FormField& field) {
  if (field.kind == chat::FormField::Kind::time) {  // Slack asks in the person's own zone and answers a point in time
    json element = {{"type", "datetimepicker"}, {"action_id", kAction}};
    if (const auto time = parse_time(field.initial); time && *time > Time()) {
      element["initial_date_time"] = to_micros(*time) / 1'000'000;
    }
    return element;
  }
  if (field.kind == chat::FormField::Kind::person) {
    return {{"type", "users_select"}, {"action_id", kAction}, {"placeholder", plain_text("Choose a person")}};
  }
  if (!field.choices.empty()) return choice_of(field);
  const size_t longest = std::clamp<size_t>(field.longest, 1, kMostInput);
  json element = {
      {"type", "plain_text_input"}, {"action_id", kAction}, {"multiline", field.several_lines}, {"max_length", longest}};
  if (!field.initial.empty()) {
    element["initial_value"] = text::ellipsize(text::displayable(field.initial, field.several_lines), longest);
  }
  return element;
}

}  // namespace

std::string render_form(const chat::Form& form, std::string_view metadata) {
  json blocks = json::array();
  if (!form.intro.empty()) blocks.push_back({{"type", "section"}, {"text", words(form.intro, kSection)}});
  for (const auto& field : form.fields) {
    json block = {{"type", "input"},
                  {"block_id", field.name},
                  {"label", words(field.label, kLabel)},
                  {"optional", !field.required},
                  {"element", element_of(field)}};
    if (!field.hint.empty()) block["hint"] = words(field.hint, kLabel);
    blocks.push_back(std::move(block));
  }
  const json view = {{"type", "modal"},
                     {"callback_id", kFormCallback},
                     {"title", words(form.title, kTitle)},
                     {"submit", words(form.submit, kTitle)},
                     {"close", plain_text("Cancel")},
                     {"private_metadata", metadata},
                     {"blocks", std::move(blocks)}};
  return view.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace vedette::slack
