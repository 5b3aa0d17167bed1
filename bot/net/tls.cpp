#include "bot/net/tls.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace vedette::net {
namespace {

TlsContext adopt(SSL_CTX* context) { return TlsContext(context, SSL_CTX_free); }

Error failed(std::string_view what) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  return Error(Code::invalid_input, fmt::format("{}: {}.", what, reason != nullptr ? reason : "no reason given"));
}

Result<TlsContext> make_context(const SSL_METHOD* method) {
  ERR_clear_error();
  auto context = adopt(SSL_CTX_new(method));
  if (!context) return Error(Code::internal, "OpenSSL could not be set up.");
  SSL_CTX* raw = context.get();
  if (SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) != 1)
    return Error(Code::internal, "OpenSSL does not know TLS 1.2.");
  // Forward secrecy and authenticated encryption only; TLS 1.3 has nothing else.
  if (SSL_CTX_set_cipher_list(raw, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) return failed("OpenSSL refused the list of ciphers");
  SSL_CTX_set_options(raw, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Idle connections give their buffers back.
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  return context;
}

bool is_address(const std::string& host) {
  if (ASN1_OCTET_STRING* octets = a2i_IPADDRESS(host.c_str())) {
    ASN1_OCTET_STRING_free(octets);
    return true;
  }
  ERR_clear_error();
  return false;
}

}  // namespace

Result<TlsContext> make_client_tls(const std::string& ca_file) {
  TRY(auto context, make_context(TLS_client_method()));
  if (ca_file.empty()) {
    // A folder of hashed names on Debian: certificates are read when they are needed.
    if (SSL_CTX_set_default_verify_paths(context.get()) != 1) return failed("The system's certificate store cannot be used");
  } else if (SSL_CTX_load_verify_locations(context.get(), ca_file.c_str(), nullptr) != 1) {
    return failed(fmt::format("The certificate authorities in {} cannot be used", ca_file));
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

Result<TlsContext> make_server_tls(const std::string& certificate_file, const std::string& key_file) {
  TRY(auto context, make_context(TLS_server_method()));
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
    return failed(fmt::format("The certificate in {} cannot be used", certificate_file));
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return failed(fmt::format("The key in {} cannot be used", key_file));
  }
  if (SSL_CTX_check_private_key(context.get()) != 1) {
    return failed(fmt::format("The key in {} does not belong to the certificate in {}", key_file, certificate_file));
  }
  static constexpr unsigned char kSessionContext[] = "vedette";
  SSL_CTX_set_session_id_context(context.get(), kSessionContext, sizeof kSessionContext - 1);
  return context;
}

Result<TlsContext> make_probe_tls() {
  TRY(auto context, make_context(TLS_client_method()));
  if (SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION) != 1) return failed("OpenSSL refused TLS 1.2");
  // Stays with the connection when expect_server_name() asks for a check.
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  return context;
}

Status expect_server_name(SSL* connection, const std::string& host) {
  const bool address = is_address(host);
  if (!address && SSL_set_tlsext_host_name(connection, host.c_str()) != 1) return failed("The server's name cannot be sent");
  X509_VERIFY_PARAM* rules = SSL_get0_param(connection);
  X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const int done = address ? X509_VERIFY_PARAM_set1_ip_asc(rules, host.c_str())
                           : X509_VERIFY_PARAM_set1_host(rules, host.c_str(), host.size());
  if (done != 1) return failed("The server's name cannot be checked");
  SSL_set_verify(connection, SSL_VERIFY_PEER, nullptr);
  return {};
}

std::string verification_problem(SSL* connection) {
  const long result = SSL_get_verify_result(connection);
  if (result == X509_V_OK) return {};
  return X509_verify_cert_error_string(result);
}

}  // namespace vedette::net
