#pragma once
// Reads what an answer means from its stored evidence. Pure: the same question and evidence give the same finding, whether
// the evidence was just gathered, read back after a restart, or replayed later.

#include "bot/domain/verdict.hpp"
#include "bot/investigate/dossier.hpp"

namespace vedette::investigate {

// The dossier supplies the names of the case; its findings are not looked at.
Finding interpret(const Ask& ask, const Evidence& evidence, const Dossier& dossier);

}  // namespace vedette::investigate
