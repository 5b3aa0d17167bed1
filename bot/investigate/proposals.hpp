#pragma once
// Which response actions a verdict supports. Pure. Proposing is all this does: people decide.

#include <map>
#include <string>
#include <vector>

#include "bot/domain/verdict.hpp"
#include "bot/investigate/dossier.hpp"
#include "bot/store/investigation_store.hpp"

namespace vedette::investigate {

// Verb → configured name of the provider that can do it.
using AvailableVerbs = std::map<std::string, std::string>;

// At most four, each aimed at an entity of the case that some cited answer speaks against; never at one that a known-good or
// "protected" entry covers, never at an inside address, never for a verdict below "suspicious" with 70 % confidence. The
// verbs that stop people or machines from working (isolate_host, suspend_user) are for malicious alone.
std::vector<ProposedAction> propose(const Dossier& dossier, const Verdict& verdict, const AvailableVerbs& verbs,
                                    const std::vector<KnownGood>& known_good);

}  // namespace vedette::investigate
