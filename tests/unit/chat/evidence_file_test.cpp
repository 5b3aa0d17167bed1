// Which evidence becomes a file, and what stands in it.

#include <gtest/gtest.h>

#include "bot/chat/case_cards.hpp"
#include "bot/store/outbox_store.hpp"
#include "tests/support/case_fixtures.hpp"
#include "tests/support/files.hpp"

namespace vedette::chat {
namespace {

// The malicious case with more behind its first evidence than a card shows.
CaseView long_case(size_t records = 19, size_t bytes = 300) {
  CaseView view = test::malicious_case();
  auto& evidence = view.evidence.front();
  evidence.total = 4120;
  evidence.records.clear();
  for (size_t n = 0; n < records; ++n) {
    evidence.records.push_back("{\"n\":" + std::to_string(n) + ",\"m\":\"" + std::string(bytes, 'r') + "\"}");
  }
  return view;
}

File file_of(const CaseView& view) {
  const auto card = evidence_file(view);
  if (!card) {
    ADD_FAILURE() << "no file";
    return {};
  }
  return std::get<File>(card->blocks.at(1));
}

TEST(EvidenceFile, holds_all_that_the_cards_leave_out) {
  const File file = file_of(long_case());
  EXPECT_EQ(file.name, "C-123-evidence.txt");
  EXPECT_EQ(file.title, "Evidence of C-123 in full: E1");
  for (int n = 0; n < 19; ++n) EXPECT_NE(file.text.find("{\"n\":" + std::to_string(n) + ","), std::string::npos) << n;
  EXPECT_NE(file.text.find("The 19 kept of 4,120 records:"), std::string::npos) << file.text;
  EXPECT_EQ(file.text.find("E2 · "), std::string::npos) << "what the card shows whole is not repeated";
  test::expect_golden("cards/evidence_file.txt", file_of(long_case(14, 120)).text);
}

TEST(EvidenceFile, is_there_only_where_something_is_left_out) {
  EXPECT_FALSE(evidence_file(test::malicious_case()).has_value());
  EXPECT_FALSE(evidence_file(test::investigating_case()).has_value());
  auto query = test::malicious_case();
  query.evidence.front().query = std::string(401, 'q');
  EXPECT_NE(file_of(query).text.find(std::string(401, 'q')), std::string::npos);
  auto wide = test::malicious_case();
  wide.evidence.front().records = {"{\"m\":\"" + std::string(1600, 'w') + "\"}"};
  EXPECT_NE(file_of(wide).text.find(std::string(1600, 'w')), std::string::npos);
}

TEST(EvidenceFile, none_for_what_is_harmless_or_not_cited) {
  auto benign = long_case();
  benign.record.verdict->label = Label::benign;
  EXPECT_FALSE(evidence_file(benign).has_value());
  auto uncited = long_case();
  for (auto& claim : uncited.record.verdict->claims) std::erase(claim.evidence, 1);
  EXPECT_FALSE(evidence_file(uncited).has_value());
}

TEST(EvidenceFile, is_bounded_and_its_last_line_says_where_the_rest_is) {
  const File file = file_of(long_case(19, 100'000));
  EXPECT_LE(file.text.size(), (512u << 10) + 200u);
  EXPECT_TRUE(file.text.ends_with("bytes are on the page of C-123 in the console.)\n"))
      << file.text.substr(file.text.size() - 200);
  const auto read_back = card_from_json(to_json(*evidence_file(long_case(19, 100'000))));
  ASSERT_TRUE(read_back.has_value()) << read_back.error().message;
  auto one_line = long_case(1, 900'000);
  EXPECT_LE(file_of(one_line).text.size(), (512u << 10) + 200u);
}

TEST(EvidenceFile, stands_in_the_thread_after_the_evidence) {
  Route route;
  route.platform = "slack";
  route.channel = "C1";
  const auto messages = case_messages(long_case(), route);
  std::vector<std::string> slots;
  for (const auto& message : messages) slots.push_back(message.slot);
  const auto at = std::find(slots.begin(), slots.end(), "case/123/file");
  ASSERT_NE(at, slots.end());
  EXPECT_EQ(*std::prev(at), "case/123/evidence");
  EXPECT_EQ(messages[static_cast<size_t>(at - slots.begin())].thread_of, "case/123/root");
  for (const auto& message : case_messages(test::malicious_case(), route)) EXPECT_NE(message.slot, "case/123/file");
}

}  // namespace
}  // namespace vedette::chat
