#pragma once
// Router, commands, delivery and Slack together over one store, against the fake Slack.

#include "bot/chat/delivery.hpp"
#include "bot/chat/home_card.hpp"
#include "bot/chat/router.hpp"
#include "bot/store/sqlite_store.hpp"
#include "commands/forms.hpp"
#include "commands/runner.hpp"
#include "tests/integration/slack/slack_bench.hpp"
#include "tests/support/files.hpp"

namespace vedette::test {

inline Person office_person(std::string id, std::string role, std::string user) {
  Person result;
  result.id = std::move(id);
  result.roles = {std::move(role)};
  result.identities = {Identity("slack", kFakeTeam, std::move(user))};
  return result;
}

// What the bench's TestSink stands in for, for real.
struct Office {
  explicit Office(Executor io)
      : bench(io),
        directory({office_person("ann", "analyst", "U7"), office_person("ben", "approver", "U8")}),
        policy(policy::PolicyOptions()),
        jobs(io, "office") {
    SqliteOptions sqlite;
    sqlite.path = folder.file("v.db");
    auto opened = open_sqlite_store(io, std::move(sqlite));
    if (!opened) throw std::runtime_error(opened.error().message);
    store = std::move(*opened);
    actions = std::make_unique<respond::ActionService>(store->actions(), policy, providers, system_clock());
    runner = std::make_unique<commands::Runner>(*store, policy, directory, *actions, system_clock());
    router = std::make_unique<chat::Router>(io, *store, directory, *runner, system_clock());
    chat::HomeRights rights;
    rights.why_not_read = [](const Person&) { return std::string(); };
    rights.why_not_decide = [this](const Person& who, const Action& action) {
      const auto decision = policy.may_approve(who, action);
      return decision.allowed ? std::string() : decision.reason;
    };
    home = std::make_unique<chat::StoreHome>(*store, directory, std::move(rights), system_clock());
    vedette = std::make_unique<slack::Slack>(io, *bench.http, system_clock(), bench.options, *router,
                                             slack::SocketModeEvents(), home.get());
    store->on_commit(Store::Topic::actions, vedette->home().change_listener());
    runner->ask_before("slack", [this](Identity who, commands::Effect) {
      return vedette->people().refusal(who.user, slack::Weight::decide, within(2000));
    });
    vedette->offer(forms);
    delivery = std::make_unique<chat::Delivery>(io, *store, vedette->platform(), system_clock());
  }

  boost::asio::awaitable<bool> start() {
    vedette->start();
    jobs.spawn("delivery", delivery->run());
    co_return co_await bench.fake.wait_sockets(2, milliseconds(3000));
  }

  boost::asio::awaitable<void> stop() {
    const Deadline deadline = within(5000);
    co_await vedette->stop(deadline);
    co_await jobs.stop(deadline);
    co_await bench.fake.stop();
    store->close();
  }

  // A message with one button.
  Async<void> say_card(std::string slot, std::string command) {
    co_return co_await say(std::move(slot), "a case", "", std::move(command));
  }

  Async<void> say(std::string slot, std::string text, std::string thread_of = "", std::string command = "") {
    OutboxMessage message;
    message.slot = std::move(slot);
    message.platform = "slack";
    message.channel = "C1";
    message.thread_of = std::move(thread_of);
    chat::Card card;
    card.summary = std::move(text);
    card.blocks = {chat::Heading{card.summary, {}}};
    if (!command.empty()) card.blocks.push_back(chat::Buttons{{{"Do it", command, {}, ""}}});
    message.card = to_json(card);
    std::vector<OutboxMessage> messages;
    messages.push_back(std::move(message));
    co_return co_await store->outbox().put(std::move(messages));
  }

  Async<CaseId> opened_case() {
    Alert alert;
    alert.source = "test";
    alert.dedup_key = "one";
    alert.title = "Something";
    alert.time = system_clock().now();
    alert.received = alert.time;
    alert.raw = "{}";
    std::vector<Alert> alerts;
    alerts.push_back(std::move(alert));
    CO_TRY(const auto accepted, store->alerts().accept(std::move(alerts)));
    co_return co_await store->alerts().open_case(accepted.front().id);
  }

  // An approval that waits: R-1, asked for by ann.
  Async<Action> awaited_action() {
    CO_TRY(const auto id, opened_case());
    ActionPlan plan;
    plan.verb = "block_ip";
    plan.provider = "none";
    plan.target = Entity(EntityType::ip, "203.0.113.7");
    AuditEntry audit;
    audit.actor = "vedette";
    audit.action = "action.propose";
    audit.detail = "{}";
    AuditEntry asked = audit;
    asked.action = "action.request";
    CO_TRY(const auto action, store->actions().propose(id, std::move(plan), "", "vedette", 1, std::move(audit)));
    std::string digest = action.plan.digest(id);
    const Time expires = system_clock().now() + std::chrono::minutes(30);
    co_return co_await store->actions().request(action.id, std::move(digest), "ann", 1, expires, std::move(asked));
  }

  // C-1 with a verdict.
  Async<void> judged_case() {
    CO_TRY_VOID(opened_case());
    CO_TRY(const auto lease, store->investigations().claim("test", std::chrono::seconds(60)));
    if (!lease) co_return Error(Code::internal, "there is nothing to investigate");
    Verdict verdict;
    verdict.headline = "Something was wrong";
    InvestigationLease claimed = *lease;
    std::vector<ProposedAction> proposals;
    co_return co_await store->investigations().finish(claimed, std::move(verdict), std::move(proposals));
  }

  int seen(const std::string& words) const {
    int count = 0;
    for (const auto& message : bench.fake.messages()) count += message.text.find(words) != std::string::npos ? 1 : 0;
    return count;
  }

  TempDir folder;
  SlackBench bench;
  Directory directory;
  policy::Policy policy;
  respond::Providers providers;
  commands::CommandForms forms{&system_clock()};
  std::unique_ptr<Store> store;
  std::unique_ptr<respond::ActionService> actions;
  std::unique_ptr<commands::Runner> runner;
  std::unique_ptr<chat::Router> router;
  std::unique_ptr<chat::StoreHome> home;
  std::unique_ptr<slack::Slack> vedette;
  std::unique_ptr<chat::Delivery> delivery;
  TaskGroup jobs;
};

}  // namespace vedette::test
