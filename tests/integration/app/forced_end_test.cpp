// A shutdown that does not come to its end: the process leaves all the same, in time, without running destructors on what is
// gone, and what it acknowledged is there at the next start.

#include <csignal>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include "bot/app/config.hpp"
#include "bot/app/service.hpp"
#include "bot/store/sqlite_store.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/files.hpp"

namespace vedette::test {
namespace {

namespace asio = boost::asio;

const Time kLater = *parse_time("2100-01-01T00:00:00Z");

app::Config config_in(const TempDir& folder) {
  auto parsed = app::parse_config("server: {listen: \"127.0.0.1:0\"}\nstore: sqlite:" + folder.file("bot.sqlite") + "\n",
                                  "test", folder.path().string());
  if (!parsed) throw std::runtime_error(parsed.error().message);
  return std::move(*parsed);
}

// Answers no cancellation, as a bug would.
Job never_ends(Executor) {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  while (true) co_await sleep_for(std::chrono::hours(1));
}

// Stores something, asks for the end, and then uses the App once a millisecond for as long as it may: whoever took it down
// under this job would be found out by the sanitizers.
Job works_on(app::App& app) {
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  const auto kept = co_await app.store().sessions().create("kept", "ann", kLater);
  if (!kept) std::_Exit(70);
  std::raise(SIGTERM);
  while (true) {
    co_await sleep_for(std::chrono::milliseconds(1));
    (void)app.port();
  }
}

struct End {
  int status = 0;
  std::string said;
};

// In a process of its own, for it must not return.
template <typename Started>
End end_of_service(const TempDir& folder, Started started) {
  const pid_t child = fork();
  if (child == 0) {
    const int log = open(folder.file("log").c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
    dup2(log, STDERR_FILENO);
    alarm(60);
    std::_Exit(app::run_service(config_in(folder), started, std::chrono::milliseconds(500)) == 0 ? 40 : 41);
  }
  End end;
  waitpid(child, &end.status, 0);
  end.said = read_file(folder.file("log"));
  return end;
}

Job find_session(Executor io, const TempDir& folder) {
  SqliteOptions options;
  options.path = folder.file("bot.sqlite");
  auto store = open_sqlite_store(io, options);
  CO_ASSERT_OK(store);
  const auto person = co_await (*store)->sessions().person("kept", kLater - std::chrono::hours(1));
  CO_ASSERT_OK(person);
  EXPECT_EQ(person->value_or(""), "ann");
  (*store)->close();
}

TEST(ForcedEnd, leaves_what_hangs_behind_and_keeps_what_was_acknowledged) {
  TempDir folder;
  const End end = end_of_service(folder, [](app::App& app, TaskGroup& beside) {
    beside.spawn("hangs", never_ends(beside.executor()));
    beside.spawn("works", works_on(app));
  });
  // run_service itself leaves, with 0: it did not come back (40), crash, or wait for the alarm.
  EXPECT_TRUE(WIFEXITED(end.status) && WEXITSTATUS(end.status) == 0) << end.status << "\n" << end.said;
  EXPECT_NE(end.said.find("leaving without it"), std::string::npos) << end.said;
  EXPECT_EQ(end.said.find("Sanitizer"), std::string::npos) << end.said;
  run_async([&](Executor io) { return find_session(io, folder); });
}

TEST(ForcedEnd, is_not_needed_when_everything_ends) {
  TempDir folder;
  const End end = end_of_service(folder, [](app::App&, TaskGroup&) { std::raise(SIGTERM); });
  EXPECT_TRUE(WIFEXITED(end.status) && WEXITSTATUS(end.status) == 40) << end.status << "\n" << end.said;
  EXPECT_EQ(end.said.find("leaving without it"), std::string::npos) << end.said;
}

}  // namespace
}  // namespace vedette::test
