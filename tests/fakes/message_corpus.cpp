#include "tests/fakes/message_corpus.hpp"

#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "bot/chat/case_cards.hpp"
#include "bot/chat/home_card.hpp"
#include "bot/intake/format.hpp"
#include "bot/intake/free_text.hpp"
#include "bot/store/sqlite_store.hpp"
#include "commands/forms.hpp"
#include "commands/registry.hpp"
#include "commands/runner.hpp"
#include "tests/support/card_lines.hpp"
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
  person.identities = {Identity("chat", "T1", std::move(user))};
  return person;
}

void check_forms(const std::string& name, const chat::Card& card, CorpusFindings& findings) {
  const commands::CommandForms forms;
  for (const auto& command : commands_on(card)) {
    const auto form = forms.form_of(command);
    if (!form) continue;
    ++findings.forms;
    findings.add(name + " form of " + command.substr(0, 40), findings.checks.form(*form));
  }
}

void check_card(const std::string& name, const std::string& stored, CorpusFindings& findings) {
  const auto card = chat::card_from_json(stored);
  if (!card) {
    findings.add(name, {"cannot be read back: " + card.error().message});
    return;
  }
  ++findings.cards;
  findings.add(name, findings.checks.message(*card));
  check_forms(name, *card, findings);
}

void check_home(const std::string& name, const CaseView& view, CorpusFindings& findings) {
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
  findings.add(name + " home", findings.checks.home(*card));
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
      "help",         "help close",      "help {2}",      "list",        "list mine",
      "link",         "link {2}",        "link 4F7K9QX2", "unlink",      "unlink {2}",
      "list unacked", "list snoozed",    "list pending",  "list closed", "list all",
      "status",       "coverage",        "whoami",        "{2}",         "investigate {2}",
      "approve R-1",  "approve R-99999", "show C-99999",  "why {2}",     "assign C-1 {2}",
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
    interaction.who = Identity("chat", "T1", by_ben ? "U8" : "U7");
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

const Time kReceived = *parse_time("2026-11-24T03:00:00Z");

constexpr size_t kLongest = 5000;  // bytes of a text; the slow tests feed longer ones

std::vector<Alert> hostile_alerts(Hostile& hostile) {
  return alerts_of(hostile.document().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::string line_of(const std::string& pattern, int64_t case_id, int64_t action, Hostile& hostile) {
  // As long as a chat message may be.
  const std::string words = hostile.text().substr(0, 4000);
  return fmt::format(fmt::runtime(pattern), case_id, action, words);
}

boost::asio::awaitable<void> check_reply(Desk& desk, std::string line, CorpusFindings& findings) {
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

std::vector<Alert> alerts_of(const std::string& document) {
  std::vector<Alert> alerts;
  const auto parsed = Json::parse(document);
  if (!parsed) {
    alerts.push_back(intake::alert_from_text(document.substr(0, 8000)));
    alerts.front().raw = document;
    intake::complete(alerts.front(), Json(), "corpus", "text", kReceived);
    return alerts;
  }
  const auto* format = intake::recognise_format(*parsed);
  auto read = format != nullptr ? format->parse(*parsed) : intake::parse_mapped(intake::Mapping(), *parsed);
  if (!read) {
    alerts.emplace_back();
    intake::complete(alerts.front(), *parsed, "corpus", "mapped", kReceived);
    return alerts;
  }
  for (size_t at = 0; at < read->alerts.size(); ++at) {
    intake::complete(read->alerts[at], read->records[at], "corpus", format != nullptr ? format->name : "mapped", kReceived);
  }
  return std::move(read->alerts);
}

void CorpusFindings::add(const std::string& where, std::vector<std::string> more) {
  for (auto& problem : more) {
    if (problems.size() < 100) problems.push_back(where + ": " + problem);
  }
}

void check_case(const std::string& name, const CaseView& view, CorpusFindings& findings, bool with_home) {
  for (const auto& message : chat::case_messages(view, {findings.checks.platform, "C1", std::nullopt, ""})) {
    check_card(name + " " + message.slot, message.card, findings);
  }
  if (with_home && findings.checks.home) check_home(name, view, findings);
}

void check_anything(Hostile& hostile, size_t rounds, CorpusFindings& findings) {
  for (size_t round = 0; round < rounds; ++round) {
    const std::string stored = to_json(hostile.card());
    if (stored.size() >= JsonLimits().bytes) continue;  // more than the outbox takes, and than any card of ours has
    const auto card = chat::card_from_json(stored);
    const std::string name = "card " + std::to_string(round);
    if (!card) {
      findings.add(name, {"cannot be read back: " + card.error().message});
      continue;
    }
    ++findings.cards;
    findings.add(name, findings.checks.message(*card));
    if (findings.checks.home) {
      ++findings.cards;
      findings.add(name, findings.checks.home(*card));
    }
    ++findings.forms;
    findings.add("form " + std::to_string(round), findings.checks.form(hostile.form()));
  }
}

Job check_replies(Executor io, std::vector<Alert> alerts, Hostile& hostile, CorpusFindings& findings) {
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

void check_public_alerts(CorpusFindings& findings) {
  Hostile hostile(1, 500);  // the alerts are what counts here
  size_t alerts = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(*corpus() / "alerts")) {
    if (!entry.is_regular_file() || entry.file_size() > 2'000'000) continue;
    const auto read = alerts_of(read_file(entry.path()));
    if (read.empty()) continue;
    ++alerts;
    check_case(entry.path().filename().string(), hostile.case_of(read.front(), {1, 2, 1, 1, 1, 1, 1}), findings,
               alerts % 10 == 0);
  }
  EXPECT_GT(alerts, 250u);
}

void check_hostile_alerts(CorpusFindings& findings) {
  Hostile hostile(7, kLongest);
  size_t alerts = 0;
  for (int round = 0; round < 30; ++round) {
    for (const auto& alert : hostile_alerts(hostile)) {
      ++alerts;
      check_case("round " + std::to_string(round), hostile.case_of(alert, {}), findings);
    }
  }
  EXPECT_GE(alerts, 30u);
  EXPECT_GT(findings.forms, 20u);
}

void check_case_of_much(CorpusFindings& findings) {
  Hostile hostile(3, 3000);
  Alert alert;
  alert.title = hostile.text();
  alert.raw = "{}";
  check_case("many", hostile.case_of(alert, {50, 2000, 60, 3, 20, 40, 60}), findings);
}

Job check_every_reply(Executor io, CorpusFindings& findings) {
  Hostile hostile(5, kLongest);
  std::vector<Alert> alerts;
  while (alerts.size() < 4) {
    for (auto& alert : hostile_alerts(hostile)) alerts.push_back(std::move(alert));
  }
  co_await check_replies(io, std::move(alerts), hostile, findings);
  for (const auto& spec : commands::all_commands()) {
    EXPECT_TRUE(findings.replies.contains(std::string(spec.name))) << "nobody said " << spec.name;
  }
}

void expect_none(const CorpusFindings& findings) {
  fmt::print("{} cards, {} forms\n", findings.cards, findings.forms);
  for (const auto& problem : findings.problems) ADD_FAILURE() << problem;
}

}  // namespace vedette::test
