#pragma once
// Tokens, signing keys and token answers as they are on the wire. Pure: nothing here decides whether to trust.
//
// JWS compact serialisation (RFC 7515 section 7.1) with RS256 alone, JWT claims (RFC 7519 section 4.1), JWK sets (RFC 7517)
// with the member `endorsements` of the Bot Framework (learn.microsoft.com/azure/bot-service/rest-api/
// bot-framework-rest-connector-authentication), token answers of RFC 6749 section 5, of Azure's metadata service
// (learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token) and of App Service
// (learn.microsoft.com/azure/app-service/overview-managed-identity, REST endpoint reference).

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/clock.hpp"
#include "bot/base/result.hpp"
#include "bot/base/rsa.hpp"

namespace vedette::teams {

inline constexpr size_t kLongestToken = 16 << 10;

// The claims Vedette looks at; what is missing or of another type is empty. An audience is one string, never a list.
struct TokenClaims {
  std::string issuer;
  std::string audience;
  std::optional<int64_t> expires;     // seconds since 1970
  std::optional<int64_t> not_before;  // the same
  std::string service_url;            // "serviceurl", in that spelling alone
  std::string version;                // "ver": "1.0", "2.0"
  std::string app;                    // "appid" (1.0)
  std::string party;                  // "azp" (2.0)
  std::string tenant;                 // "tid"
};

// A token as it came, not verified.
struct SignedToken {
  std::string key;  // "kid"
  TokenClaims claims;
  std::string signed_part;  // header and claims as they were signed
  std::string signature;
};
// From the Authorization header ("Bearer …"). Errors: unauthenticated, with a sentence that says what is wrong and holds
// nothing of the token.
Result<SignedToken> read_bearer(std::string_view authorization);

struct SigningKey {
  crypto::RsaPublicKey key;
  std::vector<std::string> endorsements;  // channels it may speak for
};
using SigningKeyPtr = std::shared_ptr<const SigningKey>;
using SigningKeys = std::map<std::string, SigningKey, std::less<>>;  // by kid

// Where the keys are, from OpenID metadata. Errors: upstream.
Result<std::string> read_keys_address(std::string_view metadata);
// The RSA keys of a JWK set; others are left out. Errors: upstream, also when there is none.
Result<SigningKeys> read_keys(std::string_view document);

// What we are given for our own use.
struct GrantedToken {
  std::string token;
  std::chrono::seconds life{0};
};
// Of a good answer. `now` is for those that tell the end and not the life. Errors: upstream.
Result<GrantedToken> read_grant(std::string_view body, Time now);
// Why a token was refused: "AADSTS7000222" where Entra gives a number, else the error's name; "" where there is neither.
struct Refusal {
  std::string error;   // "invalid_client"
  int64_t number = 0;  // 7000222
};
Refusal read_refusal(std::string_view body);

// A client assertion (learn.microsoft.com/entra/identity-platform/certificate-credentials): PS256, signed with the key
// whose certificate has this SHA-256 thumbprint.
Result<std::string> write_assertion(const crypto::RsaPrivateKey& key, std::string_view thumbprint, std::string_view app,
                                    std::string_view audience, Time now);

}  // namespace vedette::teams
