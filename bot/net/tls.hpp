#pragma once
// Inside bot/net: OpenSSL contexts. TLS 1.2 or newer; a client always verifies the chain and the host name (RFC 9525), and
// there is no way to switch that off (a probe sends nothing). A context may be shared by any number of connections.

#include <memory>
#include <string>

#include "bot/base/result.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace vedette::net {

using TlsContext = std::shared_ptr<ssl_ctx_st>;

// `ca_file` (PEM) replaces the system's store. Errors: invalid_input when the file cannot be used.
Result<TlsContext> make_client_tls(const std::string& ca_file);
Result<TlsContext> make_server_tls(const std::string& certificate_file, const std::string& key_file);
// TLS 1.2 alone, whoever answers: for a handshake after which nothing is sent (tls_probe.hpp).
Result<TlsContext> make_probe_tls();
// The name that is sent (SNI, names only) and that the certificate must carry.
Status expect_server_name(ssl_st* connection, const std::string& host);
// Why the last handshake failed, for people: "the certificate has expired", ...
std::string verification_problem(ssl_st* connection);

}  // namespace vedette::net
