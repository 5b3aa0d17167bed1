#pragma once
// Slack, put together: what the app makes when `chat.slack` is configured. Lives as long as the app; io thread only.
//   slack::Slack slack(io, http, clock, options, sink);  slack.add_routes(server);  slack.start();  …
//   co_await server.stop(deadline);  co_await slack.stop(deadline);
// Slack reaches us by Socket Mode where there is an app token, by requests to our server where there is a signing secret; by
// both at once too: what comes twice is done once.

#include "bot/net/http_client.hpp"
#include "integrations/slack/agent_sessions.hpp"
#include "integrations/slack/catch_up.hpp"
#include "integrations/slack/groups.hpp"
#include "integrations/slack/home.hpp"
#include "integrations/slack/http_entry.hpp"
#include "integrations/slack/inbound.hpp"
#include "integrations/slack/people.hpp"
#include "integrations/slack/platform.hpp"
#include "integrations/slack/socket_mode.hpp"
#include "integrations/slack/streams.hpp"
#include "integrations/slack/web_api.hpp"

namespace vedette::slack {

class Slack {
 public:
  // `http`, `clock`, `sink` and `pages` outlive it. Without pages the Home tab stays empty.
  Slack(Executor executor, net::HttpClient& http, const Clock& clock, SlackOptions options, chat::InteractionSink& sink,
        SocketModeEvents events = {}, chat::HomePages* pages = nullptr);

  // The addresses of the Events API over HTTP; none without a signing secret. Before the server starts.
  void add_routes(net::HttpServer& server);
  void start();
  boost::asio::awaitable<void> stop(Deadline deadline);

  chat::ChatPlatform& platform() { return platform_; }
  const SocketMode& socket() const { return socket_; }
  bool uses_sockets() const { return uses_sockets_; }
  bool uses_http() const { return uses_http_; }
  const HttpEntryCounts& http_counts() const { return http_entry_.counts(); }
  // Why Slack does not let us in at the moment, as a sentence for whoever runs Vedette; empty: it does.
  std::string refusal() const;
  const Inbound& inbound() const { return inbound_; }
  // Forms behind buttons and shortcuts; `forms` outlives this. Before start().
  void offer(const chat::Forms& forms) { inbound_.offer(forms); }
  WebApi& api() { return api_; }
  People& people() { return people_; }
  const CatchUp& catch_up() const { return catch_up_; }
  HomeTab& home() { return home_; }
  Groups& groups() { return groups_; }

 private:
  Job introduce();
  SocketModeEvents noticed(SocketModeEvents events);

  WebApi api_;
  People people_;
  Streams streams_;
  AgentSessions sessions_;
  SlackPlatform platform_;
  Groups groups_;
  HomeTab home_;
  Inbound inbound_;
  CatchUp catch_up_;
  SocketMode socket_;
  HttpEntry http_entry_;
  bool uses_sockets_;
  bool uses_http_;
  TaskGroup jobs_;
  std::chrono::milliseconds call_wait_;
  std::chrono::milliseconds probe_wait_;
  std::string bot_refusal_;  // of the bot token
};

}  // namespace vedette::slack
