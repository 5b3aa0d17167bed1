#pragma once
// Teams, put together: what the app makes when `chat.teams` is configured. Lives as long as the app; io thread only.
//   teams::Teams teams(…);  teams.add_routes(server);  teams.start();  …
//   co_await server.stop(deadline);  co_await teams.stop(deadline);

#include <memory>

#include "bot/net/http_client.hpp"
#include "integrations/teams/book.hpp"
#include "integrations/teams/connector.hpp"
#include "integrations/teams/https_entry.hpp"
#include "integrations/teams/inbound.hpp"
#include "integrations/teams/people.hpp"
#include "integrations/teams/platform.hpp"
#include "integrations/teams/relay_listener.hpp"
#include "integrations/teams/socket_mode.hpp"
#include "integrations/teams/tokens.hpp"
#include "integrations/teams/trust.hpp"

namespace vedette::teams {

class Teams {
 public:
  // `http`, `clock`, `sink` and `conversations` outlive it; `channels` is where cases are shown.
  Teams(Executor executor, net::HttpClient& http, const Clock& clock, TeamsOptions options,
        std::unique_ptr<TokenSource> tokens, chat::InteractionSink& sink, chat::Conversations& conversations,
        std::vector<std::string> channels);

  // POST /api/messages, where that is the way in. Before the server starts.
  void add_routes(net::HttpServer& server);
  void start();
  boost::asio::awaitable<void> stop(Deadline deadline);

  // Dialogs behind buttons, and cards shown as they are now. Both outlive this. Before start().
  void offer(const chat::Forms& forms, chat::CurrentCards& cards) { inbound_.offer(&forms, &cards); }
  chat::ChatPlatform& platform() { return platform_; }
  People& people() { return people_; }
  Connector& connector() { return connector_; }
  const Book& book() const { return book_; }
  const Inbound& inbound() const { return inbound_; }
  ActivityTaker& taker() { return inbound_; }
  Way way() const { return options_.way; }
  WayState state() const;
  // Why Microsoft does not let us in at the moment, as a sentence for whoever runs Vedette; empty: it does.
  std::string refusal() const;

 private:
  Job introduce();
  Job type(Place place);
  Job take_away(Place place, std::string message_ref);
  InboundEvents events();

  TeamsOptions options_;
  std::unique_ptr<TokenSource> tokens_;
  std::unique_ptr<Trust> trust_;
  Book book_;
  Connector connector_;
  Inbound inbound_;
  TeamsPlatform platform_;
  People people_;
  HttpsEntry https_entry_;
  std::unique_ptr<RelayListener> relay_;
  std::unique_ptr<SocketMode> socket_;
  TaskGroup jobs_;
  std::string refusal_;  // of our credentials
};

}  // namespace vedette::teams
