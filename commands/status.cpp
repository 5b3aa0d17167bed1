// status

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/chat/case_words.hpp"
#include "commands/coverage_card.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

constexpr size_t kCounted = 200;

std::string count_of(size_t number) {
  return number >= kCounted ? fmt::format("{} or more", kCounted) : std::to_string(number);
}

std::string names_of(const std::vector<Action>& actions) {
  std::vector<std::string> ids;
  for (const auto& action : actions) {
    if (ids.size() == 5) {
      ids.emplace_back("…");
      break;
    }
    ids.push_back(to_string(action.id));
  }
  return ids.empty() ? "" : " (" + text::join(ids, ", ") + ")";
}

std::string lost_line(const GivenUp& lost) {
  if (lost.all == 0) return "none";
  return fmt::format("{} within a day, {} in all; the latest because: {}", lost.recent, lost.all,
                     text::ellipsize(text::displayable(lost.error), 200));
}

Async<chat::Reply> status(Call call) {
  auto& store = call.services->store;
  const auto health = store.health();
  CO_TRY(const auto counts, store.alerts().coverage());
  CO_TRY(const auto waiting, store.actions().pending(kCounted));
  CO_TRY(const auto unknown, store.actions().in_state(ActionState::unknown, kCounted));
  CO_TRY(const auto running, store.actions().in_state(ActionState::executing, kCounted));
  std::string any_platform;
  const Time yesterday = call.services->clock.now() - std::chrono::hours(24);
  CO_TRY(const auto lost, store.outbox().given_up(std::move(any_platform), yesterday));
  CaseFilter open_cases;
  open_cases.only_open = true;
  open_cases.limit = kCounted;
  CO_TRY(const auto open, store.cases().list(std::move(open_cases)));

  chat::Card card;
  const bool well = health.writable && adds_up(counts) && unknown.empty() && lost.recent == 0;
  card.tone = !health.writable ? chat::Tone::danger : well ? chat::Tone::good : chat::Tone::warning;
  card.summary = !health.writable ? "I cannot record anything at the moment, so I take no new work"
                 : well           ? "All is well"
                                  : "Working, with something to look at";
  card.blocks.push_back(chat::Heading{card.summary, card.tone});
  chat::Facts facts;
  facts.rows.emplace_back("Store", health.writable ? "well" : text::displayable(health.reason));
  facts.rows.emplace_back("Open cases", count_of(open.size()));
  facts.rows.emplace_back("Waiting for approval", count_of(waiting.size()) + names_of(waiting));
  facts.rows.emplace_back("Actions running", count_of(running.size()) + names_of(running));
  facts.rows.emplace_back("Actions with unknown outcome", count_of(unknown.size()) + names_of(unknown));
  facts.rows.emplace_back("Messages given up", lost_line(lost));
  facts.rows.emplace_back("Alerts", coverage_line(counts));
  card.blocks.push_back(std::move(facts));
  co_return answer(std::move(card));
}

}  // namespace

Spec status_command() {
  Spec spec;
  spec.name = "status";
  spec.aliases = {"health"};
  spec.usage = "status";
  spec.summary = "tell how I am: alerts, approvals, actions, store";
  spec.handler = status;
  return spec;
}

}  // namespace vedette::commands
