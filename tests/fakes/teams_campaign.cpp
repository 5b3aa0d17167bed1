#include "tests/fakes/teams_campaign.hpp"

#include <csignal>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/fakes/fake_microsoft.hpp"
#include "tests/fakes/fake_relay.hpp"
#include "tests/fakes/fake_teams.hpp"
#include "tests/fakes/fake_teams_socket.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/bot.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

FakeTeamsOptions fake_options(const FakeMicrosoft& microsoft) {
  FakeTeamsOptions options;
  options.token_is_good = [&microsoft](const std::string& token) {
    return microsoft.is_good(token, "https://api.botframework.com/.default");
  };
  return options;
}

FakeTeamsSocketOptions socket_options() {
  FakeTeamsSocketOptions options;
  options.app_id = FakeMicrosoftOptions().app_id;
  return options;
}

struct Campaign {
  Campaign(Executor io, const TeamsCampaignPlan& wanted)
      : plan(wanted),
        microsoft(io, FakeMicrosoftOptions()),
        fake(io, fake_options(microsoft)),
        relay(io, FakeRelayOptions()),
        socket(io, socket_options()),
        client(net::make_http_client(io, {})),
        jobs(io, "campaign") {}
  TeamsCampaignPlan plan;
  TempDir folder;
  FakeMicrosoft microsoft;
  FakeTeams fake;
  FakeRelay relay;
  FakeTeamsSocket socket;
  std::unique_ptr<net::HttpClient> client;
  TaskGroup jobs;
  BotOptions options;
  std::unique_ptr<Bot> bot;
  std::string room;
  int kills = 0;
  int alerts = 0;    // accepted; each is a case of its own
  int said = 0;      // notes that were acknowledged
  int repeated = 0;  // times that Teams had to say one again
  int in_flight = 0;
  int kills_in_flight = 0;      // while a note was on its way
  int kills_while_posting = 0;  // while Teams had a message and had not answered, or shortly after
};

std::string way_config(const Campaign& campaign) {
  teams::TeamsOptions options;
  campaign.microsoft.fill(options);
  campaign.relay.fill(options);
  std::string way = "https";
  std::string more;
  if (campaign.plan.way == teams::Way::relay) {
    way = "relay";
    more = fmt::format("    relay: {{namespace: \"{}\", connection: {}, key_name: {}, key: \"{}\"}}\n",
                       options.relay.namespace_url, options.relay.connection, options.relay.key_name,
                       options.relay.key.reveal());
  }
  if (campaign.plan.way == teams::Way::socket) {
    way = "socket";
    more = fmt::format("    socket_url: \"{}\"\n", campaign.socket.url());
  }
  return fmt::format(
      "chat:\n  teams:\n    pace_milliseconds: 0\n    app_id: {}\n    tenant: {}\n    app_secret: {}\n    way: {}\n    "
      "channel: \"{}\"\n"
      "    login_url: \"{}\"\n    openid_url: \"{}\"\n    service_url: \"{}\"\n{}",
      options.app_id, options.tenant, options.credentials.secret.reveal(), way, campaign.room, options.cloud.login_url,
      options.cloud.openid_url, campaign.fake.base_url(), more);
}

boost::asio::awaitable<CarriedAnswer> post_activity(Campaign& campaign, std::string activity, std::string authorization) {
  net::HttpRequest request("POST", fmt::format("http://127.0.0.1:{}/api/messages", campaign.options.port));
  request.headers.set("Content-Type", "application/json; charset=utf-8");
  request.headers.set("Authorization", authorization);
  request.body = std::move(activity);
  const Deadline deadline = Deadline::after(std::chrono::seconds(5));
  const auto answer = co_await campaign.client->send(std::move(request), deadline);
  CarriedAnswer carried;
  if (answer) carried.status = answer->status;
  if (answer) carried.body = answer->body;
  co_return carried;
}

void connect(Campaign& campaign) {
  ActivityCarrier carrier;
  if (campaign.plan.way == teams::Way::relay) carrier = campaign.relay.carrier();
  if (campaign.plan.way == teams::Way::socket) carrier = campaign.socket.carrier("emea");
  if (campaign.plan.way == teams::Way::https) {
    carrier = [&campaign](std::string activity, std::string authorization) {
      return post_activity(campaign, std::move(activity), std::move(authorization));
    };
  }
  campaign.fake.connect(std::move(carrier), [&campaign](const std::string& service_url) {
    return campaign.microsoft.sign_activity_token(service_url);
  });
}

// As Teams does: what was not answered 200 comes again.
boost::asio::awaitable<bool> until_taken(Campaign& campaign, TeamsAnswer answer) {
  const Deadline patience = Deadline::after(std::chrono::minutes(1));
  while (answer.status != 200) {
    if (patience.passed()) co_return false;
    co_await sleep_for(milliseconds(30));
    ++campaign.repeated;
    answer = co_await campaign.fake.again(std::move(answer));
  }
  co_return true;
}

Job speak(Campaign& campaign) {
  for (int number = 0; campaign.kills < campaign.plan.kills; ++number) {
    const std::string note = fmt::format("note C-{} campaign-{:05}", 1 + number % campaign.alerts, number);
    ++campaign.in_flight;
    auto answer = co_await campaign.fake.say("ann", campaign.room, note);
    const bool taken = co_await until_taken(campaign, std::move(answer));
    --campaign.in_flight;
    EXPECT_TRUE(taken) << note << " was never taken";
    if (!taken) co_return;
    ++campaign.said;
    co_await sleep_for(milliseconds(4));
  }
}

// As a detector does: until it is accepted.
boost::asio::awaitable<bool> send_alert(Campaign& campaign) {
  const std::string url = fmt::format("http://127.0.0.1:{}/v1/alerts/wazuh", campaign.options.port);
  for (int tries = 0; tries < 500; ++tries) {
    std::string body = wazuh_alert(campaign.alerts + 1);
    const auto answer = co_await post(*campaign.client, url, kSourceToken, std::move(body));
    if (answer && answer->status == 202) {
      ++campaign.alerts;
      co_return true;
    }
    co_await sleep_for(milliseconds(10));
  }
  co_return false;
}

Job alarm(Campaign& campaign) {
  for (int seen = 0; seen < campaign.plan.kills;) {
    if (campaign.kills == seen) {
      co_await sleep_for(milliseconds(5));
      continue;
    }
    seen = campaign.kills;
    EXPECT_TRUE(co_await send_alert(campaign));
  }
}

Job kill_many(Campaign& campaign) {
  std::mt19937 random(campaign.plan.seed);
  const auto longest = static_cast<uint32_t>(campaign.plan.longest_life.count());
  for (; campaign.kills < campaign.plan.kills; ++campaign.kills) {
    // Teams keeps the next message and is slow to say so: the kill may fall between the two.
    campaign.fake.clear_faults();
    TeamsFault slow;
    slow.call = "*";
    slow.kind = "store_then_hang";
    slow.hold = milliseconds(300);
    campaign.fake.add_fault(slow);
    const int lived = 80 + static_cast<int>(random() % longest);
    co_await sleep_for(milliseconds(lived));
    campaign.kills_in_flight += campaign.in_flight > 0 ? 1 : 0;
    campaign.kills_while_posting += campaign.fake.pending_faults() == 0 ? 1 : 0;
    campaign.bot->process().signal(SIGKILL);
    campaign.bot->process().wait();
    campaign.bot = std::make_unique<Bot>(campaign.folder, campaign.options);
  }
  campaign.fake.clear_faults();
}

struct OutboxCount {
  int sent = 0;
  int other = 0;
};
OutboxCount outbox(const Campaign& campaign) {
  OutboxCount count;
  sqlite3* opened = nullptr;
  sqlite3_stmt* query = nullptr;
  const std::string database = campaign.folder.file("vedette.sqlite");
  if (sqlite3_open_v2(database.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK &&
      sqlite3_prepare_v2(
          opened, "SELECT state = 'sent' AND delivered = version FROM outbox WHERE platform = 'teams' AND only_for = ''", -1,
          &query, nullptr) == SQLITE_OK) {
    while (sqlite3_step(query) == SQLITE_ROW) ++(sqlite3_column_int(query, 0) == 1 ? count.sent : count.other);
  }
  sqlite3_finalize(query);
  sqlite3_close(opened);
  return count;
}

// How often each note stands in the cases.
boost::asio::awaitable<std::map<std::string, int>> kept_notes(Campaign& campaign) {
  std::map<std::string, int> notes;
  for (int number = 1; number <= campaign.alerts; ++number) {
    const json view = co_await get_json(*campaign.client, campaign.bot->url(fmt::format("/v1/cases/C-{}", number)));
    if (!view.is_object()) continue;
    for (const auto& note : view["notes"]) {
      if (note["kind"] == "note") ++notes[note["text"].get<std::string>()];
    }
  }
  co_return notes;
}

// Which of our messages stand in Teams, by slot: how often, and how many of them say that they were sent again.
void check_messages(const Campaign& campaign) {
  std::map<std::string, std::pair<int, int>> slots;
  for (const auto& message : campaign.fake.in_room(campaign.room)) {
    const std::string text = message.activity.dump();
    const size_t at = text.find("\"key\":\"case/");
    if (at == std::string::npos) continue;
    auto& [count, marked] = slots[text.substr(at + 7, text.find('"', at + 7) - at - 7)];
    ++count;
    marked += text.find("second time") != std::string::npos ? 1 : 0;
  }
  int twice = 0;
  int roots = 0;
  for (const auto& [slot, counts] : slots) {
    twice += counts.first - 1;
    roots += slot.ends_with("/root") ? 1 : 0;
    EXPECT_GE(counts.second, counts.first - 1) << slot << " stands there " << counts.first << " times, unmarked";
  }
  EXPECT_EQ(roots, campaign.alerts) << "cases without their card in Teams";
  std::printf("%zu messages with buttons, %d of them a case's; %d copies beyond the first, each marked\n", slots.size(),
              roots, twice);
}

boost::asio::awaitable<bool> case_is_shown(Campaign& campaign) {
  for (int tries = 0; tries < 600; ++tries) {
    for (const auto& message : campaign.fake.in_room(campaign.room)) {
      if (message.activity.dump().find("case/1/root") != std::string::npos) co_return true;
    }
    co_await sleep_for(milliseconds(50));
  }
  co_return false;
}

boost::asio::awaitable<bool> install(Campaign& campaign) {
  for (int tries = 0; tries < 200; ++tries) {
    const auto added = co_await campaign.fake.install("ann", campaign.room);
    if (added.status == 200) co_return true;
    co_await sleep_for(milliseconds(50));
  }
  co_return false;
}

}  // namespace

Job teams_campaign(Executor io, TeamsCampaignPlan plan) {
  Campaign campaign(io, plan);
  const bool up = campaign.microsoft.start() && campaign.fake.start() && campaign.relay.start() && campaign.socket.start();
  CO_ASSERT_TRUE(up);
  const FakePerson ann = campaign.fake.add_person("ann");
  campaign.room = campaign.fake.add_channel(campaign.fake.add_team("Security", {"ann"}), "alerts");
  campaign.options.port = free_port();
  campaign.options.more_config = way_config(campaign);
  campaign.options.teams_people = fmt::format("{}/{}", ann.tenant, ann.object);
  campaign.bot = std::make_unique<Bot>(campaign.folder, campaign.options);
  connect(campaign);
  CO_ASSERT_TRUE(co_await install(campaign));
  for (int number = 0; number < 3; ++number) CO_ASSERT_TRUE(co_await send_alert(campaign));
  CO_ASSERT_TRUE(co_await case_is_shown(campaign));
  campaign.jobs.spawn("speaker", speak(campaign));
  campaign.jobs.spawn("detector", alarm(campaign));
  campaign.jobs.spawn("killer", kill_many(campaign));
  co_await campaign.jobs.drain();

  std::map<std::string, int> notes;
  OutboxCount rows;
  const Deadline patience = Deadline::after(std::chrono::minutes(3));
  while (!patience.passed()) {
    notes = co_await kept_notes(campaign);
    rows = outbox(campaign);
    if (static_cast<int>(notes.size()) == campaign.said && rows.other == 0 && rows.sent > campaign.alerts) break;
    co_await sleep_for(milliseconds(300));
  }
  int twice = 0;
  for (const auto& [note, count] : notes) twice += count - 1;
  EXPECT_EQ(static_cast<int>(notes.size()), campaign.said) << "notes were acknowledged and lost";
  EXPECT_EQ(twice, 0) << "notes were done twice";
  EXPECT_EQ(rows.other, 0) << "messages are not delivered";
  EXPECT_GT(campaign.kills_in_flight, 0) << "no kill fell while something was on its way: this shows nothing";
  check_messages(campaign);
  std::printf(
      "%d kills, %d of them with a note on its way; %d notes acknowledged, %d deliveries repeated, 0 wanted lost: %d\n",
      campaign.kills, campaign.kills_in_flight, campaign.said, campaign.repeated,
      campaign.said - static_cast<int>(notes.size()));
  campaign.bot.reset();
  co_await campaign.fake.stop();
  co_await campaign.relay.stop();
  co_await campaign.socket.stop();
  co_await campaign.microsoft.stop();
}

}  // namespace vedette::test
