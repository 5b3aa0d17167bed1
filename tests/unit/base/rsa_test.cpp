#include "bot/base/rsa.hpp"

#include <gtest/gtest.h>

#include "bot/base/crypto.hpp"
#include "tests/support/client_certificate.hpp"
#include "tests/support/files.hpp"
#include "tests/support/test_ca.hpp"

namespace vedette::crypto {
namespace {

const RsaPrivateKey& some_key() {
  static const RsaPrivateKey key = RsaPrivateKey::generate().value();
  return key;
}

TEST(Base64url, has_one_spelling_for_some_bytes) {
  // RFC 4648 section 10, and what its section 5 changes.
  for (const auto& [bytes, text] : std::vector<std::pair<std::string, std::string>>{
           {"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"}, {"foob", "Zm9vYg"}, {"\xfb\xff\xfe", "-__-"}}) {
    EXPECT_EQ(to_base64url(bytes), text);
    EXPECT_EQ(from_base64url(text), bytes);
  }
  for (const std::string text : {"Zg==", "Zg=", "Zh", "Z", "Zm9v Zg", "Zm9v\n", "+//+", "Zm8=", "Zm9=", "=", "Zm-v!"}) {
    EXPECT_FALSE(from_base64url(text).has_value()) << text;
  }
  EXPECT_FALSE(from_base64url(std::string("Zm9v\0", 5)).has_value());
}

TEST(Rsa, signs_and_verifies_both_schemes_and_neither_passes_for_the_other) {
  const std::string text = "header.claims";
  const auto key = some_key().public_key();
  for (const auto scheme : {RsaScheme::rs256, RsaScheme::ps256}) {
    const auto other = scheme == RsaScheme::rs256 ? RsaScheme::ps256 : RsaScheme::rs256;
    const auto signature = some_key().sign(scheme, text);
    ASSERT_TRUE(signature.has_value());
    EXPECT_EQ(signature->size(), 256U);
    EXPECT_TRUE(key.verify(scheme, text, *signature));
    EXPECT_FALSE(key.verify(other, text, *signature));
    EXPECT_FALSE(key.verify(scheme, text + ".", *signature));
    EXPECT_FALSE(key.verify(scheme, text, signature->substr(1)));
    EXPECT_FALSE(key.verify(scheme, text, *signature + "x"));
    EXPECT_FALSE(key.verify(scheme, text, ""));
    std::string flipped = *signature;
    flipped[100] = static_cast<char>(flipped[100] ^ 1);
    EXPECT_FALSE(key.verify(scheme, text, flipped));
    const auto stranger = RsaPrivateKey::generate();
    ASSERT_TRUE(stranger.has_value());
    EXPECT_FALSE(stranger->public_key().verify(scheme, text, *signature));
  }
}

// RFC 7515 appendix A.2: somebody else's key and signature.
TEST(Rsa, verifies_the_example_of_the_standard) {
  const auto key = RsaPublicKey::from_jwk(
      "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs"
      "D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV"
      "MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
      "AQAB");
  ASSERT_TRUE(key.has_value()) << key.error().message;
  EXPECT_EQ(key->bits(), 2048U);
  EXPECT_EQ(key->e(), "AQAB");
  const std::string text =
      "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
  const auto signature = from_base64url(
      "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZ"
      "cAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-e"
      "OkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw");
  ASSERT_TRUE(signature.has_value());
  EXPECT_TRUE(key->verify(RsaScheme::rs256, text, *signature));
  EXPECT_FALSE(key->verify(RsaScheme::rs256, text + "x", *signature));
}

TEST(Rsa, takes_no_key_that_is_too_short_or_too_long_or_none) {
  const auto key = some_key().public_key();
  EXPECT_TRUE(RsaPublicKey::from_jwk(key.n(), key.e()).has_value());
  const std::string short_key(86, 'x');                                  // 512 bits
  const std::string long_key = to_base64url(std::string(1025, '\x7f'));  // 8199 bits
  const std::string huge = std::string(100'000, 'x');
  for (const auto& [n, e] : std::vector<std::pair<std::string, std::string>>{{short_key, "AQAB"},
                                                                             {long_key, "AQAB"},
                                                                             {huge, "AQAB"},
                                                                             {key.n(), huge},
                                                                             {key.n(), ""},
                                                                             {"", "AQAB"},
                                                                             {key.n(), "AQ"},  // 1
                                                                             {key.n(), "AA"},  // 0
                                                                             {key.n(), "BA"},  // even
                                                                             {key.n() + "=", "AQAB"},
                                                                             {"not base64url!", "AQAB"}}) {
    EXPECT_FALSE(RsaPublicKey::from_jwk(n, e).has_value()) << n.substr(0, 20) << " " << e.substr(0, 20);
  }
  EXPECT_FALSE(RsaPrivateKey::generate(1024).has_value());
  EXPECT_FALSE(RsaPrivateKey::generate(16384).has_value());
}

TEST(Rsa, reads_a_private_key_from_pem_and_nothing_else) {
  const std::string pem = some_key().pem();
  const auto key = RsaPrivateKey::from_pem(pem);
  ASSERT_TRUE(key.has_value()) << key.error().message;
  EXPECT_EQ(key->public_key().n(), some_key().public_key().n());
  const auto certificate = test::make_client_certificate();
  for (const std::string& text :
       {std::string(), std::string("nonsense"), certificate.certificate, pem.substr(0, 200), std::string(1 << 20, 'x')}) {
    const auto bad = RsaPrivateKey::from_pem(text);
    ASSERT_FALSE(bad.has_value());
    EXPECT_EQ(bad.error().code, Code::invalid_input);
  }
  const test::TestCa elliptic;  // P-256
  const auto curve = RsaPrivateKey::from_pem(test::read_file(elliptic.good().key));
  EXPECT_FALSE(curve.has_value());
}

TEST(Rsa, a_certificate_has_to_be_of_the_key) {
  const auto made = test::make_client_certificate();
  const auto key = RsaPrivateKey::from_pem(made.key);
  ASSERT_TRUE(key.has_value());
  const auto facts = read_certificate(made.certificate, *key);
  ASSERT_TRUE(facts.has_value()) << facts.error().message;
  EXPECT_EQ(facts->thumbprint.size(), 32U);
  EXPECT_GT(facts->not_after, system_clock().now());
  EXPECT_FALSE(read_certificate(made.certificate, some_key()).has_value());
  EXPECT_FALSE(read_certificate(made.key, *key).has_value());
  const auto of_certificate = RsaPublicKey::from_certificate(made.certificate);
  ASSERT_TRUE(of_certificate.has_value());
  EXPECT_EQ(of_certificate->n(), key->public_key().n());
}

}  // namespace
}  // namespace vedette::crypto
