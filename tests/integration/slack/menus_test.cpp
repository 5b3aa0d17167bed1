// Menus, selects and pickers of a case's card, and the forms behind them, from the click to what comes of it.

#include "bot/chat/presenter.hpp"
#include "bot/chat/snooze_clock.hpp"
#include "integrations/simulated/simulated_provider.hpp"
#include "tests/integration/slack/office.hpp"

namespace vedette::test {
namespace {

// An office whose cases are shown in C1, with everything that keeps them in step.
struct Desk {
  explicit Desk(Executor io)
      : office(io),
        presenter(io, *office.store, {{"slack", "C1", {}, ""}}, [](const ActionPlan&) { return true; }),
        snoozes(*office.store, system_clock(), milliseconds(20)) {
    const auto added = office.providers.add(simulated::make_simulated_provider({}));
    if (!added) throw std::runtime_error(added.error().message);
    presenter.offer_settings([this](const ActionPlan& plan) { return office.providers.settings(plan); });
  }

  boost::asio::awaitable<bool> start() {
    const bool there = co_await office.start();
    office.jobs.spawn("presenter", presenter.run());
    office.jobs.spawn("snoozes", snoozes.run());
    office.jobs.spawn("router", office.router->run());
    co_return there;
  }
  // The message that says this, or nothing.
  const FakeMessage* message(const std::string& words) const {
    for (const auto& item : office.bench.fake.messages()) {
      if (item.text.find(words) != std::string::npos) return &item;
    }
    return nullptr;
  }
  bool use(const std::string& ts, const std::string& value) {
    return office.bench.fake.click("U7", "C1", ts, value).has_value();
  }
  std::string view() const { return office.bench.fake.views().empty() ? "" : office.bench.fake.views().rbegin()->first; }
  bool submit(const std::map<std::string, std::string>& values) {
    return office.bench.fake.submit_view("U7", view(), values).has_value();
  }
  std::string last_ack() const { return office.bench.fake.envelope(office.bench.fake.envelopes() - 1).ack; }
  bool root_says(const std::string& words) const {
    const auto* root = message("C-1");
    return root != nullptr && root->blocks.dump().find(words) != std::string::npos;
  }

  Office office;
  chat::Presenter presenter;
  chat::SnoozeClock snoozes;
};

ASYNC_TEST(SlackMenus, snooze_from_the_menu_to_the_line_that_says_it_is_back) {
  Desk desk(io);
  CO_ASSERT_OK(co_await desk.office.judged_case());
  CO_ASSERT_TRUE(co_await desk.start());
  CO_EVENTUALLY(desk.root_says("Snooze…"));
  const std::string root = desk.message("C-1")->ts;
  CO_ASSERT_TRUE(desk.use(root, "Snooze…"));
  CO_EVENTUALLY(!desk.view().empty());
  // What is wrong is said at its field, and the form stays.
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(system_clock().now().time_since_epoch()).count();
  for (const std::string& until : {std::string(), std::to_string(now - 3600)}) {
    CO_ASSERT_TRUE(desk.submit({{"how", "time"}, {"until", until}, {"reason", "the owner"}}));
    CO_EVENTUALLY(desk.last_ack() != "");
    EXPECT_TRUE(nlohmann::json::parse(desk.last_ack())["payload"]["errors"].contains("until")) << desk.last_ack();
    CO_ASSERT_TRUE(!desk.view().empty());
  }
  const auto soon = now + 7200;
  CO_ASSERT_TRUE(desk.submit({{"how", "time"}, {"until", std::to_string(soon)}, {"reason", "the owner"}}));
  CO_EVENTUALLY(desk.root_says("Snoozed until"));
  EXPECT_TRUE(desk.root_says("by ann: the owner"));
  EXPECT_TRUE(desk.root_says("End the snooze"));
  auto record = co_await desk.office.store->cases().get(CaseId(1));
  CO_ASSERT_OK(record);
  CO_ASSERT_TRUE(record->snooze.has_value());
  EXPECT_EQ(to_micros(record->snooze->until), soon * 1'000'000);
  // Its time comes: one line in the thread, addressed to whoever put it aside.
  Snooze over = *record->snooze;
  over.until = system_clock().now() + milliseconds(50);
  AuditEntry audit;
  audit.actor = "ann";
  audit.action = "case.snooze";
  audit.subject = "C-1";
  audit.detail = "{}";
  CO_ASSERT_OK(co_await desk.office.store->cases().snooze(CaseId(1), over, CaseNote(), audit));
  CO_EVENTUALLY(desk.message("C-1 is back. ann, your snooze is over") != nullptr);
  const auto* said = desk.message("C-1 is back");
  EXPECT_EQ(said->thread_ts, root);
  EXPECT_EQ(said->blocks.dump().find("mrkdwn"), std::string::npos);
  CO_EVENTUALLY(!desk.root_says("Snoozed until"));
  EXPECT_EQ(desk.office.seen("C-1 is back"), 1);
  co_await desk.office.stop();
}

ASYNC_TEST(SlackMenus, selects_and_pickers_in_messages) {
  Desk desk(io);
  CO_ASSERT_OK(co_await desk.office.judged_case());
  CO_ASSERT_TRUE(co_await desk.start());
  CO_EVENTUALLY(desk.message("C-1") != nullptr);
  const std::string root = desk.message("C-1")->ts;
  // A person: from the menu as a form, and typed as a select in the answer.
  CO_ASSERT_TRUE(desk.use(root, "Assign to…"));
  CO_EVENTUALLY(!desk.view().empty());
  CO_ASSERT_TRUE(desk.submit({{"person", "U8"}}));
  CO_EVENTUALLY(desk.root_says("Owner: ben"));
  (void)desk.office.bench.fake.slash("U7", "C1", "assign C-1");
  CO_EVENTUALLY(desk.message("Who shall have C-1?") != nullptr);
  CO_ASSERT_TRUE(desk.use(desk.message("Who shall have C-1?")->ts, "U7"));
  CO_EVENTUALLY(desk.root_says("Owner: ann"));
  // A point in time.
  (void)desk.office.bench.fake.slash("U7", "C1", "snooze C-1");
  CO_EVENTUALLY(desk.message("How long shall C-1 be quiet?") != nullptr);
  const auto soon = std::chrono::duration_cast<std::chrono::seconds>(system_clock().now().time_since_epoch()).count() + 7200;
  CO_ASSERT_TRUE(desk.use(desk.message("How long shall C-1 be quiet?")->ts, std::to_string(soon)));
  CO_EVENTUALLY(desk.root_says("Snoozed until"));
  CO_ASSERT_TRUE(desk.use(root, "End the snooze"));
  CO_EVENTUALLY(!desk.root_says("Snoozed until"));
  // One of a list.
  (void)desk.office.bench.fake.slash("U7", "C1", "list");
  CO_EVENTUALLY(desk.message("Open cases: 1") != nullptr);
  const size_t before = desk.office.bench.fake.messages().size();
  CO_ASSERT_TRUE(desk.use(desk.message("Open cases: 1")->ts, "C-1"));
  CO_EVENTUALLY(desk.office.bench.fake.messages().size() > before);
  co_await desk.office.stop();
}

ASYNC_TEST(SlackMenus, a_plan_is_changed_in_a_form_that_shows_what_it_is) {
  Desk desk(io);
  CO_ASSERT_OK(co_await desk.office.opened_case());
  ActionPlan plan;
  plan.verb = "block_ip";
  plan.provider = "simulated";
  plan.target = Entity(EntityType::ip, "203.0.113.7");
  AuditEntry audit;
  audit.actor = "vedette";
  audit.action = "action.propose";
  audit.detail = "{}";
  CO_ASSERT_OK(co_await desk.office.store->actions().propose(CaseId(1), plan, "", "vedette", 1, audit));
  audit.action = "action.request";
  const Time expires = system_clock().now() + std::chrono::minutes(30);
  CO_ASSERT_OK(co_await desk.office.store->actions().request(ActionId(1), plan.digest(CaseId(1)), "ben", 1, expires, audit));
  CO_ASSERT_TRUE(co_await desk.start());
  CO_EVENTUALLY(desk.message("Approval needed") != nullptr);
  CO_ASSERT_TRUE(desk.use(desk.message("Approval needed")->ts, "Edit…"));
  CO_EVENTUALLY(!desk.view().empty());
  const auto shown = desk.office.bench.fake.views().rbegin()->second;
  EXPECT_NE(shown.dump().find(R"("initial_value":"4h")"), std::string::npos) << shown.dump();
  CO_ASSERT_TRUE(desk.submit({{"duration", "8h"}}));
  CO_EVENTUALLY(desk.message("R-2") != nullptr);
  const auto changed = co_await desk.office.store->actions().get(ActionId(2));
  CO_ASSERT_OK(changed);
  EXPECT_EQ(changed->state, ActionState::awaiting);
  EXPECT_EQ(changed->requester, "ann");
  EXPECT_EQ(changed->plan.parameters.at("duration"), "8h");
  co_await desk.office.stop();
}

}  // namespace
}  // namespace vedette::test
