#pragma once
// A certificate authority that lives as long as the test, for servers on loopback. Every certificate is made on the spot
// (P-256), so that nothing in the tree ever expires.

#include <string>

#include "tests/support/files.hpp"

namespace vedette::test {

struct CertificateFiles {
  std::string certificate;  // PEM
  std::string key;          // PEM
};

class TestCa {
 public:
  TestCa();
  std::string ca_file() const { return folder_.file("ca.pem"); }
  CertificateFiles good() const { return files("good"); }                          // localhost, 127.0.0.1, ::1
  CertificateFiles expired() const { return files("expired"); }                    // ended yesterday
  CertificateFiles not_yet() const { return files("not_yet"); }                    // begins tomorrow
  CertificateFiles wrong_host() const { return files("wrong_host"); }              // another.example
  CertificateFiles only_common_name() const { return files("only_common_name"); }  // CN=localhost, no alternative name
  CertificateFiles self_signed() const { return files("self_signed"); }
  CertificateFiles unknown_issuer() const { return files("unknown_issuer"); }  // of an authority that is not in ca_file()

 private:
  CertificateFiles files(const std::string& name) const;
  TempDir folder_;
};

}  // namespace vedette::test
