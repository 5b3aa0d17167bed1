// evidence [C-12] [E4]

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/chat/case_words.hpp"
#include "commands/evidence_card.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

constexpr size_t kRecordBytes = 2500;  // of each record; the case page has all of it

std::string window_of(const Evidence& evidence) {
  if (evidence.from == Time() || evidence.to == Time()) return "all time";
  return chat::utc_window(evidence.from, evidence.to);
}

chat::Card overview(const CaseView& view) {
  const std::string id = to_string(view.record.id);
  chat::Card card;
  card.summary = fmt::format("Evidence in {}: {}", id, view.evidence.size());
  card.blocks.push_back(chat::Heading{card.summary, chat::Tone::neutral});
  if (view.evidence.empty()) {
    card.blocks.push_back(chat::Paragraph{{{"None was taken yet.", {}, false}}, false});
    return card;
  }
  chat::Table table;
  table.header = {"No.", "Question", "Answer", "Records", "Source"};
  for (const auto& evidence : view.evidence) {
    table.rows.push_back({fmt::format("E{}", evidence.number), chat::prose(evidence.title, view.record.entities, 80),
                          chat::prose(evidence.answer, view.record.entities, 160), chat::thousands(evidence.total),
                          text::displayable(evidence.source)});
  }
  card.blocks.push_back(std::move(table));
  const std::string hint = fmt::format("'evidence {} E{}' shows the records of one.", id, view.evidence.front().number);
  card.blocks.push_back(chat::Paragraph{{{hint, {}, false}}, true});
  return card;
}

Async<chat::Reply> show_evidence(Call call) {
  CO_TRY(const auto view, load_case(*call.services, call.arguments.reference));
  if (!call.arguments.evidence) co_return answer(overview(view));
  const auto found = std::find_if(view.evidence.begin(), view.evidence.end(),
                                  [&](const Evidence& evidence) { return evidence.number == *call.arguments.evidence; });
  const std::string id = to_string(view.record.id);
  if (found == view.evidence.end()) {
    co_return Error(Code::not_found,
                    fmt::format("{} has no E{}. 'evidence {}' lists what there is.", id, *call.arguments.evidence, id));
  }
  chat::Card card;
  card.summary = fmt::format("{} in {}: {}", fmt::format("E{}", found->number), id,
                             chat::prose(found->title, view.record.entities, 120));
  add_evidence(card, *found, view.record.entities);
  co_return answer(std::move(card));
}

}  // namespace

void add_evidence(chat::Card& card, const Evidence& evidence, const std::vector<Entity>& entities) {
  card.blocks.push_back(chat::Heading{fmt::format("E{}: {}", evidence.number, chat::prose(evidence.title, entities, 200)),
                                      chat::Tone::neutral});
  card.blocks.push_back(chat::Paragraph{{{chat::prose(evidence.answer, entities), {evidence.number}, true}}, false});
  chat::Facts facts;
  facts.rows.emplace_back("Source", text::displayable(evidence.source));
  facts.rows.emplace_back("Window", window_of(evidence));
  facts.rows.emplace_back("Taken", chat::utc_second(evidence.taken));
  facts.rows.emplace_back("Matching", chat::counted(evidence.total, "record", "records"));
  if (!evidence.link.empty()) facts.rows.emplace_back("Link", text::defang(text::displayable(evidence.link)));
  card.blocks.push_back(std::move(facts));
  if (!evidence.query.empty()) card.blocks.push_back(chat::Records{"Query", chat::verbatim(evidence.query), true});
  if (evidence.records.empty()) return;
  std::string records;
  int64_t kept = 0;
  for (const auto& record : evidence.records) {
    kept += is_summary(record) ? 0 : 1;
    if (!records.empty()) records += '\n';
    records += record.size() > kRecordBytes ? text::ellipsize(record, kRecordBytes) : record;
  }
  const std::string title = kept < evidence.total
                                ? fmt::format("The {} records kept of {}", kept, chat::thousands(evidence.total))
                                : chat::counted(kept, "record", "records");
  card.blocks.push_back(chat::Records{title, chat::verbatim(records), true});
}

Spec evidence_command() {
  Spec spec;
  spec.name = "evidence";
  spec.aliases = {"ev"};
  spec.usage = "evidence [C-12] [E4]";
  spec.summary = "list the evidence, or show one piece with its query and records";
  spec.arguments = {{"case", ArgumentKind::case_ref}, {"evidence", ArgumentKind::evidence, false}};
  spec.handler = show_evidence;
  return spec;
}

}  // namespace vedette::commands
