#include "bot/base/async.hpp"

#include <exception>
#include <list>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "bot/base/log.hpp"

namespace vedette {

namespace asio = boost::asio;
constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);

asio::awaitable<void> sleep_for(Duration wait) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, wait);
  co_await timer.async_wait(use_tuple);
}

asio::awaitable<bool> cancelled() {
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

struct BlockingPool::Impl {
  explicit Impl(unsigned threads) : pool(threads) {}
  asio::thread_pool pool;
};
BlockingPool::BlockingPool(unsigned threads) : impl_(std::make_unique<Impl>(threads)) {}
BlockingPool::~BlockingPool() { impl_->pool.join(); }
void BlockingPool::post(std::function<void()> work, Executor back, std::function<void()> done) {
  asio::post(impl_->pool, [work = std::move(work), back = std::move(back), done = std::move(done)]() mutable {
    work();
    asio::post(back, std::move(done));
  });
}

asio::awaitable<void> offload(BlockingPool& pool, std::function<void()> work) {
  const auto executor = co_await asio::this_coro::executor;
  // The job runs to its end even when the caller is cancelled meanwhile: the caller's frame must outlive it.
  asio::steady_timer done(executor, asio::steady_timer::time_point::max());
  bool finished = false;
  std::exception_ptr thrown;
  std::function<void()> guarded = [&] {
    try {
      work();
    } catch (...) {
      thrown = std::current_exception();
    }
  };
  std::function<void()> wake = [&] {
    finished = true;
    done.cancel();
  };
  pool.post(std::move(guarded), executor, std::move(wake));
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  while (!finished) co_await done.async_wait(use_tuple);
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  if (thrown) std::rethrow_exception(thrown);
}

struct Signal::Impl {
  explicit Impl(const Executor& executor) : timer(executor) {}
  asio::steady_timer timer;
  bool set = false;
};
Signal::Signal(Executor executor) : impl_(std::make_unique<Impl>(executor)) {}
Signal::~Signal() = default;
void Signal::notify() {
  impl_->set = true;
  impl_->timer.cancel();
}
asio::awaitable<bool> Signal::wait(Duration at_most) {
  if (!impl_->set) {
    impl_->timer.expires_after(at_most);
    co_await impl_->timer.async_wait(use_tuple);
  }
  const bool was_set = impl_->set;
  impl_->set = false;
  co_return was_set;
}

struct TaskGroup::Impl {
  Impl(Executor e, std::string n) : executor(std::move(e)), name(std::move(n)), empty(executor) {}
  Executor executor;
  std::string name;
  std::list<asio::cancellation_signal> signals;
  bool stopping = false;
  asio::steady_timer empty;  // cancelled each time a job ends
};

TaskGroup::TaskGroup(Executor executor, std::string name)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(name))) {}
TaskGroup::~TaskGroup() = default;

namespace {
// A cancelled wait returns instead of throwing, so that a job can put its state in order; jobs ask `cancelled()`.
Job without_throwing(Job job) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await std::move(job);
}
}  // namespace

void TaskGroup::spawn(std::string_view name, Job job) {
  auto& impl = *impl_;
  const auto slot = impl.signals.emplace(impl.signals.end());
  auto ended = [group = impl_, slot, name = std::string(name)](std::exception_ptr thrown) {
    group->signals.erase(slot);
    group->empty.cancel();
    if (!thrown) return;
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      log::error("task", "{}/{} ended by an exception: {}", group->name, name, e.what());
    } catch (...) {
      log::error("task", "{}/{} ended by an unknown exception", group->name, name);
    }
  };
  asio::co_spawn(impl.executor, without_throwing(std::move(job)),
                 asio::bind_cancellation_slot(slot->slot(), std::move(ended)));
}

size_t TaskGroup::running() const { return impl_->signals.size(); }
bool TaskGroup::stopping() const { return impl_->stopping; }
Executor TaskGroup::executor() const { return impl_->executor; }

asio::awaitable<void> TaskGroup::drain() {
  const auto impl = impl_;
  while (!impl->signals.empty()) {
    impl->empty.expires_at(SteadyTime::max());
    co_await impl->empty.async_wait(use_tuple);
  }
}

asio::awaitable<bool> TaskGroup::stop(Deadline deadline) {
  const auto impl = impl_;
  impl->stopping = true;
  while (!impl->signals.empty() && !deadline.passed()) {
    // A job may be between two waits and miss one signal: keep asking.
    for (auto it = impl->signals.begin(); it != impl->signals.end();) (it++)->emit(asio::cancellation_type::all);
    if (impl->signals.empty()) break;
    impl->empty.expires_after(std::chrono::milliseconds(20));
    co_await impl->empty.async_wait(use_tuple);
  }
  const bool all_ended = impl->signals.empty();
  co_return all_ended;
}

}  // namespace vedette
