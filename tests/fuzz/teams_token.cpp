// Any bytes as a token, as a list of keys, as an answer to a request for a token: nothing gets in, nothing crashes, and what
// is read stays in bounds.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "bot/base/crypto.hpp"
#include "integrations/teams/token_wire.hpp"
#include "integrations/teams/trust.hpp"

using namespace vedette;
using namespace vedette::teams;

namespace {
void must(bool holds) {
  if (!holds) std::abort();
}

void read_token(const std::string& bytes) {
  static const crypto::RsaPublicKey key = crypto::RsaPrivateKey::generate().value().public_key();
  const auto token = read_bearer(bytes);
  if (!token) {
    must(token.error().code == Code::unauthenticated && !token.error().message.empty());
    return;
  }
  must(!token->key.empty() && token->key.size() <= 256 && !token->signature.empty());
  must(token->signed_part.size() <= kLongestToken);
  must(!key.verify(crypto::RsaScheme::rs256, token->signed_part, token->signature));
}
}  // namespace

// The first byte chooses: a raw header; or header and claims as JSON, one a line, which are encoded first.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    read_token(bytes);
    read_token("Bearer " + bytes);
  } else {
    const size_t line = bytes.find('\n');
    const std::string header = bytes.substr(0, line);
    const std::string claims = line == std::string::npos ? "{}" : bytes.substr(line + 1);
    read_token("Bearer " + crypto::to_base64url(header) + "." + crypto::to_base64url(claims) + ".AAAA");
  }
  if (const auto decoded = crypto::from_base64url(bytes)) must(crypto::to_base64url(*decoded) == bytes);
  must(crypto::from_base64url(crypto::to_base64url(bytes)) == bytes);
  if (const auto keys = read_keys(bytes)) {
    must(!keys->empty() && keys->size() <= 256);
    for (const auto& [kid, key] : *keys) must(!kid.empty() && key.key.bits() >= 2048 && key.key.bits() <= 8192);
  }
  (void)read_keys_address(bytes);
  (void)read_refusal(bytes);
  if (const auto granted = read_grant(bytes, from_micros(1795489200000000))) {
    must(!granted->token.empty() && granted->life.count() > 0 && granted->life <= std::chrono::hours(24 * 7));
    for (const char c : granted->token) must(c > 0x20 && c < 0x7f);
  }
  static const TeamsOptions options;
  if (const auto url = net::parse_url(bytes); url && is_trusted(*url, options)) must(url->tls() && url->port == 443);
  return 0;
}
