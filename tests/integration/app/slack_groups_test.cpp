// A user group of Slack as the only reason why somebody may approve: the whole program against the fake Slack.

#include "bot/app/app.hpp"
#include "bot/app/config.hpp"
#include "bot/base/clock.hpp"
#include "tests/fakes/fake_slack.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/attack.hpp"
#include "tests/support/bot.hpp"
#include "tests/support/files.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
constexpr const char* kGroup = "S0NET";
constexpr milliseconds kFresh(100);  // how old an answer about a group may be where something is decided

// Nora may look; what she may decide on she may as a member of S0NET alone.
constexpr const char* kConfig = R"(
server: {{listen: "127.0.0.1:0", api_tokens: [{{name: tests, token: {api}}}]}}
store: sqlite:{folder}/bot.sqlite
sources: [{{name: wazuh, format: wazuh, auth: {{type: bearer, tokens: [{token}]}}}}]
events: [{{dataset: windows, auth: {{type: bearer, tokens: [{token}]}}}}]
actions: [{{name: network, type: simulated}}]
policy:
  rules: [{{verb: "*", approvals: 1, approver_roles: [network-team]}}]
people:
  - {{id: ann, name: Ann, roles: [analyst], slack: T0FAKE/U0ANN}}
  - {{id: nora, name: Nora, roles: [viewer], slack: T0FAKE/U0NORA}}
chat:
  slack:
    channel: C1
    app_token: xapp-fake-app-token
    bot_token: xoxb-fake-bot-token
    api_url: "{slack}"
    groups: [{{id: S0NET, roles: [network-team]}}]
)";

class World {
 public:
  explicit World(Executor io) : io_(io), fake(io, {}), client(net::make_http_client(io, {})) {}

  // The attack is known, and ann has asked for two actions.
  boost::asio::awaitable<bool> start() {
    fake.set_group(kGroup, {"U0SOMEONE"});
    if (!fake.start()) co_return false;
    auto config =
        app::parse_config(fmt::format(kConfig, fmt::arg("api", kApiToken), fmt::arg("folder", folder.path().string()),
                                      fmt::arg("token", kSourceToken), fmt::arg("slack", fake.api_url())),
                          "test", folder.path().string());
    if (!config) {
      ADD_FAILURE() << config.error().message;
      co_return false;
    }
    config->slack->options.pace = milliseconds(0);
    config->slack->options.group_fresh = kFresh;
    config->slack->options.group_busy = milliseconds(0);  // and no older answer counts while Slack asks to wait
    config->slack->options.group_retry = milliseconds(0);
    app = std::make_unique<app::App>(io_, std::move(*config), system_clock());
    if (!app->start()) co_return false;
    const bool connected = co_await fake.wait_sockets(2, milliseconds(10'000));
    std::string logs = attack_log();
    const auto logged = co_await post(*client, app->local_url() + "/v1/events/windows", kSourceToken, std::move(logs));
    std::string alert = attack_alert();
    const auto told = co_await post(*client, app->local_url() + "/v1/alerts/wazuh", kSourceToken, std::move(alert));
    co_return connected&& logged && logged->status == 202 && told && told->status == 202;
  }

  boost::asio::awaitable<bool> stop() {
    const Deadline deadline = Deadline::after(milliseconds(5000));
    const bool ended = co_await app->stop(deadline);
    co_await fake.stop();
    co_return ended;
  }

  // How many messages of the bot show these words.
  int shown(const std::string& words) const {
    int count = 0;
    for (const auto& message : fake.messages()) {
      const bool found =
          message.text.find(words) != std::string::npos || message.blocks.dump().find(words) != std::string::npos;
      count += found && !message.bot_id.empty() ? 1 : 0;
    }
    return count;
  }

  boost::asio::awaitable<bool> shows(std::string words, int times) {
    const Deadline deadline = Deadline::after(milliseconds(10'000));
    while (!deadline.passed()) {
      if (shown(words) == times) co_return true;
      co_await sleep_for(milliseconds(10));
    }
    std::string said;
    for (const auto& message : fake.messages()) said += message.text + " " + message.blocks.dump() + "\n";
    ADD_FAILURE() << "'" << words << "' not shown " << times << " times but " << shown(words) << ":\n" << said;
    co_return false;
  }

  boost::asio::awaitable<bool> state_is(std::string action, std::string state) {
    const Deadline deadline = Deadline::after(milliseconds(10'000));
    std::string is;
    while (!deadline.passed()) {
      const json found = co_await get_json(*client, app->local_url() + "/v1/cases/C-1");
      for (const auto& each : found.is_object() ? found.value("actions", json::array()) : json::array()) {
        if (each.value("id", "") == action) is = each.value("state", "");
      }
      if (is == state) co_return true;
      co_await sleep_for(milliseconds(10));
    }
    std::string said;
    for (const auto& message : fake.messages()) said += message.text + "\n";
    ADD_FAILURE() << action << " is " << is << " and not " << state << ":\n" << said;
    co_return false;
  }

  // Says it in the channel, when what was known of the group before has grown too old.
  boost::asio::awaitable<bool> say(std::string user, std::string command) {
    co_await sleep_for(kFresh * 2);
    const size_t handle = fake.mention(user, "C1", command);
    co_return co_await fake.wait_acked(handle, milliseconds(5000));
  }

 private:
  Executor io_;

 public:
  TempDir folder;
  FakeSlack fake;
  std::unique_ptr<net::HttpClient> client;
  std::unique_ptr<app::App> app;
};

ASYNC_TEST(SlackGroupsPath, membership_gives_the_right_to_approve_and_takes_it_away) {
  World world(io);
  CO_ASSERT_TRUE(co_await world.start());
  CO_ASSERT_TRUE(co_await world.state_is("R-1", "proposed"));
  CO_ASSERT_TRUE(co_await world.state_is("R-2", "proposed"));
  for (const char* request : {"request R-1", "request R-2"}) CO_ASSERT_TRUE(co_await world.say("U0ANN", request));
  CO_ASSERT_TRUE(co_await world.state_is("R-1", "awaiting"));
  CO_ASSERT_TRUE(co_await world.state_is("R-2", "awaiting"));

  // Not in the group: told which roles it takes.
  CO_ASSERT_TRUE(co_await world.say("U0NORA", "approve R-1"));
  CO_ASSERT_TRUE(co_await world.shows("that takes the role approver or admin or network-team", 1));
  CO_ASSERT_TRUE(co_await world.state_is("R-1", "awaiting"));

  // In the group, from one moment to the next.
  world.fake.set_group(kGroup, {"U0SOMEONE", "U0NORA"});
  CO_ASSERT_TRUE(co_await world.say("U0NORA", "approve R-1"));
  CO_ASSERT_TRUE(co_await world.state_is("R-1", "succeeded"));
  EXPECT_GE(world.fake.calls("usergroups.users.list"), 2);

  // Slack does not answer: nothing is decided on what was true before, and she is told why.
  world.fake.add_fault({"usergroups.users.list", "500", 1000, 0, {}});
  CO_ASSERT_TRUE(co_await world.say("U0NORA", "approve R-2"));
  CO_ASSERT_TRUE(co_await world.shows("Slack did not tell me who is in the user group S0NET", 1));
  CO_ASSERT_TRUE(co_await world.state_is("R-2", "awaiting"));

  // Out of the group again: without the right, and without a doubt in the answer.
  world.fake.clear_faults();
  world.fake.set_group(kGroup, {"U0SOMEONE"});
  CO_ASSERT_TRUE(co_await world.say("U0NORA", "approve R-2"));
  CO_ASSERT_TRUE(co_await world.shows("that takes the role approver or admin or network-team", 3));
  EXPECT_EQ(world.shown("Slack did not tell me"), 1);
  CO_ASSERT_TRUE(co_await world.state_is("R-2", "awaiting"));
  EXPECT_TRUE(co_await world.stop());
}

// What Slack says to an app that may not ask, to a workspace without groups and to a group that is gone; and too many
// questions (tier 2). None of it gives a right.
ASYNC_TEST(SlackGroupsPath, who_cannot_be_asked_about_may_not_approve) {
  World world(io);
  CO_ASSERT_TRUE(co_await world.start());
  CO_ASSERT_TRUE(co_await world.state_is("R-1", "proposed"));
  CO_ASSERT_TRUE(co_await world.say("U0ANN", "request R-1"));
  CO_ASSERT_TRUE(co_await world.state_is("R-1", "awaiting"));
  world.fake.set_group(kGroup, {"U0NORA"});
  const std::vector<std::function<void()>> hindrances = {
      [&] { world.fake.set_scopes("chat:write,users:read"); },
      [&] { world.fake.set_scopes("chat:write,users:read,usergroups:read"), world.fake.set_plan_has_groups(false); },
      [&] { world.fake.set_plan_has_groups(true), world.fake.forget_group(kGroup); },
      [&] {
        world.fake.set_group(kGroup, {"U0NORA"});
        world.fake.add_fault({"usergroups.users.list", "429", 1, 30, {}});
      }};
  int told = 0;
  for (const auto& hinder : hindrances) {
    hinder();
    CO_ASSERT_TRUE(co_await world.say("U0NORA", "approve R-1"));
    CO_ASSERT_TRUE(co_await world.shows("Slack did not tell me who is in the user group S0NET", ++told));
    CO_ASSERT_TRUE(co_await world.state_is("R-1", "awaiting"));
  }
  EXPECT_TRUE(co_await world.stop());
}

}  // namespace
}  // namespace vedette::test
