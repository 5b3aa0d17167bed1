// list [open|mine|unacked|snoozed|pending|closed|all] [--sev=high] [--since=24h]

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/chat/case_words.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

constexpr size_t kRows = 20;
constexpr size_t kTitle = 70;

std::string age(Time since, Time now) {
  return format_duration(std::chrono::duration_cast<std::chrono::seconds>(now - since));
}

std::string verdict_of(const Case& record) {
  if (record.verdict) return fmt::format("{} {} %", chat::words_for(record.verdict->label), record.verdict->confidence);
  return record.investigation == InvestigationState::failed ? "could not be investigated" : "being investigated";
}

std::string status_of(const Case& record) {
  if (record.snooze && record.status != CaseStatus::closed) {
    return fmt::format("snoozed until {} by {}", chat::utc_minute(record.snooze->until), at(record.snooze->by));
  }
  if (record.status != CaseStatus::closed) return std::string(to_string(record.status));
  return record.disposition ? fmt::format("closed ({})", to_string(*record.disposition)) : "closed";
}

bool hides_snoozed(std::string_view which) { return which == "open" || which == "mine" || which == "unacked"; }

CaseFilter filter_of(const Call& call, std::string_view which) {
  CaseFilter filter;
  filter.limit = kRows + 1;  // one more tells that there are more
  filter.only_open = which != "closed" && which != "all";
  // What is put aside is out of the way until it is back; "all" has everything.
  if (hides_snoozed(which)) filter.snoozed = false;
  if (which == "snoozed") filter.snoozed = true;
  if (which == "closed") filter.status = CaseStatus::closed;
  if (which == "unacked") filter.status = CaseStatus::open;
  if (which == "mine") filter.owner = call.person->id;
  filter.at_least = call.arguments.severity("sev");
  if (const auto since = call.arguments.duration("since")) filter.since = call.services->clock.now() - *since;
  return filter;
}

std::string heading_of(std::string_view which) {
  if (which == "mine") return "Your open cases";
  if (which == "unacked") return "Cases nobody has acknowledged";
  if (which == "closed") return "Closed cases";
  if (which == "snoozed") return "Snoozed cases";
  if (which == "all") return "Cases";
  return "Open cases";
}

chat::Card nothing(std::string sentence) {
  chat::Card card;
  card.summary = sentence;
  card.blocks.push_back(chat::Paragraph{{{std::move(sentence), {}, false}}, false});
  return card;
}

chat::Card case_table(const Call& call, std::string_view which, std::vector<Case> cases) {
  const std::string heading = heading_of(which);
  if (cases.empty()) return nothing(heading + ": none.");
  const bool more = cases.size() > kRows;
  if (more) cases.resize(kRows);
  chat::Card card;
  card.summary = fmt::format("{}: {}{}", heading, cases.size(), more ? " and more" : "");
  card.blocks.push_back(chat::Heading{card.summary, chat::Tone::neutral});
  chat::Table table;
  table.header = {"Case", "Severity", "Verdict", "What", "Status", "Owner", "Age"};
  const Time now = call.services->clock.now();
  for (const auto& record : cases) {
    const auto& line = record.verdict && !record.verdict->headline.empty() ? record.verdict->headline : record.title;
    table.rows.push_back({to_string(record.id), std::string(to_string(record.severity)), verdict_of(record),
                          chat::prose(line, record.entities, kTitle), status_of(record), at(record.owner),
                          age(record.created, now)});
  }
  card.blocks.push_back(std::move(table));
  chat::Select open_one;
  open_one.label = "Show a case…";
  open_one.command = "show";
  for (const auto& record : cases) {
    const auto& line = record.verdict && !record.verdict->headline.empty() ? record.verdict->headline : record.title;
    std::string id = to_string(record.id);
    open_one.options.push_back({id + " · " + chat::prose(line, record.entities, kTitle - 10), id});
  }
  card.blocks.push_back(std::move(open_one));
  if (more) {
    card.blocks.push_back(
        chat::Paragraph{{{"There are more; --sev=high or --since=24h narrows it down.", {}, false}}, true});
  }
  return card;
}

// What is put aside is out of the list and not out of the world.
void add_snoozed(chat::Card& card, const std::vector<Case>& snoozed) {
  if (snoozed.empty()) return;
  Severity worst = snoozed.front().severity;
  for (const auto& record : snoozed) worst = std::max(worst, record.severity);
  const bool more = snoozed.size() > kRows;
  std::string line = fmt::format("{}{} {} snoozed (worst: {}): 'list snoozed'", more ? "More than " : "",
                                 more ? kRows : snoozed.size(), snoozed.size() == 1 ? "is" : "are", to_string(worst));
  card.blocks.push_back(chat::Paragraph{{{std::move(line), {}, false}}, false});
}

chat::Card pending_table(const Call& call, std::vector<Action> actions) {
  if (actions.empty()) return nothing("Nothing waits for approval.");
  const bool more = actions.size() > kRows;
  if (more) actions.resize(kRows);
  chat::Card card;
  card.summary = fmt::format("Waiting for approval: {}{}", actions.size(), more ? " and more" : "");
  card.blocks.push_back(chat::Heading{card.summary, chat::Tone::warning});
  chat::Table table;
  table.header = {"Action", "Case", "What", "Asked by", "Approvals", "Runs out in"};
  chat::Buttons buttons;
  const Time now = call.services->clock.now();
  for (const auto& action : actions) {
    int given = 0;
    for (const auto& vote : action.votes) given += vote.approve ? 1 : 0;
    const std::string id = to_string(action.id);
    table.rows.push_back({id, to_string(action.case_id), respond::describe_plan(action.plan), at(action.requester),
                          fmt::format("{} of {}", given, action.approvals_needed),
                          action.expires ? age(now, *action.expires) : "-"});
    if (buttons.items.size() < 5 && call.services->policy.may_approve(*call.person, action).allowed) {
      chat::Button button;
      button.label = "Approve " + id;
      button.command = fmt::format("approve {} --digest={}", id, action.plan.digest(action.case_id));
      button.tone = chat::Tone::good;
      button.confirm = respond::describe_plan(action.plan) + "?";
      buttons.items.push_back(std::move(button));
    }
  }
  card.blocks.push_back(std::move(table));
  if (!buttons.items.empty()) card.blocks.push_back(std::move(buttons));
  return card;
}

Async<chat::Reply> list(Call call) {
  const std::string given = call.arguments.word("which");
  const std::string which = given.empty() ? "open" : given;
  if (which == "pending") {
    CO_TRY(auto actions, call.services->store.actions().pending(kRows + 1));
    co_return answer(pending_table(call, std::move(actions)));
  }
  auto filter = filter_of(call, which);
  CO_TRY(auto cases, call.services->store.cases().list(std::move(filter)));
  auto card = case_table(call, which, std::move(cases));
  if (hides_snoozed(which)) {
    auto aside = filter_of(call, which);
    aside.snoozed = true;
    CO_TRY(const auto snoozed, call.services->store.cases().list(std::move(aside)));
    add_snoozed(card, snoozed);
  }
  co_return answer(std::move(card));
}

}  // namespace

Spec list_command() {
  Spec spec;
  spec.name = "list";
  spec.aliases = {"ls", "cases"};
  spec.usage = "list [open|mine|unacked|snoozed|pending|closed|all] [--sev=high] [--since=24h]";
  spec.summary = "list cases, or with 'pending' what waits for approval";
  spec.arguments = {
      {"which", ArgumentKind::choice, false, {"open", "mine", "unacked", "snoozed", "pending", "closed", "all"}}};
  spec.flags = {{"sev", FlagKind::severity}, {"since", FlagKind::duration}};
  spec.handler = list;
  return spec;
}

}  // namespace vedette::commands
