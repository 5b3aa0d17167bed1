#include "integrations/crowdsec/wire.hpp"

#include <gtest/gtest.h>

#include "bot/base/json.hpp"
#include "integrations/crowdsec/crowdsec_provider.hpp"

namespace vedette::crowdsec {
namespace {

class NoClient final : public net::HttpClient {
 public:
  Async<net::HttpResponse> send(net::HttpRequest, Deadline) override {
    co_return Error(Code::unavailable, "no network here");
  }
};

TEST(CrowdsecWire, a_ban_has_every_field_that_the_api_requires) {
  const auto body =
      ban_body("203.0.113.7", "vedette/R-9/1a2b3c4d", "why", std::chrono::hours(48), *parse_time("2026-11-24T03:12:09Z"));
  const auto json = Json::parse(body);
  ASSERT_TRUE(json.has_value());
  const auto alert = (*json)[size_t{0}];
  for (const char* field : {"capacity", "events", "events_count", "leakspeed", "message", "scenario", "scenario_hash",
                            "scenario_version", "simulated", "source", "start_at", "stop_at"}) {
    EXPECT_TRUE(alert[field].exists()) << field;
  }
  const auto decision = alert["decisions"][size_t{0}];
  EXPECT_EQ(decision["type"].string(), "ban");
  EXPECT_EQ(decision["scope"].string(), "Ip");
  EXPECT_EQ(decision["value"].string(), "203.0.113.7");
  EXPECT_EQ(decision["duration"].string(), "172800s") << "days are no unit of Go";
  EXPECT_EQ(decision["scenario"].string(), "vedette/R-9/1a2b3c4d");
}

TEST(CrowdsecWire, reads_what_version_1_4_6_answers) {
  const auto login = parse_login(R"({"code":200,"expire":"2026-11-24T05:21:51Z","token":"aaa.bbb.ccc"})");
  ASSERT_TRUE(login.has_value());
  EXPECT_EQ(to_rfc3339(login->expires), "2026-11-24T05:21:51Z");
  EXPECT_FALSE(parse_login(R"({"code":200,"token":""})").has_value());
  EXPECT_FALSE(parse_login("null").has_value());

  const auto alerts = parse_alert_decisions(
      R"([{"id":1,"decisions":[{"duration":"3h59m59.98s","id":1,"origin":"vedette","scenario":"s","scope":"Ip","simulated":false,)"
      R"("type":"ban","value":"203.0.113.7"}]},{"id":2,"decisions":null},{"id":3,"decisions":[{"duration":"-15.2ms","scope":"Ip"}]}])");
  ASSERT_TRUE(alerts.has_value());
  ASSERT_EQ(alerts->size(), 2u);
  EXPECT_TRUE((*alerts)[0].active());
  EXPECT_FALSE((*alerts)[1].active());
  ASSERT_TRUE(parse_alert_decisions("null").has_value());
  EXPECT_TRUE(parse_decisions("null")->empty());
  EXPECT_FALSE(parse_decisions("{}").has_value());
  EXPECT_EQ(*parse_deleted(R"({"nbDeleted":"2"})"), 2);
  EXPECT_EQ(*parse_deleted(R"({"nbDeleted":0})"), 0);
  EXPECT_FALSE(parse_deleted("{}").has_value());
  EXPECT_EQ(parse_allowlisted(R"({"allowlisted":true,"reason":"office"})"), "office");
  EXPECT_FALSE(parse_allowlisted(R"({"allowlisted":false})").has_value());
  EXPECT_EQ(parse_error(R"({"message":"access\nforbidden"})"), "access forbidden");
  EXPECT_EQ(parse_error("404 page not found"), "");
}

struct PlanRow {
  const char* verb;
  Entity target;
  std::map<std::string, std::string> parameters;
  bool accepted;
};

TEST(CrowdsecProvider, accepts_only_plans_it_can_run) {
  const PlanRow rows[] = {
      {"block_ip", {EntityType::ip, "203.0.113.7"}, {}, true},
      {"block_ip", {EntityType::ip, "203.0.113.7"}, {{"duration", "2d"}}, true},
      {"block_ip", {EntityType::ip, "2001:db8::7"}, {}, true},
      {"block_ip", {EntityType::ip, "203.0.113.7"}, {{"duration", "31d"}}, false},
      {"block_ip", {EntityType::ip, "203.0.113.7"}, {{"duration", "10s"}}, false},
      {"block_ip", {EntityType::ip, "203.0.113.7"}, {{"duration", "for ever"}}, false},
      {"block_ip", {EntityType::ip, "203.0.113.7"}, {{"scope", "Range"}}, false},
      {"block_ip", {EntityType::ip, "10.1.2.3"}, {}, false},
      {"block_ip", {EntityType::ip, "127.0.0.1"}, {}, false},
      {"block_ip", {EntityType::ip, "fe80::1"}, {}, false},
      {"block_ip", {EntityType::ip, "not an address"}, {}, false},
      {"block_ip", {EntityType::host, "web01"}, {}, false},
      {"unblock_ip", {EntityType::ip, "10.1.2.3"}, {}, true},
      {"isolate_host", {EntityType::host, "web01"}, {}, false},
  };
  NoClient client;
  CrowdsecOptions options;
  options.url = "http://127.0.0.1:8080/";
  options.machine_id = "vedette";
  options.password = Secret("not-a-real-password");
  const auto provider = std::move(*make_crowdsec_provider(client, options));
  for (const auto& row : rows) {
    ActionPlan plan;
    plan.verb = row.verb;
    plan.target = row.target;
    plan.parameters = row.parameters;
    const auto checked = provider->check(plan);
    EXPECT_EQ(checked.has_value(), row.accepted) << row.verb << " " << to_text(row.target);
    if (!checked) {
      EXPECT_FALSE(checked.error().message.empty());
    }
  }
  options.machine_id.clear();
  EXPECT_FALSE(make_crowdsec_provider(client, options).has_value());
}

}  // namespace
}  // namespace vedette::crowdsec
