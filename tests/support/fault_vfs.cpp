#include "tests/support/fault_vfs.hpp"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include <sqlite3.h>

namespace vedette::test {

namespace {

// How to take a write or truncation back.
struct Undo {
  int64_t offset = 0;
  int64_t old_size = 0;  // of the file
  std::string old_bytes;
};

}  // namespace

struct FaultVfs::State {
  sqlite3_vfs* below = nullptr;
  mutable std::mutex mutex;
  FaultPlan plan;
  FaultCounts counts;
  std::chrono::microseconds sync_takes{0};
  std::map<std::string, std::vector<Undo>> unsynced;  // by path

  // Counts an operation and says how it ends.
  Fault next(const std::string& path, bool sync) {
    const std::lock_guard lock(mutex);
    if (sync) ++counts.syncs;
    if (plan.syncs_only && !sync) return Fault::none;
    if (!plan.only.empty() && !path.ends_with(plan.only)) return Fault::none;
    ++counts.operations;
    const bool fires =
        plan.fault != Fault::none && (counts.operations == plan.at || (plan.lasting && counts.operations >= plan.at));
    if (!fires) return Fault::none;
    ++counts.fired;
    return plan.fault;
  }
};

namespace {

FaultVfs::State* g_state = nullptr;  // SQLite's callbacks have no better place for it than one object for the program

// SQLite's file object: ours, with the real one behind it.
struct File {
  sqlite3_file base;
  std::string* path;
  sqlite3_file* real;
};

File* ours(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
sqlite3_file* real(sqlite3_file* file) { return ours(file)->real; }

int code_of(Fault fault, int io_error) { return fault == Fault::disk_full ? SQLITE_FULL : io_error; }

void remember(sqlite3_file* file, int64_t offset, int64_t size) {
  Undo undo;
  undo.offset = offset;
  sqlite3_int64 old_size = 0;
  real(file)->pMethods->xFileSize(real(file), &old_size);
  undo.old_size = old_size;
  const int64_t overlap = std::max<int64_t>(0, std::min(size, undo.old_size - offset));
  undo.old_bytes.resize(static_cast<size_t>(overlap));
  if (overlap > 0) real(file)->pMethods->xRead(real(file), undo.old_bytes.data(), static_cast<int>(overlap), offset);
  const std::lock_guard lock(g_state->mutex);
  g_state->unsynced[*ours(file)->path].push_back(std::move(undo));
}

int close_file(sqlite3_file* file) {
  const int code = real(file)->pMethods->xClose(real(file));
  delete ours(file)->path;
  sqlite3_free(ours(file)->real);
  return code;
}

int read_file_at(sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset) {
  return real(file)->pMethods->xRead(real(file), bytes, size, offset);
}

int write_file_at(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  const Fault fault = g_state->next(*ours(file)->path, false);
  if (fault == Fault::io_error || fault == Fault::disk_full) return code_of(fault, SQLITE_IOERR_WRITE);
  const int written = fault == Fault::short_write ? size / 2 : size;
  remember(file, offset, written);
  const int code = real(file)->pMethods->xWrite(real(file), bytes, written, offset);
  return fault == Fault::short_write ? SQLITE_IOERR_WRITE : code;
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  const Fault fault = g_state->next(*ours(file)->path, false);
  if (fault != Fault::none) return code_of(fault, SQLITE_IOERR_TRUNCATE);
  sqlite3_int64 old_size = 0;
  real(file)->pMethods->xFileSize(real(file), &old_size);
  if (old_size > size) remember(file, size, old_size - size);
  return real(file)->pMethods->xTruncate(real(file), size);
}

int sync_file(sqlite3_file* file, int flags) {
  const Fault fault = g_state->next(*ours(file)->path, true);
  std::chrono::microseconds takes{0};
  {
    const std::lock_guard lock(g_state->mutex);
    takes = g_state->sync_takes;
  }
  if (takes.count() > 0) std::this_thread::sleep_for(takes);
  if (fault != Fault::none) return code_of(fault, SQLITE_IOERR_FSYNC);
  // The real thing is not needed: what a crash of the machine loses is decided here.
  (void)flags;
  const std::lock_guard lock(g_state->mutex);
  g_state->unsynced.erase(*ours(file)->path);
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) { return real(file)->pMethods->xFileSize(real(file), size); }
int lock_file(sqlite3_file* file, int level) { return real(file)->pMethods->xLock(real(file), level); }
int unlock_file(sqlite3_file* file, int level) { return real(file)->pMethods->xUnlock(real(file), level); }
int check_lock(sqlite3_file* file, int* out) { return real(file)->pMethods->xCheckReservedLock(real(file), out); }
int file_control(sqlite3_file* file, int op, void* argument) {
  return real(file)->pMethods->xFileControl(real(file), op, argument);
}
int sector_size(sqlite3_file* file) { return real(file)->pMethods->xSectorSize(real(file)); }
int characteristics(sqlite3_file* file) { return real(file)->pMethods->xDeviceCharacteristics(real(file)); }
int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** out) {
  return real(file)->pMethods->xShmMap(real(file), page, size, extend, out);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }
int shm_unmap(sqlite3_file* file, int remove) { return real(file)->pMethods->xShmUnmap(real(file), remove); }

const sqlite3_io_methods kMethods = {
    2,         close_file,  read_file_at, write_file_at, truncate_file, sync_file,       file_size,
    lock_file, unlock_file, check_lock,   file_control,  sector_size,   characteristics, shm_map,
    shm_lock,  shm_barrier, shm_unmap,    nullptr,       nullptr};

int open_file(sqlite3_vfs*, sqlite3_filename path, sqlite3_file* file, int flags, int* out_flags) {
  sqlite3_vfs* below = g_state->below;
  auto* behind = static_cast<sqlite3_file*>(sqlite3_malloc(below->szOsFile));
  if (behind == nullptr) return SQLITE_NOMEM;
  std::memset(behind, 0, static_cast<size_t>(below->szOsFile));
  const int code = below->xOpen(below, path, behind, flags, out_flags);
  if (code != SQLITE_OK || behind->pMethods == nullptr) {
    sqlite3_free(behind);
    file->pMethods = nullptr;
    return code;
  }
  ours(file)->path = new std::string(path == nullptr ? "" : path);
  ours(file)->real = behind;
  file->pMethods = &kMethods;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs*, const char* path, int /* syncing the folder would only take time */) {
  {
    const std::lock_guard lock(g_state->mutex);
    g_state->unsynced.erase(path);
  }
  return g_state->below->xDelete(g_state->below, path, 0);
}

// Puts a file back to what it was before these writes, or some of them.
void undo_writes(const std::string& path, const std::vector<Undo>& writes, unsigned seed) {
  if (!std::filesystem::exists(path)) return;
  std::mt19937 random(seed);
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  int64_t size = static_cast<int64_t>(std::filesystem::file_size(path));
  for (auto undo = writes.rbegin(); undo != writes.rend(); ++undo) {
    if (seed != 0 && random() % 2 == 0) continue;
    file.seekp(undo->offset);
    file.write(undo->old_bytes.data(), static_cast<std::streamsize>(undo->old_bytes.size()));
    if (seed == 0) size = undo->old_size;
  }
  file.close();
  std::filesystem::resize_file(path, static_cast<uintmax_t>(size));
}

}  // namespace

FaultVfs& FaultVfs::instance() {
  static FaultVfs vfs;
  return vfs;
}

FaultVfs::FaultVfs() : state_(std::make_shared<State>()) {
  g_state = state_.get();
  state_->below = sqlite3_vfs_find(nullptr);
  static sqlite3_vfs vfs = *state_->below;  // everything but opening and deleting as below
  vfs.zName = "vedette-fault";
  vfs.szOsFile = sizeof(File);
  vfs.pNext = nullptr;
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) throw std::runtime_error("cannot register the test file system");
}

void FaultVfs::reset(FaultPlan plan) {
  const std::lock_guard lock(state_->mutex);
  state_->plan = std::move(plan);
  state_->counts = {};
  state_->sync_takes = std::chrono::microseconds(0);
}

FaultCounts FaultVfs::counts() const {
  const std::lock_guard lock(state_->mutex);
  return state_->counts;
}

void FaultVfs::slow_syncs(std::chrono::microseconds each) {
  const std::lock_guard lock(state_->mutex);
  state_->sync_takes = each;
}

void FaultVfs::lose_unsynced(unsigned seed) {
  const std::lock_guard lock(state_->mutex);
  for (const auto& [path, writes] : state_->unsynced) undo_writes(path, writes, seed);
  state_->unsynced.clear();
}

}  // namespace vedette::test
