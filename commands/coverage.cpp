// coverage

#include "commands/coverage_card.hpp"

#include <fmt/format.h>

#include "bot/chat/case_words.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

Async<chat::Reply> coverage(Call call) {
  CO_TRY(const auto counts, call.services->store.alerts().coverage());
  chat::Card card;
  card.summary = fmt::format("{}: {}", chat::counted(counts.received, "alert", "alerts"), coverage_line(counts));
  card.tone = adds_up(counts) ? chat::Tone::neutral : chat::Tone::danger;
  card.blocks.push_back(chat::Heading{"What became of every alert", card.tone});
  add_coverage(card, counts);
  co_return answer(std::move(card));
}

}  // namespace

bool adds_up(const Coverage& c) { return c.received == c.investigated + c.merged + c.suppressed + c.queued + c.failed; }

std::string coverage_line(const Coverage& c) {
  return fmt::format("{} investigated + {} merged + {} suppressed + {} queued + {} failed {} {} received", c.investigated,
                     c.merged, c.suppressed, c.queued, c.failed, adds_up(c) ? "=" : "≠", c.received);
}

void add_coverage(chat::Card& card, const Coverage& c) {
  chat::Facts facts;
  facts.rows.emplace_back("Received", chat::thousands(c.received));
  facts.rows.emplace_back("Investigated", chat::thousands(c.investigated));
  facts.rows.emplace_back("Merged", chat::thousands(c.merged) + ", into cases that other alerts opened");
  facts.rows.emplace_back("Suppressed", chat::thousands(c.suppressed) + ", by rules of yours");
  facts.rows.emplace_back("Queued", chat::thousands(c.queued) + ", not yet looked at to the end");
  facts.rows.emplace_back("Failed", chat::thousands(c.failed) + ", could not be investigated; their cases say why");
  card.blocks.push_back(std::move(facts));
  const std::string sum = adds_up(c) ? coverage_line(c) + ": none is missing."
                                     : coverage_line(c) + ": this does not add up, which is a bug. Please report it.";
  card.blocks.push_back(chat::Paragraph{{{sum, {}, !adds_up(c)}}, adds_up(c)});
}

Spec coverage_command() {
  Spec spec;
  spec.name = "coverage";
  spec.usage = "coverage";
  spec.summary = "account for every alert that was received";
  spec.handler = coverage;
  return spec;
}

}  // namespace vedette::commands
