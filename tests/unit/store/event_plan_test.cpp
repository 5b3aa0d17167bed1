// Searches for the main fields use their indexes, and only the one that narrows most; the small parts of the event log.

#include "bot/store/sqlite/event_columns.hpp"
#include "bot/store/sqlite/event_query.hpp"
#include "bot/store/sqlite/open.hpp"
#include "tests/support/store_conformance.hpp"

namespace vedette::test {
namespace {

using namespace sqlite;

class EventPlan : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = open_checked(":memory:", "", Time());
    ASSERT_TRUE(opened);
    connection_ = *std::move(opened);
    add_functions(*connection_);
  }

  // How SQLite would run the search for records.
  std::string plan(const EventQuery& query, const std::string& what = "SELECT raw", const std::string& order = "") {
    const auto filter = filter_of(query, 1);
    if (!filter) return filter.error().message;
    auto rows = connection_->prepare_once("EXPLAIN QUERY PLAN " + what + " FROM event WHERE " + filter->where + order);
    int number = 0;
    for (const auto& value : filter->values) {
      ++number;
      if (const auto* text = std::get_if<std::string>(&value))
        rows.bind(number, *text);
      else
        rows.bind(number, std::get<int64_t>(value));
    }
    std::string text;
    while (rows.step()) text += rows.text(3) + "\n";
    return text;
  }

  static EventQuery window() {
    EventQuery query;
    query.from = *parse_time("2026-11-23T00:00:00Z");
    query.to = *parse_time("2026-11-24T00:00:00Z");
    return query;
  }

  std::unique_ptr<Connection> connection_;
};

TEST_F(EventPlan, every_indexed_field_has_a_column) {
  for (const auto field : indexed_fields()) EXPECT_NE(event_column(field), nullptr) << field;
  auto columns = connection_->prepare_once("SELECT name FROM pragma_table_info('event')");
  std::string names = ",";
  while (columns.step()) names += columns.text(0) + ",";
  for (const auto& column : event_columns()) {
    EXPECT_NE(names.find("," + std::string(column.column) + ","), std::string::npos) << column.column;
  }
}

TEST_F(EventPlan, entity_and_window_use_the_index) {
  for (const auto& column : event_columns()) {
    if (column.narrows == 0) continue;
    for (const Op op : {Op::equals, Op::any_of, Op::prefix}) {
      EventQuery query = window();
      query.all.emplace_back(std::string(column.field), op, std::vector<std::string>{"x"});
      const std::string text = plan(query);
      EXPECT_NE(text.find("SEARCH event USING INDEX"), std::string::npos) << column.field << ": " << text;
      EXPECT_NE(text.find(std::string(column.column) + (op == Op::prefix ? ">?" : "=?")), std::string::npos) << text;
      if (op != Op::prefix) {
        EXPECT_NE(text.find("time>? AND time<?"), std::string::npos) << text;
      }
    }
  }
}

TEST_F(EventPlan, newest_come_from_the_index_in_order) {
  EventQuery query = window();
  query.all.emplace_back("source.ip", Op::equals, std::vector<std::string>{"203.0.113.7"});
  const std::string text = plan(query, "SELECT raw", " ORDER BY time DESC, seq DESC");
  EXPECT_EQ(text.find("TEMP B-TREE"), std::string::npos) << text;
}

TEST_F(EventPlan, the_entity_beats_the_kind_of_event) {
  EventQuery query = window();
  query.all.emplace_back("event.code", Op::equals, std::vector<std::string>{"4624"});
  query.all.emplace_back("process.name", Op::equals, std::vector<std::string>{"cmd.exe"});
  query.all.emplace_back("source.ip", Op::equals, std::vector<std::string>{"203.0.113.7"});
  query.all.emplace_back("event.outcome", Op::equals, std::vector<std::string>{"failure"});
  const std::string text = plan(query);
  EXPECT_NE(text.find("event_source_ip"), std::string::npos) << text;
}

TEST_F(EventPlan, either_of_two_entities_uses_both_indexes) {
  EventQuery query = window();
  query.any.emplace_back("source.ip", Op::equals, std::vector<std::string>{"203.0.113.7"});
  query.any.emplace_back("destination.ip", Op::equals, std::vector<std::string>{"203.0.113.7"});
  query.all.emplace_back("event.code", Op::equals, std::vector<std::string>{"4624"});
  const std::string text = plan(query);
  EXPECT_NE(text.find("event_source_ip"), std::string::npos) << text;
  EXPECT_NE(text.find("event_destination_ip"), std::string::npos) << text;
}

TEST_F(EventPlan, window_alone_uses_the_time) {
  EventQuery query = window();
  query.dataset = "windows";
  query.all.emplace_back("event.outcome", Op::equals, std::vector<std::string>{"failure"});
  query.all.emplace_back("my.own", Op::contains, std::vector<std::string>{"x"});
  const std::string text = plan(query);
  EXPECT_NE(text.find("event_time"), std::string::npos) << text;
  EXPECT_NE(plan(query, "SELECT COUNT(*)").find("event_time"), std::string::npos);
}

TEST_F(EventPlan, words_lead_only_when_nothing_narrows_more) {
  EventQuery query = window();
  query.text = "mimikatz";
  EXPECT_NE(plan(query).find("USING INTEGER PRIMARY KEY"), std::string::npos) << plan(query);
  query.all.emplace_back("host.name", Op::equals, std::vector<std::string>{"ws-12"});
  EXPECT_NE(plan(query).find("event_host"), std::string::npos) << plan(query);
}

TEST(EventText, takes_values_and_leaves_names) {
  EXPECT_EQ(searchable_text(R"({"name":"value","n":12,"t":true,"o":{"x y":["a\\b","c\u00e9d"]}})", {}),
            "value\n12\ntrue\na\\b\ncéd\n");
  EXPECT_EQ(searchable_text(R"({"a":"one two"})", {"two", "three"}), "one two\nthree\n");
  EXPECT_EQ(searchable_text("", {"x"}), "x\n");
  EXPECT_EQ(searchable_text("plain line: value", {}), "plain\nline\nvalue\n");
  for (const auto* broken : {"{\"a\":\"b", "\"\\", "\"\\u12", "{{{[[[", "\"a\\\"b"}) (void)searchable_text(broken, {});
}

TEST(EventText, words_become_a_query) {
  EXPECT_EQ(words_query("evil.exe  temp"), "\"evil.exe\" AND \"temp\"");
  EXPECT_EQ(words_query("a\"b OR c*"), "\"a b\" AND \"OR\" AND \"c*\"");
  EXPECT_EQ(words_query("  --- \t"), "");
}

TEST(EventNetwork, is_read_and_compared) {
  const struct {
    const char* value;
    const char* network;
    bool inside;
  } cases[] = {
      {"10.1.2.3", "10.0.0.0/8", true},
      {"11.1.2.3", "10.0.0.0/8", false},
      {"10.1.2.3", "10.1.2.3", true},
      {"10.1.2.4", "10.1.2.3/31", false},
      {"10.1.2.2", "10.1.2.3/31", true},
      {"1.2.3.4", "0.0.0.0/0", true},
      {"2001:db8::1", "2001:db8::/32", true},
      {"2001:db9::1", "2001:db8::/32", false},
      {"1.2.3.4", "::/0", false},
      {"::1", "0.0.0.0/0", false},
      {"::ffff:10.1.2.3", "10.0.0.0/8", true},
      {"x, 10.1.2.3", "10.0.0.0/8", true},
      {"x, y", "10.0.0.0/8", false},
      {"", "10.0.0.0/8", false},
      {"172.16.5.4", "172.16.0.0/12", true},
      {"172.32.5.4", "172.16.0.0/12", false},
  };
  for (const auto& c : cases) EXPECT_EQ(in_network(c.value, c.network), c.inside) << c.value << " in " << c.network;
  for (const auto* bad :
       {"", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "/8", "10.0.0/8", "::/129", "a/8", "10.0.0.0/8/8"}) {
    EXPECT_FALSE(is_network(bad)) << bad;
  }
}

}  // namespace
}  // namespace vedette::test
