#pragma once
// Folders and files that tests read and write.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace vedette::test {

// A folder that is removed with everything in it.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::filesystem::path path() const { return path_; }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path& path);  // throws when it cannot
void write_file(const std::filesystem::path& path, const std::string& content);
std::string gunzip_file(const std::filesystem::path& path);

// The public data sets: $VEDETTE_CORPUS, else ../shared/data beside the project. Empty when absent: skip with
//   if (!corpus()) GTEST_SKIP() << kNoCorpus;
std::optional<std::filesystem::path> corpus();
inline constexpr const char* kNoCorpus = "the public data sets are not here; set VEDETTE_CORPUS to their folder";

// Compares with tests/golden/<name>; UPDATE_GOLDEN=1 writes it instead. Fails the running test where they differ.
void expect_golden(const std::string& name, const std::string& actual);

}  // namespace vedette::test
