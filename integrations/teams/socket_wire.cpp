#include "integrations/teams/socket_wire.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "bot/base/text.hpp"
#include "bot/net/url.hpp"

namespace vedette::teams {
namespace {

constexpr char kEnd = '\x1e';
constexpr size_t kLongestName = 200;           // of envelopes, invocations and keys
constexpr size_t kLongestToken = 32 << 10;     // of tokens and addresses
constexpr double kLongestLife = 30.0 * 86400;  // seconds; a ticket good for longer is renewed all the same

JsonLimits frame_limits() {
  JsonLimits limits;
  limits.bytes = 4 << 20;
  return limits;
}

// Fields are written in camelCase or PascalCase, depending on how the service was built.
Json field(const Json& object, const char* name) {
  if (const Json exact = object[name]; exact.exists()) return exact;
  for (const auto& [key, value] : object.members()) {
    if (text::iequals(key, name)) return value;
  }
  return {};
}

// A name that comes back in an answer; one that is too long is none.
std::string name_in(const Json& object, const char* name) {
  std::string value = field(object, name).scalar_text();
  if (value.size() > kLongestName) value.clear();
  return value;
}

Result<Json> parse_answer(std::string_view body, const char* what) {
  auto json = Json::parse(body);
  if (!json || !json->is_object()) return Error(Code::upstream, std::string(what) + " was answered with no JSON object.");
  return json;
}

bool offers_text_websocket(const Json& transports) {
  for (const Json& offer : transports.elements()) {
    if (!text::iequals(field(offer, "transport").text(), "WebSockets")) continue;
    for (const Json& format : field(offer, "transferFormats").elements()) {
      if (text::iequals(format.text(), "Text")) return true;
    }
  }
  return false;
}

// The address without its query and fragment, and the query's parameters without those named.
struct Taken {
  std::string path;
  std::string query;
};
Taken take_apart(std::string_view url, std::initializer_list<std::string_view> without) {
  url = url.substr(0, url.find('#'));
  const size_t mark = url.find('?');
  Taken taken;
  taken.path = url.substr(0, mark);
  if (mark == std::string_view::npos) return taken;
  for (const auto& parameter : text::split(url.substr(mark + 1), '&')) {
    const std::string_view name = std::string_view(parameter).substr(0, parameter.find('='));
    if (name.empty() || std::find(without.begin(), without.end(), name) != without.end()) continue;
    taken.query += taken.query.empty() ? "" : "&";
    taken.query += parameter;
  }
  return taken;
}

void add_parameter(std::string& query, std::string_view name, std::string_view value) {
  query += query.empty() ? "" : "&";
  query += name;
  query += '=';
  query += net::percent_encode(value);
}

Json activity_in(const Json& argument) {
  for (const char* name : {"payload", "activity"}) {
    Json found = field(argument, name);
    if (found.is_object() && found["type"].is_string()) return found;
  }
  return {};
}

SocketEnvelope envelope_in(const Json& argument, std::string invocation) {
  SocketEnvelope envelope;
  envelope.invocation = std::move(invocation);
  envelope.id = name_in(argument, "envelopeId");
  envelope.bot_key = name_in(argument, "botKey");
  const Json version = field(argument, "protocolVersion");
  // 1.5 is more than 1, whatever it means.
  envelope.version = version.integer() ? *version.integer() : version.number().value_or(0) > 1 ? kSocketProtocol + 1 : 0;
  envelope.deadline_ms = std::clamp<int64_t>(field(argument, "deadlineMs").integer_or(0), 0, 600'000);
  envelope.activity = activity_in(argument);
  const std::string type = field(argument, "type").string_or("");
  envelope.invoke = text::iequals(type.empty() ? envelope.activity["type"].text() : std::string_view(type), "invoke");
  return envelope;
}

SocketFrame invocation_in(const Json& frame) {
  const std::string target = field(frame, "target").string_or("");
  std::string invocation = name_in(frame, "invocationId");
  const Json argument = field(frame, "arguments")[size_t{0}];
  if (text::iequals(target, "SocketReady")) return SocketReady{name_in(argument, "botKey")};
  if (text::iequals(target, "Activity")) return envelope_in(argument, std::move(invocation));
  return SocketOther{"a call of " + text::ellipsize(text::displayable(target), 40), std::move(invocation)};
}

}  // namespace

Result<SocketTicket> parse_ticket(std::string_view body) {
  TRY(const Json json, parse_answer(body, "The request for a socket"));
  SocketTicket ticket;
  ticket.url = field(json, "url").string_or("");
  ticket.token = field(json, "accessToken").string_or("");
  if (ticket.url.empty() || ticket.token.empty() || std::max(ticket.url.size(), ticket.token.size()) > kLongestToken)
    return Error(Code::upstream, "The request for a socket was answered without an address and a token.");
  const double seconds = field(json, "expiresIn").number().value_or(0);
  if (std::isfinite(seconds) && seconds > 0)
    ticket.lifetime = std::chrono::milliseconds(static_cast<int64_t>(std::min(seconds, kLongestLife) * 1000));
  return ticket;
}

Result<Negotiated> parse_negotiated(std::string_view body) {
  TRY(const Json json, parse_answer(body, "The negotiation of a socket"));
  if (const std::string error = field(json, "error").string_or(""); !error.empty())
    return Error(Code::upstream, "SignalR refuses: " + text::ellipsize(text::displayable(error), 200), true);
  Negotiated result;
  result.redirect = field(json, "url").string_or("");
  if (!result.redirect.empty()) {
    result.token = field(json, "accessToken").string_or("");
  } else {
    result.connection = field(json, "connectionToken").string_or("");
    if (result.connection.empty()) result.connection = field(json, "connectionId").string_or("");  // version 0
    if (result.connection.empty()) return Error(Code::upstream, "The negotiation of a socket named no connection.");
    if (!offers_text_websocket(field(json, "availableTransports")))
      return Error(Code::upstream, "The negotiation of a socket offered no WebSocket for text.");
  }
  if (std::max({result.redirect.size(), result.token.size(), result.connection.size()}) > kLongestToken)
    return Error(Code::too_large, "The negotiation of a socket was answered at too great length.");
  return result;
}

std::string negotiate_address(std::string_view url) {
  Taken taken = take_apart(url, {"negotiateVersion"});
  if (!taken.path.ends_with('/')) taken.path += '/';
  add_parameter(taken.query, "negotiateVersion", "1");
  return taken.path + "negotiate?" + taken.query;
}

std::string websocket_address(std::string_view url, std::string_view connection, std::string_view token) {
  Taken taken = take_apart(url, {"id", "access_token"});
  if (!connection.empty()) add_parameter(taken.query, "id", connection);
  add_parameter(taken.query, "access_token", token);
  // https becomes wss, http ws.
  std::string address = taken.path.starts_with("http") ? "ws" + taken.path.substr(4) : taken.path;
  if (address.find('/', address.find("//") + 2) == std::string::npos) address += '/';
  return address + "?" + taken.query;
}

Status FrameCutter::feed(std::string_view bytes) {
  pending_.erase(0, begin_);
  begin_ = 0;
  if (pending_.size() + bytes.size() > most_bytes_) return Error(Code::too_large, "A frame is too long.");
  pending_ += bytes;
  return {};
}

std::optional<std::string> FrameCutter::next() {
  while (true) {
    const size_t end = pending_.find(kEnd, begin_);
    if (end == std::string::npos) return std::nullopt;
    std::string frame = pending_.substr(begin_, end - begin_);
    begin_ = end + 1;
    if (!frame.empty()) return frame;
  }
}

Status parse_handshake(std::string_view frame) {
  TRY(const Json json, parse_answer(frame, "The handshake of a socket"));
  const std::string error = field(json, "error").string_or("");
  if (error.empty()) return {};
  return Error(Code::upstream, "SignalR refuses the handshake: " + text::ellipsize(text::displayable(error), 200), true);
}

Result<SocketFrame> parse_socket_frame(std::string_view frame) {
  TRY(const Json json, Json::parse(frame, frame_limits()));
  if (!json.is_object()) return Error(Code::invalid_input, "A frame is no JSON object.");
  const auto type = field(json, "type").integer();
  if (!type) return Error(Code::invalid_input, "A frame has no type.");
  switch (*type) {
    case 1: return invocation_in(json);
    case 6: return SocketFrame(SocketPing{});
    case 7:
      return SocketFrame(SocketClose{text::ellipsize(text::displayable(field(json, "error").string_or("")), 200),
                                     field(json, "allowReconnect").boolean_or(false)});
    case 4: return SocketFrame(SocketOther{"a call for a stream", name_in(json, "invocationId")});
    default: return SocketFrame(SocketOther{"type " + std::to_string(*type), {}});
  }
}

std::string completion_frame(std::string_view invocation, const SocketAnswer& answer) {
  JsonWriter w;
  w.begin_object().field("type", 3).field("invocationId", invocation).key("result").begin_object();
  w.field("protocolVersion", kSocketProtocol);
  if (!answer.envelope.empty()) w.field("envelopeId", answer.envelope);
  w.field("botKey", answer.bot_key).field("status", answer.status);
  w.field("recvAt", answer.received_at).field("ts", answer.answered_at);
  if (!answer.body.empty()) w.key("body").json(answer.body);
  w.end_object().end_object();
  return w.take() + kEnd;
}

std::string failure_frame(std::string_view invocation, std::string_view error) {
  JsonWriter w;
  w.begin_object().field("type", 3).field("invocationId", invocation).field("error", error).end_object();
  return w.take() + kEnd;
}

}  // namespace vedette::teams
