// What comes from the Socket Mode service: whatever the bytes, no crash; frames are the same however they are cut; what is
// answered is one frame of JSON.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "integrations/teams/socket_connect.hpp"
#include "integrations/teams/socket_wire.hpp"

namespace {

using namespace vedette::teams;

std::vector<std::string> cut(std::string_view bytes, size_t step) {
  FrameCutter cutter(1 << 20);
  std::vector<std::string> frames;
  for (size_t at = 0; at < bytes.size(); at += step) {
    if (!cutter.feed(bytes.substr(at, step))) std::abort();
    while (auto frame = cutter.next()) frames.push_back(std::move(*frame));
  }
  return frames;
}

void check_frame(std::string frame) {
  if (frame.empty() || frame.back() != '\x1e') std::abort();
  frame.pop_back();
  if (frame.find('\x1e') != std::string::npos || !vedette::Json::parse(frame)) std::abort();
}

void use(const SocketFrame& frame) {
  const auto* envelope = std::get_if<SocketEnvelope>(&frame);
  if (envelope == nullptr) return;
  SocketAnswer answer;
  answer.envelope = envelope->id;
  answer.bot_key = envelope->bot_key;
  if (envelope->activity.exists()) answer.body = envelope->activity.dump();
  check_frame(completion_frame(envelope->invocation, answer));
  check_frame(failure_frame(envelope->invocation, envelope->id));
}

// No address may get past the check and then mean another host.
void check_address(std::string_view text, const TeamsOptions& options) {
  const auto accepted = accept_address(text, SocketHost::signalr, options);
  if (!accepted) return;
  const auto host = vedette::net::parse_url(*accepted);
  for (const std::string& made : {negotiate_address(*accepted), websocket_address(*accepted, "id", "token")}) {
    const auto url = vedette::net::parse_url(made);
    if (!url || url->host != host->host || !url->tls()) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static const TeamsOptions options;
  const auto frames = cut(bytes, size + 1);
  if (frames != cut(bytes, 1) || frames != cut(bytes, 7)) std::abort();
  for (const auto& frame : frames) {
    (void)parse_handshake(frame);
    if (const auto read = parse_socket_frame(frame)) use(*read);
  }
  if (const auto read = parse_socket_frame(bytes)) use(*read);
  if (const auto ticket = parse_ticket(bytes)) check_address(ticket->url, options);
  if (const auto negotiated = parse_negotiated(bytes)) check_address(negotiated->redirect, options);
  check_address(bytes, options);
  return 0;
}
