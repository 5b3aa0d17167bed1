// What the evidence cards have no room for, as one file in the thread of the case.

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/chat/case_cards.hpp"
#include "bot/chat/case_words.hpp"

namespace vedette::chat {
namespace {

constexpr size_t kFileBytes = 512 << 10;

std::string text_of(const Evidence& evidence, const std::vector<Entity>& entities) {
  const std::string& question = evidence.title.empty() ? evidence.question : evidence.title;
  std::string out = fmt::format("E{} · {}\n", evidence.number, prose(question, entities, 1000));
  out += "Answer: " + prose(evidence.answer, entities, 4000) + "\n";
  out += "Source: " + (evidence.source.empty() ? std::string("unknown") : prose(evidence.source, {}, 200)) + "\n";
  if (evidence.to > evidence.from) out += "Window: " + utc_window(evidence.from, evidence.to) + "\n";
  if (!evidence.query.empty()) out += "Query:\n" + verbatim(evidence.query) + "\n";
  int64_t kept = 0;
  std::string records;
  for (const auto& record : evidence.records) {
    if (!is_summary(record)) records += fmt::format("\n{}. {}\n", ++kept, verbatim(record));
  }
  const int64_t total = std::max(evidence.total, kept);
  const std::string all = counted(total, "record", "records");
  out += kept < total ? fmt::format("The {} kept of {}:\n", kept, all) : all + (kept > 0 ? ":\n" : "\n");
  return out + records + "\n";
}

// Whole lines, and a last one that says what is missing.
std::string bounded(std::string text, CaseId id) {
  if (text.size() <= kFileBytes) return text;
  const size_t line = text.rfind('\n', kFileBytes);
  size_t end = line == std::string::npos || line < kFileBytes / 2 ? kFileBytes : line;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not inside a character
  const size_t left = text.size() - end;
  text.resize(end);
  return text + fmt::format("\n\n(Cut here. The other {} bytes are on the page of {} in the console.)\n",
                            thousands(static_cast<int64_t>(left)), to_string(id));
}

}  // namespace

std::optional<Card> evidence_file(const CaseView& view) {
  const auto& record = view.record;
  // Nobody goes through the records of what is harmless, and most cases are; the console has them.
  if (!record.verdict || record.verdict->label == Label::benign) return std::nullopt;
  const auto cited = cited_by(record.verdict);
  const std::string id = to_string(record.id);
  std::vector<std::string> marks;
  std::string text;
  for (const auto& evidence : view.evidence) {
    if (!cited.contains(evidence.number) || shown_whole(evidence, record.entities)) continue;
    marks.push_back(fmt::format("E{}", evidence.number));
    if (text.size() <= kFileBytes) text += text_of(evidence, record.entities);
  }
  if (marks.empty()) return std::nullopt;
  const std::string title = text::ellipsize(fmt::format("Evidence of {} in full: {}", id, text::join(marks, ", ")), 120);
  Card card;
  card.summary = "📎 " + title;
  card.blocks.push_back(Heading{card.summary, Tone::neutral});
  const std::string first = title + ". Records are as the sources gave them.\n\n";
  card.blocks.push_back(File{id + "-evidence.txt", title, bounded(first + text, record.id)});
  return card;
}

}  // namespace vedette::chat
