#include "tests/support/test_ca.hpp"

#include <memory>
#include <stdexcept>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace vedette::test {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

constexpr long kDay = 86'400;

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("test certificate: ") + what);
}

Key make_key() {
  Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  must(key != nullptr, "key");
  return key;
}

struct Wish {
  std::string common_name;
  std::string names;  // subjectAltName in OpenSSL's notation, or empty
  long from = -kDay;
  long until = 30 * kDay;
  bool authority = false;
};

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1, "extension");
  X509_EXTENSION_free(extension);
}

// Signed by `issuer`, or by itself where there is none.
Certificate make_certificate(EVP_PKEY* key, const Wish& wish, X509* issuer, EVP_PKEY* issuer_key) {
  static long serial = 1;
  Certificate certificate(X509_new(), X509_free);
  must(certificate != nullptr, "new");
  X509* raw = certificate.get();
  X509_set_version(raw, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(raw), serial++);
  X509_gmtime_adj(X509_getm_notBefore(raw), wish.from);
  X509_gmtime_adj(X509_getm_notAfter(raw), wish.until);
  X509_set_pubkey(raw, key);
  X509_NAME* subject = X509_get_subject_name(raw);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(wish.common_name.c_str()),
                             -1, -1, 0);
  X509* signer = issuer != nullptr ? issuer : raw;
  X509_set_issuer_name(raw, X509_get_subject_name(signer));
  extend(raw, signer, NID_basic_constraints, wish.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  extend(raw, signer, NID_subject_key_identifier, "hash");
  if (wish.authority) extend(raw, signer, NID_key_usage, "critical,keyCertSign,cRLSign");
  if (!wish.names.empty()) extend(raw, signer, NID_subject_alt_name, wish.names);
  must(X509_sign(raw, issuer_key != nullptr ? issuer_key : key, EVP_sha256()) > 0, "signature");
  return certificate;
}

void write_pem(const std::string& path, X509* certificate) {
  std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new_file(path.c_str(), "w"), BIO_free);
  must(out && PEM_write_bio_X509(out.get(), certificate) == 1, "write");
}

void write_pem(const std::string& path, EVP_PKEY* key) {
  std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new_file(path.c_str(), "w"), BIO_free);
  must(out && PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1, "write key");
}

}  // namespace

TestCa::TestCa() {
  const std::string here = "DNS:localhost,IP:127.0.0.1,IP:::1";
  const Wish authority{"Test authority", "", -kDay, 30 * kDay, true};
  const Key ca_key = make_key();
  const Certificate ca = make_certificate(ca_key.get(), authority, nullptr, nullptr);
  write_pem(ca_file(), ca.get());
  const Wish stranger{"Another authority", "", -kDay, 30 * kDay, true};
  const Key other_key = make_key();
  const Certificate other = make_certificate(other_key.get(), stranger, nullptr, nullptr);

  const auto issue = [&](const std::string& name, const Wish& wish, X509* issuer, EVP_PKEY* issuer_key) {
    const Key key = make_key();
    write_pem(files(name).certificate, make_certificate(key.get(), wish, issuer, issuer_key).get());
    write_pem(files(name).key, key.get());
  };
  issue("good", Wish{"localhost", here}, ca.get(), ca_key.get());
  issue("expired", Wish{"localhost", here, -2 * kDay, -kDay}, ca.get(), ca_key.get());
  issue("not_yet", Wish{"localhost", here, kDay, 2 * kDay}, ca.get(), ca_key.get());
  issue("wrong_host", Wish{"another.example", "DNS:another.example"}, ca.get(), ca_key.get());
  issue("only_common_name", Wish{"localhost", ""}, ca.get(), ca_key.get());
  issue("self_signed", Wish{"localhost", here}, nullptr, nullptr);
  issue("unknown_issuer", Wish{"localhost", here}, other.get(), other_key.get());
}

CertificateFiles TestCa::files(const std::string& name) const {
  return {folder_.file(name + ".pem"), folder_.file(name + ".key")};
}

}  // namespace vedette::test
