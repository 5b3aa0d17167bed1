// A damaged database or log is refused with a sentence that says what to do, and left as it is. Changes to the audit chain
// behind the store's back are found.

#include <filesystem>
#include <random>

#include "bot/store/sqlite/connection.hpp"
#include "bot/store/sqlite/wal.hpp"
#include "bot/store/sqlite_store.hpp"
#include "tests/support/files.hpp"
#include "tests/support/store_conformance.hpp"

namespace vedette::test {
namespace {

namespace fs = std::filesystem;

Result<std::unique_ptr<Store>> open_at(Executor io, const std::string& path) {
  SqliteOptions options;
  options.path = path;
  return open_sqlite_store(std::move(io), std::move(options));
}

Job add_some_of_everything(Store& store, int count) {
  for (int i = 0; i < count; ++i) {
    Alert alert = sample_alert("k" + std::to_string(i), list_of<Entity>(Entity(EntityType::user, "u" + std::to_string(i))));
    MUST(const CaseId id, opened_case(store, std::move(alert)));
    MUST_VOID(store.audit().append(sample_audit("step", to_string(id))));
    std::vector<OutboxMessage> messages = list_of<OutboxMessage>(sample_message("case/" + std::to_string(i)));
    MUST_VOID(store.outbox().put(std::move(messages)));
  }
  std::vector<Event> events;
  const Time start = *parse_time("2026-11-24T00:00:00Z");
  for (int i = 0; i < 300; ++i) events.push_back(sample_event(std::to_string(i), start + std::chrono::minutes(i)));
  MUST(const int64_t added, store.events().append(std::move(events)));
  EXPECT_EQ(added, 300);
}

// A database with content, closed.
void make_database(const std::string& path) {
  run_async([&](Executor io) -> Job {
    return [](Executor executor, std::string where) -> Job {
      auto opened = open_at(executor, where);
      CO_ASSERT_OK(opened);
      co_await add_some_of_everything(**opened, 8);
      opened->reset();
    }(io, path);
  });
}

// What the files beside a database look like.
std::map<std::string, std::string> files_of(const std::string& path) {
  std::map<std::string, std::string> files;
  for (const auto* suffix : {"", "-wal"}) {
    // An empty log is no log.
    if (fs::exists(path + suffix) && fs::file_size(path + suffix) > 0) files[suffix] = read_file(path + suffix);
  }
  return files;
}

void expect_refused(const std::string& path, const std::string& what) {
  const auto before = files_of(path);
  run_async([&](Executor io) -> Job {
    const auto opened = open_at(io, path);
    EXPECT_FALSE(opened) << what << ": opened";
    if (!opened) {
      EXPECT_EQ(opened.error().code, Code::internal) << what;
      EXPECT_NE(opened.error().message.find("damaged"), std::string::npos) << what << ": " << opened.error().message;
      EXPECT_NE(opened.error().message.find("Restore the last backup"), std::string::npos) << opened.error().message;
      EXPECT_NE(opened.error().message.find(path), std::string::npos) << opened.error().message;
    }
    return [](Executor) -> Job { co_return; }(io);
  });
  const auto after = files_of(path);
  EXPECT_EQ(after.size(), before.size()) << what << ": a file came or went";
  for (const auto& [suffix, content] : before) {
    EXPECT_TRUE(after.contains(suffix) && after.at(suffix) == content) << what << ": " << suffix << " was changed";
  }
}

// Reads everything there is; answers may be errors, but they come.
Job read_all(Store& store) {
  (void)co_await store.cases().list(CaseFilter());
  for (int64_t number = 1; number <= 8; ++number) (void)co_await store.cases().view(CaseId(number));
  (void)co_await store.audit().verify();
  (void)co_await store.events().query(EventQuery(), Deadline::after(std::chrono::seconds(5)));
  EventQuery words;
  words.text = "failed log";
  (void)co_await store.events().query(std::move(words), Deadline::after(std::chrono::seconds(5)));
  (void)co_await store.outbox().due("slack", *parse_time("2030-01-01T00:00:00Z"), 100);
  (void)co_await store.audit().append(sample_audit("after"));
}

TEST(Damage, of_the_structure_is_refused) {
  TempDir folder;
  const std::string path = folder.file("good.db");
  make_database(path);
  const std::string good = read_file(path);
  ASSERT_GT(good.size(), 40u * 4096);
  const std::string bad = folder.file("bad.db");
  const auto refuse = [&](const std::string& content, const std::string& what) {
    write_file(bad, content);
    expect_refused(bad, what);
  };
  for (const size_t at : {0u, 8u, 15u}) {
    std::string flipped = good;
    flipped[at] = static_cast<char>(flipped[at] ^ 1);
    refuse(flipped, "header byte " + std::to_string(at));
  }
  refuse(good.substr(0, good.size() / 2), "cut in half");
  refuse(std::string(good.size(), '\0'), "zeroes");
  refuse("this is not a database, it is a letter to my aunt. " + std::string(5000, 'x'), "a letter");
  // The type byte of each page that is a part of a tree, and the number of its cells.
  int refused = 0;
  for (size_t page = 1; page * 4096 < good.size() && refused < 25; ++page) {
    const char type = good[page * 4096];
    if (type != 2 && type != 5 && type != 10 && type != 13) continue;
    std::string flipped = good;
    flipped[page * 4096] = static_cast<char>(type ^ 0x40);
    refuse(flipped, "type of page " + std::to_string(page + 1));
    flipped = good;
    flipped[page * 4096 + 3] = static_cast<char>(flipped[page * 4096 + 3] ^ 0x70);
    refuse(flipped, "cells of page " + std::to_string(page + 1));
    ++refused;
  }
  EXPECT_GE(refused, 20);
}

TEST(Damage, anywhere_does_no_harm) {
  TempDir folder;
  const std::string path = folder.file("good.db");
  make_database(path);
  const std::string good = read_file(path);
  std::mt19937 random(20261124);
  int refused = 0;
  for (int i = 0; i < 60; ++i) {
    std::string flipped = good;
    const size_t at = random() % flipped.size();
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << random() % 8));
    const std::string bad = folder.file("bad" + std::to_string(i) + ".db");
    write_file(bad, flipped);
    run_async([&](Executor io) -> Job {
      return [](Executor executor, std::string where, int* count) -> Job {
        auto opened = open_at(executor, where);
        if (!opened) {
          ++*count;
          const std::string& said = opened.error().message;
          // A flipped bit in the list of migrations looks like another version's database; it is refused all the same.
          EXPECT_TRUE(said.find("damaged") != std::string::npos || said.find("differs from the one") != std::string::npos)
              << said;
          co_return;
        }
        co_await read_all(**opened);
        opened->reset();
      }(io, bad, &refused);
    });
  }
  RecordProperty("refused_of_60", refused);
}

// ---- the log

// The files of a database that is in use: as after kill -9.
void copy_while_open(const std::string& from, const std::string& to) {
  fs::copy_file(from, to, fs::copy_options::overwrite_existing);
  fs::copy_file(from + "-wal", to + "-wal", fs::copy_options::overwrite_existing);
}

Job count_alerts(Executor io, std::string path, int64_t* count) {
  auto opened = open_at(io, path);
  CO_ASSERT_OK(opened);
  MUST(const Coverage coverage, (*opened)->alerts().coverage());
  *count = coverage.received;
  opened->reset();
}

// Some more work, and the files as they are before it is merged.
Job write_later(Executor io, std::string from, std::string to) {
  auto opened = open_at(io, from);
  CO_ASSERT_OK(opened);
  MUST_VOID((*opened)->audit().append(sample_audit("later")));
  copy_while_open(from, to);
  opened->reset();
}

class LogDamage : public testing::Test {
 protected:
  // A database and its log with many transactions, all acknowledged.
  void SetUp() override {
    run_async([&](Executor io) -> Job {
      return [](Executor executor, LogDamage* self) -> Job {
        auto opened = open_at(executor, self->source_);
        CO_ASSERT_OK(opened);
        co_await add_some_of_everything(**opened, 8);
        copy_while_open(self->source_, self->copy_);
        opened->reset();
      }(io, this);
    });
    log_ = read_file(copy_ + "-wal");
    database_ = read_file(copy_);
    ASSERT_GT(log_.size(), 32 + 60 * kFrame);
  }
  void with_log(const std::string& log) {
    fs::remove(copy_ + "-shm");
    write_file(copy_, database_);
    write_file(copy_ + "-wal", log);
  }
  std::string flipped(size_t at) const {
    std::string log = log_;
    log[at] = static_cast<char>(log[at] ^ 4);
    return log;
  }
  int64_t alerts() {
    int64_t count = -1;
    run_async([&](Executor io) { return count_alerts(io, copy_, &count); });
    return count;
  }

  static constexpr size_t kFrame = 24 + 4096;
  TempDir folder_;
  std::string source_ = folder_.file("source.db");
  std::string copy_ = folder_.file("copy.db");
  std::string log_;
  std::string database_;
};

TEST_F(LogDamage, none) {
  with_log(log_);
  EXPECT_EQ(sqlite::wal_damage(copy_), "");
  EXPECT_EQ(alerts(), 8);
  EXPECT_EQ(alerts(), 8);  // after it was merged, too
}

TEST_F(LogDamage, in_the_middle_is_refused) {
  for (const size_t at : std::vector<size_t>{32 + 10 * kFrame + 5, 32 + 10 * kFrame + 10, 32 + 10 * kFrame + 17,
                                             32 + 10 * kFrame + 24 + 1000, 32 + 24 + 77, 32 + 30 * kFrame + 24 + 4000}) {
    with_log(flipped(at));
    expect_refused(copy_, "log byte " + std::to_string(at));
  }
}

TEST_F(LogDamage, of_its_header_is_refused) {
  for (size_t at = 0; at < 32; ++at) {
    with_log(flipped(at));
    expect_refused(copy_, "log byte " + std::to_string(at));
  }
}

TEST_F(LogDamage, torn_end_is_not_damage) {
  // The last transaction was being written when the machine stopped: it was never acknowledged.
  for (const size_t cut : {size_t{1}, size_t{100}, kFrame, kFrame + 1}) {
    with_log(log_.substr(0, log_.size() - cut));
    EXPECT_EQ(sqlite::wal_damage(copy_), "") << cut;
    EXPECT_EQ(alerts(), 8) << cut;
  }
}

TEST_F(LogDamage, of_the_file_leaves_a_sound_log_alone) {
  // The file has all of it, and a log of later work is beside it.
  run_async([&](Executor io) { return write_later(io, source_, copy_); });
  const std::string log = read_file(copy_ + "-wal");
  const std::string whole = read_file(copy_);
  ASSERT_GT(log.size(), 32u);
  int refused = 0;
  for (size_t page = 1; page * 4096 < whole.size() && refused < 5; ++page) {
    const char type = whole[page * 4096];
    if (type != 10 && type != 13) continue;
    database_ = whole;
    database_[page * 4096] = static_cast<char>(type ^ 0x40);
    // A page that the log has anew is read from there.
    bool in_log = false;
    for (size_t at = 32; at + kFrame <= log.size(); at += kFrame) {
      const auto* number = reinterpret_cast<const unsigned char*>(log.data() + at);
      in_log = in_log || (size_t{number[2]} << 8 | number[3]) == page + 1;
    }
    if (in_log) continue;
    with_log(log);
    expect_refused(copy_, "type of page " + std::to_string(page + 1));
    ++refused;
  }
  EXPECT_EQ(refused, 5);
}

TEST_F(LogDamage, is_none_once_merged) {
  // The file holds all of the log's pages already: nothing is lost whatever became of the log.
  with_log(log_);
  EXPECT_EQ(alerts(), 8);  // merges at close
  write_file(copy_ + "-wal", flipped(32 + 10 * kFrame + 24 + 1000));
  EXPECT_EQ(sqlite::wal_damage(copy_), "");
}

// ---- the audit chain

class AuditTamper : public testing::TestWithParam<std::pair<const char*, int64_t>> {};

Job check_tampered(Executor io, std::string path, int64_t first_bad) {
  auto opened = open_at(io, path);
  CO_ASSERT_OK(opened);
  MUST(const AuditCheck check, (*opened)->audit().verify());
  EXPECT_EQ(check.intact, first_bad == 0) << check.reason;
  EXPECT_EQ(check.first_bad, first_bad) << check.reason;
  EXPECT_EQ(check.reason.empty(), first_bad == 0);
  opened->reset();
}

TEST_P(AuditTamper, is_found) {
  TempDir folder;
  const std::string path = folder.file("vedette.db");
  make_database(path);  // eight rows
  {
    sqlite::Connection connection(path, "", sqlite::Connection::Mode::read_write);
    connection.script(GetParam().first);
  }
  run_async([&](Executor io) { return check_tampered(io, path, GetParam().second); });
}

INSTANTIATE_TEST_SUITE_P(
    Chain, AuditTamper,
    testing::Values(
        std::pair{"UPDATE audit SET actor = 'mallory' WHERE sequence = 3", 3},
        std::pair{"UPDATE audit SET at = at + 1 WHERE sequence = 8", 8},
        std::pair{"UPDATE audit SET detail = '{}' WHERE sequence = 1", 1},
        std::pair{"UPDATE audit SET hash = previous WHERE sequence = 4", 4},
        std::pair{"UPDATE audit SET cause = 'x' WHERE sequence = 2", 2},
        std::pair{"DELETE FROM audit WHERE sequence = 5", 5}, std::pair{"DELETE FROM audit WHERE sequence = 1", 1},
        std::pair{"DELETE FROM audit WHERE sequence < 8", 1},
        std::pair{"UPDATE audit SET sequence = -1 WHERE sequence = 3; UPDATE audit SET sequence = 3 WHERE sequence = 4;"
                  "UPDATE audit SET sequence = 4 WHERE sequence = -1",
                  3},
        std::pair{"DELETE FROM audit WHERE sequence = 5; UPDATE audit SET sequence = sequence - 1 WHERE sequence > 5", 5},
        std::pair{
            "INSERT INTO audit SELECT tenant, 9, at, actor, identity, action, subject, detail, cause, previous, hash FROM "
            "audit WHERE sequence = 8",
            9},
        // Rows cut off at the end leave a sound chain: only a copy of a later hash kept elsewhere can show that.
        std::pair{"DELETE FROM audit WHERE sequence > 6", 0}));

// ---- one at a time, and no other version's file

TEST(Opening, is_for_one_at_a_time) {
  TempDir folder;
  const std::string path = folder.file("vedette.db");
  run_async([&](Executor io) -> Job {
    auto first = open_at(io, path);
    EXPECT_TRUE(first);
    const auto second = open_at(io, path);
    EXPECT_FALSE(second);
    if (!second) {
      EXPECT_EQ(second.error().code, Code::unavailable);
      EXPECT_NE(second.error().message.find("in use by another Vedette"), std::string::npos) << second.error().message;
    }
    (*first)->close();
    const auto third = open_at(io, path);
    EXPECT_TRUE(third);
    return [](Executor) -> Job { co_return; }(io);
  });
}

TEST(Opening, says_why_it_cannot) {
  run_async([&](Executor io) -> Job {
    const auto opened = open_at(io, "/nonexistent-folder/vedette.db");
    EXPECT_FALSE(opened);
    if (!opened) {
      EXPECT_EQ(opened.error().code, Code::unavailable);
      EXPECT_NE(opened.error().message.find("/nonexistent-folder"), std::string::npos);
    }
    return [](Executor) -> Job { co_return; }(io);
  });
}

TEST(Opening, refuses_a_changed_migration_and_a_newer_database) {
  TempDir folder;
  for (const auto* change :
       {"UPDATE migration SET checksum = 'x' WHERE version = 1",
        "INSERT INTO migration (version, name, checksum, applied) VALUES (9999, '9999_later.sql', 'y', 0)"}) {
    const std::string path = folder.file(std::to_string(std::string(change).size()) + ".db");
    make_database(path);
    {
      sqlite::Connection connection(path, "", sqlite::Connection::Mode::read_write);
      connection.script(change);
    }
    const auto before = files_of(path);
    run_async([&](Executor io) -> Job {
      const auto opened = open_at(io, path);
      EXPECT_FALSE(opened) << change;
      if (!opened) {
        EXPECT_EQ(opened.error().code, Code::internal);
        EXPECT_NE(opened.error().message.find("version"), std::string::npos) << opened.error().message;
      }
      return [](Executor) -> Job { co_return; }(io);
    });
    EXPECT_TRUE(files_of(path) == before);
  }
}

TEST(Inspecting, names_the_migrations_to_come_and_changes_nothing) {
  TempDir folder;
  const std::string path = folder.file("vedette.db");
  SqliteOptions options;
  options.path = path;
  make_database(path);
  auto pending = inspect_sqlite_store(options);
  ASSERT_TRUE(pending) << pending.error().message;
  EXPECT_TRUE(pending->empty());
  {
    sqlite::Connection connection(path, "", sqlite::Connection::Mode::read_write);
    connection.script("DELETE FROM migration WHERE version > 4");
  }
  const std::string before = read_file(path);
  pending = inspect_sqlite_store(options);
  ASSERT_TRUE(pending) << pending.error().message;
  ASSERT_GE(pending->size(), 2u);
  EXPECT_EQ(pending->front(), "0005_no_signatures.sql");
  EXPECT_TRUE(read_file(path) == before);
  {
    sqlite::Connection connection(path, "", sqlite::Connection::Mode::read_write);
    connection.script("UPDATE migration SET checksum = 'x' WHERE version = 1");
  }
  EXPECT_FALSE(inspect_sqlite_store(options));
}

TEST(Inspecting, sees_damage) {
  TempDir folder;
  const std::string path = folder.file("vedette.db");
  make_database(path);
  std::string bytes = read_file(path);
  std::fill(bytes.begin() + 4096, bytes.begin() + 8192, '\xAA');
  write_file(path, bytes);
  SqliteOptions options;
  options.path = path;
  const auto pending = inspect_sqlite_store(options);
  ASSERT_FALSE(pending);
  EXPECT_NE(pending.error().message.find("damaged"), std::string::npos) << pending.error().message;
}

}  // namespace
}  // namespace vedette::test
