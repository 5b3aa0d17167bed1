#include "tests/fakes/fake_teams_socket.hpp"

#include <algorithm>

#include "tests/fakes/fake_teams_socket_hub.hpp"

namespace vedette::test {

using json = nlohmann::json;
using std::chrono::milliseconds;

namespace {

SteadyTime steady_now() { return std::chrono::steady_clock::now(); }

net::HttpResponse answer(int status, const json& body) { return net::HttpResponse(status, "application/json", body.dump()); }

bool is_status(const std::string& kind) {
  return kind.size() == 3 && std::isdigit(static_cast<unsigned char>(kind[0])) != 0;
}

net::HttpResponse status_answer(const FakeSocketFault& fault) {
  net::HttpResponse response(std::stoi(fault.kind), "text/plain", "no");
  if (fault.retry_after > 0) response.headers.set("Retry-After", std::to_string(fault.retry_after));
  return response;
}

std::string bearer(const net::HttpRequest& request) {
  const std::string_view header = request.headers.get("Authorization");
  return header.starts_with("Bearer ") ? std::string(header.substr(7)) : std::string();
}

}  // namespace

FakeTeamsSocket::FakeTeamsSocket(Executor io, FakeTeamsSocketOptions options)
    : options_(std::move(options)), jobs_(io, "fake teams sockets"), random_(options_.seed) {
  net::HttpServerOptions settings;
  settings.port = options_.port;
  settings.body_bytes = 4 << 20;
  settings.idle = std::chrono::minutes(5);
  server_ = net::make_http_server(io, settings);
  server_->add({"POST", "/{geography}/v3/websockets/connect", [this](net::HttpRequest r) { return connect(std::move(r)); }});
  server_->add({"POST", "/client/negotiate", [this](net::HttpRequest r) { return negotiate(std::move(r)); }});
  server_->add({"POST", "/_control/{what}", [this](net::HttpRequest r) { return control(std::move(r)); }});
  server_->add_websocket(
      "/client/", [this](net::HttpRequest r) { return check_upgrade(std::move(r)); },
      [this](net::HttpRequest r, std::unique_ptr<net::WebSocket> s) { return on_socket(std::move(r), std::move(s)); });
}

FakeTeamsSocket::~FakeTeamsSocket() = default;

Status FakeTeamsSocket::start() { return server_->start(); }

boost::asio::awaitable<void> FakeTeamsSocket::stop() {
  stopping_ = true;
  const auto sockets = sockets_;
  for (const auto& socket : sockets) end(socket);
  const Deadline soon = Deadline::after(std::chrono::seconds(3));
  co_await jobs_.stop(soon);
  co_await server_->stop(soon);
}

std::string FakeTeamsSocket::url() const { return "http://127.0.0.1:" + std::to_string(port()) + "/"; }

std::string FakeTeamsSocket::new_name(const std::string& kind) { return kind + "-" + std::to_string(next_++); }

std::string FakeTeamsSocket::hub_url(const std::string& geography, int hop) const {
  const std::string step = hop == 0 ? "" : "&hop=" + std::to_string(hop);
  return url() + "client/?hub=bots_" + geography + step;
}

std::optional<FakeSocketFault> FakeTeamsSocket::take_fault(const std::string& step, const std::string& geography) {
  for (auto& fault : faults_) {
    if (fault.times <= 0 || fault.step != step || (!fault.geography.empty() && fault.geography != geography)) continue;
    --fault.times;
    return fault;
  }
  return std::nullopt;
}

size_t FakeTeamsSocket::pending_faults() const {
  return static_cast<size_t>(std::count_if(faults_.begin(), faults_.end(), [](const auto& f) { return f.times > 0; }));
}

Job FakeTeamsSocket::hang() {
  while (!stopping_) {
    co_await sleep_for(milliseconds(20));
    const bool stop = co_await cancelled();
    if (stop) co_return;
  }
}

boost::asio::awaitable<net::HttpResponse> FakeTeamsSocket::connect(net::HttpRequest request) {
  const std::string geography = request.params["geography"];
  ++connects_[geography];
  const auto& known = options_.geographies;
  if (std::find(known.begin(), known.end(), geography) == known.end()) co_return answer(404, {{"message", "no such place"}});
  const auto fault = take_fault("connect", geography);
  if (fault && is_status(fault->kind)) co_return status_answer(*fault);
  if (fault && fault->kind == "hang") co_await hang();
  if (fault && fault->kind == "garbage") co_return net::HttpResponse(200, "text/html", "<html>sign in</html>");
  const std::string token = bearer(request);
  if (token.empty() || (!options_.token.empty() && token != options_.token))
    co_return answer(401, {{"message", "Authorization has been denied for this request."}});
  std::string where = hub_url(geography, 0);
  if (fault && fault->kind == "elsewhere") where = "https://signalr.attacker.example/client/?hub=bots";
  if (fault && fault->kind == "cleartext") where = "http://bots.service.signalr.net/client/?hub=bots";
  const std::string pass = new_name("access") + "+/=";  // has to be encoded in an address
  passes_[pass] = {geography, 0};
  const double seconds = static_cast<double>(options_.lifetime.count()) / 1000;
  json body = {{"url", where}, {"accessToken", pass}, {"expiresIn", seconds}};
  if (options_.lifetime.count() % 1000 == 0) body["expiresIn"] = options_.lifetime.count() / 1000;
  co_return answer(200, body);
}

boost::asio::awaitable<net::HttpResponse> FakeTeamsSocket::negotiate(net::HttpRequest request) {
  const std::string token = bearer(request);
  const auto pass = passes_.find(token);
  if (pass == passes_.end()) co_return answer(401, {{"message", "the access token is not ours"}});
  const auto [geography, hop] = pass->second;
  const std::string wanted = hop == 0 ? "" : std::to_string(hop);
  if (request.query["hub"] != "bots_" + geography || request.query["hop"] != wanted) {
    complain("negotiated with another hub than the token is for: " + request.target);
    co_return answer(403, {{"message", "another audience"}});
  }
  if (request.query["negotiateVersion"] != "1") complain("negotiated without a version: " + request.target);
  const auto fault = take_fault("negotiate", geography);
  const std::string kind = fault ? fault->kind : "";
  if (fault && is_status(kind)) co_return status_answer(*fault);
  if (kind == "hang") co_await hang();
  if (kind == "garbage") co_return net::HttpResponse(200, "text/html", "<html>sign in</html>");
  if (kind == "error") co_return answer(200, {{"error", "the hub is full"}});
  if (kind == "redirect" || kind == "elsewhere") {
    const std::string next = new_name("access");
    passes_[next] = {geography, hop + 1};
    const std::string away = "https://signalr.attacker.example/client/?hub=bots";
    co_return answer(200, {{"url", kind == "redirect" ? hub_url(geography, hop + 1) : away}, {"accessToken", next}});
  }
  const std::string connection = new_name("connection") + "==";
  tickets_[connection] = {geography, token};
  json transports = json::array({{{"transport", "ServerSentEvents"}, {"transferFormats", {"Text"}}}});
  if (kind != "no_websocket") transports.push_back({{"transport", "WebSockets"}, {"transferFormats", {"Text", "Binary"}}});
  co_return answer(200, {{"negotiateVersion", 1},
                         {"connectionId", new_name("id")},
                         {"connectionToken", connection},
                         {"availableTransports", transports}});
}

boost::asio::awaitable<net::HttpResponse> FakeTeamsSocket::check_upgrade(net::HttpRequest request) {
  const auto ticket = tickets_.find(request.query["id"]);
  if (ticket == tickets_.end()) co_return net::HttpResponse(404);
  const std::string given = request.query["access_token"].empty() ? bearer(request) : request.query["access_token"];
  if (given != ticket->second.token) co_return net::HttpResponse(401);
  if (request.query["hub"] != "bots_" + ticket->second.geography) co_return net::HttpResponse(403);
  if (const auto fault = take_fault("upgrade", ticket->second.geography)) co_return status_answer(*fault);
  co_return net::HttpResponse(101);
}

// ---- what tests ask

size_t FakeTeamsSocket::connects(const std::string& geography) const {
  const auto found = connects_.find(geography);
  return found == connects_.end() ? 0 : found->second;
}

FakeTeamsSocket::SocketPtr FakeTeamsSocket::find_socket(uint64_t id) const {
  const auto found = std::find_if(sockets_.begin(), sockets_.end(), [&](const SocketPtr& s) { return s->id == id; });
  return found == sockets_.end() ? nullptr : *found;
}

std::vector<uint64_t> FakeTeamsSocket::sockets(const std::string& geography) const {
  std::vector<uint64_t> ids;
  for (const auto& socket : sockets_) {
    if (socket->geography == geography && socket->ready && !socket->leaving && !socket->ended) ids.push_back(socket->id);
  }
  return ids;
}

boost::asio::awaitable<bool> FakeTeamsSocket::wait_sockets(size_t all, milliseconds at_most) {
  const Deadline deadline = Deadline::after(at_most);
  while (true) {
    size_t count = 0;
    for (const auto& geography : options_.geographies) count += sockets(geography).size();
    if (count == all || deadline.passed()) co_return count == all;
    co_await sleep_for(milliseconds(2));
  }
}

void FakeTeamsSocket::count_sockets(const std::string& geography) {
  Bare& bare = bare_[geography];
  const bool some = !sockets(geography).empty();
  if (some) {
    bare.begun = true;
    if (bare.since) bare.total += std::chrono::duration_cast<milliseconds>(steady_now() - *bare.since);
    bare.since.reset();
  } else if (bare.begun && !bare.since && !stopping_) {
    bare.since = steady_now();
    ++bare.times;
  }
}

size_t FakeTeamsSocket::bare_times(const std::string& geography) const {
  const auto found = bare_.find(geography);
  return found == bare_.end() ? 0 : found->second.times;
}

milliseconds FakeTeamsSocket::time_without_socket() const {
  milliseconds total{0};
  for (const auto& [name, bare] : bare_) {
    total += bare.total;
    if (bare.since) total += std::chrono::duration_cast<milliseconds>(steady_now() - *bare.since);
  }
  return total;
}

size_t FakeTeamsSocket::lost() const {
  return static_cast<size_t>(std::count_if(sent_.begin(), sent_.end(), [](const FakeSent& sent) {
    return sent.answers == 0 && (sent.broken || sent.socket == 0);
  }));
}

boost::asio::awaitable<bool> FakeTeamsSocket::wait_answered(size_t handle, milliseconds at_most) {
  const Deadline deadline = Deadline::after(at_most);
  while (sent_[handle].answers == 0 && !deadline.passed()) co_await sleep_for(milliseconds(1));
  co_return sent_[handle].answers > 0;
}

namespace {
boost::asio::awaitable<CarriedAnswer> carry(FakeTeamsSocket& fake, std::string geography, std::string activity) {
  const size_t handle = fake.send(geography, json::parse(activity));
  const Deadline deadline = Deadline::after(fake.options().deadline);
  const auto open = [&] { return fake.sent(handle).socket != 0 && !fake.sent(handle).broken && !deadline.passed(); };
  while (fake.sent(handle).answers == 0 && open()) co_await sleep_for(milliseconds(1));
  CarriedAnswer carried;
  const json& result = fake.sent(handle).result;
  if (!result.is_object()) co_return carried;
  carried.status = result.value("status", 0);
  if (result.contains("body")) carried.body = result["body"].dump();
  co_return carried;
}
}  // namespace

ActivityCarrier FakeTeamsSocket::carrier(const std::string& geography) {
  return [this, geography](std::string activity, std::string) { return carry(*this, geography, std::move(activity)); };
}

}  // namespace vedette::test
