// A person's own page: what it says, what it lets them press, and that it stays within what a platform takes.

#include "bot/chat/home_card.hpp"

#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "bot/base/text.hpp"
#include "bot/store/sqlite_store.hpp"
#include "integrations/slack/render.hpp"
#include "tests/fakes/fake_slack_blocks.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/case_fixtures.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/files.hpp"

namespace vedette::chat {
namespace {

using nlohmann::json;

slack::RenderLimits view_limits() {
  slack::RenderLimits limits;
  limits.blocks = 100;
  limits.characters = 40'000;
  limits.feedback_buttons = false;
  return limits;
}

HomeContent::Pending awaiting(std::string why_not) {
  const CaseView view = test::case_with_action(ActionState::awaiting);
  return {view.actions.front(), std::move(why_not)};
}

HomeContent busy_home() {
  HomeContent content;
  content.pending.push_back(awaiting(""));
  content.pending.push_back(awaiting("You asked for R-10 yourself, so somebody else has to decide on it."));
  content.pending[1].action.id = ActionId(10);
  content.cases = {test::malicious_case().record, test::investigating_case().record, test::failed_case().record};
  Case quiet = test::benign_case().record;
  quiet.snooze = Snooze{*parse_time("2026-11-25T09:00:00Z"), "ann", "patch day, see http://evil.example"};
  content.snoozed = {std::move(quiet)};
  content.day = {1234, 600, 30, 4, 599, 1};
  return content;
}

std::vector<std::string> commands_of(const Card& card) {
  std::vector<std::string> all;
  for (const auto& block : card.blocks) {
    if (const auto* buttons = std::get_if<Buttons>(&block)) {
      for (const auto& button : buttons->items) all.push_back(button.command);
    }
  }
  return all;
}

TEST(HomeCard, golden) {
  const std::pair<const char*, HomeContent> pages[] = {{"busy", busy_home()}, {"empty", HomeContent()}};
  for (const auto& [name, content] : pages) {
    const Card card = home_card(content);
    const auto view = slack::render(card, view_limits());
    const json blocks = json::parse(view.blocks);
    EXPECT_EQ(test::view_blocks_problem(blocks).value_or(""), "") << name;
    test::expect_golden(std::string("home/") + name + ".slack.json", blocks.dump(1) + "\n");
    test::expect_golden(std::string("home/") + name + ".txt", plain_text(card));
  }
}

TEST(HomeCard, only_who_may_decide_gets_the_buttons_for_it) {
  const auto commands = commands_of(home_card(busy_home()));
  size_t approvals = 0;
  for (const auto& command : commands) {
    approvals += command.starts_with("approve ") || command.starts_with("deny ") ? 1 : 0;
    EXPECT_EQ(command.find("R-10"), std::string::npos) << command;
  }
  EXPECT_EQ(approvals, 2u);
  const Action action = busy_home().pending[0].action;
  const std::string approve = "approve " + to_string(action.id) + " --digest=" + action.plan.digest(action.case_id);
  EXPECT_NE(std::find(commands.begin(), commands.end(), approve), commands.end());
}

TEST(HomeCard, the_fullest_page_of_the_most_hostile_cases_fits_whole) {
  HomeContent content;
  for (size_t at = 0; at < kHomeActions; ++at) {
    auto pending = awaiting(at % 2 == 0 ? "" : std::string(300, 'w'));
    pending.action.id = ActionId(static_cast<int64_t>(at) + 1);
    pending.action.plan.target = Entity(EntityType::user, "<!channel>" + std::string(900, 'x'));
    content.pending.push_back(std::move(pending));
  }
  for (size_t at = 0; at < kHomeCases; ++at) {
    Case record = at % 2 == 0 ? test::hostile_case().record : test::large_case().record;
    record.id = CaseId(static_cast<int64_t>(at) + 1);
    content.cases.push_back(record);
    record.id = CaseId(static_cast<int64_t>(at) + 1001);
    record.snooze = Snooze{*parse_time("2026-11-25T09:00:00Z"), "ann", "<!channel>" + std::string(900, 'y')};
    content.snoozed.push_back(std::move(record));
  }
  content.more_cases = content.more_pending = content.more_snoozed = true;
  const auto view = slack::render(home_card(content), view_limits());
  EXPECT_EQ(view.missing_lines, 0u);
  const json blocks = json::parse(view.blocks);
  EXPECT_EQ(test::view_blocks_problem(blocks).value_or(""), "");
  EXPECT_LE(blocks.size(), 100u);
  EXPECT_LT(view.blocks.size(), 200'000u);
  for (size_t at = 1; at <= kHomeCases; ++at)
    EXPECT_NE(view.blocks.find("\"show C-" + std::to_string(at) + "\""), std::string::npos) << at;
  for (size_t at = 1001; at <= 1000 + kHomeCases; ++at)
    EXPECT_NE(view.blocks.find("\"snooze C-" + std::to_string(at) + " off\""), std::string::npos) << at;
  EXPECT_NE(view.blocks.find("list snoozed"), std::string::npos);
  for (size_t at = 1; at <= kHomeActions; ++at)
    EXPECT_NE(view.blocks.find("R-" + std::to_string(at) + " · "), std::string::npos) << at;
  EXPECT_NE(view.blocks.find("More are waiting"), std::string::npos);
  EXPECT_NE(view.blocks.find("There are more, older ones"), std::string::npos);
}

struct HomeWorld {
  explicit HomeWorld(Executor io) {
    SqliteOptions options;
    options.path = ":memory:";
    options.clock = &clock;
    auto opened = open_sqlite_store(io, options);
    if (!opened) throw std::runtime_error(opened.error().message);
    store = std::move(*opened);
    Person ann;
    ann.id = "ann";
    ann.identities = {Identity("slack", "T1", "U1")};
    Person eve;
    eve.id = "eve";
    eve.identities = {Identity("slack", "T1", "U2")};
    directory = Directory({ann, eve});
    HomeRights rights;
    rights.with_roles = [this](Identity, Person person) { return with_roles(std::move(person)); };
    rights.why_not_read = [](const Person& person) {
      return person.id == "ann" || person.has_role("guest") ? "" : "You have no role yet.";
    };
    rights.why_not_decide = [](const Person&, const Action&) { return ""; };
    home = std::make_unique<StoreHome>(*store, directory, std::move(rights), clock);
  }

  boost::asio::awaitable<Person> with_roles(Person person) {
    if (group_member) person.roles.push_back("guest");
    co_return person;
  }

  Async<CaseId> open_case(std::string key) {
    Alert alert;
    alert.source = "test";
    alert.dedup_key = key;
    alert.title = "About " + key;
    alert.time = alert.received = clock.now();
    alert.raw = "{}";
    std::vector<Alert> alerts;
    alerts.push_back(std::move(alert));
    CO_TRY(const auto accepted, store->alerts().accept(std::move(alerts)));
    co_return co_await store->alerts().open_case(accepted.front().id);
  }

  test::FakeClock clock;
  bool group_member = false;  // everybody, for a moment
  std::unique_ptr<Store> store;
  Directory directory;
  std::unique_ptr<StoreHome> home;
};

ASYNC_TEST(StoreHome, shows_open_cases_of_this_person_and_the_last_day) {
  HomeWorld world(io);
  CO_ASSERT_OK(co_await world.open_case("yesterday"));
  world.clock.advance(std::chrono::hours(25));
  for (const char* key : {"mine", "not-mine", "closed"}) CO_ASSERT_OK(co_await world.open_case(key));
  const std::pair<int64_t, bool> changes[] = {{2, false}, {4, true}};
  for (const auto& [number, close] : changes) {
    CaseChange change;
    change.owner = "ann";
    if (close) change.status = CaseStatus::closed;
    AuditEntry audit;
    audit.actor = "ann";
    audit.action = "case.ack";
    audit.detail = "{}";
    CO_ASSERT_OK(co_await world.store->cases().change(CaseId(number), std::move(change), std::move(audit)));
  }
  const auto page = co_await world.home->home_of(Identity("slack", "T1", "U1"));
  CO_ASSERT_OK(page);
  const std::string text = plain_text(*page);
  EXPECT_NE(text.find("C-2 · "), std::string::npos) << text;
  EXPECT_NE(text.find("About mine"), std::string::npos) << text;
  for (const char* other : {"C-1", "C-3", "C-4"}) EXPECT_EQ(text.find(other), std::string::npos) << text;
  EXPECT_NE(text.find("Received: 3"), std::string::npos) << text;
  EXPECT_NE(text.find("Nothing waits for an approval"), std::string::npos) << text;
  EXPECT_EQ(text.find("n call"), std::string::npos) << "nobody here knows who is";
}

ASYNC_TEST(StoreHome, the_day_is_counted_once_for_all_viewers_of_a_moment) {
  HomeWorld world(io);
  world.group_member = true;
  CO_ASSERT_OK(co_await world.open_case("first"));
  const auto page = co_await world.home->home_of(Identity("slack", "T1", "U1"));
  CO_ASSERT_OK(co_await world.open_case("second"));
  const auto soon_after = co_await world.home->home_of(Identity("slack", "T1", "U2"));
  CO_ASSERT_OK(soon_after);
  EXPECT_NE(plain_text(*soon_after).find("Received: 1"), std::string::npos) << plain_text(*soon_after);
  world.clock.advance(std::chrono::seconds(6));
  const auto later = co_await world.home->home_of(Identity("slack", "T1", "U2"));
  CO_ASSERT_OK(later);
  EXPECT_NE(plain_text(*later).find("Received: 2"), std::string::npos) << plain_text(*later);
}

ASYNC_TEST(StoreHome, strangers_and_people_without_a_role_see_what_to_do_and_nothing_else) {
  HomeWorld world(io);
  CO_ASSERT_OK(co_await world.open_case("secret"));
  auto page = co_await world.home->home_of(Identity("slack", "T1", "U9"));
  CO_ASSERT_OK(page);
  EXPECT_NE(plain_text(*page).find("Ask an administrator of Vedette to add slack:T1/U9"), std::string::npos);
  EXPECT_EQ(page->blocks.size(), 1u);
  page = co_await world.home->home_of(Identity("slack", "T2", "U1"));
  CO_ASSERT_OK(page);
  EXPECT_EQ(page->blocks.size(), 1u) << "the same user id in another workspace is another person";
  page = co_await world.home->home_of(Identity("slack", "T1", "U2"));
  CO_ASSERT_OK(page);
  EXPECT_EQ(plain_text(*page).find("secret"), std::string::npos);
  EXPECT_NE(plain_text(*page).find("You have no role yet."), std::string::npos);
  world.group_member = true;
  page = co_await world.home->home_of(Identity("slack", "T1", "U2"));
  CO_ASSERT_OK(page);
  EXPECT_NE(plain_text(*page).find("Your cases"), std::string::npos) << "the platform adds a role";
}

}  // namespace
}  // namespace vedette::chat
