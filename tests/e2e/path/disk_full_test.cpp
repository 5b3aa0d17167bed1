// The disk fills up under the whole program, and has room again: refusals with their reason meanwhile, for senders and for
// people, recovery by itself, and nothing that was acknowledged is lost. Two kinds of "full": writes end in ENOSPC (a
// library in front of libc), and the files may grow no further (a limit of the process, EFBIG and SIGXFSZ).

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/support/async_test.hpp"
#include "tests/support/bot.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;

boost::asio::awaitable<net::HttpResponse> get(net::HttpClient& client, std::string url) {
  net::HttpRequest request("GET", std::move(url));
  request.headers.set("Authorization", std::string("Bearer ") + kApiToken);
  const Deadline deadline = Deadline::after(std::chrono::seconds(20));
  auto answer = co_await client.send(std::move(request), deadline);
  if (answer) co_return std::move(*answer);
  co_return net::HttpResponse(0, "text/plain", answer.error().message);
}

struct Sent {
  int status = 0;
  std::string id;  // where it was accepted
  net::HttpResponse response;
};

boost::asio::awaitable<Sent> send(net::HttpClient& client, const Bot& bot, int number) {
  std::string body = wazuh_alert(number);
  auto answer = co_await post(client, bot.url("/v1/alerts/wazuh"), kSourceToken, std::move(body));
  Sent sent;
  if (!answer) co_return sent;
  sent.status = answer->status;
  if (sent.status == 202) sent.id = json::parse(answer->body)["accepted"][0]["id"].get<std::string>();
  sent.response = std::move(*answer);
  co_return sent;
}

void expect_refusal(const net::HttpResponse& answer, const std::string& what, const std::string& why) {
  EXPECT_EQ(answer.status, 503) << what << ": " << answer.body;
  EXPECT_EQ(answer.headers.get("Content-Type"), "application/problem+json") << what;
  const json problem = json::parse(answer.body, nullptr, false);
  EXPECT_TRUE(problem.is_object() && problem["status"] == 503) << what << ": " << answer.body;
  EXPECT_NE(answer.body.find(why), std::string::npos) << what << ": " << answer.body;
}

struct Disk {
  std::string why;  // what the refusals say
  std::function<void()> fill;
  std::function<void()> make_room;
};

// Everything that asks while the disk is full gets an answer that says why; what can be read is still there.
boost::asio::awaitable<void> expect_refusals(net::HttpClient& client, const Bot& bot, std::string why) {
  const auto ready = co_await get(client, bot.url("/readyz"));
  expect_refusal(ready, "/readyz", why);
  const auto alive = co_await get(client, bot.url("/healthz"));
  EXPECT_EQ(alive.status, 200) << "a full disk is no reason to be started again";
  std::string event = R"({"EventID":1,"@timestamp":"2026-11-24T03:00:00Z","Hostname":"host-1"})";
  const auto logged = co_await post(client, bot.url("/v1/events/windows"), kSourceToken, std::move(event));
  CO_ASSERT_OK(logged);
  expect_refusal(*logged, "an event", why);
  const auto cases = co_await get(client, bot.url("/v1/cases"));
  EXPECT_EQ(cases.status, 200) << "what is known can still be read";
  const auto metrics = co_await get(client, bot.url("/metrics"));
  EXPECT_NE(metrics.body.find("vedette_store_writable 0"), std::string::npos) << metrics.body;
}

boost::asio::awaitable<bool> gets_ready(net::HttpClient& client, const Bot& bot) {
  const Deadline deadline = Deadline::after(std::chrono::seconds(20));
  while (!deadline.passed()) {
    const auto now = co_await get(client, bot.url("/readyz"));
    if (now.status == 200) co_return true;
    co_await sleep_for(std::chrono::milliseconds(100));
  }
  co_return false;
}

boost::asio::awaitable<void> fill_and_recover(net::HttpClient& client, Bot& bot, Disk disk) {
  std::set<std::string> accepted;
  int number = 0;
  for (int i = 0; i < 5; ++i) {
    const Sent sent = co_await send(client, bot, ++number);
    EXPECT_EQ(sent.status, 202);
    accepted.insert(sent.id);
  }
  disk.fill();
  // What still fits is accepted, and counts; then comes the refusal.
  Sent refused;
  for (int tries = 0; tries < 500 && refused.status != 503; ++tries) {
    refused = co_await send(client, bot, ++number);
    EXPECT_TRUE(refused.status == 202 || refused.status == 503) << refused.status;
    if (refused.status == 202) accepted.insert(refused.id);
  }
  expect_refusal(refused.response, "an alert", disk.why);
  co_await expect_refusals(client, bot, disk.why);
  disk.make_room();
  EXPECT_TRUE(co_await gets_ready(client, bot)) << bot.log();
  // Senders try again what was refused; it is a new alert, since nothing of it was kept.
  const Sent again = co_await send(client, bot, number);
  EXPECT_EQ(again.status, 202);
  EXPECT_FALSE(accepted.contains(again.id));
  accepted.insert(again.id);
  json coverage;
  // An investigation that the full disk broke off is taken up when its lease of 20 s is over.
  const Deadline deadline = Deadline::after(std::chrono::seconds(45));
  while (!deadline.passed()) {
    coverage = co_await get_json(client, bot.url("/v1/coverage"));
    if (coverage.is_object() && coverage["queued"] == 0) break;
    co_await sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(coverage["received"], accepted.size()) << "exactly what was acknowledged";
  EXPECT_EQ(coverage["queued"], 0) << coverage.dump();
  EXPECT_EQ(coverage["failed"], 0) << coverage.dump();
}

// After a restart too: what was acknowledged is on the disk, in a file that is whole.
boost::asio::awaitable<void> check_after_restart(net::HttpClient& client, const TempDir& folder, std::unique_ptr<Bot> bot) {
  const json before = co_await get_json(client, bot->url("/v1/coverage"));
  EXPECT_EQ(bot->process().terminate(), 0) << bot->log();
  const BotOptions options;
  Bot next(folder, options);
  const json after = co_await get_json(client, next.url("/v1/coverage"));
  EXPECT_EQ(after["received"], before["received"]);
  EXPECT_EQ(next.process().terminate(), 0);
}

#ifdef VEDETTE_FULL_DISK
ASYNC_TEST(DiskFull, no_space_left) {
  TempDir folder;
  const std::string sign = folder.file("disk-is-full");
  BotOptions options;
  options.environment = {std::string("LD_PRELOAD=") + VEDETTE_FULL_DISK, "VEDETTE_TEST_FULL_DISK=" + sign};
  auto bot = std::make_unique<Bot>(folder, options);
  const auto client = net::make_http_client(io, {});
  Disk disk;
  disk.why = "The disk is full";
  disk.fill = [sign] { write_file(sign, ""); };
  disk.make_room = [sign] { std::filesystem::remove(sign); };
  co_await fill_and_recover(*client, *bot, std::move(disk));
  co_await check_after_restart(*client, folder, std::move(bot));
}
#endif

ASYNC_TEST(DiskFull, files_may_grow_no_further) {
  TempDir folder;
  const BotOptions options;
  auto bot = std::make_unique<Bot>(folder, options);
  const auto client = net::make_http_client(io, {});
  const auto limit = [pid = bot->process().id()](rlim_t bytes) {
    const rlimit wanted{bytes, RLIM_INFINITY};
    EXPECT_EQ(prlimit(pid, RLIMIT_FSIZE, &wanted, nullptr), 0);
  };
  Disk disk;
  disk.why = "The disk of the database reports an error";
  disk.fill = [limit] { limit(64 << 10); };
  disk.make_room = [limit] { limit(RLIM_INFINITY); };
  co_await fill_and_recover(*client, *bot, std::move(disk));
  co_await check_after_restart(*client, folder, std::move(bot));
}

}  // namespace
}  // namespace vedette::test
