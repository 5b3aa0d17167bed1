#pragma once
// Cases as JSON, for the HTTP API and the console. The shape is public: docs/api.md.

#include <string>
#include <string_view>

#include "bot/base/result.hpp"
#include "bot/domain/case.hpp"

namespace vedette {

std::string to_json(const Case& record);    // without alerts, evidence, actions and notes
std::string to_json(const CaseView& view);  // with all of them
std::string to_json(const Evidence& evidence);
std::string to_json(const Action& action, CaseId case_id);
std::string to_json(const Verdict& verdict);
// For the store; reading back what was written gives the same verdict.
Result<Verdict> verdict_from_json(std::string_view json);

}  // namespace vedette
