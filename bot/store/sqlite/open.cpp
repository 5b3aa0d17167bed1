#include "bot/store/sqlite/open.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "bot/base/crypto.hpp"
#include "bot/base/embedded.hpp"
#include "bot/base/text.hpp"
#include "bot/store/sqlite/engine.hpp"
#include "bot/store/sqlite/wal.hpp"

namespace vedette::sqlite {

Result<std::unique_ptr<FileLock>> FileLock::take(const std::string& database_path) {
  const std::string path = database_path + "-lock";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return Error(Code::unavailable, fmt::format("Cannot open {}: {}. Check that its folder exists and may be written.", path,
                                                std::strerror(errno)));
  }
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const int reason = errno;
    ::close(descriptor);
    if (reason == EWOULDBLOCK) {
      return Error(Code::unavailable,
                   fmt::format("{} is in use by another Vedette. Stop that one first, or give this one another store.",
                               database_path));
    }
    return Error(Code::unavailable, fmt::format("Cannot lock {}: {}.", path, std::strerror(reason)));
  }
  return std::unique_ptr<FileLock>(new FileLock(descriptor));
}

FileLock::~FileLock() { ::close(descriptor_); }

namespace {

Error damaged(const std::string& path, std::string_view what) {
  return Error(
      Code::internal,
      fmt::format("The database {0} is damaged ({1}). Nothing was changed. Restore the last backup over it, or move {0} "
                  "and the files {0}-wal and {0}-shm away to begin with an empty one.",
                  path, what));
}

// The first complaint of the integrity check; empty when sound.
std::string integrity_complaint(Connection& connection) {
  auto statement = connection.query("PRAGMA quick_check(1)");
  if (!statement.step()) return "the check gave no answer";
  const std::string answer = statement.text(0);
  return answer == "ok" ? std::string() : text::replace_all(answer, "\n", " ");
}

Error meaning_of(const SqlError& error, const std::string& path) {
  if (error.damaged()) return damaged(path, error.what());
  if (error.primary() == 14) {  // cannot open
    return Error(Code::unavailable,
                 fmt::format("Cannot open the database {}: check that its folder exists and may be written.", path));
  }
  Error meaning = to_error(error);
  meaning.message = fmt::format("Cannot open the database {}: {}", path, meaning.message);
  return meaning;
}

struct Migration {
  int64_t version = 0;
  std::string_view name;
  std::string_view content;
};

std::vector<Migration> migrations() {
  std::vector<Migration> all;
  for (const auto& file : embedded_migrations()) {
    const auto version = text::parse_integer(file.name.substr(0, 4));
    if (version && file.name.ends_with(".sql")) all.push_back({*version, file.name, file.content});
  }
  return all;  // sorted by name
}

}  // namespace

Result<std::unique_ptr<Connection>> open_checked(const std::string& path, const std::string& vfs, Time now) {
  const bool in_memory = path == ":memory:";
  try {
    bool log_left = false;
    if (!in_memory) {
      std::error_code absent;
      const auto log_size = std::filesystem::file_size(path + "-wal", absent);
      log_left = !absent && log_size > 0;
      if (const std::string loss = wal_damage(path); !loss.empty()) return damaged(path, loss);
    }
    auto connection = std::make_unique<Connection>(path, vfs, Connection::Mode::read_write);
    // Until the check is over, closing must not merge the log into a file that is not sound.
    connection->keep_wal_on_close();
    if (const std::string complaint = integrity_complaint(*connection); !complaint.empty()) return damaged(path, complaint);
    connection->release_memory();
    connection->merge_wal_on_close();
    if (!in_memory) {
      connection->script("PRAGMA journal_mode = WAL; PRAGMA journal_size_limit = 67108864;");
      // After a crash: the log starts anew, so that what lies behind its end is never taken for a part of it.
      if (log_left) connection->script("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    TRY_VOID(migrate(*connection, now));
    return connection;
  } catch (const SqlError& error) {
    return meaning_of(error, path);
  }
}

namespace {

// Those that are not made yet, in order.
Result<std::vector<Migration>> pending_migrations(Connection& connection) {
  std::map<int64_t, std::string> applied;
  auto table = connection.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name = 'migration'");
  if (table.step()) {
    for (auto rows = connection.query("SELECT version, checksum FROM migration"); rows.step();) {
      applied.emplace(rows.integer(0), rows.text(1));
    }
  }
  std::vector<Migration> pending;
  for (const auto& migration : migrations()) {
    const auto found = applied.extract(migration.version);
    if (found.empty()) {
      pending.push_back(migration);
    } else if (found.mapped() != crypto::sha256_hex(migration.content)) {
      return Error(Code::internal,
                   fmt::format("Migration {} differs from the one this database was made with. Use the version "
                               "of Vedette that made it, or one released after it.",
                               migration.name));
    }
  }
  if (!applied.empty()) {
    return Error(Code::internal, "This database was written by a newer Vedette. Use that version or a later one.");
  }
  return pending;
}

}  // namespace

Status migrate(Connection& connection, Time now) {
  connection.script("BEGIN IMMEDIATE");
  connection.script(
      "CREATE TABLE IF NOT EXISTS migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, "
      "applied INTEGER NOT NULL) STRICT");
  const auto pending = pending_migrations(connection);
  if (!pending) {
    connection.script("ROLLBACK");
    return pending.error();
  }
  for (const auto& migration : *pending) {
    connection.script(migration.content);
    connection.run("INSERT INTO migration (version, name, checksum, applied) VALUES ($1, $2, $3, $4)", migration.version,
                   migration.name, crypto::sha256_hex(migration.content), to_micros(now));
  }
  connection.script("COMMIT");
  return {};
}

Result<std::vector<std::string>> inspect(const std::string& path, const std::string& vfs) {
  try {
    if (const std::string loss = wal_damage(path); !loss.empty()) return damaged(path, loss);
    Connection connection(path, vfs, Connection::Mode::read_only);
    connection.keep_wal_on_close();
    if (const std::string complaint = integrity_complaint(connection); !complaint.empty()) return damaged(path, complaint);
    TRY(const auto pending, pending_migrations(connection));
    std::vector<std::string> names;
    names.reserve(pending.size());
    for (const auto& migration : pending) names.emplace_back(migration.name);
    return names;
  } catch (const SqlError& error) {
    return meaning_of(error, path);
  }
}

int64_t tenant_id(Connection& connection, const std::string& name) {
  {
    auto known = connection.query("SELECT id FROM tenant WHERE name = $1", name);
    if (known.step()) return known.integer(0);
  }
  auto added = connection.query("INSERT INTO tenant (name) VALUES ($1) RETURNING id", name);
  added.step();
  const int64_t id = added.integer(0);
  added.step();  // only the end of the statement commits, and can fail
  return id;
}

}  // namespace vedette::sqlite
