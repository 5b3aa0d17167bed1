#include "bot/domain/verdict.hpp"

#include <algorithm>

#include "bot/base/text.hpp"

namespace vedette {

std::string_view to_string(Label label) {
  switch (label) {
    case Label::malicious: return "malicious";
    case Label::suspicious: return "suspicious";
    case Label::benign: return "benign";
    case Label::inconclusive: return "inconclusive";
  }
  return "inconclusive";
}

std::optional<Label> label_from(std::string_view name) {
  for (const auto label : {Label::malicious, Label::suspicious, Label::benign, Label::inconclusive}) {
    if (to_string(label) == name) return label;
  }
  return std::nullopt;
}

bool is_summary(std::string_view record) { return record.starts_with("{\"summary\":{"); }

namespace {

// Whether `value` occurs in what the evidence keeps. Records are JSON, where a backslash or quote is escaped.
bool occurs(const Evidence& evidence, const std::string& value) {
  const std::string escaped = text::replace_all(text::replace_all(value, "\\", "\\\\"), "\"", "\\\"");
  if (text::icontains(evidence.answer, value)) return true;
  return std::any_of(evidence.records.begin(), evidence.records.end(), [&](const std::string& record) {
    return text::icontains(record, value) || text::icontains(record, escaped);
  });
}

bool grounded(const Claim& claim, const std::vector<Evidence>& evidence) {
  if (claim.evidence.empty()) return false;
  std::vector<const Evidence*> cited;
  for (const int number : claim.evidence) {
    const auto found = std::find_if(evidence.begin(), evidence.end(), [&](const Evidence& e) { return e.number == number; });
    if (found == evidence.end()) return false;
    cited.push_back(&*found);
  }
  return std::all_of(claim.quoted.begin(), claim.quoted.end(), [&](const std::string& value) {
    return std::any_of(cited.begin(), cited.end(), [&](const Evidence* e) { return occurs(*e, value); });
  });
}

}  // namespace

std::vector<Claim> grounded_claims(const std::vector<Claim>& claims, const std::vector<Evidence>& evidence, int* dropped) {
  std::vector<Claim> kept;
  std::copy_if(claims.begin(), claims.end(), std::back_inserter(kept),
               [&](const Claim& claim) { return grounded(claim, evidence); });
  if (dropped != nullptr) *dropped = static_cast<int>(claims.size() - kept.size());
  return kept;
}

}  // namespace vedette
