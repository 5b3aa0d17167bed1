// Linking over two platforms, from what is said to what is shown: router, outbox and deliveries between, and a program that
// dies at any step.

#include "bot/chat/delivery.hpp"
#include "bot/chat/router.hpp"
#include "tests/integration/commands/linking.hpp"
#include "tests/unit/chat/fake_platform.hpp"

namespace vedette::test {
namespace {

using namespace std::chrono_literals;

Error died() { return Error(Code::cancelled, "the process is gone"); }

// Dies at its n-th write: just before it, or when it is on disk and nobody was told.
class DyingLinks final : public LinkStore {
 public:
  DyingLinks(LinkStore& real, int writes, bool after) : real_(real), left_(writes), after_(after) {}
  bool dead() const { return left_ < 0; }
  Async<std::vector<LinkedIdentity>> all() override { return real_.all(); }
  Async<std::optional<LinkOffer>> find(int64_t id) override {
    if (dead()) co_return died();
    co_return co_await real_.find(id);
  }
  Async<std::optional<LinkOffer>> open_of(Identity identity) override {
    if (dead()) co_return died();
    co_return co_await real_.open_of(std::move(identity));
  }
  Async<LinkOffer> offer(std::string p, Identity by, LinkPlace at, std::string h, Time e, AuditEntry a) override {
    auto done = real_.offer(std::move(p), std::move(by), std::move(at), std::move(h), e, std::move(a));
    co_return co_await write(std::move(done));
  }
  Async<LinkTry> try_code(std::string h, Identity by, LinkTries t, AuditEntry a) override {
    auto done = real_.try_code(std::move(h), std::move(by), t, std::move(a));
    co_return co_await write(std::move(done));
  }
  Async<LinkOffer> use(int64_t id, LinkUse u, std::vector<OutboxMessage> m, AuditEntry a) override {
    auto done = real_.use(id, std::move(u), std::move(m), std::move(a));
    co_return co_await write(std::move(done));
  }
  Async<LinkedIdentity> confirm(int64_t id, Identity by, std::vector<OutboxMessage> m, AuditEntry a) override {
    auto done = real_.confirm(id, std::move(by), std::move(m), std::move(a));
    co_return co_await write(std::move(done));
  }
  Async<LinkOffer> refuse(int64_t id, Identity by, std::vector<OutboxMessage> m, AuditEntry a) override {
    auto done = real_.refuse(id, std::move(by), std::move(m), std::move(a));
    co_return co_await write(std::move(done));
  }
  Async<LinkedIdentity> remove(Identity identity, AuditEntry a) override {
    auto done = real_.remove(std::move(identity), std::move(a));
    co_return co_await write(std::move(done));
  }

 private:
  template <class T>
  Async<T> write(Async<T> done) {
    if (dead()) co_return died();
    --left_;
    if (dead() && !after_) co_return died();
    auto result = co_await std::move(done);
    if (dead()) co_return died();
    co_return result;
  }
  LinkStore& real_;
  int left_;
  bool after_;
};

class DyingStore final : public Store {
 public:
  DyingStore(Store& real, int writes, bool after) : real_(real), links_(real.links(), writes, after) {}
  bool dead() const { return links_.dead(); }
  AlertStore& alerts() override { return real_.alerts(); }
  CaseStore& cases() override { return real_.cases(); }
  InvestigationStore& investigations() override { return real_.investigations(); }
  ActionStore& actions() override { return real_.actions(); }
  InboxStore& inbox() override { return real_.inbox(); }
  OutboxStore& outbox() override { return real_.outbox(); }
  AuditStore& audit() override { return real_.audit(); }
  EventStore& events() override { return real_.events(); }
  SessionStore& sessions() override { return real_.sessions(); }
  ConversationStore& conversations() override { return real_.conversations(); }
  LinkStore& links() override { return links_; }
  StoreHealth health() const override { return real_.health(); }
  void on_commit(Topic topic, std::function<void()> listener) override { real_.on_commit(topic, std::move(listener)); }
  void close() override { real_.close(); }

 private:
  Store& real_;
  DyingLinks links_;
};

Async<chat::Card> card_of(Company& company, std::string platform, std::string channel, std::string slot) {
  CO_TRY(const auto row, company.store->outbox().find(std::move(platform), std::move(channel), slot));
  if (!row) co_return Error(Code::not_found, "there is no " + slot);
  co_return chat::card_from_json(row->message.card);
}

// Works off what is in the inbox; with a store that dies, only until then.
Async<void> work(Executor io, Company& company, Store& store) {
  Directory directory(company.people());
  chat::LinkBook links(store, directory);
  CO_TRY_VOID(links.load());
  commands::Runner runner(store, company.policy, directory, *company.service, company.clock);
  runner.link_through(links);
  chat::Router router(io, store, directory, runner, company.clock);
  CO_TRY_VOID(router.work_off());
  co_return Status();
}

Async<void> said(Executor io, Company& company, chat::Interaction interaction) {
  Directory nobody;
  commands::Runner runner(*company.store, company.policy, nobody, *company.service, company.clock);
  chat::Router router(io, *company.store, nobody, runner, company.clock);
  CO_TRY_VOID(router.accept(std::move(interaction)));
  co_return Status();
}

std::string code_of(const chat::Card& card) {
  chat::Reply reply;
  reply.card = card;
  return code_in(reply);
}

// The three steps; the program dies once in the given one. In the end everything is there once.
boost::asio::awaitable<void> link_with_a_death(Executor io, int step_of_death, int writes, bool after) {
  SCOPED_TRACE("step " + std::to_string(step_of_death) + ", write " + std::to_string(writes) + (after ? ", after" : ""));
  Company company(io);
  std::string code;
  for (int step = 0; step < 3; ++step) {
    const Identity who = step == 1 ? teams_of("ann") : slack_of("ann");
    const std::string text = step == 0 ? "link" : step == 1 ? "link " + code : "";
    auto interaction = company.interaction_from(who, text, step == 1 ? "19:dm" : "C1");
    if (step == 2) {
      const auto open = co_await company.store->links().open_of(slack_of("ann"));
      CO_ASSERT_OK(open);
      CO_ASSERT_TRUE(open->has_value());
      interaction.text = "link confirm " + std::to_string((*open)->id);
      interaction.button = true;
    }
    CO_ASSERT_OK(co_await said(io, company, interaction));
    if (step == step_of_death) {
      DyingStore dying(*company.store, writes, after);
      const auto dead = co_await work(io, company, dying);
      EXPECT_TRUE(dying.dead() || dead.has_value());
      const auto links = co_await company.store->links().all();
      CO_ASSERT_OK(links);
      EXPECT_EQ(links->size(), step == 2 && after ? 1u : 0u);
      CO_ASSERT_OK(co_await company.restart(company.people()));
    }
    CO_ASSERT_OK(co_await work(io, company, *company.store));
    if (step == 0) {
      const auto card = co_await card_of(company, "slack", "C1", "reply/1");
      CO_ASSERT_OK(card);
      code = code_of(*card);
      CO_ASSERT_TRUE(!code.empty());
    }
  }
  const auto links = co_await company.store->links().all();
  CO_ASSERT_OK(links);
  CO_ASSERT_TRUE(links->size() == 1);
  EXPECT_EQ(links->front().identity, teams_of("ann"));
  const auto rows = co_await company.store->audit().rows(0, 100);
  CO_ASSERT_OK(rows);
  int uses = 0;
  int confirmations = 0;
  for (const auto& row : *rows) {
    uses += row.entry.action == "link.use" ? 1 : 0;
    confirmations += row.entry.action == "link.confirm" ? 1 : 0;
  }
  EXPECT_EQ(uses, 1);
  EXPECT_EQ(confirmations, 1);
  const auto answer = co_await card_of(company, "teams", "19:dm", "reply/2");
  CO_ASSERT_OK(answer);
  EXPECT_NE(answer->summary.find("I have asked @ann"), std::string::npos) << answer->summary;
  const auto pending = co_await company.store->inbox().pending(10);
  EXPECT_TRUE(pending->empty());
}

ASYNC_TEST(LinkChat, a_death_at_any_step_leaves_a_step_taken_or_not_taken) {
  for (const bool after : {false, true}) {
    co_await link_with_a_death(io, 0, 0, after);
    co_await link_with_a_death(io, 1, 0, after);
    co_await link_with_a_death(io, 1, 1, after);
    co_await link_with_a_death(io, 2, 0, after);
  }
}

// Waits until this platform shows a message that begins like this.
boost::asio::awaitable<const FakePlatform::Posted*> shown(const FakePlatform& platform, std::string beginning) {
  for (int i = 0; i < 400; ++i) {
    for (const auto& posted : platform.messages) {
      if (posted.summary.starts_with(beginning)) co_return &posted;
    }
    co_await sleep_for(5ms);
  }
  ADD_FAILURE() << platform.name() << " never shows: " << beginning;
  co_return nullptr;
}

ASYNC_TEST(LinkChat, is_shown_to_the_two_accounts_alone) {
  Company company(io);
  FakePlatform slack(company.clock, "slack");
  FakePlatform teams(company.clock, "teams");
  chat::DeliveryOptions options;
  options.poll = 2ms;
  options.seed = 1;
  TaskGroup group(io, "deliveries");
  chat::Delivery to_slack(io, *company.store, slack, company.clock, options);
  chat::Delivery to_teams(io, *company.store, teams, company.clock, options);
  group.spawn("slack", to_slack.run());
  group.spawn("teams", to_teams.run());
  chat::Router router(io, *company.store, company.directory, *company.runner, company.clock);
  const auto say = [&](Identity who, std::string text, std::string channel) {
    return router.accept(company.interaction_from(std::move(who), std::move(text), std::move(channel)));
  };
  CO_ASSERT_OK(co_await say(slack_of("ann"), "link", "C1"));
  CO_ASSERT_OK(co_await router.work_off());
  const auto* offered = co_await shown(slack, "Your code to link another account");
  CO_ASSERT_TRUE(offered != nullptr);
  EXPECT_EQ(offered->only_for, "U-ann");
  const auto card = co_await card_of(company, "slack", "C1", "reply/1");
  CO_ASSERT_OK(card);
  CO_ASSERT_OK(co_await say(teams_of("ann"), "link " + code_of(*card), "19:room"));
  CO_ASSERT_OK(co_await router.work_off());
  const auto* waits = co_await shown(teams, "Almost done: I have asked @ann in Slack");
  CO_ASSERT_TRUE(waits != nullptr);
  EXPECT_EQ(waits->only_for, "aad-ann");
  const auto* question = co_await shown(slack, "Your code was used by Teams account teams:72f988bf/aad-ann. Is this you?");
  CO_ASSERT_TRUE(question != nullptr);
  EXPECT_EQ(question->only_for, "U-ann");
  CO_ASSERT_OK(co_await say(slack_of("ann"), "link confirm 1", "C1"));
  CO_ASSERT_OK(co_await router.work_off());
  const auto* done = co_await shown(teams, "Linked: you are @ann to me here now.");
  CO_ASSERT_TRUE(done != nullptr);
  EXPECT_EQ(done->only_for, "aad-ann");
  const auto* changed = co_await shown(slack, "Linked: teams:72f988bf/aad-ann is you now, @ann.");
  EXPECT_TRUE(changed != nullptr);
  CO_ASSERT_OK(co_await say(teams_of("ann"), "whoami", "19:room"));
  CO_ASSERT_OK(co_await router.work_off());
  EXPECT_TRUE((co_await shown(teams, "You are @ann")) != nullptr);
  for (const auto* platform : {&slack, &teams}) {
    for (const auto& posted : platform->messages) EXPECT_NE(posted.only_for, "") << posted.summary;
  }
  co_await group.stop(Deadline::after(5s));
}

}  // namespace
}  // namespace vedette::test
