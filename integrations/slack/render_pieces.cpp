#include "integrations/slack/render_pieces.hpp"

#include "bot/base/text.hpp"

namespace vedette::slack {

using json = nlohmann::json;

namespace {

json rich_elements(const std::vector<Run>& runs) {
  json elements = json::array();
  for (const auto& run : runs) {
    json element = {{"type", "text"}, {"text", run.text}};
    if (run.bold) element["style"]["bold"] = true;
    if (run.code) element["style"]["code"] = true;
    elements.push_back(std::move(element));
  }
  return elements;
}

}  // namespace

size_t Piece::characters() const {
  size_t sum = 0;
  for (const auto& run : runs) sum += text::characters(run.text);
  return sum;
}

std::vector<std::string> split_text(std::string_view text, size_t limit) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    size_t at = 0;
    for (size_t count = 0; at < text.size(); ++at) {
      if ((text[at] & 0xC0) != 0x80 && count++ == limit) break;
    }
    const size_t space = at < text.size() ? text.rfind(' ', at - 1) : std::string_view::npos;
    if (space != std::string_view::npos && space > at - at / 4) at = space + 1;
    parts.emplace_back(text.substr(0, at));
    text.remove_prefix(at);
  }
  return parts;
}

json plain_text(std::string_view text) { return {{"type", "plain_text"}, {"text", text}, {"emoji", false}}; }

json rich_block(const std::vector<Piece>& pieces) {
  json elements = json::array();
  for (size_t at = 0; at < pieces.size();) {
    const auto kind = pieces[at].kind;
    size_t end = at + 1;
    while (end < pieces.size() && pieces[end].kind == kind) ++end;
    if (kind == Piece::Kind::bullet) {
      json items = json::array();
      for (; at < end; ++at) items.push_back({{"type", "rich_text_section"}, {"elements", rich_elements(pieces[at].runs)}});
      elements.push_back({{"type", "rich_text_list"}, {"style", "bullet"}, {"elements", std::move(items)}});
    } else if (kind == Piece::Kind::fixed) {
      std::string text;
      for (; at < end; ++at) {
        if (!text.empty()) text += '\n';
        for (const auto& run : pieces[at].runs) text += run.text;
      }
      json content = json::array({{{"type", "text"}, {"text", std::move(text)}}});
      elements.push_back({{"type", "rich_text_preformatted"}, {"elements", std::move(content)}});
    } else {
      json content = json::array();
      for (; at < end; ++at) {
        auto runs = pieces[at].runs;
        if (at + 1 < end) runs.push_back({"\n"});
        for (auto& element : rich_elements(runs)) content.push_back(std::move(element));
      }
      elements.push_back({{"type", "rich_text_section"}, {"elements", std::move(content)}});
    }
  }
  return {{"type", "rich_text"}, {"elements", std::move(elements)}};
}

json plain_block(const std::vector<Piece>& pieces) {
  std::string text;
  for (const auto& item : pieces) {
    if (!text.empty()) text += '\n';
    if (item.kind == Piece::Kind::bullet) text += "• ";
    for (const auto& run : item.runs) text += run.text;
  }
  return {{"type", "section"}, {"text", plain_text(text)}};
}

}  // namespace vedette::slack
