#pragma once
// What handlers share: small cards, and loading the case somebody means. Text that came from outside goes through the words
// of bot/chat/case_words.hpp before it enters a card.

#include <string>
#include <vector>

#include "bot/chat/card.hpp"
#include "bot/domain/case.hpp"
#include "commands/command.hpp"

namespace vedette::commands {

// A sentence for the sender alone: why not, and what to do next.
chat::Reply refusal(std::string sentence);
// Something looked up, for the sender alone.
chat::Reply answer(chat::Card card);
// What was done. A button's receipt is the changed card itself, so it gets no words; typed in the case's own thread
// everybody there sees it, elsewhere the sender alone.
chat::Reply receipt(const Call& call, CaseId subject, std::string sentence);

// The case as it is now; not_found with what to do next. An alert stands for its case.
Async<CaseView> load_case(const Services& services, Reference reference);

AuditEntry audit_of(const Call& call, std::string action, std::string subject, std::string detail);
respond::Actor actor_of(const Call& call);
CaseNote note_of(const Call& call, std::string kind, std::string text);

// "@ann" or "nobody".
std::string at(std::string_view person);

}  // namespace vedette::commands
