#pragma once
// One story, many alerts. Plain values.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/domain/action.hpp"
#include "bot/domain/alert.hpp"
#include "bot/domain/verdict.hpp"

namespace vedette {

enum class CaseStatus { open, acknowledged, closed };
std::string_view to_string(CaseStatus status);

// Why a case was closed: true positive, benign true positive, false positive, duplicate, inconclusive.
enum class Disposition { tp, btp, fp, dup, inconclusive };
std::string_view to_string(Disposition disposition);
std::optional<Disposition> disposition_from(std::string_view name);
std::string_view describe(Disposition disposition);  // "true positive", ...

enum class InvestigationState { queued, running, done, failed };
std::string_view to_string(InvestigationState state);

struct InvestigationStep {
  std::string text;  // "Who else signed in from 203.0.113.7?"
  bool done = false;
};

// Somebody's wish not to be bothered with a case for a while. It always ends: at its time, or earlier when things get worse.
struct Snooze {
  Time until;
  std::string by;  // Person::id
  std::string reason;
};

struct Case {
  CaseId id;
  std::string title;
  CaseStatus status = CaseStatus::open;
  Severity severity = Severity::medium;
  std::string owner;  // Person::id; empty: nobody
  Time created;
  Time updated;
  Time last_alert;  // time of the newest alert in it
  int alerts = 0;
  std::vector<Entity> entities;  // of all its alerts
  std::optional<Disposition> disposition;
  std::string closing_reason;
  InvestigationState investigation = InvestigationState::queued;
  std::vector<InvestigationStep> progress;
  std::string failure;  // why the investigation failed, one sentence
  std::optional<Verdict> verdict;
  int64_t version = 0;  // goes up with every change
  int good = 0;         // thumbs
  int bad = 0;
  std::optional<Snooze> snooze;  // until its end is recorded, which may be a moment after its time
};

// One line of a case's history.
struct CaseNote {
  Time at;
  std::string kind;    // "alert", "verdict", "status", "owner", "note", "feedback", "action", "snooze", "awake"
  std::string author;  // Person::id or "vedette"
  std::string text;
};

// Everything there is to show about a case, read at one moment.
struct CaseView {
  Case record;
  std::vector<Alert> alerts;       // oldest first; at most 50, record.alerts says how many there are
  std::vector<Evidence> evidence;  // by number
  std::vector<Action> actions;
  std::vector<CaseNote> notes;  // oldest first
};

// A closed or decided earlier case that shares an entity or rule, for "have we seen this before".
struct PastCase {
  CaseId id;
  std::string title;
  Time created;
  std::optional<Label> label;
  std::optional<Disposition> disposition;
  std::string closing_reason;
  int good = 0;
  int bad = 0;
};

}  // namespace vedette
