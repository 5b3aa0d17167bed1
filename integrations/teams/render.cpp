#include "integrations/teams/render.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/chat/adaptive_card.hpp"
#include "integrations/teams/render_fit.hpp"
#include "integrations/teams/render_pieces.hpp"

namespace vedette::teams {
namespace {

using nlohmann::json;

constexpr size_t kEnvelope = 6'000;     // bytes of an activity around its card
constexpr size_t kRefreshing = 14'000;  // bytes of the members whose view is refreshed by itself
constexpr size_t kMostRefreshed = 60;   // learn.microsoft.com/microsoftteams/platform/…/universal-actions-for-adaptive-cards
constexpr size_t kAddress = 100;        // characters of one of them
constexpr size_t kCardBytes = kMostBytes - kEnvelope;
constexpr size_t kSurelyTooLong = 4 * kCardBytes;  // reckoned

struct Drawn {
  json card;
  bool whole = true;
};

chat::AdaptiveLook adaptive_look(const RenderLook& look) {
  chat::AdaptiveLook result;
  result.key = look.key;
  result.submit_fallback = true;
  result.opens_dialog = look.opens_dialog;
  result.asks_inside = true;
  result.actions_in_a_row = kActionsInRow;
  result.on_phones = true;
  return result;
}

json refresh_of(const RenderLook& look) {
  json members = json::array();
  for (const auto& address : look.refresh_for) {
    if (members.size() == kMostRefreshed) break;
    if (!address.empty() && address.size() <= kAddress) members.push_back(address);
  }
  if (members.empty()) return nullptr;
  return {{"action", {{"type", "Action.Execute"}, {"title", "Refresh"}, {"verb", "refresh"}, {"data", {{"key", look.key}}}}},
          {"userIds", std::move(members)}};
}

json drawn(const chat::Card& card, const RenderLook& look) {
  json result = json::parse(chat::render_adaptive_card(card, adaptive_look(look)));
  result["msteams"] = {{"width", "Full"}};
  if (json refresh = refresh_of(look); !refresh.is_null()) result["refresh"] = std::move(refresh);
  if (look.again) {
    result["body"].push_back(
        text_line("Sent a second time because the first answer was lost; the same message may stand above.", nullptr, true));
  }
  if (result["body"].empty()) result["body"].push_back(text_line(card.summary));
  return result;
}

chat::Block remark(std::string words) { return chat::Paragraph{{{std::move(words), {}, false}}, true}; }

size_t items_in(const chat::Block& block) {
  if (const auto* buttons = std::get_if<chat::Buttons>(&block)) return buttons->items.size();
  if (const auto* menu = std::get_if<chat::Menu>(&block)) return menu->items.size();
  return 1;
}

json details_button(const RenderLook& look, size_t more) {
  json data = {{"details", 1}, {"key", look.key}, {"msteams", {{"type", "task/fetch"}}}};
  json button = {{"type", "Action.Submit"},
                 {"title", "Details"},
                 {"tooltip", more == 1 ? "Show the rest" : "Show the rest, page by page"},
                 {"data", std::move(data)}};
  return {{"type", "ActionSet"}, {"actions", json::array({std::move(button)})}};
}

// The beginning, the button to the rest, and as much of what one presses as there is room for: all of it, but for cards
// that nothing makes.
Drawn cut(const chat::Card& card, const RenderLook& look) {
  const auto pages = pages_of(card);
  const auto controls = controls_of(card);
  const bool rest = pages.size() > 1;
  const bool reachable = rest && !look.key.empty() && look.key.size() <= kKey;
  const auto with = [&](size_t taken) {
    chat::Card shown = pages.front();
    if (rest) {
      shown.blocks.push_back(remark(reachable ? "This is the beginning. The rest is behind “Details”."
                                              : "This is the beginning. The console shows all of it."));
    }
    size_t missing = 0;
    for (size_t at = 0; at < controls.size(); ++at) {
      if (at < taken) {
        shown.blocks.push_back(controls[at]);
      } else {
        missing += items_in(controls[at]);
      }
    }
    if (missing > 0) {
      shown.blocks.push_back(remark(fmt::format("{} more {} here; type the command, or use the console.", missing,
                                                missing == 1 ? "button has no room" : "buttons have no room")));
    }
    json result = drawn(shown, look);
    if (reachable) result["body"].push_back(details_button(look, pages.size() - 1));
    return result;
  };
  size_t good = 0;
  size_t bad = controls.size() + 1;
  while (bad - good > 1) {
    const size_t middle = good + (bad - good) / 2;
    (utf16_bytes_of(with(middle)) <= kCardBytes ? good : bad) = middle;
  }
  return {with(good), false};
}

Drawn fitted(const chat::Card& card, const RenderLook& look) {
  const chat::Card all = bounded(card);
  // What is surely too long is not drawn first.
  if (weight_of(all) <= kSurelyTooLong) {
    Drawn result{drawn(all, look), true};
    if (utf16_bytes_of(result.card) <= kCardBytes) return result;
  }
  return cut(all, look);
}

bool has_thumbs(const chat::Card& card) {
  return std::any_of(card.blocks.begin(), card.blocks.end(),
                     [](const chat::Block& block) { return std::holds_alternative<chat::Thumbs>(block); });
}

}  // namespace

size_t utf16_bytes(std::string_view utf8) {
  size_t units = 0;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
  }
  return units * 2;
}

RenderedActivity render_activity(const chat::Card& card, const RenderLook& look) {
  Drawn shown = fitted(card, look);
  json activity = {{"type", "message"},
                   {"summary", plain(chat::summary(card), kSummary)},
                   {"attachments", json::array({attachment(std::move(shown.card))})}};
  json entity = message_entity(is_judgement(card), look.sensitivity);
  if (!entity.is_null()) activity["entities"] = json::array({std::move(entity)});
  if (has_thumbs(card)) activity["channelData"] = {{"feedbackLoop", {{"type", "default"}}}};
  return {text_of(activity), shown.whole};
}

std::string render_card(const chat::Card& card, const RenderLook& look) { return text_of(fitted(card, look).card); }

bool fits(const chat::Card& card) { return weight_of(bounded(card)) + kRefreshing <= kCardBytes; }

}  // namespace vedette::teams
