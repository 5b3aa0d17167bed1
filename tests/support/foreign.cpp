#include "tests/support/foreign.hpp"

#include <stdexcept>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "tests/support/files.hpp"
#include "tests/support/process.hpp"

namespace vedette::test {
namespace {

// Held while packages are installed: ctest runs each test in a process of its own.
class FileLock {
 public:
  explicit FileLock(const std::string& path) : file_(open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644)) {
    if (file_ < 0 || flock(file_, LOCK_EX) != 0) throw std::runtime_error("cannot lock " + path);
  }
  ~FileLock() { close(file_); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int file_;
};

bool installed(const std::filesystem::path& folder) {
  std::error_code ignored;
  const auto stamp = folder / "node_modules/vedette-stamp";
  return std::filesystem::exists(stamp, ignored) && read_file(stamp) == read_file(folder / "package-lock.json");
}

int run(const std::vector<std::string>& arguments, const std::string& log) {
  Process process(arguments, log);
  process.rest_of_output(std::chrono::minutes(5));
  return process.wait();
}

}  // namespace

Foreign foreign_packages() {
  Foreign result;
  result.folder = std::filesystem::path(VEDETTE_SOURCE_DIR) / "tests/foreign";
  TempDir folder;
  const std::string log = folder.file("npm.log");
  if (run({"/usr/bin/env", "node", "--version"}, log) != 0) {
    result.why_not = "Node.js is not installed";
    return result;
  }
  const FileLock lock((result.folder / ".install-lock").string());
  if (installed(result.folder)) return result;
  const std::vector<std::string> install = {
      "/usr/bin/env",     "npm",       "ci",         "--prefix",        result.folder.string(),
      "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"};
  if (run(install, log) != 0) {
    result.why_not = "npm cannot install the packages of tests/foreign:\n" + read_file(log);
    return result;
  }
  write_file(result.folder / "node_modules/vedette-stamp", read_file(result.folder / "package-lock.json"));
  return result;
}

}  // namespace vedette::test
