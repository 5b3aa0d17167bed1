// The live connection: over a socket that a test holds the other end of, and once over the real server.

#include <deque>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "integrations/console/message_json.hpp"
#include "tests/unit/console/console_fixture.hpp"

namespace vedette::console::test {
namespace {

// What the page sees and does, kept apart from the socket so that it outlives it.
struct Page {
  explicit Page(Executor io) : gone(io) {}
  std::vector<Json> seen;
  bool stuck = false;  // takes nothing
  uint16_t closed = 0;
  Signal gone;
  size_t count(std::string_view type) const {
    size_t found = 0;
    for (const auto& one : seen) found += one["type"].string_or("") == type ? 1 : 0;
    return found;
  }
};

class PageSocket final : public net::WebSocket {
 public:
  explicit PageSocket(std::shared_ptr<Page> page) : page_(std::move(page)) {}
  Async<std::string> read() override {
    while (page_->closed == 0) {
      co_await page_->gone.wait(std::chrono::seconds(5));
    }
    co_return Error(Code::unavailable, "closed");
  }
  Async<net::WebSocketMessage> read_message() override {
    CO_TRY(std::string text, read());
    co_return net::WebSocketMessage(std::move(text), false);
  }
  boost::asio::awaitable<Status> write_binary(std::string) override { co_return Error(Code::internal, "nothing binary"); }
  boost::asio::awaitable<Status> write_messages(std::vector<net::WebSocketMessage> messages) override {
    for (auto& message : messages) {
      auto written = co_await write(std::move(message.bytes));
      if (!written) co_return written;
    }
    co_return Status();
  }
  boost::asio::awaitable<Status> write(std::string text) override {
    while (page_->stuck && page_->closed == 0) co_await sleep_for(std::chrono::milliseconds(1));
    if (page_->closed != 0) co_return Error(Code::unavailable, "closed");
    auto parsed = Json::parse(text);
    if (!parsed) ADD_FAILURE() << "not JSON: " << text;
    page_->seen.push_back(parsed.value_or(Json()));
    co_return Status();
  }
  boost::asio::awaitable<void> close(uint16_t code, Deadline) override {
    if (page_->closed == 0) page_->closed = code;
    page_->gone.notify();
    co_return;
  }
  void cut() override {
    if (page_->closed == 0) page_->closed = 1006;
    page_->gone.notify();
  }
  net::ControlFrames control_frames() const override { return {}; }
  uint16_t close_code() const override { return page_->closed; }
  SteadyTime last_received() const override { return {}; }

 private:
  std::shared_ptr<Page> page_;
};

boost::asio::awaitable<bool> soon(std::function<bool()> condition) {
  for (int i = 0; i < 2000 && !condition(); ++i) co_await sleep_for(std::chrono::milliseconds(1));
  co_return condition();
}

SignedIn as(const ConsoleFixture& fixture, std::string_view person, std::string session = "a session") {
  SignedIn who;
  who.person = fixture.directory.find(person);
  who.session = std::move(session);
  return who;
}

OutboxRow row(std::string slot, std::string only_for = {}) {
  OutboxRow made;
  made.id = 7;
  made.version = 1;
  made.message.slot = std::move(slot);
  made.message.only_for = std::move(only_for);
  made.message.card = said_card("text");
  return made;
}

struct Hub {
  explicit Hub(Executor io, std::chrono::milliseconds heartbeat = std::chrono::seconds(20))
      : fixture(io),
        desk(fixture.store->sessions(), fixture.directory, SignInOptions(), fixture.clock),
        hub(io, desk, fixture.directory, heartbeat),
        pages(io, "pages"),
        executor(io) {}
  std::shared_ptr<Page> open(std::string_view person, std::string session = "a session") {
    auto page = std::make_shared<Page>(executor);
    pages.spawn("page", hub.serve(as(fixture, person, std::move(session)), std::make_unique<PageSocket>(page)));
    return page;
  }
  boost::asio::awaitable<void> stop() {
    co_await hub.stop(Deadline::after(std::chrono::seconds(5)));
    co_await pages.stop(Deadline::after(std::chrono::seconds(5)));
  }
  ConsoleFixture fixture;
  SignInDesk desk;
  LiveHub hub;
  TaskGroup pages;
  Executor executor;
};

ASYNC_TEST(ConsoleLive, TellsThoseWhoMaySee) {
  Hub live(io);
  const auto ann = live.open("ann");
  const auto bob = live.open("bob");
  const auto both_yet = [&] { return ann->count("hello") == 1 && bob->count("hello") == 1; };
  const bool both = co_await soon(both_yet);
  EXPECT_TRUE(both);
  live.hub.publish(row("case/1/root"), false);
  live.hub.publish(row("reply/1", "ann"), false);
  live.hub.publish(row("case/1/root"), true);
  const auto seen_yet = [&] { return ann->seen.size() == 4 && bob->seen.size() == 3; };
  const bool seen = co_await soon(seen_yet);
  EXPECT_TRUE(seen) << ann->seen.size() << " and " << bob->seen.size();
  EXPECT_EQ(ann->seen[2].at("/message/slot").string_or(""), "reply/1");
  EXPECT_TRUE(ann->seen[2].at("/message/private").boolean_or(false));
  EXPECT_EQ(bob->count("message"), 1u);
  EXPECT_EQ(bob->count("edit"), 1u);
  co_await live.stop();
  EXPECT_EQ(live.hub.connections(), 0u);
}

ASYNC_TEST(ConsoleLive, APageThatCannotKeepUpReadsAgain) {
  Hub live(io);
  const auto slow = live.open("ann");
  const auto there_yet = [&] { return slow->count("hello") == 1; };
  const bool there = co_await soon(there_yet);
  EXPECT_TRUE(there);
  slow->stuck = true;
  for (size_t i = 0; i < 3 * kLiveQueue; ++i) live.hub.publish(row("case/1/root"), true);
  slow->stuck = false;
  const auto told_yet = [&] { return slow->count("resync") >= 1; };
  const bool told = co_await soon(told_yet);
  EXPECT_TRUE(told);
  EXPECT_LE(slow->seen.size(), kLiveQueue + 4);
  co_await live.stop();
}

ASYNC_TEST(ConsoleLive, HeartbeatsLookAtTheSession) {
  Hub live(io, std::chrono::milliseconds(5));
  const auto created =
      co_await live.fixture.store->sessions().create("hash", "own:ann", live.fixture.clock.now() + std::chrono::hours(1));
  CO_ASSERT_OK(created);
  const auto page = live.open("ann", "hash");
  const auto beating_yet = [&] { return page->count("heartbeat") >= 2; };
  const bool beating = co_await soon(beating_yet);
  EXPECT_TRUE(beating);
  EXPECT_EQ(page->closed, 0);
  live.fixture.clock.advance(std::chrono::hours(2));
  const auto closed_yet = [&] { return page->closed != 0; };
  const bool closed = co_await soon(closed_yet);
  EXPECT_TRUE(closed);
  EXPECT_EQ(page->closed, kSessionOver);
  co_await live.stop();
}

ASYNC_TEST(ConsoleLive, SigningOutClosesThatSessionOnly) {
  Hub live(io);
  const auto mine = live.open("ann", "one");
  const auto other = live.open("ann", "two");
  const auto both_yet = [&] { return live.hub.connections() == 2; };
  const bool both = co_await soon(both_yet);
  EXPECT_TRUE(both);
  live.hub.end_session("one");
  const auto closed_yet = [&] { return mine->closed != 0; };
  const bool closed = co_await soon(closed_yet);
  EXPECT_TRUE(closed);
  EXPECT_EQ(mine->closed, kSessionOver);
  EXPECT_EQ(other->closed, 0);
  co_await live.stop();
}

ASYNC_TEST(ConsoleLive, OverTheWire) {
  ConsoleFixture fixture(io);
  net::HttpServerOptions options;
  auto server = net::make_http_server(io, options);
  fixture.console->add_routes(*server);
  const auto started = server->start();
  CO_ASSERT_OK(started);
  const std::string host = "127.0.0.1:" + std::to_string(server->port());
  auto request = fixture.request({}, "POST", "/console/api/session", R"({"token":"ann-token-0001"})");
  request.headers.set("Host", host);
  request.headers.set("Origin", "http://" + host);
  const auto signed_in = co_await fixture.call(std::move(request));
  const std::string cookie(signed_in.headers.get("Set-Cookie"));

  const auto headers = [&](const std::string& origin, bool with_cookie) {
    net::Headers made;
    made.set("Origin", origin);
    if (with_cookie) made.set("Cookie", cookie.substr(0, cookie.find(';')));
    return made;
  };
  const std::string url = "ws://" + host + "/console/live?person=ann";
  const auto wait = Deadline::after(std::chrono::seconds(5));
  const auto foreign =
      co_await net::connect_websocket(url, headers("https://evil.example", true), net::WebSocketOptions(), wait);
  EXPECT_TRUE(!foreign && foreign.error().http_status == 403);
  const auto nobody = co_await net::connect_websocket(url, headers("http://" + host, false), net::WebSocketOptions(), wait);
  EXPECT_TRUE(!nobody && nobody.error().http_status == 401);
  const std::string as_bob = "ws://" + host + "/console/live?person=bob";
  const auto other = co_await net::connect_websocket(as_bob, headers("http://" + host, true), net::WebSocketOptions(), wait);
  EXPECT_TRUE(!other && other.error().http_status == 409);

  auto page = co_await net::connect_websocket(url, headers("http://" + host, true), net::WebSocketOptions(), wait);
  CO_ASSERT_OK(page);
  const auto hello = co_await (*page)->read();
  CO_ASSERT_OK(hello);
  EXPECT_EQ(*hello, R"({"type":"hello"})");
  co_await fixture.say("case/1/root", "now");
  chat::Outgoing outgoing;
  outgoing.channel = "soc";
  outgoing.slot = "case/1/root";
  const auto delivered = co_await fixture.console->platform().deliver(outgoing, wait);
  CO_ASSERT_OK(delivered);
  const auto message = co_await (*page)->read();
  CO_ASSERT_OK(message);
  const auto parsed = Json::parse(*message);
  CO_ASSERT_OK(parsed);
  EXPECT_EQ(parsed->at("/message/summary").string_or(""), "now");
  co_await fixture.console->stop(wait);
  const auto end = co_await (*page)->read();
  EXPECT_FALSE(end);
  co_await (*page)->close(1000, wait);
  co_await server->stop(Deadline::after(std::chrono::seconds(2)));
}

}  // namespace
}  // namespace vedette::console::test
