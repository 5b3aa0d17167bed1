#pragma once
// The threads of the SQLite store, and how a coroutine's call travels to one of them and back.
//
// Writes go to one thread. It takes everything that waits, runs the calls in one transaction (again, each inside a
// savepoint, when one of them has to be undone), commits once (one fsync for all) and hands all answers to the io thread in
// one go. Nobody waits for company: when the thread is idle, a single call is a transaction of its own. Calls of the bulk
// lane (event intake) get their turn between batches of the others, in small pieces, so that an alert never waits for a
// large import. Reads have two threads with a connection each, one for event searches and one for the rest; a read sees
// every write that was answered before it was asked.
//
// A call that was handed over runs to its end even when the caller is told to stop meanwhile: it owns all it touches.
//
// When the disk fails (full, I/O error), the calls of that transaction are `unavailable`, the connection is opened anew and
// every further write is refused at once, until a probe write, tried each second, succeeds. A damaged file stays refused.
//
// Used from the io thread. `close` (or the destructor) ends the threads; the io_context must outlive the engine.

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "bot/store/sqlite/connection.hpp"
#include "bot/store/store.hpp"

namespace vedette::sqlite {

// What a call works with. For a write: inside its own savepoint.
class Transaction {
 public:
  Transaction(Connection& connection, int64_t tenant_id) : db(connection), tenant(tenant_id) {}
  Connection& db;
  const int64_t tenant;
  void touch(Store::Topic topic) { topics_ |= 1u << static_cast<unsigned>(topic); }
  unsigned topics() const { return topics_; }

 private:
  unsigned topics_ = 0;
};

// A call on its way.
class Task {
 public:
  virtual ~Task() = default;
  // On a thread of the store; false: undo what it did, it ended in an error. May be undone and run again: it changes nothing
  // but the database and its own answer.
  virtual bool run(Transaction& tx) = 0;
  virtual void fail(Error error) = 0;  // this is the answer instead
  virtual void complete() = 0;         // on the io thread: lets the coroutine go on
  SteadyTime deadline = SteadyTime::max();
};

template <class T, class Work, class Handler>
class Call final : public Task {
 public:
  Call(Work work, Handler handler) : work_(std::move(work)), handler_(std::move(handler)) {}
  bool run(Transaction& tx) override {
    result_.emplace(std::as_const(work_)(tx));
    return result_->has_value();
  }
  void fail(Error error) override { result_.emplace(std::move(error)); }
  void complete() override { std::move(handler_)(std::move(*result_)); }

 private:
  Work work_;
  Handler handler_;
  std::optional<Result<T>> result_;
};

struct EngineOptions {
  std::string path;
  std::string vfs;
  int64_t tenant = 0;
  bool in_memory = false;  // one connection for everything
  std::chrono::milliseconds probe_every = std::chrono::seconds(1);
};

class Engine {
 public:
  using Tasks = std::vector<std::unique_ptr<Task>>;

  // `writer` is open, checked and migrated.
  Engine(Executor io, EngineOptions options, std::unique_ptr<Connection> writer);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // `work` is called as Result<T>(Transaction&) on a thread of the store; an Error undoes what it wrote. It must own what it
  // uses.
  template <class Work>
  auto write(Work work) {
    return submit(Lane::write, SteadyTime::max(), std::move(work));
  }
  template <class Work>
  auto write_bulk(Work work) {
    return submit(Lane::bulk, SteadyTime::max(), std::move(work));
  }
  template <class Work>
  auto read(Work work) {
    return submit(Lane::read, SteadyTime::max(), std::move(work));
  }
  // `timeout` once the deadline passed, also in the middle of a statement.
  template <class Work>
  auto search(Deadline deadline, Work work) {
    return submit(Lane::search, deadline.time(), std::move(work));
  }

  StoreHealth health() const;
  void on_commit(Store::Topic topic, std::function<void()> listener);
  void close();

 private:
  enum class Lane { write, bulk, read, search };
  using Listeners = std::array<std::vector<std::function<void()>>, 6>;

  struct Queue {
    std::mutex mutex;
    std::condition_variable filled;
    Tasks tasks;
    Tasks bulk;  // the writer's second lane
  };
  // A set of answered calls, on its way to the io thread.
  struct Answers;

  template <class Work>
  auto submit(Lane lane, SteadyTime deadline, Work work) {
    using Answer = std::invoke_result_t<Work&, Transaction&>;
    using T = typename Answer::value_type;
    auto start = [this, lane, deadline](auto handler, auto job) {
      auto call = std::make_unique<Call<T, decltype(job), decltype(handler)>>(std::move(job), std::move(handler));
      call->deadline = deadline;
      enqueue(lane, std::move(call));
    };
    boost::asio::use_awaitable_t<> token;
    return boost::asio::async_initiate<boost::asio::use_awaitable_t<>, void(Answer)>(std::move(start), token,
                                                                                     std::move(work));
  }

  void enqueue(Lane lane, std::unique_ptr<Task> task);
  void answer(Tasks tasks, unsigned topics);
  void answer_one(std::unique_ptr<Task> task);

  void write_loop();
  Tasks next_batch();
  void give_memory_back();
  void commit(Tasks batch);
  bool commit_together(Tasks& batch, unsigned& topics);
  void commit_apart(Tasks& batch, unsigned& topics);
  unsigned run_in_savepoint(Task& task);
  bool run_guarded(Task& task, Transaction& tx);
  void checkpoint_when_due();
  void turn_unwritable(const SqlError& error);
  void reopen_writer();
  bool probe();

  void read_loop(Queue& queue, std::unique_ptr<Connection> connection);
  void read_one(std::unique_ptr<Connection>& connection, Task& task);
  bool keep_going(SteadyTime deadline) const;
  std::unique_ptr<Connection> open_reader() const;

  const Executor io_;
  const EngineOptions options_;
  std::shared_ptr<Listeners> listeners_ = std::make_shared<Listeners>();
  bool closed_ = false;  // io thread
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> writable_ = true;
  bool damaged_ = false;  // writer thread
  SteadyTime next_probe_;
  mutable std::mutex reason_mutex_;
  std::string reason_;

  std::unique_ptr<Connection> writer_;  // the writer thread's, between start and join
  int next_checkpoint_;
  bool bulk_turn_ = false;
  bool cache_grown_ = true;  // since memory was last given back
  Queue writes_;
  Queue reads_;
  Queue searches_;
  std::thread write_thread_;
  std::thread read_thread_;
  std::thread search_thread_;
};

// What a failure of SQLite means to a caller.
Error to_error(const SqlError& error);
// The scalar functions that event searches use; called for each connection that searches.
void add_functions(Connection& connection);

}  // namespace vedette::sqlite
