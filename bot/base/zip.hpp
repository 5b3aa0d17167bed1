#pragma once
// Writes a ZIP archive in memory. The same files give the same bytes: they are stored, not deflated, under a date of their
// own. Pure.

#include <string>
#include <vector>

#include "bot/base/result.hpp"

namespace vedette {

struct ZipFile {
  std::string name;  // path inside the archive
  std::string content;
};

// Errors: invalid_input for a name that is empty or stands twice, internal when there is no memory.
Result<std::string> zip(const std::vector<ZipFile>& files);

}  // namespace vedette
