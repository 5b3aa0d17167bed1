#pragma once
// Whether Slack would take these blocks: kinds, required fields, lengths and counts of Block Kit
// (docs.slack.dev/reference/block-kit). Also for checking what the renderer makes.

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace vedette::test {

// Nothing when fine, else what is wrong and where.
std::optional<std::string> blocks_problem(const nlohmann::json& blocks);
// The sum of all text, which Slack limits to somewhat over 13,000 characters without documenting it (bolt-js#2509).
size_t blocks_text(const nlohmann::json& blocks);
inline constexpr size_t kMostBlocksText = 13'000;

}  // namespace vedette::test
