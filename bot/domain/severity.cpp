#include "bot/domain/severity.hpp"

#include <array>
#include <utility>

#include "bot/base/text.hpp"

namespace vedette {

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::informational: return "informational";
    case Severity::low: return "low";
    case Severity::medium: return "medium";
    case Severity::high: return "high";
    case Severity::critical: return "critical";
  }
  return "medium";
}

std::optional<Severity> severity_from(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Severity>, 30> kNames = {{
      {"informational", Severity::informational},
      {"information", Severity::informational},
      {"info", Severity::informational},
      {"none", Severity::informational},
      {"notice", Severity::informational},
      {"debug", Severity::informational},
      {"p5", Severity::informational},
      {"low", Severity::low},
      {"minor", Severity::low},
      {"p4", Severity::low},
      {"medium", Severity::medium},
      {"moderate", Severity::medium},
      {"warning", Severity::medium},
      {"warn", Severity::medium},
      {"p3", Severity::medium},
      {"high", Severity::high},
      {"major", Severity::high},
      {"error", Severity::high},
      {"err", Severity::high},
      {"important", Severity::high},
      {"p2", Severity::high},
      {"severe", Severity::high},
      {"critical", Severity::critical},
      {"crit", Severity::critical},
      {"fatal", Severity::critical},
      {"alert", Severity::critical},
      {"emergency", Severity::critical},
      {"emerg", Severity::critical},
      {"p1", Severity::critical},
      {"urgent", Severity::critical},
  }};
  for (const auto& [word, severity] : kNames) {
    if (text::iequals(word, text::trim(name))) return severity;
  }
  return std::nullopt;
}

}  // namespace vedette
