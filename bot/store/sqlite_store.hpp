#pragma once
// Opens the SQLite store.

#include <memory>
#include <string>
#include <vector>

#include "bot/store/store.hpp"

namespace vedette {

struct SqliteOptions {
  std::string
      path;  // file; created if missing, with its -wal and -shm beside it. ":memory:" is for tests of pure logic only.
  std::string tenant = "default";
  std::string vfs;  // SQLite VFS by name; empty: the default. Tests inject faults here.
  const Clock* clock = &system_clock();
  size_t most_conversations = kMostConversations;                   // of one platform; tests lower it
  std::chrono::milliseconds probe_every = std::chrono::seconds(1);  // how often a failed disk is tried again
};

// Opens, checks integrity (PRAGMA quick_check), migrates. Errors: unavailable (cannot open, locked by another Vedette),
// internal (damaged file: the message says what to do; nothing is changed).
// The check sees a damaged structure and a log that lost acknowledged work. It cannot see a flipped bit inside a stored
// text, as SQLite keeps no checksums of pages: only the audit chain tells (AuditStore::verify). It reads the whole file:
// measured, 2 ms for 350 kB and some 30 ms for 43 MB.
Result<std::unique_ptr<Store>> open_sqlite_store(Executor io, SqliteOptions options);

// The same checks on a database that stays as it is: nothing is migrated and the log is not merged. Answers the names of the
// migrations that opening it would make.
Result<std::vector<std::string>> inspect_sqlite_store(const SqliteOptions& options);

// What ConversationStore::all() would answer, from a database that stays as it is and may be of an older version (then there
// are none). For a database that nobody uses.
Result<std::vector<Conversation>> peek_conversations(const SqliteOptions& options, const std::string& platform);

}  // namespace vedette
