#pragma once
// A file system for SQLite that fails on request: the N-th write, sync or truncation ends in an error, a full disk or a
// short write; a crash of the machine loses what was not synced. It stands in front of the ordinary one and counts.
//
// Use its name as SqliteOptions::vfs. One for the whole test program; thread-safe. Set it back with reset() before each
// test.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace vedette::test {

enum class Fault {
  none,
  io_error,     // nothing happens, SQLITE_IOERR
  disk_full,    // nothing happens, SQLITE_FULL
  short_write,  // half of it is written, SQLITE_IOERR; like io_error for what is not a write
};

struct FaultPlan {
  Fault fault = Fault::none;
  uint64_t at = 0;       // the first operation that fails, counted from reset(), 1, 2, …
  bool lasting = false;  // and all after it, until reset()
  std::string only;      // only on files whose path ends so: ".db", "-wal"; empty: on all
  bool syncs_only = false;
};

struct FaultCounts {
  uint64_t operations = 0;  // writes, syncs and truncations that the plan's file and kind let count
  uint64_t syncs = 0;       // of all files
  uint64_t fired = 0;
};

class FaultVfs {
 public:
  static FaultVfs& instance();  // registers itself with SQLite at first
  std::string name() const { return "vedette-fault"; }

  void reset(FaultPlan plan = {});
  FaultCounts counts() const;
  void slow_syncs(std::chrono::microseconds each);
  // Writes since each file's last sync are undone: all of them, or with a seed a random part. Every file must be closed.
  void lose_unsynced(unsigned seed = 0);

  struct State;  // shared with the functions that SQLite calls

 private:
  FaultVfs();
  std::shared_ptr<State> state_;
};

}  // namespace vedette::test
