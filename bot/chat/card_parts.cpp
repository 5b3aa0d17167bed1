#include "bot/chat/card_parts.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/chat/case_words.hpp"

namespace vedette::chat {
namespace {

// A piece of a card that is not cut any further.
struct Unit {
  Block block;
  bool goes_on = false;  // of the same block of the card as the unit before it
};

// Where the first `characters` code points of UTF-8 text end.
size_t end_of(std::string_view text, size_t characters) {
  for (size_t at = 0; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
    if (begins && characters-- == 0) return at;
  }
  return text.size();
}

std::vector<std::string> cut(std::string_view text) {
  std::vector<std::string> pieces;
  do {
    const size_t end = end_of(text, kLongestLine);
    pieces.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  } while (!text.empty());
  return pieces;
}

class Cutter {
 public:
  std::vector<Unit> units(const Card& card) {
    for (const auto& block : card.blocks) {
      first_ = true;
      std::visit([this](const auto& one) { add(one); }, block);
    }
    return std::move(units_);
  }

 private:
  void put(Block block) {
    units_.push_back({std::move(block), !first_});
    first_ = false;
  }

  // The evidence stands behind the last piece of a line.
  static std::vector<Line> lines_of(const Line& line) {
    std::vector<Line> lines;
    for (auto& piece : cut(line.text)) lines.push_back({std::move(piece), {}, line.strong});
    lines.back().evidence = line.evidence;
    return lines;
  }

  void add(const Paragraph& block) {
    for (const auto& line : block.lines) {
      for (auto& piece : lines_of(line)) put(Paragraph{{std::move(piece)}, block.subtle});
    }
  }
  void add(const Bullets& block) {
    for (const auto& item : block.items) {
      for (auto& piece : lines_of(item)) put(Bullets{block.title, {std::move(piece)}});
    }
  }
  void add(const Facts& block) {
    for (const auto& [name, value] : block.rows) {
      for (auto& piece : cut(value)) put(Facts{{{name, std::move(piece)}}});
    }
  }
  void add(const Chips& block) {
    for (const auto& item : block.items) {
      for (auto& piece : cut(item)) put(Chips{block.title, {std::move(piece)}});
    }
  }
  void add(const Steps& block) {
    for (const auto& step : block.items) put(Steps{{step}});
  }
  void add(const Records& block) {
    for (const auto& line : text::split(block.text, '\n')) {
      for (auto& piece : cut(line)) put(Records{block.title, std::move(piece), block.folded});
    }
  }
  void add(const Table& block) {
    for (const auto& row : block.rows) {
      size_t characters = 0;
      for (const auto& cell : row) characters += text::characters(cell);
      if (characters <= kLongestLine) {
        put(Table{block.header, {row}});
      } else {
        cells(block.header, row);
      }
    }
  }
  void add(const Heading& block) {
    auto pieces = cut(block.text);
    put(Heading{pieces.front(), block.tone});
    for (size_t at = 1; at < pieces.size(); ++at) add(Paragraph{{{pieces[at], {}, true}}, false});
  }
  void add(const File& block) { add(Records{block.title, block.text, true}); }

  // A row too long for one line: cell by cell.
  void cells(const std::vector<std::string>& header, const std::vector<std::string>& row) {
    for (size_t at = 0; at < row.size(); ++at) add(Facts{{{at < header.size() ? header[at] : std::string(), row[at]}}});
  }
  template <class Whole>
  void add(const Whole& block) {
    put(block);
  }

  std::vector<Unit> units_;
  bool first_ = true;
};

template <class T>
void append(std::vector<T>& to, std::vector<T>& from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

// Puts a piece back behind the one it was cut from.
struct Joining {
  Block& into;
  void operator()(Paragraph& more) { append(std::get<Paragraph>(into).lines, more.lines); }
  void operator()(Bullets& more) { append(std::get<Bullets>(into).items, more.items); }
  void operator()(Facts& more) { append(std::get<Facts>(into).rows, more.rows); }
  void operator()(Chips& more) { append(std::get<Chips>(into).items, more.items); }
  void operator()(Steps& more) { append(std::get<Steps>(into).items, more.items); }
  void operator()(Records& more) { std::get<Records>(into).text += "\n" + more.text; }
  void operator()(Table& more) { append(std::get<Table>(into).rows, more.rows); }
  template <class Whole>
  void operator()(Whole&) {}
};

void mark_as_going_on(Block& block) {
  const auto mark = [](std::string& title) {
    if (!title.empty()) title += " (continued)";
  };
  if (auto* bullets = std::get_if<Bullets>(&block)) mark(bullets->title);
  if (auto* records = std::get_if<Records>(&block)) mark(records->title);
  if (auto* chips = std::get_if<Chips>(&block)) mark(chips->title);
}

Card built(const Card& whole, const std::vector<Unit>& units, size_t from, size_t to) {
  Card part;
  part.summary = whole.summary;
  part.tone = whole.tone;
  for (size_t at = from; at < to; ++at) {
    Block block = units[at].block;
    if (units[at].goes_on && at > from && part.blocks.back().index() == block.index()) {
      std::visit(Joining{part.blocks.back()}, block);
      continue;
    }
    if (units[at].goes_on && at == from) mark_as_going_on(block);
    part.blocks.push_back(std::move(block));
  }
  return part;
}

void say_what_is_missing(Card& part, size_t missing) {
  part.blocks.push_back(Paragraph{{{fmt::format("… and {} more lines, too many for chat. The console shows all of them.",
                                                thousands(static_cast<int64_t>(missing))),
                                    {},
                                    false}},
                                  true});
}

}  // namespace

std::vector<Card> parts_of(const Card& card, const std::function<bool(const Card&)>& fits, size_t most) {
  std::vector<Card> parts;
  if (fits(card)) {
    parts.push_back(card);
    return parts;
  }
  const auto units = Cutter().units(card);
  if (units.empty()) parts.push_back(card);  // nothing in it can be cut
  for (size_t from = 0; from < units.size();) {
    const bool last = parts.size() + 1 == most;
    const auto part_to = [&](size_t to) {
      Card part = built(card, units, from, to);
      if (last && to < units.size()) say_what_is_missing(part, units.size() - to);
      return part;
    };
    // The longest run of units that fits; one always goes, or there would be no end.
    // Found by steps that double, then by halves: a long card is not drawn whole for each of its parts.
    size_t good = from + 1;
    size_t step = 1;
    while (good + step <= units.size() && fits(part_to(good + step))) {
      good += step;
      step *= 2;
    }
    size_t bad = std::min(good + step, units.size() + 1);
    while (bad - good > 1) {
      const size_t middle = good + (bad - good) / 2;
      (fits(part_to(middle)) ? good : bad) = middle;
    }
    parts.push_back(part_to(good));
    from = last ? units.size() : good;
  }
  return parts;
}

}  // namespace vedette::chat
