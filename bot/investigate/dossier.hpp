#pragma once
// What an investigation knows so far: the alerts, the entities, the answers and what they mean. Plain values; everything in
// it follows from the alerts and the stored evidence, so a restarted or replayed investigation arrives at the same dossier.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bot/domain/case.hpp"
#include "bot/investigate/question.hpp"

namespace vedette::investigate {

// Something the organisation has declared to be expected. From the config; never from an alert.
struct KnownGood {
  std::string kind;  // "scanner", "admin_host", "maintenance_account", "automation", "protected", "change_window"
  std::string name;  // "Tenable in the server network"
  std::vector<std::string> entities;  // "ip:10.0.0.5", "host:jump-01", "user:svc-backup", a network "10.0.9.0/24"
  std::optional<Time> from;           // valid (for a change window: the window itself)
  std::optional<Time> to;
};
// Whether the entry speaks about this entity at this time.
bool covers(const KnownGood& entry, const Entity& entity, Time at);

struct Subject {
  Entity entity;
  bool followed = false;  // turned up in an answer, not in an alert
};

// What one answer means. Made from the question and its stored evidence alone.
struct Finding {
  std::string question;  // id in the catalogue
  Entity subject;
  int evidence = 0;                       // E number
  std::string text;                       // the answer in one sentence
  std::vector<std::string> quoted;        // values of the evidence that the sentence names
  std::vector<std::string> quoted_alert;  // values of the alert (E1) that it names
  double weight = 0;
  std::string family;
  bool hard = false;
  std::vector<std::string> clears;
  std::vector<std::string> tags;
  std::vector<std::string> techniques;
  std::vector<Entity> pivots;
  std::vector<std::string> names;  // opening questions: how the log spells the subject, e.g. with its domain
  std::string not_checked;
  int64_t total = 0;
};

// A question about one subject. `subject` is empty for questions about the whole case.
struct Ask {
  const Question* question = nullptr;
  std::optional<Entity> subject;
  std::string key() const;  // "endpoint.around host:ws-14": Evidence::question
};

struct Dossier {
  CaseId id;
  int round = 1;
  std::vector<Alert> alerts;  // by time, then source and key: independent of the order of arrival
  int more_alerts = 0;        // of the case, beyond those read
  std::vector<Subject> subjects;
  std::vector<Evidence> evidence;
  std::vector<Finding> findings;
  std::set<std::string> asked;  // Ask::key
  std::set<std::string> tags;
  std::map<Entity, std::vector<std::string>> names;  // other spellings of a subject in the log
  std::map<Entity, bool> seen;                       // by opening questions: whether there is any record of it
  std::vector<std::string> not_checked;
  bool cut_short = false;  // deadline or budget ended the questions

  Time first_alert() const;
  Time last_alert() const;
  // A field of the alerts, the most severe one's first; "" when none has it. Also alert.title, alert.rule, alert.source, …
  std::string_view alert_field(std::string_view name) const;
  const Entity* first_of(EntityType type) const;
  void note_not_checked(std::string line);  // once each
};

inline constexpr std::string_view kAlertQuestion = "alert";  // Evidence::question of E1
inline constexpr size_t kSubjectsPerType = 4;
inline constexpr size_t kAlertsRead = 20;

// Sorts the alerts and collects the subjects. `record` gives the id and the number of alerts.
Dossier open_dossier(const CaseView& view, int round);
// The evidence that the alerts themselves are: E1.
Evidence alert_evidence(const Dossier& dossier, Time now);
// Takes an answer in: tags, pivots, whether the subject is known to the log, lines for "not checked".
void add_finding(Dossier& dossier, const Ask& ask, Finding finding);

}  // namespace vedette::investigate
