#pragma once
// Inside the renderer: a table in classic blocks. Pure.

#include "bot/chat/card.hpp"
#include "integrations/slack/render_pieces.hpp"

namespace vedette::slack {

// One piece of aligned, fixed-width lines where that is narrow enough for a screen; else a bullet a row that names each
// cell.
std::vector<Piece> classic_table(const chat::Table& table);

}  // namespace vedette::slack
