// The console in a real browser, against the program as it ships, started with its demo company. The steps and what they
// check are in web/e2e/console.mjs; pictures are kept in $VEDETTE_ARTEFACTS, or build/artefacts.

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/files.hpp"

namespace vedette::test {
namespace {

constexpr auto kLimit = std::chrono::seconds(270);  // for a machine that is busy with much else

std::filesystem::path source_folder() { return VEDETTE_SOURCE_DIR; }

std::string artefacts() {
  const char* chosen = std::getenv("VEDETTE_ARTEFACTS");
  return chosen != nullptr && *chosen != '\0' ? chosen : (source_folder() / "build/artefacts").string();
}

// A program with its arguments, in a process group of its own so that nothing it starts outlives it.
class Process {
 public:
  explicit Process(std::vector<std::string> arguments) {
    std::vector<char*> pointers;
    for (auto& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setpgroup(&attributes, 0);
    error_ = posix_spawnp(&pid_, pointers.front(), nullptr, &attributes, pointers.data(), environ);
    posix_spawnattr_destroy(&attributes);
  }
  ~Process() {
    if (pid_ > 0) kill(-pid_, SIGKILL);  // the group: a browser has many processes
    if (pid_ > 0 && !ended_) waitpid(pid_, nullptr, 0);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  bool started() const { return error_ == 0; }
  // The exit code; -1 when it did not end in time or was killed.
  int wait(std::chrono::seconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (std::chrono::steady_clock::now() < end) {
      int status = 0;
      if (waitpid(pid_, &status, WNOHANG) == pid_) {
        ended_ = true;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return -1;
  }

 private:
  pid_t pid_ = 0;
  int error_ = 0;
  bool ended_ = false;
};

TEST(Console, TwoPeopleWorkThroughTheDemo) {
  const char* chosen = std::getenv("VEDETTE_CHROMIUM");
  const std::filesystem::path browser = chosen != nullptr ? chosen : "/usr/bin/chromium";
  if (!std::filesystem::exists(browser)) GTEST_SKIP() << "no browser at " << browser << "; set VEDETTE_CHROMIUM to one";
  const auto driver = source_folder() / "web/node_modules/playwright-core";
  if (!std::filesystem::exists(driver)) GTEST_SKIP() << "playwright-core is not installed: npm ci --prefix web";
  TempDir folder;
  Process script({"node", (source_folder() / "web/e2e/console.mjs").string(), "--vedette", VEDETTE_BINARY, "--data",
                  folder.file("demo"), "--artefacts", artefacts()});
  ASSERT_TRUE(script.started()) << "node could not be started";
  EXPECT_EQ(script.wait(kLimit), 0) << "what went wrong is above; pictures are in " << artefacts();
}

}  // namespace
}  // namespace vedette::test
