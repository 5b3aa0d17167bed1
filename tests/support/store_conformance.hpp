#pragma once
// What every back end of the store has to do, as tests: all methods and rules of bot/store/*.hpp, with hostile text.
//
// A back end registers itself once in a test program:
//   const bool registered = register_store_conformance("Sqlite", make_database);
// Each test gets an empty database, a store on it, and a clock that stands still. It may close the store and open it again.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bot/store/store.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/fake_clock.hpp"

namespace vedette::test {

// One database of a back end, empty at first; removed at the end.
class TestDatabase {
 public:
  virtual ~TestDatabase() = default;
  virtual Result<std::unique_ptr<Store>> open(Executor io, const Clock& clock, std::string tenant) = 0;
};
using MakeDatabase = std::function<std::unique_ptr<TestDatabase>()>;

bool register_store_conformance(const std::string& back_end, MakeDatabase make_database);

// ---- for the tests themselves

struct StoreEnv {
  Executor io;
  FakeClock clock;
  TestDatabase* database = nullptr;
  std::unique_ptr<Store> store;

  // Closes the store and opens the same database again.
  void reopen(const std::string& tenant = "default");
  Store& s() { return *store; }
};

struct StoreCase {
  const char* suite;
  const char* name;
  Job (*body)(StoreEnv& env);
};
std::vector<StoreCase> alert_store_cases();
std::vector<StoreCase> case_store_cases();
std::vector<StoreCase> snooze_store_cases();
std::vector<StoreCase> investigation_store_cases();
std::vector<StoreCase> action_store_cases();
std::vector<StoreCase> outbox_store_cases();
std::vector<StoreCase> other_store_cases();
std::vector<StoreCase> link_store_cases();
std::vector<StoreCase> event_store_cases();
std::vector<StoreCase> conversation_store_cases();

// A vector of these. In place of braces, which g++ 12 does not bear inside a coroutine.
template <class T, class... Values>
std::vector<T> list_of(Values... values) {
  std::vector<T> all;
  (all.push_back(T(std::move(values))), ...);
  return all;
}

// Text that breaks careless code. Valid UTF-8 comes back byte for byte; of the last two, only that nothing else is harmed.
struct HostileText {
  const char* what;
  std::string text;
  bool exact;  // comes back as it went in
};
const std::vector<HostileText>& hostile_texts();

Alert sample_alert(const std::string& key, std::vector<Entity> entities = {});
ActionPlan sample_plan(const std::string& address = "203.0.113.7");
Verdict sample_verdict(Label label = Label::malicious);
AuditEntry sample_audit(const std::string& action, const std::string& subject = "C-1", const std::string& cause = "");
OutboxMessage sample_message(const std::string& slot, const std::string& card = "{\"text\":\"hello\"}");
Event sample_event(const std::string& id, Time time);

// An alert that opened a case, ready to investigate.
Async<CaseId> opened_case(Store& store, Alert alert);
// A case of its own with one action of this plan, proposed.
Async<Action> proposed_action(Store& store, ActionPlan plan);

}  // namespace vedette::test

// NOLINTBEGIN(bugprone-macro-parentheses): a name or a declaration cannot stand in parentheses
// MUST(auto x, call);  waits for the call; a failure ends the test.
#define VEDETTE_MUST_(tmp, decl, expr)                     \
  auto tmp = co_await expr;                                \
  if (!tmp) {                                              \
    ADD_FAILURE() << #expr << ": " << tmp.error().message; \
    co_return;                                             \
  }                                                        \
  decl = std::move(tmp).value()
#define MUST(decl, expr) VEDETTE_MUST_(VEDETTE_CONCAT(must_, __LINE__), decl, expr)
#define MUST_VOID(expr)                                              \
  do {                                                               \
    auto must_status = co_await expr;                                \
    if (!must_status) {                                              \
      ADD_FAILURE() << #expr << ": " << must_status.error().message; \
      co_return;                                                     \
    }                                                                \
  } while (false)
// MUST_FAIL(code, call);  the call has to end with this error.
#define MUST_FAIL(expected, expr)                                                 \
  do {                                                                            \
    auto must_result = co_await expr;                                             \
    if (must_result) {                                                            \
      ADD_FAILURE() << #expr << " should have failed";                            \
      co_return;                                                                  \
    }                                                                             \
    EXPECT_EQ(must_result.error().code, expected) << must_result.error().message; \
    EXPECT_FALSE(must_result.error().message.empty());                            \
  } while (false)
// NOLINTEND(bugprone-macro-parentheses)
