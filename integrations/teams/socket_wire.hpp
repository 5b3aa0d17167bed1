#pragma once
// Teams Socket Mode (preview) as types: the answers of connect and negotiate, and the frames of the socket, which are those
// of SignalR's JSON hub protocol. Pure. Unknown fields and kinds are no errors.
//
// Sources: learn.microsoft.com/microsoftteams/platform/agents-in-teams/connect-agent-without-sdk; github.com/microsoft/
// teams.py, packages/apps/src/microsoft_teams/apps/socket_mode (names and envelopes); github.com/dotnet/aspnetcore,
// src/SignalR/docs/specs, HubProtocol.md and TransportProtocols.md (frames, negotiation).

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "bot/base/json.hpp"
#include "bot/base/result.hpp"

namespace vedette::teams {

// The answer of POST {base}{geography}/v3/websockets/connect: where SignalR is, and the token to show there.
struct SocketTicket {
  std::string url;  // http(s): to be negotiated with; ws(s): to be opened as it is
  std::string token;
  std::chrono::milliseconds lifetime{0};  // 0: not said
};
Result<SocketTicket> parse_ticket(std::string_view body);

// The answer of POST {url}/negotiate: either go elsewhere, or the connection is known by `connection`.
struct Negotiated {
  std::string redirect;    // empty: none
  std::string token;       // with a redirect: the new token; empty: the old one stays
  std::string connection;  // what the WebSocket's address names as "id"
};
// upstream when the server refuses, or does not offer WebSockets with text.
Result<Negotiated> parse_negotiated(std::string_view body);

// Addresses made of the one that was told. They hold secrets: never into a log.
std::string negotiate_address(std::string_view url);
std::string websocket_address(std::string_view url, std::string_view connection, std::string_view token);

// Cuts what comes out of the socket into frames, each ended by 0x1E: one message may hold several, or a part of one.
class FrameCutter {
 public:
  explicit FrameCutter(size_t most_bytes) : most_bytes_(most_bytes) {}
  Status feed(std::string_view bytes);  // too_large: a frame, or what waits, is longer than allowed
  std::optional<std::string> next();    // the next whole frame, without its end; never empty

 private:
  size_t most_bytes_;
  std::string pending_;
  size_t begin_ = 0;  // of the next frame
};

inline constexpr std::string_view kHandshake = "{\"protocol\":\"json\",\"version\":1}\x1e";
inline constexpr std::string_view kPing = "{\"type\":6}\x1e";
inline constexpr std::string_view kClose = "{\"type\":7}\x1e";

// The first frame that comes: {} or {"error":…}. upstream when the server refuses.
Status parse_handshake(std::string_view frame);

struct SocketReady {
  std::string bot_key;  // the app id; may be empty
};
// One activity. What is missing is empty or zero.
struct SocketEnvelope {
  std::string invocation;  // empty: no answer is awaited
  std::string id;
  std::string bot_key;
  int64_t version = 0;
  int64_t deadline_ms = 0;
  bool invoke = false;  // the answer carries a body
  Json activity;        // an object with a "type"; nothing: the envelope holds none
};
struct SocketPing {};
struct SocketClose {
  std::string error;
  bool reconnect = false;  // the server says that we may come again at once
};
// Something we do not know, a call of a target we do not have among it.
struct SocketOther {
  std::string what;        // for the log; never more than a few words
  std::string invocation;  // an answer is awaited
};
using SocketFrame = std::variant<SocketReady, SocketEnvelope, SocketPing, SocketClose, SocketOther>;

// invalid_input, too_large: not a frame.
Result<SocketFrame> parse_socket_frame(std::string_view frame);

// What an envelope is answered with.
struct SocketAnswer {
  std::string envelope;
  std::string bot_key;
  int status = 200;
  std::string body;         // JSON; empty: none
  int64_t received_at = 0;  // both in milliseconds since 1970
  int64_t answered_at = 0;
};
// Frames, with their end.
std::string completion_frame(std::string_view invocation, const SocketAnswer& answer);
std::string failure_frame(std::string_view invocation, std::string_view error);

inline constexpr int64_t kSocketProtocol = 1;

}  // namespace vedette::teams
