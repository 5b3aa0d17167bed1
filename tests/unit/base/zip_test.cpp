#include "bot/base/zip.hpp"

#include <gtest/gtest.h>

#include "tests/support/files.hpp"
#include "tests/support/process.hpp"

namespace vedette {
namespace {

// As Python's zipfile, which has nothing to do with libzip, reads it.
std::string read_by_python(const std::string& archive) {
  test::TempDir folder;
  test::write_file(folder.file("a.zip"), archive);
  test::Process python(
      {"/usr/bin/python3", "-c",
       "import sys, zipfile\n"
       "with zipfile.ZipFile(sys.argv[1]) as z:\n"
       "  assert z.testzip() is None\n"
       "  for i in z.infolist(): print(i.filename, i.compress_type, i.date_time, oct(i.external_attr >> 16), "
       "z.read(i).hex())\n",
       folder.file("a.zip")},
      folder.file("log"));
  std::string said = python.rest_of_output();
  EXPECT_EQ(python.wait(), 0) << test::read_file(folder.file("log"));
  return said;
}

TEST(Zip, another_program_reads_it) {
  const auto archive = zip({{"manifest.json", "{}\n"}, {"empty", ""}, {"ü/bytes", std::string("\0\xff", 2)}});
  ASSERT_TRUE(archive) << archive.error().message;
  EXPECT_EQ(read_by_python(*archive),
            "manifest.json 0 (2026, 1, 1, 0, 0, 0) 0o100644 7b7d0a\n"
            "empty 0 (2026, 1, 1, 0, 0, 0) 0o100644 \n"
            "ü/bytes 0 (2026, 1, 1, 0, 0, 0) 0o100644 00ff\n");
}

TEST(Zip, same_files_same_bytes) {
  const std::vector<ZipFile> files = {{"a", "1"}, {"b", "2"}};
  const auto here = zip(files);
  setenv("TZ", "Pacific/Auckland", 1);
  tzset();
  const auto elsewhere = zip(files);
  unsetenv("TZ");
  tzset();
  ASSERT_TRUE(here && elsewhere);
  EXPECT_EQ(*here, *elsewhere);
}

TEST(Zip, names_are_needed_and_stand_once) {
  const auto nameless = zip({{"", "x"}});
  ASSERT_FALSE(nameless);
  EXPECT_EQ(nameless.error().code, Code::invalid_input);
  const auto twice = zip({{"a", "x"}, {"a", "y"}});
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, Code::invalid_input);
}

}  // namespace
}  // namespace vedette
