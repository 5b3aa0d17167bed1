#include "commands/parser.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/text.hpp"

namespace vedette::commands {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

// Longest first where one begins like another.
struct Quote {
  std::string_view open;
  std::vector<std::string_view> close;
};
const std::vector<Quote>& quotes() {
  static const std::vector<Quote> all = {{"\"", {"\"", "”", "“"}}, {"'", {"'", "’"}}, {"“", {"”", "“", "\""}},
                                         {"„", {"“", "”", "\""}},  {"‘", {"’", "'"}}, {"«", {"»"}}};
  return all;
}

const Quote* quote_at(std::string_view text) {
  const auto found =
      std::find_if(quotes().begin(), quotes().end(), [&](const Quote& q) { return text.starts_with(q.open); });
  return found == quotes().end() ? nullptr : &*found;
}

// Reads a quoted word that starts at `at` (on its opening quote); moves `at` behind it.
Word read_quoted(std::string_view line, size_t& at, const Quote& quote) {
  Word word;
  word.begin = at;
  word.quoted = true;
  at += quote.open.size();
  while (at < line.size()) {
    const auto rest = line.substr(at);
    if (rest.size() > 1 && rest[0] == '\\' && (rest[1] == '"' || rest[1] == '\\')) {
      word.text += rest[1];
      at += 2;
      continue;
    }
    const auto close = std::find_if(quote.close.begin(), quote.close.end(), [&](auto c) { return rest.starts_with(c); });
    if (close != quote.close.end()) {
      at += close->size();
      word.closed = true;
      return word;
    }
    word.text += line[at++];
  }
  return word;
}

Word read_bare(std::string_view line, size_t& at) {
  Word word;
  word.begin = at;
  while (at < line.size() && !is_blank(line[at])) {
    // --reason="two words": the quote may start after the equals sign.
    const bool after_equals = !word.text.empty() && word.text.back() == '=' && word.text.starts_with("-");
    if (const auto* quote = after_equals ? quote_at(line.substr(at)) : nullptr) {
      word.text += read_quoted(line, at, *quote).text;
      continue;
    }
    word.text += line[at++];
  }
  // Phones turn "--" into a long dash.
  for (const std::string_view dash : {"—", "–"}) {
    if (word.text.starts_with(dash)) word.text = "--" + word.text.substr(dash.size());
  }
  return word;
}

bool is_flag(const Word& word) { return !word.quoted && word.text.size() > 2 && word.text.starts_with("--"); }

// What is wrong with a value, or nothing.
std::optional<std::string> complaint(FlagKind kind, std::string_view value) {
  switch (kind) {
    case FlagKind::severity:
      if (severity_from(value)) return std::nullopt;
      return "wants a severity: low, medium, high or critical";
    case FlagKind::duration:
      if (parse_duration(value)) return std::nullopt;
      return "wants a time span: 30m, 4h or 2d";
    case FlagKind::text: return std::nullopt;
    case FlagKind::digest:
      if (value.size() == 64 && value.find_first_not_of("0123456789abcdef") == std::string_view::npos) return std::nullopt;
      return "wants the 64 hexadecimal digits of the plan";
  }
  return std::nullopt;
}

class Reader {
 public:
  Reader(const Spec& spec, std::string_view rest, CaseId context)
      : spec_(spec), rest_(rest), context_(context), words_(split_words(rest)) {}

  Result<Arguments> read() {
    for (size_t i = 0; i < spec_.arguments.size(); ++i) {
      TRY_VOID(read_flags());
      const bool text_next = i + 1 < spec_.arguments.size() && spec_.arguments[i + 1].kind == ArgumentKind::text;
      TRY_VOID(read_argument(spec_.arguments[i], text_next));
    }
    TRY_VOID(read_flags());
    if (next_ < words_.size()) {
      return wrong(
          fmt::format("I don't know what to do with '{}'.", text::ellipsize(text::displayable(words_[next_].text), 60)));
    }
    return std::move(arguments_);
  }

 private:
  Error wrong(std::string sentence) const {
    return {Code::invalid_input, fmt::format("{} It goes: {}", sentence, spec_.usage)};
  }

  Status read_flags() {
    while (next_ < words_.size() && is_flag(words_[next_])) {
      const std::string given = words_[next_++].text.substr(2);
      const size_t equals = given.find('=');
      const std::string name = text::lower(given.substr(0, equals));
      const auto flag =
          std::find_if(spec_.flags.begin(), spec_.flags.end(), [&](const FlagSpec& f) { return f.name == name; });
      if (flag == spec_.flags.end()) {
        return wrong(fmt::format("'{}' has no --{}.", spec_.name, text::ellipsize(text::displayable(name), 40)));
      }
      std::string value = equals == std::string::npos ? "" : given.substr(equals + 1);
      if (equals == std::string::npos && next_ < words_.size()) value = words_[next_++].text;
      if (const auto why = complaint(flag->kind, value)) return wrong(fmt::format("--{} {}.", name, *why));
      arguments_.flags[name] = value;
    }
    return {};
  }

  Status read_argument(const ArgumentSpec& argument, bool text_next) {
    if (argument.kind == ArgumentKind::text) return read_text(argument);
    const Word* word = next_ < words_.size() ? &words_[next_] : nullptr;
    if (argument.kind == ArgumentKind::case_ref) return read_reference(word, argument, text_next);
    if (word == nullptr) return argument.required ? missing(argument) : Status();
    TRY(const bool taken, take(argument, *word));
    if (taken) {
      ++next_;
    } else if (argument.required) {
      return wrong(
          fmt::format("'{}' is not {}.", text::ellipsize(text::displayable(word->text), 60), what_is_wanted(argument)));
    }
    return {};
  }

  // False when the word is something else.
  Result<bool> take(const ArgumentSpec& argument, const Word& word) {
    const std::string name(argument.name);
    switch (argument.kind) {
      case ArgumentKind::action: {
        const auto id = parse_id<ActionId>(word.text);
        if (id) arguments_.action = *id;
        return id.has_value();
      }
      case ArgumentKind::evidence: {
        const auto number = parse_numbered('E', word.text);
        if (!number || *number > 9999) return false;
        arguments_.evidence = static_cast<int>(*number);
        return true;
      }
      case ArgumentKind::number: {
        const auto number = text::parse_integer(word.text);
        if (!number || *number < 1 || *number > 9999) return false;
        arguments_.number = static_cast<int>(*number);
        return true;
      }
      case ArgumentKind::choice: {
        const std::string lower = text::lower(word.text);
        if (std::find(argument.choices.begin(), argument.choices.end(), lower) == argument.choices.end()) return false;
        arguments_.words[name] = lower;
        return true;
      }
      case ArgumentKind::person:
      case ArgumentKind::word: arguments_.words[name] = word.text; return true;
      case ArgumentKind::case_ref:
      case ArgumentKind::text: break;
    }
    return false;
  }

  Status read_reference(const Word* word, const ArgumentSpec& argument, bool text_next) {
    if (word != nullptr && !word->quoted) {
      if (const auto id = parse_id<CaseId>(word->text)) {
        arguments_.reference.case_id = *id;
      } else if (const auto alert = parse_id<AlertId>(word->text)) {
        arguments_.reference.alert_id = *alert;
      } else if (!text_next && text::iequals(word->text, "this")) {
        // Before free text, "this" is a word like any other: "note this is odd".
        if (!context_) return wrong("'this' means the case of a thread, and this is not one. Name the case, as in C-12.");
        arguments_.reference.case_id = context_;
      }
      if (arguments_.reference) {
        ++next_;
        return {};
      }
    }
    arguments_.reference.case_id = context_;
    if (!context_ && argument.required) return wrong("Which case? Name it, as in C-12, or say it in the case's thread.");
    return {};
  }

  Status read_text(const ArgumentSpec& argument) {
    if (next_ >= words_.size()) return argument.required ? missing(argument) : Status();
    std::string content(text::trim(rest_.substr(words_[next_].begin)));
    // Quotes around all of it are the grammar's, not the text's.
    if (next_ + 1 == words_.size() && words_[next_].closed) content = std::string(text::trim(words_[next_].text));
    next_ = words_.size();
    if (content.empty()) return argument.required ? missing(argument) : Status();
    arguments_.words[std::string(argument.name)] = std::move(content);
    return {};
  }

  static std::string what_is_wanted(const ArgumentSpec& argument) {
    switch (argument.kind) {
      case ArgumentKind::action: return "an action, as in R-9";
      case ArgumentKind::evidence: return "a piece of evidence, as in E4";
      case ArgumentKind::number: return "a number from 1 on";
      case ArgumentKind::choice: return "one of " + text::join({argument.choices.begin(), argument.choices.end()}, ", ");
      case ArgumentKind::person: return "a person, as in @ann";
      case ArgumentKind::case_ref: return "a case, as in C-12";
      case ArgumentKind::word:
      case ArgumentKind::text: break;
    }
    return "a " + std::string(argument.name);
  }

  Status missing(const ArgumentSpec& argument) const {
    if (argument.kind == ArgumentKind::text) return wrong(fmt::format("A {} is missing.", argument.name));
    return wrong(fmt::format("Something is missing: {}.", what_is_wanted(argument)));
  }

  const Spec& spec_;
  std::string_view rest_;
  CaseId context_;
  std::vector<Word> words_;
  size_t next_ = 0;
  Arguments arguments_;
};

// 👍🏽 and 👍︎ are 👍; Slack writes :+1::skin-tone-4:.
std::string plain_verb(std::string verb) {
  verb = text::lower(verb);
  for (const std::string_view mark :
       {"\U0001F3FB", "\U0001F3FC", "\U0001F3FD", "\U0001F3FE", "\U0001F3FF", "\uFE0E", "\uFE0F"}) {
    verb = text::replace_all(std::move(verb), mark, "");
  }
  if (const size_t tone = verb.find("::skin-tone-"); tone != std::string::npos) verb = verb.substr(0, tone + 1);
  if (verb.size() > 2 && verb.front() == ':' && verb.back() == ':') verb = verb.substr(1, verb.size() - 2);
  return verb;
}

}  // namespace

std::string Arguments::word(std::string_view name) const {
  const auto found = words.find(name);
  return found == words.end() ? std::string() : found->second;
}

std::string Arguments::flag(std::string_view name) const {
  const auto found = flags.find(name);
  return found == flags.end() ? std::string() : found->second;
}

std::optional<Severity> Arguments::severity(std::string_view name) const { return severity_from(flag(name)); }

std::optional<std::chrono::seconds> Arguments::duration(std::string_view name) const { return parse_duration(flag(name)); }

std::vector<Word> split_words(std::string_view line) {
  std::vector<Word> words;
  size_t at = 0;
  while (true) {
    while (at < line.size() && is_blank(line[at])) ++at;
    if (at >= line.size()) return words;
    const auto* quote = quote_at(line.substr(at));
    words.push_back(quote != nullptr ? read_quoted(line, at, *quote) : read_bare(line, at));
  }
}

Line split_verb(std::string_view line) {
  for (bool first = true;; first = false) {
    line = text::trim(line);
    const size_t end = std::min(line.find_first_of(" \t\r\n\f\v"), line.size());
    Line split{plain_verb(std::string(line.substr(0, end))), line.substr(end)};
    if (!first || (split.verb != "/soc" && split.verb != "soc")) return split;
    line = split.rest;
  }
}

Result<Arguments> parse_arguments(const Spec& spec, std::string_view rest, CaseId context) {
  return Reader(spec, rest, context).read();
}

}  // namespace vedette::commands
