#pragma once
#include <optional>
#include <string_view>

namespace vedette {

enum class Severity { informational, low, medium, high, critical };

std::string_view to_string(Severity severity);
// Names of the common tools too: "info", "warning" (medium), "error"/"major" (high), "p1" … "p5", any case.
std::optional<Severity> severity_from(std::string_view name);

}  // namespace vedette
