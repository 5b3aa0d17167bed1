#include "bot/base/text.hpp"

#include <gtest/gtest.h>

#include "bot/base/crypto.hpp"
#include "bot/base/secret.hpp"

namespace vedette {
namespace {

TEST(Text, utf8_follows_rfc_3629) {
  for (const char* good : {"", "plain", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x94\xB4"})
    EXPECT_TRUE(text::valid_utf8(good)) << good;
  for (const char* bad : {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF", "\xE2\x82", "a\x80"}) {
    EXPECT_FALSE(text::valid_utf8(bad));
    EXPECT_TRUE(text::valid_utf8(text::to_valid_utf8(bad)));
  }
}

TEST(Text, displayable_takes_away_what_deceives) {
  EXPECT_EQ(text::displayable("a\nb\tc\x1b[31m"), "a b c [31m");
  EXPECT_EQ(text::displayable("a\nb", true), "a\nb");
  EXPECT_EQ(text::displayable("user\xE2\x80\xAEtxt.exe"), "usertxt.exe") << "right-to-left override";
  EXPECT_EQ(text::displayable("zero\xE2\x80\x8Bwidth"), "zerowidth");
  EXPECT_EQ(text::displayable("tag\xF3\xA0\x81\x81s"), "tags") << "U+E0041";
  EXPECT_EQ(text::displayable("m\xC3\xBCller"), "m\xC3\xBCller");
  EXPECT_EQ(text::displayable("\xff"), "\xEF\xBF\xBD");
}

TEST(Text, defang_breaks_links) {
  EXPECT_EQ(text::defang("203.0.113.7"), "203[.]0[.]113[.]7");
  EXPECT_EQ(text::defang("HTTPS://evil.example/x"), "hxxps://evil[.]example/x");
  EXPECT_EQ(text::defang("ann@corp.example"), "ann[@]corp[.]example");
  EXPECT_EQ(text::defang(text::defang("a.b")), "a[.]b") << "twice is once";
}

TEST(Text, ellipsize_counts_characters) {
  EXPECT_EQ(text::ellipsize("short", 10), "short");
  EXPECT_EQ(text::ellipsize("\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC", 2), "\xE2\x82\xAC\xE2\x80\xA6");
  EXPECT_EQ(text::ellipsize("abc", 0), "");
}

TEST(Text, edit_distance) {
  EXPECT_EQ(text::edit_distance("approve", "aprove"), 1u);
  EXPECT_EQ(text::edit_distance("", "abc"), 3u);
  EXPECT_EQ(text::edit_distance("kitten", "sitting"), 3u);
}

TEST(Crypto, known_answers) {
  // FIPS 180-4 and RFC 4231 test case 2.
  EXPECT_EQ(crypto::sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(crypto::hmac_sha256_hex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(crypto::to_base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(crypto::from_base64("Zm9vYg=="), "foob");
  EXPECT_FALSE(crypto::from_base64("Zm9v!"));
  EXPECT_EQ(crypto::from_hex("00fF"), std::string("\x00\xff", 2));
  EXPECT_FALSE(crypto::from_hex("0g"));
  EXPECT_TRUE(crypto::constant_time_equal("same", "same"));
  EXPECT_FALSE(crypto::constant_time_equal("same", "sane"));
  EXPECT_FALSE(crypto::constant_time_equal("same", "same "));
}

TEST(Secret, may_occur_in_what_stands_in_its_place) {
  const Secret odd("[redacted]");
  EXPECT_EQ(redact("a [redacted] b [redacted]"), "a [redacted] b [redacted]");
}

TEST(Secret, renewals_leave_a_bounded_number_of_values_behind) {
  Secret kept("the-password-that-stays");
  const Secret same("token-number-7");  // somebody else holds this value too
  Secret token;
  const size_t before = registered_secrets();
  for (int i = 0; i < 1000; ++i) {
    token.renew("token-number-" + std::to_string(i));
    EXPECT_EQ(redact("now token-number-" + std::to_string(i)), "now [redacted]");
  }
  EXPECT_LE(registered_secrets(), before + 10);
  EXPECT_EQ(redact("the-password-that-stays"), "[redacted]");
  EXPECT_EQ(redact("=token-number-7="), "=[redacted]=");
  EXPECT_EQ(redact("token-number-998"), "[redacted]") << "just retired: it may be on its way into a log line";
  EXPECT_EQ(redact("token-number-123"), "token-number-123");
  token.renew("");
  EXPECT_TRUE(token.empty());
  EXPECT_EQ(redact("token-number-999"), "[redacted]");
}

TEST(Secret, is_redacted_whole_even_when_one_holds_another) {
  const Secret shorter("swordfish");
  const Secret longer("swordfish-and-chips");
  EXPECT_EQ(redact("token=swordfish-and-chips; swordfish"), "token=[redacted]; [redacted]");
  EXPECT_EQ(redact("fish"), "fish");
}

}  // namespace
}  // namespace vedette
