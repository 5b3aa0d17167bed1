// Who may tell us something, over real HTTP to the fake Microsoft.

#include <gtest/gtest.h>

#include "integrations/teams/trust.hpp"
#include "tests/fakes/fake_microsoft.hpp"
#include "tests/fakes/http_imposter.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/fake_clock.hpp"

namespace vedette::teams {
namespace {

using test::FakeClock;
using test::FakeMicrosoft;
using test::FakeMicrosoftOptions;
using test::TokenWish;

constexpr const char* kService = "https://smba.trafficmanager.net/amer/";

Deadline soon() { return Deadline::after(std::chrono::seconds(5)); }

// A fake and a Trust that believes it, on one clock.
struct Bench {
  explicit Bench(const Executor& io, const std::function<void(TeamsOptions&)>& change = {})
      : executor(io), http(net::make_http_client(io, {})), microsoft(io, fake_options(clock)) {
    EXPECT_TRUE(microsoft.start().has_value());
    microsoft.fill(options);
    if (change) change(options);
    trust = make_trust(io, *http, clock, options);
  }
  static FakeMicrosoftOptions fake_options(const Clock& clock) {
    FakeMicrosoftOptions options;
    options.clock = &clock;
    return options;
  }
  ClaimedOrigin origin() const { return {"msteams", kService, options.tenant}; }
  // 200, 401, 403 or 503, as the sender would be told.
  boost::asio::awaitable<int> judge(std::string authorization, ClaimedOrigin origin) {
    const auto deadline = soon();
    const auto checked = co_await trust->check(std::move(authorization), std::move(origin), deadline);
    if (!checked) last = checked.error().message;
    co_return checked ? 200 : net::http_status_of(checked.error().code);
  }
  boost::asio::awaitable<int> judge(std::string authorization) {
    auto its_origin = origin();
    co_return co_await judge(std::move(authorization), std::move(its_origin));
  }
  int fetched() const { return microsoft.asked("keys"); }

  FakeClock clock;
  Executor executor;
  std::unique_ptr<net::HttpClient> http;
  FakeMicrosoft microsoft;
  TeamsOptions options;
  std::unique_ptr<Trust> trust;
  std::string last;
};

ASYNC_TEST(TeamsTrust, every_token_of_the_table_is_judged_as_it_says) {
  Bench bench(io);
  for (const auto& row : bench.microsoft.token_table(kService)) {
    const int status = co_await bench.judge(row.authorization);
    EXPECT_EQ(status, row.status) << row.name << ": " << bench.last;
    if (status != 200 && row.authorization.size() > 40) {
      const std::string piece = row.authorization.substr(20, 16);
      EXPECT_EQ(bench.last.find(piece), std::string::npos) << row.name;
    }
  }
  EXPECT_LE(bench.fetched(), 2);  // no bad token makes us ask again and again
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTrust, a_token_has_to_fit_the_activity) {
  Bench bench(io);
  const std::string good = bench.microsoft.sign_activity_token(kService);
  struct Case {
    ClaimedOrigin origin;
    int status;
  };
  const std::string tenant = bench.options.tenant;
  std::string upper = tenant;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const std::vector<Case> cases = {
      {{"msteams", kService, tenant}, 200},
      {{"msteams", kService, upper}, 200},
      {{"msteams", "https://SMBA.trafficmanager.net/AMER", tenant}, 200},
      {{"directline", kService, tenant}, 403},
      {{"webchat", kService, tenant}, 403},  // endorsed by the same key, but who writes there says himself who he is
      {{"slack", kService, tenant}, 403},
      {{"", kService, tenant}, 403},
      {{"msteams", kService, "99999999-0000-4000-8000-000000000009"}, 403},
      {{"msteams", kService, ""}, 403},
      {{"msteams", "https://smba.trafficmanager.net/emea/", tenant}, 401},
      {{"msteams", "https://attacker.example/amer/", tenant}, 401},
      {{"msteams", "", tenant}, 401},
  };
  for (const auto& [origin, expected] : cases) {
    const int status = co_await bench.judge(good, origin);
    EXPECT_EQ(status, expected) << origin.channel << " " << origin.service_url << " " << origin.tenant << ": " << bench.last;
  }
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTrust, a_signed_service_address_that_is_not_microsofts_is_refused_all_the_same) {
  Bench bench(io);
  for (const std::string address : {"https://attacker.example/amer/", "https://smba.trafficmanager.net.evil.example/amer/",
                                    "http://smba.trafficmanager.net/", "https://smba.trafficmanager.net@evil.example/",
                                    "https://smba.trafficmanager.net:8443/amer/", "nonsense"}) {
    ClaimedOrigin origin = bench.origin();
    origin.service_url = address;
    const int status = co_await bench.judge(bench.microsoft.sign_activity_token(address), origin);
    EXPECT_EQ(status, 403) << address;
  }
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTrust, several_tenants_can_be_allowed) {
  Bench bench(io, [](TeamsOptions& options) { options.allowed_tenants = {"t-one", "t-two"}; });
  const std::string good = bench.microsoft.sign_activity_token(kService);
  for (const auto& [tenant, expected] : std::map<std::string, int>{{"t-one", 200}, {"T-TWO", 200}, {"t-three", 403}}) {
    ClaimedOrigin origin = bench.origin();
    origin.tenant = tenant;
    const int status = co_await bench.judge(good, std::move(origin));
    EXPECT_EQ(status, expected) << tenant;
  }
  // Our own is not among them.
  const int own = co_await bench.judge(good);
  EXPECT_EQ(own, 403);
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTrust, tokens_of_the_emulator_are_taken_only_for_development) {
  Bench strict(io);
  for (const std::string version : {"1.0", "2.0"}) {
    const int status = co_await strict.judge(strict.microsoft.sign_emulator_token(version));
    EXPECT_EQ(status, 401) << version;
  }
  EXPECT_EQ(strict.microsoft.asked("entra keys"), 0);
  co_await strict.microsoft.stop();

  Bench bench(io, [](TeamsOptions& options) {
    options.development_tokens = true;
    options.cloud.trusted_hosts.push_back("localhost");
  });
  const auto emulated = [&](const std::string& version, const std::function<void(nlohmann::json&)>& change = {}) {
    return bench.microsoft.sign_emulator_token(version, change);
  };
  const ClaimedOrigin emulator{"emulator", "http://localhost:53423/", ""};
  for (const std::string version : {"1.0", "2.0"}) {
    const int status = co_await bench.judge(emulated(version), emulator);
    EXPECT_EQ(status, 200) << version << bench.last;
  }
  // A skill: another app that Entra gave a token for us.
  const auto other_app = emulated("2.0", [](nlohmann::json& claims) { claims["azp"] = "another-app"; });
  const auto first_place = emulated("2.0", [](nlohmann::json& claims) {
    claims["appid"] = claims["azp"];
    claims.erase("azp");
  });
  const auto version = emulated("1.0", [](nlohmann::json& claims) { claims["ver"] = "3.0"; });
  const auto audience = emulated("1.0", [](nlohmann::json& claims) { claims["aud"] = "another-app"; });
  const auto no_end = emulated("1.0", [](nlohmann::json& claims) { claims.erase("exp"); });
  const auto tenant = emulated("1.0", [](nlohmann::json& claims) {
    claims["tid"] = "t-other";
    claims["iss"] = "https://sts.windows.net/t-other/";
  });
  const auto mixed = emulated("1.0", [](nlohmann::json& claims) { claims["tid"] = "t-other"; });
  const auto no_tenant = emulated("1.0", [](nlohmann::json& claims) { claims.erase("tid"); });
  const std::vector<std::pair<std::string, int>> cases = {{other_app, 401}, {first_place, 401}, {version, 401},
                                                          {audience, 401},  {no_end, 401},      {tenant, 403},
                                                          {mixed, 401},     {no_tenant, 401}};
  for (size_t i = 0; i < cases.size(); ++i) {
    const int status = co_await bench.judge(cases[i].first, emulator);
    EXPECT_EQ(status, cases[i].second) << i << ": " << bench.last;
  }
  // Its address has to be named by the config, its tenant allowed, and the Connector's keys do not sign for Entra.
  const ClaimedOrigin unnamed{"emulator", "http://127.0.0.1:1/", ""};
  const int elsewhere = co_await bench.judge(emulated("1.0"), unnamed);
  EXPECT_EQ(elsewhere, 403);
  const ClaimedOrigin other{"emulator", "http://localhost:53423/", "t-other"};
  const int foreign = co_await bench.judge(emulated("1.0"), other);
  EXPECT_EQ(foreign, 403);
  TokenWish wish;
  wish.issuer = "https://sts.windows.net/" + bench.options.tenant + "/";
  wish.change = [&](nlohmann::json&, nlohmann::json& claims) {
    claims["tid"] = bench.options.tenant;
    claims["appid"] = bench.options.app_id;
  };
  const int wrong_key = co_await bench.judge(bench.microsoft.sign_activity_token(wish), emulator);
  EXPECT_EQ(wrong_key, 401);
  // What Teams sends is still taken.
  const int good = co_await bench.judge(bench.microsoft.sign_activity_token(kService));
  EXPECT_EQ(good, 200);
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTrust, a_new_key_is_fetched_once_however_many_ask) {
  Bench bench(io);
  const int first = co_await bench.judge(bench.microsoft.sign_activity_token(kService));
  EXPECT_EQ(first, 200);
  EXPECT_EQ(bench.fetched(), 1);
  bench.microsoft.rotate("second-key");
  bench.clock.advance(std::chrono::minutes(2));  // past the floor
  bench.microsoft.fault("keys", "slow", 1);
  const std::string token = bench.microsoft.sign_activity_token(kService);
  int good = 0;
  TaskGroup group(io, "askers");
  const auto ask = [](Bench& at, std::string authorization, int& count) -> Job {
    const int status = co_await at.judge(std::move(authorization));
    if (status == 200) ++count;
  };
  for (int i = 0; i < 20; ++i) group.spawn("ask", ask(bench, token, good));
  co_await group.drain();
  EXPECT_EQ(good, 20);
  EXPECT_EQ(bench.fetched(), 2);
  EXPECT_EQ(bench.microsoft.asked("metadata"), 2);
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTrust, unknown_keys_do_not_make_us_hammer_microsoft) {
  Bench bench(io);
  TokenWish wish;
  wish.service_url = kService;
  for (int i = 0; i < 20; ++i) {
    wish.key = "made-up-" + std::to_string(i);
    const int status = co_await bench.judge(bench.microsoft.sign_activity_token(wish));
    EXPECT_EQ(status, 401);
  }
  EXPECT_EQ(bench.fetched(), 1);
  bench.clock.advance(std::chrono::seconds(61));
  for (int i = 0; i < 5; ++i) {
    const int status = co_await bench.judge(bench.microsoft.sign_activity_token(wish));
    EXPECT_EQ(status, 401);
  }
  EXPECT_EQ(bench.fetched(), 2);
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTrust, keys_are_fetched_anew_every_day_and_a_withdrawn_one_is_forgotten) {
  Bench bench(io);
  const int first = co_await bench.judge(bench.microsoft.sign_activity_token(kService));
  EXPECT_EQ(first, 200);
  bench.microsoft.withdraw("connector");
  bench.clock.advance(std::chrono::hours(23));
  const int kept = co_await bench.judge(bench.microsoft.sign_activity_token(kService));
  EXPECT_EQ(kept, 200);
  bench.clock.advance(std::chrono::hours(2));
  const int gone = co_await bench.judge(bench.microsoft.sign_activity_token(kService));
  EXPECT_EQ(gone, 401);
  EXPECT_EQ(bench.fetched(), 2);
  co_await bench.microsoft.stop();
}

// A signature is computed once; everything else about a token is looked at each time.
ASYNC_TEST(TeamsTrust, a_token_that_was_good_is_not_good_for_ever_nor_with_anything_else) {
  Bench bench(io);
  const std::string good = bench.microsoft.sign_activity_token(kService);
  for (int times = 0; times < 3; ++times) {
    const int status = co_await bench.judge(good);
    EXPECT_EQ(status, 200);
  }
  std::string forged = good;
  forged[good.rfind('.') + 3] = good[good.rfind('.') + 3] == 'A' ? 'B' : 'A';
  int status = co_await bench.judge(forged);
  EXPECT_EQ(status, 401) << "the same words, another signature";
  ClaimedOrigin elsewhere = bench.origin();
  elsewhere.service_url = "https://smba.trafficmanager.net/emea/";
  status = co_await bench.judge(good, elsewhere);
  EXPECT_EQ(status, 401) << "for another address";
  bench.clock.advance(std::chrono::hours(2));
  status = co_await bench.judge(good);
  EXPECT_EQ(status, 401) << "it has expired";
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTrust, a_token_that_was_good_ends_with_its_key) {
  Bench bench(io);
  TokenWish wish;
  wish.service_url = kService;
  wish.life = std::chrono::hours(24 * 3);
  const std::string good = bench.microsoft.sign_activity_token(wish);
  int status = co_await bench.judge(good);
  EXPECT_EQ(status, 200);
  bench.microsoft.rotate("next");
  bench.microsoft.withdraw("connector");
  bench.clock.advance(std::chrono::hours(25));
  status = co_await bench.judge(good);
  EXPECT_EQ(status, 401);
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTrust, while_keys_cannot_be_fetched_the_known_ones_are_used_on) {
  for (const std::string fault : {"500", "429", "html"}) {
    for (const std::string what : {"metadata", "keys"}) {
      Bench bench(io);
      const int first = co_await bench.judge(bench.microsoft.sign_activity_token(kService));
      EXPECT_EQ(first, 200);
      bench.microsoft.fault(what, fault, 1000);
      bench.clock.advance(std::chrono::hours(25));
      const int before = bench.microsoft.asked("metadata");
      for (int i = 0; i < 10; ++i) {
        const int status = co_await bench.judge(bench.microsoft.sign_activity_token(kService));
        EXPECT_EQ(status, 200) << fault << " " << what;
      }
      EXPECT_EQ(bench.microsoft.asked("metadata"), before + 1) << "one try, then a pause";
      bench.clock.advance(std::chrono::seconds(2));
      const int again = co_await bench.judge(bench.microsoft.sign_activity_token(kService));
      EXPECT_EQ(again, 200);
      EXPECT_EQ(bench.microsoft.asked("metadata"), before + 2);
      bench.microsoft.mend();
      bench.clock.advance(std::chrono::minutes(2));
      bench.microsoft.rotate("after-the-fault");
      const int mended = co_await bench.judge(bench.microsoft.sign_activity_token(kService));
      EXPECT_EQ(mended, 200);
      co_await bench.microsoft.stop();
    }
  }
}

ASYNC_TEST(TeamsTrust, without_any_key_the_sender_is_told_to_come_back) {
  Bench bench(io);
  bench.microsoft.fault("metadata", "500", 1000);
  const std::string good = bench.microsoft.sign_activity_token(kService);
  for (int i = 0; i < 5; ++i) {
    const int status = co_await bench.judge(good);
    EXPECT_EQ(status, 503);
  }
  EXPECT_EQ(bench.microsoft.asked("metadata"), 1);
  // Nothing that can be refused without a key waits for one.
  const int bad = co_await bench.judge("Bearer nonsense");
  EXPECT_EQ(bad, 401);
  bench.microsoft.mend();
  bench.clock.advance(std::chrono::seconds(2));
  const int mended = co_await bench.judge(good);
  EXPECT_EQ(mended, 200);
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTrust, keys_that_do_not_come_in_time_are_no_refusal) {
  Bench bench(io);
  bench.microsoft.fault("keys", "hang", 1);
  const std::string good = bench.microsoft.sign_activity_token(kService);
  const auto deadline = Deadline::after(std::chrono::milliseconds(100));
  const auto checked = co_await bench.trust->check(good, bench.origin(), deadline);
  CO_ASSERT_TRUE(!checked.has_value());
  EXPECT_EQ(checked.error().code, Code::unavailable);
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTrust, the_one_who_fetches_for_all_may_go_away) {
  Bench bench(io);
  bench.microsoft.fault("keys", "hang", 1);
  const std::string good = bench.microsoft.sign_activity_token(kService);
  const auto ask = [](Bench& at, std::string authorization, int& status) -> Job {
    status = co_await at.judge(std::move(authorization));
  };
  int first = 0;
  int second = 0;
  TaskGroup leaving(io, "leaving");
  TaskGroup staying(io, "staying");
  leaving.spawn("ask", ask(bench, good, first));
  co_await sleep_for(std::chrono::milliseconds(20));
  staying.spawn("ask", ask(bench, good, second));
  co_await sleep_for(std::chrono::milliseconds(20));
  const auto deadline = soon();
  co_await leaving.stop(deadline);
  co_await staying.drain();
  EXPECT_NE(first, 200);
  EXPECT_EQ(second, 200);
  co_await bench.microsoft.stop();
}

ASYNC_TEST(TeamsTrust, documents_that_are_not_what_they_should_be_are_not_believed) {
  const std::string own = R"({"keys":[{"kty":"RSA","kid":"connector","use":"sig","n":"AQAB","e":"AQAB"}]})";
  const std::vector<std::pair<std::string, std::string>> documents = {
      {"metadata", "[]"},
      {"metadata", R"({"jwks_uri":7})"},
      {"metadata", R"({"jwks_uri":"https://attacker.example/keys"})"},
      {"metadata", R"({"jwks_uri":"http://login.botframework.com/keys"})"},
      {"metadata", R"({"jwks_uri":"https://login.botframework.com.attacker.example/keys"})"},
      {"metadata", R"({"jwks_uri":"http://127.0.0.1:9/keys"})"},
      {"metadata", R"({"jwks_uri":"file:///etc/passwd"})"},
      {"keys", "{}"},
      {"keys", R"({"keys":{}})"},
      {"keys", R"({"keys":[]})"},
      {"keys", own},  // far too short
      {"keys", R"({"keys":[{"kty":"oct","kid":"connector","k":"AAAA"}]})"},
      {"keys", "{\"keys\":[" + std::string(2 << 20, ' ') + "]}"},
  };
  for (const auto& [what, body] : documents) {
    Bench bench(io);
    bench.microsoft.publish(what, body);
    const int status = co_await bench.judge(bench.microsoft.sign_activity_token(kService));
    EXPECT_EQ(status, 503) << what << " " << body.substr(0, 80);
    co_await bench.microsoft.stop();
  }
}

// Somebody who can change the metadata must not be able to bring keys of their own: nothing is asked of another host.
ASYNC_TEST(TeamsTrust, keys_are_not_fetched_from_elsewhere) {
  Bench bench(io);
  const auto deadline = soon();
  net::HttpRequest request("GET", bench.microsoft.url() + "/v1/.well-known/keys");
  const auto good_keys = co_await bench.http->send(std::move(request), deadline);
  CO_ASSERT_OK(good_keys);
  test::HttpImposter elsewhere(io);
  elsewhere.always([&](const net::HttpRequest&) { return net::HttpResponse(200, "application/json", good_keys->body); });
  bench.microsoft.publish("metadata", R"({"jwks_uri":")" + elsewhere.url() + R"(/keys"})");
  const int refused = co_await bench.judge(bench.microsoft.sign_activity_token(kService));
  EXPECT_EQ(refused, 503);
  EXPECT_TRUE(elsewhere.requests().empty());
  // The same place is good once the config names it.
  bench.options.cloud.trusted_hosts.push_back("127.0.0.1");
  bench.trust = make_trust(io, *bench.http, bench.clock, bench.options);
  const int good = co_await bench.judge(bench.microsoft.sign_activity_token(kService));
  EXPECT_EQ(good, 200);
  EXPECT_EQ(elsewhere.requests().size(), 1U);
  co_await elsewhere.stop();
  co_await bench.microsoft.stop();
}

}  // namespace
}  // namespace vedette::teams
