#pragma once
// The kinds of block that came in 2026: plan with its task cards, data_table, container. For messages only.
// docs.slack.dev/reference/block-kit/blocks/{plan-block,task-card-block,data-table-block,container-block}.

#include <functional>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

namespace vedette::test {

bool is_newer_block(const std::string& type);
// `classic` judges what stands inside a container or a task. Nothing when fine, else what is wrong.
std::optional<std::string> newer_block_problem(
    const nlohmann::json& item, const std::function<std::optional<std::string>(const nlohmann::json&)>& classic);

}  // namespace vedette::test
