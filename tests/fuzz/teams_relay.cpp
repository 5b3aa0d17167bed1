// Messages of Azure Relay's control channel: whatever the bytes, no crash; what is dialled is the namespace's own, and what
// we say about it is JSON that names the request it came from.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bot/base/json.hpp"
#include "integrations/teams/relay_wire.hpp"

using namespace vedette::teams;

namespace {

void use_address(const RelayAddress& ours, const std::string& met_at) {
  if (!check_rendezvous(ours, met_at)) return;
  const auto url = vedette::net::parse_url(met_at);
  if (!url || url->scheme != "wss" || url->port != 443) std::abort();
  if (!url->host.ends_with(".servicebus.windows.net")) std::abort();
  if (!check_rendezvous(ours, rejection_url(met_at, 400, "no"))) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  RelayOptions options;
  options.namespace_url = "https://contoso.servicebus.windows.net";
  options.connection = "vedette";
  static const auto ours = relay_address(options);
  if (!ours) std::abort();
  use_address(*ours, std::string(bytes));
  const auto message = parse_relay_message(bytes);
  if (!message) return 0;
  if (const auto* accept = std::get_if<RelayAccept>(&*message)) use_address(*ours, accept->met_at);
  const auto* request = std::get_if<RelayRequest>(&*message);
  if (request == nullptr) return 0;
  use_address(*ours, request->met_at);
  if (request->id.empty() || request->id.size() > 256) std::abort();
  const int status = misdirected(*request, ours->connection);
  if (status == 0 && request->method != "POST") std::abort();
  ActivityAnswer answer(status, request->target);
  const auto said = vedette::Json::parse(relay_response(request->id, answer));
  if (!said || (*said)["response"]["requestId"].string_or("") != request->id) std::abort();
  return 0;
}
