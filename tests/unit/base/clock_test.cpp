#include "bot/base/clock.hpp"

#include <gtest/gtest.h>

namespace vedette {
namespace {

TEST(Clock, reads_the_forms_that_tools_write) {
  const std::pair<const char*, const char*> cases[] = {
      {"2026-11-24T03:12:09Z", "2026-11-24T03:12:09Z"},
      {"2026-11-24T03:12:09.25Z", "2026-11-24T03:12:09.250Z"},
      {"2026-11-24T03:12:09.123456789Z", "2026-11-24T03:12:09.123456Z"},
      {"2026-11-24T05:12:09+02:00", "2026-11-24T03:12:09Z"},
      {"2026-11-24T05:12:09.000+0200", "2026-11-24T03:12:09Z"},
      {"2026-11-23T22:12:09-05:00", "2026-11-24T03:12:09Z"},
      {"2026-11-24 03:12:09", "2026-11-24T03:12:09Z"},
      {"2026-11-24T03:12:09", "2026-11-24T03:12:09Z"},
      {"2026-11-24", "2026-11-24T00:00:00Z"},
      {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
  };
  for (const auto& [text, expected] : cases) {
    const auto time = parse_time(text);
    ASSERT_TRUE(time) << text;
    EXPECT_EQ(to_rfc3339(*time), expected) << text;
  }
}

TEST(Clock, refuses_what_is_not_a_time) {
  for (const char* text :
       {"", "yesterday", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "2025-02-29", "1969-12-31T23:59:59Z",
        "2026-11-24T24:00:00Z", "2026-11-24T03:60:00Z", "2026-11-24T03:12:09+99:00", "2026-11-24T03:12:09Zx",
        "2026-11-24T03:12:09.Z", "2026-11-24T03", "99999-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(Clock, tells_the_unit_of_an_epoch_by_its_size) {
  for (const double value : {1700000000.0, 1700000000000.0, 1700000000000000.0, 1700000000000000000.0}) {
    const auto time = from_epoch(value);
    ASSERT_TRUE(time);
    EXPECT_EQ(to_rfc3339(*time), "2023-11-14T22:13:20Z") << value;
  }
  EXPECT_FALSE(from_epoch(-1));
  EXPECT_FALSE(from_epoch(1e300));
}

TEST(Clock, durations) {
  EXPECT_EQ(parse_duration("30m"), std::chrono::minutes(30));
  EXPECT_EQ(parse_duration("2d"), std::chrono::hours(48));
  for (const char* text : {"", "m", "30", "-3m", "1.5h", "99999999d", "3w"}) EXPECT_FALSE(parse_duration(text)) << text;
  EXPECT_EQ(format_duration(std::chrono::seconds(59)), "59 s");
  EXPECT_EQ(format_duration(std::chrono::seconds(60 * 65)), "1 h 5 min");
  EXPECT_EQ(format_duration(std::chrono::hours(49)), "2 d 1 h");
}

}  // namespace
}  // namespace vedette
