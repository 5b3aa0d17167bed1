// The pages of a card that is longer than a message.

#include <algorithm>

#include <fmt/format.h>

#include "bot/chat/adaptive_card.hpp"
#include "integrations/teams/render_fit.hpp"
#include "integrations/teams/render_pieces.hpp"

namespace vedette::teams {
namespace {

using nlohmann::json;

json turn(const char* title, size_t page, const std::string& context) {
  return {{"type", "Action.Submit"}, {"title", title}, {"data", {{"details", page}, {"key", context}}}};
}

}  // namespace

// Who opens it wants to read: nothing in it is folded.
std::string render_details_dialog(const chat::Card& card, size_t page, const std::string& context) {
  const auto pages = pages_of(bounded(card));
  page = std::min(page, pages.size() - 1);
  chat::Card shown = pages[page];
  for (auto& block : shown.blocks) {
    if (auto* records = std::get_if<chat::Records>(&block)) records->folded = false;
  }
  chat::AdaptiveLook look;
  look.on_phones = true;
  json content = json::parse(chat::render_adaptive_card(shown, look));
  if (content["body"].empty()) content["body"].push_back(text_line(shown.summary));
  json actions = json::array();
  if (page > 0) actions.push_back(turn("Back", page - 1, context));
  if (page + 1 < pages.size()) actions.push_back(turn("Next", page + 1, context));
  if (!actions.empty()) content["actions"] = std::move(actions);
  const std::string title =
      pages.size() == 1 ? std::string("Details") : fmt::format("Details, page {} of {}", page + 1, pages.size());
  return text_of({{"title", title}, {"height", "large"}, {"width", "large"}, {"card", attachment(std::move(content))}});
}

}  // namespace vedette::teams
