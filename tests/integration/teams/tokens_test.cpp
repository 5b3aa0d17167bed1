// Our own tokens, over real HTTP from the fake Microsoft: by secret, by certificate, by managed identity.

#include <cstdlib>

#include <gtest/gtest.h>

#include "integrations/teams/tokens.hpp"
#include "tests/fakes/fake_microsoft.hpp"
#include "tests/fakes/http_imposter.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/client_certificate.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/files.hpp"

namespace vedette::teams {
namespace {

using test::FakeClock;
using test::FakeMicrosoft;
using test::FakeMicrosoftOptions;
using test::TempDir;

constexpr const char* kScope = "https://api.botframework.com/.default";
constexpr const char* kRelay = "https://relay.azure.net/.default";

Deadline soon() { return Deadline::after(std::chrono::seconds(5)); }

struct Bench {
  explicit Bench(const Executor& io, const std::function<void(FakeMicrosoftOptions&)>& with = {},
                 const std::function<void(Bench&)>& change = {})
      : executor(io), http(net::make_http_client(io, {})), microsoft(io, fake_options(clock, with)) {
    EXPECT_TRUE(microsoft.start().has_value());
    microsoft.fill(options);
    if (change) change(*this);
    auto made = make_token_source(io, *http, clock, options);
    EXPECT_TRUE(made.has_value()) << made.error().message;
    tokens = std::move(*made);
  }
  static FakeMicrosoftOptions fake_options(const Clock& clock, const std::function<void(FakeMicrosoftOptions&)>& with) {
    FakeMicrosoftOptions options;
    options.clock = &clock;
    if (with) with(options);
    return options;
  }
  Async<std::string> ask(std::string scope = kScope) {
    const auto deadline = soon();
    return tokens->token(std::move(scope), deadline);
  }

  FakeClock clock;
  Executor executor;
  std::unique_ptr<net::HttpClient> http;
  FakeMicrosoft microsoft;
  TeamsOptions options;
  std::unique_ptr<TokenSource> tokens;
};

struct Environment {
  Environment(const char* endpoint, const char* header) {
    ::setenv("IDENTITY_ENDPOINT", endpoint, 1);
    ::setenv("IDENTITY_HEADER", header, 1);
  }
  ~Environment() {
    ::unsetenv("IDENTITY_ENDPOINT");
    ::unsetenv("IDENTITY_HEADER");
  }
};

ASYNC_TEST(TeamsTokens, a_secret_gets_a_token_for_each_scope_and_keeps_it) {
  Bench bench(io);
  const auto first = co_await bench.ask();
  CO_ASSERT_OK(first);
  EXPECT_TRUE(bench.microsoft.is_good(*first, kScope));
  const auto again = co_await bench.ask();
  CO_ASSERT_OK(again);
  EXPECT_EQ(*again, *first);
  const auto relay = co_await bench.ask(kRelay);
  CO_ASSERT_OK(relay);
  EXPECT_TRUE(bench.microsoft.is_good(*relay, kRelay));
  EXPECT_EQ(bench.microsoft.asked("login"), 2);
  EXPECT_EQ(redact("token " + *first), "token [redacted]");
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTokens, everybody_who_asks_at_once_shares_one_request) {
  Bench bench(io);
  bench.microsoft.fault("login", "slow", 1);
  int good = 0;
  TaskGroup group(io, "askers");
  const auto ask = [](Bench& at, int& count) -> Job {
    const auto token = co_await at.ask();
    if (token) ++count;
  };
  for (int i = 0; i < 20; ++i) group.spawn("ask", ask(bench, good));
  co_await group.drain();
  EXPECT_EQ(good, 20);
  EXPECT_EQ(bench.microsoft.asked("login"), 1);
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTokens, the_one_who_asks_for_all_may_go_away) {
  Bench bench(io);
  bench.microsoft.fault("login", "hang", 1);
  const auto ask = [](Bench& at, std::chrono::milliseconds wait, bool& good) -> Job {
    const auto token = co_await at.tokens->token(kScope, Deadline::after(wait));
    good = token.has_value();
  };
  bool first = false;
  bool second = false;
  TaskGroup leaving(io, "leaving");
  TaskGroup staying(io, "staying");
  leaving.spawn("ask", ask(bench, std::chrono::seconds(5), first));
  co_await sleep_for(std::chrono::milliseconds(20));
  staying.spawn("ask", ask(bench, std::chrono::seconds(5), second));
  co_await sleep_for(std::chrono::milliseconds(20));
  const auto deadline = soon();
  co_await leaving.stop(deadline);
  co_await staying.drain();
  EXPECT_FALSE(first);
  EXPECT_TRUE(second);
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTokens, one_with_too_little_time_does_not_spoil_it_for_the_next) {
  Bench bench(io);
  bench.microsoft.fault("login", "hang", 1);
  const auto hurry = Deadline::after(std::chrono::milliseconds(50));
  const auto late = co_await bench.tokens->token(kScope, hurry);
  EXPECT_FALSE(late.has_value());
  const auto next = co_await bench.ask();
  CO_ASSERT_OK(next);
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTokens, it_is_renewed_before_its_end) {
  Bench bench(io);
  const auto first = co_await bench.ask();
  CO_ASSERT_OK(first);
  bench.clock.advance(std::chrono::minutes(54));
  const auto kept = co_await bench.ask();
  CO_ASSERT_OK(kept);
  EXPECT_EQ(*kept, *first);
  bench.clock.advance(std::chrono::minutes(2));
  const auto renewed = co_await bench.ask();
  CO_ASSERT_OK(renewed);
  EXPECT_NE(*renewed, *first);
  EXPECT_EQ(bench.microsoft.asked("login"), 2);
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTokens, a_short_one_is_not_asked_for_at_every_turn) {
  Bench bench(io, [](FakeMicrosoftOptions& options) { options.token_life = std::chrono::seconds(60); });
  for (int i = 0; i < 10; ++i) {
    const auto token = co_await bench.ask();
    CO_ASSERT_OK(token);
  }
  EXPECT_EQ(bench.microsoft.asked("login"), 1);
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTokens, while_microsoft_is_away_a_valid_one_serves_on) {
  for (const std::string fault : {"500", "429", "html", "401"}) {
    Bench bench(io);
    const auto first = co_await bench.ask();
    CO_ASSERT_OK(first);
    bench.clock.advance(std::chrono::minutes(56));
    bench.microsoft.fault("login", fault, 1000);
    for (int i = 0; i < 10; ++i) {
      const auto token = co_await bench.ask();
      CO_ASSERT_OK(token);
      EXPECT_EQ(*token, *first);
    }
    EXPECT_EQ(bench.microsoft.asked("login"), 2) << fault << ": one try, then a pause";
    bench.clock.advance(std::chrono::minutes(5));
    const auto gone = co_await bench.ask();
    CO_ASSERT_TRUE(!gone.has_value());
    bench.microsoft.mend();
    bench.clock.advance(std::chrono::minutes(4));
    const auto back = co_await bench.ask();
    CO_ASSERT_OK(back);
    co_await bench.microsoft.stop();
  }
}

ASYNC_TEST(TeamsTokens, a_wrong_secret_is_tried_once_in_a_while_and_said_plainly) {
  Bench bench(io);
  bench.microsoft.set_secret("it-was-changed-meanwhile");
  for (int i = 0; i < 5; ++i) {
    const auto refused = co_await bench.ask();
    CO_ASSERT_TRUE(!refused.has_value());
    EXPECT_EQ(refused.error().code, Code::unauthenticated);
    EXPECT_NE(refused.error().message.find("AADSTS7000215"), std::string::npos) << refused.error().message;
    EXPECT_EQ(refused.error().message.find("a-client-secret"), std::string::npos);
  }
  EXPECT_EQ(bench.microsoft.asked("login"), 1);
  bench.clock.advance(std::chrono::minutes(3));
  bench.microsoft.set_secret("a-client-secret-of-the-test");
  const auto good = co_await bench.ask();
  CO_ASSERT_OK(good);
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTokens, errors_of_the_login_are_told_apart) {
  const std::vector<std::pair<std::string, Code>> faults = {
      {"500", Code::unavailable}, {"503", Code::unavailable}, {"429", Code::rate_limited},   {"html", Code::unavailable},
      {"302", Code::unavailable}, {"408", Code::unavailable}, {"401", Code::unauthenticated}};
  for (const auto& [fault, code] : faults) {
    Bench bench(io);
    bench.microsoft.fault("login", fault);
    const auto refused = co_await bench.ask();
    CO_ASSERT_TRUE(!refused.has_value());
    EXPECT_EQ(refused.error().code, code) << fault;
    if (fault == "429") EXPECT_EQ(refused.error().retry_after, std::chrono::milliseconds(1000));
    // A moment later it is tried again, except where a person has to act.
    bench.clock.advance(std::chrono::seconds(2));
    const auto later = co_await bench.ask();
    EXPECT_EQ(later.has_value(), code != Code::unauthenticated) << fault;
    co_await bench.microsoft.stop();
  }
}

ASYNC_TEST(TeamsTokens, answers_that_hold_no_token_are_no_tokens) {
  const std::string good = R"({"token_type":"Bearer","expires_in":3600,"access_token":"good-token"})";
  const std::vector<std::pair<std::string, bool>> answers = {
      {good, true},
      {R"({"token_type":"bearer","expires_in":"3600","access_token":"t"})", true},
      {R"({"expires_in":3600,"access_token":"t"})", true},
      {R"({"token_type":"mac","expires_in":3600,"access_token":"t"})", false},
      {R"({"token_type":"Bearer","access_token":"t"})", false},
      {R"({"token_type":"Bearer","expires_in":0,"access_token":"t"})", false},
      {R"({"token_type":"Bearer","expires_in":-5,"access_token":"t"})", false},
      {R"({"token_type":"Bearer","expires_in":3600,"access_token":""})", false},
      {R"({"token_type":"Bearer","expires_in":3600,"access_token":7})", false},
      {R"({"token_type":"Bearer","expires_in":3600,"access_token":"two words"})", false},
      {R"({"token_type":"Bearer","expires_in":3600,"access_token":"x\r\nX-Evil: 1"})", false},
      {R"({"token_type":"Bearer","expires_in":3600,"access_token":")" + std::string(40'000, 'x') + "\"}", false},
      {"[]", false},
      {"", false}};
  test::HttpImposter imposter(io);
  const auto http = net::make_http_client(io, {});
  for (const auto& [answer, expected] : answers) {
    FakeClock clock;
    TeamsOptions options;
    options.app_id = "app";
    options.tenant = "tenant";
    options.credentials.secret = Secret("the-secret-of-this-test");
    options.cloud.login_url = imposter.url();
    auto tokens = make_token_source(io, *http, clock, options);
    CO_ASSERT_OK(tokens);
    imposter.next(net::HttpResponse(200, "application/json", answer));
    const auto deadline = soon();
    const auto token = co_await (*tokens)->token(kScope, deadline);
    EXPECT_EQ(token.has_value(), expected) << answer.substr(0, 100);
    if (!token) EXPECT_EQ(token.error().code, Code::unavailable);
  }
  co_await imposter.stop();
}

ASYNC_TEST(TeamsTokens, one_that_a_server_refuses_is_replaced) {
  Bench bench(io);
  const auto first = co_await bench.ask();
  CO_ASSERT_OK(first);
  bench.tokens->refused(kScope, "some-other-token");
  bench.tokens->refused(kRelay, *first);
  const auto kept = co_await bench.ask();
  CO_ASSERT_OK(kept);
  EXPECT_EQ(*kept, *first);
  bench.tokens->refused(kScope, *first);
  const auto second = co_await bench.ask();
  CO_ASSERT_OK(second);
  EXPECT_NE(*second, *first);
  bench.tokens->refused(kScope, *first);  // late news of the old one
  const auto third = co_await bench.ask();
  CO_ASSERT_OK(third);
  EXPECT_EQ(*third, *second);
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTokens, a_certificate_signs_an_assertion_that_is_good_once) {
  TempDir folder;
  const auto made = test::make_client_certificate();
  test::write_file(folder.file("app.pem"), made.certificate);
  test::write_file(folder.file("app.key"), made.key);
  const auto with = [&](FakeMicrosoftOptions& options) { options.certificate = made.certificate; };
  const auto change = [&](Bench& bench) {
    bench.options.credentials.secret.renew({});
    bench.options.credentials.certificate_file = folder.file("app.pem");
    bench.options.credentials.key_file = folder.file("app.key");
  };
  Bench bench(io, with, change);
  for (const std::string scope : {kScope, kRelay}) {
    const auto token = co_await bench.ask(scope);
    CO_ASSERT_OK(token);
    EXPECT_TRUE(bench.microsoft.is_good(*token, scope));
  }
  EXPECT_TRUE(bench.microsoft.refusals().empty());
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTokens, a_certificate_that_is_not_registered_is_refused) {
  TempDir folder;
  const auto registered = test::make_client_certificate();
  const auto made = test::make_client_certificate();
  test::write_file(folder.file("app.pem"), made.certificate);
  test::write_file(folder.file("app.key"), made.key);
  const auto with = [&](FakeMicrosoftOptions& options) { options.certificate = registered.certificate; };
  const auto change = [&](Bench& bench) {
    bench.options.credentials.secret.renew({});
    bench.options.credentials.certificate_file = folder.file("app.pem");
    bench.options.credentials.key_file = folder.file("app.key");
  };
  Bench bench(io, with, change);
  const auto token = co_await bench.ask();
  CO_ASSERT_TRUE(!token.has_value());
  EXPECT_EQ(token.error().code, Code::unauthenticated);
  EXPECT_NE(token.error().message.find("AADSTS700027"), std::string::npos) << token.error().message;
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTokens, the_machines_identity_is_asked_as_azure_wants_it) {
  const auto change = [](Bench& bench) {
    bench.options.credentials.secret.renew({});
    bench.options.credentials.managed_identity = true;
    bench.options.credentials.identity_endpoint = bench.microsoft.url() + "/metadata/identity/oauth2/token";
  };
  Bench bench(io, {}, change);
  const auto token = co_await bench.ask();
  CO_ASSERT_OK(token);
  EXPECT_TRUE(bench.microsoft.is_good(*token, kScope));
  EXPECT_TRUE(bench.microsoft.refusals().empty());
  EXPECT_EQ(bench.microsoft.asked("login"), 0);
  // While the service is being updated it says 404 or 410.
  for (const std::string passing : {"404", "410", "429", "500"}) {
    bench.tokens->refused(kScope, bench.microsoft.granted().back());
    bench.microsoft.fault("identity", passing);
    const auto refused = co_await bench.ask();
    CO_ASSERT_TRUE(!refused.has_value());
    EXPECT_EQ(refused.error().code, passing == "429" ? Code::rate_limited : Code::unavailable) << passing;
    bench.clock.advance(std::chrono::seconds(60));
    const auto back = co_await bench.ask();
    CO_ASSERT_OK(back);
  }
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTokens, a_machine_without_our_identity_is_said_so) {
  const auto change = [](Bench& bench) {
    bench.options.app_id = "another-app";
    bench.options.credentials.secret.renew({});
    bench.options.credentials.managed_identity = true;
    bench.options.credentials.identity_endpoint = bench.microsoft.url() + "/metadata/identity/oauth2/token";
  };
  Bench bench(io, {}, change);
  const auto token = co_await bench.ask();
  CO_ASSERT_TRUE(!token.has_value());
  EXPECT_EQ(token.error().code, Code::unauthenticated);
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTokens, app_services_identity_is_found_in_the_environment) {
  const std::string header = "0f1e2d3c-header-of-the-test";
  std::unique_ptr<Environment> environment;
  const auto with = [&](FakeMicrosoftOptions& options) { options.identity_header = header; };
  const auto change = [&](Bench& bench) {
    environment = std::make_unique<Environment>((bench.microsoft.url() + "/msi/token").c_str(), header.c_str());
    bench.options.credentials.secret.renew({});
    bench.options.credentials.managed_identity = true;
  };
  Bench bench(io, with, change);
  const auto token = co_await bench.ask();
  CO_ASSERT_OK(token);
  EXPECT_TRUE(bench.microsoft.is_good(*token, kScope));
  EXPECT_EQ(redact(header), "[redacted]");
  bench.clock.advance(std::chrono::minutes(56));  // its answers tell the end alone
  const auto renewed = co_await bench.ask();
  CO_ASSERT_OK(renewed);
  EXPECT_NE(*renewed, *token);
  co_await bench.microsoft.stop();
}

}  // namespace
}  // namespace vedette::teams
