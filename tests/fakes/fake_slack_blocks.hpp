#pragma once
// Whether Slack would take these blocks: kinds, required fields, lengths and counts of Block Kit
// (docs.slack.dev/reference/block-kit). Also for checking what the renderer makes.

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace vedette::test {

// Nothing when fine, else what is wrong and where.
std::optional<std::string> blocks_problem(const nlohmann::json& blocks);
// The same for the blocks of a Home tab or dialog: up to 100, and no context_actions, which only messages may have.
std::optional<std::string> view_blocks_problem(const nlohmann::json& blocks);
// What a click on the button with this value (or label) sends as its action, without action_ts; null when there is none.
nlohmann::json pressed(const nlohmann::json& blocks, const std::string& value);
// The sum of all text, which Slack limits to somewhat over 13,000 characters without documenting it (bolt-js#2509).
size_t blocks_text(const nlohmann::json& blocks);
inline constexpr size_t kMostBlocksText = 13'000;

}  // namespace vedette::test
