// The fake relay's side towards listeners: tokens, control channels, answers. Senders and rendezvous:
// fake_relay_senders.cpp.

#include "tests/fakes/fake_relay.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "bot/base/crypto.hpp"
#include "bot/base/text.hpp"
#include "bot/net/url.hpp"
#include "tests/fakes/fake_relay_parts.hpp"

namespace vedette::test {

using Json = nlohmann::json;
using net::HttpRequest;
using net::HttpResponse;
using std::chrono::milliseconds;

FakeRelay::FakeRelay(Executor executor, FakeRelayOptions options)
    : options_(std::move(options)), jobs_(executor, "fake relay"), random_(options_.seed) {
  net::HttpServerOptions server;
  server.port = options_.port;
  server.certificate_file = options_.certificate_file;
  server.key_file = options_.key_file;
  server.body_bytes = 16 << 20;
  server.idle = std::chrono::minutes(20);
  server.websocket_pong = options_.pong.count() > 0 ? options_.pong : std::chrono::hours(1);
  server_ = net::make_http_server(executor, server);
  server_->add_websocket(
      "/$hc/" + options_.connection, [this](HttpRequest request) { return check(std::move(request)); },
      [this](HttpRequest request, Socket socket) { return serve(std::move(request), std::move(socket)); });
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    const auto handler = [this](HttpRequest request) { return from_http(std::move(request)); };
    server_->add(net::Route{method, "/" + options_.connection + "/{path...}", handler});
  }
}

FakeRelay::~FakeRelay() = default;

Status FakeRelay::start() {
  auto started = server_->start();
  if (started) jobs_.spawn("tend", tend());
  return started;
}

boost::asio::awaitable<void> FakeRelay::stop() {
  stopping_ = true;
  for (const auto& [id, delivery] : deliveries_) delivery->done.notify();
  cut_listeners();
  cut_rendezvous();
  co_await jobs_.stop(Deadline::after(std::chrono::seconds(2)));
  co_await server_->stop(Deadline::after(std::chrono::seconds(2)));
}

std::string FakeRelay::namespace_url() const {
  return options_.certificate_file.empty() ? "http://127.0.0.1:" + std::to_string(port())
                                           : "https://localhost:" + std::to_string(port());
}

void FakeRelay::fill(teams::TeamsOptions& teams) const {
  teams.relay.namespace_url = namespace_url();
  teams.relay.connection = options_.connection;
  teams.relay.key_name = options_.listen_rule;
  teams.relay.key = Secret(options_.listen_key);
}

boost::asio::awaitable<bool> FakeRelay::wait_listeners(size_t count, milliseconds at_most) {
  const Deadline deadline = Deadline::after(at_most);
  while (listeners_.size() != count && !deadline.passed()) co_await sleep_for(milliseconds(3));
  co_return listeners_.size() == count;
}

// ---- tokens

// The status a listener with this token is answered with, by Microsoft's table; 0 when it may listen.
FakeRelay::Verdict FakeRelay::judge(const std::string& token) const {
  Verdict verdict;
  verdict.expires = system_clock().now() + std::chrono::hours(1);
  if (options_.entra_tokens.contains(token)) return verdict;
  verdict.status = 401;
  constexpr std::string_view kKind = "SharedAccessSignature ";
  if (!token.starts_with(kKind)) return verdict;
  std::map<std::string, std::string> parts;
  for (const auto& piece : text::split(std::string_view(token).substr(kKind.size()), '&')) {
    const size_t equals = piece.find('=');
    if (equals == std::string_view::npos) return verdict;
    parts[std::string(piece.substr(0, equals))] = piece.substr(equals + 1);
  }
  const std::string rule = net::percent_decode(parts["skn"]);
  const bool sends = rule == options_.send_rule;
  if (rule != options_.listen_rule && !sends) return verdict;
  const auto digest = crypto::hmac_sha256(sends ? options_.send_key : options_.listen_key, parts["sr"] + "\n" + parts["se"]);
  const std::string_view bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
  if (net::percent_decode(parts["sig"]) != crypto::to_base64(bytes)) return verdict;
  const std::string& until = parts["se"];
  if (until.empty() || until.size() > 12 || until.find_first_not_of("0123456789") != std::string::npos) return verdict;
  verdict.expires = Time(std::chrono::seconds(std::stoll(until)));
  if (verdict.expires <= system_clock().now()) return verdict;
  std::string resource = net::percent_decode(parts["sr"]);
  const size_t scheme = resource.find("://");
  if (scheme == std::string::npos) return verdict;
  resource.erase(0, scheme + 3);
  const size_t slash = std::min(resource.find('/'), resource.size());
  const std::string host = resource.substr(0, std::min(resource.find(':'), slash));
  std::string path = resource.substr(slash);
  while (path.ends_with('/')) path.pop_back();
  if (host != "127.0.0.1" && host != "localhost") return verdict;
  // Of the namespace or of this hybrid connection; a signature for another does not help.
  verdict.status = sends || !(path.empty() || text::iequals(path, "/" + options_.connection)) ? 403 : 0;
  return verdict;
}

HttpResponse FakeRelay::check_listener(const HttpRequest& request) {
  ++seen_.listens;
  const std::string in_query = query_of(request, "sb-hc-token");
  seen_.last_token = in_query.empty() ? std::string(request.headers.get("ServiceBusAuthorization")) : in_query;
  seen_.last_trace = query_of(request, "sb-hc-id");
  int status = removed_ ? 404 : judge(seen_.last_token).status;
  if (listeners_.size() >= 25) status = 403;  // so many may listen at once
  if (faults.listen_status != 0) status = faults.listen_status;
  if (status != 0) ++seen_.refused;
  return HttpResponse(status == 0 ? 101 : status);
}

// ---- control channels

boost::asio::awaitable<void> FakeRelay::serve_listener(ListenerPtr listener) {
  listeners_.push_back(listener);
  for (;;) {
    const auto socket = listener->socket;
    if (!socket) break;
    const auto message = co_await socket->read_message();
    if (!message) break;
    take(listener, *message);
  }
  std::erase(listeners_, listener);
  for (const auto& [id, delivery] : deliveries_) {
    if (delivery->listener.lock() == listener && !delivery->met) delivery->done.notify();
  }
}

void FakeRelay::take(const ListenerPtr& listener, const net::WebSocketMessage& message) {
  if (message.binary || listener->waiting) {
    listener->waiting = take_answer(message, listener->waiting, true);
    return;
  }
  const Json json = Json::parse(message.bytes, nullptr, false);
  if (json.is_object() && json.contains("renewToken")) {
    return take_renewal(listener, json["renewToken"].value("token", ""));
  }
  listener->waiting = take_answer(message, nullptr, true);
}

void FakeRelay::take_renewal(const ListenerPtr& listener, const std::string& token) {
  const Verdict verdict = judge(token);
  seen_.last_token = token;
  if (verdict.status == 0) {
    ++seen_.renewals;
    listener->expires = verdict.expires;
    return;
  }
  violation("a renewal with a token that is not good");
  listener->expires = Time();  // tend() closes it
}

FakeRelay::DeliveryPtr FakeRelay::take_answer(const net::WebSocketMessage& message, DeliveryPtr waiting, bool in_control) {
  if (waiting) {
    if (!message.binary) violation("text where the body of an answer should be");
    if (in_control && message.bytes.size() > kFakeRelaySmall) violation("more than 64 kB on the control channel");
    waiting->arriving.body = message.bytes;
    finish(waiting, std::move(waiting->arriving), in_control);
    return nullptr;
  }
  const Json json = Json::parse(message.bytes, nullptr, false);
  if (message.binary || !json.is_object() || !json.contains("response")) {
    violation("neither an answer nor a renewal: " + message.bytes.substr(0, 60));
    return nullptr;
  }
  const Json& response = json["response"];
  const std::string id = response.value("requestId", "");
  const auto found = deliveries_.find(id);
  if (found == deliveries_.end()) {
    const auto done = done_.find(id);
    if (done == done_.end()) violation("an answer to no request: " + id);
    if (done != done_.end() && done->second) violation("a second answer to " + id);
    // Too late: it goes nowhere, and its body neither.
    return response.value("body", false) ? std::make_shared<Delivery>(jobs_.executor()) : nullptr;
  }
  DeliveryPtr delivery = found->second;
  const Json& status = response.contains("statusCode") ? response["statusCode"] : Json();
  const int code = status.is_string() ? std::atoi(status.get<std::string>().c_str()) : status.is_number() ? int(status) : 0;
  if (code < 200 || code > 599 || code == 502 || code == 504) violation("a status that is not allowed: " + status.dump());
  HttpResponse answer(code);
  const Json& headers = response.contains("responseHeaders") ? response["responseHeaders"] : Json();
  for (const auto& [name, value] : headers.items()) {
    for (const char* own : {"connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer"}) {
      if (text::iequals(name, own)) violation("a header of the connection in an answer: " + name);
    }
    answer.headers.add(name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  if (response.value("body", false)) {
    delivery->arriving = std::move(answer);
    return delivery;
  }
  finish(delivery, std::move(answer), in_control);
  return nullptr;
}

void FakeRelay::finish(const DeliveryPtr& delivery, HttpResponse response, bool in_control) {
  if (!deliveries_.contains(delivery->id)) return;  // its time was over
  ++seen_.answers;
  if (in_control) ++seen_.in_control;
  if (in_control && delivery->met) violation("an answer over the control channel although there is a rendezvous");
  if (in_control && !delivery->handed_over) violation("an answer to what was not fetched");
  delivery->response = std::move(response);
  delivery->done.notify();
}

// What time brings about: tokens and addresses that end; and what only shows in counters.
Job FakeRelay::tend() {
  while (!stopping_) {
    co_await sleep_for(milliseconds(10));
    const bool stop = co_await cancelled();
    if (stop) co_return;
    for (const auto& listener : listeners_) {
      if (!listener->socket) continue;
      const auto frames = listener->socket->control_frames();
      seen_.pongs += frames.pongs - std::exchange(listener->pongs, frames.pongs);
      if (frames.pings > listener->pings) {
        listener->pings = frames.pings;
        violation("a ping");  // the service was seen to end the connection then
        listener->expires = Time();
      }
      if (listener->expires > system_clock().now()) continue;
      listener->expires = Time::max();
      jobs_.spawn("expire", [](std::shared_ptr<net::WebSocket> socket) -> Job {
        co_await socket->close(1008, Deadline::after(std::chrono::seconds(1)));
      }(listener->socket));
    }
    std::erase_if(addresses_,
                  [](const auto& each) { return each.second->address_ends <= std::chrono::steady_clock::now(); });
  }
}

// ---- faults

void FakeRelay::close_listeners(uint16_t code) {
  for (const auto& listener : listeners_) {
    if (!listener->socket) continue;
    jobs_.spawn("close", [](std::shared_ptr<net::WebSocket> socket, uint16_t with) -> Job {
      co_await socket->close(with, Deadline::after(std::chrono::seconds(1)));
    }(listener->socket, code));
  }
}

void FakeRelay::cut_listeners() {
  for (const auto& listener : listeners_) {
    if (listener->socket) listener->socket->cut();
  }
}

void FakeRelay::cut_rendezvous() {
  for (const auto& rendezvous : rendezvous_) rendezvous->socket->cut();
}

void FakeRelay::remove_connection(bool removed) {
  removed_ = removed;
  if (removed) close_listeners(1001);
}

boost::asio::awaitable<void> FakeRelay::say(net::WebSocketMessage message) {
  const auto everyone = listeners_;
  for (const auto& listener : everyone) {
    std::vector<net::WebSocketMessage> messages;
    messages.push_back(message);
    (void)co_await listener->socket->write_messages(std::move(messages));
  }
}

}  // namespace vedette::test
