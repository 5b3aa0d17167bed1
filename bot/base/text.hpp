#pragma once
// Small pure functions over text. Bytes are UTF-8 unless said otherwise.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::text {

std::string lower(std::string_view text);  // ASCII letters only
std::string_view trim(std::string_view text);
std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
bool iequals(std::string_view a, std::string_view b);  // ASCII case-insensitive
bool icontains(std::string_view haystack, std::string_view needle);
std::string replace_all(std::string text, std::string_view from, std::string_view to);
// A whole decimal number that fits; no sign but a leading '-', no spaces.
std::optional<int64_t> parse_integer(std::string_view text);

bool valid_utf8(std::string_view bytes);
// Replaces every malformed sequence by U+FFFD.
std::string to_valid_utf8(std::string_view bytes);
// At most `characters` code points; when cut, the last one is an ellipsis.
std::string ellipsize(std::string_view text, size_t characters);
size_t characters(std::string_view text);  // code points

// Makes text from outside safe to show: control characters become spaces; bidirectional controls, zero-width characters and
// U+E0000 tag characters are removed (Unicode TR 36 and TR 39). Line breaks stay only if `keep_lines`.
std::string displayable(std::string_view text, bool keep_lines = false);
// Writes an address, host name, mail address or URL so that nothing turns it into a link: 1[.]2[.]3[.]4,
// hxxps://evil[.]example/x, ann[@]corp[.]example. For values, not for prose: it breaks every dot inside a word.
std::string defang(std::string_view text);

// Levenshtein distance, for "did you mean".
size_t edit_distance(std::string_view a, std::string_view b);

}  // namespace vedette::text
