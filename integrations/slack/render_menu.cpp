#include "integrations/slack/render_menu.hpp"

#include "bot/base/text.hpp"
#include "integrations/slack/picks_wire.hpp"
#include "integrations/slack/render_pieces.hpp"

namespace vedette::slack {
namespace {

using json = nlohmann::json;

constexpr size_t kMenuOptions = 5;
constexpr size_t kSelectOptions = 100;
constexpr size_t kOptionText = 75;
constexpr size_t kOptionValue = 150;
constexpr size_t kPlaceholder = 150;

// Nothing when the value does not fit: a cut one would be another command.
std::optional<json> option(const std::string& label, const std::string& value) {
  if (value.empty() || text::characters(value) > kOptionValue) return std::nullopt;
  std::string shown = text::displayable(label);
  if (text::trim(shown).empty()) shown = text::displayable(value);
  return json{{"text", plain_text(text::ellipsize(shown, kOptionText))}, {"value", value}};
}

std::string label_of(const chat::Select& select) {
  std::string label = text::ellipsize(text::displayable(select.label), kPlaceholder);
  return text::trim(label).empty() ? "Choose" : label;
}

}  // namespace

std::vector<json> menu_elements(const chat::Menu& menu, size_t& count, std::vector<std::string>& notes) {
  std::vector<json> elements;
  for (const auto& item : menu.items) {
    auto choice = option(item.label, item.command);
    if (!choice) {
      if (!item.command.empty()) notes.push_back("Too long for a menu, type it: " + text::displayable(item.command));
      continue;
    }
    if (elements.empty() || elements.back()["options"].size() == kMenuOptions) {
      elements.push_back(
          {{"type", "overflow"}, {"action_id", "menu:" + std::to_string(count++)}, {"options", json::array()}});
    }
    elements.back()["options"].push_back(std::move(*choice));
  }
  return elements;
}

std::vector<json> select_elements(const chat::Select& select, size_t& count) {
  std::vector<json> elements;
  const auto add = [&](const char* type) {
    const auto id = pick_id(count, select.command);
    if (!id) return false;
    ++count;
    elements.push_back({{"type", type}, {"action_id", *id}});
    return true;
  };
  if (select.kind == chat::Select::Kind::time) {
    add("datetimepicker");  // takes no placeholder
    return elements;
  }
  if (select.kind == chat::Select::Kind::person) {
    if (add("users_select")) elements.back()["placeholder"] = plain_text(label_of(select));
    return elements;
  }
  for (const auto& item : select.options) {
    auto choice = option(item.label, item.value);
    if (!choice) continue;
    if (elements.empty() || elements.back()["options"].size() == kSelectOptions) {
      if (!add("static_select")) return {};
      elements.back()["placeholder"] = plain_text(label_of(select));
      elements.back()["options"] = json::array();
    }
    elements.back()["options"].push_back(std::move(*choice));
  }
  return elements;
}

std::string select_in_words(const chat::Select& select) {
  return text::displayable(select.label) + " Type it: " + text::displayable(select.command) + " …";
}

}  // namespace vedette::slack
