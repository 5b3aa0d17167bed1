// The root of a case: what one reads first, on a phone, at night.

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/chat/case_cards.hpp"
#include "bot/chat/case_words.hpp"

namespace vedette::chat {
namespace {

constexpr size_t kReasons = 3;
constexpr size_t kEntities = 6;
constexpr size_t kTechniques = 6;
constexpr size_t kActionsNamed = 3;
constexpr size_t kActionButtons = 3;
constexpr size_t kButtonLabel = 60;

bool investigating(const Case& record) {
  return !record.verdict && record.investigation != InvestigationState::failed && record.status != CaseStatus::closed;
}
bool looking_again(const Case& record) {
  return record.verdict &&
         (record.investigation == InvestigationState::queued || record.investigation == InvestigationState::running);
}
bool failed(const Case& record) { return !record.verdict && record.investigation == InvestigationState::failed; }

struct Look {
  std::string mark;
  Tone tone = Tone::neutral;
  std::string words;
};

Look look_of_verdict(const Verdict& verdict, Severity severity) {
  const bool serious = severity >= Severity::high;
  const std::string words =
      fmt::format("{} · {} {} %", upper(to_string(severity)), words_for(verdict.label), verdict.confidence);
  switch (verdict.label) {
    case Label::malicious: return {serious ? "🔴" : "🟠", Tone::danger, words};
    case Label::suspicious: return {serious ? "🟠" : "🟡", Tone::warning, words};
    case Label::benign: return {"🟢", Tone::good, words};
    case Label::inconclusive: return {"⚪", Tone::neutral, words};
  }
  return {"⚪", Tone::neutral, words};
}

// The first line without the case number.
Look look_of(const Case& record) {
  const std::string severity = upper(to_string(record.severity));
  Look look;
  if (record.verdict) {
    look = look_of_verdict(*record.verdict, record.severity);
  } else if (failed(record)) {
    look = {"⚠️", Tone::warning, "Could not be investigated · " + severity};
  } else {
    look = {"🔎", Tone::neutral, "Investigating · " + severity};
  }
  if (record.status == CaseStatus::closed) {
    const std::string how =
        record.disposition ? fmt::format("Closed: {}", describe(*record.disposition)) : std::string("Closed");
    const std::string was = record.verdict ? look.words : severity;
    return {"☑️", Tone::neutral, how + " · " + was};
  }
  return look;
}

std::string headline_of(const Case& record) {
  const std::string& line = record.verdict && !record.verdict->headline.empty() ? record.verdict->headline : record.title;
  const std::string shown_line = prose(line, record.entities, 220);
  return shown_line.empty() ? std::string("An alert without a title") : shown_line;
}

void add_reasons(Card& card, const Case& record) {
  Bullets bullets;
  for (const auto& claim : record.verdict->claims) {
    if (bullets.items.size() == kReasons) break;
    bullets.items.push_back({prose(claim.text, record.entities, 180), claim.evidence});
  }
  if (!bullets.items.empty()) card.blocks.push_back(std::move(bullets));
}

void add_doubts(Card& card, const Case& record) {
  const auto& verdict = *record.verdict;
  std::vector<std::string> parts;
  if (!verdict.not_checked.empty()) {
    std::string line = "Not checked: " + prose(verdict.not_checked.front(), record.entities, 120);
    if (verdict.not_checked.size() > 1) line += fmt::format(" (and {} more)", verdict.not_checked.size() - 1);
    parts.push_back(std::move(line));
  }
  if (!verdict.would_change.empty()) {
    parts.push_back("Would change it: " + prose(verdict.would_change, record.entities, 120));
  }
  if (!parts.empty()) card.blocks.push_back(Paragraph{{{text::join(parts, " · "), {}, false}}, true});
}

void add_chips(Card& card, const Case& record) {
  Chips entities{"Involved", {}};
  for (const auto& entity : record.entities) {
    if (entities.items.size() == kEntities) {
      entities.items.push_back(fmt::format("+{} more", record.entities.size() - kEntities));
      break;
    }
    entities.items.push_back(text::ellipsize(shown(entity), 64));
  }
  if (!entities.items.empty()) card.blocks.push_back(std::move(entities));
  if (!record.verdict) return;
  Chips techniques{"ATT&CK", {}};
  const auto& ids = record.verdict->techniques;
  for (const auto& id : ids) {
    if (techniques.items.size() == kTechniques) {
      techniques.items.push_back(fmt::format("+{} more", ids.size() - kTechniques));
      break;
    }
    techniques.items.push_back(prose(id, {}, 16));
  }
  if (!techniques.items.empty()) card.blocks.push_back(std::move(techniques));
}

// "✋ Block IP 203[.]0[.]113[.]7: waiting for approval (R-9)"
std::string action_line(const Action& action) {
  const std::string what = text::ellipsize(shown_title(action.plan), 80);
  const std::string id = to_string(action.id);
  switch (action.state) {
    case ActionState::awaiting: return fmt::format("✋ {}: waiting for approval ({}, in the thread)", what, id);
    case ActionState::approved:
    case ActionState::executing: return fmt::format("⏳ {}: running ({})", what, id);
    case ActionState::succeeded: return fmt::format("✅ {}: done ({})", what, id);
    case ActionState::failed: return fmt::format("❌ {}: failed ({})", what, id);
    case ActionState::unknown: return fmt::format("❓ {}: outcome unknown ({})", what, id);
    case ActionState::denied: return fmt::format("🚫 {}: denied ({})", what, id);
    case ActionState::expired: return fmt::format("⌛ {}: approval expired ({})", what, id);
    case ActionState::proposed:
    case ActionState::withdrawn: break;
  }
  return {};
}

void add_actions(Card& card, const CaseView& view) {
  std::vector<std::string> lines;
  for (const auto& action : view.actions) {
    if (auto line = has_card(action) ? action_line(action) : std::string(); !line.empty()) lines.push_back(std::move(line));
  }
  if (lines.empty()) return;
  // The latest are the ones somebody is waiting for.
  if (lines.size() > kActionsNamed) {
    const size_t earlier = lines.size() - kActionsNamed;
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(kActionsNamed));
    lines.push_back(fmt::format("{} earlier", earlier));
  }
  card.blocks.push_back(Paragraph{{{text::join(lines, " · "), {}, false}}, false});
}

const CaseNote* last_status_note(const CaseView& view) {
  const auto found =
      std::find_if(view.notes.rbegin(), view.notes.rend(), [](const CaseNote& note) { return note.kind == "status"; });
  return found == view.notes.rend() ? nullptr : &*found;
}

std::string status_line(const CaseView& view) {
  const auto& record = view.record;
  std::vector<std::string> parts;
  const CaseNote* change = last_status_note(view);
  if (record.status == CaseStatus::closed) {
    std::string line =
        change == nullptr ? "Closed" : fmt::format("Closed by {}, {}", who(change->author), utc_minute(change->at));
    if (!record.closing_reason.empty()) line += fmt::format(": “{}”", prose(record.closing_reason, record.entities, 120));
    parts.push_back(std::move(line));
  } else {
    if (!record.owner.empty()) parts.push_back("Owner: " + who(record.owner));
    if (record.status == CaseStatus::acknowledged) {
      parts.push_back(change == nullptr ? "Acknowledged" : "Acknowledged by " + who(change->author));
    } else if (record.owner.empty()) {
      parts.push_back("Nobody has it yet");
    }
  }
  if (record.snooze && record.status != CaseStatus::closed) {
    std::string line = fmt::format("💤 Snoozed until {} by {}", utc_minute(record.snooze->until), who(record.snooze->by));
    if (!record.snooze->reason.empty()) line += ": " + prose(record.snooze->reason, record.entities, 120);
    parts.push_back(std::move(line));
  }
  parts.push_back("Opened " + utc_minute(record.created));
  if (record.alerts > 0) parts.push_back(counted(record.alerts, "alert", "alerts"));
  if (record.good > 0) parts.push_back(fmt::format("👍 {}", record.good));
  if (record.bad > 0) parts.push_back(fmt::format("👎 {}", record.bad));
  if (looking_again(record) && record.status != CaseStatus::closed)
    parts.push_back("🔎 Looking again: something new joined");
  return text::join(parts, " · ");
}

void add_buttons(Card& card, const CaseView& view) {
  const auto& record = view.record;
  if (record.status == CaseStatus::closed) return;  // who, when and why stay; what could be pressed goes
  Buttons buttons;
  for (const auto& action : view.actions) {
    if (action.state != ActionState::proposed || buttons.items.size() == kActionButtons) continue;
    const std::string title = text::displayable(action.plan.title());
    Button button{text::ellipsize(title, kButtonLabel),
                  fmt::format("request {} --digest={}", to_string(action.id), action.plan.digest(record.id)), Tone::danger,
                  ""};
    if (action.approvals_needed == 0) button.confirm = text::ellipsize(title, 200) + " now? Nobody else is asked.";
    buttons.items.push_back(std::move(button));
  }
  const std::string id = to_string(record.id);
  if (record.status == CaseStatus::open) buttons.items.push_back({"Ack", "ack " + id, Tone::neutral, ""});
  // Without a reason, `close` answers with the endings to choose from.
  if (!investigating(record)) buttons.items.push_back({"Close…", "close " + id, Tone::neutral, ""});
  card.blocks.push_back(std::move(buttons));
  // Five at most: that is what Slack shows in one menu.
  Menu more{"More", {}};
  if (record.snooze) {
    more.items.push_back({"End the snooze", fmt::format("snooze {} off", id)});
  } else {
    more.items.push_back({"Snooze…", "snooze " + id});
  }
  more.items.push_back({"Assign to me", fmt::format("assign {} me", id)});
  more.items.push_back({"Assign to…", "assign " + id});
  more.items.push_back({"Timeline", "timeline " + id});
  if (record.verdict) more.items.push_back({"Why…", "why " + id});
  card.blocks.push_back(std::move(more));
  if (record.verdict) card.blocks.push_back(Thumbs{"good " + id, "bad " + id});
}

}  // namespace

Card root_card(const CaseView& view) {
  const auto& record = view.record;
  const Look look = look_of(record);
  const std::string first = fmt::format("{} {} · {}", look.mark, look.words, to_string(record.id));
  const std::string headline = headline_of(record);
  Card card;
  card.summary = text::ellipsize(first + ": " + headline, 240);
  card.tone = look.tone;
  card.blocks.push_back(Heading{first, look.tone});
  card.blocks.push_back(Paragraph{{{headline, {}, true}}, false});
  if (record.verdict) {
    add_reasons(card, record);
    add_doubts(card, record);
  } else if (failed(record)) {
    const std::string reason = prose(record.failure, record.entities, 200);
    card.blocks.push_back(Paragraph{
        {{"Vedette could not finish this one, so please look at it yourself." + (reason.empty() ? "" : " " + reason),
          {},
          false}},
        false});
  }
  add_chips(card, record);
  add_actions(card, view);
  card.blocks.push_back(Paragraph{{{status_line(view), {}, false}}, true});
  add_buttons(card, view);
  return card;
}

}  // namespace vedette::chat
