#pragma once
// The grammar: cmd := verb [ref] {arg} {--flag[=value]}. Words are separated by blanks; "…" or '…' keeps blanks in a word,
// and within quotes \" and \\ stand for themselves. Typographic quotes and dashes, which phones put in, count as the plain
// ones. A text argument is the rest of the line as typed; flags come before it. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "commands/command.hpp"

namespace vedette::commands {

inline constexpr size_t kLongestCommand = 4000;  // bytes

struct Word {
  std::string text;
  size_t begin = 0;  // where it starts in the line
  bool quoted = false;
  bool closed = false;  // a quoted one that ends with its quote
};

// Never fails: a quote that is not closed reaches to the end of the line.
std::vector<Word> split_words(std::string_view line);

// The first word as a verb: lower case, without skin tones and emoji variants, ":+1:" as "+1". A leading "/soc" is passed
// over.
struct Line {
  std::string verb;
  std::string_view rest;  // after the verb, in the line given
};
Line split_verb(std::string_view line);

// Checks the rest of a line against the specification. invalid_input with a sentence that names what is missing or wrong.
Result<Arguments> parse_arguments(const Spec& spec, std::string_view rest, CaseId context);

}  // namespace vedette::commands
