#include "bot/app/service.hpp"

#include <csignal>
#include <cstdlib>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "bot/base/log.hpp"

namespace vedette::app {
namespace {

namespace asio = boost::asio;

// No core file and no debugger of another user: secrets are in memory.
void harden_process() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes is a full disk to the store, not the end
}

Job stop_on_signal(App& app, TaskGroup& beside, asio::signal_set& signals, std::chrono::milliseconds within, bool& ended) {
  const auto use_tuple = asio::as_tuple(asio::use_awaitable);
  const auto [error, number] = co_await signals.async_wait(use_tuple);
  if (error) co_return;
  log::info("app", "stopping");
  const Deadline deadline = Deadline::after(within);
  const bool beside_ended = co_await beside.stop(deadline);
  const bool app_ended = co_await app.stop(deadline);
  ended = beside_ended && app_ended;
}

}  // namespace

int run_service(Config config, const std::function<void(App&, TaskGroup&)>& started, std::chrono::milliseconds stop_within) {
  harden_process();
  log::set_level(config.log_level);
  asio::io_context io(1);
  asio::signal_set signals(io, SIGINT, SIGTERM);
  App app(io.get_executor(), std::move(config));
  if (const auto status = app.start(); !status) {
    log::error("app", "cannot start: {}", status.error().message);
    return status.error().code == Code::invalid_input ? 2 : 1;
  }
  TaskGroup beside(io.get_executor(), "beside");
  started(app, beside);
  bool ended = false;
  asio::co_spawn(io, stop_on_signal(app, beside, signals, stop_within, ended), [&](std::exception_ptr) { io.stop(); });
  io.run();
  if (!ended) {
    // What still stands would run its destructors on parts that are gone. The store is closed, nothing is lost.
    log::error("app", "not everything ended within {} ms; leaving without it", stop_within.count());
    std::_Exit(0);
  }
  return 0;
}

}  // namespace vedette::app
