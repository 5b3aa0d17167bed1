#pragma once
// The limit's storage: one table, one writing thread, one fsync for all that waits. As little as durable can be.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace vedette::bench {

class CommitQueue {
 public:
  explicit CommitQueue(const std::string& path);
  ~CommitQueue();
  CommitQueue(const CommitQueue&) = delete;
  CommitQueue& operator=(const CommitQueue&) = delete;
  // Stores `body`; `done` is called on the writing thread once it is on disk.
  void store(std::string body, std::function<void()> done);

 private:
  void run();
  struct Item {
    std::string body;
    std::function<void()> done;
  };
  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Item> waiting_;
  bool stopping_ = false;
  std::thread writer_;
};

}  // namespace vedette::bench
