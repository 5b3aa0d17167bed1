#include "integrations/webhook/webhook_provider.hpp"

#include "bot/base/crypto.hpp"
#include "bot/base/json.hpp"
#include "integrations/webhook/wire.hpp"
#include "tests/integration/response/provider_conformance.hpp"
#include "tests/support/fake_clock.hpp"

namespace vedette::test {
namespace {

using respond::Outcome;

const std::string kSecret = "a-shared-secret-of-the-webhook";

ActionPlan block() {
  ActionPlan plan;
  plan.verb = "block_ip";
  plan.provider = "soar";
  plan.target = Entity(EntityType::ip, "203.0.113.7");
  plan.parameters = {{"duration", "4h"}};
  return plan;
}

webhook::WebhookOptions options_for(std::string url, std::string status_url = {}) {
  webhook::WebhookOptions options;
  options.name = "soar";
  options.url = std::move(url);
  options.status_url = std::move(status_url);
  options.secret = Secret(kSecret);
  options.verbs = {"block_ip", "isolate_host"};
  return options;
}

std::unique_ptr<respond::ActionProvider> make(net::HttpClient& client, webhook::WebhookOptions options,
                                              const Clock& clock = system_clock()) {
  auto made = webhook::make_webhook_provider(client, std::move(options), clock);
  if (!made) throw std::runtime_error(made.error().message);
  return std::move(*made);
}

ASYNC_TEST(Webhook, conforms) {
  ProviderUnderTest subject;
  subject.make = [](net::HttpClient& client, std::string url) {
    return make(client, options_for(url + "/act", url + "/status"));
  };
  subject.plan = block();
  subject.prepare = [](HttpImposter& imposter, auto answer) { imposter.always(answer); };
  subject.secrets = {kSecret};
  co_await check_provider_conformance(io, std::move(subject));
}

ASYNC_TEST(Webhook, signs_what_it_sends) {
  FakeClock clock(*parse_time("2026-11-24T03:12:09Z"));
  HttpImposter imposter(io);
  const auto client = net::make_http_client(io, {});
  const auto provider = make(*client, options_for(imposter.url() + "/act"), clock);
  auto plan = block();
  const auto deadline = Deadline::after(std::chrono::seconds(5));
  auto result = co_await provider->execute(std::move(plan), "R-9/1a2b3c4d", deadline);
  CO_ASSERT_OK(result);
  EXPECT_EQ(result->outcome, Outcome::done);
  CO_ASSERT_TRUE(imposter.requests().size() == 1);
  const auto& request = imposter.requests().front();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/act");
  EXPECT_EQ(request.headers.get("Idempotency-Key"), "R-9/1a2b3c4d");
  EXPECT_EQ(request.headers.get("X-Vedette-Timestamp"), "1795489929");
  EXPECT_EQ(request.headers.get("X-Vedette-Signature"),
            "v1=" + crypto::hmac_sha256_hex(kSecret, "1795489929." + request.body));
  EXPECT_EQ(
      request.body,
      R"({"key":"R-9/1a2b3c4d","verb":"block_ip","title":"Block IP 203.0.113.7","provider":"soar","target":{"type":"ip",)"
      R"("value":"203.0.113.7"},"parameters":{"duration":"4h"}})");
  co_await imposter.stop();
}

ASYNC_TEST(Webhook, an_answer_cut_off_is_unknown) {
  DroppingServer server(io);
  const auto client = net::make_http_client(io, {});
  const auto provider = make(*client, options_for(server.url() + "/act"));
  auto plan = block();
  const auto deadline = Deadline::after(std::chrono::seconds(5));
  auto result = co_await provider->execute(std::move(plan), "R-9/1a2b3c4d", deadline);
  EXPECT_FALSE(result.has_value());
  if (!result) {
    EXPECT_EQ(result.error().code, Code::unknown_outcome) << result.error().message;
  }
  EXPECT_EQ(server.dropped(), 1) << "it must not be sent again";
  co_await server.stop();

  HttpImposter silent(io);
  silent.hang(true);
  const auto waiting = make(*client, options_for(silent.url() + "/act"));
  auto again = block();
  const auto soon = Deadline::after(std::chrono::milliseconds(150));
  auto late = co_await waiting->execute(std::move(again), "R-9/1a2b3c4d", soon);
  EXPECT_FALSE(late.has_value());
  if (!late) {
    EXPECT_EQ(late.error().code, Code::unknown_outcome) << late.error().message;
  }
  EXPECT_EQ(silent.requests().size(), 1u);
  co_await silent.stop();
}

struct LookUp {
  int status;
  const char* body;
  Outcome outcome;
};

ASYNC_TEST(Webhook, believes_a_status_only_when_it_is_one) {
  const LookUp rows[] = {
      {200, R"({"outcome":"done","message":"rule 7 is active"})", Outcome::done},
      {200, R"({"outcome":"not_done"})", Outcome::not_done},
      {200, R"({"outcome":"unknown","message":"still working"})", Outcome::unknown},
      {200, R"({"outcome":"perhaps"})", Outcome::unknown},
      {200, "<html>please sign in</html>", Outcome::unknown},
      {404, R"({"outcome":"not_done"})", Outcome::unknown},
      {404, "", Outcome::unknown},
      {500, "", Outcome::unknown},
  };
  const auto client = net::make_http_client(io, {});
  HttpImposter imposter(io);
  const auto provider = make(*client, options_for(imposter.url() + "/act", imposter.url() + "/status?tenant=1"));
  for (const auto& row : rows) {
    imposter.forget();
    imposter.next(net::HttpResponse(row.status, "application/json", row.body));
    auto plan = block();
    const auto deadline = Deadline::after(std::chrono::seconds(5));
    auto result = co_await provider->look_up(std::move(plan), "R-9/1a2b3c4d", deadline);
    CO_ASSERT_OK(result);
    EXPECT_EQ(result->outcome, row.outcome) << row.status << " " << row.body;
    EXPECT_FALSE(result->message.empty());
    CO_ASSERT_TRUE(imposter.requests().size() == 1);
    EXPECT_EQ(imposter.requests().front().target, "/status?tenant=1&key=R-9%2F1a2b3c4d");
  }
  co_await imposter.stop();
  const auto blind = make(*client, options_for("http://127.0.0.1:9/act"));
  auto plan = block();
  const auto deadline = Deadline::after(std::chrono::seconds(5));
  auto result = co_await blind->look_up(std::move(plan), "k", deadline);
  CO_ASSERT_OK(result);
  EXPECT_EQ(result->outcome, Outcome::unknown);
}

ASYNC_TEST(Webhook, accepted_is_not_yet_done_where_it_can_be_asked) {
  const auto client = net::make_http_client(io, {});
  HttpImposter imposter(io);
  imposter.always([](const net::HttpRequest&) { return net::HttpResponse(202); });
  const auto asked = make(*client, options_for(imposter.url() + "/act", imposter.url() + "/status"));
  const auto deadline = Deadline::after(std::chrono::seconds(5));
  auto plan = block();
  auto first = co_await asked->execute(std::move(plan), "k", deadline);
  CO_ASSERT_OK(first);
  EXPECT_EQ(first->outcome, Outcome::unknown);
  const auto blind = make(*client, options_for(imposter.url() + "/act"));
  auto again = block();
  auto second = co_await blind->execute(std::move(again), "k", deadline);
  CO_ASSERT_OK(second);
  EXPECT_EQ(second->outcome, Outcome::done);
  co_await imposter.stop();
}

}  // namespace
}  // namespace vedette::test
