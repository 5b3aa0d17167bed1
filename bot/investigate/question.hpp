#pragma once
// The question catalogue: what the analyst can ask, when it is worth asking and how an answer weighs. All of it is data,
// read from config/questions/*.yaml (docs in config/questions/README.md); adding a question needs no C++. Plain values,
// immutable once loaded; safe to share.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/result.hpp"
#include "bot/domain/entity.hpp"
#include "bot/domain/event.hpp"

namespace vedette::investigate {

// A pattern over one or more fields, RE2 syntax. Compiled once when the catalogue is loaded.
class Pattern {
 public:
  Pattern() = default;
  // Errors: invalid_input with RE2's reason.
  static Result<Pattern> compile(std::vector<std::string> fields, std::string_view expression);
  const std::vector<std::string>& fields() const { return fields_; }
  bool matches(std::string_view value) const;
  // The part of the value that matched, at most 200 bytes; empty when none did.
  std::string found_in(std::string_view value) const;

 private:
  struct Compiled;
  std::vector<std::string> fields_;
  std::shared_ptr<const Compiled> compiled_;
};

// "total >= 3". The left side is a metric of the answer, see config/questions/README.md.
struct Comparison {
  enum class Op { equal, not_equal, less, less_equal, greater, greater_equal };
  std::string metric;
  Op op = Op::equal;
  double value = 0;
  bool holds(double actual) const;
};

// An entity to look at next, taken from a field of the records found.
struct PivotRule {
  EntityType type = EntityType::ip;
  std::string field;
};

struct Outcome {
  std::vector<Comparison> when;     // all must hold; none: otherwise
  std::string says;                 // template: the answer in one sentence, and the claim where it weighs
  double weight = 0;                // log-odds towards malicious
  std::string family;               // answers of one family are not independent: see analysis.hpp
  bool hard = false;                // bars the verdict "benign" unless a known-good answer clears the family
  std::vector<std::string> clears;  // families whose `hard` answers this one explains; "*": all
  std::vector<std::string> tags;    // what later questions can build on
  std::vector<std::string> techniques;
  std::vector<PivotRule> pivots;
  std::string not_checked;  // template: the line this leaves in "not checked"
};

// Offsets from the alerts: `from` counts from the first alert; `to` from the last one when it is not negative, else from the
// first.
struct WindowOffsets {
  std::chrono::seconds from{-3600};
  std::chrono::seconds to{3600};
};

struct QueryTemplate {
  WindowOffsets window;
  std::string dataset;
  std::vector<Condition> all;  // values are templates
  std::vector<Condition> any;
  std::vector<Condition> if_known;  // like `all`, but left out where the case does not know a value
  std::string text;                 // template
  std::string group_by;
  std::string distinct_field;  // counts the values of this field in the records returned: metric "distinct" without group_by
  std::string sum_field;       // adds up this field of the records returned: metric "sum_mb"
  size_t limit = 20;
  bool newest_first = true;
  std::vector<Pattern> keep;   // of the records returned, only those that one of these matches …
  std::vector<Pattern> drop;   // … and none of these …
  std::string unless_routine;  // … and none whose value of this field stands on five or more days of the month before
};

// When a question applies. Everything given must hold.
struct Applies {
  std::vector<std::string> alert_has;    // fields some alert has
  std::vector<std::string> alert_lacks;  // fields no alert has
  std::vector<std::string> techniques;   // one of them (or a sub-technique) is named by an alert
  std::vector<std::string> words;        // one of them occurs in an alert's title, category, rule or description
  std::vector<std::string> tags;         // all were set by earlier answers
  std::vector<std::string> without;      // none was set
  std::vector<EntityType> entities;      // the case has an entity of each of these types
  std::optional<bool> external;          // the subject is an address on the internet (true) or inside (false)
  std::string is_field;                  // the subject is what the alerts have in this field, e.g. source.ip
};

enum class Whom { events, alert, cases, known_good };

struct Question {
  std::string id;    // "endpoint.lsass_access"
  std::string file;  // where it is defined
  Whom whom = Whom::events;
  std::optional<EntityType> about;  // asked once for every entity of this type; none: once a case
  std::string title;                // template
  Applies applies;
  double cost = 1;
  bool opens =
      false;  // asked first: tells whether there is any record of the entity; the others are skipped where there is none
  bool follow = true;                     // also asked about entities that only turned up in answers
  QueryTemplate query;                    // events
  std::optional<QueryTemplate> baseline;  // events: a second count to compare with
  std::vector<Pattern> patterns;          // alert
  std::string list;                       // known_good: kind of entry
  bool by_rule = false;                   // cases: those of the same rule; else those that share the entity
  std::vector<Outcome> outcomes;          // first that fits
  // The most an answer can move the verdict.
  double reach() const;
};

struct Catalogue {
  std::vector<Question> questions;
  const Question* find(std::string_view id) const;
};

struct QuestionFile {
  std::string name;
  std::string content;
};

// Reads and checks question files. Errors: invalid_input, "endpoint.yaml:12:5: expected …".
Result<Catalogue> parse_questions(const std::vector<QuestionFile>& files);
// The catalogue built into the program. Read once; a damaged one is a bug and throws.
const Catalogue& built_in_questions();

}  // namespace vedette::investigate
