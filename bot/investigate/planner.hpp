#pragma once
// Chooses what to ask next: of everything that applies and was not asked, what can move the verdict most for its cost. Pure
// and deterministic; asked anew after every answer, because answers bring tags and entities.

#include <optional>

#include "bot/investigate/dossier.hpp"

namespace vedette::investigate {

struct Budget {
  size_t questions = 60;  // asked in all, of a case and round
};

std::optional<Ask> next_ask(const Catalogue& catalogue, const Dossier& dossier, const Budget& budget);
bool applies_to(const Question& question, const std::optional<Entity>& subject, const Dossier& dossier);

}  // namespace vedette::investigate
