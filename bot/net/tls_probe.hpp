#pragma once
// Whether a server still takes TLS 1.2: Microsoft's Bot Connector is reported to know nothing newer, and what it cannot
// deliver is lost without a word (github.com/microsoft/teams.ts issue 564).

#include <cstdint>
#include <string>

#include "bot/base/async.hpp"

namespace vedette::net {

// A handshake of TLS 1.2 and nothing after it. The certificate is not looked at: it carries the public name, and this asks
// by the address. Errors: unavailable (not reached, or no such handshake), timeout, cancelled.
Async<void> probe_tls12(std::string host, uint16_t port, Deadline deadline);

}  // namespace vedette::net
