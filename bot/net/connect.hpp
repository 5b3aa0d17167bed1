#pragma once
// Inside bot/net: from a URL to a connected, verified transport. Look-up, TCP, CONNECT through a proxy (RFC 9110
// section 9.3.6) and the TLS handshake all lie inside one deadline. Nothing of a request is sent here.

#include "bot/net/proxy.hpp"
#include "bot/net/tls.hpp"
#include "bot/net/transport.hpp"

namespace vedette::net {

// `tls` is needed for https and wss. Errors: unavailable, timeout, cancelled, invalid_input.
Async<TransportPtr> connect_transport(Url url, std::optional<Proxy> proxy, TlsContext tls, Deadline deadline);

}  // namespace vedette::net
