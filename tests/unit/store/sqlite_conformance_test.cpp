// The conformance suite on SQLite, with a file and in memory.

#include "bot/store/sqlite_store.hpp"
#include "tests/support/files.hpp"
#include "tests/support/store_conformance.hpp"

namespace vedette::test {
namespace {

class SqliteDatabase final : public TestDatabase {
 public:
  Result<std::unique_ptr<Store>> open(Executor io, const Clock& clock, std::string tenant) override {
    SqliteOptions options;
    options.path = folder_.file("vedette.db");
    options.tenant = std::move(tenant);
    options.clock = &clock;
    return open_sqlite_store(std::move(io), std::move(options));
  }

 private:
  TempDir folder_;
};

const bool kRegistered =
    register_store_conformance("Sqlite", [] { return std::unique_ptr<TestDatabase>(std::make_unique<SqliteDatabase>()); });

TEST(SqliteConformance, is_registered) { EXPECT_TRUE(kRegistered); }

}  // namespace
}  // namespace vedette::test
