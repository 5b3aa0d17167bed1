// The CrowdSec provider against a scripted Local API.

#include "integrations/crowdsec/crowdsec_provider.hpp"

#include "tests/integration/response/provider_conformance.hpp"
#include "tests/support/fake_clock.hpp"

namespace vedette::test {
namespace {

using respond::Outcome;

const std::string kPassword = "the-password-of-the-machine";
const std::string kToken = "header.payload.signature-of-a-token";

ActionPlan plan_for(std::string verb) {
  ActionPlan plan;
  plan.verb = std::move(verb);
  plan.provider = "crowdsec";
  plan.target = Entity(EntityType::ip, "203.0.113.7");
  return plan;
}

std::unique_ptr<respond::ActionProvider> make(net::HttpClient& client, std::string url,
                                              const Clock& clock = system_clock()) {
  crowdsec::CrowdsecOptions options;
  options.url = std::move(url);
  options.machine_id = "vedette";
  options.password = Secret(kPassword);
  auto made = crowdsec::make_crowdsec_provider(client, std::move(options), clock);
  if (!made) throw std::runtime_error(made.error().message);
  return std::move(*made);
}

net::HttpResponse json(int status, std::string body) {
  return net::HttpResponse(status, "application/json", std::move(body));
}

using Answer = std::function<net::HttpResponse(const net::HttpRequest&)>;
// Signs in and has no allow lists, like 1.4.6; the rest is `answer`'s.
Answer like_1_4_6(Answer answer, std::string expires = "2099-01-01T00:00:00Z") {
  return [answer = std::move(answer), expires = std::move(expires)](const net::HttpRequest& request) {
    if (request.path == "/v1/watchers/login")
      return json(200, R"({"code":200,"expire":")" + expires + R"(","token":")" + kToken + "\"}");
    if (request.path.starts_with("/v1/allowlists/")) return net::HttpResponse(404);
    return answer(request);
  };
}

size_t count_of(const HttpImposter& imposter, std::string_view path) {
  size_t count = 0;
  for (const auto& request : imposter.requests()) count += request.path == path ? 1u : 0u;
  return count;
}

ASYNC_TEST(Crowdsec, conforms) {
  ProviderUnderTest subject;
  subject.make = [](net::HttpClient& client, std::string url) { return make(client, std::move(url)); };
  subject.plan = plan_for("block_ip");
  subject.prepare = [](HttpImposter& imposter, auto answer) { imposter.always(like_1_4_6(answer)); };
  subject.secrets = {kPassword, kToken};
  co_await check_provider_conformance(io, std::move(subject));
}

ASYNC_TEST(Crowdsec, keeps_its_token_and_renews_it) {
  HttpImposter imposter(io);
  FakeClock clock(*parse_time("2026-11-24T03:00:00Z"));
  bool token_refused = false;
  imposter.always(like_1_4_6(
      [&](const net::HttpRequest& request) {
        if (request.headers.get("Authorization") != "Bearer " + kToken) return json(401, "{}");
        if (std::exchange(token_refused, false)) return json(401, "{}");
        return request.method == "DELETE" ? json(200, R"({"nbDeleted":"1"})") : json(200, "null");
      },
      "2026-11-24T04:00:00Z"));
  const auto client = net::make_http_client(io, {});
  const auto provider = make(*client, imposter.url() + "/", clock);
  const auto unblock = [&] {
    auto plan = plan_for("unblock_ip");
    return provider->execute(std::move(plan), "R-9/1a2b3c4d", Deadline::after(std::chrono::seconds(5)));
  };
  auto first = co_await unblock();
  CO_ASSERT_OK(first);
  auto second = co_await unblock();
  CO_ASSERT_OK(second);
  EXPECT_EQ(count_of(imposter, "/v1/watchers/login"), 1u);
  for (const auto& request : imposter.requests()) {
    EXPECT_NE(request.headers.get("User-Agent").find('/'), std::string_view::npos) << "1.4.6 refuses a sign-in without";
  }
  token_refused = true;
  auto third = co_await unblock();
  CO_ASSERT_OK(third);
  EXPECT_EQ(third->outcome, Outcome::done);
  EXPECT_EQ(count_of(imposter, "/v1/watchers/login"), 2u);
  clock.advance(std::chrono::minutes(59) + std::chrono::seconds(30));
  auto fourth = co_await unblock();
  CO_ASSERT_OK(fourth);
  EXPECT_GE(count_of(imposter, "/v1/watchers/login"), 3u) << "shortly before its end";
  co_await imposter.stop();
}

ASYNC_TEST(Crowdsec, offers_the_undoing_of_its_block) {
  HttpImposter imposter(io);
  const auto client = net::make_http_client(io, {});
  const auto provider = make(*client, imposter.url(), system_clock());
  auto block = plan_for("block_ip");
  block.parameters["duration"] = "4h";
  const auto undo = undo_of(block);
  CO_ASSERT_TRUE(undo.has_value());
  EXPECT_EQ(undo->verb, "unblock_ip");
  const auto fits = provider->check(*undo);
  EXPECT_TRUE(fits.has_value()) << fits.error().message;
  co_return;
}

ASYNC_TEST(Crowdsec, tokens_given_over_time_are_not_remembered_for_ever) {
  HttpImposter imposter(io);
  FakeClock clock(*parse_time("2026-11-24T03:00:00Z"));
  int given = 0;
  imposter.always([&](const net::HttpRequest& request) {
    if (request.target.find("login") == std::string::npos) {
      return request.method == "DELETE" ? json(200, R"({"nbDeleted":"1"})") : json(200, "null");
    }
    const std::string expires = to_rfc3339(clock.now() + std::chrono::hours(1));
    return json(200, fmt::format(R"({{"code":200,"expire":"{}","token":"token-given-{}"}})", expires, ++given));
  });
  const auto client = net::make_http_client(io, {});
  const auto provider = make(*client, imposter.url() + "/", clock);
  const size_t before = registered_secrets();
  for (int hour = 0; hour < 40; ++hour) {
    auto plan = plan_for("unblock_ip");
    auto done = co_await provider->execute(std::move(plan), "R-9/1a2b3c4d", Deadline::after(std::chrono::seconds(5)));
    CO_ASSERT_OK(done);
    clock.advance(std::chrono::hours(1));
  }
  EXPECT_EQ(given, 40);
  EXPECT_LE(registered_secrets(), before + 10);
  EXPECT_EQ(redact("token-given-40"), "[redacted]");
  co_await imposter.stop();
}

ASYNC_TEST(Crowdsec, a_refused_sign_in_is_not_done_and_not_repeated) {
  HttpImposter imposter(io);
  imposter.always(
      [](const net::HttpRequest&) { return json(401, R"({"code":401,"message":"incorrect Username or Password"})"); });
  const auto client = net::make_http_client(io, {});
  const auto provider = make(*client, imposter.url());
  auto plan = plan_for("block_ip");
  const auto deadline = Deadline::after(std::chrono::seconds(5));
  auto result = co_await provider->execute(std::move(plan), "R-9/1a2b3c4d", deadline);
  EXPECT_FALSE(result.has_value());
  if (!result) {
    EXPECT_EQ(result.error().code, Code::unauthenticated);
    EXPECT_EQ(result.error().message.find(kPassword), std::string::npos);
  }
  EXPECT_EQ(imposter.requests().size(), 1u);
  co_await imposter.stop();
}

ASYNC_TEST(Crowdsec, respects_allow_lists_where_there_are_any) {
  HttpImposter imposter(io);
  imposter.always([](const net::HttpRequest& request) {
    if (request.path == "/v1/allowlists/check/203.0.113.7")
      return json(200, R"({"allowlisted":true,"reason":"our office"})");
    return like_1_4_6([](const net::HttpRequest&) { return json(201, R"(["1"])"); })(request);
  });
  const auto client = net::make_http_client(io, {});
  const auto provider = make(*client, imposter.url());
  auto plan = plan_for("block_ip");
  const auto deadline = Deadline::after(std::chrono::seconds(5));
  auto result = co_await provider->execute(std::move(plan), "R-9/1a2b3c4d", deadline);
  CO_ASSERT_OK(result);
  EXPECT_EQ(result->outcome, Outcome::not_done);
  EXPECT_NE(result->message.find("our office"), std::string::npos);
  EXPECT_EQ(count_of(imposter, "/v1/alerts"), 0u);
  co_await imposter.stop();
}

ASYNC_TEST(Crowdsec, finds_the_ban_of_its_own_action_again) {
  HttpImposter imposter(io);
  bool banned = false;
  imposter.always(like_1_4_6([&](const net::HttpRequest&) {
    return json(200, banned
                         ? R"([{"decisions":[{"duration":"3h","scenario":"vedette/R-9/1a2b3c4d","scope":"Ip","type":"ban",)"
                           R"("value":"203.0.113.7","simulated":false}]}])"
                         : "null");
  }));
  const auto client = net::make_http_client(io, {});
  const auto provider = make(*client, imposter.url());
  auto before_plan = plan_for("block_ip");
  const auto deadline = Deadline::after(std::chrono::seconds(5));
  auto before = co_await provider->look_up(std::move(before_plan), "R-9/1a2b3c4d", deadline);
  CO_ASSERT_OK(before);
  EXPECT_EQ(before->outcome, Outcome::not_done);
  banned = true;
  auto other_plan = plan_for("block_ip");
  auto other = co_await provider->look_up(std::move(other_plan), "R-10/99999999", deadline);
  CO_ASSERT_OK(other);
  EXPECT_EQ(other->outcome, Outcome::not_done) << "a ban of somebody else's action is not this one";
  EXPECT_NE(other->message.find("banned by another one"), std::string::npos) << other->message;
  auto found_plan = plan_for("block_ip");
  auto found = co_await provider->look_up(std::move(found_plan), "R-9/1a2b3c4d", deadline);
  CO_ASSERT_OK(found);
  EXPECT_EQ(found->outcome, Outcome::done);
  auto lifted_plan = plan_for("unblock_ip");
  auto lifted = co_await provider->look_up(std::move(lifted_plan), "R-11/1a2b3c4d", deadline);
  CO_ASSERT_OK(lifted);
  EXPECT_EQ(lifted->outcome, Outcome::not_done) << "still banned";
  co_await imposter.stop();
}

}  // namespace
}  // namespace vedette::test
