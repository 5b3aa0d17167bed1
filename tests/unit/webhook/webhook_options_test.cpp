#include <gtest/gtest.h>

#include "bot/base/crypto.hpp"
#include "integrations/webhook/webhook_provider.hpp"
#include "integrations/webhook/wire.hpp"

namespace vedette::webhook {
namespace {

class NoClient final : public net::HttpClient {
 public:
  Async<net::HttpResponse> send(net::HttpRequest, Deadline) override {
    co_return Error(Code::unavailable, "no network here");
  }
};

WebhookOptions good() {
  WebhookOptions options;
  options.name = "soar";
  options.url = "https://soar.example/act";
  options.secret = Secret("0123456789abcdef");
  options.verbs = {"block_ip", "isolate_host"};
  return options;
}

TEST(WebhookOptions, are_checked) {
  NoClient client;
  EXPECT_TRUE(make_webhook_provider(client, good()).has_value());
  auto plain = good();
  plain.url = "http://soar.example/act";
  EXPECT_FALSE(make_webhook_provider(client, plain).has_value()) << "plain http leaves the machine";
  auto weak = good();
  weak.secret = Secret("short");
  const auto refused = make_webhook_provider(client, weak);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message.find("short "), std::string::npos);
  auto idle = good();
  idle.verbs.clear();
  EXPECT_FALSE(make_webhook_provider(client, idle).has_value());
  auto status = good();
  status.status_url = "ftp://x";
  EXPECT_FALSE(make_webhook_provider(client, status).has_value());
}

TEST(WebhookOptions, plans_are_checked_before_anybody_is_asked) {
  NoClient client;
  const auto provider = std::move(*make_webhook_provider(client, good()));
  ActionPlan plan;
  plan.verb = "block_ip";
  plan.target = Entity(EntityType::ip, "203.0.113.7");
  EXPECT_TRUE(provider->check(plan).has_value());
  plan.target = Entity(EntityType::ip, "10.0.0.7");
  EXPECT_FALSE(provider->check(plan).has_value());
  plan.target = Entity(EntityType::host, "web01");
  EXPECT_FALSE(provider->check(plan).has_value());
  plan.verb = "isolate_host";
  EXPECT_TRUE(provider->check(plan).has_value());
  plan.verb = "suspend_user";
  EXPECT_FALSE(provider->check(plan).has_value());
}

TEST(WebhookWire, signature_is_hmac_over_timestamp_and_body) {
  // RFC 4231 test case 2 gives the primitive; the layout is "<timestamp>.<body>".
  EXPECT_EQ(signature("Jefe", "what do ya want for nothing?", ""),
            "v1=" + crypto::hmac_sha256_hex("Jefe", "what do ya want for nothing?."));
  EXPECT_NE(signature("Jefe", "1", "2.3"), signature("Jefe", "1.2", "4"));
}

TEST(WebhookWire, receipts_are_made_safe_to_show) {
  const auto receipt = parse_receipt("{\"outcome\":\"done\",\"message\":\"a\\u202Eb\\nc <!channel>\"}");
  ASSERT_TRUE(receipt.has_value());
  EXPECT_EQ(receipt->message, "ab c <!channel>");
  EXPECT_FALSE(parse_receipt("{}").has_value());
  EXPECT_FALSE(parse_receipt("").has_value());
}

}  // namespace
}  // namespace vedette::webhook
