// why [C-12] [N]

#include <cmath>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/chat/case_words.hpp"
#include "commands/evidence_card.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

constexpr size_t kSentence = 400;

// The weight in words. Log-odds are what the analyst adds up; how much the odds change is what people can picture.
std::string weight_words(double weight) {
  if (std::abs(weight) < 0.05) return "It hardly changes the odds.";
  const double factor = std::exp(std::min(std::abs(weight), 20.0));
  return fmt::format("It {} the odds of this being malicious by {:.1f} (weight {:+.2f}).",
                     weight > 0 ? "multiplies" : "divides", factor, weight);
}

std::string verdict_line(const Verdict& verdict) {
  return fmt::format("{}, {} % sure", chat::words_for(verdict.label), verdict.confidence);
}

chat::Card no_verdict(const Case& record) {
  chat::Card card;
  const std::string id = to_string(record.id);
  const bool failed = record.investigation == InvestigationState::failed;
  card.summary =
      failed ? fmt::format("{} could not be investigated", id) : fmt::format("{} is still being investigated", id);
  card.tone = failed ? chat::Tone::warning : chat::Tone::neutral;
  card.blocks.push_back(chat::Heading{card.summary, card.tone});
  if (failed) {
    card.blocks.push_back(chat::Paragraph{{{chat::prose(record.failure, record.entities, kSentence), {}, false}}, false});
    return card;
  }
  chat::Steps steps;
  for (const auto& step : record.progress)
    steps.items.push_back(
        {chat::prose(step.text, record.entities, kSentence), step.done ? chat::StepState::done : chat::StepState::running});
  if (!steps.items.empty()) card.blocks.push_back(std::move(steps));
  return card;
}

void add_sentences(chat::Card& card, std::string title, const std::vector<std::string>& sentences, const Case& record) {
  if (sentences.empty()) return;
  chat::Bullets bullets;
  bullets.title = std::move(title);
  for (const auto& sentence : sentences)
    bullets.items.push_back({chat::prose(sentence, record.entities, kSentence), {}, false});
  card.blocks.push_back(std::move(bullets));
}

chat::Card whole_verdict(const Case& record) {
  const auto& verdict = *record.verdict;
  chat::Card card;
  card.summary = fmt::format("Why {}: {}", to_string(record.id), verdict_line(verdict));
  card.blocks.push_back(chat::Heading{card.summary, chat::Tone::neutral});
  card.blocks.push_back(chat::Paragraph{{{chat::prose(verdict.headline, record.entities, kSentence), {}, true}}, false});
  chat::Bullets claims;
  claims.title = "What carries it, strongest first";
  int number = 0;
  for (const auto& claim : verdict.claims) {
    claims.items.push_back(
        {fmt::format("{}. {} ({:+.2f})", ++number, chat::prose(claim.text, record.entities, kSentence), claim.weight),
         claim.evidence, false});
  }
  if (claims.items.empty()) {
    card.blocks.push_back(
        chat::Paragraph{{{"No finding holds up against the evidence, so nothing is claimed.", {}, false}}, false});
  } else {
    card.blocks.push_back(std::move(claims));
  }
  add_sentences(card, "Set aside", verdict.alternatives, record);
  add_sentences(card, "Not checked", verdict.not_checked, record);
  if (!verdict.would_change.empty()) add_sentences(card, "Would change the verdict", {verdict.would_change}, record);
  if (!verdict.claims.empty()) {
    const std::string hint = fmt::format("'why {} 1' shows the evidence behind the first one.", to_string(record.id));
    card.blocks.push_back(chat::Paragraph{{{hint, {}, false}}, true});
  }
  return card;
}

chat::Card one_claim(const CaseView& view, size_t number) {
  const auto& record = view.record;
  const auto& claim = record.verdict->claims[number - 1];
  chat::Card card;
  card.summary =
      fmt::format("{}, reason {}: {}", to_string(record.id), number, chat::prose(claim.text, record.entities, kSentence));
  card.blocks.push_back(chat::Heading{fmt::format("{}, reason {}", to_string(record.id), number), chat::Tone::neutral});
  card.blocks.push_back(
      chat::Paragraph{{{chat::prose(claim.text, record.entities, kSentence), claim.evidence, true}}, false});
  card.blocks.push_back(chat::Paragraph{{{weight_words(claim.weight), {}, false}}, false});
  for (const int wanted : claim.evidence) {
    for (const auto& evidence : view.evidence) {
      if (evidence.number != wanted) continue;
      card.blocks.push_back(chat::Divider{});
      add_evidence(card, evidence, record.entities);
    }
  }
  return card;
}

Async<chat::Reply> why(Call call) {
  CO_TRY(const auto view, load_case(*call.services, call.arguments.reference));
  const auto& record = view.record;
  if (!record.verdict) co_return answer(no_verdict(record));
  if (!call.arguments.number) co_return answer(whole_verdict(record));
  const auto number = static_cast<size_t>(*call.arguments.number);
  const size_t claims = record.verdict->claims.size();
  if (number > claims) {
    co_return Error(Code::not_found,
                    fmt::format("{} has {}. 'why {}' lists them.", to_string(record.id),
                                chat::counted(static_cast<int64_t>(claims), "reason", "reasons"), to_string(record.id)));
  }
  co_return answer(one_claim(view, number));
}

}  // namespace

Spec why_command() {
  Spec spec;
  spec.name = "why";
  spec.aliases = {"explain"};
  spec.usage = "why [C-12] [N]";
  spec.summary = "explain the verdict, or its Nth reason with the evidence behind it";
  spec.arguments = {{"case", ArgumentKind::case_ref}, {"number", ArgumentKind::number, false}};
  spec.handler = why;
  return spec;
}

}  // namespace vedette::commands
