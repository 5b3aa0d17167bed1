#include "integrations/teams/socket_connect.hpp"

#include <gtest/gtest.h>

#include "integrations/teams/socket_record.hpp"

namespace vedette::teams {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST(TeamsSocketHosts, only_microsofts_are_told_our_token) {
  TeamsOptions options;
  const auto taken = [&](const char* url) { return accept_address(url, SocketHost::service, options).has_value(); };
  EXPECT_TRUE(taken("https://botapi.skype.com/amer/v3/websockets/connect"));
  EXPECT_TRUE(taken("https://canary.botapi.skype.com/amer/v3/websockets/connect"));
  EXPECT_TRUE(taken("https://smba.trafficmanager.net/")) << "one of the cloud's trusted hosts";
  for (const char* bad : {"http://botapi.skype.com/", "wss://botapi.skype.com/", "https://skype.com.attacker.example/",
                          "https://botapi-skype.com/", "https://evil.example/botapi.skype.com", "https://skype.com/",
                          "https://botapi.skype.com@evil.example/", "https://bots.service.signalr.net/", "",
                          "http://127.0.0.1:8080/", "https://evil.trafficmanager.net/", "ftp://botapi.skype.com/"})
    EXPECT_FALSE(taken(bad)) << bad;
}

TEST(TeamsSocketHosts, only_microsofts_are_told_the_tickets_token) {
  TeamsOptions options;
  const auto taken = [&](const char* url) { return accept_address(url, SocketHost::signalr, options).has_value(); };
  for (const char* good : {"https://teams-bots.service.signalr.net/client/?hub=b", "wss://amer.botapi.skype.com/x",
                           "HTTPS://Teams-Bots.Service.SignalR.NET/client/", "https://x.teams.microsoft.com/"})
    EXPECT_TRUE(taken(good)) << good;
  for (const char* bad : {"http://teams-bots.service.signalr.net/", "ws://teams-bots.service.signalr.net/",
                          "https://service.signalr.net.evil.example/", "https://evilservice.signalr.net/",
                          "https://microsoft.com.evil.example/", "https://signalr.attacker.example/", "http://127.0.0.1:9/",
                          "https://127.0.0.1:9/", "https://localhost/"})
    EXPECT_FALSE(taken(bad)) << bad;
  EXPECT_EQ(*accept_address("HTTPS://A.Service.SignalR.NET:443/Client?Hub=B", SocketHost::signalr, options),
            "https://a.service.signalr.net/Client?Hub=B");
  const auto refused = accept_address("https://signalr.attacker.example/?access_token=secret", SocketHost::signalr, options);
  EXPECT_EQ(refused.error().code, Code::forbidden);
  EXPECT_NE(refused.error().message.find("signalr.attacker.example"), std::string::npos);
  EXPECT_EQ(refused.error().message.find("secret"), std::string::npos);
  options.cloud.trusted_hosts.emplace_back("signalr.attacker.example");
  EXPECT_TRUE(taken("https://signalr.attacker.example/"));
}

TEST(TeamsSocketHosts, this_machine_only_where_the_config_names_it) {
  TeamsOptions options;
  options.cloud.socket_url = "http://127.0.0.1:8080/";
  EXPECT_TRUE(accept_address("http://127.0.0.1:8080/amer", SocketHost::service, options).has_value());
  EXPECT_TRUE(accept_address("ws://localhost:1/", SocketHost::signalr, options).has_value());
  EXPECT_FALSE(accept_address("http://10.0.0.1/", SocketHost::signalr, options).has_value());
}

TEST(TeamsSocketHosts, the_address_of_a_geography) {
  TeamsOptions options;
  EXPECT_EQ(connect_address(options, "amer"), "https://botapi.skype.com/amer/v3/websockets/connect");
  EXPECT_EQ(connect_address(options, ""), "https://botapi.skype.com/v3/websockets/connect");
  EXPECT_EQ(connect_address(options, "a/../b"), "https://botapi.skype.com/a%2F..%2Fb/v3/websockets/connect");
  options.cloud = us_government_cloud();
  EXPECT_EQ(accept_address(connect_address(options, "amer"), SocketHost::service, options).error().code, Code::forbidden);
}

class TeamsSocketRecord : public testing::Test {
 protected:
  using Seen = SocketRecord::Seen;
  SteadyTime now_ = SteadyTime(std::chrono::hours(5));
};

TEST_F(TeamsSocketRecord, an_envelope_is_fresh_once) {
  SocketRecord record;
  EXPECT_EQ(record.ask("a", now_), Seen::fresh);
  EXPECT_EQ(record.ask("a", now_), Seen::in_work);
  EXPECT_EQ(record.ask("b", now_), Seen::fresh);
  record.finish("a", ActivityAnswer(200, "{}"), now_);
  EXPECT_EQ(record.ask("a", now_ + minutes(5)), Seen::answered);
  EXPECT_EQ(record.answer("a").body, "{}");
  EXPECT_EQ(record.ask("a", now_ + minutes(5) + seconds(1)), Seen::fresh);
  EXPECT_EQ(record.ask("b", now_ + minutes(9)), Seen::in_work) << "work is not forgotten";
}

TEST_F(TeamsSocketRecord, not_now_is_no_answer) {
  SocketRecord record;
  for (const int status : {500, 503, 429}) {
    EXPECT_EQ(record.ask("a", now_), Seen::fresh) << status;
    record.finish("a", ActivityAnswer(status), now_);
  }
  record.ask("a", now_);
  record.finish("a", ActivityAnswer(403), now_);
  EXPECT_EQ(record.ask("a", now_), Seen::answered);
}

TEST_F(TeamsSocketRecord, is_bounded) {
  SocketRecord record({minutes(5), 10, 1000});
  for (int n = 0; n < 100; ++n) {
    record.ask(std::to_string(n), now_);
    record.finish(std::to_string(n), ActivityAnswer(200), now_);
    EXPECT_LE(record.size(), 11u);
  }
  EXPECT_EQ(record.ask("99", now_), Seen::answered);
  for (int n = 0; n < 5; ++n) {
    record.ask("big" + std::to_string(n), now_);
    record.finish("big" + std::to_string(n), ActivityAnswer(200, std::string(400, 'x')), now_);
  }
  EXPECT_EQ(record.size(), 2u);
  EXPECT_EQ(record.ask("big4", now_), Seen::answered);
}

}  // namespace
}  // namespace vedette::teams
