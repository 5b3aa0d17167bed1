// A steady load on a real Vedette while everything that Slack is known to do to its clients goes wrong at random: links that
// are refreshed, cut, deaf or never greeted; refused upgrades; limits, lost answers and slow ones; events that come twice.
// VEDETTE_SOAK_SECONDS changes how long (30), VEDETTE_SEED the faults.

#include <cstdlib>
#include <map>
#include <optional>
#include <random>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_slack.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/bot.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kAckLimit = seconds(3);    // Slack's
constexpr auto kGhostLife = seconds(25);  // Vedette notices a deaf link after 20 s
constexpr int kCases = 50;                // the interface shows the newest 500 notes of each

int number_from(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::atoi(text);
}

struct Soak {
  explicit Soak(Executor io)
      : slack(io, FakeSlackOptions()),
        client(net::make_http_client(io, {})),
        jobs(io, "soak"),
        ghosts(io, "ghosts"),
        random(number_from("VEDETTE_SEED", 1)) {
    ends = Deadline::after(seconds(number_from("VEDETTE_SOAK_SECONDS", 30)));
  }
  unsigned chance(unsigned below) { return static_cast<unsigned>(random()) % below; }

  TempDir folder;
  FakeSlack slack;
  std::unique_ptr<net::HttpClient> client;
  TaskGroup jobs;
  TaskGroup ghosts;
  std::minstd_rand random;
  Deadline ends = Deadline::never();
  std::unique_ptr<Bot> bot;
  std::map<size_t, std::string> notes;    // events by handle: what each has to leave in a case
  std::vector<size_t> presses;            // slash commands and clicks
  std::vector<size_t> repeated;           // the same event with another id
  std::map<uint64_t, SteadyTime> broken;  // sockets that were cut or made deaf, and when
  std::set<uint64_t> leaving;             // that were told to go
  std::map<std::string, int> faults;
};

// Ten a second of each.
Job load(Soak& soak) {
  for (int number = 1; !soak.ends.passed(); ++number) {
    const std::string note = fmt::format("soak-{:06}", number);
    const size_t said = soak.slack.mention("U0ANN", "C0SOC", fmt::format("note C-{} {}", 1 + number % kCases, note));
    soak.notes[said] = note;
    if (soak.chance(20) == 0) {
      json payload = soak.slack.envelope(said).payload;
      payload["event_id"] = "EvAgain" + std::to_string(number);
      soak.repeated.push_back(soak.slack.send("events_api", std::move(payload)));
      ++soak.faults["event repeated with a new id"];
    }
    soak.presses.push_back(soak.slack.slash("U0ANN", "C0SOC", "status"));
    co_await sleep_for(milliseconds(60 + soak.chance(80)));
  }
}

void call_fault(Soak& soak, const std::string& method, const std::string& kind) {
  FakeFault fault;
  fault.method = method;
  fault.kind = kind;
  fault.hold = milliseconds(1500);
  soak.slack.add_fault(std::move(fault));
  ++soak.faults[method + " " + kind];
}

// A link to do something to; none unless another one lives, so that Slack always has one to give envelopes to and none of
// them is excused by there being no link. Deaf ones count as dead.
std::optional<uint64_t> expendable(Soak& soak) {
  auto living = soak.slack.socket_ids();
  std::erase_if(living, [&](uint64_t id) { return soak.broken.contains(id) || soak.leaving.contains(id); });
  if (living.size() < 2) return std::nullopt;
  return living[soak.chance(static_cast<unsigned>(living.size()))];
}

// Slack takes a dead link for alive for a while and gives it envelopes, then no more.
Job forget_later(Soak& soak, uint64_t socket) {
  co_await sleep_for(kGhostLife);
  soak.slack.kill(socket);
}

void break_socket(Soak& soak, bool cut) {
  const auto socket = expendable(soak);
  if (!socket) return;
  soak.broken.emplace(*socket, std::chrono::steady_clock::now());
  if (cut) {
    soak.slack.kill(*socket);
  } else {
    soak.slack.half_open(*socket);
    soak.ghosts.spawn("ghost", forget_later(soak, *socket));
  }
  ++soak.faults[cut ? "link cut" : "link half-open"];
}

void refresh(Soak& soak) {
  const auto socket = expendable(soak);
  if (!socket) return;
  const char* reason = soak.chance(2) == 0 ? "warning" : "refresh_requested";
  soak.leaving.insert(*socket);
  soak.slack.disconnect(*socket, reason, milliseconds(500 + soak.chance(1500)));
  ++soak.faults[reason];
}

void odd_frame(Soak& soak) {
  for (const uint64_t socket : soak.slack.socket_ids()) {
    soak.slack.raw_frame(socket, soak.chance(2) == 0 ? "{\"type\":\"events_api\",\"payload\":"
                                                     : R"({"type":"app_rate_limited","payload":{}})");
  }
  ++soak.faults["odd frame"];
}

// What was ordered and not met by now is taken back: faults do not pile up.
Job trouble(Soak& soak) {
  constexpr int kUpgradeAnswers[] = {408, 409, 429, 503};
  while (!soak.ends.passed()) {
    soak.slack.clear_faults();
    soak.slack.refuse_upgrades(0, 503);
    soak.slack.withhold_hello(0);
    if (soak.slack.sockets() == 0) {
      co_await sleep_for(milliseconds(200));
      continue;
    }
    switch (soak.chance(10)) {
      case 0:
      case 1: refresh(soak); break;
      case 2: break_socket(soak, true); break;
      case 3: break_socket(soak, false); break;
      case 4:
        soak.slack.refuse_upgrades(2, kUpgradeAnswers[soak.chance(4)]);
        ++soak.faults["upgrade refused"];
        break;
      case 5:
        soak.slack.withhold_hello(1);
        ++soak.faults["no hello"];
        break;
      case 6: call_fault(soak, "chat.postEphemeral", soak.chance(2) == 0 ? "429" : "store_then_hang"); break;
      case 7: call_fault(soak, "apps.connections.open", soak.chance(2) == 0 ? "500" : "hang"); break;
      case 8: call_fault(soak, "*", soak.chance(2) == 0 ? "html" : "500"); break;
      default: odd_frame(soak); break;
    }
    co_await sleep_for(milliseconds(500 + soak.chance(1500)));
  }
}

// How often each note stands in the cases.
boost::asio::awaitable<std::map<std::string, int>> notes_kept(Soak& soak) {
  std::map<std::string, int> kept;
  for (int number = 1; number <= kCases; ++number) {
    const json view = co_await get_json(*soak.client, soak.bot->url("/v1/cases/C-" + std::to_string(number)));
    for (const auto& note : view["notes"]) {
      if (note["kind"] == "note") ++kept[note["text"].get<std::string>()];
    }
  }
  co_return kept;
}

struct Tally {
  size_t envelopes = 0;
  size_t acked = 0;
  size_t on_broken_links = 0;  // given only to links that were cut or deaf: nobody could acknowledge it
  size_t without_link = 0;     // there was none to give it to
  size_t lost = 0;             // never acknowledged though a link that it was given to lived
  size_t late = 0;  // acknowledged, but not within Slack's three seconds of each time it was given to a living link
  milliseconds slowest{0};
};

// Whether an acknowledgement was owed within the limit: the link lived all that time.
bool owed(const Soak& soak, const FakeEnvelope::Handing& handing) {
  const auto broken = soak.broken.find(handing.socket);
  return broken == soak.broken.end() || broken->second > handing.at + kAckLimit;
}

Tally tally(const Soak& soak) {
  Tally result;
  for (size_t handle = 0; handle < soak.slack.envelopes(); ++handle) {
    const auto& envelope = soak.slack.envelope(handle);
    ++result.envelopes;
    result.acked += envelope.acked ? 1 : 0;
    milliseconds slowest{0};
    bool was_owed = false;
    for (const auto& handing : envelope.handed) {
      if (!owed(soak, handing)) continue;
      was_owed = true;
      if (envelope.acked)
        slowest = std::max(slowest, std::chrono::duration_cast<milliseconds>(*envelope.acked - handing.at));
    }
    if (envelope.acked) {
      result.slowest = std::max(result.slowest, slowest);
      result.late += slowest > kAckLimit ? 1 : 0;
    } else if (was_owed) {
      ++result.lost;
    } else if (envelope.handed.empty()) {
      ++result.without_link;
    } else {
      ++result.on_broken_links;
    }
  }
  return result;
}

// Until every note stands in its case, those that came while no link was there by way of the channel's history.
boost::asio::awaitable<void> settle(Soak& soak) {
  const Deadline patience = Deadline::after(seconds(90));
  while (!patience.passed()) {
    const auto kept = co_await notes_kept(soak);
    if (kept.size() >= soak.notes.size()) break;
    co_await sleep_for(milliseconds(500));
  }
  co_await sleep_for(kAckLimit);  // what was sent last may still be acknowledged late
}

Job soak_test(Executor io) {
  Soak soak(io);
  CO_ASSERT_OK(soak.slack.start());
  BotOptions options;
  options.slack_api_url = soak.slack.api_url();
  soak.bot = std::make_unique<Bot>(soak.folder, options);
  for (int number = 1; number <= kCases; ++number) {
    std::string alert = wazuh_alert(number);
    const auto taken = co_await post(*soak.client, soak.bot->url("/v1/alerts/wazuh"), kSourceToken, std::move(alert));
    CO_ASSERT_TRUE(taken && taken->status == 202);
  }
  CO_ASSERT_TRUE(co_await soak.slack.wait_sockets(2, milliseconds(5000)));
  for (Deadline wait = Deadline::after(seconds(20)); !wait.passed();) {
    const json coverage = co_await get_json(*soak.client, soak.bot->url("/v1/coverage"));
    if (coverage.is_object() && coverage["investigated"] == kCases) break;
    co_await sleep_for(milliseconds(50));
  }
  soak.jobs.spawn("load", load(soak));
  soak.jobs.spawn("trouble", trouble(soak));
  co_await soak.jobs.drain();
  const Deadline soon = Deadline::after(seconds(1));
  co_await soak.ghosts.stop(soon);
  soak.slack.clear_faults();
  soak.slack.refuse_upgrades(0, 503);
  soak.slack.withhold_hello(0);
  co_await settle(soak);

  const Tally counts = tally(soak);
  const auto kept = co_await notes_kept(soak);
  size_t missing = 0;
  size_t twice = 0;
  for (const auto& [handle, note] : soak.notes) {
    const auto found = kept.find(note);
    missing += found == kept.end() ? 1 : 0;
    twice += found != kept.end() && found->second > 1 ? 1 : 0;
  }
  std::printf(
      "envelopes: %zu, acknowledged: %zu, given to a broken link: %zu, no link there: %zu; lost: %zu; late: %zu (slowest "
      "%lld ms)\n",
      counts.envelopes, counts.acked, counts.on_broken_links, counts.without_link, counts.lost, counts.late,
      static_cast<long long>(counts.slowest.count()));
  std::printf("notes asked for: %zu, missing: %zu, twice: %zu\n", soak.notes.size(), missing, twice);
  for (const auto& [fault, times] : soak.faults) std::printf("  %s: %d\n", fault.c_str(), times);
  EXPECT_EQ(counts.lost, 0u);
  EXPECT_EQ(counts.without_link, 0u) << "one link was always left alone";
  EXPECT_EQ(counts.late, 0u);
  EXPECT_EQ(missing, 0u);
  EXPECT_EQ(twice, 0u);
  EXPECT_EQ(soak.bot->process().terminate(), 0) << soak.bot->log();
  co_await soak.slack.stop();
}

TEST(SlackSoak, no_acknowledgement_is_lost_or_late) { run_async(soak_test, std::chrono::minutes(30)); }

}  // namespace
}  // namespace vedette::test
