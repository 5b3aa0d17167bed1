#include "integrations/slack/render_table.hpp"

#include <algorithm>

#include "bot/base/text.hpp"

namespace vedette::slack {
namespace {

constexpr size_t kTableWidth = 90;  // wider tables are written row by row

using Rows = std::vector<std::vector<std::string>>;

// Wider lines would wrap into a jumble.
std::vector<Piece> named_cells(const Rows& rows, size_t headed) {
  std::vector<Piece> pieces;
  for (size_t at = headed == 0 ? 0 : 1; at < rows.size(); ++at) {
    Piece piece{Piece::Kind::bullet, {}};
    for (size_t column = 0; column < rows[at].size(); ++column) {
      if (rows[at][column].empty()) continue;
      if (!piece.runs.empty()) piece.runs.push_back({" · "});
      if (column < headed) piece.runs.push_back({rows[0][column] + ": ", true});
      piece.runs.push_back({rows[at][column]});
    }
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

}  // namespace

std::vector<Piece> classic_table(const chat::Table& table) {
  Rows rows;
  if (!table.header.empty()) rows.push_back(table.header);
  rows.insert(rows.end(), table.rows.begin(), table.rows.end());
  std::vector<size_t> widths;
  for (auto& row : rows) {
    if (row.size() > widths.size()) widths.resize(row.size());
    for (size_t column = 0; column < row.size(); ++column) {
      row[column] = text::displayable(row[column]);
      widths[column] = std::max(widths[column], text::characters(row[column]));
    }
  }
  size_t total = 0;
  for (const size_t width : widths) total += width + 2;
  if (total > kTableWidth) return named_cells(rows, table.header.size());
  std::string text;
  for (const auto& row : rows) {
    std::string printed;
    for (size_t column = 0; column < row.size(); ++column) {
      printed += row[column];
      if (column + 1 < row.size()) printed.append(widths[column] - text::characters(row[column]) + 2, ' ');
    }
    text += (text.empty() ? "" : "\n") + printed;
  }
  if (text.empty()) return {};
  return {{Piece::Kind::fixed, {{text}}}};
}

}  // namespace vedette::slack
