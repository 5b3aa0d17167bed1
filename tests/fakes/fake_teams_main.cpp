// The fake Teams as a program: fake_teams [--port N] [--token TEXT] [--members N]. Prints one line, "port=N", when it
// listens; ends on SIGTERM or SIGINT. There is a team with a channel, a group and three people, or in the group as many as
// told; what there is and what was said stands at /test/world. Nobody does anything by himself.

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "tests/fakes/fake_teams.hpp"

int main(int argc, char** argv) {
  vedette::test::FakeTeamsOptions options;
  std::string token;
  int members = 3;
  for (int at = 1; at + 1 < argc; at += 2) {
    const std::string name = argv[at];
    const char* value = argv[at + 1];
    if (name == "--port")
      options.port = static_cast<uint16_t>(std::atoi(value));
    else if (name == "--token")
      token = value;
    else if (name == "--members")
      members = std::atoi(value);
    else {
      std::fprintf(stderr, "fake_teams: unknown option %s\n", name.c_str());
      return 2;
    }
  }
  if (!token.empty()) options.token_is_good = [token](const std::string& shown) { return shown == token; };
  boost::asio::io_context io(1);
  vedette::test::FakeTeams teams(io.get_executor(), options);
  const auto started = teams.start();
  if (!started) {
    std::fprintf(stderr, "fake_teams: %s\n", started.error().message.c_str());
    return 1;
  }
  teams.add_channel(teams.add_team("Security", {"ann", "ben", "eve"}), "alerts");
  std::set<std::string> people = {"ann", "ben", "eve"};
  for (int number = 3; number < members; ++number) people.insert("person" + std::to_string(number));
  teams.add_group(std::move(people));
  std::printf("port=%u\n", static_cast<unsigned>(teams.port()));
  std::fflush(stdout);
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code& ec, int) {
    if (ec) return;
    boost::asio::co_spawn(io, teams.stop(), [&](const std::exception_ptr&) { io.stop(); });
  });
  io.run();
  return 0;
}
