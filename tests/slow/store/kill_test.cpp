// kill -9 at random moments: every alert that was answered is there afterwards, and every audit row; again and again on the
// same database.

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <random>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "bot/store/sqlite_store.hpp"
#include "tests/support/files.hpp"
#include "tests/support/store_conformance.hpp"

namespace vedette::test {
namespace {

constexpr const char* kDatabase = "VEDETTE_KILL_TEST_DATABASE";
constexpr const char* kPrefix = "VEDETTE_KILL_TEST_PREFIX";
constexpr int kPipe = 3;

// One line at a time, short enough that the pipe takes it whole.
void report(const std::string& line) {
  const std::string whole = line + "\n";
  if (::write(kPipe, whole.data(), whole.size()) != static_cast<ssize_t>(whole.size())) std::_Exit(3);
}

Job keep_accepting(Store& store, std::string prefix, int lane) {
  for (int number = 0;; ++number) {
    const std::string key = prefix + "/" + std::to_string(lane) + "/" + std::to_string(number);
    std::vector<Alert> alerts;
    alerts.push_back(sample_alert(key, list_of<Entity>(Entity(EntityType::user, "u" + std::to_string(number % 7)))));
    alerts[0].raw = std::string(static_cast<size_t>(number % 9) * 1000, 'x');
    const auto accepted = co_await store.alerts().accept(std::move(alerts));
    if (!accepted) std::_Exit(4);
    const AlertId id = accepted->front().id;
    report("alert " + std::to_string(id.number) + " " + key);
    const auto opened = co_await store.alerts().open_case(id);
    if (!opened) std::_Exit(5);
    report("case " + std::to_string(opened->number) + " " + std::to_string(id.number));
    AuditEntry entry = sample_audit("step", key);
    const auto appended = co_await store.audit().append(std::move(entry));
    if (!appended) std::_Exit(6);
    report("audit " + key);
  }
}

// Not a test: what the child process runs.
TEST(KillChild, DISABLED_accepts_until_killed) {
  const char* path = std::getenv(kDatabase);
  if (path == nullptr) GTEST_SKIP();
  boost::asio::io_context io(1);
  SqliteOptions options;
  options.path = path;
  auto opened = open_sqlite_store(io.get_executor(), std::move(options));
  if (!opened) {
    report("cannot open: " + opened.error().message);
    std::_Exit(2);
  }
  report("ready");
  for (int lane = 0; lane < 8; ++lane) {
    boost::asio::co_spawn(io, keep_accepting(**opened, std::getenv(kPrefix), lane), boost::asio::detached);
  }
  io.run();
}

// Starts the child, lets it live for a while, kills it; answers the lines it reported.
std::vector<std::string> run_and_kill(const std::string& database, const std::string& prefix,
                                      std::chrono::milliseconds life) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], kPipe);
    ::setenv(kDatabase, database.c_str(), 1);
    ::setenv(kPrefix, prefix.c_str(), 1);
    ::execl("/proc/self/exe", "kill-child", "--gtest_filter=KillChild.*", "--gtest_also_run_disabled_tests",
            "--gtest_brief=1", nullptr);
    std::_Exit(127);
  }
  ::close(ends[1]);
  std::thread killer;
  std::string text;
  char buffer[4096];
  while (true) {
    const ssize_t count = ::read(ends[0], buffer, sizeof buffer);
    if (count <= 0) break;
    // Its time begins when it is ready.
    if (text.empty()) {
      killer = std::thread([child, life] {
        std::this_thread::sleep_for(life);
        ::kill(child, SIGKILL);
      });
    }
    text.append(buffer, static_cast<size_t>(count));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (killer.joinable()) killer.join();
  ::close(ends[0]);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << status << "\n" << text;
  std::vector<std::string> lines;
  size_t at = 0;
  for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', at)) {
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

Job check_reports(Executor io, std::string database, std::vector<std::string> lines, int64_t* alerts_seen) {
  SqliteOptions options;
  options.path = database;
  auto opened = open_sqlite_store(io, std::move(options));
  CO_ASSERT_OK(opened);
  Store& store = **opened;
  for (const auto& line : lines) {
    std::istringstream words(line);
    std::string kind;
    int64_t number = 0;
    words >> kind;
    if (kind == "alert") {
      std::string key;
      words >> number >> key;
      MUST(const Alert alert, store.alerts().get(AlertId(number)));
      EXPECT_EQ(alert.dedup_key, key);
      ++*alerts_seen;
    } else if (kind == "case") {
      int64_t alert_number = 0;
      words >> number >> alert_number;
      MUST(const Alert alert, store.alerts().get(AlertId(alert_number)));
      EXPECT_EQ(alert.case_id.number, number);
    }
  }
  MUST(const AuditCheck check, store.audit().verify());
  EXPECT_TRUE(check.intact) << check.reason;
  MUST(const Coverage c, store.alerts().coverage());
  EXPECT_EQ(c.received, c.investigated + c.merged + c.suppressed + c.queued + c.failed);
  // Audit rows that were reported: count those of this run among the newest.
  int64_t reported = 0;
  for (const auto& line : lines) reported += line.starts_with("audit ") ? 1 : 0;
  EXPECT_GE(check.rows, reported);
  opened->reset();
}

TEST(Kill, loses_nothing_that_was_answered) {
  TempDir folder;
  const std::string database = folder.file("vedette.db");
  std::mt19937 random(20261124);
  int64_t alerts = 0;
  for (int run = 0; run < 100 && !HasFailure(); ++run) {
    const std::chrono::milliseconds life(random() % 120);
    const auto lines = run_and_kill(database, "run" + std::to_string(run), life);
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines.front(), "ready");
    run_async([&](Executor io) { return check_reports(io, database, lines, &alerts); }, std::chrono::minutes(2));
  }
  EXPECT_GT(alerts, 200);
  RecordProperty("alerts", static_cast<int>(alerts));
}

}  // namespace
}  // namespace vedette::test
