#include "bot/store/sqlite/connection.hpp"

#include <charconv>
#include <memory>

#include <fmt/format.h>
#include <sqlite3.h>

namespace vedette::sqlite {

bool SqlError::constraint() const { return primary() == SQLITE_CONSTRAINT; }
bool SqlError::interrupted() const { return primary() == SQLITE_INTERRUPT; }
bool SqlError::damaged() const { return primary() == SQLITE_CORRUPT || primary() == SQLITE_NOTADB; }
bool SqlError::storage() const {
  switch (primary()) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_NOMEM:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
    case SQLITE_NOLFS: return true;
    default: return false;
  }
}

Statement::Statement(sqlite3* database, Prepared* prepared, bool owned)
    : database_(database), prepared_(prepared), owned_(owned) {
  prepared_->in_use = true;
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_), prepared_(std::exchange(other.prepared_, nullptr)), owned_(other.owned_) {}

Statement::~Statement() {
  if (prepared_ == nullptr) return;
  if (owned_) {
    sqlite3_finalize(prepared_->handle);
    delete prepared_;
    return;
  }
  sqlite3_reset(prepared_->handle);
  sqlite3_clear_bindings(prepared_->handle);
  prepared_->in_use = false;
}

void Statement::fail(int code) const {
  throw SqlError(sqlite3_extended_errcode(database_) == SQLITE_OK ? code : sqlite3_extended_errcode(database_),
                 sqlite3_errmsg(database_));
}

int Statement::index_of(int number) const {
  const auto at = static_cast<size_t>(number - 1);
  if (at >= prepared_->position.size() || prepared_->position[at] == 0) {
    throw SqlError(SQLITE_RANGE, fmt::format("the statement has no placeholder ${}", number));
  }
  return prepared_->position[at];
}

Statement& Statement::bind(int number, std::string_view text) {
  // A null pointer would bind NULL, not the empty text.
  const char* bytes = text.data() == nullptr ? "" : text.data();
  const int code = sqlite3_bind_text64(prepared_->handle, index_of(number), bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (code != SQLITE_OK) fail(code);
  return *this;
}

Statement& Statement::bind(int number, int64_t value) {
  const int code = sqlite3_bind_int64(prepared_->handle, index_of(number), value);
  if (code != SQLITE_OK) fail(code);
  return *this;
}

Statement& Statement::bind(int number, std::nullptr_t) {
  const int code = sqlite3_bind_null(prepared_->handle, index_of(number));
  if (code != SQLITE_OK) fail(code);
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(prepared_->handle);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail(code);
  return false;
}

void Statement::reset() { sqlite3_reset(prepared_->handle); }

std::string_view Statement::view(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(prepared_->handle, column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<size_t>(sqlite3_column_bytes(prepared_->handle, column))};
}

int64_t Statement::integer(int column) const { return sqlite3_column_int64(prepared_->handle, column); }
bool Statement::is_null(int column) const { return sqlite3_column_type(prepared_->handle, column) == SQLITE_NULL; }

Connection::Connection(const std::string& path, const std::string& vfs, Mode mode) {
  // Pages are allocated one by one, so that a connection at rest keeps none. Too late, and harmless, after the first
  // connection.
  static const int paged = sqlite3_config(SQLITE_CONFIG_PAGECACHE, nullptr, 0, 0);
  static_cast<void>(paged);
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (mode == Mode::read_write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
  const int code = sqlite3_open_v2(path.c_str(), &database_, flags, vfs.empty() ? nullptr : vfs.c_str());
  if (code != SQLITE_OK) {
    const SqlError error(code, database_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(database_));
    close();
    throw error;
  }
  try {
    sqlite3_busy_timeout(database_, 2000);
    sqlite3_db_config(database_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(database_, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    sqlite3_db_config(database_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(database_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(database_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
    const auto remember_pages = [](void* self, sqlite3*, const char*, int pages) {
      static_cast<Connection*>(self)->wal_pages_ = pages;
      return SQLITE_OK;
    };
    // Setting the hook also ends automatic checkpoints: the engine makes them after the answers are on their way.
    sqlite3_wal_hook(database_, remember_pages, this);
    script(
        "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 0;"
        "PRAGMA cache_size = -16000; PRAGMA secure_delete = OFF; PRAGMA cell_size_check = ON;");
    if (mode == Mode::read_only) script("PRAGMA query_only = ON; PRAGMA cache_size = -2000;");
  } catch (...) {
    close();
    throw;
  }
}

Connection::~Connection() { close(); }

void Connection::close() {
  for (auto& [address, prepared] : statements_) sqlite3_finalize(prepared.handle);
  statements_.clear();
  sqlite3_close_v2(database_);
  database_ = nullptr;
}

Prepared Connection::compile(std::string_view sql, bool kept) {
  Prepared prepared;
  const int code = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()),
                                      kept ? SQLITE_PREPARE_PERSISTENT : 0u, &prepared.handle, nullptr);
  if (code != SQLITE_OK) throw SqlError(code, sqlite3_errmsg(database_));
  const int count = sqlite3_bind_parameter_count(prepared.handle);
  for (int index = 1; index <= count; ++index) {
    const std::string_view name = sqlite3_bind_parameter_name(prepared.handle, index);
    size_t number = 0;
    std::from_chars(name.data() + 1, name.data() + name.size(), number);
    if (prepared.position.size() < number) prepared.position.resize(number, 0);
    if (number > 0) prepared.position[number - 1] = index;
  }
  return prepared;
}

Statement Connection::prepare(Sql sql) {
  Prepared& kept = statements_[sql.text().data()];
  if (kept.in_use) return Statement(database_, std::make_unique<Prepared>(compile(sql.text(), false)).release(), true);
  if (kept.handle == nullptr) kept = compile(sql.text(), true);
  return Statement(database_, &kept, false);
}

Statement Connection::prepare_once(const std::string& sql) {
  return Statement(database_, std::make_unique<Prepared>(compile(sql, false)).release(), true);
}

void Connection::script(std::string_view sql) {
  const std::string terminated(sql);
  char* message = nullptr;
  const int code = sqlite3_exec(database_, terminated.c_str(), nullptr, nullptr, &message);
  if (code == SQLITE_OK) return;
  const std::string text = message == nullptr ? sqlite3_errstr(code) : message;
  sqlite3_free(message);
  throw SqlError(sqlite3_extended_errcode(database_), text);
}

int64_t Connection::changes() const { return sqlite3_changes64(database_); }
int64_t Connection::total_changes() const { return sqlite3_total_changes64(database_); }
int64_t Connection::last_row() const { return sqlite3_last_insert_rowid(database_); }
bool Connection::in_transaction() const { return sqlite3_get_autocommit(database_) == 0; }

void Connection::set_progress(std::function<bool()> keep_going) {
  keep_going_ = std::move(keep_going);
  if (!keep_going_) {
    sqlite3_progress_handler(database_, 0, nullptr, nullptr);
    return;
  }
  constexpr int kInstructions = 2000;  // some tens of microseconds
  const auto ask = [](void* self) { return static_cast<Connection*>(self)->keep_going_() ? 0 : 1; };
  sqlite3_progress_handler(database_, kInstructions, ask, this);
}

void Connection::keep_wal_on_close() { sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr); }
void Connection::merge_wal_on_close() { sqlite3_db_config(database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr); }
void Connection::release_memory() { sqlite3_db_release_memory(database_); }

}  // namespace vedette::sqlite
