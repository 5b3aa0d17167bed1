#include "tests/support/bot.hpp"

#include <stdexcept>

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace vedette::test {

std::string write_config(const TempDir& folder, const BotOptions& options) {
  std::string yaml = fmt::format(R"(
server:
  listen: 127.0.0.1:{port}
  api_tokens: [{{name: tests, token: {api}}}]
store: sqlite:vedette.sqlite
sources:
  - {{name: wazuh, format: wazuh, auth: {{type: bearer, tokens: [{token}]}}}}
  - {{name: signed, format: wazuh, auth: {{type: hmac, secrets: [{hmac}]}}}}
  - {{name: guardduty, format: guardduty, auth: {{type: basic, user: aws, password: {token}}}}}
events:
  - {{dataset: windows, auth: {{type: bearer, tokens: [{token}]}}}}
actions:
  - {{name: network, type: simulated}}
people:
  - {{id: ann, name: Ann, roles: [analyst], slack: T0FAKE/U0ANN{teams}}}
  - {{id: ben, name: Ben, roles: [analyst, approver], slack: T0FAKE/U0BEN}}
  - {{id: cleo, name: Cleo, roles: [approver], slack: T0FAKE/U0CLEO}}
)",
                                 fmt::arg("port", options.port), fmt::arg("api", kApiToken), fmt::arg("token", kSourceToken),
                                 fmt::arg("hmac", kHmacKey),
                                 fmt::arg("teams", options.teams_people.empty() ? "" : ", teams: " + options.teams_people));
  if (!options.slack_api_url.empty()) {
    yaml += fmt::format(
        "chat:\n  slack: {{app_token: xapp-fake-app-token, bot_token: xoxb-fake-bot-token, api_url: \"{}\", channel: C0SOC, "
        "pace_milliseconds: 0}}\n",
        options.slack_api_url);
  }
  const std::string path = folder.file("vedette.yaml");
  write_file(path, yaml + options.more_config);
  return path;
}

Bot::Bot(const TempDir& folder, const BotOptions& options) : log_file_(folder.file("vedette.log")) {
  const std::vector<std::string> arguments = {VEDETTE_BINARY, "run", "--config", write_config(folder, options)};
  process_ = std::make_unique<Process>(arguments, log_file_, options.environment);
  const auto address = process_->wait_for_line("listening on ");
  if (!address) throw std::runtime_error("vedette did not start:\n" + log());
  port_ = static_cast<uint16_t>(std::stoi(address->substr(address->rfind(':') + 1)));
}

Bot::~Bot() = default;
std::string Bot::url(const std::string& path) const { return fmt::format("http://127.0.0.1:{}{}", port_, path); }
std::string Bot::log() const { return read_file(log_file_); }

std::string wazuh_alert(int number) {
  return fmt::format(
      R"({{"timestamp":"2026-11-24T03:{minute:02}:{second:02}.250+0000","rule":{{"level":12,"description":"Suspicious service number {n} was installed","id":"{rule}","mitre":{{"id":["T1543.003"]}},"groups":["windows"]}},"agent":{{"id":"{n}","name":"host-{n}","ip":"10.{a}.{b}.7"}},"manager":{{"name":"wazuh-01"}},"id":"1764000000.{n}","data":{{"win":{{"eventdata":{{"serviceName":"svc{n}","imagePath":"C:\\Windows\\Temp\\svc{n}.exe"}},"system":{{"eventID":"7045","channel":"System","computer":"host-{n}"}}}}}},"location":"EventChannel"}})",
      fmt::arg("minute", number / 60 % 60), fmt::arg("second", number % 60), fmt::arg("n", number),
      fmt::arg("rule", 61'000 + number), fmt::arg("a", 100 + number / 250), fmt::arg("b", number % 250));
}

Async<net::HttpResponse> post(net::HttpClient& client, std::string url, std::string token, std::string body) {
  net::HttpRequest request("POST", std::move(url));
  request.headers.set("Content-Type", "application/json");
  request.headers.set("Authorization", "Bearer " + token);
  request.body = std::move(body);
  const Deadline deadline = Deadline::after(std::chrono::seconds(20));
  co_return co_await client.send(std::move(request), deadline);
}

boost::asio::awaitable<nlohmann::json> get_json(net::HttpClient& client, std::string url) {
  net::HttpRequest request("GET", std::move(url));
  request.headers.set("Authorization", std::string("Bearer ") + kApiToken);
  const Deadline deadline = Deadline::after(std::chrono::seconds(20));
  const auto answer = co_await client.send(std::move(request), deadline);
  if (!answer || answer->status != 200) co_return nlohmann::json();
  co_return nlohmann::json::parse(answer->body);
}

uint16_t free_port() {
  boost::asio::io_context io;
  const boost::asio::ip::tcp::acceptor acceptor(
      io, boost::asio::ip::tcp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0));
  return acceptor.local_endpoint().port();
}

}  // namespace vedette::test
