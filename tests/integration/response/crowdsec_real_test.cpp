// The CrowdSec provider against a real Local API from Debian; skipped where that cannot be had.

#include "bot/base/text.hpp"
#include "bot/net/http_client.hpp"
#include "integrations/crowdsec/crowdsec_provider.hpp"
#include "integrations/crowdsec/wire.hpp"
#include "tests/fakes/crowdsec_server.hpp"
#include "tests/integration/response/world.hpp"

namespace vedette::test {
namespace {

using respond::Outcome;

ActionPlan plan_for(std::string verb, std::string address, std::string duration = {}) {
  ActionPlan plan;
  plan.verb = std::move(verb);
  plan.provider = "crowdsec";
  plan.target = Entity(EntityType::ip, std::move(address));
  if (!duration.empty()) plan.parameters = {{"duration", duration}};
  return plan;
}

crowdsec::CrowdsecOptions options_for(const CrowdsecServer& server, bool with_bouncer) {
  crowdsec::CrowdsecOptions options;
  options.url = server.url() + "/";
  options.machine_id = server.machine();
  options.password = Secret(server.password());
  if (with_bouncer) options.bouncer_key = Secret(server.bouncer_key());
  return options;
}

std::unique_ptr<respond::ActionProvider> make(net::HttpClient& client, crowdsec::CrowdsecOptions options) {
  auto made = crowdsec::make_crowdsec_provider(client, std::move(options));
  if (!made) throw std::runtime_error(made.error().message);
  return std::move(*made);
}

// What bouncers are told about an address.
Async<std::vector<crowdsec::Decision>> told_to_bouncers(net::HttpClient& client, const CrowdsecServer& server,
                                                        std::string address) {
  net::HttpRequest request("GET", server.url() + "/v1/decisions?ip=" + address);
  request.headers.set("X-Api-Key", server.bouncer_key());
  const auto deadline = Deadline::after(std::chrono::seconds(5));
  CO_TRY(const auto response, client.send(std::move(request), deadline));
  co_return crowdsec::parse_decisions(response.body);
}

Async<respond::Receipt> execute(respond::ActionProvider& provider, ActionPlan plan, std::string key) {
  const auto deadline = Deadline::after(std::chrono::seconds(10));
  co_return co_await provider.execute(std::move(plan), std::move(key), deadline);
}

Async<respond::Receipt> look_up(respond::ActionProvider& provider, ActionPlan plan, std::string key) {
  const auto deadline = Deadline::after(std::chrono::seconds(10));
  co_return co_await provider.look_up(std::move(plan), std::move(key), deadline);
}

Job block_look_up_unblock(Executor io, const CrowdsecServer& server, bool with_bouncer, std::string address,
                          std::string key) {
  const auto client = net::make_http_client(io, {});
  const auto provider = make(*client, options_for(server, with_bouncer));
  auto before = co_await look_up(*provider, plan_for("block_ip", address), key);
  CO_ASSERT_OK(before);
  EXPECT_EQ(before->outcome, Outcome::not_done) << before->message;

  auto blocked = co_await execute(*provider, plan_for("block_ip", address, "2d"), key);
  CO_ASSERT_OK(blocked);
  EXPECT_EQ(blocked->outcome, Outcome::done) << blocked->message;
  auto decisions = co_await told_to_bouncers(*client, server, address);
  CO_ASSERT_OK(decisions);
  CO_ASSERT_TRUE(decisions->size() == 1);
  EXPECT_EQ(decisions->front().type, "ban");
  EXPECT_EQ(decisions->front().value, address);
  EXPECT_EQ(decisions->front().origin, "vedette");
  EXPECT_TRUE(decisions->front().duration.starts_with("47h59m")) << decisions->front().duration;

  auto found = co_await look_up(*provider, plan_for("block_ip", address), key);
  CO_ASSERT_OK(found);
  EXPECT_EQ(found->outcome, Outcome::done) << found->message;
  auto other = co_await look_up(*provider, plan_for("block_ip", address), "R-99/ffffffff");
  CO_ASSERT_OK(other);
  EXPECT_EQ(other->outcome, Outcome::not_done) << other->message;
  auto still = co_await look_up(*provider, plan_for("unblock_ip", address), "R-10/00000000");
  CO_ASSERT_OK(still);
  EXPECT_EQ(still->outcome, Outcome::not_done) << still->message;

  auto lifted = co_await execute(*provider, plan_for("unblock_ip", address), "R-10/00000000");
  CO_ASSERT_OK(lifted);
  EXPECT_EQ(lifted->outcome, Outcome::done) << lifted->message;
  EXPECT_NE(lifted->message.find("lifted"), std::string::npos) << lifted->message;
  auto none = co_await told_to_bouncers(*client, server, address);
  CO_ASSERT_OK(none);
  EXPECT_TRUE(none->empty());
  auto gone = co_await look_up(*provider, plan_for("unblock_ip", address), "R-10/00000000");
  CO_ASSERT_OK(gone);
  EXPECT_EQ(gone->outcome, Outcome::done);
  auto ended = co_await look_up(*provider, plan_for("block_ip", address), key);
  CO_ASSERT_OK(ended);
  EXPECT_NE(ended->message.find("ended since"), std::string::npos) << ended->message;
  auto again = co_await execute(*provider, plan_for("unblock_ip", address), "R-11/00000000");
  CO_ASSERT_OK(again);
  EXPECT_NE(again->message.find("had no ban"), std::string::npos) << again->message;
}

Job leaves_ranges_alone(Executor io, const CrowdsecServer& server) {
  const auto client = net::make_http_client(io, {});
  const auto provider = make(*client, options_for(server, false));
  // A range is banned by somebody else, through the same API.
  net::HttpRequest login("POST", server.url() + "/v1/watchers/login");
  login.headers.set("Content-Type", "application/json");
  login.headers.set("User-Agent", "somebody/1");
  login.body = crowdsec::login_body(server.machine(), server.password());
  const auto deadline = Deadline::after(std::chrono::seconds(10));
  auto signed_in = co_await client->send(std::move(login), deadline);
  CO_ASSERT_OK(signed_in);
  auto token = crowdsec::parse_login(signed_in->body);
  CO_ASSERT_OK(token);
  net::HttpRequest ban("POST", server.url() + "/v1/alerts");
  ban.headers.set("Authorization", "Bearer " + token->token);
  ban.headers.set("Content-Type", "application/json");
  ban.body = crowdsec::ban_body("198.51.100.0/24", "somebody-else", "a range", std::chrono::hours(1), system_clock().now());
  ban.body = text::replace_all(ban.body, "\"Ip\"", "\"Range\"");
  ban.body = text::replace_all(ban.body, "\"ip\":\"198.51.100.0/24\"", "\"range\":\"198.51.100.0/24\"");
  auto banned = co_await client->send(std::move(ban), deadline);
  CO_ASSERT_OK(banned);
  EXPECT_EQ(banned->status, 201) << banned->body;

  auto blocked = co_await execute(*provider, plan_for("block_ip", "198.51.100.9"), "R-20/aaaaaaaa");
  CO_ASSERT_OK(blocked);
  auto lifted = co_await execute(*provider, plan_for("unblock_ip", "198.51.100.9"), "R-21/aaaaaaaa");
  CO_ASSERT_OK(lifted);
  EXPECT_EQ(lifted->outcome, Outcome::done);
  EXPECT_NE(lifted->message.find("still caught by the ban on the range 198[.]51[.]100[.]0/24"), std::string::npos)
      << lifted->message;
  auto left = co_await told_to_bouncers(*client, server, "198.51.100.9");
  CO_ASSERT_OK(left);
  CO_ASSERT_TRUE(left->size() == 1);
  EXPECT_EQ(left->front().scope, "Range");
}

Job wrong_password(Executor io, const CrowdsecServer& server) {
  const auto client = net::make_http_client(io, {});
  auto options = options_for(server, false);
  options.password = Secret("not-the-password");
  const auto provider = make(*client, std::move(options));
  auto refused = co_await execute(*provider, plan_for("block_ip", "203.0.113.99"), "R-30/aaaaaaaa");
  EXPECT_FALSE(refused.has_value());
  if (!refused) {
    EXPECT_EQ(refused.error().code, Code::unauthenticated) << refused.error().message;
  }
}

TEST(CrowdsecReal, blocks_finds_again_and_unblocks) {
  TempDir folder;
  auto started = CrowdsecServer::start(folder.path());
  if (!started) GTEST_SKIP() << "no CrowdSec to test against: " << started.error().message;
  const auto& server = **started;
  run_async([&](Executor io) { return block_look_up_unblock(io, server, false, "203.0.113.7", "R-9/1a2b3c4d"); });
  run_async([&](Executor io) { return block_look_up_unblock(io, server, true, "203.0.113.8", "R-12/1a2b3c4d"); });
  run_async([&](Executor io) { return block_look_up_unblock(io, server, true, "2001:db8::7", "R-13/1a2b3c4d"); });
  run_async([&](Executor io) { return leaves_ranges_alone(io, server); });
  run_async([&](Executor io) { return wrong_password(io, server); });
}

}  // namespace
}  // namespace vedette::test
