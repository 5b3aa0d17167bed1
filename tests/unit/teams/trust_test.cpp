// To whom our token may be sent, and which credentials are usable: what needs no network.

#include "integrations/teams/trust.hpp"

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "integrations/teams/tokens.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/client_certificate.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/files.hpp"

namespace vedette::teams {
namespace {

bool trusted(const std::string& address, const TeamsOptions& options) {
  const auto url = net::parse_url(address);
  return url && is_trusted(*url, options);
}

TEST(TeamsTrustedHosts, are_microsofts_and_no_look_alikes) {
  const TeamsOptions options;
  for (const std::string good :
       {"https://smba.trafficmanager.net/teams/", "https://SMBA.TrafficManager.net/amer/22222222-dddd/",
        "https://smba.trafficmanager.net:443/", "https://smba.trafficmanager.net./emea", "https://webchat.botframework.com/",
        "https://a.b.botframework.com/x", "https://smba.infra.gcc.teams.microsoft.com/gcc", "wss://x.botframework.com/"}) {
    EXPECT_TRUE(trusted(good, options)) << good;
  }
  for (const std::string bad : {"https://attacker.example/",
                                "https://smba.trafficmanager.net.evil.example/",
                                "https://evil-smba.trafficmanager.net/",
                                "https://evil.trafficmanager.net/",
                                "https://x.smba.trafficmanager.net/",
                                "https://trafficmanager.net/",
                                "https://smba.trafficmanager.net@evil.example/",
                                "https://evil.example@smba.trafficmanager.net/",
                                "https://evil.example/smba.trafficmanager.net/",
                                "https://evil.example?smba.trafficmanager.net/",
                                "https://evil.example#smba.trafficmanager.net/",
                                "https://evil.example\\smba.trafficmanager.net/",
                                "https://smba.trafficmanager.net\\@evil.example/",
                                "https://smba.trafficmanager.net:8443/",
                                "https://smba.trafficmanager.net:80/",
                                "https://smba.trafficmanager.net%00.evil.example/",
                                "https://smba.trafficmanager.net%2eevil.example/",
                                "http://smba.trafficmanager.net/teams/",
                                "ws://smba.trafficmanager.net/",
                                "ftp://smba.trafficmanager.net/",
                                "//smba.trafficmanager.net/",
                                "https://botframework.com/",
                                "https://evilbotframework.com/",
                                "https://.botframework.com/",
                                "https://botframework.com.evil.example/",
                                "https://smba.trafficmanager.net\xe2\x80\x8b/",
                                "https://smb\xd0\xb0.trafficmanager.net/",
                                "https://smba.infra.gov.teams.microsoft.us/",
                                "https://api.botframework.us/",
                                "https://169.254.169.254/",
                                "https://localhost/",
                                "http://localhost:1234/",
                                "http://127.0.0.1:1234/",
                                "https://[::1]/",
                                ""}) {
    EXPECT_FALSE(trusted(bad, options)) << bad;
  }
}

TEST(TeamsTrustedHosts, the_governments_cloud_is_another_one) {
  TeamsOptions options;
  options.cloud = us_government_cloud();
  EXPECT_TRUE(trusted(options.cloud.service_url, options));
  EXPECT_TRUE(trusted("https://smba.infra.gov.teams.microsoft.us/gcch", options));
  EXPECT_TRUE(trusted("https://smba.infra.dod.teams.microsoft.us/teams", options));
  EXPECT_TRUE(trusted("https://login.botframework.azure.us/v1/.well-known/keys", options));
  EXPECT_FALSE(trusted("https://smba.trafficmanager.net/teams/", options));
  EXPECT_FALSE(trusted("https://x.botframework.com/", options));
}

TEST(TeamsTrustedHosts, this_machine_is_trusted_only_where_the_config_names_it) {
  TeamsOptions options;
  options.cloud.service_url = "http://127.0.0.1:4000/teams/";
  EXPECT_TRUE(trusted("http://127.0.0.1:4000/amer/", options));
  EXPECT_FALSE(trusted("http://127.0.0.1:4001/amer/", options));
  EXPECT_FALSE(trusted("http://localhost:4000/amer/", options));
  options.cloud.trusted_hosts.push_back("localhost:5000");
  EXPECT_TRUE(trusted("http://localhost:5000/", options));
  EXPECT_FALSE(trusted("http://localhost:5001/", options));
  options.cloud.trusted_hosts.push_back("127.0.0.1");
  EXPECT_TRUE(trusted("http://127.0.0.1:4001/amer/", options));
  // A service address that the config names elsewhere opens nothing.
  options.cloud.service_url = "https://attacker.example/";
  EXPECT_FALSE(trusted("https://attacker.example/", options));
}

class TeamsCredentials : public ::testing::Test {
 protected:
  Result<std::unique_ptr<TokenSource>> make() { return make_token_source(io_.get_executor(), *http_, clock_, options_); }
  void expect_unusable(const std::string& part) {
    const auto made = make();
    ASSERT_FALSE(made.has_value());
    EXPECT_EQ(made.error().code, Code::invalid_input);
    EXPECT_NE(made.error().message.find(part), std::string::npos) << made.error().message;
    EXPECT_EQ(made.error().message.find("PRIVATE"), std::string::npos) << made.error().message;
  }
  boost::asio::io_context io_;
  std::unique_ptr<net::HttpClient> http_ = net::make_http_client(io_.get_executor(), {});
  test::FakeClock clock_;
  TeamsOptions options_;
  test::TempDir folder_;
};

TEST_F(TeamsCredentials, are_exactly_one) {
  expect_unusable("exactly one");
  options_.credentials.secret = Secret("a-secret-of-this-test");
  EXPECT_TRUE(make().has_value());
  options_.credentials.managed_identity = true;
  expect_unusable("exactly one");
  options_.credentials.secret.renew({});
  EXPECT_TRUE(make().has_value());
  options_.credentials.key_file = "x";
  expect_unusable("exactly one");
}

TEST_F(TeamsCredentials, say_which_file_is_wrong) {
  const auto made = test::make_client_certificate();
  const auto other = test::make_client_certificate();
  auto& credentials = options_.credentials;
  credentials.certificate_file = folder_.file("app.pem");
  credentials.key_file = folder_.file("app.key");
  expect_unusable("app.key");
  test::write_file(credentials.key_file, made.key);
  expect_unusable("app.pem");
  test::write_file(credentials.certificate_file, other.certificate);
  expect_unusable("another key");
  test::write_file(credentials.certificate_file, made.certificate);
  EXPECT_TRUE(make().has_value());
  test::write_file(credentials.key_file, "nonsense");
  expect_unusable("app.key");
  test::write_file(credentials.key_file, std::string(1 << 20, 'x'));
  expect_unusable("too long");
}

// Remembers what it was asked and has nothing to say.
class Silent final : public net::HttpClient {
 public:
  Async<net::HttpResponse> send(net::HttpRequest request, Deadline) override {
    requests.push_back(std::move(request));
    co_return Error(Code::unavailable, "nobody is here", true);
  }
  std::vector<net::HttpRequest> requests;
};

ASYNC_TEST(TeamsIdentity, is_asked_at_azures_address_and_nowhere_else) {
  Silent http;
  const test::FakeClock clock;
  TeamsOptions options;
  options.app_id = "an app";
  options.credentials.managed_identity = true;
  const auto tokens = make_token_source(io, http, clock, options);
  CO_ASSERT_OK(tokens);
  const auto deadline = Deadline::after(std::chrono::seconds(1));
  const auto token = co_await (*tokens)->token("https://api.botframework.com/.default", deadline);
  EXPECT_FALSE(token.has_value());
  CO_ASSERT_TRUE(http.requests.size() == 1);
  const auto& request = http.requests.front();
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.target,
            "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01"
            "&resource=https%3A%2F%2Fapi.botframework.com&client_id=an%20app");
  EXPECT_EQ(request.headers.get("Metadata"), "true");
  EXPECT_TRUE(request.to_link_local);
}

TEST_F(TeamsCredentials, a_machines_identity_is_on_its_own_link) {
  options_.credentials.managed_identity = true;
  for (const std::string good : {"http://169.254.169.254/metadata/identity/oauth2/token", "http://127.0.0.1:41741/msi/token",
                                 "http://localhost:42356/msi/token", "https://identity.example/token"}) {
    options_.credentials.identity_endpoint = good;
    EXPECT_TRUE(make().has_value()) << good;
  }
  for (const std::string bad : {"http://10.0.0.1/token", "http://attacker.example/", "nonsense"}) {
    options_.credentials.identity_endpoint = bad;
    expect_unusable("identity service");
  }
}

}  // namespace
}  // namespace vedette::teams
