#pragma once
// Checks a JSON document against the part of JSON Schema (draft 6) that the Adaptive Card schema uses: $ref within the
// document, type, enum, pattern, required, properties, additionalProperties, items, anyOf, allOf.

#include <string>

#include <nlohmann/json.hpp>

namespace vedette::test {

// Empty when valid, else what is wrong and where.
std::string schema_violation(const nlohmann::json& schema, const nlohmann::json& document);

}  // namespace vedette::test
