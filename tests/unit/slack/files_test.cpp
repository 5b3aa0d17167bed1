// Names of files, and where their bytes may go.

#include "integrations/slack/files.hpp"

#include <gtest/gtest.h>

namespace vedette::slack {
namespace {

SharedFile file(const std::string& name, const std::string& text = "x", const std::string& key = "k") {
  SharedFile result;
  result.name = name;
  result.text = text;
  result.key = key;
  return result;
}

TEST(SlackFileNames, are_plain_and_made_of_key_and_content) {
  const std::string name = file_name(file("C-12-evidence.txt"));
  EXPECT_EQ(name.size(), std::string("C-12-evidence-0123456789.txt").size()) << name;
  EXPECT_TRUE(name.starts_with("C-12-evidence-") && name.ends_with(".txt")) << name;
  EXPECT_EQ(name, file_name(file("C-12-evidence.txt")));
  EXPECT_NE(name, file_name(file("C-12-evidence.txt", "y")));
  EXPECT_NE(name, file_name(file("C-12-evidence.txt", "x", "other")));
  EXPECT_TRUE(file_name(file("../../<!channel> \u202Etxt.exe")).ends_with(".txt"));
  for (const auto* hostile : {"../../etc/passwd", "<!channel>", "a\nb", "\u202Ecod.exe", "", ".htaccess", "...", "a b\"c"}) {
    const std::string safe = file_name(file(hostile));
    EXPECT_EQ(safe.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"), std::string::npos)
        << safe;
    EXPECT_NE(safe.front(), '.') << safe;
    EXPECT_TRUE(safe.ends_with(".txt")) << safe;
  }
  EXPECT_LE(file_name(file(std::string(5000, 'n'))).size(), 100u);
}

TEST(SlackUploadAddress, is_slacks_own_or_the_configured_one) {
  const std::string slack = "https://slack.com/api/";
  EXPECT_TRUE(is_upload_url("https://files.slack.com/upload/v1/ABC", slack));
  EXPECT_TRUE(is_upload_url("https://files.slack.com/upload/v1/ABC", "https://www.slack.com/api"));
  EXPECT_TRUE(is_upload_url("https://files.slack-gov.com/upload/v1/ABC", "https://slack-gov.com/api/"));
  EXPECT_TRUE(is_upload_url("http://127.0.0.1:4000/upload/F1", "http://127.0.0.1:4000/api/"));
  for (const auto* bad : {"http://files.slack.com/upload", "https://files.slack.com.evil.example/upload",
                          "https://evilslack.com/upload", "https://slack.com.evil.example/", "https://files.slack.com:8443/",
                          "https://evil.example/?files.slack.com", "https://user@files.slack.com/", "", "files.slack.com"}) {
    EXPECT_FALSE(is_upload_url(bad, slack)) << bad;
  }
  EXPECT_FALSE(is_upload_url("http://127.0.0.1:4001/upload/F1", "http://127.0.0.1:4000/api/"));
  EXPECT_FALSE(is_upload_url("https://files.slack.com/upload", "http://127.0.0.1:4000/api/"));
}

}  // namespace
}  // namespace vedette::slack
