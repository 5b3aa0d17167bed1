// The sockets of the fake Socket Mode service: SignalR's JSON hub protocol, and the activities over it.

#include <algorithm>

#include "tests/fakes/fake_teams_socket_hub.hpp"

namespace vedette::test {

using json = nlohmann::json;
using std::chrono::milliseconds;

namespace {

constexpr char kEnd = '\x1e';
constexpr size_t kMostFrame = 1 << 20;

SteadyTime steady_now() { return std::chrono::steady_clock::now(); }

std::string text_of(const json& frame) { return frame.dump(-1, ' ', false, json::error_handler_t::replace) + kEnd; }

// Names in PascalCase, those of the activity apart.
json pascal(const json& value) {
  if (value.is_array()) {
    json out = json::array();
    for (const auto& each : value) out.push_back(pascal(each));
    return out;
  }
  if (!value.is_object()) return value;
  json out = json::object();
  for (const auto& [name, content] : value.items()) {
    std::string title = name;
    title[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(title[0])));
    out[title] = name == "payload" || name == "activity" ? content : pascal(content);
  }
  return out;
}

}  // namespace

Job FakeTeamsSocket::on_socket(net::HttpRequest request, std::unique_ptr<net::WebSocket> connection) {
  const auto ticket = tickets_.find(request.query["id"]);
  if (ticket == tickets_.end()) co_return;
  const auto socket = std::make_shared<Socket>(jobs_.executor(), next_++);
  socket->geography = ticket->second.geography;
  tickets_.erase(ticket);  // a connection token works once
  socket->socket = std::move(connection);
  socket->opened_at = socket->heard_at = steady_now();
  sockets_.push_back(socket);
  socket->jobs.spawn("read", read_socket(socket));
  socket->jobs.spawn("tend", tend_socket(socket));
  while (!socket->ended) {
    co_await socket->wake.wait(std::chrono::hours(1));
    const bool stop = co_await cancelled();
    if (stop) break;
  }
  end(socket);
  const Deadline soon = Deadline::after(std::chrono::seconds(1));
  co_await socket->jobs.stop(soon);
  std::erase(sockets_, socket);
  socket->socket.reset();
}

void FakeTeamsSocket::end(const SocketPtr& socket) {
  if (socket->ended) return;
  socket->ended = true;
  for (const auto& [invocation, handle] : socket->calls) {
    if (sent_[handle].socket == socket->id && sent_[handle].answers == 0) sent_[handle].broken = true;
  }
  socket->wake.notify();
  count_sockets(socket->geography);
}

Job FakeTeamsSocket::read_socket(SocketPtr socket) {
  while (!socket->ended) {
    auto text = co_await socket->socket->read();
    if (!text) break;
    socket->heard_at = steady_now();
    socket->pending += *text;
    if (socket->pending.size() > kMostFrame) {
      complain("a frame is too long");
      break;
    }
    for (size_t at = socket->pending.find(kEnd); at != std::string::npos; at = socket->pending.find(kEnd)) {
      const std::string frame = socket->pending.substr(0, at);
      socket->pending.erase(0, at + 1);
      if (socket->quiet) continue;
      socket->shaken ? on_frame(socket, frame) : on_handshake(socket, frame);
    }
  }
  end(socket);
}

// Pings, and closes what is silent or has outlived its ticket.
Job FakeTeamsSocket::tend_socket(SocketPtr socket) {
  SteadyTime pinged = steady_now();
  while (!socket->ended) {
    const milliseconds step = std::min({options_.ping, options_.client_silent, options_.lifetime, milliseconds(200)}) / 4;
    co_await sleep_for(step);
    const bool stop = co_await cancelled();
    if (stop || socket->ended) co_return;
    const SteadyTime now = steady_now();
    if (socket->quiet) continue;
    if (now - socket->heard_at > options_.client_silent) {
      complain("the client was silent for too long");
      end(socket);
    } else if (now - socket->opened_at > options_.lifetime) {
      end(socket);
    } else if (socket->shaken && now - pinged >= options_.ping) {
      pinged = now;
      write(socket, {{"type", 6}});
    }
  }
}

void FakeTeamsSocket::on_handshake(const SocketPtr& socket, const std::string& text) {
  const auto fault = take_fault("handshake", socket->geography);
  if (fault && fault->kind == "hang") return;
  const json request = json::parse(text, nullptr, false);
  const bool good = request.is_object() && request.value("protocol", "") == "json" && request.value("version", 0) == 1;
  if (!good) complain("a handshake that is none: " + text);
  if (!good || fault) {
    write(socket, {{"error", "The protocol is not supported."}});
    socket->jobs.spawn("close", close_later(socket));
    return;
  }
  socket->shaken = true;
  const auto late = take_fault("ready", socket->geography);
  const std::string kind = late ? late->kind : "";
  write(socket, json::object());
  if (kind == "withhold") return;
  if (kind == "close") {
    write(socket, {{"type", 7}, {"error", "too many connections"}});
    socket->jobs.spawn("close", close_later(socket));
    return;
  }
  const std::string key = kind == "foreign" ? "00000000-1111-2222-3333-444444444444" : options_.app_id;
  json argument = {{"botKey", key}, {"connectionId", new_name("ready")}};
  json ready = {{"type", 1}, {"target", "SocketReady"}};
  ready["arguments"] = json::array({std::move(argument)});
  write(socket, ready);
  socket->ready = true;
  socket->ready_at = steady_now();
  ++opened_;
  count_sockets(socket->geography);
}

void FakeTeamsSocket::on_frame(const SocketPtr& socket, const std::string& text) {
  const json frame = json::parse(text, nullptr, false);
  const int type = frame.is_object() ? frame.value("type", 0) : 0;
  if (type == 6) {
    ++pings_;
  } else if (type == 3) {
    on_completion(*socket, frame);
  } else if (type == 7) {
    ++farewells_;
    end(socket);
  } else {
    complain("a frame that SignalR does not know: " + text.substr(0, 200));
    end(socket);
  }
}

void FakeTeamsSocket::on_completion(Socket& socket, const json& frame) {
  const json id = frame.value("invocationId", json());
  if (!id.is_string()) return complain("a completion without an invocation: " + frame.dump());
  if (socket.other_calls.erase(id) > 0) {
    ++calls_answered_;
    return;
  }
  const auto call = socket.calls.find(id);
  if (call == socket.calls.end()) return complain("a completion of a call that was not made here: " + frame.dump());
  FakeSent& sent = sent_[call->second];
  socket.calls.erase(call);
  sent.answered = steady_now();
  ++sent.answers;
  if (frame.contains("error") && frame.contains("result")) complain("a completion with both result and error");
  sent.error = frame.value("error", "");
  sent.result = frame.value("result", json());
  if (!sent.error.empty()) return;
  const json& r = sent.result;
  if (!r.is_object()) return complain("a completion without a result: " + frame.dump());
  if (r.value("protocolVersion", json()) != 1) complain("a result of another protocol: " + r.dump());
  if (r.value("envelopeId", json()) != sent.envelope.value("envelopeId", json())) complain("another envelope's result");
  if (r.value("botKey", "") != options_.app_id) complain("another bot's result: " + r.dump());
  if (!r.contains("status") || !r["status"].is_number_integer()) complain("a result without a status: " + r.dump());
  const auto milliseconds_at = [&](const char* name) { return r.contains(name) && r[name].is_number_integer(); };
  if (!milliseconds_at("recvAt") || !milliseconds_at("ts") || r["recvAt"] > r["ts"]) complain("bad times: " + r.dump());
  const bool invoke = sent.envelope.value("type", "") == "invoke";
  if (!invoke && r.value("status", 0) == 200 && r.contains("body")) complain("a body where none is read: " + r.dump());
}

// ---- writing

Job FakeTeamsSocket::write_out(SocketPtr socket) {
  while (!socket->out.empty() && socket->socket && !socket->quiet) {
    std::string message = std::move(socket->out.front());
    socket->out.pop_front();
    const auto written = co_await socket->socket->write(std::move(message));
    if (!written) break;
  }
  socket->writing = false;
}

void FakeTeamsSocket::write_message(const SocketPtr& socket, std::string text) {
  socket->out.push_back(std::move(text));
  if (std::exchange(socket->writing, true)) return;
  socket->jobs.spawn("write", write_out(socket));
}

void FakeTeamsSocket::write(const SocketPtr& socket, const json& frame) {
  if (socket->quiet || socket->ended) return;
  json shaped = frame;
  if (shape_.pascal && frame.contains("arguments")) shaped["arguments"] = pascal(frame["arguments"]);
  std::string text = text_of(shaped);
  if (shape_.coalesced && socket->ready) text = text_of({{"type", 6}}) + text + text_of({{"type", 6}});
  const size_t step = shape_.split ? std::max<size_t>(text.size() / 9, 1) : text.size();
  for (size_t at = 0; at < text.size(); at += step) write_message(socket, text.substr(at, step));
}

void FakeTeamsSocket::send_raw(uint64_t id, std::string text) {
  if (const auto socket = find_socket(id)) write_message(socket, std::move(text));
}

void FakeTeamsSocket::call(uint64_t id, const std::string& target, bool answered) {
  const auto socket = find_socket(id);
  if (!socket) return;
  json frame = {{"type", 1}, {"target", target}, {"arguments", json::array({1, "two"})}};
  if (answered) {
    frame["invocationId"] = new_name("call");
    socket->other_calls.insert(frame["invocationId"]);
  }
  write(socket, frame);
}

// ---- activities

// The newest, or one whose successor has been ready for a moment only: the service knows the old one for a while.
FakeTeamsSocket::SocketPtr FakeTeamsSocket::route(const std::string& geography) {
  const auto ids = sockets(geography);
  if (ids.empty()) return nullptr;
  size_t oldest = ids.size() - 1;
  while (oldest > 0 && steady_now() - find_socket(ids[oldest])->ready_at <= options_.routed_on) --oldest;
  std::uniform_int_distribution<size_t> any(oldest, ids.size() - 1);
  return find_socket(ids[any(random_)]);
}

size_t FakeTeamsSocket::send(const std::string& geography, json activity, json changes) {
  const size_t handle = sent_.size();
  FakeSent sent;
  sent.geography = geography;
  const bool invoke = activity.value("type", "") == "invoke";
  sent.envelope = {
      {"protocolVersion", 1},      {"envelopeId", new_name("envelope")},      {"type", activity.value("type", "")},
      {"botKey", options_.app_id}, {"deadlineMs", options_.deadline.count()}, {"cv", "fake.1"}};
  if (!invoke) sent.envelope["ackRequired"] = true;
  sent.envelope[shape_.activity ? "activity" : "payload"] = std::move(activity);
  if (changes.is_object()) sent.envelope.merge_patch(changes);
  sent_.push_back(std::move(sent));
  deliver(handle, route(geography));
  return handle;
}

void FakeTeamsSocket::send_again(size_t handle, uint64_t socket) {
  deliver(handle, socket != 0 ? find_socket(socket) : route(sent_[handle].geography));
}

void FakeTeamsSocket::deliver(size_t handle, const SocketPtr& socket) {
  FakeSent& sent = sent_[handle];
  sent.socket = socket ? socket->id : 0;
  sent.broken = false;
  if (!socket) return;
  ++sent.deliveries;
  sent.sent = steady_now();
  json envelope = sent.envelope;
  const bool answered = envelope.value("invocation", true);
  envelope.erase("invocation");
  json frame = {{"type", 1}, {"target", "Activity"}};
  frame["arguments"] = json::array({std::move(envelope)});
  if (answered) {
    frame["invocationId"] = new_name("call");
    socket->calls[frame["invocationId"]] = handle;
  }
  write(socket, frame);
}

// ---- ends

void FakeTeamsSocket::kill(uint64_t id) {
  if (const auto socket = find_socket(id)) end(socket);
}

void FakeTeamsSocket::hush(uint64_t id) {
  if (const auto socket = find_socket(id)) socket->quiet = true;
}

void FakeTeamsSocket::close(uint64_t id, const std::string& error, bool reconnect) {
  const auto socket = find_socket(id);
  if (!socket) return;
  json frame = {{"type", 7}};
  if (!error.empty()) frame["error"] = error;
  if (reconnect) frame["allowReconnect"] = true;
  write(socket, frame);
  socket->leaving = true;
  count_sockets(socket->geography);
  socket->jobs.spawn("close", close_later(socket));
}

Job FakeTeamsSocket::close_later(SocketPtr socket) {
  co_await sleep_for(milliseconds(30));
  const Deadline soon = Deadline::after(milliseconds(500));
  if (socket->socket) co_await socket->socket->close(1000, soon);
  end(socket);
}

}  // namespace vedette::test
