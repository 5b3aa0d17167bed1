#include "tests/support/async_test.hpp"

#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

namespace vedette::test {

namespace {
Job guarded(Job job) {
  co_await boost::asio::this_coro::throw_if_cancelled(false);
  co_await std::move(job);
}
}  // namespace

void run_async(std::function<Job(Executor)> make, std::chrono::milliseconds limit) {
  boost::asio::io_context io(1);
  bool ended = false;
  boost::asio::co_spawn(io, guarded(make(io.get_executor())), [&](std::exception_ptr thrown) {
    ended = true;
    io.stop();
    if (!thrown) return;
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      ADD_FAILURE() << "the coroutine ended by an exception: " << e.what();
    }
  });
  io.run_for(limit);
  if (!ended) ADD_FAILURE() << "the coroutine did not end within " << limit.count() << " ms";
}

}  // namespace vedette::test
