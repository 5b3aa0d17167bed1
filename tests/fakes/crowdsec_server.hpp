#pragma once
// A real CrowdSec Local API for tests: Debian's package, unpacked into a cache beside the build (never installed), started
// on a free loopback port with everything it writes in a folder of the test's own, and ended by its process id.

#include <filesystem>
#include <memory>
#include <string>

#include "bot/base/result.hpp"

namespace vedette::test {

class CrowdsecServer {
 public:
  // Blocks for some seconds. Errors say why it cannot be had here; tests then skip.
  static Result<std::unique_ptr<CrowdsecServer>> start(const std::filesystem::path& folder);
  ~CrowdsecServer();
  CrowdsecServer(const CrowdsecServer&) = delete;
  CrowdsecServer& operator=(const CrowdsecServer&) = delete;

  std::string url() const;
  std::string machine() const { return "vedette"; }
  std::string password() const { return "a-password-for-this-test"; }
  const std::string& bouncer_key() const { return bouncer_key_; }

 private:
  CrowdsecServer() = default;
  int process_ = 0;
  uint16_t port_ = 0;
  std::string bouncer_key_;
};

}  // namespace vedette::test
