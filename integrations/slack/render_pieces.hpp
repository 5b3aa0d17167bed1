#pragma once
// Inside the renderer: lines of text and the blocks they become. Pure.

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace vedette::slack {

struct Run {
  std::string text;
  bool bold = false;
  bool code = false;
};

// A line of the message, in one of three looks.
struct Piece {
  enum class Kind { line, bullet, fixed };
  Kind kind = Kind::line;
  std::vector<Run> runs;
  size_t characters() const;
};

// Parts of at most `limit` characters, cut at a space where there is one in the last quarter. Together they are the text.
std::vector<std::string> split_text(std::string_view text, size_t limit);
nlohmann::json plain_text(std::string_view text);
// A rich_text block: lines of one look that follow each other share an element: a list, or a fixed-width box.
nlohmann::json rich_block(const std::vector<Piece>& pieces);
// The same as a section of plain_text, which Slack has always known.
nlohmann::json plain_block(const std::vector<Piece>& pieces);

}  // namespace vedette::slack
