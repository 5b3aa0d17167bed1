#pragma once
// Cuts a stream of bytes into JSON records with bounded memory: one value, several values one after the other, JSON lines, a
// list, or the {"Records": [ … ]} that AWS writes. Elements of a list come one by one, however long it is.
// Not thread-safe; one reader a stream.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "bot/base/result.hpp"

namespace vedette::intake {

struct RawRecord {
  std::string text;
  size_t line = 1;  // where it starts
};

class RecordReader {
 public:
  // Fills at most `size` bytes; 0 at the end.
  using Source = std::function<Result<size_t>(char* buffer, size_t size)>;
  explicit RecordReader(Source source, size_t longest = 8 << 20);
  // Over bytes that outlive the reader.
  static RecordReader over(std::string_view bytes, size_t longest = 8 << 20);

  // Nothing at the end. Errors: too_large for a record over the limit, which is passed over, so that reading can go on;
  // invalid_input for one that is cut off by the end of the stream; whatever the source says.
  Result<std::optional<RawRecord>> next();
  size_t line() const { return line_; }

 private:
  enum class Shape { unknown, lines, list };
  int peek();  // -1 at the end or after a failed read
  void take();
  void skip_blanks(bool commas);
  Result<std::optional<RawRecord>> read_line();
  Result<std::optional<RawRecord>> read_value();
  bool enter_wrapper(const std::string& text, int depth);
  void leave_list();

  Source source_;
  size_t longest_;
  std::string buffer_;
  size_t at_ = 0;
  bool ended_ = false;
  std::optional<Error> failed_;
  size_t line_ = 1;
  Shape shape_ = Shape::unknown;
  bool wrapped_ = false;  // the list stands inside {"Records": …}
  bool first_ = true;
};

}  // namespace vedette::intake
