#pragma once
// A case as neutral cards. Pure functions of the case: the same case gives the same bytes at any hour, so nothing in a card
// goes stale by itself (times are absolute, never "4 min ago") and an unchanged card is never sent twice.
//
// The root is one message, edited in place: at most 12 lines. Everything else stands in its thread. Text from alerts, logs
// and people is made safe to display, and addresses in it are defanged, before it enters a card.

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bot/chat/card.hpp"
#include "bot/chat/route.hpp"
#include "bot/domain/case.hpp"
#include "bot/store/outbox_store.hpp"

namespace vedette::chat {

inline constexpr size_t kRootLines = 12;

Card root_card(const CaseView& view);
Card progress_card(const CaseView& view);
// Alerts, history and the records that the verdict cites, oldest first.
// "C-12 is back": one line, for a note of kind "awake".
Card awake_card(const CaseView& view, const CaseNote& note);
Card timeline_card(const CaseView& view);
// What speaks for and against, what was not checked, what was set aside. Only with a verdict.
Card why_card(const CaseView& view);
// E1…En: what the verdict cites with query and records, the rest a line each; as many cards as any platform's limits ask
// for, at least one.
std::vector<Card> evidence_cards(const CaseView& view);
// Whether they show all there is of one piece that the verdict cites.
bool shown_whole(const Evidence& evidence, const std::vector<Entity>& entities);
// The numbers of the evidence the verdict rests on.
std::set<int> cited_by(const std::optional<Verdict>& verdict);
// What they have no room for, whole, as a file; half a megabyte of it. Nothing where all is shown, or harmless.
std::optional<Card> evidence_file(const CaseView& view);
// What a part says that an earlier, longer round needed and the latest does not.
Card empty_evidence_card(CaseId id, size_t index);
// The approval while one is awaited, the receipt afterwards. Only for actions somebody asked for.
Card action_card(const CaseView& view, const Action& action);
// Whether an action has, or had, an approval to show.
bool has_card(const Action& action);

std::string root_slot(CaseId id);                     // "case/12/root"
std::string action_slot(CaseId id, ActionId action);  // "case/12/action/9"
std::string evidence_slot(CaseId id, size_t index);   // "case/12/evidence", "case/12/evidence/2", …
// "case/12/…" → C-12; none for other slots.
CaseId case_of_slot(std::string_view slot);

// Every message of the case for one channel: the root first, then its thread.
std::vector<OutboxMessage> case_messages(const CaseView& view, const Route& target);

}  // namespace vedette::chat
