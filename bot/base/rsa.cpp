#include "bot/base/rsa.hpp"

#include <ctime>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "bot/base/crypto.hpp"

namespace vedette::crypto {
namespace {

constexpr size_t kFewestBits = 2048;
constexpr size_t kMostBits = 8192;
constexpr size_t kLongestPem = 256 << 10;

// What OpenSSL has to be given back, whichever way a function ends.
template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* thing) const {
    Free(thing);
  }
};
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Context = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using Hashing = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Memory = std::unique_ptr<BIO, Freed<BIO_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::shared_ptr<evp_pkey_st>;

Key own(EVP_PKEY* key) { return Key(key, EVP_PKEY_free); }
const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

// Leaves nothing in this thread's queue of errors, which TLS code would take for its own.
Error bad(std::string text, Code code = Code::invalid_input) {
  ERR_clear_error();
  return Error(code, std::move(text));
}

Status check_key(EVP_PKEY* key) {
  if (key == nullptr || EVP_PKEY_is_a(key, "RSA") != 1) return bad("This is not an RSA key.");
  const auto bits = static_cast<size_t>(EVP_PKEY_get_bits(key));
  if (bits < kFewestBits || bits > kMostBits) return bad("RSA keys from 2048 to 8192 bits are taken, no others.");
  return {};
}

Result<Memory> open_pem(std::string_view pem) {
  if (pem.empty() || pem.size() > kLongestPem) return bad("The PEM file is empty or too long.");
  Memory memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (!memory) return bad("There is no memory for a PEM file.", Code::internal);
  return memory;
}

Result<Certificate> open_certificate(std::string_view pem) {
  TRY(const Memory memory, open_pem(pem));
  Certificate certificate(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
  if (!certificate) return bad("There is no certificate in this PEM file.");
  return certificate;
}

// Nobody is asked for a pass phrase: an encrypted key is not taken.
int no_pass_phrase(char*, int, int, void*) { return -1; }

bool choose(RsaScheme scheme, EVP_PKEY_CTX* context) {
  if (scheme == RsaScheme::rs256) return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

Number number(std::string_view bytes) { return Number(BN_bin2bn(bytes_of(bytes), static_cast<int>(bytes.size()), nullptr)); }

std::string component(const Key& key, const char* name) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key.get(), name, &raw) != 1) return {};
  const Number value(raw);
  std::string bytes(static_cast<size_t>(BN_num_bytes(value.get())), '\0');
  BN_bn2bin(value.get(), reinterpret_cast<unsigned char*>(bytes.data()));
  return to_base64url(bytes);
}

}  // namespace

Result<RsaPublicKey> RsaPublicKey::from_jwk(std::string_view n, std::string_view e) {
  constexpr size_t kLongestNumber = (kMostBits / 8 + 1) * 4 / 3 + 4;  // a leading zero is tolerated
  constexpr size_t kLongestExponent = 8;
  if (n.size() > kLongestNumber || e.size() > kLongestExponent) return bad("The RSA key is longer than 8192 bits.");
  const auto modulus = from_base64url(n);
  const auto exponent = from_base64url(e);
  if (!modulus || !exponent || modulus->empty() || exponent->empty()) return bad("The RSA key is not proper base64url.");
  const Number big_n = number(*modulus);
  const Number big_e = number(*exponent);
  // An exponent of one would make every signature its own proof.
  if (!big_n || !big_e || BN_is_odd(big_e.get()) != 1 || BN_is_one(big_e.get()) == 1 || BN_is_odd(big_n.get()) != 1)
    return bad("The numbers of the RSA key are not those of one.");
  const std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>> builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, big_n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, big_e.get()) != 1)
    return bad("The RSA key could not be made.", Code::internal);
  const std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const Context context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* raw = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &raw, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1)
    return bad("The RSA key was not taken.");
  Key key = own(raw);
  TRY_VOID(check_key(key.get()));
  return RsaPublicKey(std::move(key));
}

Result<RsaPublicKey> RsaPublicKey::from_certificate(std::string_view pem) {
  TRY(const Certificate certificate, open_certificate(pem));
  Key key = own(X509_get_pubkey(certificate.get()));
  TRY_VOID(check_key(key.get()));
  return RsaPublicKey(std::move(key));
}

bool RsaPublicKey::verify(RsaScheme scheme, std::string_view bytes, std::string_view signature) const {
  const Hashing hashing(EVP_MD_CTX_new());
  EVP_PKEY_CTX* context = nullptr;  // owned by `hashing`
  const bool good =
      hashing && EVP_DigestVerifyInit(hashing.get(), &context, EVP_sha256(), nullptr, key_.get()) == 1 &&
      choose(scheme, context) &&
      EVP_DigestVerify(hashing.get(), bytes_of(signature), signature.size(), bytes_of(bytes), bytes.size()) == 1;
  if (!good) ERR_clear_error();
  return good;
}

size_t RsaPublicKey::bits() const { return static_cast<size_t>(EVP_PKEY_get_bits(key_.get())); }
std::string RsaPublicKey::n() const { return component(key_, OSSL_PKEY_PARAM_RSA_N); }
std::string RsaPublicKey::e() const { return component(key_, OSSL_PKEY_PARAM_RSA_E); }

Result<RsaPrivateKey> RsaPrivateKey::from_pem(std::string_view pem) {
  TRY(const Memory memory, open_pem(pem));
  Key key = own(PEM_read_bio_PrivateKey(memory.get(), nullptr, no_pass_phrase, nullptr));
  if (!key) return bad("There is no private key in this PEM file that can be read without a pass phrase.");
  TRY_VOID(check_key(key.get()));
  return RsaPrivateKey(std::move(key));
}

Result<RsaPrivateKey> RsaPrivateKey::generate(unsigned bits) {
  if (bits < kFewestBits || bits > kMostBits) return bad("RSA keys from 2048 to 8192 bits are made, no others.");
  Key key = own(EVP_RSA_gen(bits));
  if (!key) return bad("No RSA key could be made.", Code::internal);
  return RsaPrivateKey(std::move(key));
}

Result<std::string> RsaPrivateKey::sign(RsaScheme scheme, std::string_view bytes) const {
  const Hashing hashing(EVP_MD_CTX_new());
  EVP_PKEY_CTX* context = nullptr;
  std::string signature(static_cast<size_t>(EVP_PKEY_get_size(key_.get())), '\0');
  size_t length = signature.size();
  if (!hashing || EVP_DigestSignInit(hashing.get(), &context, EVP_sha256(), nullptr, key_.get()) != 1 ||
      !choose(scheme, context) ||
      EVP_DigestSign(hashing.get(), reinterpret_cast<unsigned char*>(signature.data()), &length, bytes_of(bytes),
                     bytes.size()) != 1)
    return bad("The signature could not be made.", Code::internal);
  signature.resize(length);
  return signature;
}

std::string RsaPrivateKey::pem() const {
  const Memory memory(BIO_new(BIO_s_mem()));
  if (!memory || PEM_write_bio_PKCS8PrivateKey(memory.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return {};
  char* start = nullptr;
  const long length = BIO_get_mem_data(memory.get(), &start);
  return std::string(start, static_cast<size_t>(length));
}

Result<CertificateFacts> read_certificate(std::string_view pem, const RsaPrivateKey& key) {
  TRY(const Certificate certificate, open_certificate(pem));
  const Key its_key = own(X509_get_pubkey(certificate.get()));
  TRY_VOID(check_key(its_key.get()));
  const RsaPublicKey ours = key.public_key();
  if (component(its_key, OSSL_PKEY_PARAM_RSA_N) != ours.n() || component(its_key, OSSL_PKEY_PARAM_RSA_E) != ours.e())
    return bad("The certificate belongs to another key than the one given.");
  Digest digest{};
  unsigned length = 0;
  std::tm end{};
  if (X509_digest(certificate.get(), EVP_sha256(), digest.data(), &length) != 1 || length != digest.size() ||
      ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1)
    return bad("The certificate cannot be read.");
  CertificateFacts facts;
  facts.thumbprint.assign(reinterpret_cast<const char*>(digest.data()), digest.size());
  facts.not_after = Time(std::chrono::seconds(timegm(&end)));
  return facts;
}

}  // namespace vedette::crypto
