#include <fmt/format.h>

#include "bot/store/sqlite/open.hpp"
#include "bot/store/sqlite/stores.hpp"
#include "bot/store/sqlite_store.hpp"

namespace vedette {
namespace sqlite {

namespace {

class SqliteStore final : public Store {
 public:
  SqliteStore(Executor io, EngineOptions engine, const SqliteOptions& options, std::unique_ptr<Connection> writer,
              std::unique_ptr<FileLock> lock)
      : lock_(std::move(lock)),
        engine_(std::move(io), std::move(engine), std::move(writer)),
        context_{&engine_, &foreground(), options.clock},
        alerts_(context_),
        cases_(context_),
        investigations_(context_),
        actions_(context_),
        inbox_(context_),
        outbox_(context_),
        audit_(context_),
        events_(context_),
        sessions_(context_),
        links_(context_),
        conversations_(context_, options.most_conversations) {}

  AlertStore& alerts() override { return alerts_; }
  CaseStore& cases() override { return cases_; }
  InvestigationStore& investigations() override { return investigations_; }
  ActionStore& actions() override { return actions_; }
  InboxStore& inbox() override { return inbox_; }
  OutboxStore& outbox() override { return outbox_; }
  AuditStore& audit() override { return audit_; }
  EventStore& events() override { return events_; }
  SessionStore& sessions() override { return sessions_; }
  ConversationStore& conversations() override { return conversations_; }
  LinkStore& links() override { return links_; }
  StoreHealth health() const override { return engine_.health(); }
  void on_commit(Topic topic, std::function<void()> listener) override { engine_.on_commit(topic, std::move(listener)); }
  void close() override {
    engine_.close();
    lock_.reset();
  }

 private:
  std::unique_ptr<FileLock> lock_;  // let go of last
  Engine engine_;
  Context context_;
  Alerts alerts_;
  Cases cases_;
  Investigations investigations_;
  Actions actions_;
  Inbox inbox_;
  Outbox outbox_;
  Audit audit_;
  Events events_;
  Sessions sessions_;
  Links links_;
  Conversations conversations_;
};

}  // namespace

}  // namespace sqlite

Result<std::vector<std::string>> inspect_sqlite_store(const SqliteOptions& options) {
  return sqlite::inspect(options.path, options.vfs);
}

Result<std::vector<Conversation>> peek_conversations(const SqliteOptions& options, const std::string& platform) {
  try {
    sqlite::Connection connection(options.path, options.vfs, sqlite::Connection::Mode::read_only);
    connection.keep_wal_on_close();
    auto table = connection.query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'conversation'");
    if (!table.step()) return std::vector<Conversation>();
    auto tenant = connection.query("SELECT id FROM tenant WHERE name = $1", options.tenant);
    if (!tenant.step()) return std::vector<Conversation>();
    return sqlite::read_conversations(connection, tenant.integer(0), platform);
  } catch (const sqlite::SqlError& error) {
    return sqlite::to_error(error);
  }
}

Result<std::unique_ptr<Store>> open_sqlite_store(Executor io, SqliteOptions options) {
  using namespace sqlite;
  const bool in_memory = options.path == ":memory:";
  std::unique_ptr<FileLock> lock;
  if (!in_memory) {
    TRY(lock, FileLock::take(options.path));
  }
  TRY(auto writer, open_checked(options.path, options.vfs, options.clock->now()));
  try {
    EngineOptions engine;
    engine.path = options.path;
    engine.vfs = options.vfs;
    engine.in_memory = in_memory;
    engine.probe_every = options.probe_every;
    engine.tenant = tenant_id(*writer, options.tenant);
    // This process is the only one that works on the file: what was running in an earlier one is not running any more.
    writer->run("UPDATE cases SET lease_until = 0 WHERE tenant = $1 AND investigation = 'running' AND lease_until > 0",
                engine.tenant);
    return std::unique_ptr<Store>(
        std::make_unique<SqliteStore>(std::move(io), std::move(engine), options, std::move(writer), std::move(lock)));
  } catch (const SqlError& error) {
    Error meaning = to_error(error);
    meaning.message = fmt::format("Cannot open the database {}: {}", options.path, meaning.message);
    return meaning;
  }
}

}  // namespace vedette
