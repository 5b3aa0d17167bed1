#pragma once
// Unpacking a gzip body within limits. Pure; thread-safe.

#include <string>
#include <string_view>

#include "bot/base/result.hpp"

namespace vedette::intake {

struct GzipLimits {
  size_t bytes = 16 << 20;  // unpacked
  size_t ratio = 200;       // unpacked to packed, once over `free`; JSON logs reach about 40
  size_t free = 64 << 10;
};

// All members of a gzip stream (RFC 1952). Errors: invalid_input (damaged, cut off, not gzip), too_large.
Result<std::string> gunzip(std::string_view packed, const GzipLimits& limits = {});

}  // namespace vedette::intake
