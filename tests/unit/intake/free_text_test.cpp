#include "bot/intake/free_text.hpp"

#include <gtest/gtest.h>

namespace vedette::intake {
namespace {

std::vector<std::string> found(std::string_view text) {
  std::vector<std::string> names;
  for (const auto& entity : entities_in(text)) names.push_back(to_text(entity));
  return names;
}
using Names = std::vector<std::string>;

TEST(FreeText, what_looks_like_something_is_found) {
  EXPECT_EQ(found("Is 203.0.113.7 bad? It asked 10.0.0.5:443, and 2001:db8::1."),
            (Names{"ip:203.0.113.7", "ip:10.0.0.5", "ip:2001:db8::1"}));
  EXPECT_EQ(found("mail from ann@corp.example to <ben@corp.example>, see evil.example"),
            (Names{"mail:ann@corp.example", "mail:ben@corp.example", "domain:evil.example"}));
  EXPECT_EQ(
      found("(https://evil.example/x?y=1) and http://198.51.100.4:8080/a"),
      (Names{"url:https://evil.example/x?y=1", "domain:evil.example", "url:http://198.51.100.4:8080/a", "ip:198.51.100.4"}));
  EXPECT_EQ(found("d41d8cd98f00b204e9800998ecf8427e ran as C:\\Temp\\evil.exe"),
            (Names{"hash:d41d8cd98f00b204e9800998ecf8427e", "process:evil.exe"}));
}

TEST(FreeText, defanged_values_are_read) {
  EXPECT_EQ(found("203[.]0[.]113[.]7 hxxps://evil[.]example/x ann[@]corp[.]example"),
            (Names{"ip:203.0.113.7", "url:https://evil.example/x", "domain:evil.example", "mail:ann@corp.example"}));
}

TEST(FreeText, names_count_where_it_is_said_what_they_are) {
  EXPECT_EQ(found("Host: web-01\nUser: CORP\\ann\nSource: 203.0.113.7"),
            (Names{"host:web-01", "user:ann", "ip:203.0.113.7"}));
  EXPECT_EQ(found("user=ann host=web-01 src=203.0.113.7"), (Names{"user:ann", "host:web-01", "ip:203.0.113.7"}));
  EXPECT_EQ(found(R"({"user":"ann","host" : "web-01","port":443})"), (Names{"user:ann", "host:web-01"}));
  EXPECT_EQ(found("host:web-01 and user:ann"), (Names{"host:web-01", "user:ann"}));
  EXPECT_EQ(found("web-01"), Names{"host:web-01"});
}

TEST(FreeText, prose_and_files_are_nothing) {
  for (const char* text :
       {"", "  ", "the user was on holiday, the host too", "see report.pdf and setup.py, e.g. the end.", "10:45 to 11:00",
        "v1.2 of it", "@ann #soc :+1:", "a..b -.- ...", "://", "=", ": :", "user:", "http://"}) {
    EXPECT_EQ(found(text), Names{}) << text;
  }
}

TEST(FreeText, a_flood_is_bounded) {
  std::string text;
  for (int at = 0; at < 20'000; ++at) text += "10.1." + std::to_string(at / 250) + "." + std::to_string(at % 250) + " ";
  EXPECT_EQ(entities_in(text).size(), 50u);
  EXPECT_TRUE(entities_in(std::string(100'000, 'x')).empty());
}

TEST(FreeText, an_alert_has_the_first_line_as_its_title) {
  const auto alert = alert_from_text("\n Strange sign-in\nfrom 203.0.113.7\n");
  EXPECT_EQ(alert.title, "Strange sign-in");
  EXPECT_EQ(alert.description, "Strange sign-in\nfrom 203.0.113.7");
  ASSERT_EQ(alert.entities.size(), 1u);
  EXPECT_EQ(alert.fields.at("message"), alert.description);
}

}  // namespace
}  // namespace vedette::intake
