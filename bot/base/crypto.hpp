#pragma once
// Digests, signatures and encodings over OpenSSL. Pure and thread-safe.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vedette::crypto {

using Digest = std::array<uint8_t, 32>;

Digest sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);
Digest hmac_sha256(std::string_view key, std::string_view bytes);
std::string hmac_sha256_hex(std::string_view key, std::string_view bytes);
// Takes the same time wherever the first difference is; unequal lengths compare false.
bool constant_time_equal(std::string_view a, std::string_view b);

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);  // standard alphabet, padding required
// RFC 4648 section 5 without padding, as JOSE writes it; reading takes that one spelling of the bytes alone.
std::string to_base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);
std::string random_bytes(size_t count);  // from the operating system; throws if it has none

}  // namespace vedette::crypto
