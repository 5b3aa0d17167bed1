#include "bot/intake/gzip.hpp"

#include <memory>

#include <fmt/format.h>
#include <zlib.h>

namespace vedette::intake {
namespace {

struct EndInflate {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

Error damaged() { return Error(Code::invalid_input, "the body is not a whole gzip stream"); }

Error too_large(const GzipLimits& limits) {
  return Error(Code::too_large,
               fmt::format("the body unpacks to more than {} MiB or {} times its size", limits.bytes >> 20, limits.ratio));
}

}  // namespace

Result<std::string> gunzip(std::string_view packed, const GzipLimits& limits) {
  if (packed.empty()) return damaged();
  z_stream stream{};
  constexpr int kGzipOnly = 16 + MAX_WBITS;
  if (inflateInit2(&stream, kGzipOnly) != Z_OK) return Error(Code::internal, "no memory to unpack the body");
  const std::unique_ptr<z_stream, EndInflate> guard(&stream);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string unpacked;
  char chunk[1 << 14];
  while (true) {
    stream.next_out = reinterpret_cast<Bytef*>(chunk);
    stream.avail_out = sizeof chunk;
    const int state = inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END) return damaged();
    unpacked.append(chunk, sizeof chunk - stream.avail_out);
    const bool bomb = unpacked.size() > limits.free && unpacked.size() / packed.size() >= limits.ratio;
    if (unpacked.size() > limits.bytes || bomb) return too_large(limits);
    if (state == Z_STREAM_END) {
      if (stream.avail_in == 0) return unpacked;
      if (inflateReset(&stream) != Z_OK) return damaged();
    } else if (stream.avail_in == 0 && stream.avail_out != 0) {
      return damaged();  // cut off
    }
  }
}

}  // namespace vedette::intake
