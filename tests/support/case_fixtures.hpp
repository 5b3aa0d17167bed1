#pragma once
// Cases in every state a card has, with the same times each run.

#include <string>
#include <utility>
#include <vector>

#include "bot/domain/case.hpp"

namespace vedette::test {

CaseView investigating_case();
CaseView malicious_case();  // with a proposed action
CaseView benign_case();
CaseView inconclusive_case();  // with things not checked
CaseView failed_case();
CaseView closed_case();
CaseView hostile_case();  // every text an attacker can reach tries to be markup, a mention or a link
CaseView large_case();    // more of everything than fits
// The malicious case with its action in this state.
CaseView case_with_action(ActionState state);

// All of them, by the names of their golden files.
std::vector<std::pair<std::string, CaseView>> all_cases();

}  // namespace vedette::test
