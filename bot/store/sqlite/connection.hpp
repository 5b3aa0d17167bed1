#pragma once
// SQLite behind a few small owners: a connection with prepared statements kept for reuse, and a statement in use.
//
// A connection is used by one thread at a time. Failures of SQLite are thrown as SqlError, inside the store only: the engine
// catches them in one place and turns them into an Error. Text is bound without a copy: it must live until the statement's
// end. Placeholders are $1, $2, … and mean the number, not the order of appearance, as in PostgreSQL.

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace vedette::sqlite {

class SqlError : public std::runtime_error {
 public:
  SqlError(int extended_code, const std::string& message) : std::runtime_error(message), code(extended_code) {}
  int code;  // extended result code
  int primary() const { return code & 0xff; }
  bool constraint() const;   // a uniqueness or other rule of the schema
  bool interrupted() const;  // stopped by the progress callback
  bool damaged() const;      // the file is not a sound database
  bool storage() const;      // the disk or the system refused: full, I/O error, read-only, no memory
};

// SQL that is a constant of the program. Nothing else can be one, so no value from outside ever becomes SQL.
class Sql {
 public:
  template <size_t N>
  consteval Sql(const char (&literal)[N]) : text_(literal, N - 1) {}  // NOLINT(google-explicit-constructor)
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

// A compiled statement and where its numbered placeholders are.
struct Prepared {
  sqlite3_stmt* handle = nullptr;
  std::vector<int> position;  // placeholder number - 1 → index of the parameter; 0: not in the text
  bool in_use = false;
};

// A prepared statement while it runs. Destruction resets it, which ends its read.
class Statement {
 public:
  Statement(sqlite3* database, Prepared* prepared, bool owned);
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  Statement(const Statement&) = delete;

  Statement& bind(int number, std::string_view text);
  Statement& bind(int number, const char* text) { return bind(number, std::string_view(text)); }
  Statement& bind(int number, const std::string& text) { return bind(number, std::string_view(text)); }
  Statement& bind(int number, int64_t value);
  Statement& bind(int number, int value) { return bind(number, static_cast<int64_t>(value)); }
  Statement& bind(int number, size_t value) { return bind(number, static_cast<int64_t>(value)); }
  Statement& bind(int number, bool value) { return bind(number, static_cast<int64_t>(value)); }
  Statement& bind(int number, std::nullptr_t);

  bool step();   // true: there is a row
  void reset();  // ready to run again; bindings stay

  std::string_view view(int column) const;  // until the next step
  std::string text(int column) const { return std::string(view(column)); }
  int64_t integer(int column) const;
  int small(int column) const { return static_cast<int>(integer(column)); }
  bool is_null(int column) const;

 private:
  int index_of(int number) const;
  [[noreturn]] void fail(int code) const;

  sqlite3* database_;
  Prepared* prepared_;
  bool owned_;
};

class Connection {
 public:
  enum class Mode { read_write, read_only };
  // Opens and sets what every connection has: foreign keys, no memory map, time-out on foreign locks. The page
  // cache of the writing one may grow to 16 MB under load; the engine gives it back when there is nothing to do.
  Connection(const std::string& path, const std::string& vfs, Mode mode);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Statement prepare(Sql sql);                      // compiled once and kept
  Statement prepare_once(const std::string& sql);  // composed by the event log from constants; values are bound

  // Runs to the end; answers the number of rows changed.
  template <class... Values>
  int64_t run(Sql sql, const Values&... values) {
    Statement statement = prepare(sql);
    bind_all(statement, values...);
    while (statement.step()) {
    }
    return changes();
  }
  // A statement with its values bound, to be stepped.
  template <class... Values>
  Statement query(Sql sql, const Values&... values) {
    Statement statement = prepare(sql);
    bind_all(statement, values...);
    return statement;
  }
  void script(std::string_view sql);  // several statements without values, for migrations and pragmas

  int64_t total_changes() const;  // rows changed since the connection was opened, undone ones too
  int64_t changes() const;
  int64_t last_row() const;
  bool in_transaction() const;
  // While set, `keep_going` is asked now and then during a statement; false ends it with an interrupted SqlError.
  void set_progress(std::function<bool()> keep_going);
  // Pages now in the write-ahead log, as of the last commit of this connection.
  int wal_pages() const { return wal_pages_; }
  // Whether closing the last connection merges the log into the file (the default) or leaves both as they are.
  void keep_wal_on_close();
  void merge_wal_on_close();
  void release_memory();
  sqlite3* handle() { return database_; }

 private:
  template <class... Values>
  static void bind_all(Statement& statement, const Values&... values) {
    int number = 0;
    (statement.bind(++number, values), ...);
  }
  Prepared compile(std::string_view sql, bool kept);
  void close();

  sqlite3* database_ = nullptr;
  std::unordered_map<const char*, Prepared> statements_;  // by the address of the constant
  std::function<bool()> keep_going_;
  int wal_pages_ = 0;
};

}  // namespace vedette::sqlite
