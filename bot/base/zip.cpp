#include "bot/base/zip.hpp"

#include <zip.h>

#include <memory>

#include <fmt/format.h>

namespace vedette {
namespace {

constexpr zip_uint16_t kDate = (46 << 9) | (1 << 5) | 1;  // 2026-01-01, in MS-DOS's way
constexpr zip_uint32_t kPlainFile = 0100644U << 16;       // for Unix: a file, rw-r--r--
constexpr auto kFreeSource = [](zip_source_t* source) { zip_source_free(source); };
using Source = std::unique_ptr<zip_source_t, decltype(kFreeSource)>;

Error failed(const char* what, zip_error_t* error) {
  return Error(Code::internal, fmt::format("{}: {}", what, zip_error_strerror(error)));
}

Status add(zip_t* archive, const ZipFile& file) {
  if (file.name.empty()) return Error(Code::invalid_input, "a file in an archive needs a name");
  zip_source_t* content = zip_source_buffer(archive, file.content.data(), file.content.size(), 0);
  if (content == nullptr) return failed("no memory for an archive", zip_get_error(archive));
  const zip_int64_t index = zip_file_add(archive, file.name.c_str(), content, ZIP_FL_ENC_UTF_8);
  if (index < 0) {
    zip_source_free(content);
    return Error(Code::invalid_input,
                 fmt::format("{} cannot be added to an archive: {}", file.name, zip_error_strerror(zip_get_error(archive))));
  }
  const auto at = static_cast<zip_uint64_t>(index);
  const bool set = zip_set_file_compression(archive, at, ZIP_CM_STORE, 0) == 0 &&
                   zip_file_set_dostime(archive, at, 0, kDate, 0) == 0 &&
                   zip_file_set_external_attributes(archive, at, 0, ZIP_OPSYS_UNIX, kPlainFile) == 0;
  return set ? Status() : failed("an archive cannot be written", zip_get_error(archive));
}

Result<std::string> bytes_of(zip_source_t* written) {
  zip_stat_t size;
  zip_stat_init(&size);
  if (zip_source_stat(written, &size) != 0 || zip_source_open(written) != 0)
    return failed("an archive cannot be read back", zip_source_error(written));
  std::string bytes(size.size, '\0');
  const zip_int64_t read = zip_source_read(written, bytes.data(), bytes.size());
  zip_source_close(written);
  if (read != static_cast<zip_int64_t>(bytes.size()))
    return failed("an archive cannot be read back", zip_source_error(written));
  return bytes;
}

}  // namespace

Result<std::string> zip(const std::vector<ZipFile>& files) {
  zip_error_t error;
  zip_error_init(&error);
  const Source written(zip_source_buffer_create(nullptr, 0, 0, &error), kFreeSource);
  if (written == nullptr) return failed("no memory for an archive", &error);
  zip_t* archive = zip_open_from_source(written.get(), ZIP_TRUNCATE, &error);
  if (archive == nullptr) return failed("an archive cannot be begun", &error);
  zip_source_keep(written.get());  // closing the archive gives one reference back
  for (const auto& file : files) {
    if (const Status added = add(archive, file); !added) {
      zip_discard(archive);
      return added.error();
    }
  }
  if (zip_close(archive) != 0) {
    const Error why = failed("an archive cannot be written", zip_get_error(archive));
    zip_discard(archive);
    return why;
  }
  return bytes_of(written.get());
}

}  // namespace vedette
