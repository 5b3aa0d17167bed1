#pragma once
// Inside the renderer: the kinds of block Slack got in 2026, which a workspace may not take yet. Each answers nothing where
// the content does not suit it; the classic blocks say it then. Text stands in plain strings and plain_text only.
// Facts: docs.slack.dev/reference/block-kit/blocks/{plan-block,task-card-block,data-table-block,container-block}.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "bot/chat/card.hpp"

namespace vedette::slack {

// A block and what is in it, for the message's limit on all text.
struct Weighed {
  nlohmann::json block;
  size_t lines = 0;
  size_t characters = 0;
};

// A plan with a task card a step. 40 steps at most; a title longer than a card's line stands in full in its details.
std::optional<Weighed> plan_block(std::string_view title, const chat::Steps& steps);

// A table that can be sorted and paged: a header of 1 to 20 columns, 1 to 100 rows, 10,000 characters in all (Slack takes
// 20,000 a message). A column that holds nothing but numbers sorts as numbers.
std::optional<Weighed> data_table_block(std::string_view caption, const chat::Table& table);

// What is opened by a press, closed at first: sections of plain text, one a part, ten at most. Slack's documentation lists
// rich_text among the children too, but its validator was seen to refuse it there, so the text is not in a fixed-width face.
inline constexpr size_t kContainerChildren = 10;
nlohmann::json container_block(std::string_view title, nlohmann::json children);
// The children that `text` needs: each holds whole lines, `most` characters of them, and where a line is longer, a part of
// it.
std::vector<Weighed> container_parts(const std::string& text, size_t most);

}  // namespace vedette::slack
