// The Socket Mode side of the fake Slack (docs.slack.dev/apis/events-api/using-socket-mode).

#include <algorithm>

#include "bot/base/text.hpp"
#include "tests/fakes/fake_slack.hpp"
#include "tests/fakes/fake_slack_blocks.hpp"
#include "tests/fakes/fake_slack_socket.hpp"

namespace vedette::test {

using json = nlohmann::json;
using std::chrono::milliseconds;

namespace {
constexpr size_t kMostAckBytes = 20'480;
constexpr int kRetries = 3;
SteadyTime steady_now() { return std::chrono::steady_clock::now(); }
}  // namespace

// ---- coming and going

boost::asio::awaitable<net::HttpResponse> FakeSlack::check_upgrade(net::HttpRequest request) {
  if (refuse_upgrades_ > 0) {
    --refuse_upgrades_;
    co_return net::HttpResponse(refuse_status_);
  }
  co_return net::HttpResponse(tickets_.erase(request.query["ticket"]) == 1 ? 101 : 404);  // an address works once
}

Job FakeSlack::on_socket(net::HttpRequest, std::unique_ptr<net::WebSocket> connection) {
  const auto socket = std::make_shared<Socket>(jobs_.executor(), next_id_++);
  socket->socket = std::move(connection);
  sockets_.push_back(socket);
  ++opened_;
  if (deafen_ > 0) {
    --deafen_;
    socket->deaf = true;
  }
  if (withhold_hello_ > 0) {
    --withhold_hello_;
  } else if (greetings_ > 0) {
    --greetings_;
    const json frame = {{"type", "disconnect"}, {"reason", greeting_}, {"debug_info", {{"host", "fake"}}}};
    std::string text = frame.dump();
    (void)co_await socket->socket->write(std::move(text));
  } else {
    const json hello = {
        {"type", "hello"},
        {"num_connections", static_cast<int>(sockets_.size()) + ghosts_},
        {"debug_info", {{"host", "fake"}, {"build_number", 1}, {"approximate_connection_time", options_.lifetime.count()}}},
        {"connection_info", {{"app_id", kFakeApp}}}};
    std::string text = hello.dump();
    auto greeted = co_await socket->socket->write(std::move(text));
    socket->hello = greeted.has_value();
    count_sockets();
  }
  if (!socket->deaf) socket->jobs.spawn("read", read_socket(socket));
  while (!socket->ending && !socket->closed) {
    co_await socket->wake.wait(std::chrono::hours(1));
    if (co_await cancelled()) break;
  }
  const Deadline soon = Deadline::after(std::chrono::seconds(1));
  co_await socket->jobs.stop(soon);
  std::erase(sockets_, socket);
  socket->closed = true;
  socket->socket.reset();
  count_sockets();
}

Job FakeSlack::read_socket(SocketPtr socket) {
  while (!socket->deaf) {
    auto text = co_await socket->socket->read();
    if (!text) break;
    if (text->size() > kMostAckBytes) {
      const Deadline soon = Deadline::after(std::chrono::seconds(1));
      co_await socket->socket->close(1009, soon);
      break;
    }
    if (!socket->deaf) on_ack(*socket, *text);
  }
  if (socket->deaf) co_return;
  socket->closed = true;
  socket->wake.notify();
}

Job FakeSlack::write_socket(SocketPtr socket, std::string text) {
  if (socket->socket) (void)co_await socket->socket->write(std::move(text));
}

void FakeSlack::count_sockets() {
  const bool some = sockets() > 0;
  if (some && bare_since_) {
    bare_ += std::chrono::duration_cast<milliseconds>(steady_now() - *bare_since_);
    bare_since_.reset();
  }
  if (!some && !bare_since_ && opened_ > 0) {
    bare_since_ = steady_now();
    ++bare_times_;
  }
}

milliseconds FakeSlack::time_without_socket() const {
  return bare_since_ ? bare_ + std::chrono::duration_cast<milliseconds>(steady_now() - *bare_since_) : bare_;
}

size_t FakeSlack::sockets() const { return socket_ids().size(); }

std::vector<uint64_t> FakeSlack::socket_ids() const {
  std::vector<uint64_t> ids;
  for (const auto& socket : sockets_) {
    if (socket->hello && !socket->closed && !socket->ending) ids.push_back(socket->id);
  }
  return ids;
}

FakeSlack::SocketPtr FakeSlack::find_socket(uint64_t id) const {
  const auto found =
      std::find_if(sockets_.begin(), sockets_.end(), [&](const SocketPtr& socket) { return socket->id == id; });
  return found == sockets_.end() ? nullptr : *found;
}

boost::asio::awaitable<bool> FakeSlack::wait_sockets(size_t count, milliseconds at_most) {
  const Deadline deadline = Deadline::after(at_most);
  while (sockets() != count && !deadline.passed()) co_await sleep_for(milliseconds(2));
  co_return sockets() == count;
}

void FakeSlack::kill(uint64_t id) {
  if (const auto socket = find_socket(id)) {
    socket->end();
    count_sockets();
  }
}

void FakeSlack::half_open(uint64_t id) {
  if (const auto socket = find_socket(id)) socket->deaf = true;
}

void FakeSlack::raw_frame(uint64_t id, std::string text) {
  if (const auto socket = find_socket(id)) socket->jobs.spawn("write", write_socket(socket, std::move(text)));
}

void FakeSlack::disconnect(uint64_t id, const std::string& reason, milliseconds close_after) {
  if (const auto socket = find_socket(id)) socket->jobs.spawn("disconnect", disconnect_later(socket, reason, close_after));
}

Job FakeSlack::disconnect_later(SocketPtr socket, std::string reason, milliseconds close_after) {
  const json frame = {{"type", "disconnect"}, {"reason", reason}, {"debug_info", {{"host", "fake"}}}};
  std::string text = frame.dump();
  (void)co_await socket->socket->write(std::move(text));
  co_await sleep_for(close_after);
  if (socket->closed || socket->ending) co_return;
  socket->hello = false;  // nothing new comes this way
  count_sockets();
  // What is on its way there is still heard: closing here stops the reading.
  const auto waiting = [&](const FakeEnvelope& envelope) { return envelope.socket == socket->id && !envelope.acked; };
  const Deadline drain = Deadline::after(milliseconds(300));
  while (std::any_of(envelopes_.begin(), envelopes_.end(), waiting) && !drain.passed()) co_await sleep_for(milliseconds(5));
  const Deadline soon = Deadline::after(std::chrono::seconds(1));
  co_await socket->socket->close(1000, soon);
}

// ---- envelopes

FakeSlack::SocketPtr FakeSlack::choose_socket() {
  const auto ids = socket_ids();
  if (ids.empty()) return nullptr;
  if (preferred_ != 0 && std::find(ids.begin(), ids.end(), preferred_) != ids.end()) return find_socket(preferred_);
  std::uniform_int_distribution<size_t> any(0, ids.size() - 1);
  return find_socket(ids[any(random_)]);
}

void FakeSlack::deliver(size_t handle, bool new_id) {
  auto& envelope = envelopes_[handle];
  if (new_id) {
    envelope.id = "envelope-" + std::to_string(next_id_++);
    envelope_of_[envelope.id] = handle;
  }
  const int retry = envelope.deliveries++;
  const bool event = envelope.type == "events_api";
  const bool gone = app_url_.empty() && taken_by_ghost();
  const auto socket = app_url_.empty() && !gone ? choose_socket() : nullptr;
  if (!app_url_.empty()) {
    envelope.given = steady_now();
    if (!envelope.sent) envelope.sent = envelope.given;
    jobs_.spawn("call the app", call_app(handle, retry));
  } else if (gone) {
    ++envelope.swallowed;
    envelope.socket = 0;
  } else if (!socket) {
    // Events come again; what a person pressed or typed does not.
    envelope.lost = !event || retry >= kRetries;
  } else {
    json frame = {{"envelope_id", envelope.id},
                  {"type", envelope.type},
                  {"payload", envelope.payload},
                  {"accepts_response_payload",
                   envelope.type == "slash_commands" || envelope.payload.value("type", "") == "view_submission"}};
    if (event) {
      frame["retry_attempt"] = retry;
      frame["retry_reason"] = retry == 0 ? "" : "timeout";
    }
    envelope.given = steady_now();
    if (!envelope.sent) envelope.sent = envelope.given;
    envelope.socket = socket->id;
    envelope.handed.push_back({socket->id, *envelope.given});
    std::string text = frame.dump(-1, ' ', false, json::error_handler_t::replace);
    socket->jobs.spawn("write", write_socket(socket, std::move(text)));
  }
  if (event && new_id && retry < kRetries) jobs_.spawn("redeliver", redeliver(handle));
}

Job FakeSlack::redeliver(size_t handle) {
  co_await sleep_for(options_.retry_after);
  if (!envelopes_[handle].acked && !jobs_.stopping()) deliver(handle, true);
}

void FakeSlack::on_ack(Socket& socket, const std::string& text) {
  const json ack = json::parse(text, nullptr, false);
  if (!ack.is_object() || !ack.contains("envelope_id") || !ack["envelope_id"].is_string()) return;
  const auto known = envelope_of_.find(ack["envelope_id"]);
  if (known == envelope_of_.end()) return;
  auto& envelope = envelopes_[known->second];
  if (envelope.acked || envelope.socket != socket.id) return;  // counts only where it was given
  envelope.acked = steady_now();
  envelope.ack = text;
  if (envelope.type == "slash_commands" && ack.contains("payload")) show_answer(envelope, ack["payload"]);
  if (envelope.payload.value("type", "") != "view_submission") return;
  // Anything but errors closes the view.
  const json answer = ack.value("payload", json::object());
  if (answer.value("response_action", "") != "errors") views_.erase(envelope.payload["view"].value("id", ""));
}

// The payload of an acknowledged slash command is its answer, for one pair of eyes unless it says in_channel.
void FakeSlack::show_answer(const FakeEnvelope& envelope, const json& payload) {
  if (!payload.is_object() || (!payload.contains("text") && !payload.contains("blocks"))) return;
  Form form = {{"text", payload.value("text", "")}};
  if (payload.contains("blocks")) form["blocks"] = payload["blocks"].dump();
  FakeMessage message;
  json details;
  if (read_content(form, message, &details)) return;  // Slack shows nothing then
  message.channel = envelope.payload.value("channel_id", "");
  if (payload.value("response_type", "ephemeral") == "ephemeral") message.only_for = envelope.payload.value("user_id", "");
  message.ts = next_ts();
  message.user = kFakeBotUser;
  message.bot_id = kFakeBotId;
  store(std::move(message));
}

size_t FakeSlack::pending_faults() const {
  const auto unmet = std::count_if(faults_.begin(), faults_.end(), [](const FakeFault& fault) { return fault.times > 0; });
  return static_cast<size_t>(unmet + refuse_upgrades_ + withhold_hello_ + deafen_ + greetings_);
}

size_t FakeSlack::lost() const {
  return static_cast<size_t>(
      std::count_if(envelopes_.begin(), envelopes_.end(), [](const auto& e) { return e.lost && !e.acked; }));
}

boost::asio::awaitable<bool> FakeSlack::wait_acked(size_t handle, milliseconds at_most) {
  const Deadline deadline = Deadline::after(at_most);
  while (!envelopes_[handle].acked && !deadline.passed()) co_await sleep_for(milliseconds(1));
  co_return envelopes_[handle].acked.has_value();
}

size_t FakeSlack::send(const std::string& type, json payload) {
  FakeEnvelope envelope;
  envelope.type = type;
  envelope.payload = std::move(payload);
  envelopes_.push_back(std::move(envelope));
  deliver(envelopes_.size() - 1, true);
  return envelopes_.size() - 1;
}

void FakeSlack::send_again(size_t handle) { deliver(handle, false); }

// ---- what people do

size_t FakeSlack::slash(const std::string& user, const std::string& channel, const std::string& text) {
  const std::string trigger = new_trigger();
  return send("slash_commands", {{"team_id", kFakeTeam},
                                 {"team_domain", "fake"},
                                 {"channel_id", channel},
                                 {"channel_name", "soc"},
                                 {"user_id", user},
                                 {"user_name", "someone"},
                                 {"command", "/soc"},
                                 {"text", text},
                                 {"api_app_id", kFakeApp},
                                 {"response_url", response_url(user, channel)},
                                 {"trigger_id", trigger}});
}

size_t FakeSlack::send_event(json event) {
  json authorization = {{"enterprise_id", nullptr}, {"team_id", kFakeTeam}, {"user_id", kFakeBotUser}, {"is_bot", true}};
  json payload = {{"type", "event_callback"},
                  {"team_id", kFakeTeam},
                  {"api_app_id", kFakeApp},
                  {"event", std::move(event)},
                  {"event_id", "Ev" + std::to_string(next_id_++)},
                  {"event_time", last_micros_ / 1'000'000}};
  payload["authorizations"] = json::array({std::move(authorization)});
  const size_t handle = send("events_api", payload);
  for (int copy = 0; copy < copies_; ++copy) {
    payload["event_id"] = "Ev" + std::to_string(next_id_++);
    send("events_api", payload);
  }
  if (copies_ > 0 && payload["event"]["type"] == "app_mention") {
    payload["event_id"] = "Ev" + std::to_string(next_id_++);
    payload["event"]["type"] = "message";
    payload["event"]["channel_type"] = "channel";
    send("events_api", std::move(payload));
  }
  return handle;
}

size_t FakeSlack::mention(const std::string& user, const std::string& channel, const std::string& text,
                          const std::string& thread_ts) {
  const std::string whole = std::string("<@") + kFakeBotUser + "> " + text;
  const std::string ts = say(user, channel, whole, thread_ts);
  json event = {{"type", "app_mention"}, {"user", user},       {"text", whole}, {"ts", ts},
                {"team", kFakeTeam},     {"channel", channel}, {"event_ts", ts}};
  if (!thread_ts.empty()) event["thread_ts"] = thread_ts;
  return send_event(std::move(event));
}

size_t FakeSlack::direct(const std::string& user, const std::string& channel, const std::string& text) {
  const std::string ts = say(user, channel, text);
  return send_event({{"type", "message"},
                     {"channel_type", "im"},
                     {"user", user},
                     {"text", text},
                     {"ts", ts},
                     {"team", kFakeTeam},
                     {"channel", channel},
                     {"event_ts", ts}});
}

std::optional<size_t> FakeSlack::click(const std::string& user, const std::string& channel, const std::string& ts,
                                       const std::string& value) {
  const auto found = std::find_if(messages_.rbegin(), messages_.rend(), [&](const FakeMessage& message) {
    return message.channel == channel && message.ts == ts;
  });
  if (found == messages_.rend() || !found->blocks.is_array()) return std::nullopt;
  json action = pressed(found->blocks, value);
  if (action.is_null()) return std::nullopt;
  action["action_ts"] = next_ts();
  json message = {{"type", "message"},   {"ts", ts},          {"user", kFakeBotUser},   {"bot_id", kFakeBotId},
                  {"text", found->text}, {"team", kFakeTeam}, {"blocks", found->blocks}};
  if (!found->thread_ts.empty()) message["thread_ts"] = found->thread_ts;
  json payload = {
      {"type", "block_actions"},
      {"user", {{"id", user}, {"username", "someone"}, {"name", "someone"}, {"team_id", kFakeTeam}}},
      {"api_app_id", kFakeApp},
      {"container",
       {{"type", "message"}, {"message_ts", ts}, {"channel_id", channel}, {"is_ephemeral", !found->only_for.empty()}}},
      {"trigger_id", new_trigger()},
      {"team", {{"id", kFakeTeam}, {"domain", "fake"}}},
      {"enterprise", nullptr},
      {"channel", {{"id", channel}, {"name", "soc"}}},
      {"response_url", response_url(user, channel)},
      {"message", std::move(message)}};
  payload["actions"] = json::array({std::move(action)});
  return send("interactive", std::move(payload));
}

}  // namespace vedette::test
