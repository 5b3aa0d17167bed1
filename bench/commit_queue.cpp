#include "bench/commit_queue.hpp"

#include <stdexcept>

#include <sqlite3.h>

namespace vedette::bench {
namespace {

void execute(sqlite3* database, const char* sql) {
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    throw std::runtime_error(sqlite3_errmsg(database));
}

}  // namespace

CommitQueue::CommitQueue(const std::string& path) {
  if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK) throw std::runtime_error("cannot open the database");
  execute(database_, "PRAGMA journal_mode=WAL");
  execute(database_, "PRAGMA synchronous=FULL");
  execute(database_, "CREATE TABLE IF NOT EXISTS item(id INTEGER PRIMARY KEY, body TEXT NOT NULL)");
  sqlite3_prepare_v2(database_, "INSERT INTO item(body) VALUES($1)", -1, &insert_, nullptr);
  writer_ = std::thread([this] { run(); });
}

CommitQueue::~CommitQueue() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  writer_.join();
  sqlite3_finalize(insert_);
  sqlite3_close(database_);
}

void CommitQueue::store(std::string body, std::function<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back({std::move(body), std::move(done)});
  }
  wake_.notify_one();
}

void CommitQueue::run() {
  std::vector<Item> batch;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      batch.swap(waiting_);
    }
    execute(database_, "BEGIN IMMEDIATE");
    for (const auto& item : batch) {
      sqlite3_bind_text(insert_, 1, item.body.data(), static_cast<int>(item.body.size()), SQLITE_STATIC);
      sqlite3_step(insert_);
      sqlite3_reset(insert_);
    }
    execute(database_, "COMMIT");
    for (const auto& item : batch) item.done();
    batch.clear();
  }
}

}  // namespace vedette::bench
