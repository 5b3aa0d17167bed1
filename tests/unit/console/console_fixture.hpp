#pragma once
// A console over the real store, spoken to through its routes without a network.

#include <map>
#include <memory>
#include <string>

#include "bot/base/json.hpp"
#include "bot/net/http_server.hpp"
#include "bot/store/sqlite_store.hpp"
#include "integrations/console/console.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/files.hpp"

namespace vedette::console::test {

// Takes interactions down; `refuse` makes it fail as a full disk would.
class FakeSink final : public chat::InteractionSink {
 public:
  Async<bool> accept(chat::Interaction interaction) override;
  std::vector<chat::Interaction> taken;
  std::optional<Error> refuse;
};

// Keeps routes by method and path, and calls them.
class Routes final : public net::HttpServer {
 public:
  void add(net::Route route) override;
  void add_websocket(std::string pattern, std::function<boost::asio::awaitable<net::HttpResponse>(net::HttpRequest)> check,
                     net::WebSocketHandler handler) override;
  Status start() override { return {}; }
  uint16_t port() const override { return 0; }
  boost::asio::awaitable<void> stop(Deadline) override { co_return; }

  std::map<std::string, net::Handler> handlers;  // "GET /x"
  std::function<boost::asio::awaitable<net::HttpResponse>(net::HttpRequest)> live_check;
  net::WebSocketHandler live;
};

// What a browser of one person remembers and sends.
struct Browser {
  std::string cookie;
  std::string person;
  std::string peer = "127.0.0.1";
};

class ConsoleFixture {
 public:
  explicit ConsoleFixture(Executor io, ConsoleOptions options = default_options());
  ~ConsoleFixture();
  static ConsoleOptions default_options();

  // As the pages would send it; `target` is path?query.
  boost::asio::awaitable<net::HttpResponse> get(Browser& browser, std::string target);
  boost::asio::awaitable<net::HttpResponse> post(Browser& browser, std::string target, std::string body);
  // Any request; the path and query are taken from its target. 404 where there is no route.
  boost::asio::awaitable<net::HttpResponse> call(net::HttpRequest request);
  net::HttpRequest request(const Browser& browser, std::string method, std::string target, std::string body = {}) const;
  // Signs in with a personal token.
  boost::asio::awaitable<Browser> signed_in(std::string person);

  // Puts a message into the outbox of channel soc.
  boost::asio::awaitable<void> say(std::string slot, std::string text, std::string thread_of = {},
                                   std::string only_for = {});

  vedette::test::TempDir folder;
  vedette::test::FakeClock clock;
  std::unique_ptr<Store> store;
  Directory directory;
  FakeSink sink;
  Routes routes;
  std::unique_ptr<Console> console;
};

Json json_of(const net::HttpResponse& response);

}  // namespace vedette::console::test
