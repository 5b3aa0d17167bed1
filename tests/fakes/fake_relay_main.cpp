// The fake relay as a program: fake_relay [--port N]. Prints "port=N" when it listens; ends on SIGTERM or SIGINT with 0, or
// with 1 after telling what a listener did that Azure Relay would not stand.

#include <cstdio>
#include <cstdlib>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "tests/fakes/fake_relay.hpp"

int main(int argc, char** argv) {
  vedette::test::FakeRelayOptions options;
  for (int at = 1; at + 1 < argc; at += 2) {
    const std::string name = argv[at];
    if (name == "--port") {
      options.port = static_cast<uint16_t>(std::atoi(argv[at + 1]));
    } else {
      std::fprintf(stderr, "fake_relay: unknown option %s\n", name.c_str());
      return 2;
    }
  }
  boost::asio::io_context io(1);
  vedette::test::FakeRelay relay(io.get_executor(), options);
  const auto started = relay.start();
  if (!started) {
    std::fprintf(stderr, "fake_relay: %s\n", started.error().message.c_str());
    return 1;
  }
  std::printf("port=%u\n", static_cast<unsigned>(relay.port()));
  std::fflush(stdout);
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& ec, int) {
    if (ec) return;
    boost::asio::co_spawn(io, relay.stop(), [&](const std::exception_ptr&) { io.stop(); });
  });
  io.run();
  for (const auto& violation : relay.seen().violations) std::fprintf(stderr, "violation: %s\n", violation.c_str());
  return relay.seen().violations.empty() ? 0 : 1;
}
