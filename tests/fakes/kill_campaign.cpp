#include "tests/fakes/kill_campaign.hpp"

#include <csignal>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/fakes/fake_slack.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/bot.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;
constexpr int kInAdvance = 3;

struct Campaign {
  Campaign(Executor io, const CampaignPlan& wanted)
      : plan(wanted), slack(io, FakeSlackOptions()), client(net::make_http_client(io, {})), jobs(io, "campaign") {}
  CampaignPlan plan;
  TempDir folder;
  FakeSlack slack;
  std::unique_ptr<net::HttpClient> client;
  TaskGroup jobs;
  BotOptions options;
  std::unique_ptr<Bot> bot;
  std::map<std::string, int> accepted;  // alert id → number of the alert
  int kills = 0;
  int kills_while_sending = 0;  // before the last alert was accepted
  int kills_while_posting = 0;  // while Slack had a message and had not answered yet
  bool sending = true;
  std::set<std::string> notes;  // people asked for, one a kill
  size_t looked_at = 0;         // messages in Slack
  int cases_told = 0;           // cards among them
};

// A sender as detectors are: sends each alert until somebody answers 202. The alerts are spread over the kills, with a few
// in advance, so that kills meet every stage of them.
Job send_all(Campaign& campaign) {
  const auto& plan = campaign.plan;
  for (int number = 1; number <= plan.alerts;) {
    const int due = kInAdvance + static_cast<int>(int64_t{campaign.kills + 1} * plan.alerts / std::max(plan.kills, 1));
    if (number > due) {
      co_await sleep_for(std::chrono::milliseconds(5));
      continue;
    }
    std::string body = wazuh_alert(number);
    const auto answer =
        co_await post(*campaign.client, "http://127.0.0.1:" + std::to_string(campaign.options.port) + "/v1/alerts/wazuh",
                      kSourceToken, std::move(body));
    if (answer && answer->status == 202) {
      const json said = json::parse(answer->body);
      campaign.accepted[said["accepted"][0]["id"].get<std::string>()] = number++;
    } else {
      co_await sleep_for(std::chrono::milliseconds(10));
    }
  }
  campaign.sending = false;
}

// A person who adds a note to one of the cases in each life of the bot. Slack tells the bot again when nobody acknowledged,
// three times; after that only the channel's history knows.
Job speak(Campaign& campaign) {
  for (int number = 0; number < campaign.plan.kills; ++number) {
    while (campaign.kills < number || campaign.cases_told == 0) {
      const auto& messages = campaign.slack.messages();
      for (; campaign.looked_at < messages.size(); ++campaign.looked_at) {
        const auto& message = messages[campaign.looked_at];
        campaign.cases_told += !message.bot_id.empty() && message.only_for.empty() && message.thread_ts.empty() ? 1 : 0;
      }
      if (campaign.kills >= campaign.plan.kills) co_return;
      co_await sleep_for(std::chrono::milliseconds(5));
    }
    const std::string note = fmt::format("campaign-{:05}", number);
    campaign.slack.mention("U0ANN", "C0SOC", fmt::format("note C-{} {}", 1 + number % campaign.cases_told, note));
    campaign.notes.insert(note);
  }
}

Job kill_many(Campaign& campaign) {
  std::mt19937 random(campaign.plan.seed);
  const auto longest = static_cast<uint32_t>(campaign.plan.longest_life.count());
  for (; campaign.kills < campaign.plan.kills; ++campaign.kills) {
    // Slack keeps the next message and is slow to say so: the kill may fall between the two. One in each life: what the last
    // one left over would add up until nothing is posted at once any more.
    campaign.slack.clear_faults();
    FakeFault slow;
    slow.method = "chat.postMessage";
    slow.kind = "store_then_hang";
    slow.hold = std::chrono::milliseconds(300);
    campaign.slack.add_fault(slow);
    const int left_over = campaign.slack.unanswered("chat.postMessage");  // of the life before
    const int lived = static_cast<int>(random() % longest);
    co_await sleep_for(std::chrono::milliseconds(lived));
    campaign.kills_while_posting += campaign.slack.unanswered("chat.postMessage") > left_over ? 1 : 0;
    campaign.bot->process().signal(SIGKILL);
    campaign.bot->process().wait();
    campaign.kills_while_sending += campaign.sending ? 1 : 0;
    campaign.bot = std::make_unique<Bot>(campaign.folder, campaign.options);
  }
  campaign.slack.clear_faults();
}

boost::asio::awaitable<std::vector<json>> all_cases(Campaign& campaign) {
  std::vector<json> cases;
  std::string before;
  while (true) {
    const json page = co_await get_json(*campaign.client, campaign.bot->url("/v1/cases?limit=200" + before));
    if (page.is_null() || page["cases"].empty()) co_return cases;
    for (const auto& one : page["cases"]) cases.push_back(one);
    before = "&before=" + cases.back()["id"].get<std::string>().substr(2);
  }
}

// Until nothing is left to do: every case has its verdict and every case's card is in Slack.
boost::asio::awaitable<bool> settled(Campaign& campaign) {
  const Deadline deadline = Deadline::after(std::chrono::minutes(5));
  while (!deadline.passed()) {
    const json coverage = co_await get_json(*campaign.client, campaign.bot->url("/v1/coverage"));
    if (coverage.is_object() && coverage["received"] == campaign.plan.alerts && coverage["queued"] == 0) {
      std::set<std::string> roots;
      for (const auto& message : campaign.slack.messages()) {
        if (message.thread_ts.empty() && message.blocks.dump().find("[E") != std::string::npos)
          roots.insert(message.metadata.dump());
      }
      const bool all_told = roots.size() >= (co_await all_cases(campaign)).size();
      // Then the threads, until Slack hears nothing new.
      const size_t before = campaign.slack.messages().size();
      co_await sleep_for(campaign.plan.quiet);
      if (all_told && campaign.slack.messages().size() == before) co_return true;
    }
    co_await sleep_for(std::chrono::milliseconds(200));
  }
  co_return false;
}

// How often each note stands in the cases, and each accepted alert; both are read from every case.
struct Kept {
  std::vector<json> cases;
  std::map<std::string, int> notes;
  std::map<std::string, int> alerts;
};

boost::asio::awaitable<Kept> kept(Campaign& campaign) {
  Kept result;
  result.cases = co_await all_cases(campaign);
  for (const auto& one : result.cases) {
    const json view = co_await get_json(*campaign.client, campaign.bot->url("/v1/cases/" + one["id"].get<std::string>()));
    for (const auto& alert : view["alerts"]) ++result.alerts[alert["id"].get<std::string>()];
    for (const auto& note : view["notes"]) {
      if (note["kind"] == "note") ++result.notes[note["text"].get<std::string>()];
    }
  }
  co_return result;
}

boost::asio::awaitable<Kept> kept_once_noted(Campaign& campaign) {
  const Deadline patience = Deadline::after(std::chrono::minutes(2));
  while (true) {
    Kept result = co_await kept(campaign);
    if (result.notes.size() >= campaign.notes.size() || patience.passed()) co_return result;
    co_await sleep_for(std::chrono::milliseconds(500));
  }
}

// What Vedette meant to post, as its database has it at the end; where each message ended up ("channel ts"). Messages for
// one person are left out: Slack cannot be asked about them.
std::vector<std::string> meant_for_slack(const std::string& database) {
  std::vector<std::string> places;
  sqlite3* opened = nullptr;
  sqlite3_stmt* query = nullptr;
  if (sqlite3_open_v2(database.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK &&
      sqlite3_prepare_v2(opened,
                         "SELECT channel || ' ' || CASE state WHEN 'sent' THEN message_ref ELSE state END FROM outbox "
                         "WHERE platform = 'slack' AND only_for = ''",
                         -1, &query, nullptr) == SQLITE_OK) {
    while (sqlite3_step(query) == SQLITE_ROW)
      places.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(query, 0)));
  }
  sqlite3_finalize(query);
  sqlite3_close(opened);
  return places;
}

void check_messages(Campaign& campaign, size_t cases) {
  std::map<std::string, int> keys;
  std::set<std::string> places;
  size_t roots = 0;
  size_t for_one = 0;  // the answers to notes
  for (const auto& message : campaign.slack.messages()) {
    if (message.bot_id.empty()) continue;
    if (!message.only_for.empty()) {
      ++for_one;
      continue;
    }
    ++keys[name_of(message)];  // files have no metadata: one a name
    places.insert(message.channel + " " + message.ts);
    roots += message.thread_ts.empty() ? 1 : 0;
  }
  int twice = 0;
  for (const auto& [key, count] : keys) twice += count > 1 ? 1 : 0;
  const auto meant = meant_for_slack(campaign.folder.file("vedette.sqlite"));
  int lost = 0;
  for (const auto& place : meant) {
    lost += places.contains(place) ? 0 : 1;
    EXPECT_TRUE(places.contains(place)) << "not in Slack: " << place;
  }
  EXPECT_EQ(twice, 0);
  EXPECT_EQ(roots, cases);
  EXPECT_GE(meant.size(), cases);
  EXPECT_LE(for_one, campaign.notes.size()) << "an answer for one person came twice";
  std::printf(
      "kills: %d, before the last alert was accepted: %d, while Slack had a message and had not answered: %d; alerts "
      "accepted: %zu; cases: %zu; notes asked for: %zu; messages meant for Slack: %zu; lost: %d; posted twice: %d\n",
      campaign.kills, campaign.kills_while_sending, campaign.kills_while_posting, campaign.accepted.size(), cases,
      campaign.notes.size(), meant.size(), lost, twice);
}

}  // namespace

Job kill_campaign(Executor io, CampaignPlan plan) {
  Campaign campaign(io, plan);
  CO_ASSERT_OK(campaign.slack.start());
  campaign.options.slack_api_url = campaign.slack.api_url();
  campaign.options.port = free_port();
  campaign.bot = std::make_unique<Bot>(campaign.folder, campaign.options);
  campaign.jobs.spawn("sender", send_all(campaign));
  campaign.jobs.spawn("speaker", speak(campaign));
  campaign.jobs.spawn("killer", kill_many(campaign));
  co_await campaign.jobs.drain();
  EXPECT_EQ(campaign.kills, plan.kills);
  EXPECT_GE(campaign.kills_while_sending * 10, plan.kills * 8) << "the kills must fall while alerts come in";
  EXPECT_GT(campaign.kills_while_posting, 0) << "some kills must fall while a message is being posted";
  EXPECT_EQ(campaign.accepted.size(), static_cast<size_t>(plan.alerts));
  EXPECT_GT(campaign.notes.size(), 0u);
  EXPECT_TRUE(co_await settled(campaign)) << campaign.bot->log();

  // Every accepted alert is in exactly one case, the case has a verdict, and every note stands in one once.
  Kept found = co_await kept_once_noted(campaign);
  for (const auto& one : found.cases) EXPECT_TRUE(one.contains("verdict")) << one["id"];
  for (const auto& [id, number] : campaign.accepted) EXPECT_EQ(found.alerts[id], 1) << id;
  EXPECT_EQ(found.alerts.size(), campaign.accepted.size());
  for (const auto& note : campaign.notes) EXPECT_EQ(found.notes[note], 1) << note;
  EXPECT_TRUE(co_await settled(campaign)) << "the answers to the last notes";

  EXPECT_EQ(campaign.bot->process().terminate(), 0);
  check_messages(campaign, found.cases.size());
  co_await campaign.slack.stop();
}

}  // namespace vedette::test
