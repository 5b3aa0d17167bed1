#pragma once
// A certificate with an RSA key, as an app proves with it who it is. Made on the spot, so that nothing in the tree expires.

#include <string>

namespace vedette::test {

struct ClientCertificate {
  std::string certificate;  // PEM
  std::string key;          // PEM
};
ClientCertificate make_client_certificate(unsigned bits = 2048);

}  // namespace vedette::test
