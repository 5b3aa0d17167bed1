#pragma once
// Text, alerts, cases and cards as an attacker, a broken detector or a careless model would make them. The same seed gives
// the same.

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bot/chat/card.hpp"
#include "bot/chat/form.hpp"
#include "bot/domain/case.hpp"

namespace vedette::test {

class Hostile {
 public:
  // `longest`: bytes of its longest texts.
  explicit Hostile(uint64_t seed, size_t longest = 100'000) : random_(seed), longest_(longest) {}

  size_t below(size_t limit);  // 0 … limit - 1
  bool chance(int percent) { return below(100) < static_cast<size_t>(percent); }
  // Anything: nothing at all, markup, mentions, links, invisible and reversing characters, NUL, bytes that are no UTF-8,
  // endless words, thousands of lines.
  std::string text();
  std::string short_text();  // as text(), some 200 bytes at most
  // A detector's document of a known format, made of such text.
  nlohmann::json document();
  // The same document with some of its strings replaced.
  nlohmann::json spoiled(const nlohmann::json& document, int percent);

  struct Amounts {
    size_t alerts = 3, entities = 12, evidence = 6, records = 3, claims = 5, actions = 3, notes = 6;
  };
  static constexpr Amounts kMany{50, 10'000, 500, 4, 60, 300, 200};
  // A case about this alert, in one of the states there are, everything else in it hostile.
  CaseView case_of(const Alert& alert, const Amounts& amounts);
  // A card of every kind of block, in any order, which no case would make: renderers take any card.
  chat::Card card();
  // A form whose words are hostile; the names of its fields are not, as they never come from outside.
  chat::Form form();

 private:
  std::string words();
  Evidence evidence(int number, const Alert& alert, size_t records);
  Verdict verdict(const Alert& alert, const Amounts& amounts);
  Action action(int64_t number, const Alert& alert);
  Entity entity();
  chat::Block block();
  chat::Line line();
  std::string command();

  std::mt19937_64 random_;
  size_t longest_;
};

}  // namespace vedette::test
