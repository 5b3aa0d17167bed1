#include "integrations/slack/render_stream.hpp"

#include <nlohmann/json.hpp>

namespace vedette::slack {
namespace {

using json = nlohmann::json;

constexpr size_t kPieceBytes = 3000;  // a piece ends with the block that passes it: some paragraphs at a time

std::string chunk(json blocks) {
  json chunks = json::array();
  chunks.push_back({{"type", "blocks"}, {"blocks", std::move(blocks)}});
  return chunks.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::vector<std::string> stream_pieces(std::string_view blocks, const std::string& mark) {
  json all = json::parse(blocks, nullptr, false);
  if (!all.is_array() || all.empty()) return {chunk(json::array())};
  all.front()["block_id"] = mark;
  std::vector<std::string> pieces;
  json piece = json::array();
  size_t bytes = 0;
  for (auto& block : all) {
    bytes += block.dump(-1, ' ', false, json::error_handler_t::replace).size();
    piece.push_back(std::move(block));
    if (bytes < kPieceBytes) continue;
    pieces.push_back(chunk(std::move(piece)));
    piece = json::array();
    bytes = 0;
  }
  if (!piece.empty()) pieces.push_back(chunk(std::move(piece)));
  return pieces;
}

}  // namespace vedette::slack
