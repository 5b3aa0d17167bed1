#include "tests/integration/response/provider_conformance.hpp"

#include "bot/base/json.hpp"
#include "bot/base/log.hpp"

namespace vedette::test {
namespace {

using respond::Outcome;

const std::string kKey = "R-9/1a2b3c4d";

std::string outcome_of(const Result<respond::Receipt>& result) {
  if (!result) return std::string(to_string(result.error().code));
  switch (result->outcome) {
    case Outcome::done: return "done";
    case Outcome::not_done: return "not_done";
    case Outcome::unknown: return "unknown";
  }
  return "?";
}

std::string message_of(const Result<respond::Receipt>& result) { return result ? result->message : result.error().message; }

// Repeats everything it was sent, as badly written services do.
net::HttpResponse echo(const net::HttpRequest& request, int status) {
  // Credentials first: what is shown of an answer is cut off somewhere.
  std::string all = std::string(request.headers.get("Authorization")) + std::string(request.headers.get("X-Api-Key"));
  all += "; " + request.body;
  net::HttpResponse response(status, "application/json", R"({"message":)" + json_quote(all) + "}");
  response.headers.set("Retry-After", "7");
  return response;
}

struct Row {
  int status;
  std::string outcome;
};

}  // namespace

Job check_provider_conformance(Executor io, ProviderUnderTest subject) {
  log::set_level(log::Level::debug);
  testing::internal::CaptureStderr();
  std::string shown;
  const auto client = net::make_http_client(io, {});

  const Row rows[] = {{200, "done"},     {201, "done"},     {400, "not_done"}, {403, "not_done"},    {404, "not_done"},
                      {409, "not_done"}, {422, "not_done"}, {302, "not_done"}, {408, "unknown"},     {500, "unknown"},
                      {502, "unknown"},  {503, "unknown"},  {504, "unknown"},  {429, "rate_limited"}};
  for (const auto& row : rows) {
    HttpImposter imposter(io);
    subject.prepare(imposter, [&](const net::HttpRequest& request) { return echo(request, row.status); });
    const auto provider = subject.make(*client, imposter.url());
    ActionPlan plan = subject.plan;
    std::string key = kKey;
    const auto deadline = Deadline::after(std::chrono::seconds(5));
    auto result = co_await provider->execute(std::move(plan), std::move(key), deadline);
    EXPECT_EQ(outcome_of(result), row.outcome) << row.status << ": " << message_of(result);
    EXPECT_FALSE(message_of(result).empty()) << row.status;
    if (row.status == 429 && !result) {
      EXPECT_EQ(result.error().retry_after, std::chrono::seconds(7));
    }
    shown += message_of(result) + "\n";
    co_await imposter.stop();
  }

  {  // Nobody there: surely not done.
    const auto provider = subject.make(*client, url_of_nobody(io));
    ActionPlan plan = subject.plan;
    std::string key = kKey;
    const auto deadline = Deadline::after(std::chrono::seconds(5));
    auto result = co_await provider->execute(std::move(plan), std::move(key), deadline);
    EXPECT_EQ(outcome_of(result), "unavailable") << message_of(result);
    shown += message_of(result) + "\n";
  }
  {  // No answer to the request that changes something: unknown, and the deadline is kept.
    HttpImposter imposter(io);
    bool asked = false;
    subject.prepare(imposter, [&](const net::HttpRequest&) {
      asked = true;
      return net::HttpResponse(200);
    });
    const auto provider = subject.make(*client, imposter.url());
    // Whatever has to be said before (a sign-in) is said now; then the service goes silent.
    ActionPlan first = subject.plan;
    std::string first_key = kKey;
    const auto patient = Deadline::after(std::chrono::seconds(5));
    auto warmed = co_await provider->execute(std::move(first), std::move(first_key), patient);
    EXPECT_TRUE(asked) << message_of(warmed);
    imposter.hang(true);
    ActionPlan plan = subject.plan;
    std::string key = kKey;
    const auto before = std::chrono::steady_clock::now();
    const auto deadline = Deadline::after(std::chrono::milliseconds(150));
    auto result = co_await provider->look_up(std::move(plan), std::move(key), deadline);
    EXPECT_NE(outcome_of(result), "done");
    EXPECT_NE(outcome_of(result), "not_done");
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(3));
    shown += message_of(result) + "\n";
    co_await imposter.stop();
  }
  for (const std::string nonsense :
       {"", "null", "[]", "{", "<html>", R"({"outcome":7,"message":[]})", R"({"nbDeleted":{}})"}) {
    HttpImposter imposter(io);
    subject.prepare(imposter, [&](const net::HttpRequest&) { return net::HttpResponse(200, "text/html", nonsense); });
    const auto provider = subject.make(*client, imposter.url());
    ActionPlan plan = subject.plan;
    std::string key = kKey;
    const auto deadline = Deadline::after(std::chrono::seconds(5));
    auto looked = co_await provider->look_up(std::move(plan), std::move(key), deadline);
    EXPECT_FALSE(message_of(looked).empty()) << nonsense;
    co_await imposter.stop();
  }

  const std::string logged = testing::internal::GetCapturedStderr();
  log::set_level(log::Level::info);
  for (const auto& secret : subject.secrets) {
    EXPECT_EQ(shown.find(secret), std::string::npos) << "a secret is shown: " << shown;
    EXPECT_EQ(logged.find(secret), std::string::npos) << "a secret is logged";
  }
}

}  // namespace vedette::test
