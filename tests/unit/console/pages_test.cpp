// The static files: there, whole, and safe to serve.

#include <set>

#include <re2/re2.h>

#include "bot/base/embedded.hpp"
#include "tests/unit/console/console_fixture.hpp"

namespace vedette::console::test {
namespace {

std::string_view file(std::string_view name) {
  for (const auto& one : embedded_console_assets()) {
    if (one.name == name) return one.content;
  }
  ADD_FAILURE() << name << " is not in the program";
  return {};
}

ASYNC_TEST(ConsolePages, TheFirstPageIsServedWithAStrictPolicy) {
  ConsoleFixture fixture(io);
  Browser nobody;
  const auto page = co_await fixture.get(nobody, "/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.headers.get("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.body, file("index.html"));
  const std::string policy(page.headers.get("Content-Security-Policy"));
  EXPECT_NE(policy.find("default-src 'none'"), std::string::npos);
  EXPECT_NE(policy.find("script-src 'self';"), std::string::npos);
  EXPECT_NE(policy.find("style-src 'self';"), std::string::npos);
  EXPECT_NE(policy.find("require-trusted-types-for 'script'"), std::string::npos);
  EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(page.headers.get("X-Content-Type-Options"), "nosniff");
}

ASYNC_TEST(ConsolePages, UnchangedFilesAreNotSentAgain) {
  ConsoleFixture fixture(io);
  Browser nobody;
  const auto first = co_await fixture.get(nobody, "/js/main.js");
  const std::string etag(first.headers.get("ETag"));
  CO_ASSERT_TRUE(!etag.empty());
  auto request = fixture.request(nobody, "GET", "/js/main.js");
  request.headers.set("If-None-Match", etag);
  const auto again = co_await fixture.call(std::move(request));
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.body.empty());
  auto changed = fixture.request(nobody, "GET", "/js/main.js");
  changed.headers.set("If-None-Match", "\"0123456789\"");
  const auto sent = co_await fixture.call(std::move(changed));
  EXPECT_EQ(sent.status, 200);
}

ASYNC_TEST(ConsolePages, AreSmallForThoseWhoTakeGzip) {
  ConsoleFixture fixture(io);
  auto zipped_request = fixture.request({}, "GET", "/adaptivecards.min.js");
  zipped_request.headers.set("Accept-Encoding", "br, gzip");
  const auto zipped = co_await fixture.call(std::move(zipped_request));
  EXPECT_EQ(zipped.headers.get("Content-Encoding"), "gzip");
  EXPECT_LT(zipped.body.size(), 110'000u);
  vedette::test::TempDir folder;
  vedette::test::write_file(folder.file("file.gz"), zipped.body);
  EXPECT_TRUE(vedette::test::gunzip_file(folder.file("file.gz")) == file("adaptivecards.min.js"));
  auto refusing = fixture.request({}, "GET", "/adaptivecards.min.js");
  refusing.headers.set("Accept-Encoding", "gzip;q=0");
  const auto plain = co_await fixture.call(std::move(refusing));
  EXPECT_EQ(plain.headers.count("Content-Encoding"), 0u);
  EXPECT_TRUE(plain.body == file("adaptivecards.min.js"));
}

TEST(ConsolePages, EverythingTheFirstPageNamesIsThere) {
  re2::StringPiece page(file("index.html"));
  std::string reference;
  int count = 0;
  while (RE2::FindAndConsume(&page, "(?:src|href)=\"/([^\"]+)\"", &reference)) {
    EXPECT_FALSE(file(reference).empty()) << reference;
    ++count;
  }
  EXPECT_GT(count, 10);
}

TEST(ConsolePages, EveryModuleImportsWhatExists) {
  int imports = 0;
  for (const auto& one : embedded_console_assets()) {
    if (!one.name.starts_with("js/")) continue;
    re2::StringPiece rest(one.content);
    std::string names;
    std::string module;
    while (RE2::FindAndConsume(&rest, "import \\{([^}]+)\\} from \"\\./([^\"]+)\"", &names, &module)) {
      ++imports;
      const std::string exporter(file("js/" + module));
      re2::StringPiece left(names);
      std::string name;
      while (RE2::FindAndConsume(&left, "([A-Za-z]+)", &name)) {
        EXPECT_TRUE(RE2::PartialMatch(exporter, "export (?:async )?(?:function|class|const) " + name + "\\b"))
            << one.name << " wants " << name << " of " << module;
      }
    }
  }
  EXPECT_GT(imports, 20);
}

// What would open the way for text to become script or markup.
TEST(ConsolePages, NothingMakesMarkupOfText) {
  for (const auto& one : embedded_console_assets()) {
    if (one.name == "adaptivecards.min.js" || one.name == "third-party-licences.txt") continue;
    for (const auto* way : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
                            "onProcessMarkdown", "javascript:", "http://fonts", "https://"}) {
      EXPECT_EQ(one.content.find(way), std::string_view::npos) << one.name << " has " << way;
    }
  }
  const re2::StringPiece page(file("index.html"));
  EXPECT_FALSE(RE2::PartialMatch(page, "<script>|<style|\\son[a-z]+=|style=")) << "inline script or style";
}

TEST(ConsolePages, TheLicencesOfTheCardLibraryGoWithIt) {
  const auto text = file("third-party-licences.txt");
  EXPECT_NE(text.find("Microsoft"), std::string_view::npos);
  EXPECT_NE(text.find("Vladimir Kharlampidi"), std::string_view::npos);
}

}  // namespace
}  // namespace vedette::console::test
