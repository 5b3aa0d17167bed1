#include "integrations/teams/socket_connect.hpp"

#include <algorithm>
#include <array>

#include "integrations/teams/socket_wire.hpp"
#include "integrations/teams/trust.hpp"

namespace vedette::teams {
namespace {

constexpr int kMostRedirects = 10;
constexpr size_t kMostMessage = 4 << 20;
constexpr std::array<std::string_view, 3> kServiceHosts = {"*.skype.com", "*.botframework.com", "*.teams.microsoft.com"};
constexpr std::array<std::string_view, 3> kSignalrHosts = {"*.service.signalr.net", "*.microsoft.com", "*.cloud.microsoft"};

template <class Entries>
bool is_among(const net::Url& url, const Entries& entries) {
  return std::any_of(entries.begin(), entries.end(), [&](std::string_view entry) { return names_host(entry, url); });
}

bool is_loopback_service(const TeamsOptions& options) {
  const auto service = net::parse_url(options.cloud.socket_url);
  return service && service->loopback();
}

bool is_websocket(std::string_view url) { return url.starts_with("ws:") || url.starts_with("wss:"); }

// POST without a body. The answer's status is still to be judged.
Async<net::HttpResponse> post(net::HttpClient& http, std::string url, std::string token, Deadline deadline) {
  net::HttpRequest request("POST", std::move(url));
  request.headers.set("Authorization", "Bearer " + token);
  request.headers.set("Accept", "application/json");
  return http.send(std::move(request), deadline);
}

Async<SocketTicket> get_ticket(net::HttpClient& http, TokenSource& tokens, const TeamsOptions& options,
                               std::string geography, Deadline deadline) {
  auto address = accept_address(connect_address(options, geography), SocketHost::service, options);
  if (!address) co_return std::move(address).error();
  const std::string scope = options.cloud.scope;
  CO_TRY(const std::string token, tokens.token(scope, deadline));
  auto answer = co_await post(http, std::move(*address), token, deadline);
  if (!answer) co_return std::move(answer).error();
  if (answer->status == 401) tokens.refused(scope, token);
  auto taken = net::require_success(std::move(*answer), "The request for a socket");
  if (!taken) co_return std::move(taken).error();
  co_return parse_ticket(taken->body);
}

// The address of the WebSocket, with the connection's id and the token.
Async<std::string> negotiate(net::HttpClient& http, const TeamsOptions& options, SocketTicket ticket) {
  for (int step = 0; step <= kMostRedirects; ++step) {
    auto accepted = accept_address(ticket.url, SocketHost::signalr, options);
    if (!accepted) co_return std::move(accepted).error();
    const std::string hub = std::move(*accepted);
    if (is_websocket(hub)) co_return websocket_address(hub, {}, ticket.token);
    std::string address = negotiate_address(hub);
    const Deadline deadline = Deadline::after(options.call_wait);
    auto answer = co_await post(http, std::move(address), ticket.token, deadline);
    if (!answer) co_return std::move(answer).error();
    auto taken = net::require_success(std::move(*answer), "The negotiation of a socket");
    if (!taken) {
      // It is the ticket's token that is refused, not ours: the next ticket may do.
      Error error = std::move(taken).error();
      if (error.code == Code::unauthenticated || error.code == Code::forbidden) error.code = Code::unavailable;
      co_return error;
    }
    auto negotiated = parse_negotiated(taken->body);
    if (!negotiated) co_return std::move(negotiated).error();
    if (negotiated->redirect.empty()) co_return websocket_address(hub, negotiated->connection, ticket.token);
    ticket.url = std::move(negotiated->redirect);
    if (!negotiated->token.empty()) ticket.token = std::move(negotiated->token);
  }
  co_return Error(Code::upstream, "SignalR sent us from one address to the next, more than ten times.", true);
}

}  // namespace

std::string connect_address(const TeamsOptions& options, const std::string& geography) {
  const std::string place = geography.empty() ? "" : net::percent_encode(geography) + "/";
  return net::join_url(options.cloud.socket_url, place + "v3/websockets/connect");
}

Result<std::string> accept_address(std::string_view text, SocketHost role, const TeamsOptions& options) {
  if (options.cloud.socket_url.empty())
    return Error(Code::forbidden, "This Microsoft cloud has no Socket Mode: choose the relay or https.");
  const auto url = net::parse_url(text);
  if (!url) return Error(Code::invalid_input, "Socket Mode named an address that makes no sense or is not encrypted.");
  if (role == SocketHost::service && is_websocket(url->scheme + ":"))
    return Error(Code::invalid_input, "Socket Mode is asked for a socket over https.");
  if (url->loopback() && is_loopback_service(options)) return url->text();
  const bool known = url->tls() && (is_among(*url, kServiceHosts) || is_among(*url, options.cloud.trusted_hosts) ||
                                    (role == SocketHost::signalr && is_among(*url, kSignalrHosts)));
  if (known) return url->text();
  return Error(Code::forbidden,
               url->host + " is not known as a host of Microsoft's for Socket Mode; no token is sent there.");
}

Async<OpenSocket> open_socket(net::HttpClient& http, TokenSource& tokens, const TeamsOptions& options,
                              std::string geography) {
  const Deadline ticket_by = Deadline::after(options.call_wait);
  CO_TRY(SocketTicket ticket, get_ticket(http, tokens, options, std::move(geography), ticket_by));
  OpenSocket opened;
  opened.issued = std::chrono::steady_clock::now();
  opened.lifetime = ticket.lifetime;
  CO_TRY(std::string address, negotiate(http, options, std::move(ticket)));
  net::WebSocketOptions settings;
  settings.idle = options.socket.silent;
  settings.message_bytes = kMostMessage;
  settings.ca_file = options.ca_file;
  settings.proxy = options.proxy;
  settings.no_proxy = options.no_proxy;
  net::Headers headers;
  const Deadline deadline = Deadline::after(options.call_wait);
  auto socket = co_await net::connect_websocket(std::move(address), std::move(headers), std::move(settings), deadline);
  if (!socket) {
    Error error = std::move(socket).error();
    if (error.code == Code::unauthenticated || error.code == Code::forbidden) error.code = Code::unavailable;
    co_return error;
  }
  opened.socket = std::move(*socket);
  co_return opened;
}

}  // namespace vedette::teams
