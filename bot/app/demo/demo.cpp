#include "bot/app/demo/demo.hpp"

#include <cstdio>
#include <filesystem>
#include <map>

#include <fmt/format.h>
#include <stdlib.h>
#include <boost/asio/post.hpp>

#include "bot/app/demo/activity.hpp"
#include "bot/app/demo/stories.hpp"
#include "bot/app/service.hpp"
#include "bot/base/crypto.hpp"
#include "bot/base/log.hpp"
#include "bot/base/text.hpp"

namespace vedette::app::demo {
namespace {

constexpr int kDays = 21;
constexpr size_t kRecordsPerRequest = 400;
constexpr std::chrono::seconds kBetweenStories(20);

std::string random_token() { return crypto::to_hex(crypto::random_bytes(16)); }

// ", slack: T0123/U0456" of a person, and the section for the channel.
std::string slack_identity(const DemoOptions& options, const std::string& person) {
  const auto found = options.slack_people.find(person);
  return found == options.slack_people.end() ? "" : ", slack: " + json_quote(found->second);
}

std::string slack_section(const DemoOptions& options) {
  if (options.slack_channel.empty()) return {};
  return "chat:\n  slack: {channel: " + json_quote(options.slack_channel) +
         (options.slack_classic ? ", blocks: classic}\n" : "}\n");
}

// What the company's systems send with: one key, made anew at each start. An Error: Slack is not set up.
Result<Config> demo_config(const DemoOptions& options, const std::string& folder, const Secret& sign_in, const Secret& key) {
  std::string yaml =
      fmt::format(R"(
server:
  listen: "{listen}"
store: sqlite:{folder}/demo.sqlite
log: {{level: warning}}
sources:
  - {{name: wazuh, format: wazuh, auth: {{type: hmac, secrets: ["{key}"]}}}}
  - {{name: suricata, format: suricata, auth: {{type: bearer, tokens: ["{key}"]}}}}
  - {{name: guardduty, format: guardduty, auth: {{type: bearer, tokens: ["{key}"]}}}}
  - {{name: sentinel, format: sentinel, auth: {{type: basic, user: sentinel, password: "{key}"}}}}
  - {{name: elastic, format: ecs, auth: {{type: bearer, tokens: ["{key}"]}}}}
  - name: mailgateway
    format: mapped
    auth: {{type: bearer, tokens: ["{key}"]}}
    mapping:
      id: /threat_id
      title: /verdict
      time: /seen_at
      severity: /risk
      rule: /policy
      entities:
        - {{type: mail, pointer: /message/recipient}}
        - {{type: mail, pointer: /message/sender}}
        - {{type: url, pointer: /message/link}}
      fields:
        email.from.address: /message/sender
        email.to.address: /message/recipient
        url.full: /message/link
events:
  - {{dataset: windows, auth: {{type: bearer, tokens: ["{key}"]}}}}
  - {{dataset: cloudtrail, auth: {{type: bearer, tokens: ["{key}"]}}}}
  - {{dataset: suricata, auth: {{type: bearer, tokens: ["{key}"]}}}}
  - {{dataset: ecs, auth: {{type: bearer, tokens: ["{key}"]}}}}
investigation:
  known_good:
    - {{kind: scanner, name: Vulnerability scanner of the server network, entities: ["ip:10.20.0.18", "host:scan-01"]}}
    - {{kind: maintenance_account, name: Backup service account, entities: ["user:svc-backup"]}}
    - {{kind: automation, name: Software distribution, entities: ["user:svc-deploy"]}}
actions:
  - {{name: simulated, type: simulated}}
policy:
  protected: ["host:dc-01", "user:svc-backup"]
people:
  - {{id: ann, name: Ann (analyst), roles: [analyst]{ann}}}
  - {{id: ben, name: Ben (approver), roles: [analyst, approver]{ben}}}
  - {{id: vic, name: Vic (viewer), roles: [viewer]{vic}}}
{slack})",
                  fmt::arg("listen", options.listen), fmt::arg("folder", folder), fmt::arg("key", key.reveal()),
                  fmt::arg("ann", slack_identity(options, "ann")), fmt::arg("ben", slack_identity(options, "ben")),
                  fmt::arg("vic", slack_identity(options, "vic")), fmt::arg("slack", slack_section(options)));
  TRY(auto parsed, parse_config(yaml, "demo", folder));
  parsed.console.sign_in.shared_token = sign_in;
  if (options.speed > 0) {
    const double millis = 700 / options.speed;
    parsed.investigation.pace = std::chrono::milliseconds(static_cast<int64_t>(millis));
  }
  return parsed;
}

// Sends what the company's systems send, through the doors that real systems use.
class Sender {
 public:
  Sender(App& app, Secret key) : app_(app), key_(std::move(key)) {}

  Async<void> events(std::vector<Record> records) {
    std::map<std::string, std::string> lines;
    std::map<std::string, size_t> counts;
    for (auto& record : records) {
      std::string& batch = lines[record.stream];
      batch += record.json + '\n';
      if (++counts[record.stream] < kRecordsPerRequest) continue;
      counts[record.stream] = 0;
      std::string body = std::exchange(batch, {});
      CO_TRY_VOID(post("/v1/events/" + record.stream, std::move(body), "application/x-ndjson"));
    }
    for (auto& [stream, batch] : lines) {
      if (batch.empty()) continue;
      std::string body = std::move(batch);
      CO_TRY_VOID(post("/v1/events/" + stream, std::move(body), "application/x-ndjson"));
    }
    co_return Result<void>();
  }

  Async<void> alert(Record record) {
    std::string path = "/v1/alerts/" + record.stream;
    std::string body = std::move(record.json);
    co_return co_await post(std::move(path), std::move(body), "application/json");
  }

 private:
  Async<void> post(std::string path, std::string body, std::string type) {
    net::HttpRequest request("POST", app_.local_url() + path);
    request.headers.set("Content-Type", type);
    sign(request, path, body);
    request.body = std::move(body);
    const Deadline deadline = Deadline::after(std::chrono::seconds(30));
    CO_TRY(auto response, app_.http().send(std::move(request), deadline));
    auto checked = net::require_success(std::move(response), path);
    if (!checked) co_return std::move(checked).error();
    co_return Result<void>();
  }

  void sign(net::HttpRequest& request, const std::string& path, const std::string& body) const {
    const std::string& key = key_.reveal();
    if (path == "/v1/alerts/wazuh") {
      const auto seconds = std::to_string(to_micros(system_clock().now()) / 1'000'000);
      request.headers.set("X-Vedette-Timestamp", seconds);
      request.headers.set("X-Vedette-Signature", "v1=" + crypto::hmac_sha256_hex(key, seconds + "." + body));
    } else if (path == "/v1/alerts/sentinel") {
      request.headers.set("Authorization", "Basic " + crypto::to_base64("sentinel:" + key));
    } else {
      request.headers.set("Authorization", "Bearer " + key);
    }
  }

  App& app_;
  Secret key_;
};

void say(const std::string& line) {
  std::fputs((line + "\n").c_str(), stdout);
  std::fflush(stdout);
}

boost::asio::awaitable<void> tell(Sender& sender, const Company& company, Story story, uint64_t seed) {
  Random random(seed);
  Scene scene = story.play(company, random, system_clock().now());
  std::vector<Record> logs = std::move(scene.logs);
  auto sent = co_await sender.events(std::move(logs));
  for (auto& alert : scene.alerts) {
    if (!sent) break;
    sent = co_await sender.alert(alert);
  }
  if (!sent) log::error("demo", "'{}' could not be sent: {}", story.name, sent.error().message);
}

Job play(App& app, DemoOptions options, Secret key) {
  const Company company = make_company(options.seed);
  Sender sender(app, std::move(key));
  const auto known = co_await app.store().events().count();
  if (known && *known == 0) {
    say("Writing three ordinary weeks into the event log …");
    std::vector<Record> weeks =
        ordinary_activity(company, options.seed, system_clock().now() - std::chrono::minutes(20), kDays);
    const size_t count = weeks.size();
    const auto sent = co_await sender.events(std::move(weeks));
    if (!sent) {
      log::error("demo", "the event log could not be filled: {}", sent.error().message);
      co_return;
    }
    const auto minutes =
        static_cast<double>(all_stories().size()) * std::chrono::duration<double, std::ratio<60>>(kBetweenStories).count();
    say(fmt::format("{} log records are in. The first alert comes now; all of them take about {} min.", count,
                    options.speed > 0 ? static_cast<int>(minutes / options.speed) + 1 : 1));
  }
  uint64_t number = 0;
  for (auto& story : all_stories()) {
    co_await tell(sender, company, story, options.seed + ++number);
    if (options.speed <= 0) continue;
    const auto wait = std::chrono::duration_cast<Duration>(kBetweenStories / options.speed);
    co_await sleep_for(wait);
    if (co_await cancelled()) co_return;
  }
  say("All alerts are in. The company goes on quietly; stop with Ctrl-C.");
}

}  // namespace

int run_demo(const DemoOptions& options) {
  std::string folder = options.data;
  if (folder.empty()) {
    std::string pattern = (std::filesystem::temp_directory_path() / "vedette-demo-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
      std::fputs("demo: cannot make a temporary folder; name one with --data\n", stderr);
      return 1;
    }
    folder = pattern;
  } else {
    std::filesystem::create_directories(folder);
  }
  folder = std::filesystem::absolute(folder).string();
  const Secret sign_in(random_token());
  const Secret key(random_token());
  int code = 2;
  auto config = demo_config(options, folder, sign_in, key);
  if (!config) {
    std::fputs((config.error().message + "\n").c_str(), stderr);
  } else {
    code = run_service(std::move(*config), [&](App& app, TaskGroup& beside) {
      say("Vedette is up, with a simulated company. Open this address and choose who you are:");
      say(fmt::format("  {}/#token={}", app.local_url(), sign_in.reveal()));
      say("token=" + sign_in.reveal());
      beside.spawn("demo", play(app, options, key));
    });
  }
  if (options.data.empty()) {
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  return code;
}

}  // namespace vedette::app::demo
