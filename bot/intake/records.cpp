#include "bot/intake/records.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/text.hpp"

namespace vedette::intake {
namespace {

constexpr size_t kChunk = 64 << 10;

bool is_blank(int c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

Error too_long(size_t line, size_t longest) {
  return Error(Code::too_large, fmt::format("the record at line {} is longer than {} KiB", line, longest >> 10));
}

// Follows braces and strings through a JSON value.
struct Nesting {
  int depth = 0;
  bool in_string = false;
  bool escaped = false;

  void see(int c) {
    if (in_string) {
      if (escaped)
        escaped = false;
      else if (c == '\\')
        escaped = true;
      else if (c == '"')
        in_string = false;
      return;
    }
    if (c == '"')
      in_string = true;
    else if (c == '{' || c == '[')
      ++depth;
    else if (c == '}' || c == ']')
      --depth;
  }
  bool closed() const { return depth <= 0 && !in_string; }
};

}  // namespace

RecordReader::RecordReader(Source source, size_t longest) : source_(std::move(source)), longest_(longest) {}

RecordReader RecordReader::over(std::string_view bytes, size_t longest) {
  return RecordReader(
      [bytes](char* buffer, size_t size) mutable -> Result<size_t> {
        const size_t count = std::min(size, bytes.size());
        bytes.copy(buffer, count);
        bytes.remove_prefix(count);
        return count;
      },
      longest);
}

int RecordReader::peek() {
  if (at_ < buffer_.size()) return static_cast<unsigned char>(buffer_[at_]);
  if (ended_) return -1;
  buffer_.resize(kChunk);
  at_ = 0;
  auto count = source_(buffer_.data(), buffer_.size());
  const size_t filled = count ? *count : 0;
  if (!count) failed_ = std::move(count).error();
  buffer_.resize(filled);
  ended_ = filled == 0;
  return filled == 0 ? -1 : static_cast<unsigned char>(buffer_[0]);
}

void RecordReader::take() {
  if (buffer_[at_] == '\n') ++line_;
  ++at_;
}

void RecordReader::skip_blanks(bool commas) {
  for (int c = peek(); is_blank(c) || (commas && c == ','); c = peek()) take();
}

Result<std::optional<RawRecord>> RecordReader::next() {
  // A byte order mark is no part of the text.
  if (std::exchange(first_, false) && peek() == 0xEF && buffer_.compare(at_, 3, "\xEF\xBB\xBF") == 0) at_ += 3;
  while (true) {
    skip_blanks(shape_ == Shape::list);
    const int c = peek();
    if (failed_) return *failed_;
    if (c < 0) return std::optional<RawRecord>();
    if (shape_ == Shape::lines) return read_line();
    if (c == ']' && shape_ == Shape::list) {
      leave_list();
    } else if (c == '[' && shape_ == Shape::unknown) {
      take();
      shape_ = Shape::list;
    } else if (c == '{' || (c == '[' && shape_ == Shape::list)) {
      auto record = read_value();
      // An empty one: the value turned out to wrap a list, whose elements come next.
      if (!record || *record) return record;
    } else if (shape_ == Shape::list) {
      // A scalar among the elements, or a list that is no JSON: up to the next separator.
      RawRecord scalar{{}, line_};
      for (int d = peek(); d >= 0 && d != ',' && d != ']' && d != '\n' && scalar.text.size() < longest_; d = peek()) {
        scalar.text += static_cast<char>(d);
        take();
      }
      return std::optional<RawRecord>(std::move(scalar));
    } else {
      return read_line();
    }
  }
}

Result<std::optional<RawRecord>> RecordReader::read_line() {
  RawRecord record{{}, line_};
  bool over = false;
  for (int c = peek(); c >= 0 && c != '\n'; c = peek()) {
    if (record.text.size() < longest_)
      record.text += static_cast<char>(c);
    else
      over = true;
    take();
  }
  if (failed_) return *failed_;
  if (over) return too_long(record.line, longest_);
  while (!record.text.empty() && is_blank(record.text.back())) record.text.pop_back();
  return std::optional<RawRecord>(std::move(record));
}

Result<std::optional<RawRecord>> RecordReader::read_value() {
  RawRecord record{{}, line_};
  Nesting nesting;
  for (int c = peek(); c >= 0; c = peek()) {
    if (c == '[' && enter_wrapper(record.text, nesting.depth)) return std::optional<RawRecord>();
    record.text += static_cast<char>(c);
    nesting.see(c);
    take();
    if (nesting.closed()) {
      // The first value on a line of its own: the stream is JSON lines, where a broken line breaks no other.
      const bool one_line = record.line == line_;
      while (peek() == ' ' || peek() == '\t' || peek() == '\r') take();
      if (one_line && shape_ == Shape::unknown && peek() == '\n') shape_ = Shape::lines;
      return std::optional<RawRecord>(std::move(record));
    }
    if (record.text.size() > longest_) {
      // Find its end without keeping it.
      for (int d = peek(); d >= 0 && !nesting.closed(); d = peek()) {
        nesting.see(d);
        take();
      }
      return too_long(record.line, longest_);
    }
  }
  if (failed_) return *failed_;
  return Error(Code::invalid_input, fmt::format("the record at line {} is cut off", record.line));
}

bool RecordReader::enter_wrapper(const std::string& text, int depth) {
  constexpr std::string_view kHead = "{\"Records\":";
  if (depth != 1 || shape_ != Shape::unknown || text.size() > 64) return false;
  std::string head;
  std::copy_if(text.begin(), text.end(), std::back_inserter(head), [](char c) { return !is_blank(c); });
  if (head != kHead) return false;
  take();
  shape_ = Shape::list;
  wrapped_ = true;
  return true;
}

void RecordReader::leave_list() {
  take();
  shape_ = Shape::unknown;
  if (!std::exchange(wrapped_, false)) return;
  // The rest of the wrapping object.
  Nesting nesting;
  nesting.depth = 1;
  for (int c = peek(); c >= 0 && !nesting.closed(); c = peek()) {
    nesting.see(c);
    take();
  }
}

}  // namespace vedette::intake
