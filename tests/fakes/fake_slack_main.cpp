// The fake Slack as a program: fake_slack [--port N] [--journal FILE] [--pace MS] [--retry-after MS] [--lifetime SECONDS]
// Prints one line, "port=N", when it listens; ends on SIGTERM or SIGINT. Steered over HTTP at /_control/…, see
// fake_slack.cpp.

#include <cstdio>
#include <cstdlib>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "tests/fakes/fake_slack.hpp"

int main(int argc, char** argv) {
  vedette::test::FakeSlackOptions options;
  for (int at = 1; at + 1 < argc; at += 2) {
    const std::string name = argv[at];
    const char* value = argv[at + 1];
    if (name == "--port")
      options.port = static_cast<uint16_t>(std::atoi(value));
    else if (name == "--journal")
      options.journal = value;
    else if (name == "--pace")
      options.channel_pace = std::chrono::milliseconds(std::atoi(value));
    else if (name == "--retry-after")
      options.retry_after = std::chrono::milliseconds(std::atoi(value));
    else if (name == "--lifetime")
      options.lifetime = std::chrono::seconds(std::atoi(value));
    else if (name == "--newer-blocks")  // 0: as a workspace that has them not yet
      options.newer_blocks = std::atoi(value) != 0;
    else if (name == "--app-token")
      options.app_token = value;
    else if (name == "--bot-token")
      options.bot_token = value;
    else {
      std::fprintf(stderr, "fake_slack: unknown option %s\n", name.c_str());
      return 2;
    }
  }
  boost::asio::io_context io(1);
  vedette::test::FakeSlack slack(io.get_executor(), options);
  const auto started = slack.start();
  if (!started) {
    std::fprintf(stderr, "fake_slack: %s\n", started.error().message.c_str());
    return 1;
  }
  std::printf("port=%u\n", static_cast<unsigned>(slack.port()));
  std::fflush(stdout);
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& ec, int) {
    if (ec) return;
    boost::asio::co_spawn(io, slack.stop(), [&](const std::exception_ptr&) { io.stop(); });
  });
  io.run();
  return 0;
}
