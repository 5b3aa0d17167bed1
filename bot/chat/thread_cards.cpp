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

// What one message may hold on the narrowest platform: Slack takes about 13,000 characters over all blocks, and 50 blocks.
constexpr size_t kCardCost = 9500;
constexpr size_t kCitedPerCard = 8;
constexpr size_t kRecordsShown = 1500;  // characters of records with one piece of evidence; the store has all of them
constexpr size_t kQueryShown = 400;
constexpr size_t kAnswerShown = 600;
constexpr size_t kTimelineEntries = 40;
constexpr size_t kTimelineFirst = 12;
constexpr size_t kEntryText = 180;
constexpr size_t kClaimsListed = 20;
constexpr size_t kLinesListed = 8;

Card titled(std::string title, Tone tone = Tone::neutral) {
  Card card;
  card.summary = title;
  card.tone = tone;
  card.blocks.push_back(Heading{std::move(title), tone});
  return card;
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
  if (kind == "snooze") return "💤 ";
  if (kind == "awake") return "⏰ ";
  return "📝 ";
}

std::vector<Entry> entries_of(const CaseView& view) {
  const auto& entities = view.record.entities;
  std::vector<Entry> entries;
  for (const auto& alert : view.alerts) {
    const std::string title = prose(alert.title, entities, 120);
    entries.push_back(
        {alert.time, fmt::format("🔔 Alert {}: {} ({})", to_string(alert.id), title, prose(alert.source, {}, 60)), {}});
  }
  const auto cited = cited_by(view.record.verdict);
  for (const auto& evidence : view.evidence) {
    if (!cited.contains(evidence.number)) continue;
    if (const auto time = first_record(evidence)) {
      entries.push_back({*time, "🧾 First record: " + prose(evidence.answer, entities, kEntryText), {evidence.number}});
    }
  }
  for (const auto& note : view.notes) {
    if (note.kind == "alert") continue;  // the alerts themselves are above
    const std::string author = note.author.empty() ? std::string() : who(note.author) + ": ";
    entries.push_back({note.at, std::string(mark_of(note.kind)) + author + prose(note.text, entities, kEntryText), {}});
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
    if (is_summary(record)) continue;
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
  if (card.blocks.size() > 1) card.blocks.push_back(Divider{});
  card.blocks.push_back(Paragraph{
      {{question_of(evidence, entities), {}, true}, {prose(evidence.answer, entities, kAnswerShown), {}, false}}, false});
  card.blocks.push_back(Paragraph{{{source_line(evidence), {}, false}}, true});
  size_t shown_records = 0;
  const std::string records = records_text(evidence, &shown_records);
  std::string folded =
      evidence.query.empty() ? std::string() : "Query: " + text::ellipsize(verbatim(evidence.query), kQueryShown);
  if (!records.empty()) folded += (folded.empty() ? "" : "\n\n") + records;
  if (folded.empty()) return;
  const auto kept = std::count_if(evidence.records.begin(), evidence.records.end(),
                                  [](const auto& record) { return !is_summary(record); });
  const auto total = std::max<int64_t>(evidence.total, kept);
  std::string title = fmt::format("E{}: query", evidence.number);
  if (shown_records > 0) title += fmt::format(" and {} of {}", shown_records, counted(total, "record", "records"));
  card.blocks.push_back(Records{std::move(title), std::move(folded), true});
}

void add_list(Card& card, std::string title, const std::vector<std::string>& lines, const std::vector<Entity>& entities) {
  Bullets bullets{std::move(title), {}};
  for (const auto& line : lines) {
    if (bullets.items.size() == kLinesListed) {
      bullets.items.push_back({fmt::format("and {} more", lines.size() - kLinesListed), {}, false});
      break;
    }
    bullets.items.push_back({prose(line, entities, 240), {}, false});
  }
  if (!bullets.items.empty()) card.blocks.push_back(std::move(bullets));
}

// One piece of evidence as blocks of its own, or as a line in `others` where the verdict does not cite it.
struct EvidenceChunk {
  Card card;
  Bullets others;
  size_t cost = 0;
  size_t cited = 0;
};

size_t cost_of(const Evidence& evidence, bool cited, const std::vector<Entity>& entities) {
  Card card;
  if (!cited) return text::characters(question_of(evidence, entities)) + 260;
  add_cited(card, evidence, entities);
  size_t cost = text::characters(plain_text(card));
  for (const auto& block : card.blocks) {
    cost += 80;  // frames of blocks and lines
    if (const auto* records = std::get_if<Records>(&block)) {
      cost += text::characters(records->text) +
              20 * static_cast<size_t>(std::count(records->text.begin(), records->text.end(), '\n'));
    }
  }
  return cost;
}

EvidenceChunk new_chunk(CaseId id, size_t index, bool any_cited) {
  std::string title = fmt::format("🧾 Evidence · {}", to_string(id));
  if (index > 0) title += fmt::format(" · part {}", index + 1);
  return {titled(std::move(title)), {any_cited ? "Also asked; the verdict does not rest on these" : "Asked", {}}, 0, 0};
}

Card finished(EvidenceChunk chunk) {
  if (!chunk.others.items.empty()) {
    if (chunk.cited > 0) chunk.card.blocks.push_back(Divider{});
    chunk.card.blocks.push_back(std::move(chunk.others));
  }
  return std::move(chunk.card);
}

StepState state_of(const InvestigationStep& step, InvestigationState investigation) {
  if (step.done) return StepState::done;
  if (investigation == InvestigationState::failed) return StepState::failed;
  return investigation == InvestigationState::running ? StepState::running : StepState::waiting;
}

}  // namespace

std::set<int> cited_by(const std::optional<Verdict>& verdict) {
  std::set<int> numbers;
  if (!verdict) return numbers;
  for (const auto& claim : verdict->claims) numbers.insert(claim.evidence.begin(), claim.evidence.end());
  return numbers;
}

bool shown_whole(const Evidence& evidence, const std::vector<Entity>& entities) {
  size_t shown_records = 0;
  records_text(evidence, &shown_records);
  const auto kept = std::count_if(evidence.records.begin(), evidence.records.end(),
                                  [](const auto& record) { return !is_summary(record); });
  if (shown_records < static_cast<size_t>(kept) || text::characters(verbatim(evidence.query)) > kQueryShown) return false;
  for (const auto& record : evidence.records) {
    if (!is_summary(record) && text::characters(verbatim(record)) > kRecordsShown) return false;
  }
  return text::characters(prose(evidence.answer, entities, kAnswerShown + 1)) <= kAnswerShown;
}

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
  for (const auto& step : steps) {
    list.items.push_back({prose(step.text, record.entities, 160), state_of(step, record.investigation)});
  }
  if (!list.items.empty()) card.blocks.push_back(std::move(list));
  return card;
}

Card awake_card(const CaseView& view, const CaseNote& note) {
  const auto& record = view.record;
  const std::string line = fmt::format("⏰ {} is back. {}", to_string(record.id), prose(note.text, record.entities, 700));
  Card card;
  card.summary = line;
  card.blocks.push_back(Paragraph{{{line, {}, false}}, false});
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

Card why_card(const CaseView& view) {
  const auto& record = view.record;
  Card card = titled(fmt::format("💡 Why · {}", to_string(record.id)));
  if (!record.verdict) return card;
  const auto& verdict = *record.verdict;
  Bullets towards{"Speaks for malicious", {}};
  Bullets against{"Speaks against", {}};
  size_t listed = 0;
  for (const auto& claim : verdict.claims) {
    if (listed++ == kClaimsListed) break;
    auto& side = claim.weight < 0 ? against : towards;
    side.items.push_back({prose(claim.text, record.entities, 240), claim.evidence, false});
  }
  if (!towards.items.empty()) card.blocks.push_back(std::move(towards));
  if (!against.items.empty()) card.blocks.push_back(std::move(against));
  if (verdict.claims.size() > kClaimsListed) {
    const auto more =
        fmt::format("and {} weaker ones: /soc why {}", verdict.claims.size() - kClaimsListed, to_string(record.id));
    card.blocks.push_back(Paragraph{{{more, {}, false}}, true});
  }
  add_list(card, "Not checked", verdict.not_checked, record.entities);
  if (!verdict.would_change.empty()) add_list(card, "Would change the verdict", {verdict.would_change}, record.entities);
  add_list(card, "Considered and set aside", verdict.alternatives, record.entities);
  if (card.blocks.size() == 1)
    card.blocks.push_back(Paragraph{{{"Nothing was found that speaks either way.", {}, false}}, false});
  return card;
}

std::vector<Card> evidence_cards(const CaseView& view) {
  const auto& record = view.record;
  const auto cited = cited_by(record.verdict);
  std::vector<Card> cards;
  EvidenceChunk chunk = new_chunk(record.id, 0, !cited.empty());
  for (const auto& evidence : view.evidence) {
    const bool in_full = cited.contains(evidence.number);
    const size_t cost = cost_of(evidence, in_full, record.entities);
    if (chunk.cost > 0 && (chunk.cost + cost > kCardCost || chunk.cited == kCitedPerCard)) {
      cards.push_back(finished(std::move(chunk)));
      chunk = new_chunk(record.id, cards.size(), !cited.empty());
    }
    chunk.cost += cost;
    if (in_full) {
      add_cited(chunk.card, evidence, record.entities);
      ++chunk.cited;
    } else {
      const std::string line = question_of(evidence, record.entities) + " " + prose(evidence.answer, record.entities, 200);
      chunk.others.items.push_back({line, {}, false});
    }
  }
  if (view.evidence.empty()) {
    chunk.card.blocks.push_back(Paragraph{{{"No evidence was stored for this case.", {}, false}}, false});
  }
  cards.push_back(finished(std::move(chunk)));
  return cards;
}

Card empty_evidence_card(CaseId id, size_t index) {
  Card card = new_chunk(id, index, false).card;
  card.blocks.push_back(Paragraph{{{"The latest evidence has room in the parts above.", {}, false}}, true});
  return card;
}

}  // namespace vedette::chat
