#include "integrations/teams/https_entry.hpp"

namespace vedette::teams {
namespace {
// Teams gives up after 15 s (learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/conversation-messages).
constexpr std::chrono::seconds kWait(14);
}  // namespace

void HttpsEntry::add_routes(net::HttpServer& server) {
  server.add({"POST", "/api/messages", [this](net::HttpRequest request) { return receive(std::move(request)); }});
}

boost::asio::awaitable<net::HttpResponse> HttpsEntry::receive(net::HttpRequest request) {
  ReceivedActivity activity;
  activity.body = std::move(request.body);
  activity.authorization = request.headers.get("Authorization");
  activity.peer = std::move(request.peer);
  const Deadline deadline = Deadline::after(kWait);
  const ActivityAnswer answer = co_await taker_.take(std::move(activity), deadline);
  net::HttpResponse response(answer.status);
  if (!answer.body.empty()) response = net::HttpResponse(answer.status, "application/json; charset=utf-8", answer.body);
  if (answer.retry_after) response.headers.set("Retry-After", std::to_string(*answer.retry_after));
  if (answer.status == 401) response.headers.set("WWW-Authenticate", "Bearer");
  co_return response;
}

}  // namespace vedette::teams
