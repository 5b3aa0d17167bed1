// What stands in the thread of a case: progress, timeline, evidence.

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "bot/base/json.hpp"
#include "bot/base/text.hpp"
#include "bot/chat/case_cards.hpp"
#include "bot/chat/case_words.hpp"

namespace vedette::chat {
namespace {

constexpr size_t kEvidencePerCard = 10;
// Fits one text object of the narrowest platform (Slack: 3,000 characters) with room for escapes; the whole record is in the
// store.
constexpr size_t kRecordsShown = 2000;
constexpr size_t kTimelineEntries = 60;
constexpr size_t kTimelineFirst = 15;

Card titled(std::string title, Tone tone = Tone::neutral) {
  Card card;
  card.summary = title;
  card.tone = tone;
  card.blocks.push_back(Heading{std::move(title), tone});
  return card;
}

std::set<int> cited_by(const std::optional<Verdict>& verdict) {
  std::set<int> numbers;
  if (!verdict) return numbers;
  for (const auto& claim : verdict->claims) numbers.insert(claim.evidence.begin(), claim.evidence.end());
  return numbers;
}

// ---- timeline

struct Entry {
  Time at;
  std::string text;
  std::vector<int> evidence;
  size_t order = 0;
};

// When a kept record happened, by the names that logs use for it.
std::optional<Time> time_of_record(const std::string& record) {
  const auto parsed = Json::parse(record);
  if (!parsed) return std::nullopt;
  for (const auto* pointer :
       {"/@timestamp", "/timestamp", "/time", "/eventTime", "/UtcTime", "/EventTime", "/fields/@timestamp"}) {
    const Json value = parsed->at(pointer);
    if (const auto written = value.string()) {
      if (const auto time = parse_time(*written)) return time;
    } else if (const auto number = value.number()) {
      if (const auto time = from_epoch(*number)) return time;
    }
  }
  return std::nullopt;
}

std::optional<Time> first_record(const Evidence& evidence) {
  std::optional<Time> first;
  for (const auto& record : evidence.records) {
    const auto time = time_of_record(record);
    if (time && (!first || *time < *first)) first = time;
  }
  return first;
}

std::string_view mark_of(std::string_view kind) {
  if (kind == "verdict") return "🔎 ";
  if (kind == "status") return "📌 ";
  if (kind == "owner") return "👤 ";
  if (kind == "feedback") return "💬 ";
  if (kind == "action") return "⚡ ";
  return "📝 ";
}

std::vector<Entry> entries_of(const CaseView& view) {
  const auto& entities = view.record.entities;
  std::vector<Entry> entries;
  for (const auto& alert : view.alerts) {
    const std::string title = prose(alert.title, entities, 160);
    entries.push_back(
        {alert.time, fmt::format("🔔 Alert {}: {} ({})", to_string(alert.id), title, prose(alert.source, {}, 60)), {}});
  }
  const auto cited = cited_by(view.record.verdict);
  for (const auto& evidence : view.evidence) {
    if (!cited.contains(evidence.number)) continue;
    if (const auto time = first_record(evidence)) {
      entries.push_back({*time, "🧾 First record: " + prose(evidence.answer, entities, 200), {evidence.number}});
    }
  }
  for (const auto& note : view.notes) {
    if (note.kind == "alert") continue;  // the alerts themselves are above
    const std::string author = note.author.empty() ? std::string() : who(note.author) + ": ";
    entries.push_back({note.at, std::string(mark_of(note.kind)) + author + prose(note.text, entities, 300), {}});
  }
  // Entries of the same moment stay in this order (std::stable_sort of libstdc++ 12 does not compile without warnings).
  for (size_t i = 0; i < entries.size(); ++i) entries[i].order = i;
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return std::tie(a.at, a.order) < std::tie(b.at, b.order); });
  return entries;
}

void add_days(Card& card, const std::vector<Entry>& entries, size_t begin, size_t end) {
  Bullets day;
  for (size_t i = begin; i < end; ++i) {
    const auto& entry = entries[i];
    std::string title = utc_day(entry.at) + " (UTC)";
    if (title != day.title) {
      if (!day.items.empty()) card.blocks.push_back(std::move(day));
      day = Bullets{std::move(title), {}};
    }
    day.items.push_back({utc_time_of_day(entry.at) + "  " + entry.text, entry.evidence});
  }
  if (!day.items.empty()) card.blocks.push_back(std::move(day));
}

// ---- evidence

// Whole records while they fit, and how many more there are.
std::string records_text(const Evidence& evidence, size_t* shown_records) {
  std::string out;
  *shown_records = 0;
  for (const auto& record : evidence.records) {
    const std::string line = verbatim(record);
    if (*shown_records > 0 && out.size() + line.size() + 1 > kRecordsShown) break;
    if (!out.empty()) out += '\n';
    if (text::characters(line) > kRecordsShown) {
      out += text::ellipsize(line, kRecordsShown) + "\n(this record is longer; see the whole one in the console)";
    } else {
      out += line;
    }
    ++*shown_records;
  }
  return out;
}

std::string source_line(const Evidence& evidence) {
  std::vector<std::string> parts = {evidence.source.empty() ? std::string("unknown source")
                                                            : prose(evidence.source, {}, 80)};
  if (evidence.to > evidence.from) parts.push_back(utc_window(evidence.from, evidence.to));
  parts.push_back(counted(evidence.total, "record", "records"));
  return text::join(parts, " · ");
}

std::string question_of(const Evidence& evidence, const std::vector<Entity>& entities) {
  return fmt::format("E{} · {}", evidence.number,
                     prose(evidence.title.empty() ? evidence.question : evidence.title, entities, 200));
}

void add_cited(Card& card, const Evidence& evidence, const std::vector<Entity>& entities) {
  card.blocks.push_back(Divider{});
  card.blocks.push_back(
      Paragraph{{{question_of(evidence, entities), {}, true}, {prose(evidence.answer, entities, 600), {}, false}}, false});
  card.blocks.push_back(Paragraph{{{source_line(evidence), {}, false}}, true});
  size_t shown_records = 0;
  const std::string records = records_text(evidence, &shown_records);
  std::string folded = evidence.query.empty() ? std::string() : "Query: " + text::ellipsize(verbatim(evidence.query), 600);
  if (!records.empty()) folded += (folded.empty() ? "" : "\n\n") + records;
  if (folded.empty()) return;
  const auto total = std::max<int64_t>(evidence.total, static_cast<int64_t>(evidence.records.size()));
  std::string title = fmt::format("E{}: query", evidence.number);
  if (shown_records > 0) title += fmt::format(" and {} of {}", shown_records, counted(total, "record", "records"));
  card.blocks.push_back(Records{std::move(title), std::move(folded), true});
}

void add_list(Card& card, std::string title, const std::vector<std::string>& lines, const std::vector<Entity>& entities) {
  Bullets bullets{std::move(title), {}};
  for (const auto& line : lines) bullets.items.push_back({prose(line, entities, 300), {}, false});
  if (!bullets.items.empty()) card.blocks.push_back(std::move(bullets));
}

void add_reasoning(Card& card, const Case& record) {
  const auto& verdict = *record.verdict;
  Bullets towards{"Speaks for malicious", {}};
  Bullets against{"Speaks against", {}};
  for (const auto& claim : verdict.claims) {
    auto& side = claim.weight < 0 ? against : towards;
    side.items.push_back({prose(claim.text, record.entities, 300), claim.evidence});
  }
  if (!towards.items.empty()) card.blocks.push_back(std::move(towards));
  if (!against.items.empty()) card.blocks.push_back(std::move(against));
  add_list(card, "Not checked", verdict.not_checked, record.entities);
  if (!verdict.would_change.empty()) add_list(card, "Would change the verdict", {verdict.would_change}, record.entities);
  add_list(card, "Considered and set aside", verdict.alternatives, record.entities);
}

}  // namespace

Card progress_card(const CaseView& view) {
  const auto& record = view.record;
  const auto& steps = record.progress;
  const auto done = std::count_if(steps.begin(), steps.end(), [](const InvestigationStep& step) { return step.done; });
  std::string title;
  Tone tone = Tone::neutral;
  switch (record.investigation) {
    case InvestigationState::done:
      title = fmt::format("🔎 Investigated · {} · {}", to_string(record.id), counted(done, "question", "questions"));
      break;
    case InvestigationState::failed:
      title = fmt::format("⚠️ Investigation stopped · {} · {} of {}", to_string(record.id), done,
                          counted(static_cast<int64_t>(steps.size()), "question", "questions"));
      tone = Tone::warning;
      break;
    default:
      title = fmt::format("🔎 Investigating · {} · {} of {}", to_string(record.id), done,
                          counted(static_cast<int64_t>(steps.size()), "question", "questions"));
  }
  Card card = titled(std::move(title), tone);
  Steps list;
  for (const auto& step : steps) list.items.push_back({prose(step.text, record.entities, 160), step.done});
  if (!list.items.empty()) card.blocks.push_back(std::move(list));
  return card;
}

Card timeline_card(const CaseView& view) {
  const auto& record = view.record;
  Card card = titled(fmt::format("🕒 Timeline · {}", to_string(record.id)));
  const auto entries = entries_of(view);
  if (const auto more = record.alerts - static_cast<int>(view.alerts.size()); more > 0) {
    card.blocks.push_back(
        Paragraph{{{fmt::format("{} later alerts joined that are not listed here.", thousands(more)), {}, false}}, true});
  }
  if (entries.size() <= kTimelineEntries) {
    add_days(card, entries, 0, entries.size());
    return card;
  }
  const size_t tail = kTimelineEntries - kTimelineFirst;
  add_days(card, entries, 0, kTimelineFirst);
  card.blocks.push_back(
      Paragraph{{{fmt::format("… {} in between: /soc timeline {}",
                              counted(static_cast<int64_t>(entries.size() - kTimelineEntries), "entry", "entries"),
                              to_string(record.id)),
                  {},
                  false}},
                true});
  add_days(card, entries, entries.size() - tail, entries.size());
  return card;
}

std::vector<Card> evidence_cards(const CaseView& view) {
  const auto& record = view.record;
  const auto cited = cited_by(record.verdict);
  std::vector<Card> cards;
  cards.push_back(titled(fmt::format("🧾 Evidence · {}", to_string(record.id))));
  if (record.verdict) add_reasoning(cards.back(), record);
  for (size_t begin = 0; begin < view.evidence.size(); begin += kEvidencePerCard) {
    // Chunks go by number, so that a later round changes messages and never moves evidence between them.
    if (begin > 0)
      cards.push_back(titled(fmt::format("🧾 Evidence · {} · part {}", to_string(record.id), begin / kEvidencePerCard + 1)));
    Bullets others{cited.empty() ? "Asked" : "Also asked; the verdict does not rest on these", {}};
    const size_t end = std::min(begin + kEvidencePerCard, view.evidence.size());
    for (size_t i = begin; i < end; ++i) {
      const auto& evidence = view.evidence[i];
      if (cited.contains(evidence.number)) {
        add_cited(cards.back(), evidence, record.entities);
      } else {
        others.items.push_back(
            {question_of(evidence, record.entities) + " " + prose(evidence.answer, record.entities, 200), {}, false});
      }
    }
    if (others.items.empty()) continue;
    cards.back().blocks.push_back(Divider{});
    cards.back().blocks.push_back(std::move(others));
  }
  return cards;
}

}  // namespace vedette::chat
