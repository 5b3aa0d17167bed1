// Loaded in front of libc (LD_PRELOAD) into a program under test: while the file $VEDETTE_TEST_FULL_DISK exists, every
// positioned write fails as on a full disk. SQLite writes its files that way, and nothing else in Vedette does.

#include <cerrno>
#include <cstdlib>

#include <dlfcn.h>
#include <unistd.h>

namespace {

bool disk_is_full() {
  static const char* const sign = std::getenv("VEDETTE_TEST_FULL_DISK");
  return sign != nullptr && access(sign, F_OK) == 0;
}

using Write = ssize_t (*)(int, const void*, size_t, off64_t);

ssize_t write_unless_full(const char* name, int file, const void* bytes, size_t count, off64_t at) {
  if (disk_is_full()) {
    errno = ENOSPC;
    return -1;
  }
  return reinterpret_cast<Write>(dlsym(RTLD_NEXT, name))(file, bytes, count, at);
}

}  // namespace

extern "C" ssize_t pwrite64(int file, const void* bytes, size_t count, off64_t at) {
  return write_unless_full("pwrite64", file, bytes, count, at);
}
extern "C" ssize_t pwrite(int file, const void* bytes, size_t count, off_t at) {
  return write_unless_full("pwrite", file, bytes, count, at);
}
