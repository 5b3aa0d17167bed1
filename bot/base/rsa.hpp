#pragma once
// RSA signatures over SHA-256 with OpenSSL's EVP interface: RS256 and PS256 of RFC 7518 sections 3.3 and 3.5. Values are
// cheap to copy and safe to share between threads. Keys from 2048 to 8192 bits; nothing else is taken.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "bot/base/clock.hpp"
#include "bot/base/result.hpp"

struct evp_pkey_st;

namespace vedette::crypto {

// The two ways to pad: PKCS #1 v1.5, and PSS with a salt as long as the digest.
enum class RsaScheme { rs256, ps256 };

class RsaPublicKey {
 public:
  // From a JWK's "n" and "e" (RFC 7518 section 6.3.1). Errors: invalid_input.
  static Result<RsaPublicKey> from_jwk(std::string_view n, std::string_view e);
  // Of an X.509 certificate. Errors: invalid_input.
  static Result<RsaPublicKey> from_certificate(std::string_view pem);

  bool verify(RsaScheme scheme, std::string_view bytes, std::string_view signature) const;
  size_t bits() const;
  std::string n() const;  // base64url, as a JWK has them
  std::string e() const;

 private:
  friend class RsaPrivateKey;
  explicit RsaPublicKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

class RsaPrivateKey {
 public:
  // An unencrypted key, PKCS #8 or PKCS #1. Errors: invalid_input; the message never holds anything of the key.
  static Result<RsaPrivateKey> from_pem(std::string_view pem);
  static Result<RsaPrivateKey> generate(unsigned bits = 2048);

  // Errors: internal.
  Result<std::string> sign(RsaScheme scheme, std::string_view bytes) const;
  RsaPublicKey public_key() const { return RsaPublicKey(key_); }
  std::string pem() const;  // PKCS #8

 private:
  explicit RsaPrivateKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

// The first certificate of a PEM file, as far as someone who proves who he is with it must know it.
struct CertificateFacts {
  std::string thumbprint;  // SHA-256 of its DER form: x5t#S256 of RFC 7515 section 4.1.8 before base64url
  Time not_after;
};
// Errors: invalid_input, also when the certificate is of another key.
Result<CertificateFacts> read_certificate(std::string_view pem, const RsaPrivateKey& key);

}  // namespace vedette::crypto
