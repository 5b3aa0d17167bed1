#pragma once
// The way in where Teams calls Vedette's own server: POST /api/messages. Lives as long as the app and longer than the
// server; io thread only.

#include "bot/net/http_server.hpp"
#include "integrations/teams/activity_taker.hpp"

namespace vedette::teams {

class HttpsEntry {
 public:
  explicit HttpsEntry(ActivityTaker& taker) : taker_(taker) {}
  void add_routes(net::HttpServer& server);  // before the server starts

 private:
  boost::asio::awaitable<net::HttpResponse> receive(net::HttpRequest request);
  ActivityTaker& taker_;
};

}  // namespace vedette::teams
