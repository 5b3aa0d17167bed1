#pragma once
// Whether Slack would open this view: the lengths and counts of modals and their input blocks
// (docs.slack.dev/reference/views/modal-views, docs.slack.dev/reference/block-kit/blocks/input-block).

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace vedette::test {

// Nothing when fine, else what is wrong and where.
std::optional<std::string> view_problem(const nlohmann::json& view);

}  // namespace vedette::test
