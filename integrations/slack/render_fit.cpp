#include "integrations/slack/render_fit.hpp"

#include <algorithm>

#include "integrations/slack/render_pieces.hpp"

namespace vedette::slack {

using json = nlohmann::json;

Message fitted(std::vector<Unit> units, const RenderLimits& limits) {
  Message message;
  size_t kept_blocks = 0;
  size_t kept_cost = 0;
  size_t all_cost = 0;
  for (const auto& item : units) {
    all_cost += item.cost;
    for (const auto& child : item.children) all_cost += child.cost;
    if (item.keep) ++kept_blocks, kept_cost += item.cost;
  }
  json blocks = json::array();
  if (units.size() <= limits.blocks && all_cost <= limits.characters) {
    for (auto& item : units) {
      for (auto& child : item.children) item.block["child_blocks"].push_back(std::move(child.block));
      blocks.push_back(std::move(item.block));
    }
  } else {
    const size_t notice = 1;
    const size_t room = limits.blocks - std::min(limits.blocks, kept_blocks + notice);
    const size_t characters = limits.characters - std::min(limits.characters, kept_cost + 200);
    size_t used_blocks = 0;
    size_t used_cost = 0;
    size_t used_buttons = 0;
    bool full = false;
    json rows = json::array();
    for (auto& item : units) {
      if (item.keep) {
        if (rows.size() + notice < limits.blocks && used_buttons + item.cost <= limits.characters) {
          used_buttons += item.cost;
          rows.push_back(std::move(item.block));
        } else {
          message.missing_lines += item.lines;
        }
        continue;
      }
      const size_t least = item.cost + (item.children.empty() ? 0 : item.children.front().cost);
      full = full || used_blocks + 1 > room || used_cost + least > characters;
      if (full) {
        message.missing_lines += item.lines;
        for (const auto& child : item.children) message.missing_lines += child.lines;
        continue;
      }
      for (auto& child : item.children) {
        full = full || used_cost + item.cost + child.cost > characters;
        if (full) {
          message.missing_lines += child.lines;
          continue;
        }
        used_cost += child.cost;
        item.block["child_blocks"].push_back(std::move(child.block));
      }
      ++used_blocks;
      used_cost += item.cost;
      blocks.push_back(std::move(item.block));
    }
    if (message.missing_lines > 0) {
      const std::string text = message.missing_lines == 1
                                   ? "… and 1 more line, which did not fit into this message. The console shows all of it."
                                   : "… and " + std::to_string(message.missing_lines) +
                                         " more lines, which did not fit into this message. The console shows all of them.";
      json elements = json::array({plain_text(text)});
      blocks.push_back({{"type", "context"}, {"elements", std::move(elements)}});
    }
    for (auto& row : rows) blocks.push_back(std::move(row));
  }
  message.blocks = blocks.dump(-1, ' ', false, json::error_handler_t::replace);
  return message;
}

}  // namespace vedette::slack
