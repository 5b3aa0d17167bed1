#pragma once
// An attack on the host ws-7 that ends in the verdict "malicious" and a proposal to block 203.0.113.66.

#include <string>

namespace vedette::test {

// Records of the dataset "windows", one JSON object a line, on which the verdict rests.
std::string attack_log();
// The Wazuh alert about them; its description tries to mention and to link.
std::string attack_alert();

}  // namespace vedette::test
