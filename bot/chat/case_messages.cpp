// A case as the messages of one channel.

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/chat/case_cards.hpp"

namespace vedette::chat {
namespace {

std::string slot_of(CaseId id, std::string_view part) { return fmt::format("case/{}/{}", id.number, part); }

Lane lane_of(const Action& action) {
  if (action.state == ActionState::awaiting) return Lane::approval;
  return is_final(action.state) || action.state == ActionState::unknown ? Lane::verdict : Lane::update;
}

constexpr int kAwakenings = 3;  // the latest; earlier ones were said in their time and stay

// A case that is back from a snooze says so, once each time: the moment tells one time from the other.
template <class Add>
void add_awakenings(const CaseView& view, const Add& add) {
  int count = 0;
  for (auto note = view.notes.rbegin(); note != view.notes.rend() && count < kAwakenings; ++note) {
    if (note->kind != "awake") continue;
    ++count;
    const CaseId id = view.record.id;
    add(slot_of(id, fmt::format("awake/{}", to_micros(note->at))), Lane::verdict, awake_card(view, *note));
  }
}

}  // namespace

std::string root_slot(CaseId id) { return slot_of(id, "root"); }
std::string action_slot(CaseId id, ActionId action) { return slot_of(id, fmt::format("action/{}", action.number)); }
std::string evidence_slot(CaseId id, size_t index) {
  return index == 0 ? slot_of(id, "evidence") : slot_of(id, fmt::format("evidence/{}", index + 1));
}

CaseId case_of_slot(std::string_view slot) {
  constexpr std::string_view kPrefix = "case/";
  if (!slot.starts_with(kPrefix)) return {};
  slot.remove_prefix(kPrefix.size());
  const size_t end = slot.find('/');
  if (end == std::string_view::npos) return {};
  const auto number = text::parse_integer(slot.substr(0, end));
  return number && *number > 0 ? CaseId(*number) : CaseId();
}

std::vector<OutboxMessage> case_messages(const CaseView& view, const Route& target) {
  const auto& record = view.record;
  std::vector<OutboxMessage> messages;
  const auto add = [&](std::string slot, Lane lane, const Card& card) {
    OutboxMessage message;
    message.platform = target.platform;
    message.channel = target.channel;
    message.thread_of = messages.empty() || target.flat ? std::string() : root_slot(record.id);
    message.slot = std::move(slot);
    message.lane = lane;
    message.card = to_json(card);
    messages.push_back(std::move(message));
  };
  add(root_slot(record.id), Lane::verdict, root_card(view));
  if (!record.progress.empty() && !target.flat) add(slot_of(record.id, "progress"), Lane::update, progress_card(view));
  for (const auto& action : view.actions) {
    if (has_card(action)) add(action_slot(record.id, action.id), lane_of(action), action_card(view, action));
  }
  add_awakenings(view, add);
  // While the first round runs, the progress is the news; evidence and timeline come once, with its end.
  if (!record.verdict && record.investigation != InvestigationState::failed) return messages;
  if (target.flat) return messages;
  if (record.verdict) add(slot_of(record.id, "why"), Lane::update, why_card(view));
  const auto cards = evidence_cards(view);
  for (size_t i = 0; i < cards.size(); ++i) add(evidence_slot(record.id, i), Lane::update, cards[i]);
  if (const auto file = evidence_file(view)) add(slot_of(record.id, "file"), Lane::update, *file);
  add(slot_of(record.id, "timeline"), Lane::update, timeline_card(view));
  return messages;
}

}  // namespace vedette::chat
