#pragma once
// Everything durable, behind named transactional methods. An answer without an error means: it is on disk (fsync done).
//
// Called from the io thread; the work runs on the store's own threads and the coroutine comes back to the io thread. Commits
// that wait at the same moment share one fsync. A write that fails because the disk does (full, I/O error) is `unavailable`;
// from then on every write is refused the same way until a probe write succeeds, see health().
// Every row belongs to the tenant the store was opened for.

#include <functional>
#include <memory>
#include <string>

#include "bot/base/foreground.hpp"
#include "bot/store/action_store.hpp"
#include "bot/store/alert_store.hpp"
#include "bot/store/audit_store.hpp"
#include "bot/store/case_store.hpp"
#include "bot/store/conversation_store.hpp"
#include "bot/store/event_store.hpp"
#include "bot/store/inbox_store.hpp"
#include "bot/store/investigation_store.hpp"
#include "bot/store/link_store.hpp"
#include "bot/store/outbox_store.hpp"
#include "bot/store/session_store.hpp"

namespace vedette {

struct StoreHealth {
  bool writable = true;
  std::string reason;  // a sentence for people when not writable
};

class Store {
 public:
  virtual ~Store() = default;
  virtual AlertStore& alerts() = 0;
  virtual CaseStore& cases() = 0;
  virtual InvestigationStore& investigations() = 0;
  virtual ActionStore& actions() = 0;
  virtual InboxStore& inbox() = 0;
  virtual OutboxStore& outbox() = 0;
  virtual AuditStore& audit() = 0;
  virtual EventStore& events() = 0;
  virtual SessionStore& sessions() = 0;
  virtual ConversationStore& conversations() = 0;
  virtual LinkStore& links() = 0;
  virtual StoreHealth health() const = 0;
  // Calls back on the io thread after a commit that touched the topic: wake-ups for workers, never the truth itself.
  enum class Topic { alerts, investigations, cases, inbox, outbox, actions };
  virtual void on_commit(Topic topic, std::function<void()> listener) = 0;
  // Ends after the running transaction; later calls are `cancelled`.
  virtual void close() = 0;
  // Alerts and interactions on their way to the disk: somebody waits for them, so work that nobody waits for gives way.
  Foreground& foreground() { return foreground_; }

 private:
  Foreground foreground_;
};

}  // namespace vedette
