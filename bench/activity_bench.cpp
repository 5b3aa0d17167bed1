#include "bench/activity_bench.hpp"

#include <cstdio>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <thread>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "bench/http_load.hpp"
#include "tests/fakes/fake_microsoft.hpp"

namespace vedette::bench {
namespace {

using test::Process;

constexpr const char* kChannel = "19:bench@thread.tacv2";

// A thumb that somebody puts on a message: stored, worked off, and answered by nothing that would have to be sent.
std::string activity(const std::string& service_url, const std::string& tenant, int number) {
  return fmt::format(
      R"({{"reactionsAdded":[{{"type":"like"}}],"type":"messageReaction","timestamp":"2026-11-24T03:12:09.{0:06}Z","id":"f:bench-{0}","channelId":"msteams","serviceUrl":"{1}","from":{{"id":"29:1I9Is_Sx0O-Iy2rQ7Xz1lcaPKlO9eqmBRTBuW6XzkFtcjqxTjPaCMij8BVMdBcL9L_RwWNJyAHFQb0TRzXgyQvA","aadObjectId":"c33aafc4-646d-4543-9d4c-abd28e4d2110"}},"conversation":{{"isGroup":true,"conversationType":"channel","tenantId":"{2}","id":"{3};messageid=1575667808184"}},"recipient":{{"id":"28:f5d48856-5b42-41a0-8c3a-c5f944b679b0","name":"Vedette"}},"channelData":{{"channel":{{"id":"{3}"}},"team":{{"id":"19:efa9296d959346209fea44151c742e73@thread.skype"}},"tenant":{{"id":"{2}"}}}},"replyToId":"1575667808184"}})",
      number % 1'000'000, service_url, tenant, kChannel);
}

// The keys by which tokens are checked, and our own tokens, from a thread of its own: what it costs is not the servers'.
class Microsoft {
 public:
  Microsoft() : fake_(io_.get_executor(), test::FakeMicrosoftOptions()) {
    if (!fake_.start()) throw std::runtime_error("the fake Microsoft cannot listen");
    url_ = fake_.url();
    authorization_ = fake_.sign_activity_token(url_ + "/");
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Microsoft() {
    boost::asio::co_spawn(io_, fake_.stop(), boost::asio::detached);
    thread_.join();
  }
  const std::string& url() const { return url_; }
  const std::string& authorization() const { return authorization_; }

 private:
  boost::asio::io_context io_{1};
  test::FakeMicrosoft fake_;
  std::string url_;
  std::string authorization_;
  std::thread thread_;
};

struct Figures {
  std::vector<double> p50, p99, processor, per_second;
  void add(const HttpLoadResult& result) {
    p50.push_back(result.p50_micros);
    p99.push_back(result.p99_micros);
    processor.push_back(result.processor_micros);
    per_second.push_back(result.per_second);
  }
};

struct Server {
  std::unique_ptr<Process> process;
  uint16_t port = 0;
  int wanted = 200;
};
using Start = std::function<std::optional<Server>(const Scratch&, const Microsoft&, const std::string& name)>;

uint16_t port_in(const std::string& text, char before) {
  return static_cast<uint16_t>(std::stoi(text.substr(text.rfind(before) + 1)));
}

std::optional<Server> start_vedette(const Scratch& scratch, const Microsoft& microsoft, const std::string& name) {
  const test::FakeMicrosoftOptions known;
  const std::string config = scratch.file(name + ".yaml");
  const std::string teams = fmt::format(
      "chat:\n  teams:\n    app_id: {}\n    tenant: {}\n    app_secret: {}\n    way: https\n    channel: '{}'\n"
      "    login_url: {}/\n    openid_url: {}/v1/.well-known/openidconfiguration\n    service_url: {}/\n",
      known.app_id, known.tenant, known.secret, kChannel, microsoft.url(), microsoft.url(), microsoft.url());
  write_config(config, scratch.file(name + ".sqlite"), teams);
  Server server;
  server.process = std::make_unique<Process>(std::vector<std::string>{VEDETTE_BINARY, "run", "--config", config},
                                             scratch.file("vedette.log"));
  server.port = port_in(line_of(*server.process, "listening on "), ':');
  return server;
}

std::optional<Server> start_botbuilder(const Scratch& scratch, const Microsoft& microsoft, const std::string&) {
  const std::string folder = BENCH_PEERS;
  if (!std::filesystem::exists(folder + "/node_modules/botbuilder")) return std::nullopt;
  const test::FakeMicrosoftOptions known;
  Server server;
  server.process = std::make_unique<Process>(
      std::vector<std::string>{"/usr/bin/env", "node", folder + "/botbuilder.mjs", known.app_id, known.tenant,
                               microsoft.url() + "/v1/.well-known/openidconfiguration", "https://api.botframework.com"},
      scratch.file("botbuilder.log"));
  server.port = port_in(line_of(*server.process, "port="), '=');
  return server;
}

std::optional<Server> start_bare(const Scratch& scratch, const Microsoft&, const std::string& name) {
  Server server;
  server.process = std::make_unique<Process>(std::vector<std::string>{BARE_HTTP_SERVER, scratch.file(name + ".sqlite")},
                                             scratch.file("limit.log"));
  server.port = port_in(line_of(*server.process, "port="), '=');
  server.wanted = 202;
  return server;
}

HttpLoadResult measure(const Server& server, const Microsoft& microsoft, int connections, int activities) {
  const std::string service_url = microsoft.url() + "/";
  const std::string tenant = test::FakeMicrosoftOptions().tenant;
  HttpLoad load;
  load.port = server.port;
  load.path = "/api/messages";
  load.headers = "Authorization: " + microsoft.authorization() + "\r\n";
  load.body = [&](int number) { return activity(service_url, tenant, number); };
  load.wanted = server.wanted;
  load.connections = connections;
  load.requests = connections == 1 ? activities / 10 : activities;
  const double before = server.process->processor_seconds();
  HttpLoadResult result = run_http_load(load);
  result.processor_micros = (server.process->processor_seconds() - before) * 1e6 / (load.requests * 1.1);
  return result;
}

void row(const std::string& what, const char* name, Figures& figures) {
  std::printf("| %-28s | %-10s | %10.0f | %9.1f | %9.1f | %9.2f |\n", what.c_str(), name, median(figures.per_second),
              median(figures.p50), median(figures.p99), median(figures.processor) / 100);
}

}  // namespace

bool measure_activities(const Scratch& scratch, const ActivityBenchOptions& options) {
  const std::pair<const char*, Start> servers[] = {
      {"limit", start_bare}, {"vedette", start_vedette}, {"botbuilder", start_botbuilder}};
  const Microsoft microsoft;
  bool good = true;
  std::printf("| %-28s | %-10s | activities/s | p50 us | p99 us | processor s for 10,000 |\n", "activities of Teams",
              "server");
  for (const int connections : {1, 64}) {
    std::map<std::string, Figures> figures;
    for (int round = 0; round < options.rounds; ++round) {
      for (const auto& [name, start] : servers) {
        auto server = start(scratch, microsoft, fmt::format("{}-{}-{}", name, connections, round));
        if (!server) continue;
        const HttpLoadResult result = measure(*server, microsoft, connections, options.activities);
        if (result.refused > 0) {
          std::printf("%s refused %d activities\n", name, result.refused);
          good = false;
        }
        figures[name].add(result);
      }
    }
    for (const auto& [name, start] : servers) {
      if (figures.count(name) == 0) {
        std::printf("%s was not measured: its package is not installed\n", name);
        continue;
      }
      row(fmt::format("{} connection{}", connections, connections == 1 ? "" : "s"), name, figures[name]);
    }
  }
  return good;
}

}  // namespace vedette::bench
