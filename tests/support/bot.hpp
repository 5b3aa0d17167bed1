#pragma once
// The whole program as a child process, and a client for its HTTP interface.

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bot/base/async.hpp"
#include "bot/net/http_client.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"

namespace vedette::test {

struct BotOptions {
  std::string slack_api_url;             // empty: without Slack
  std::string teams_people;              // ann's TENANT/OBJECT in Teams; empty: none
  std::string more_config;               // YAML added at the end
  std::vector<std::string> environment;  // "NAME=value", for the program
  uint16_t port = 0;                     // fixed where a sender must find it again after a restart
};

// Tokens and people of the written configuration.
inline constexpr const char* kSourceToken = "source-token-0123456789";
inline constexpr const char* kApiToken = "api-token-0123456789";
inline constexpr const char* kHmacKey = "hmac-key-0123456789abcdef";

// Writes a configuration with sources "wazuh" (bearer), "signed" (wazuh, hmac) and "guardduty" (basic), the events dataset
// "windows", people ann (analyst), ben and cleo (approvers) known to Slack as T0FAKE/U0ANN, U0BEN, U0CLEO, and a simulated
// provider.
std::string write_config(const TempDir& folder, const BotOptions& options);

class Bot {
 public:
  Bot(const TempDir& folder, const BotOptions& options);  // starts it; throws when it does not come up
  ~Bot();
  uint16_t port() const { return port_; }
  std::string url(const std::string& path) const;
  Process& process() { return *process_; }
  std::string log() const;  // standard error of all runs so far

 private:
  std::string log_file_;
  std::unique_ptr<Process> process_;
  uint16_t port_ = 0;
};

// A Wazuh alert; each number is another host, user, address and rule, so that alerts do not join.
std::string wazuh_alert(int number);

Async<net::HttpResponse> post(net::HttpClient& client, std::string url, std::string token, std::string body);
// GET with the API token; the parsed body, null when it was not 200.
boost::asio::awaitable<nlohmann::json> get_json(net::HttpClient& client, std::string url);
uint16_t free_port();

}  // namespace vedette::test
