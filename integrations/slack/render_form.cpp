#include "integrations/slack/render_form.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

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

json element_of(const chat::FormField& field) {
  if (field.choices.empty()) {
    return {{"type", "plain_text_input"},
            {"action_id", kAction},
            {"multiline", field.several_lines},
            {"max_length", std::clamp<size_t>(field.longest, 1, kMostInput)}};
  }
  json options = json::array();
  for (const auto& choice : field.choices) {
    if (options.size() == kOptions) break;
    options.push_back({{"text", words(choice.label, kOption)}, {"value", choice.value}});
  }
  return {{"type", "static_select"},
          {"action_id", kAction},
          {"placeholder", plain_text("Choose one")},
          {"options", std::move(options)}};
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
