#pragma once
// What an investigation found: evidence, claims that cite it, and the verdict. Plain values.

#include <string>
#include <string_view>
#include <vector>

#include "bot/base/clock.hpp"
#include "bot/domain/entity.hpp"
#include "bot/domain/ids.hpp"
#include "bot/domain/severity.hpp"

namespace vedette {

// The stored answer to one question.
struct Evidence {
  CaseId case_id;
  int number = 0;        // E<number> within the case, given by the store
  std::string question;  // id in the question catalogue; unique within a case and round
  std::string title;     // the question in words
  std::string source;    // "event log", "past cases", "alert", ...
  std::string query;     // as asked, readable
  Time from;             // window asked about
  Time to;
  std::string answer;                // one sentence
  int64_t total = 0;                 // matching records
  std::vector<std::string> records;  // kept records as JSON, at most 20; the bytes that claims are checked against
  std::string link;
  Time taken;
};

// Whether a kept record is the counts that an answer was drawn from, {"summary":{…}}, and no record of the source.
bool is_summary(std::string_view record);

// One sentence of a verdict. Every number, address, name or hash in `quoted` occurs in the records or answer of cited
// evidence.
struct Claim {
  std::string text;           // without the [E1] marks: renderers add them
  std::vector<int> evidence;  // numbers, at least one
  std::vector<std::string> quoted;
  double weight = 0;  // log-odds it adds towards malicious; negative: towards benign
};

enum class Label { malicious, suspicious, benign, inconclusive };
std::string_view to_string(Label label);
std::optional<Label> label_from(std::string_view name);

struct Verdict {
  Label label = Label::inconclusive;
  int confidence = 0;      // per cent that the label is right
  double probability = 0;  // of being malicious, 0 to 1
  Severity severity = Severity::medium;
  std::string headline;                   // who did what to what, one plain sentence
  std::vector<Claim> claims;              // strongest first
  std::vector<std::string> not_checked;   // what was not looked at, and why
  std::string would_change;               // what would change the verdict
  std::vector<std::string> techniques;    // ATT&CK ids
  std::vector<std::string> alternatives;  // considered and set aside, with the reason
  Time decided;
};

// Checks claims against evidence: ids exist, quoted values occur. Returns the claims that hold; `dropped` counts the rest.
std::vector<Claim> grounded_claims(const std::vector<Claim>& claims, const std::vector<Evidence>& evidence, int* dropped);

}  // namespace vedette
