#include "bot/domain/case.hpp"

#include <array>

namespace vedette {

std::string_view to_string(CaseStatus status) {
  switch (status) {
    case CaseStatus::open: return "open";
    case CaseStatus::acknowledged: return "acknowledged";
    case CaseStatus::closed: return "closed";
  }
  return "open";
}

std::string_view to_string(Disposition disposition) {
  switch (disposition) {
    case Disposition::tp: return "tp";
    case Disposition::btp: return "btp";
    case Disposition::fp: return "fp";
    case Disposition::dup: return "dup";
    case Disposition::inconclusive: return "inconclusive";
  }
  return "inconclusive";
}

std::optional<Disposition> disposition_from(std::string_view name) {
  for (const auto value :
       {Disposition::tp, Disposition::btp, Disposition::fp, Disposition::dup, Disposition::inconclusive}) {
    if (to_string(value) == name) return value;
  }
  return std::nullopt;
}

std::string_view describe(Disposition disposition) {
  switch (disposition) {
    case Disposition::tp: return "true positive";
    case Disposition::btp: return "benign true positive";
    case Disposition::fp: return "false positive";
    case Disposition::dup: return "duplicate";
    case Disposition::inconclusive: return "inconclusive";
  }
  return "inconclusive";
}

std::string_view to_string(InvestigationState state) {
  switch (state) {
    case InvestigationState::queued: return "queued";
    case InvestigationState::running: return "running";
    case InvestigationState::done: return "done";
    case InvestigationState::failed: return "failed";
  }
  return "queued";
}

}  // namespace vedette
