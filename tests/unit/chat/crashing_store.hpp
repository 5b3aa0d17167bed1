#pragma once
// A store whose process "dies" before its k-th outbox operation: that one and all later ones are not carried out. What was
// carried out before is on disk and is seen by whoever opens the real store next.

#include "bot/store/store.hpp"

namespace vedette::test {

class CrashingOutbox final : public OutboxStore {
 public:
  CrashingOutbox(OutboxStore& real, int operations) : real_(real), left_(operations) {}
  bool dead() const { return left_ < 0; }
  int failing_puts = 0;       // so many fail, and nobody dies
  Duration due_takes{0};      // between reading and answering: the answer is that old
  Duration sending_takes{0};  // before it is carried out

  Async<void> put(std::vector<OutboxMessage> m) override {
    if (!alive()) co_return died();
    if (failing_puts > 0) {
      --failing_puts;
      co_return Error(Code::unavailable, "the disk is full", true);
    }
    co_return co_await real_.put(std::move(m));
  }
  Async<std::vector<OutboxRow>> due(std::string p, Time now, size_t limit) override {
    if (dead()) co_return died();  // reading changes nothing: not a step to die at
    auto rows = co_await real_.due(std::move(p), now, limit);
    if (due_takes > Duration(0)) co_await sleep_for(due_takes);
    co_return rows;
  }
  Async<void> sending(int64_t id, Time now) override {
    if (!alive()) co_return died();
    if (sending_takes > Duration(0)) co_await sleep_for(sending_takes);
    co_return co_await real_.sending(id, now);
  }
  Async<void> sent(int64_t id, int64_t v, std::string ref) override {
    if (!alive()) co_return died();
    co_return co_await real_.sent(id, v, std::move(ref));
  }
  Async<void> retry(int64_t id, Time t, std::string e) override {
    if (!alive()) co_return died();
    co_return co_await real_.retry(id, t, std::move(e));
  }
  Async<void> unknown(int64_t id, Time t, std::string e) override {
    if (!alive()) co_return died();
    co_return co_await real_.unknown(id, t, std::move(e));
  }
  Async<void> failed(int64_t id, std::string e) override {
    if (!alive()) co_return died();
    co_return co_await real_.failed(id, std::move(e));
  }
  Async<void> gone(int64_t id, Time t, std::string e) override {
    if (!alive()) co_return died();
    co_return co_await real_.gone(id, t, std::move(e));
  }
  Async<std::optional<Time>> oldest_undelivered(std::string p, Time failed_since) override {
    if (dead()) co_return died();
    co_return co_await real_.oldest_undelivered(std::move(p), failed_since);
  }
  Async<GivenUp> given_up(std::string p, Time since) override {
    if (dead()) co_return died();
    co_return co_await real_.given_up(std::move(p), since);
  }
  Async<int64_t> recover() override {
    if (!alive()) co_return died();
    co_return co_await real_.recover();
  }
  Async<std::vector<OutboxRow>> channel(std::string p, std::string c, std::string u, int64_t b, size_t l) override {
    co_return co_await real_.channel(std::move(p), std::move(c), std::move(u), b, l);
  }
  Async<std::vector<OutboxRow>> thread(std::string p, std::string c, std::string r, std::string u) override {
    co_return co_await real_.thread(std::move(p), std::move(c), std::move(r), std::move(u));
  }
  Async<std::optional<OutboxRow>> find(std::string p, std::string c, std::string s) override {
    co_return co_await real_.find(std::move(p), std::move(c), std::move(s));
  }
  Async<std::optional<OutboxRow>> find_ref(std::string p, std::string c, std::string r) override {
    co_return co_await real_.find_ref(std::move(p), std::move(c), std::move(r));
  }

 private:
  bool alive() {
    if (left_ >= 0) --left_;
    return left_ >= 0;
  }
  static Error died() { return Error(Code::cancelled, "the process is gone"); }
  OutboxStore& real_;
  int left_;
};

class CrashingStore final : public Store {
 public:
  CrashingStore(Store& real, int operations) : real_(real), outbox_(real.outbox(), operations) {}
  bool dead() const { return outbox_.dead(); }
  AlertStore& alerts() override { return real_.alerts(); }
  CaseStore& cases() override { return real_.cases(); }
  InvestigationStore& investigations() override { return real_.investigations(); }
  ActionStore& actions() override { return real_.actions(); }
  InboxStore& inbox() override { return real_.inbox(); }
  CrashingOutbox& outbox() override { return outbox_; }
  AuditStore& audit() override { return real_.audit(); }
  EventStore& events() override { return real_.events(); }
  SessionStore& sessions() override { return real_.sessions(); }
  ConversationStore& conversations() override { return real_.conversations(); }
  LinkStore& links() override { return real_.links(); }
  StoreHealth health() const override { return real_.health(); }
  void on_commit(Topic topic, std::function<void()> listener) override { real_.on_commit(topic, std::move(listener)); }
  void close() override { real_.close(); }

 private:
  Store& real_;
  CrashingOutbox outbox_;
};

}  // namespace vedette::test
