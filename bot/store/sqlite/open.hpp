#pragma once
// What happens before a database may be used: the lock, the checks, the migrations.

#include <memory>
#include <string>
#include <vector>

#include "bot/base/clock.hpp"
#include "bot/base/result.hpp"
#include "bot/store/sqlite/connection.hpp"

namespace vedette::sqlite {

// Held while a store is open, on a file beside the database (PATH-lock). The system lets go of it whatever way the process
// ends. The file stays: removing it would let two processes hold "the" lock.
class FileLock {
 public:
  // unavailable when another process (or another store in this one) has it.
  static Result<std::unique_ptr<FileLock>> take(const std::string& database_path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

// The connection for writing, on a sound database with the present schema. A damaged one is left exactly as it was.
Result<std::unique_ptr<Connection>> open_checked(const std::string& path, const std::string& vfs, Time now);

// The same checks without a change; answers the migrations that are still to be made.
Result<std::vector<std::string>> inspect(const std::string& path, const std::string& vfs);

// Brings the schema up to date. Refuses a database in which an applied migration differs from the one in the program, or
// that a newer program wrote.
Status migrate(Connection& connection, Time now);

// The number of a tenant, given when first seen.
int64_t tenant_id(Connection& connection, const std::string& name);

}  // namespace vedette::sqlite
