// `vedette doctor` against the fake Slack, sound and with each fault: what is wrong is named, with what to do, and no token
// is ever printed.

#include "bot/app/doctor.hpp"

#include "bot/base/text.hpp"
#include "bot/store/sqlite_store.hpp"
#include "integrations/slack/manifest.hpp"
#include "tests/integration/slack/slack_bench.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"
#include "tests/unit/slack/scripted_http.hpp"

namespace vedette::test {
namespace {

using app::Finding;
using Kind = Finding::Kind;

std::string all_scopes() {
  std::vector<std::string> names;
  for (const auto& scope : slack::needed_scopes()) names.emplace_back(scope.name);
  return text::join(names, ",");
}

// The system's clock, set wrong.
struct ShiftedClock final : Clock {
  Time now() const override { return system_clock().now() + shift; }
  SteadyTime steady_now() const override { return system_clock().steady_now(); }
  std::chrono::seconds shift{0};
};

struct Practice {
  explicit Practice(Executor io) : executor(io), fake(io, FakeSlackOptions()) {
    auto started = fake.start();
    if (!started) ADD_FAILURE() << started.error().message;
    net::HttpClientOptions client;
    client.proxy.clear();
    http = net::make_http_client(io, client);
    fake.set_scopes(all_scopes());
    config.store_path = folder.file("vedette.sqlite");
    config.slack.emplace();
    config.slack->channel = "C0SOC";
    auto& options = config.slack->options;
    options.app_token = Secret("xapp-fake-app-token");
    options.bot_token = Secret("xoxb-fake-bot-token");
    options.api_url = fake.api_url();
    options.hello_wait = milliseconds(300);
    options.proxy.clear();
  }

  boost::asio::awaitable<bool> look(std::string post_channel = "") {
    findings = co_await app::examine(executor, config, *http, clock, std::move(post_channel));
    said.clear();
    for (const auto& finding : findings) said += app::to_text(finding) + "\n";
    for (const char* secret : {"-app-token", "-bot-token", "ticket-", "signing-secret"}) {
      EXPECT_EQ(said.find(secret), std::string::npos) << said;
    }
    for (const auto& finding : findings) {
      if (finding.kind == Kind::problem) EXPECT_NE(finding.advice, "") << finding.text;
    }
    co_return !app::wanting(findings);
  }

  // The one problem, its text and advice; what it is about when there is none or more than one.
  bool only_problem(const std::string& what, const std::string& words) const {
    size_t problems = 0;
    bool right = false;
    for (const auto& finding : findings) {
      if (finding.kind != Kind::problem) continue;
      ++problems;
      right = finding.what == what && (finding.text + " " + finding.advice).find(words) != std::string::npos;
    }
    EXPECT_TRUE(problems == 1 && right) << "wanted of " << what << ": " << words << "\n" << said;
    return problems == 1 && right;
  }

  bool has(const std::string& words) const { return said.find(words) != std::string::npos; }

  Executor executor;
  TempDir folder;
  FakeSlack fake;
  std::unique_ptr<net::HttpClient> http;
  ShiftedClock clock;
  app::Config config;
  std::vector<Finding> findings;
  std::string said;
};

ASYNC_TEST(Doctor, finds_nothing_wrong_with_what_is_right) {
  Practice one(io);
  EXPECT_TRUE(co_await one.look()) << one.said;
  for (const char* words : {"is not there yet", "@vedette in the workspace Fake (T0FAKE)", "agrees with Slack's",
                            "all that are needed", "Slack offers a socket", "Slack says hello", "the bot is in #soc",
                            "nobody is known in Slack", "none: 127.0.0.1 is reached directly"}) {
    EXPECT_TRUE(one.has(words)) << words << "\n" << one.said;
  }
  EXPECT_FALSE(std::filesystem::exists(one.config.store_path));
  EXPECT_EQ(one.fake.calls("chat.postMessage"), 0);
  EXPECT_TRUE(co_await one.fake.wait_sockets(0, milliseconds(1000)));
  EXPECT_TRUE(one.fake.messages().empty());
  co_await one.fake.stop();
}

ASYNC_TEST(Doctor, posts_only_when_told_to_and_takes_it_away) {
  Practice one(io);
  EXPECT_TRUE(co_await one.look("C0SOC")) << one.said;
  EXPECT_TRUE(one.has("posted and taken away again")) << one.said;
  EXPECT_EQ(one.fake.calls("chat.postMessage"), 1);
  EXPECT_EQ(one.fake.calls("chat.delete"), 1);
  EXPECT_TRUE(one.fake.messages().empty());
  one.fake.add_fault({"chat.delete", "error:cant_delete_message", 1, 0, {}});
  EXPECT_FALSE(co_await one.look("C0SOC"));
  EXPECT_TRUE(one.only_problem("message", "Delete it by hand"));
  one.fake.leave_channel("C0ELSE");
  EXPECT_FALSE(co_await one.look("C0ELSE"));
  EXPECT_TRUE(one.only_problem("message", "invite it"));
  co_await one.fake.stop();
}

ASYNC_TEST(Doctor, names_each_fault_of_tokens_and_scopes) {
  Practice one(io);
  auto& options = one.config.slack->options;
  options.bot_token = Secret("xoxb-another-bot-token");
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("bot token", "Bot User OAuth Token"));
  options.bot_token = Secret("xapp-fake-app-token");
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("bot token", "wrong kind of token"));
  options.bot_token = Secret("xoxb-fake-bot-token");
  options.app_token = Secret("xapp-another-app-token");
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("app token", "connections:write"));
  options.app_token = Secret("xapp-fake-app-token");

  std::string scopes = text::replace_all(all_scopes(), "users:read,", "");
  scopes = text::replace_all(scopes, ",users:read", "");
  one.fake.set_scopes(scopes + ", pins:write");
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("scopes", "users:read"));
  EXPECT_TRUE(one.has("full member")) << one.said;
  EXPECT_TRUE(one.has("Reinstall")) << one.said;
  EXPECT_TRUE(one.has("more than needed: pins:write")) << one.said;
  EXPECT_FALSE(one.has("channels:history")) << one.said;
  one.fake.set_scopes("");
  EXPECT_TRUE(co_await one.look());
  EXPECT_TRUE(one.has("does not list them"));
  co_await one.fake.stop();
}

ASYNC_TEST(Doctor, names_each_fault_of_channels) {
  Practice one(io);
  one.fake.leave_channel("C0SOC");
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("channel C0SOC", "/invite @vedette"));
  one.fake.archive_channel("C0OLD");
  one.fake.forget_channel("C0GONE");
  const std::pair<const char*, const char*> others[] = {
      {"C0OLD", "is archived"}, {"C0GONE", "/invite @vedette"}, {"#soc", "About tab"}};
  for (const auto& [channel, words] : others) {
    one.config.slack->channel = channel;
    EXPECT_FALSE(co_await one.look());
    EXPECT_TRUE(one.only_problem(std::string("channel ") + channel, words));
  }
  chat::Route route;
  route.platform = "slack";
  route.channel = "C0GOOD";
  one.config.routes.push_back(route);
  EXPECT_TRUE(co_await one.look()) << one.said;
  co_await one.fake.stop();
}

ASYNC_TEST(Doctor, names_faults_of_the_clock_and_the_network) {
  Practice one(io);
  one.clock.shift = std::chrono::seconds(90);
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("clock", "ahead of Slack's"));
  one.clock.shift = std::chrono::seconds(-400);
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("clock", "behind Slack's"));
  one.clock.shift = std::chrono::hours(-24 * 30);
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("clock", "at least 12 h behind Slack's"));
  one.clock.shift = std::chrono::seconds(10);
  EXPECT_TRUE(co_await one.look()) << one.said;
  one.clock.shift = std::chrono::seconds(0);

  one.fake.add_fault({"auth.test", "html", 1, 0, {}});
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("bot token", "firewall"));
  one.fake.add_fault({"auth.test", "429", 1, 0, {}});
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("bot token", "Wait a minute"));
  one.config.slack->options.api_url = "ftp://slack.com";
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.has("problem  address"));
  co_await one.fake.stop();
}

ASYNC_TEST(Doctor, names_the_proxy_without_its_password) {
  Practice one(io);
  one.http = std::make_unique<slack::Scripted>();  // answers nothing
  one.config.slack->options.api_url = "https://slack.example/api/";
  one.config.slack->options.proxy = "http://ann:hunter2@proxy.example:3128";
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.has("slack.example is reached through proxy.example:3128")) << one.said;
  EXPECT_FALSE(one.has("hunter2")) << one.said;
  one.config.slack->options.no_proxy = "slack.example";
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.has("slack.example is reached directly")) << one.said;
  one.config.slack->options.no_proxy.clear();
  one.config.slack->options.proxy = "ftp://ann:hunter2@proxy.example";
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.has("HTTPS_PROXY is not the address of a proxy")) << one.said;
  EXPECT_FALSE(one.has("hunter2")) << one.said;
  co_await one.fake.stop();
}

ASYNC_TEST(Doctor, names_faults_of_the_socket) {
  Practice one(io);
  one.fake.withhold_hello(1);
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("socket", "did not say hello"));
  one.fake.greet_with("link_disabled", 1);
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("socket", "switch it on"));
  one.fake.refuse_upgrades(1, 503);
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("socket", "cannot be opened"));
  one.fake.set_ghosts(3);
  EXPECT_TRUE(co_await one.look()) << one.said;
  EXPECT_TRUE(one.has("Slack counts 3 others")) << one.said;
  co_await one.fake.stop();
}

// With the Events API over HTTP there is no app token, and nothing to open.
ASYNC_TEST(Doctor, knows_the_way_by_requests) {
  Practice one(io);
  one.config.slack->options.app_token = Secret();
  one.config.slack->options.signing_secret = Secret("signing-secret-0123456789");
  EXPECT_TRUE(co_await one.look()) << one.said;
  EXPECT_TRUE(one.has("taken at /slack/events")) << one.said;
  EXPECT_EQ(one.fake.calls("apps.connections.open"), 0);
  EXPECT_EQ(one.fake.opened(), 0u);
  co_await one.fake.stop();
}

ASYNC_TEST(Doctor, looks_at_the_database_and_the_rest) {
  Practice one(io);
  SqliteOptions sqlite;
  sqlite.path = one.config.store_path;
  auto store = open_sqlite_store(io, std::move(sqlite));
  CO_ASSERT_OK(store);
  EXPECT_TRUE(co_await one.look()) << one.said;
  EXPECT_TRUE(one.has("in use by a running Vedette")) << one.said;
  EXPECT_TRUE(one.has("a second socket could be given its clicks")) << one.said;
  EXPECT_EQ(one.fake.opened(), 0u);  // none beside those of a running Vedette
  (*store)->close();
  store->reset();
  EXPECT_TRUE(co_await one.look()) << one.said;
  EXPECT_TRUE(one.has("is sound")) << one.said;
  write_file(one.config.store_path, std::string(8192, 'x'));
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("database", "backups"));
  one.config.store_path = one.folder.file("missing/vedette.sqlite");
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("database", "Make the folder"));
  one.config.store_path = one.folder.file("other.sqlite");
  integrations::ActionConfig action;
  action.name = "edge";
  action.type = "webhook";
  one.config.actions.push_back(action);
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("action edge", "docs/response.md"));
  one.config.actions.clear();
  one.config.slack.reset();
  EXPECT_TRUE(co_await one.look()) << one.said;
  EXPECT_TRUE(one.has("docs/slack.md")) << one.said;
  co_await one.fake.stop();
}

boost::asio::awaitable<int> end_of(Process& process) {
  while (process.running()) co_await sleep_for(milliseconds(5));
  co_return process.wait();
}

// The program itself: exit codes and what it prints.
ASYNC_TEST(Doctor, is_a_command) {
  Practice one(io);
  const std::string log = one.folder.file("doctor.log");
  const std::string path = one.folder.file("vedette.yaml");
  const auto yaml = [&](const char* bot_token) {
    return "store: sqlite:vedette.sqlite\nchat:\n  slack: {channel: C0SOC, app_token: xapp-fake-app-token, bot_token: " +
           std::string(bot_token) + ", api_url: \"" + one.fake.api_url() + "\"}\n";
  };
  const std::vector<std::string> command = {VEDETTE_BINARY, "doctor", "--config", path};
  const std::pair<std::string, int> cases[] = {
      {yaml("xoxb-fake-bot-token"), 0}, {yaml("xoxb-another-bot-token"), 1}, {"chat: {slak: {}}\n", 1}};
  const char* words[] = {"ok       socket", "problem  bot token", "problem  configuration"};
  for (size_t i = 0; i < 3; ++i) {
    write_file(path, cases[i].first);
    Process process(command, log);
    EXPECT_EQ(co_await end_of(process), cases[i].second);
    const std::string said = process.rest_of_output();
    EXPECT_NE(said.find(words[i]), std::string::npos) << said;
    EXPECT_EQ((said + read_file(log)).find("-bot-token"), std::string::npos) << said;
  }
  const std::vector<std::string> with_post = {VEDETTE_BINARY, "doctor", "--config", path, "--post", "C0SOC"};
  write_file(path, cases[0].first);
  Process process(with_post, log);
  EXPECT_EQ(co_await end_of(process), 0);
  EXPECT_EQ(one.fake.calls("chat.delete"), 1);
  EXPECT_EQ(one.fake.calls("chat.postMessage"), 1);
  co_await one.fake.stop();
}

}  // namespace
}  // namespace vedette::test
