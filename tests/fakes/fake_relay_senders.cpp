// The fake relay's side towards senders, and the rendezvous.

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bot/base/text.hpp"
#include "bot/net/url.hpp"
#include "tests/fakes/fake_relay_parts.hpp"

namespace vedette::test {

using Json = nlohmann::json;
using net::HttpRequest;
using net::HttpResponse;
using std::chrono::milliseconds;

std::string query_of(const HttpRequest& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

std::string strip_target(const std::string& target) {
  const size_t mark = target.find('?');
  if (mark == std::string::npos) return target;
  std::string kept;
  for (const auto& piece : text::split(std::string_view(target).substr(mark + 1), '&')) {
    if (piece.starts_with("sb-hc-")) continue;
    kept += (kept.empty() ? "?" : "&") + std::string(piece);
  }
  return target.substr(0, mark) + kept;
}

// Whole with `request`, else the address alone.
std::string request_message(const std::string& id, const std::string& address, const HttpRequest* request) {
  Json json = {{"address", address}, {"id", id}};
  if (request != nullptr) {
    json["requestTarget"] = strip_target(request->target);
    json["method"] = request->method;
    json["body"] = !request->body.empty();
    Json headers = Json::object();
    for (const auto& [name, value] : request->headers.all()) {
      bool own = false;
      for (const char* each : {"connection", "content-length", "host", "te", "trailer", "transfer-encoding", "upgrade",
                               "close", "servicebusauthorization"}) {
        own = own || text::iequals(name, each);
      }
      if (!own) headers[name] = value;
    }
    json["requestHeaders"] = std::move(headers);
  }
  return Json{{"request", std::move(json)}}.dump();
}

std::string FakeRelay::new_address(const DeliveryPtr& delivery, std::string_view action) {
  const std::string ticket = fmt::format("ticket-{}", next_++);
  delivery->address_ends = std::chrono::steady_clock::now() + options_.address_life;
  delivery->action = action;
  addresses_[ticket] = delivery;
  if (!faults.met_at.empty()) return faults.met_at;
  std::string base = namespace_url();
  base.replace(0, 4, "ws");
  return fmt::format("{}/$hc/{}?sb-hc-action={}&sb-hc-id={}&ticket={}", base, options_.connection, action, delivery->id,
                     ticket);
}

// ---- handshakes

boost::asio::awaitable<HttpResponse> FakeRelay::check(HttpRequest request) {
  while (faults.mute && !stopping_) co_await sleep_for(milliseconds(5));
  const std::string action = query_of(request, "sb-hc-action");
  if (action == "listen") co_return check_listener(request);
  if (action == "connect") co_return co_await check_sender(std::move(request));
  if (action == "request" || action == "accept") co_return check_meeting(request);
  co_return HttpResponse(400);
}

HttpResponse FakeRelay::check_meeting(const HttpRequest& request) {
  const auto found = addresses_.find(query_of(request, "ticket"));
  if (found == addresses_.end() || found->second->action != query_of(request, "sb-hc-action")) return HttpResponse(403);
  const DeliveryPtr delivery = found->second;
  addresses_.erase(found);  // good for one connection
  const std::string status = query_of(request, "sb-hc-statusCode");
  if (status.empty()) return HttpResponse(101);
  if (delivery->action != "accept") return HttpResponse(400);
  ++seen_.rejections;
  delivery->response = HttpResponse(std::atoi(status.c_str()), "text/plain", query_of(request, "sb-hc-statusDescription"));
  delivery->done.notify();
  return HttpResponse(410);
}

// A sender that wants a WebSocket. Listeners for Teams have no use for one.
boost::asio::awaitable<HttpResponse> FakeRelay::check_sender(HttpRequest request) {
  if (listeners_.empty()) co_return HttpResponse(502);
  const auto delivery = std::make_shared<Delivery>(jobs_.executor());
  delivery->id = fmt::format("socket-{}", next_++);
  const auto socket = listeners_.front()->socket;
  Json headers = Json::object();
  for (const auto& [name, value] : request.headers.all()) headers[name] = value;
  const Json message = {
      {"accept", {{"address", new_address(delivery, "accept")}, {"id", delivery->id}, {"connectHeaders", headers}}}};
  std::string text = message.dump();
  (void)co_await socket->write(std::move(text));
  co_await delivery->done.wait(options_.address_life);
  co_return delivery->response ? std::move(*delivery->response) : HttpResponse(504);
}

Job FakeRelay::serve(HttpRequest request, Socket socket) {
  const std::string action = query_of(request, "sb-hc-action");
  if (action == "listen") {
    const auto listener = std::make_shared<Listener>();
    listener->socket = std::move(socket);
    listener->expires = judge(seen_.last_token).expires;
    co_await serve_listener(listener);
    co_return;
  }
  if (action != "request") {
    violation("a WebSocket of a sender was accepted");
    co_return;
  }
  const std::string id = query_of(request, "sb-hc-id");
  const auto found = deliveries_.find(id);
  if (found == deliveries_.end()) co_return;  // the sender has gone
  const auto rendezvous = std::make_shared<Rendezvous>();
  rendezvous->socket = std::move(socket);
  rendezvous->current = found->second;
  rendezvous->current->met = true;
  rendezvous->sender = rendezvous->current->sender;
  ++seen_.rendezvous;
  co_await serve_rendezvous(rendezvous);
}

boost::asio::awaitable<void> FakeRelay::serve_rendezvous(RendezvousPtr rendezvous) {
  rendezvous_.push_back(rendezvous);
  if (!rendezvous->current->handed_over) {
    const DeliveryPtr delivery = rendezvous->current;
    co_await hand_over(*rendezvous->socket, delivery);
  }
  for (;;) {
    const auto message = co_await rendezvous->socket->read_message();
    if (!message) break;
    rendezvous->waiting = take_answer(*message, rendezvous->waiting, false);
    const bool answered = rendezvous->current && rendezvous->current->response;
    if (answered) rendezvous->current.reset();
    // The service keeps it for as long as the sender keeps its connection.
    if (answered && rendezvous->sender.empty()) break;
  }
  std::erase(rendezvous_, rendezvous);
  if (rendezvous->current) rendezvous->current->done.notify();
  co_await rendezvous->socket->close(1001, Deadline::after(std::chrono::seconds(1)));
}

// ---- requests

boost::asio::awaitable<void> FakeRelay::hand_over(net::WebSocket& socket, DeliveryPtr delivery) {
  delivery->handed_over = true;
  ++seen_.delivered;
  std::vector<net::WebSocketMessage> messages;
  messages.emplace_back(request_message(delivery->id, new_address(delivery, "request"), &delivery->request), false);
  if (faults.body_delay.count() > 0) {
    (void)co_await socket.write_messages(std::exchange(messages, {}));
    co_await sleep_for(faults.body_delay);
  }
  if (!delivery->request.body.empty()) {
    messages.emplace_back(delivery->request.body, true);
    messages.back().fragment = faults.fragment;
  }
  (void)co_await socket.write_messages(std::move(messages));
}

boost::asio::awaitable<HttpResponse> FakeRelay::send(HttpRequest request, std::string sender) {
  const auto delivery = std::make_shared<Delivery>(jobs_.executor());
  delivery->id = fmt::format("{:08x}-request-{}", random_(), next_++);
  delivery->sender = std::move(sender);
  delivery->request = std::move(request);
  for (const auto& rendezvous : rendezvous_) {
    if (delivery->sender.empty() || rendezvous->sender != delivery->sender || rendezvous->current) continue;
    rendezvous->current = delivery;
    delivery->met = true;
    deliveries_[delivery->id] = delivery;
    const auto socket = rendezvous->socket;
    co_await hand_over(*socket, delivery);
    co_return co_await outcome(delivery);
  }
  if (removed_) co_return HttpResponse(404);
  if (listeners_.empty()) co_return HttpResponse(502);
  std::uniform_int_distribution<size_t> any(0, listeners_.size() - 1);
  const ListenerPtr listener = listeners_.at(any(random_));
  delivery->listener = listener;
  deliveries_[delivery->id] = delivery;
  const auto& headers = delivery->request.headers;
  size_t size = delivery->request.body.size() + delivery->request.target.size();
  for (const auto& [name, value] : headers.all()) size += name.size() + value.size();
  const bool chunked = headers.count("Transfer-Encoding") > 0;
  const auto socket = listener->socket;
  if (size > kFakeRelaySmall || chunked || faults.force_rendezvous) {
    std::string text = request_message(delivery->id, new_address(delivery, "request"), nullptr);
    (void)co_await socket->write(std::move(text));
  } else {
    co_await hand_over(*socket, delivery);
  }
  co_return co_await outcome(delivery);
}

boost::asio::awaitable<HttpResponse> FakeRelay::outcome(DeliveryPtr delivery) {
  const bool told = co_await delivery->done.wait(options_.answer_limit);
  deliveries_.erase(delivery->id);
  done_[delivery->id] = delivery->response.has_value();
  std::erase_if(addresses_, [&](const auto& each) { return each.second == delivery; });
  if (delivery->response) co_return std::move(*delivery->response);
  co_return HttpResponse(told ? 502 : 504);
}

boost::asio::awaitable<HttpResponse> FakeRelay::from_http(HttpRequest request) { return send(std::move(request)); }

ActivityCarrier FakeRelay::carrier() {
  return [this](std::string activity, std::string authorization) {
    return carry(std::move(activity), std::move(authorization));
  };
}

boost::asio::awaitable<CarriedAnswer> FakeRelay::carry(std::string activity, std::string authorization) {
  HttpRequest request("POST", "/" + options_.connection + "/api/messages");
  request.headers.add("Content-Type", "application/json; charset=utf-8");
  request.headers.add("User-Agent", "Microsoft-SkypeBotApi (Microsoft-BotFramework/3.0)");
  if (!authorization.empty()) request.headers.add("Authorization", authorization);
  request.body = std::move(activity);
  std::string nobody_else;
  auto response = co_await send(std::move(request), std::move(nobody_else));
  CarriedAnswer answer;
  // 502 and 504 are the relay's own words: nobody took it, or no answer came.
  if (response.status != 502 && response.status != 504) answer.status = response.status;
  answer.body = std::move(response.body);
  co_return answer;
}

}  // namespace vedette::test
