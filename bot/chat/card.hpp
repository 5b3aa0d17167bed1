#pragma once
// The platform-neutral card. Text in it is plain: renderers escape it, nothing in it is markup, mentions or links.
// Renderers are total: any card renders on any platform within its limits; what does not fit is split, never cut silently.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bot/base/json.hpp"
#include "bot/base/result.hpp"
#include "bot/domain/severity.hpp"

namespace vedette::chat {

enum class Tone { neutral, good, warning, danger };

// A line of text with the evidence that carries it: "Password guessed from 203.0.113.7 [E1][E4]".
struct Line {
  std::string text;
  std::vector<int> evidence;
  bool strong = false;
};

struct Heading {
  std::string text;
  Tone tone = Tone::neutral;
};
struct Paragraph {
  std::vector<Line> lines;
  bool subtle = false;
};
struct Bullets {
  std::string title;  // may be empty
  std::vector<Line> items;
};
struct Facts {
  std::vector<std::pair<std::string, std::string>> rows;  // name, value
};
struct Chips {  // entities, techniques: short values side by side
  std::string title;
  std::vector<std::string> items;
};
enum class StepState { waiting, running, done, failed };
struct Steps {  // progress
  struct Step {
    std::string text;
    StepState state = StepState::waiting;
  };
  std::vector<Step> items;
};
struct Records {  // verbatim text in a fixed-width face: evidence records, a query
  std::string title;
  std::string text;
  bool folded = true;
};
struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
};
struct Divider {};
// A text too long for a message, as a file of its own in the conversation; where a platform has no files, folded text. A
// card has one of them at most, and beside it at most a heading.
struct File {
  std::string name;   // "C-12-evidence.txt"
  std::string title;  // one line for people
  std::string text;   // plain, UTF-8
};

// A button is a command of the grammar: pressing it is the same as typing it. `confirm` asks first.
struct Button {
  std::string label;
  std::string command;  // "ack C-12", "request R-3 --digest=ab12…"
  Tone tone = Tone::neutral;
  std::string confirm;  // a question; empty: no asking
};
struct Buttons {
  std::vector<Button> items;
};
struct Thumbs {  // 👍 👎, kept apart because platforms have elements of their own for it
  std::string good_command;
  std::string bad_command;
};

// What is wanted less often, folded behind one button ("More"). Shown beside the buttons it follows, where a platform can.
struct MenuItem {
  std::string label;
  std::string command;  // as a button's
};
struct Menu {
  std::string label;
  std::vector<MenuItem> items;
};

// A choice whose answer completes a command: chosen "C-12" after the command "show" is "show C-12" typed.
struct Select {
  enum class Kind {
    one,     // of the options
    person,  // anybody of the platform, where it lets one choose; else of the options
    time,    // a point in time
  };
  struct Option {
    std::string label;
    std::string value;
  };
  Kind kind = Kind::one;
  std::string label;    // "Show a case…"
  std::string command;  // what the answer is put behind
  std::vector<Option> options;
};

using Block = std::variant<Heading, Paragraph, Bullets, Facts, Chips, Steps, Records, Table, Divider, File, Buttons, Thumbs,
                           Menu, Select>;

struct Card {
  std::string summary;  // one plain line: the phone notification and what a screen reader says first
  Tone tone = Tone::neutral;
  std::vector<Block> blocks;
};

// The stored form; reading back what was written gives the same card. Text that is not valid UTF-8 is mended on writing.
std::string to_json(const Card& card);
Result<Card> card_from_json(std::string_view json);

// One plain line for a notification, never empty: the card's summary, else its first words.
std::string summary(const Card& card);
// The whole card as plain lines, for terminals, logs of tests and platforms without blocks. Folded records are left out.
std::string plain_text(const Card& card);
// "[E1][E4]"; empty for no evidence.
std::string evidence_marks(const std::vector<int>& evidence);

}  // namespace vedette::chat
