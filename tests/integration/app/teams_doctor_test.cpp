// `vedette doctor` against the fakes of Teams, sound and with each fault: what is wrong is named, with what to do, and no
// secret is ever printed.

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "bot/app/doctor.hpp"
#include "bot/base/text.hpp"
#include "bot/store/sqlite_store.hpp"
#include "tests/fakes/fake_microsoft.hpp"
#include "tests/fakes/fake_relay.hpp"
#include "tests/fakes/fake_teams.hpp"
#include "tests/fakes/fake_teams_socket.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"
#include "tests/support/test_ca.hpp"

namespace vedette::test {
namespace {

using app::Finding;
using Kind = Finding::Kind;
using std::chrono::milliseconds;

FakeTeamsOptions teams_of(FakeMicrosoft& microsoft) {
  FakeTeamsOptions options;
  options.token_is_good = [&microsoft](const std::string& token) {
    return microsoft.is_good(token, "https://api.botframework.com/.default");
  };
  return options;
}

// The system's clock, set wrong.
struct ShiftedClock final : Clock {
  Time now() const override { return system_clock().now() + shift; }
  SteadyTime steady_now() const override { return system_clock().steady_now(); }
  std::chrono::seconds shift{0};
};

struct Practice {
  explicit Practice(Executor io) : executor(io), microsoft(io, {}), teams(io, teams_of(microsoft)) {
    for (const auto& started : {microsoft.start(), teams.start()}) {
      if (!started) ADD_FAILURE() << started.error().message;
    }
    net::HttpClientOptions client;
    client.proxy.clear();
    http = net::make_http_client(io, client);
    teams.add_person("ann");
    channel = teams.add_team("SOC", {"ann"});
    config.store_path = folder.file("vedette.sqlite");
    config.teams.emplace();
    microsoft.fill(*config.teams);
    auto& options = *config.teams;
    options.cloud.service_url = teams.base_url();
    options.channel = channel;
    options.proxy.clear();
  }

  boost::asio::awaitable<bool> look(std::string post_channel = "") {
    findings = co_await app::examine(executor, config, *http, clock, std::move(post_channel));
    said.clear();
    for (const auto& finding : findings) said += app::to_text(finding) + "\n";
    EXPECT_EQ(said.find("a-client-secret"), std::string::npos) << said;
    for (const auto& token : microsoft.granted()) EXPECT_EQ(said.find(token), std::string::npos) << said;
    for (const auto& finding : findings) {
      if (finding.kind == Kind::problem) EXPECT_NE(finding.advice, "") << finding.text;
    }
    co_return !app::wanting(findings);
  }

  // The one problem, its text and advice.
  bool only_problem(const std::string& what, const std::string& words) const {
    size_t problems = 0;
    bool right = false;
    for (const auto& finding : findings) {
      if (finding.kind != Kind::problem) continue;
      ++problems;
      right = finding.what.starts_with(what) && (finding.text + " " + finding.advice).find(words) != std::string::npos;
    }
    EXPECT_TRUE(problems == 1 && right) << "wanted of " << what << ": " << words << "\n" << said;
    return problems == 1 && right;
  }
  bool has(const std::string& words) const { return said.find(words) != std::string::npos; }

  boost::asio::awaitable<void> stop() {
    co_await teams.stop();
    co_await microsoft.stop();
  }

  Executor executor;
  TempDir folder;
  FakeMicrosoft microsoft;
  FakeTeams teams;
  std::string channel;
  std::unique_ptr<net::HttpClient> http;
  ShiftedClock clock;
  app::Config config;
  std::vector<Finding> findings;
  std::string said;
};

// A database in which an earlier run noted a conversation.
boost::asio::awaitable<void> note(Practice& one, bool blocked) {
  SqliteOptions options;
  options.path = one.config.store_path;
  auto store = open_sqlite_store(one.executor, std::move(options));
  if (!store) {
    ADD_FAILURE() << store.error().message;
    co_return;
  }
  Conversation conversation;
  conversation.platform = "teams";
  conversation.workspace = one.config.teams->tenant;
  conversation.id = one.channel;
  conversation.service_url = one.teams.service_url();
  conversation.name = "Alerts of the SOC";
  conversation.blocked = blocked;
  const auto kept = co_await (*store)->conversations().keep(std::move(conversation));
  EXPECT_TRUE(kept);
  (*store)->close();
}

// What a running Vedette holds beside its database (bot/store/sqlite/open.hpp).
struct Lock {
  explicit Lock(const std::string& database)
      : descriptor(::open((database + "-lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    EXPECT_EQ(::flock(descriptor, LOCK_EX | LOCK_NB), 0);
  }
  ~Lock() { ::close(descriptor); }
  int descriptor;
};

boost::asio::awaitable<net::HttpResponse> answer(net::HttpRequest) { co_return net::HttpResponse(401); }

ASYNC_TEST(TeamsDoctor, finds_nothing_wrong_with_what_is_right) {
  Practice one(io);
  EXPECT_TRUE(co_await one.look()) << one.said;
  for (const char* words :
       {"11111111-aaaa-4bbb-8ccc-000000000001 of the tenant 22222222-dddd-4eee-8fff-000000000002",
        "none: 127.0.0.1 is reached", "Microsoft issues a token for the Bot Connector (client secret)",
        "agrees with Microsoft's", "those that Microsoft signs activities with can be fetched",
        "something in front of it ends TLS", "curl -i --tls-max 1.2 -X POST https://YOUR-HOST/api/messages",
        "has heard nothing from there yet", "nobody is known in Teams"}) {
    EXPECT_TRUE(one.has(words)) << words << "\n" << one.said;
  }
  EXPECT_FALSE(one.has("slack"));
  EXPECT_TRUE(one.teams.messages().empty());
  EXPECT_FALSE(std::filesystem::exists(one.config.store_path));
  co_await one.stop();
}

ASYNC_TEST(TeamsDoctor, knows_where_it_was_added) {
  Practice one(io);
  co_await note(one, false);
  EXPECT_TRUE(co_await one.look()) << one.said;
  EXPECT_TRUE(one.has("Vedette is in Alerts of the SOC, with 1 people")) << one.said;
  one.teams.room(one.channel).bot_in = false;
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("channel", "Upload an app"));
  one.teams.room(one.channel).bot_in = true;
  co_await note(one, true);
  EXPECT_TRUE(co_await one.look()) << one.said;
  EXPECT_TRUE(one.has("lets it look again")) << one.said;
  const auto before = std::filesystem::last_write_time(one.config.store_path);
  EXPECT_TRUE(co_await one.look()) << one.said;
  EXPECT_EQ(std::filesystem::last_write_time(one.config.store_path), before);
  co_await one.stop();
}

ASYNC_TEST(TeamsDoctor, knows_a_channels_id) {
  Practice one(io);
  for (const char* wrong : {"SOC alerts", "https://teams.microsoft.com/l/channel/19%3a", "19:x@thread.tacv2;messageid=1"}) {
    one.config.teams->channel = wrong;
    EXPECT_FALSE(co_await one.look());
    EXPECT_TRUE(one.only_problem("channel", "Get link to channel"));
  }
  one.config.teams->channel = "19:0123456789@thread.tacv2";
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("channel", "Vedette is not in it, or there is no such channel"));
  co_await one.stop();
}

ASYNC_TEST(TeamsDoctor, posts_only_when_told_to_and_takes_it_away) {
  Practice one(io);
  EXPECT_TRUE(co_await one.look(one.channel)) << one.said;
  EXPECT_TRUE(one.has("posted and taken away again")) << one.said;
  EXPECT_EQ(one.teams.messages().size(), 1u);
  EXPECT_TRUE(one.teams.in_room(one.channel).empty());
  TeamsFault fault;
  fault.call = "delete";
  fault.kind = "403";
  one.teams.add_fault(fault);
  EXPECT_FALSE(co_await one.look(one.channel));
  EXPECT_TRUE(one.only_problem("message", "Delete it by hand"));
  co_await one.stop();
}

ASYNC_TEST(TeamsDoctor, names_each_fault_of_the_credentials) {
  Practice one(io);
  auto& options = *one.config.teams;
  options.credentials.secret = Secret("another-client-secret");
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("credentials", "its Value, not its Secret ID"));
  options.credentials.secret = Secret();
  options.credentials.certificate_file = one.folder.file("no-such.pem");
  options.credentials.key_file = one.folder.file("no-such.key");
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("credentials", "no-such.key cannot be read"));
  one.microsoft.fill(options);
  options.credentials.certificate_file.clear();
  options.credentials.key_file.clear();
  one.microsoft.fault("login", "500", 100);
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("credentials", "Check DNS and the firewall"));
  one.microsoft.mend();
  options.app_id = options.tenant;
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.has("are the same GUID"));
  co_await one.stop();
}

ASYNC_TEST(TeamsDoctor, names_keys_clock_and_connector) {
  Practice one(io);
  one.microsoft.fault("keys", "500", 100);
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("signing keys", "login.botframework.com"));
  one.microsoft.mend();
  TeamsFault fault;
  fault.kind = "401";
  fault.times = 100;
  one.teams.add_fault(fault);
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("channel", "its Microsoft App ID must be chat.teams.app_id"));
  one.teams.clear_faults();
  one.config.teams->cloud.service_url = "https://attacker.example/teams/";
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("channel", "chat.teams.trusted_hosts"));
  one.config.teams->cloud.service_url = one.teams.base_url();
  one.clock.shift = std::chrono::minutes(10);
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.has("ahead of Microsoft's")) << one.said;
  one.clock.shift = std::chrono::seconds(0);
  one.config.teams->development_tokens = true;
  EXPECT_TRUE(co_await one.look());
  EXPECT_TRUE(one.has("the Bot Framework Emulator's tokens are taken too"));
  co_await one.stop();
}

// The running server is really asked, by TLS 1.2 alone.
ASYNC_TEST(TeamsDoctor, tries_tls_1_2_on_the_running_server) {
  Practice one(io);
  static const TestCa ca;
  const auto files = ca.wrong_host();  // whose it is does not matter
  net::HttpServerOptions server_options;
  server_options.certificate_file = one.config.server.certificate_file = files.certificate;
  server_options.key_file = one.config.server.key_file = files.key;
  const auto server = net::make_http_server(io, server_options);
  server->add({"POST", "/api/messages", answer});
  CO_ASSERT_OK(server->start());
  one.config.server.port = server->port();
  EXPECT_TRUE(co_await one.look()) << one.said;
  EXPECT_TRUE(one.has("nothing listens yet, so it was not tried")) << one.said;
  const Lock running(one.config.store_path);
  EXPECT_TRUE(co_await one.look()) << one.said;
  EXPECT_TRUE(one.has("the running server takes it")) << one.said;
  const Deadline soon = Deadline::after(milliseconds(500));
  co_await server->stop(soon);
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("TLS 1.2", "loses every message"));
  // One that knows nothing but TLS 1.3: Teams would not get through.
  Process newer({"/usr/bin/openssl", "s_server", "-tls1_3", "-www", "-accept", "127.0.0.1:0", "-cert", files.certificate,
                 "-key", files.key},
                one.folder.file("openssl.log"));
  const auto address = newer.wait_for_line("ACCEPT 127.0.0.1:");
  CO_ASSERT_TRUE(address.has_value());
  one.config.server.port = static_cast<uint16_t>(text::parse_integer(*address).value_or(0));
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("TLS 1.2", "could not agree on a secure connection"));
  EXPECT_TRUE(newer.running());
  newer.terminate();
  co_await one.stop();
}

ASYNC_TEST(TeamsDoctor, listens_at_the_relay) {
  Practice one(io);
  FakeRelay relay(io);
  CO_ASSERT_OK(relay.start());
  relay.fill(*one.config.teams);
  one.config.teams->way = teams::Way::relay;
  EXPECT_TRUE(co_await one.look()) << one.said;
  EXPECT_TRUE(one.has("/vedette/api/messages")) << one.said;
  EXPECT_TRUE(one.has("Requires Client Authorization off")) << one.said;
  EXPECT_EQ(relay.seen().listens, 1u);
  const bool gone = co_await relay.wait_listeners(0, milliseconds(1000));
  EXPECT_TRUE(gone);
  relay.faults.listen_status = 401;
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.only_problem("relay", "a shared access policy with Listen"));
  relay.faults.listen_status = 0;
  const auto listened = relay.seen().listens;
  const Lock running(one.config.store_path);
  EXPECT_TRUE(co_await one.look()) << one.said;
  EXPECT_TRUE(one.has("not opened: a running Vedette uses this database")) << one.said;
  EXPECT_EQ(relay.seen().listens, listened);
  co_await relay.stop();
  co_await one.stop();
}

ASYNC_TEST(TeamsDoctor, asks_for_sockets) {
  Practice one(io);
  FakeTeamsSocket sockets(io);
  CO_ASSERT_OK(sockets.start());
  one.config.teams->cloud.socket_url = sockets.url();
  one.config.teams->way = teams::Way::socket;
  one.config.teams->socket.geographies = {"amer", "emea"};
  EXPECT_TRUE(co_await one.look()) << one.said;
  EXPECT_TRUE(one.has("socket amer        Teams offers one.")) << one.said;
  EXPECT_TRUE(one.has("socket emea        Teams offers one.")) << one.said;
  EXPECT_TRUE(one.has("Microsoft's preview")) << one.said;
  co_await sockets.stop();
  EXPECT_FALSE(co_await one.look());
  EXPECT_TRUE(one.has("--messaging-mode socket")) << one.said;
  co_await one.stop();
}

}  // namespace
}  // namespace vedette::test
