// The fake Microsoft as a program: fake_microsoft [--port N] [--app ID] [--tenant ID] [--secret TEXT] [--certificate FILE]
// [--identity-header TEXT] [--life SECONDS]. Prints one line, "port=N", when it listens; ends on SIGTERM or SIGINT. What it
// refused stands at /test/refusals, the table of tokens at /test/tokens?service_url=….

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "tests/fakes/fake_microsoft.hpp"
#include "tests/support/files.hpp"

int main(int argc, char** argv) {
  vedette::test::FakeMicrosoftOptions options;
  for (int at = 1; at + 1 < argc; at += 2) {
    const std::string name = argv[at];
    const char* value = argv[at + 1];
    if (name == "--port")
      options.port = static_cast<uint16_t>(std::atoi(value));
    else if (name == "--app")
      options.app_id = value;
    else if (name == "--tenant")
      options.tenant = value;
    else if (name == "--secret")
      options.secret = value;
    else if (name == "--certificate")
      options.certificate = vedette::test::read_file(value);
    else if (name == "--identity-header")
      options.identity_header = value;
    else if (name == "--life")
      options.token_life = std::chrono::seconds(std::atoi(value));
    else {
      std::fprintf(stderr, "fake_microsoft: unknown option %s\n", name.c_str());
      return 2;
    }
  }
  boost::asio::io_context io(1);
  vedette::test::FakeMicrosoft microsoft(io.get_executor(), options);
  const auto started = microsoft.start();
  if (!started) {
    std::fprintf(stderr, "fake_microsoft: %s\n", started.error().message.c_str());
    return 1;
  }
  std::printf("port=%u\n", static_cast<unsigned>(microsoft.port()));
  std::fflush(stdout);
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& ec, int) {
    if (ec) return;
    boost::asio::co_spawn(io, microsoft.stop(), [&](const std::exception_ptr&) { io.stop(); });
  });
  io.run();
  return 0;
}
