#pragma once
// Router, commands, delivery and Teams together over one store, against the fake Microsoft, by whichever way in.

#include <gtest/gtest.h>

#include "bot/chat/delivery.hpp"
#include "bot/chat/presenter.hpp"
#include "bot/chat/router.hpp"
#include "bot/chat/store_cards.hpp"
#include "bot/chat/store_conversations.hpp"
#include "bot/store/sqlite_store.hpp"
#include "commands/forms.hpp"
#include "commands/runner.hpp"
#include "integrations/teams/teams.hpp"
#include "tests/fakes/fake_microsoft.hpp"
#include "tests/fakes/fake_relay.hpp"
#include "tests/fakes/fake_teams.hpp"
#include "tests/fakes/fake_teams_socket.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/files.hpp"

namespace vedette::test {

using std::chrono::milliseconds;

inline Deadline in_time(int wait) { return Deadline::after(milliseconds(wait)); }

// Between a way in and the router: as fast as it is, or held up as a full disk or a slow one would.
class HeldUpSink final : public chat::InteractionSink {
 public:
  explicit HeldUpSink(chat::InteractionSink& inner) : inner_(inner) {}
  Async<bool> accept(chat::Interaction interaction) override {
    ++inside;
    if (hold.count() > 0) co_await sleep_for(hold);
    auto taken = co_await inner_.accept(std::move(interaction));
    --inside;
    co_return taken;
  }
  milliseconds hold{0};
  int inside = 0;

 private:
  chat::InteractionSink& inner_;
};

struct TeamsWorld {
  TeamsWorld(Executor executor, teams::Way way_in, std::function<void(teams::TeamsOptions&)> change = {});

  boost::asio::awaitable<bool> start();
  boost::asio::awaitable<void> stop();

  // As https: whoever asks gives up while the answer is awaited.
  boost::asio::awaitable<void> hang_up();
  // Until it holds, within some seconds.
  boost::asio::awaitable<bool> eventually(std::function<bool()> holds) const;
  // Works off what people did and waits until everything is said.
  boost::asio::awaitable<bool> quiet();

  // C-1 with a verdict, shown in the channel; answers the id of its card's message.
  boost::asio::awaitable<std::string> shown_case();
  boost::asio::awaitable<Case> case_one();
  // What stands in a room, by the words in it.
  int seen(const std::string& in_room, const std::string& words) const;
  std::string slot_of(const std::string& message_id) const;

  Executor io;
  teams::Way way;
  TempDir folder;
  FakeMicrosoft microsoft;
  FakeTeams fake;
  FakeRelay relay;
  FakeTeamsSocket socket;
  std::unique_ptr<net::HttpClient> http;
  std::unique_ptr<TaskGroup> posts;  // Teams' requests to our server
  std::unique_ptr<net::HttpServer> server;
  std::string room;  // the channel where cases are shown
  Directory directory;
  policy::Policy policy;
  respond::Providers providers;
  commands::CommandForms forms{&system_clock()};
  std::unique_ptr<Store> store;
  std::unique_ptr<respond::ActionService> actions;
  std::unique_ptr<commands::Runner> runner;
  std::unique_ptr<chat::Router> router;
  std::unique_ptr<HeldUpSink> sink;
  std::unique_ptr<chat::StoreCards> cards;
  std::unique_ptr<chat::StoreConversations> conversations;
  std::unique_ptr<teams::Teams> vedette;
  std::unique_ptr<chat::Delivery> delivery;
  std::unique_ptr<chat::Presenter> presenter;
  TaskGroup jobs;
};

}  // namespace vedette::test

// The same test by each of the three ways in; the body sees `io` and `way`.
#define EACH_WAY(suite, name)                                                                            \
  static vedette::Job suite##_##name##_by(vedette::Executor io, vedette::teams::Way way);                \
  ASYNC_TEST(suite, name##_by_https) { co_await suite##_##name##_by(io, vedette::teams::Way::https); }   \
  ASYNC_TEST(suite, name##_by_relay) { co_await suite##_##name##_by(io, vedette::teams::Way::relay); }   \
  ASYNC_TEST(suite, name##_by_socket) { co_await suite##_##name##_by(io, vedette::teams::Way::socket); } \
  static vedette::Job suite##_##name##_by([[maybe_unused]] vedette::Executor io, vedette::teams::Way way)
