#include "bot/store/sqlite/wal.hpp"

#include <array>
#include <cstdint>
#include <fstream>
#include <map>
#include <optional>
#include <vector>

#include <fmt/format.h>

namespace vedette::sqlite {
namespace {

using Bytes = std::vector<unsigned char>;
constexpr size_t kHeader = 32;
constexpr size_t kFrameHeader = 24;

uint32_t big(const unsigned char* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | uint32_t{bytes[3]};
}
uint32_t little(const unsigned char* bytes) {
  return uint32_t{bytes[3]} << 24 | uint32_t{bytes[2]} << 16 | uint32_t{bytes[1]} << 8 | uint32_t{bytes[0]};
}

struct Sum {
  uint32_t first = 0;
  uint32_t second = 0;
  bool operator==(const Sum&) const = default;
};

// The running checksum of the format, over a multiple of eight bytes.
Sum add(Sum sum, const unsigned char* bytes, size_t size, bool big_endian) {
  for (size_t at = 0; at < size; at += 8) {
    sum.first += (big_endian ? big(bytes + at) : little(bytes + at)) + sum.second;
    sum.second += (big_endian ? big(bytes + at + 4) : little(bytes + at + 4)) + sum.first;
  }
  return sum;
}

Sum stored_sum(const unsigned char* bytes) { return {big(bytes), big(bytes + 4)}; }

struct Frame {
  uint32_t page = 0;
  bool commit = false;
  std::array<unsigned char, 8> salt{};
  size_t offset = 0;  // of the page's bytes in the log
};

// The log, read frame by frame.
class Log {
 public:
  explicit Log(const std::string& path) : file_(path, std::ios::binary) {}

  bool read_header() {
    header_.resize(kHeader);
    if (!file_ || !file_.read(reinterpret_cast<char*>(header_.data()), kHeader)) return false;
    page_size_ = big(header_.data() + 8);
    return true;
  }
  bool header_sound() const {
    return (magic() & ~1u) == 0x377f0682u && plausible_page_size(page_size_) &&
           add({}, header_.data(), 24, big_endian()) == header_sum();
  }
  static bool plausible_page_size(uint32_t size) { return size >= 512 && size <= 65536 && (size & (size - 1)) == 0; }
  bool big_endian() const { return (magic() & 1u) != 0; }
  Sum header_sum() const { return stored_sum(header_.data() + 24); }
  const unsigned char* salt() const { return header_.data() + 16; }
  void assume_page_size(uint32_t size) { page_size_ = size; }
  uint32_t page_size() const { return page_size_; }

  // The next frame; `sum` goes on. Empty at the end of the file.
  std::optional<Frame> next(Sum& sum, bool& sound) {
    frame_.resize(kFrameHeader + page_size_);
    const auto offset = static_cast<size_t>(file_.tellg());
    if (!file_.read(reinterpret_cast<char*>(frame_.data()), static_cast<std::streamsize>(frame_.size())))
      return std::nullopt;
    Frame frame;
    frame.page = big(frame_.data());
    frame.commit = big(frame_.data() + 4) != 0;
    std::copy_n(frame_.data() + 8, frame.salt.size(), frame.salt.begin());
    frame.offset = offset + kFrameHeader;
    sum = add(sum, frame_.data(), 8, big_endian());
    sum = add(sum, frame_.data() + kFrameHeader, page_size_, big_endian());
    sound = sum == stored_sum(frame_.data() + 16);
    return frame;
  }

  Bytes page_at(size_t offset) {
    Bytes bytes(page_size_);
    file_.clear();
    file_.seekg(static_cast<std::streamoff>(offset));
    file_.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return bytes;
  }

 private:
  uint32_t magic() const { return big(header_.data()); }
  std::ifstream file_;
  Bytes header_;
  Bytes frame_;
  uint32_t page_size_ = 0;
};

// Whether the database file holds these pages as the log has them.
bool in_database(const std::string& path, Log& log, const std::map<uint32_t, size_t>& pages) {
  std::ifstream file(path, std::ios::binary);
  for (const auto& [page, offset] : pages) {
    Bytes stored(log.page_size());
    file.clear();
    file.seekg(static_cast<std::streamoff>(page - 1) * static_cast<std::streamoff>(log.page_size()));
    if (!file.read(reinterpret_cast<char*>(stored.data()), static_cast<std::streamsize>(stored.size()))) return false;
    if (stored != log.page_at(offset)) return false;
  }
  return true;
}

uint32_t database_page_size(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<unsigned char, 18> start{};
  if (!file.read(reinterpret_cast<char*>(start.data()), start.size())) return 0;
  const uint32_t size = uint32_t{start[16]} << 8 | start[17];
  return size == 1 ? 65536 : size;
}

}  // namespace

std::string wal_damage(const std::string& path) {
  Log log(path + "-wal");
  if (!log.read_header()) return {};
  const bool header_sound = log.header_sound();
  if (!header_sound) log.assume_page_size(database_page_size(path));
  if (!Log::plausible_page_size(log.page_size())) return {};  // the database itself is no database; its check will say so
  Sum sum = log.header_sum();
  bool bad = !header_sound;
  bool torn_transaction_over = !header_sound;
  std::array<unsigned char, 8> salt{};
  std::copy_n(log.salt(), salt.size(), salt.begin());
  std::map<uint32_t, size_t> lost;
  std::map<uint32_t, size_t> pending;
  for (size_t number = 1;; ++number) {
    bool sound = false;
    const auto frame = log.next(sum, sound);
    if (!frame || frame->page == 0) break;
    if (!header_sound && number == 1) salt = frame->salt;
    if (frame->salt != salt) {
      // The start of an older log, or a damaged frame header.
      if (!bad) bad = true;
      continue;
    }
    if (!bad && !sound) bad = true;
    if (!bad) continue;
    pending[frame->page] = frame->offset;
    if (!frame->commit) continue;
    // A whole transaction behind the damage. The first one may be the torn one itself.
    if (torn_transaction_over) {
      for (const auto& [page, offset] : pending) lost[page] = offset;
    }
    pending.clear();
    torn_transaction_over = true;
  }
  if (lost.empty() || in_database(path, log, lost)) return {};
  return header_sound ? "its write-ahead log has a damaged part with acknowledged work behind it"
                      : "the beginning of its write-ahead log is damaged";
}

}  // namespace vedette::sqlite
