#include "tests/support/files.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <gtest/gtest.h>
#include <zlib.h>

namespace vedette::test {

namespace fs = std::filesystem;

TempDir::TempDir() {
  std::string pattern = (fs::temp_directory_path() / "vedette-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  path_ = pattern;
}

TempDir::~TempDir() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

void write_file(const fs::path& path, const std::string& content) {
  fs::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  out << content;
  if (!out) throw std::runtime_error("cannot write " + path.string());
}

std::string gunzip_file(const fs::path& path) {
  gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) throw std::runtime_error("cannot read " + path.string());
  std::string content;
  char buffer[1 << 16];
  int count = 0;
  while ((count = gzread(file, buffer, sizeof buffer)) > 0) content.append(buffer, static_cast<size_t>(count));
  gzclose(file);
  if (count < 0) throw std::runtime_error("not a gzip file: " + path.string());
  return content;
}

std::optional<fs::path> corpus() {
  const char* configured = std::getenv("VEDETTE_CORPUS");
  const fs::path folder =
      configured != nullptr ? fs::path(configured) : fs::path(VEDETTE_SOURCE_DIR) / ".." / "shared" / "data";
  if (!fs::is_directory(folder)) return std::nullopt;
  return fs::weakly_canonical(folder);
}

void expect_golden(const std::string& name, const std::string& actual) {
  const fs::path path = fs::path(VEDETTE_SOURCE_DIR) / "tests" / "golden" / name;
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    write_file(path, actual);
    return;
  }
  if (!fs::exists(path)) {
    ADD_FAILURE() << "no golden file " << name << "; UPDATE_GOLDEN=1 writes it. It would be:\n" << actual;
    return;
  }
  EXPECT_EQ(read_file(path), actual) << "differs from golden file " << name << "; UPDATE_GOLDEN=1 rewrites it";
}

}  // namespace vedette::test
