#include "tests/support/client_certificate.hpp"

#include <memory>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

namespace vedette::test {
namespace {

std::string text_of(BIO* memory) {
  char* start = nullptr;
  const long length = BIO_get_mem_data(memory, &start);
  return std::string(start, static_cast<size_t>(length));
}

}  // namespace

ClientCertificate make_client_certificate(unsigned bits) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_RSA_gen(bits), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> certificate_pem(BIO_new(BIO_s_mem()), BIO_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> key_pem(BIO_new(BIO_s_mem()), BIO_free);
  X509* raw = certificate.get();
  ASN1_INTEGER_set(X509_get_serialNumber(raw), 7);
  X509_gmtime_adj(X509_getm_notBefore(raw), -86'400);
  X509_gmtime_adj(X509_getm_notAfter(raw), 86'400);
  X509_set_pubkey(raw, key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(raw), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>("Vedette"), -1, -1, 0);
  X509_set_issuer_name(raw, X509_get_subject_name(raw));
  const bool made = X509_sign(raw, key.get(), EVP_sha256()) > 0 && PEM_write_bio_X509(certificate_pem.get(), raw) == 1 &&
                    PEM_write_bio_PrivateKey(key_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  if (!made) throw std::runtime_error("no client certificate could be made");
  return {text_of(certificate_pem.get()), text_of(key_pem.get())};
}

}  // namespace vedette::test
