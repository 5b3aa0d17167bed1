// Long cards in several messages: nothing is lost, everything fits, and a reader sees where it goes on.

#include "bot/chat/card_parts.hpp"

#include <gtest/gtest.h>

#include "bot/base/text.hpp"

namespace vedette::chat {
namespace {

constexpr size_t kRoom = 1100;

bool fits(const Card& card) { return plain_text(card).size() <= kRoom; }

Line numbered(int number) { return {"line number " + std::to_string(number) + ";", {number}, false}; }

Card long_card() {
  Card card;
  card.summary = "A long answer";
  Paragraph paragraph;
  Bullets bullets;
  bullets.title = "Claims";
  Records records;
  records.title = "Record";
  records.folded = false;
  Table table;
  table.header = {"name", "value"};
  Facts facts;
  for (int number = 0; number < 40; ++number) {
    paragraph.lines.push_back(numbered(number));
    bullets.items.push_back(numbered(100 + number));
    records.text += (number == 0 ? "" : "\n") + std::string("row ") + std::to_string(number);
    table.rows.push_back({"cell " + std::to_string(number), "v"});
    facts.rows.emplace_back("fact " + std::to_string(number), "v");
  }
  card.blocks = {Heading{"Top", {}}, paragraph, bullets, records, table, facts, Buttons{{{"Ack", "ack C-1", {}, ""}}}};
  return card;
}

TEST(CardParts, a_card_that_fits_stays_as_it_is) {
  const Card card = [] {
    Card short_one;
    short_one.summary = "Short";
    short_one.blocks = {Paragraph{{numbered(1)}, false}};
    return short_one;
  }();
  const auto parts = parts_of(card, fits, 5);
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(to_json(parts[0]), to_json(card));
}

TEST(CardParts, together_they_say_everything_in_order) {
  const auto parts = parts_of(long_card(), fits, 9);
  ASSERT_GT(parts.size(), 1u);
  std::string all;
  for (const auto& part : parts) {
    EXPECT_TRUE(fits(part)) << plain_text(part).size();
    all += plain_text(part);
  }
  size_t at = 0;
  const auto next = [&](const std::string& words) {
    const size_t found = all.find(words, at);
    EXPECT_NE(found, std::string::npos) << words;
    if (found != std::string::npos) at = found;
  };
  for (int number = 0; number < 40; ++number) next("line number " + std::to_string(number) + ";");
  for (int number = 0; number < 40; ++number)
    next("line number " + std::to_string(100 + number) + "; [E" + std::to_string(100 + number) + "]");
  for (int number = 0; number < 40; ++number) next("row " + std::to_string(number));
  for (int number = 0; number < 40; ++number) next("cell " + std::to_string(number));
  for (int number = 0; number < 40; ++number) next("fact " + std::to_string(number));
  next("[Ack]");
  EXPECT_NE(all.find("Claims (continued)"), std::string::npos);
}

TEST(CardParts, one_endless_line_is_cut_between_characters) {
  Card card;
  card.summary = "Endless";
  std::string endless;
  for (int at = 0; at < 4000; ++at) endless += "é";
  card.blocks = {Paragraph{{{endless, {7}, false}}, false}};
  const auto parts = parts_of(card, [](const Card& part) { return plain_text(part).size() <= 2 * kLongestLine + 10; }, 9);
  std::string all;
  for (const auto& part : parts) {
    for (const auto& block : part.blocks) {
      for (const auto& line : std::get<Paragraph>(block).lines) {
        EXPECT_TRUE(text::valid_utf8(line.text));
        all += line.text;
      }
    }
  }
  EXPECT_EQ(all, endless);
  EXPECT_EQ(std::get<Paragraph>(parts.back().blocks.back()).lines.back().evidence, std::vector<int>{7});
}

TEST(CardParts, what_is_too_much_is_said) {
  const auto parts = parts_of(long_card(), fits, 2);
  ASSERT_EQ(parts.size(), 2u);
  const std::string all = plain_text(parts[0]) + plain_text(parts[1]);
  size_t shown = 0;
  for (const char* word : {"line number", "row ", "cell ", "fact "}) {
    for (size_t at = all.find(word); at != std::string::npos; at = all.find(word, at + 1)) ++shown;
  }
  const size_t missing = 200 - shown + 1;  // and the buttons
  EXPECT_NE(all.find("… and " + std::to_string(missing) + " more lines, too many for chat. The console shows all of them."),
            std::string::npos)
      << missing << " " << all.substr(all.size() - 200);
  EXPECT_TRUE(fits(parts[1]));
}

TEST(CardParts, there_is_always_one) {
  Card empty;
  empty.summary = std::string(5000, 's');
  empty.blocks = {Paragraph{}, Bullets{"", {}}, Table{{"name"}, {}}, Facts{}};
  const auto parts = parts_of(empty, [](const Card&) { return false; }, 5);
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(to_json(parts[0]), to_json(empty));
}

TEST(CardParts, long_headings_cells_and_files_are_cut_too) {
  Card card;
  card.summary = "Odd";
  std::string rows;
  for (int number = 0; number < 300; ++number) rows += "file row " + std::to_string(number) + "\n";
  File file;
  file.name = "f.txt";
  file.title = "File";
  file.text = rows;
  card.blocks = {Heading{std::string(4000, 'h'), {}}, Table{{"a", "b"}, {{std::string(4000, 'c'), "end of row"}}}, file};
  size_t headings = 0;
  size_t cells = 0;
  std::string all;
  for (const auto& part : parts_of(card, [](const Card& one) { return to_json(one).size() < 6000; }, 50)) {
    EXPECT_LT(to_json(part).size(), 6000u);
    const std::string json = to_json(part);
    headings += static_cast<size_t>(std::count(json.begin(), json.end(), 'h'));
    cells += static_cast<size_t>(std::count(json.begin(), json.end(), 'c'));
    all += json;
  }
  EXPECT_GE(headings, 4000u);
  EXPECT_GE(cells, 4000u);
  EXPECT_NE(all.find("end of row"), std::string::npos);
  for (int number = 0; number < 300; ++number) {
    EXPECT_NE(all.find("file row " + std::to_string(number)), std::string::npos) << number;
  }
}

}  // namespace
}  // namespace vedette::chat
