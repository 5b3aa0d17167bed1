// The fake Socket Mode service as a program: fake_teams_socket [--port N] [--token T] [--lifetime MS] [--ping MS] [--silent
// MS] Prints one line, "port=N", when it listens; ends on SIGTERM or SIGINT. Steered over HTTP at /_control/…, see
// fake_teams_socket_control.cpp.

#include <cstdio>
#include <cstdlib>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "tests/fakes/fake_teams_socket.hpp"

int main(int argc, char** argv) {
  vedette::test::FakeTeamsSocketOptions options;
  for (int at = 1; at + 1 < argc; at += 2) {
    const std::string name = argv[at];
    const char* value = argv[at + 1];
    if (name == "--port")
      options.port = static_cast<uint16_t>(std::atoi(value));
    else if (name == "--token")
      options.token = value;
    else if (name == "--lifetime")
      options.lifetime = std::chrono::milliseconds(std::atoi(value));
    else if (name == "--ping")
      options.ping = std::chrono::milliseconds(std::atoi(value));
    else if (name == "--silent")
      options.client_silent = std::chrono::milliseconds(std::atoi(value));
    else {
      std::fprintf(stderr, "fake_teams_socket: unknown option %s\n", name.c_str());
      return 2;
    }
  }
  boost::asio::io_context io(1);
  vedette::test::FakeTeamsSocket fake(io.get_executor(), options);
  const auto started = fake.start();
  if (!started) {
    std::fprintf(stderr, "fake_teams_socket: %s\n", started.error().message.c_str());
    return 1;
  }
  std::printf("port=%u\n", static_cast<unsigned>(fake.port()));
  std::fflush(stdout);
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& ec, int) {
    if (ec) return;
    boost::asio::co_spawn(io, fake.stop(), [&](const std::exception_ptr&) { io.stop(); });
  });
  io.run();
  return 0;
}
