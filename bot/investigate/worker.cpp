#include "bot/investigate/worker.hpp"

#include <exception>

#include <boost/asio/this_coro.hpp>

#include "bot/base/log.hpp"
#include "bot/investigate/investigation.hpp"

namespace vedette::investigate {
namespace {

constexpr int kAttempts = 3;                        // exceptions: a bug that will not mend itself
constexpr std::chrono::seconds kLookAgain{2};       // for claims whose lease ran out: no commit tells about them
constexpr std::chrono::milliseconds kBackOff{500};  // when the store refuses

}  // namespace

struct Worker::Impl {
  Impl(Store& the_store, std::vector<EvidenceSource*> sources, WorkerOptions the_options, const Clock& the_clock)
      : store(the_store), options(std::move(the_options)), clock(the_clock) {
    asked.events = std::move(sources);
    asked.cases = &store.cases();
    asked.known_good = options.known_good;
  }

  Store& store;
  Sources asked;
  const WorkerOptions options;
  const Clock& clock;
  std::unique_ptr<Signal> wake;  // from the first run on
  bool listening = false;
  size_t running = 0;

  // One investigation; false when the store refused and claiming should pause.
  boost::asio::awaitable<bool> investigate(InvestigationLease lease) {
    std::string bug;
    try {
      Investigation investigation(store, asked, options, clock, lease);
      const auto done = co_await investigation.run();
      if (done) co_return true;
      const auto code = done.error().code;
      if (code == Code::conflict || code == Code::cancelled) co_return true;
      log::warning("investigate", "{} stays queued: {}", to_string(lease.case_id), done.error().message);
      if (code == Code::not_found || code == Code::invalid_input || code == Code::internal) bug = done.error().message;
      if (bug.empty()) co_return false;
    } catch (const std::exception& error) {
      log::error("investigate", "{}: {}", to_string(lease.case_id), error.what());
      bug = "The investigation met an error of ours.";
    }
    if (lease.attempt < kAttempts) co_return false;
    const auto failed = co_await store.investigations().fail(lease, bug);
    if (!failed)
      log::warning("investigate", "{} could not be given up: {}", to_string(lease.case_id), failed.error().message);
    co_return failed.has_value();
  }
};

Worker::Worker(Store& store, std::vector<EvidenceSource*> sources, WorkerOptions options, const Clock& clock)
    : impl_(std::make_shared<Impl>(store, std::move(sources), std::move(options), clock)) {}
Worker::~Worker() = default;

namespace {

template <class Impl>
Job one(std::shared_ptr<Impl> impl, InvestigationLease lease) {
  co_await impl->investigate(lease);
  --impl->running;
  impl->wake->notify();
}

}  // namespace

Job Worker::run() {
  const auto impl = impl_;
  const auto executor = co_await boost::asio::this_coro::executor;
  TaskGroup investigations(executor, "investigations");
  if (!impl->wake) impl->wake = std::make_unique<Signal>(executor);
  if (!impl->listening) {
    impl->listening = true;
    std::weak_ptr<Impl> weak = impl;
    impl->store.on_commit(Store::Topic::investigations, [weak] {
      if (const auto alive = weak.lock(); alive) alive->wake->notify();
    });
  }
  for (;;) {
    const bool stopped = co_await cancelled();
    if (stopped) break;
    if (impl->running >= impl->options.concurrency) {
      co_await impl->wake->wait(kLookAgain);
      continue;
    }
    co_await impl->store.foreground().calm();
    auto lease = co_await impl->store.investigations().claim(impl->options.owner, impl->options.lease);
    if (!lease) {
      co_await sleep_for(kBackOff);
    } else if (*lease) {
      ++impl->running;
      investigations.spawn(to_string((*lease)->case_id), one(impl, **lease));
    } else {
      co_await impl->wake->wait(kLookAgain);
    }
  }
  co_await investigations.stop(Deadline::after(std::chrono::seconds(10)));
}

Async<int> Worker::drain() {
  int done = 0;
  for (;;) {
    CO_TRY(auto lease, impl_->store.investigations().claim(impl_->options.owner, impl_->options.lease));
    if (!lease) co_return done;
    co_await impl_->investigate(*lease);
    ++done;
  }
}

}  // namespace vedette::investigate
