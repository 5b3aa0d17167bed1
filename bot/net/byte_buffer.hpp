#pragma once
// Inside bot/net: bytes received and not yet used, in one piece. Grows as needed; the owner bounds it.

#include <cstring>
#include <memory>
#include <string_view>

namespace vedette::net {

class ByteBuffer {
 public:
  std::string_view view() const { return std::string_view(bytes_.get() + begin_, end_ - begin_); }
  size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }

  // Room for at least `count` more bytes after the present ones; free_space() of it may be written.
  char* prepare(size_t count) {
    if (capacity_ - end_ < count) make_room(count);
    return bytes_.get() + end_;
  }
  size_t free_space() const { return capacity_ - end_; }
  void commit(size_t count) { end_ += count; }
  void consume(size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }

 private:
  void make_room(size_t count) {
    const size_t used = size();
    if (capacity_ - used >= count) {
      std::memmove(bytes_.get(), bytes_.get() + begin_, used);
    } else {
      size_t larger = capacity_ == 0 ? 4096 : capacity_ * 2;
      while (larger - used < count) larger *= 2;
      std::unique_ptr<char[]> fresh(new char[larger]);
      if (used > 0) std::memcpy(fresh.get(), bytes_.get() + begin_, used);
      bytes_ = std::move(fresh);
      capacity_ = larger;
    }
    begin_ = 0;
    end_ = used;
  }

  std::unique_ptr<char[]> bytes_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace vedette::net
