#include "tests/fakes/slack_corpus.hpp"

#include <set>

#include <fmt/format.h>

#include "bot/chat/case_cards.hpp"
#include "bot/chat/home_card.hpp"
#include "bot/store/sqlite_store.hpp"
#include "commands/forms.hpp"
#include "commands/runner.hpp"
#include "tests/fakes/slack_message_check.hpp"
#include "tests/support/files.hpp"

namespace vedette::test {
namespace {

// Takes any plan, and lets people change what the plan says.
class AnyProvider final : public respond::ActionProvider {
 public:
  std::string name() const override { return "any"; }
  std::vector<std::string> verbs() const override { return {"block_ip", "unblock_ip"}; }
  Status check(const ActionPlan&) const override { return {}; }
  std::vector<PlanSetting> settings(const ActionPlan& plan) const override {
    std::vector<PlanSetting> all;
    for (const auto& [name, value] : plan.parameters) all.push_back({name, name, "30m, 4h", value});
    return all;
  }
  Async<respond::Receipt> execute(ActionPlan, std::string, Deadline) override { co_return respond::Receipt(); }
  Async<respond::Receipt> look_up(ActionPlan, std::string, Deadline) override { co_return respond::Receipt(); }
};

Person somebody(std::string id, std::string user) {
  Person person;
  person.id = std::move(id);
  person.roles = {"admin", "analyst", "approver"};
  person.identities = {Identity("slack", "T1", std::move(user))};
  return person;
}

void check_forms(const std::string& name, const chat::Card& card, SlackFindings& findings) {
  const commands::CommandForms forms;
  for (const auto& command : commands_on(card)) {
    const auto form = forms.form_of(command);
    if (!form) continue;
    ++findings.forms;
    findings.add(name + " form of " + command.substr(0, 40), form_problems(*form));
  }
}

void check_card(const std::string& name, const std::string& stored, SlackFindings& findings) {
  const auto card = chat::card_from_json(stored);
  if (!card) {
    findings.add(name, {"cannot be read back: " + card.error().message});
    return;
  }
  ++findings.cards;
  findings.add(name, message_problems(*card));
  check_forms(name, *card, findings);
}

void check_home(const std::string& name, const CaseView& view, SlackFindings& findings) {
  chat::HomeContent content;
  for (const auto& action : view.actions) {
    if (content.pending.size() == chat::kHomeActions) break;
    content.pending.push_back({action, action.id.number % 2 == 0 ? action.reason : ""});
  }
  content.cases.assign(chat::kHomeCases, view.record);
  for (size_t at = 0; at < content.cases.size(); ++at) content.cases[at].id = CaseId(static_cast<int64_t>(at) + 1);
  content.snoozed.assign(3, view.record);
  content.more_pending = content.more_cases = true;
  const auto card = chat::card_from_json(to_json(home_card(content)));
  if (!card) {
    findings.add(name, {"the page cannot be read back"});
    return;
  }
  ++findings.cards;
  findings.add(name + " home", home_problems(*card));
  check_forms(name + " home", *card, findings);
}

// What people type about one case. {} stands for its number, {:R} for that of its action.
const std::vector<std::string>& lines_about_a_case() {
  static const std::vector<std::string> lines = {"show C-{0}",
                                                 "why C-{0}",
                                                 "why C-{0} 1",
                                                 "evidence C-{0}",
                                                 "evidence C-{0} E1",
                                                 "evidence C-{0} E2",
                                                 "timeline C-{0}",
                                                 "note C-{0} {2}",
                                                 "ack C-{0}",
                                                 "assign C-{0} me",
                                                 "good C-{0} {2}",
                                                 "bad C-{0} {2}",
                                                 "retract C-{0} bad",
                                                 "snooze C-{0} 4h {2}",
                                                 "snooze C-{0} off {2}",
                                                 "edit R-{1}",
                                                 "edit R-{1} duration=8h",
                                                 "request R-{1}",
                                                 "deny R-{1} {2}",
                                                 "undo R-{1}",
                                                 "settle R-{1} done {2}",
                                                 "close C-{0} fp {2}",
                                                 "reopen C-{0} {2}",
                                                 "show C-{0}"};
  return lines;
}
const std::vector<std::string>& lines_about_all() {
  static const std::vector<std::string> lines = {
      "help",         "help close",      "help {2}",     "list",        "list mine",
      "list unacked", "list snoozed",    "list pending", "list closed", "list all",
      "status",       "coverage",        "whoami",       "{2}",         "investigate {2}",
      "approve R-1",  "approve R-99999", "show C-99999", "why {2}",     "assign C-1 {2}",
      "close C-1 {2}"};
  return lines;
}

struct Desk {
  explicit Desk(Executor io) : directory({somebody("ann", "U7"), somebody("ben", "U8")}), policy(policy::PolicyOptions()) {
    (void)providers.add(std::make_unique<AnyProvider>());
    SqliteOptions sqlite;
    sqlite.path = folder.file("v.db");
    auto opened = open_sqlite_store(io, std::move(sqlite));
    if (!opened) throw std::runtime_error(opened.error().message);
    store = std::move(*opened);
    actions = std::make_unique<respond::ActionService>(store->actions(), policy, providers, system_clock());
    runner = std::make_unique<commands::Runner>(*store, policy, directory, *actions, system_clock());
  }

  // A case with evidence, a verdict and a proposed action.
  Async<CaseId> judged(Alert alert, CaseView like) {
    std::vector<Alert> alerts;
    alerts.push_back(std::move(alert));
    CO_TRY(const auto accepted, store->alerts().accept(std::move(alerts)));
    if (accepted.front().duplicate) co_return CaseId();
    CO_TRY(const auto id, store->alerts().open_case(accepted.front().id));
    CO_TRY(const auto lease, store->investigations().claim("test", std::chrono::seconds(60)));
    if (!lease) co_return Error(Code::internal, "there is nothing to investigate");
    for (auto& evidence : like.evidence) {
      InvestigationLease claimed = *lease;
      CO_TRY_VOID(store->investigations().add_evidence(claimed, std::move(evidence)));
    }
    std::vector<ProposedAction> proposals;
    for (const auto& action : like.actions) {
      ActionPlan plan = action.plan;
      plan.verb = "block_ip";
      plan.provider = "any";
      proposals.push_back({std::move(plan), action.reason, 1});
    }
    Verdict verdict = like.record.verdict.value_or(Verdict());
    InvestigationLease claimed = *lease;
    CO_TRY_VOID(store->investigations().finish(claimed, std::move(verdict), std::move(proposals)));
    co_return id;
  }

  Async<chat::Reply> said(std::string line, bool by_ben, CaseId context) {
    chat::Interaction interaction;
    interaction.key = "said/" + std::to_string(++said_);
    interaction.who = Identity("slack", "T1", by_ben ? "U8" : "U7");
    interaction.channel = "C1";
    interaction.text = std::move(line);
    const Person* person = directory.find(interaction.who);
    co_return co_await runner->run(std::move(interaction), person, context);
  }

  TempDir folder;
  Directory directory;
  policy::Policy policy;
  respond::Providers providers;
  std::unique_ptr<Store> store;
  std::unique_ptr<respond::ActionService> actions;
  std::unique_ptr<commands::Runner> runner;
  int said_ = 0;
};

std::string line_of(const std::string& pattern, int64_t case_id, int64_t action, Hostile& hostile) {
  // As long as a chat message may be.
  const std::string words = hostile.text().substr(0, 4000);
  return fmt::format(fmt::runtime(pattern), case_id, action, words);
}

boost::asio::awaitable<void> check_reply(Desk& desk, std::string line, SlackFindings& findings) {
  const std::string verb = line.substr(0, line.find(' '));
  for (const bool by_ben : {false, true}) {
    if (by_ben && verb != "approve" && verb != "deny" && verb != "settle") continue;
    std::string typed = line;
    const auto reply = co_await desk.said(std::move(typed), by_ben, CaseId());
    if (!reply) {
      findings.add(verb, {"not carried out: " + reply.error().message});
      continue;
    }
    ++findings.replies[verb];
    if (reply->card) check_card("'" + verb + "'", to_json(*reply->card), findings);
  }
}

}  // namespace

void SlackFindings::add(const std::string& where, std::vector<std::string> more) {
  for (auto& problem : more) {
    if (problems.size() < 100) problems.push_back(where + ": " + problem);
  }
}

void check_case(const std::string& name, const CaseView& view, SlackFindings& findings, bool with_home) {
  for (const auto& message : chat::case_messages(view, {"slack", "C1", std::nullopt, ""})) {
    check_card(name + " " + message.slot, message.card, findings);
  }
  if (with_home) check_home(name, view, findings);
}

void check_anything(Hostile& hostile, size_t rounds, SlackFindings& findings) {
  for (size_t round = 0; round < rounds; ++round) {
    const std::string stored = to_json(hostile.card());
    if (stored.size() >= JsonLimits().bytes) continue;  // more than the outbox takes, and than any card of ours has
    const auto card = chat::card_from_json(stored);
    const std::string name = "card " + std::to_string(round);
    if (!card) {
      findings.add(name, {"cannot be read back: " + card.error().message});
      continue;
    }
    findings.cards += 2;
    findings.add(name, message_problems(*card));
    findings.add(name, home_problems(*card));
    ++findings.forms;
    findings.add("form " + std::to_string(round), form_problems(hostile.form()));
  }
}

Job check_replies(Executor io, std::vector<Alert> alerts, Hostile& hostile, SlackFindings& findings) {
  Desk desk(io);
  for (auto& alert : alerts) {
    auto like = hostile.case_of(alert, {1, 0, 3, 3, 4, 2, 0});
    const auto id = co_await desk.judged(std::move(alert), std::move(like));
    if (!id) {
      findings.add("store", {id.error().message});
      continue;
    }
    if (!*id) continue;
    const auto actions = co_await desk.store->actions().of_case(*id);
    const int64_t action = actions && !actions->empty() ? actions->front().id.number : 1;
    for (const auto& pattern : lines_about_a_case()) {
      std::string line = line_of(pattern, id->number, action, hostile);
      co_await check_reply(desk, std::move(line), findings);
    }
    const auto view = co_await desk.store->cases().view(*id);
    if (view) check_case("stored", *view, findings);
  }
  for (const auto& pattern : lines_about_all()) {
    std::string line = line_of(pattern, 1, 1, hostile);
    co_await check_reply(desk, std::move(line), findings);
  }
  desk.store->close();
}

}  // namespace vedette::test
