#include "integrations/teams/relay_wire.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/crypto.hpp"
#include "bot/base/json.hpp"
#include "bot/base/text.hpp"

namespace vedette::teams {
namespace {

constexpr size_t kId = 256;
constexpr size_t kAddress = 8 << 10;
constexpr size_t kTarget = 8 << 10;
constexpr size_t kMethod = 32;
constexpr size_t kAuthorization = 16 << 10;
constexpr size_t kName = 260;  // of a hybrid connection
constexpr std::string_view kPlace = "/$hc/";

std::string_view description_of(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 413: return "Content Too Large";
    case 429: return "Too Many Requests";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    default: return {};
  }
}

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

// The name of a hybrid connection may hold slashes, which stay.
std::string encode_path(std::string_view path) {
  std::string out;
  for (size_t at = 0;;) {
    const size_t slash = path.find('/', at);
    out += net::percent_encode(path.substr(at, slash - at));
    if (slash == std::string_view::npos) return out;
    out += '/';
    at = slash + 1;
  }
}

bool is_name(const std::string& host) {
  return host.find(':') == std::string::npos && host.find_first_not_of("0123456789.") != std::string::npos;
}

Error refuse_address(std::string_view why) {
  return Error(Code::forbidden, fmt::format("Azure Relay named an address to meet at that is not its own: {}.", why));
}

Result<std::string> bounded(const Json& value, std::string_view name, size_t most) {
  auto text = value.string();
  if (!text || text->empty()) return Error(Code::invalid_input, fmt::format("\"{}\" is missing or no text", name));
  if (text->size() > most) return Error(Code::too_large, fmt::format("\"{}\" is too long", name));
  return std::move(*text);
}

Result<RelayMessage> parse_request(const Json& json) {
  RelayRequest request;
  TRY(request.id, bounded(json["id"], "id", kId));
  if (!printable(request.id)) return Error(Code::invalid_input, "\"id\" holds characters that no id has");
  TRY(request.met_at, bounded(json["address"], "address", kAddress));
  if (!json["method"].exists()) return RelayMessage(std::move(request));
  request.here = true;
  TRY(request.method, bounded(json["method"], "method", kMethod));
  TRY(request.target, bounded(json["requestTarget"], "requestTarget", kTarget));
  request.body = json["body"].boolean_or(false);
  size_t count = 0;
  for (const auto& [name, value] : json["requestHeaders"].members()) {
    if (!text::iequals(name, "authorization")) continue;
    request.authorization = value.string_or("");
    if (++count > 1 || !value.is_string() || request.authorization.size() > kAuthorization) request.ambiguous = true;
  }
  return RelayMessage(std::move(request));
}

Result<RelayMessage> parse_accept(const Json& json) {
  RelayAccept accept;
  accept.id = json["id"].string_or("").substr(0, kId);
  TRY(accept.met_at, bounded(json["address"], "address", kAddress));
  return RelayMessage(std::move(accept));
}

}  // namespace

Result<RelayAddress> relay_address(const RelayOptions& options) {
  RelayAddress address;
  TRY(address.service, net::parse_url(options.namespace_url));
  if (address.service.scheme != "https" && address.service.scheme != "http") {
    return Error(Code::invalid_input, "The namespace of Azure Relay needs an https address.");
  }
  std::string_view name = options.connection;
  while (name.starts_with('/')) name.remove_prefix(1);
  while (name.ends_with('/')) name.remove_suffix(1);
  const std::string_view characters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_/";  // Azure's rule for names of hybrid connections
  if (name.empty() || name.size() > kName || name.find_first_not_of(characters) != std::string_view::npos) {
    return Error(Code::invalid_input, "The name of the hybrid connection may hold letters, digits, '.', '-', '_' and '/'.");
  }
  address.connection = name;
  address.resource = fmt::format("http://{}/{}", address.service.host, encode_path(name));
  return address;
}

std::string relay_listen_url(const RelayAddress& address, std::string_view trace) {
  return fmt::format("{}://{}{}{}?sb-hc-action=listen&sb-hc-id={}", address.service.tls() ? "wss" : "ws",
                     address.service.authority(), kPlace, encode_path(address.connection), net::percent_encode(trace));
}

std::string shared_access_signature(std::string_view resource, std::string_view key_name, std::string_view key,
                                    std::chrono::sys_seconds until) {
  const std::string encoded = net::percent_encode(resource);
  const std::string expiry = std::to_string(until.time_since_epoch().count());
  const auto digest = crypto::hmac_sha256(key, encoded + "\n" + expiry);
  const std::string signature =
      crypto::to_base64(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
  return fmt::format("SharedAccessSignature sr={}&sig={}&se={}&skn={}", encoded, net::percent_encode(signature), expiry,
                     net::percent_encode(key_name));
}

Status check_rendezvous(const RelayAddress& address, std::string_view met_at) {
  const auto url = net::parse_url(met_at);
  if (!url) return refuse_address("it cannot be read");
  if (url->scheme != (address.service.tls() ? "wss" : "ws")) return refuse_address("its scheme is another");
  if (url->port != address.service.port) return refuse_address("its port is another");
  if (!url->target.starts_with(kPlace)) return refuse_address("its path is another");
  const std::string& ours = address.service.host;
  if (url->host == ours) return {};
  const size_t dot = ours.find('.');
  if (is_name(ours) && is_name(url->host) && dot != std::string::npos) {
    const std::string above = ours.substr(dot);  // ".servicebus.windows.net"
    const bool enough = std::count(above.begin(), above.end(), '.') >= 3;
    if (enough && url->host.size() > above.size() && url->host.ends_with(above)) return {};
  }
  return refuse_address("its host is not in the namespace's domain");
}

std::string rejection_url(std::string_view met_at, int status, std::string_view why) {
  const char join = met_at.find('?') == std::string_view::npos ? '?' : '&';
  return fmt::format("{}{}sb-hc-statusCode={}&sb-hc-statusDescription={}", met_at, join, status, net::percent_encode(why));
}

Result<RelayMessage> parse_relay_message(std::string_view text) {
  JsonLimits limits;
  limits.bytes = kRelayText;
  limits.depth = 16;
  limits.values = 4096;
  TRY(const Json json, Json::parse(text, limits));
  if (json["request"].is_object()) return parse_request(json["request"]);
  if (json["accept"].is_object()) return parse_accept(json["accept"]);
  if (!json.is_object()) return Error(Code::invalid_input, "a message that is no object");
  return RelayMessage(RelayOther());
}

int misdirected(const RelayRequest& request, std::string_view connection) {
  const std::string_view target = std::string_view(request.target).substr(0, request.target.find_first_of("?#"));
  const std::string path = net::percent_decode(target);
  const size_t name = connection.size() + 1;
  const std::string_view view = path;
  // Azure compares the names of its entities without regard to case.
  if (!view.starts_with('/') || view.size() < name || !text::iequals(view.substr(1, name - 1), connection) ||
      view.substr(name) != "/api/messages") {
    return 404;
  }
  return request.method == "POST" ? 0 : 405;
}

std::string relay_response(std::string_view request_id, const ActivityAnswer& answer) {
  int status = answer.status;
  if (status == 502 || status == 504) status = 503;
  if (status < 200 || status > 599) status = 500;
  JsonWriter json;
  json.begin_object().key("response").begin_object().field("requestId", request_id).field("statusCode", status);
  if (const auto description = description_of(status); !description.empty()) json.field("statusDescription", description);
  json.key("responseHeaders").begin_object();
  if (!answer.body.empty()) json.field("Content-Type", "application/json; charset=utf-8");
  if (answer.retry_after) json.field("Retry-After", std::to_string(*answer.retry_after));
  if (status == 405) json.field("Allow", "POST");
  json.end_object().field("body", !answer.body.empty()).end_object().end_object();
  return json.take();
}

std::string relay_renewal(std::string_view token) {
  JsonWriter json;
  json.begin_object().key("renewToken").begin_object().field("token", token).end_object().end_object();
  return json.take();
}

}  // namespace vedette::teams
