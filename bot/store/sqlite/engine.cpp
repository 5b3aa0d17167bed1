#include "bot/store/sqlite/engine.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <sqlite3.h>

#include <boost/asio/post.hpp>

#include "bot/base/log.hpp"

namespace vedette::sqlite {

namespace {

constexpr int kCheckpointPages = 4000;       // 16 MB of write-ahead log
constexpr int kCheckpointAgainPages = 1000;  // when readers kept the last one from finishing
constexpr size_t kBulkAtOnce = 4;
constexpr auto kIdle = std::chrono::seconds(2);

Error closing() { return Error(Code::cancelled, "Vedette is shutting down"); }

}  // namespace

Error to_error(const SqlError& error) {
  if (error.interrupted()) return Error(Code::timeout, "The search took too long and was stopped.");
  if (error.damaged()) {
    return Error(Code::internal,
                 fmt::format("The database is damaged ({}). Stop Vedette and restore the last backup.", error.what()));
  }
  if (error.primary() == SQLITE_FULL) {
    return Error(Code::unavailable, "The disk is full: nothing can be recorded until there is room again.");
  }
  if (error.primary() == SQLITE_BUSY || error.primary() == SQLITE_LOCKED) {
    return Error(Code::unavailable, "Another program holds the database; nothing can be recorded until it lets go.");
  }
  if (error.storage()) {
    return Error(Code::unavailable,
                 fmt::format("The disk of the database reports an error ({}, code {}).", error.what(), error.code));
  }
  return Error(Code::internal, fmt::format("The database refused a statement ({}, code {}).", error.what(), error.code));
}

struct Engine::Answers {
  Tasks tasks;
  unsigned topics = 0;
  std::shared_ptr<Listeners> listeners;

  void operator()() {
    for (auto& task : tasks) {
      task->complete();
      task.reset();
    }
    for (size_t topic = 0; topics != 0 && topic < listeners->size(); ++topic) {
      if ((topics & (1u << topic)) == 0) continue;
      const auto current = (*listeners)[topic];  // a listener may add another one
      for (const auto& listener : current) listener();
    }
  }
};

Engine::Engine(Executor io, EngineOptions options, std::unique_ptr<Connection> writer)
    : io_(std::move(io)), options_(std::move(options)), writer_(std::move(writer)), next_checkpoint_(kCheckpointPages) {
  std::unique_ptr<Connection> reader;
  if (!options_.in_memory) {
    reader = open_reader();
    // Holding the log's index open keeps what a failed commit wrote from coming back when the writer is opened anew.
    reader->query("SELECT COUNT(*) FROM tenant").step();
  } else {
    add_functions(*writer_);
  }
  write_thread_ = std::thread([this] { write_loop(); });
  if (options_.in_memory) return;
  read_thread_ = std::thread([this, connection = std::move(reader)]() mutable { read_loop(reads_, std::move(connection)); });
  search_thread_ = std::thread([this] { read_loop(searches_, nullptr); });
}

Engine::~Engine() { close(); }

void Engine::close() {
  if (closed_) return;
  closed_ = true;
  stopping_ = true;
  for (Queue* queue : {&writes_, &reads_, &searches_}) {
    const std::lock_guard lock(queue->mutex);
    queue->filled.notify_all();
  }
  for (std::thread* thread : {&search_thread_, &read_thread_, &write_thread_}) {
    if (thread->joinable()) thread->join();
  }
  Tasks left;
  for (Queue* queue : {&writes_, &reads_, &searches_}) {
    for (Tasks* tasks : {&queue->tasks, &queue->bulk}) {
      for (auto& task : *tasks) left.push_back(std::move(task));
      tasks->clear();
    }
  }
  for (auto& task : left) task->fail(closing());
  if (!left.empty()) answer(std::move(left), 0);
  writer_.reset();  // the last one to close merges the log into the file
}

void Engine::enqueue(Lane lane, std::unique_ptr<Task> task) {
  const bool writes = lane == Lane::write || lane == Lane::bulk;
  if (closed_) {
    task->fail(closing());
    return answer_one(std::move(task));
  }
  if (writes && !writable_.load(std::memory_order_acquire)) {
    task->fail(Error(Code::unavailable, health().reason));
    return answer_one(std::move(task));
  }
  Queue& queue = writes || options_.in_memory ? writes_ : lane == Lane::read ? reads_ : searches_;
  {
    const std::lock_guard lock(queue.mutex);
    (lane == Lane::bulk ? queue.bulk : queue.tasks).push_back(std::move(task));
  }
  queue.filled.notify_one();
}

void Engine::answer(Tasks tasks, unsigned topics) {
  Answers answers{std::move(tasks), topics, listeners_};
  boost::asio::post(io_, std::move(answers));
}

void Engine::answer_one(std::unique_ptr<Task> task) {
  Tasks tasks;
  tasks.push_back(std::move(task));
  answer(std::move(tasks), 0);
}

StoreHealth Engine::health() const {
  StoreHealth health;
  health.writable = writable_.load(std::memory_order_acquire);
  if (health.writable) return health;
  const std::lock_guard lock(reason_mutex_);
  health.reason = reason_;
  return health;
}

void Engine::on_commit(Store::Topic topic, std::function<void()> listener) {
  (*listeners_)[static_cast<size_t>(topic)].push_back(std::move(listener));
}

// ---- the writer

Engine::Tasks Engine::next_batch() {
  std::unique_lock lock(writes_.mutex);
  const auto awake = [this] { return stopping_ || !writes_.tasks.empty() || !writes_.bulk.empty(); };
  if (writable_) {
    if (cache_grown_ && !writes_.filled.wait_for(lock, kIdle, awake)) {
      lock.unlock();
      give_memory_back();
      lock.lock();
    }
    writes_.filled.wait(lock, awake);
  } else {
    writes_.filled.wait_until(lock, next_probe_, awake);
  }
  Tasks batch;
  if (stopping_) return batch;
  if (!writes_.bulk.empty() && (bulk_turn_ || writes_.tasks.empty())) {
    const auto end = writes_.bulk.begin() + static_cast<std::ptrdiff_t>(std::min(kBulkAtOnce, writes_.bulk.size()));
    batch.assign(std::make_move_iterator(writes_.bulk.begin()), std::make_move_iterator(end));
    writes_.bulk.erase(writes_.bulk.begin(), end);
    bulk_turn_ = false;
  } else {
    batch.swap(writes_.tasks);
    bulk_turn_ = true;
  }
  cache_grown_ = true;
  return batch;
}

// A large import fills the page cache; when it is over, the program is as small as before.
void Engine::give_memory_back() {
  cache_grown_ = false;
  if (writer_) writer_->release_memory();
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

void Engine::write_loop() {
  while (!stopping_) {
    Tasks batch = next_batch();
    if (writable_) {
      if (!batch.empty()) commit(std::move(batch));
      continue;
    }
    // Came in before the failure was known to the io thread.
    for (auto& task : batch) task->fail(Error(Code::unavailable, health().reason));
    if (!batch.empty()) answer(std::move(batch), 0);
    if (stopping_ || damaged_ || std::chrono::steady_clock::now() < next_probe_) continue;
    next_probe_ = std::chrono::steady_clock::now() + options_.probe_every;
    if (probe()) {
      log::info("store", "the database can be written again");
      writable_.store(true, std::memory_order_release);
    }
  }
}

void Engine::commit(Tasks batch) {
  unsigned topics = 0;
  try {
    if (!commit_together(batch, topics)) commit_apart(batch, topics);
  } catch (const SqlError& error) {
    turn_unwritable(error);
    for (auto& task : batch) task->fail(to_error(error));
    answer(std::move(batch), 0);
    reopen_writer();
    return;
  }
  answer(std::move(batch), topics);
  checkpoint_when_due();
}

// Throws what concerns the whole transaction; other failures are the task's own.
bool Engine::run_guarded(Task& task, Transaction& tx) {
  const bool limited = task.deadline != SteadyTime::max();
  if (limited) writer_->set_progress([this, deadline = task.deadline] { return keep_going(deadline); });
  bool keep = false;
  try {
    keep = task.run(tx);
  } catch (const SqlError& error) {
    if (error.storage() || error.damaged() || !writer_->in_transaction()) throw;
    task.fail(to_error(error));
  } catch (const std::exception& error) {
    log::error("store", "a write ended by an exception: {}", error.what());
    task.fail(Error(Code::internal, "Something went wrong inside Vedette; nothing was changed."));
  }
  if (limited) writer_->set_progress({});
  return keep;
}

// Without a savepoint for each call: keeping what every page was before it costs more than the usual write itself. False
// when a call wants to be undone that wrote something: then nothing was committed.
bool Engine::commit_together(Tasks& batch, unsigned& topics) {
  writer_->run("BEGIN IMMEDIATE");
  unsigned touched = 0;
  for (auto& task : batch) {
    Transaction tx(*writer_, options_.tenant);
    const int64_t before = writer_->total_changes();
    if (run_guarded(*task, tx)) {
      touched |= tx.topics();
    } else if (writer_->total_changes() != before) {
      writer_->run("ROLLBACK");
      return batch.size() == 1;
    }
  }
  writer_->run("COMMIT");
  topics = touched;
  return true;
}

// Runs every call again, each so that it can be undone alone.
void Engine::commit_apart(Tasks& batch, unsigned& topics) {
  writer_->run("BEGIN IMMEDIATE");
  for (auto& task : batch) topics |= run_in_savepoint(*task);
  writer_->run("COMMIT");
}

unsigned Engine::run_in_savepoint(Task& task) {
  Transaction tx(*writer_, options_.tenant);
  writer_->run("SAVEPOINT task");
  const bool keep = run_guarded(task, tx);
  if (!keep) writer_->run("ROLLBACK TO task");
  writer_->run("RELEASE task");
  return keep ? tx.topics() : 0;
}

void Engine::checkpoint_when_due() {
  const int pages = writer_->wal_pages();
  if (pages < kCheckpointPages) next_checkpoint_ = kCheckpointPages;
  if (pages < next_checkpoint_) return;
  const int code = sqlite3_wal_checkpoint_v2(writer_->handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  next_checkpoint_ = pages + kCheckpointAgainPages;
  if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) return;
  // Nothing is lost: all of it is in the log. But the disk is not well.
  turn_unwritable(SqlError(sqlite3_extended_errcode(writer_->handle()), sqlite3_errmsg(writer_->handle())));
  reopen_writer();
}

void Engine::turn_unwritable(const SqlError& error) {
  const Error meaning = to_error(error);
  log::error("store", "writing failed: {} ({}, code {})", meaning.message, error.what(), error.code);
  damaged_ = damaged_ || error.damaged();
  next_probe_ = std::chrono::steady_clock::now() + options_.probe_every;
  const std::lock_guard lock(reason_mutex_);
  reason_ = meaning.message;
  writable_.store(false, std::memory_order_release);
}

void Engine::reopen_writer() {
  if (options_.in_memory) {
    if (writer_->in_transaction()) writer_->script("ROLLBACK");
    return;
  }
  if (writer_) writer_->keep_wal_on_close();
  writer_.reset();
  try {
    writer_ = std::make_unique<Connection>(options_.path, options_.vfs, Connection::Mode::read_write);
  } catch (const SqlError& error) {
    log::warning("store", "the database cannot be opened again yet: {}", error.what());
  }
}

bool Engine::probe() {
  try {
    if (!writer_) writer_ = std::make_unique<Connection>(options_.path, options_.vfs, Connection::Mode::read_write);
    writer_->run("BEGIN IMMEDIATE");
    writer_->run(
        "INSERT INTO probe (id, counter, padding) VALUES (1, 1, randomblob(65536)) "
        "ON CONFLICT (id) DO UPDATE SET counter = probe.counter + 1, padding = excluded.padding");
    writer_->run("COMMIT");
    // Start the log afresh: what a failed write left behind its end is gone for good.
    const int code = sqlite3_wal_checkpoint_v2(writer_->handle(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) return true;
    throw SqlError(code, sqlite3_errmsg(writer_->handle()));
  } catch (const SqlError& error) {
    log::debug("store", "probe write failed: {}", error.what());
    const std::string reason = to_error(error).message;
    damaged_ = damaged_ || error.damaged();
    {
      const std::lock_guard lock(reason_mutex_);
      reason_ = reason;
    }
    if (writer_) reopen_writer();
    return false;
  }
}

// ---- the readers

std::unique_ptr<Connection> Engine::open_reader() const {
  auto connection = std::make_unique<Connection>(options_.path, options_.vfs, Connection::Mode::read_only);
  add_functions(*connection);
  return connection;
}

bool Engine::keep_going(SteadyTime deadline) const {
  return !stopping_ && (deadline == SteadyTime::max() || std::chrono::steady_clock::now() < deadline);
}

void Engine::read_loop(Queue& queue, std::unique_ptr<Connection> connection) {
  Tasks taken;
  while (true) {
    {
      std::unique_lock lock(queue.mutex);
      queue.filled.wait(lock, [&] { return stopping_ || !queue.tasks.empty(); });
      if (stopping_) return;
      taken.swap(queue.tasks);
    }
    for (auto& task : taken) {
      if (stopping_) {
        task->fail(closing());
      } else {
        read_one(connection, *task);
      }
      answer_one(std::move(task));
    }
    taken.clear();
  }
}

void Engine::read_one(std::unique_ptr<Connection>& connection, Task& task) {
  if (!keep_going(task.deadline)) {
    task.fail(stopping_ ? closing() : Error(Code::timeout, "The search took too long and was stopped."));
    return;
  }
  try {
    if (!connection) connection = open_reader();
    connection->set_progress([this, deadline = task.deadline] { return keep_going(deadline); });
    connection->run("BEGIN");  // all of it sees one moment
    Transaction tx(*connection, options_.tenant);
    task.run(tx);
    connection->run("COMMIT");
  } catch (const SqlError& error) {
    task.fail(error.interrupted() && stopping_ ? closing() : to_error(error));
    if (!error.interrupted()) log::error("store", "a read failed: {} (code {})", error.what(), error.code);
    if (error.storage() || error.damaged()) {
      connection.reset();
      return;
    }
  } catch (const std::exception& error) {
    log::error("store", "a read ended by an exception: {}", error.what());
    task.fail(Error(Code::internal, "Something went wrong inside Vedette."));
  }
  connection->set_progress({});
  if (connection->in_transaction()) connection->script("ROLLBACK");
}

}  // namespace vedette::sqlite
