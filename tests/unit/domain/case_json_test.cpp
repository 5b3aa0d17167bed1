#include "bot/domain/case_json.hpp"

#include <gtest/gtest.h>

#include "bot/base/json.hpp"

namespace vedette {
namespace {

TEST(CaseJson, says_until_when_a_case_is_snoozed_and_by_whom) {
  Case record;
  record.id = CaseId(12);
  auto awake = Json::parse(to_json(record));
  ASSERT_TRUE(awake);
  EXPECT_FALSE((*awake)["snooze"].is_object());
  record.snooze = Snooze{*parse_time("2026-11-25T09:00:00Z"), "ann", "the \"owner\""};
  auto quiet = Json::parse(to_json(record));
  ASSERT_TRUE(quiet);
  EXPECT_EQ(quiet->at("/snooze/until").string_or(""), "2026-11-25T09:00:00Z");
  EXPECT_EQ(quiet->at("/snooze/by").string_or(""), "ann");
  EXPECT_EQ(quiet->at("/snooze/reason").string_or(""), "the \"owner\"");
}

TEST(CaseJson, names_the_action_that_took_anothers_place) {
  Action action;
  action.id = ActionId(9);
  action.replaced_by = ActionId(10);
  auto json = Json::parse(to_json(action, CaseId(1)));
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["replaced_by"].string_or(""), "R-10");
}

}  // namespace
}  // namespace vedette
