// The stored forms: what is read back is what was written.

#include <random>

#include <gtest/gtest.h>

#include "bot/base/text.hpp"
#include "bot/chat/card.hpp"
#include "bot/chat/interaction.hpp"

namespace vedette::chat {
namespace {

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  size_t below(size_t limit) { return engine_() % limit; }
  bool coin() { return below(2) == 0; }
  std::string text() {
    static const std::vector<std::string> kPieces = {"a",  "Z9",   " ",   "\"", "\\",   "\n", "\t",          "é",
                                                     "🔴", "[E1]", "<b>", "&",  "\x01", "{}", "\xE2\x80\xAE"};
    std::string out;
    for (size_t i = below(12); i > 0; --i) out += kPieces[below(kPieces.size())];
    return out;
  }
  std::vector<std::string> texts() {
    std::vector<std::string> out(below(5));
    for (auto& item : out) item = text();
    return out;
  }
  std::vector<Line> lines() {
    std::vector<Line> out(below(4));
    for (auto& line : out) {
      line = {text(), {}, coin()};
      for (size_t i = below(3); i > 0; --i) line.evidence.push_back(static_cast<int>(below(40)));
    }
    return out;
  }
  Tone tone() { return static_cast<Tone>(below(4)); }
  Block block() {
    switch (below(14)) {
      case 0: return Heading{text(), tone()};
      case 1: return Paragraph{lines(), coin()};
      case 2: return Bullets{text(), lines()};
      case 3: {
        Facts facts;
        for (auto& name : texts()) facts.rows.emplace_back(name, text());
        return facts;
      }
      case 4: return Chips{text(), texts()};
      case 5: {
        Steps steps;
        for (auto& name : texts()) steps.items.push_back({name, static_cast<StepState>(below(4))});
        return steps;
      }
      case 6: return Records{text(), text(), coin()};
      case 7: return Table{texts(), {texts(), texts()}};
      case 8: return Divider{};
      case 9: return Buttons{{{text(), text(), tone(), text()}, {text(), text(), tone(), ""}}};
      case 10: return Menu{text(), {{text(), text()}, {text(), ""}}};
      case 11: return Select{static_cast<Select::Kind>(below(3)), text(), text(), {{text(), text()}}};
      case 12: return File{text(), text(), text()};
      default: return Thumbs{text(), text()};
    }
  }
  Card card() {
    Card out;
    out.summary = text();
    out.tone = tone();
    for (size_t i = below(8); i > 0; --i) out.blocks.push_back(block());
    return out;
  }

 private:
  std::mt19937_64 engine_;
};

TEST(CardWire, any_card_reads_back_the_same) {
  Random random(20261124);
  for (int i = 0; i < 2000; ++i) {
    const Card card = random.card();
    const std::string written = to_json(card);
    const auto read = card_from_json(written);
    ASSERT_TRUE(read) << written << "\n" << read.error().message;
    ASSERT_EQ(read->blocks.size(), card.blocks.size());
    for (size_t b = 0; b < card.blocks.size(); ++b) ASSERT_EQ(read->blocks[b].index(), card.blocks[b].index());
    ASSERT_EQ(to_json(*read), written);
    ASSERT_EQ(plain_text(*read), plain_text(card));
  }
}

TEST(CardWire, keeps_every_member) {
  Card card;
  card.summary = "s";
  card.tone = Tone::danger;
  card.blocks = {Paragraph{{{"line", {4, 1}, true}}, true}, Records{"title", "a\nb", false},
                 Buttons{{{"Ack", "ack C-1", Tone::good, "sure?"}}}, Thumbs{"good C-1", "bad C-1"}};
  const auto read = card_from_json(to_json(card));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->tone, Tone::danger);
  const auto& paragraph = std::get<Paragraph>(read->blocks[0]);
  EXPECT_TRUE(paragraph.subtle);
  EXPECT_EQ(paragraph.lines[0].evidence, (std::vector<int>{4, 1}));
  EXPECT_TRUE(paragraph.lines[0].strong);
  EXPECT_FALSE(std::get<Records>(read->blocks[1]).folded);
  const auto& button = std::get<Buttons>(read->blocks[2]).items[0];
  EXPECT_EQ(button.command, "ack C-1");
  EXPECT_EQ(button.tone, Tone::good);
  EXPECT_EQ(button.confirm, "sure?");
  EXPECT_EQ(std::get<Thumbs>(read->blocks[3]).bad_command, "bad C-1");
}

TEST(CardWire, refuses_what_is_no_card) {
  for (const auto* bytes :
       {"", "null", "[]", "{}", R"({"blocks":{}})", R"({"blocks":[{"type":"iframe"}]})", R"({"blocks":[1]})"}) {
    EXPECT_FALSE(card_from_json(bytes)) << bytes;
  }
}

TEST(CardWire, mends_broken_utf8) {
  Card card;
  card.summary = "a\xFF";
  const auto read = card_from_json(to_json(card));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->summary, "a\xEF\xBF\xBD");
}

TEST(CardText, summary_is_never_empty_and_one_line) {
  Card card;
  EXPECT_FALSE(summary(card).empty());
  card.blocks = {Divider{}, Heading{"Hello"}};
  card.summary = " two\nlines ";
  EXPECT_EQ(summary(card), "two lines");
}

TEST(InteractionWire, any_interaction_reads_back_the_same) {
  Random random(7);
  for (int i = 0; i < 500; ++i) {
    Interaction in;
    in.key = random.text();
    in.who = Identity(random.text(), random.text(), random.text());
    in.channel = random.text();
    in.thread_ref = random.text();
    in.text = random.text();
    in.button = random.coin();
    in.reply_url = random.text();
    in.about_ref = random.text();
    if (!in.about_ref.empty()) in.about_time = from_micros(1'583'636'382'000'000);
    const auto out = interaction_from_json(to_json(in));
    ASSERT_TRUE(out);
    EXPECT_EQ(out->key, in.key);
    EXPECT_EQ(out->who, in.who);
    EXPECT_EQ(out->channel, in.channel);
    EXPECT_EQ(out->thread_ref, in.thread_ref);
    EXPECT_EQ(out->text, in.text);
    EXPECT_EQ(out->button, in.button);
    EXPECT_EQ(out->reply_url, in.reply_url);
    EXPECT_EQ(out->about_ref, in.about_ref);
    EXPECT_EQ(out->about_time, in.about_time);
  }
  EXPECT_FALSE(interaction_from_json("{}"));
  EXPECT_FALSE(interaction_from_json("x"));
}

}  // namespace
}  // namespace vedette::chat
