#include "commands/snooze_time.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "commands/parser.hpp"

namespace vedette::commands {
namespace {

using std::chrono::days;

constexpr std::string_view kMorning = "09:00";

std::string day_of(Time time) { return to_rfc3339(time).substr(0, 10); }

bool is_clock_time(std::string_view word) {
  return word.size() >= 4 && word[0] >= '0' && word[0] <= '9' && word.substr(0, 3).find(':') != std::string_view::npos;
}

// "09:00", "9:00Z", "09:00+01:00" → with two digits for the hour.
std::string padded(std::string_view word) { return (word.find(':') == 1 ? "0" : "") + std::string(word); }

struct Read {
  Time time;
  size_t words = 0;  // that it took
};

std::optional<Time> at_clock_time(const std::string& day, std::string_view clock_time, std::string_view zone) {
  std::string text = day + "T" + padded(clock_time);
  if (text::iequals(zone, "utc") || text::iequals(zone, "z") || text::iequals(zone, "gmt")) text += "Z";
  if (zone.starts_with('+') || zone.starts_with('-')) text += std::string(zone);
  return parse_time(text);
}

bool is_zone(std::string_view word) {
  const bool offset = word.size() >= 5 && (word[0] == '+' || word[0] == '-') && word[1] >= '0' && word[1] <= '9';
  return offset || text::iequals(word, "utc") || text::iequals(word, "z") || text::iequals(word, "gmt");
}

std::optional<Read> read_time(const std::vector<Word>& words, size_t from, Time now) {
  const auto word = [&](size_t at) { return at < words.size() && !words[at].quoted ? words[at].text : std::string(); };
  const std::string first = word(from);
  Read read;
  std::string day = first;
  bool next_one = false;
  if (is_clock_time(first)) {
    day = day_of(now);
    next_one = true;
  } else {
    read.words = 1;
    if (text::iequals(first, "tomorrow")) day = day_of(now + days(1));
    if (first.size() > 10 && !text::iequals(first, "tomorrow")) {  // all of it in one word
      const auto whole = parse_time(first);
      if (!whole) return std::nullopt;
      read.time = *whole;
      return read;
    }
  }
  std::string clock_time(kMorning);
  if (is_clock_time(word(from + read.words))) clock_time = word(from + read.words++);
  std::string zone;
  if (is_zone(word(from + read.words))) zone = word(from + read.words++);
  const auto time = at_clock_time(day, clock_time, zone);
  if (!time) return std::nullopt;
  read.time = next_one && *time <= now ? *time + days(1) : *time;
  return read;
}

// The rest of the line from this word on, without the grammar's quotes around all of it.
std::string rest_of(std::string_view line, const std::vector<Word>& words, size_t from) {
  if (from >= words.size()) return {};
  if (from + 1 == words.size() && words[from].closed) return std::string(text::trim(words[from].text));
  return std::string(text::trim(line.substr(words[from].begin)));
}

}  // namespace

Result<WantedSnooze> read_snooze(std::string_view given, Time now) {
  const auto words = split_words(given);
  size_t at = 0;
  if (at < words.size() && text::iequals(words[at].text, "this")) ++at;  // the case of the thread
  if (at >= words.size()) return Error(Code::invalid_input, "How long?");
  WantedSnooze wanted;
  if (text::iequals(words[at].text, "until")) {
    const auto read = read_time(words, at + 1, now);
    if (!read) return Error(Code::invalid_input, "I cannot read that time.");
    wanted.until = read->time;
    at += 1 + read->words;
  } else if (const auto length = parse_duration(words[at].text)) {
    // Nobody means years; and what is added to now must stay a time.
    if (*length > std::chrono::days(3650)) return Error(Code::invalid_input, "That is too long.");
    wanted.until = now + *length;
    ++at;
  } else {
    return Error(Code::invalid_input, fmt::format("'{}' is no time span, as in 4h, and no 'until'.",
                                                  text::ellipsize(text::displayable(words[at].text), 40)));
  }
  wanted.reason = rest_of(given, words, at);
  return wanted;
}

bool means_alerts(std::string_view given) {
  const auto words = split_words(given);
  if (words.empty() || words[0].quoted) return false;
  const size_t colon = words[0].text.find(':');
  if (colon == std::string::npos) return false;
  const std::string type = text::lower(std::string_view(words[0].text).substr(0, colon));
  return type == "rule" || type == "host" || type == "user" || type == "ip" || type == "domain" || type == "source" ||
         type == "hash" || type == "url";
}

}  // namespace vedette::commands
