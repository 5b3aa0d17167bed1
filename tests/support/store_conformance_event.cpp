#include <algorithm>
#include <random>

#include "bot/base/text.hpp"
#include "tests/support/store_conformance.hpp"

namespace vedette::test {
namespace {

const Time kStart = *parse_time("2026-11-23T00:00:00Z");

Event event_of(const std::string& id, int minute, std::map<std::string, std::string> fields) {
  Event event;
  event.id = id;
  event.dataset = "test";
  event.time = kStart + std::chrono::minutes(minute);
  event.fields = std::move(fields);
  return event;
}

Job keeps_everything_of_an_event(StoreEnv& env) {
  Event sent = sample_event("1", kStart + Duration(123456));
  for (const auto field : indexed_fields()) sent.fields[std::string(field)] = "value of " + std::string(field);
  sent.fields["a field.of its own"] = "x";
  std::vector<Event> events = list_of<Event>(sent);
  MUST(const int64_t added, env.s().events().append(std::move(events)));
  EXPECT_EQ(added, 1);
  env.reopen();
  MUST(const auto result, env.s().events().query(EventQuery(), Deadline::never()));
  CO_ASSERT_TRUE(result.events.size() == 1);
  EXPECT_EQ(result.events[0].id, sent.id);
  EXPECT_EQ(result.events[0].dataset, sent.dataset);
  EXPECT_EQ(result.events[0].time, sent.time);
  EXPECT_EQ(result.events[0].fields, sent.fields);
  EXPECT_EQ(result.events[0].raw, sent.raw);
  EXPECT_EQ(result.total, 1);
  EXPECT_EQ(result.first, sent.time);
  EXPECT_EQ(result.last, sent.time);
}

Job repeats_are_ignored(StoreEnv& env) {
  std::vector<Event> events = list_of<Event>(event_of("a", 1, {}), event_of("b", 2, {}), event_of("a", 3, {}));
  MUST(const int64_t added, env.s().events().append(std::move(events)));
  EXPECT_EQ(added, 2);
  std::vector<Event> again = list_of<Event>(event_of("b", 9, {{"host.name", "x"}}), event_of("c", 3, {}));
  again[1].dataset = "other";
  MUST(const int64_t more, env.s().events().append(std::move(again)));
  EXPECT_EQ(more, 1);
  MUST(const int64_t count, env.s().events().count());
  EXPECT_EQ(count, 3);
  MUST(const auto spans, env.s().events().spans());
  CO_ASSERT_TRUE(spans.size() == 2);
  EXPECT_EQ(spans[0].dataset, "other");
  EXPECT_EQ(spans[1].dataset, "test");
  EXPECT_EQ(spans[1].events, 2);
  EXPECT_EQ(spans[1].first, kStart + std::chrono::minutes(1));
  EXPECT_EQ(spans[1].last, kStart + std::chrono::minutes(2));
}

Job appends_more_than_one_piece(StoreEnv& env) {
  std::vector<Event> events;
  for (int i = 0; i < 1200; ++i)
    events.push_back(event_of(std::to_string(i), i, {{"user.name", "u" + std::to_string(i % 3)}}));
  MUST(const int64_t added, env.s().events().append(std::move(events)));
  EXPECT_EQ(added, 1200);
  EventQuery query;
  query.limit = 10;
  MUST(const auto newest, env.s().events().query(query, Deadline::never()));
  EXPECT_EQ(newest.total, 1200);
  CO_ASSERT_TRUE(newest.events.size() == 10);
  EXPECT_EQ(newest.events[0].id, "1199");
  EXPECT_EQ(newest.first, kStart);
  EXPECT_EQ(newest.last, kStart + std::chrono::minutes(1199));
  query.newest_first = false;
  MUST(const auto oldest, env.s().events().query(query, Deadline::never()));
  EXPECT_EQ(oldest.events.at(0).id, "0");
  query.from = kStart + std::chrono::minutes(100);
  query.to = kStart + std::chrono::minutes(109);
  MUST(const auto window, env.s().events().query(query, Deadline::never()));
  EXPECT_EQ(window.total, 10);
  query = EventQuery();
  query.group_by = "user.name";
  query.limit = 2;
  MUST(const auto groups, env.s().events().query(query, Deadline::never()));
  EXPECT_EQ(groups.total, 1200);
  CO_ASSERT_TRUE(groups.groups.size() == 2);
  EXPECT_EQ(groups.groups[0].value, "u0");
  EXPECT_EQ(groups.groups[0].count, 400);
  EXPECT_EQ(groups.groups[0].first, kStart);
  EXPECT_EQ(groups.groups[0].last, kStart + std::chrono::minutes(1197));
}

Job groups_by_any_field(StoreEnv& env) {
  std::vector<Event> events =
      list_of<Event>(event_of("1", 1, {{"user.name", "Ann"}, {"my.own", "red"}}),
                     event_of("2", 2, {{"user.name", "ann"}, {"my.own", "blue"}}),
                     event_of("3", 3, {{"user.name", "bob"}, {"my.own", "red"}}), event_of("4", 4, {}));
  MUST(const int64_t added, env.s().events().append(std::move(events)));
  EXPECT_EQ(added, 4);
  EventQuery query;
  query.group_by = "user.name";
  MUST(const auto users, env.s().events().query(query, Deadline::never()));
  EXPECT_EQ(users.total, 4);
  CO_ASSERT_TRUE(users.groups.size() == 2);
  EXPECT_EQ(users.groups[0].count, 2);  // upper and lower case are one
  EXPECT_EQ(users.groups[1].value, "bob");
  query.group_by = "my.own";
  MUST(const auto colours, env.s().events().query(query, Deadline::never()));
  CO_ASSERT_TRUE(colours.groups.size() == 2);
  EXPECT_EQ(colours.groups[0].value, "red");
  EXPECT_EQ(colours.groups[0].count, 2);
}

Job finds_words(StoreEnv& env) {
  std::vector<Event> events;
  Event one = event_of("1", 1, {{"process.name", "evil.exe"}});
  one.raw =
      "{\"CommandLine\":\"C:\\\\Temp\\\\evil.exe -enc "
      "SQBFAFgA\",\"User\":\"CORP\\\\ann\",\"ip\":\"203.0.113.7\",\"n\":4625}";
  Event two = event_of("2", 2, {{"user.name", "bob"}, {"note", "Grüße aus Köln"}});
  two.raw = "{\"msg\":\"nothing to see; Temp is fine\",\"ip\":\"7.203.0.113\"}";
  Event three = event_of("3", 3, {{"url.full", "https://bad.example/x"}});
  events = {one, two, three};
  MUST(const int64_t added, env.s().events().append(std::move(events)));
  EXPECT_EQ(added, 3);
  const std::pair<std::string, std::string> expected[] = {
      {"evil.exe", "1"},    {"EVIL", "1"},        {"temp", "1,2"},     {"temp evil", "1"},
      {"203.0.113.7", "1"}, {"4625", "1"},        {"CORP\\ann", "1"},  {"köln", "2"},
      {"fine temp", "2"},   {"bad.example", "3"}, {"CommandLine", ""}, {"user", ""},
      {"\"evil\"", "1"},    {"evil OR bob", ""},  {"evil* NOT x", ""}, {"process.name", ""}};
  for (const auto& [text, ids] : expected) {
    EventQuery query;
    query.text = text;
    query.newest_first = false;
    MUST(const auto found, env.s().events().query(std::move(query), Deadline::never()));
    std::vector<std::string> got;
    for (const auto& event : found.events) got.push_back(event.id);
    EXPECT_EQ(text::join(got, ","), ids) << text;
  }
  EventQuery nothing;
  nothing.text = "--- ***";
  MUST_FAIL(Code::invalid_input, env.s().events().query(std::move(nothing), Deadline::never()));
}

Job refuses_what_makes_no_sense(StoreEnv& env) {
  const auto query_of = [](Condition condition) {
    EventQuery query;
    query.all.push_back(std::move(condition));
    return query;
  };
  for (const auto& condition :
       {Condition("host.name", Op::equals, {}), Condition("", Op::exists, {}), Condition("a\"b", Op::exists, {}),
        Condition("source.ip", Op::cidr, {"10.0.0.0/33"}), Condition("source.ip", Op::cidr, {"ten"}),
        Condition("x", Op::contains, {std::string(1 << 20, 'x')})}) {
    EventQuery query = query_of(condition);
    MUST_FAIL(Code::invalid_input, env.s().events().query(std::move(query), Deadline::never()));
  }
  EventQuery many;
  for (int i = 0; i < 1000; ++i) many.all.emplace_back("host.name", Op::equals, list_of<std::string>("x"));
  MUST_FAIL(Code::invalid_input, env.s().events().query(std::move(many), Deadline::never()));
}

Job stops_at_the_deadline(StoreEnv& env) {
  std::vector<Event> events;
  for (int i = 0; i < 3000; ++i) events.push_back(event_of(std::to_string(i), i, {{"x", std::string(200, 'a')}}));
  MUST(const int64_t added, env.s().events().append(std::move(events)));
  EXPECT_EQ(added, 3000);
  EventQuery query;
  for (int i = 0; i < 20; ++i) query.all.emplace_back("x", Op::not_equals, list_of<std::string>(std::to_string(i)));
  const auto start = std::chrono::steady_clock::now();
  MUST_FAIL(Code::timeout, env.s().events().query(query, Deadline::after(std::chrono::milliseconds(0))));
  MUST_FAIL(Code::timeout, env.s().events().query(query, Deadline::at(start + std::chrono::microseconds(500))));
  MUST(const auto found, env.s().events().query(query, Deadline::never()));
  EXPECT_EQ(found.total, 3000);
}

Job survives_hostile_text(StoreEnv& env) {
  for (const auto& hostile : hostile_texts()) {
    Event event = event_of(hostile.text, 1, {{"host.name", hostile.text}, {"my.own", hostile.text}, {hostile.text, "x"}});
    event.dataset = hostile.text;
    event.raw = hostile.text;
    std::vector<Event> events = list_of<Event>(event, event);
    MUST(const int64_t added, env.s().events().append(std::move(events)));
    EXPECT_EQ(added, 1) << hostile.what;
    EventQuery query;
    query.dataset = hostile.text;
    MUST(const auto found, env.s().events().query(query, Deadline::never()));
    CO_ASSERT_TRUE(found.events.size() == 1);
    if (!hostile.exact) continue;
    EXPECT_TRUE(found.events[0].fields == event.fields) << hostile.what;
    if (hostile.text.size() > 10000) continue;
    for (const auto* field : {"host.name", "my.own"}) {
      for (const Op op : {Op::equals, Op::prefix, Op::contains, Op::any_of}) {
        EventQuery by_value = query;
        by_value.all.emplace_back(field, op, list_of<std::string>(hostile.text));
        MUST(const auto hit, env.s().events().query(std::move(by_value), Deadline::never()));
        EXPECT_EQ(hit.total, 1) << hostile.what << " " << field << " " << to_string(op);
      }
    }
  }
}

// ---- every operator against a plain reading of the rules

bool holds(const Event& event, const Condition& condition);

bool in_24(std::string_view address, std::string_view network) {  // the test uses /24 networks only
  const std::string_view stem = network.substr(0, network.rfind('.') + 1);
  for (const auto& part : text::split(address, ',')) {
    if (text::trim(part).starts_with(stem)) return true;
  }
  return false;
}

bool holds(const Event& event, const Condition& condition) {
  const std::string_view value = event.get(condition.field);
  const auto any = [&](auto&& test) { return std::any_of(condition.values.begin(), condition.values.end(), test); };
  switch (condition.op) {
    case Op::equals:
    case Op::any_of: return any([&](const std::string& v) { return text::iequals(value, v); });
    case Op::not_equals: return !any([&](const std::string& v) { return text::iequals(value, v); });
    case Op::prefix: return any([&](const std::string& v) { return text::iequals(value.substr(0, v.size()), v); });
    case Op::contains: return any([&](const std::string& v) { return text::icontains(value, v); });
    case Op::exists: return !value.empty();
    case Op::missing: return value.empty();
    case Op::cidr: return any([&](const std::string& v) { return in_24(value, v); });
  }
  return false;
}

bool matches(const Event& event, const EventQuery& query) {
  if (event.time < query.from || event.time > query.to) return false;
  for (const auto& condition : query.all) {
    if (!holds(event, condition)) return false;
  }
  return query.any.empty() ||
         std::any_of(query.any.begin(), query.any.end(), [&](const Condition& c) { return holds(event, c); });
}

class RandomLog {
 public:
  explicit RandomLog(unsigned seed) : random_(seed) {}

  Event event(int number) {
    std::map<std::string, std::string> fields;
    for (const auto* field : kFields) {
      if (pick(4) != 0) fields[field] = value(field);
    }
    return event_of(std::to_string(number), static_cast<int>(pick(500)), std::move(fields));
  }

  EventQuery query() {
    EventQuery query;
    query.from = kStart + std::chrono::minutes(pick(200));
    query.to = query.from + std::chrono::minutes(pick(400));
    for (size_t i = pick(3); i > 0; --i) query.all.push_back(condition());
    for (size_t i = pick(3); i > 0; --i) query.any.push_back(condition());
    query.limit = 1000;
    query.newest_first = pick(2) == 0;
    return query;
  }

 private:
  static constexpr const char* kFields[] = {"host.name", "source.ip", "process.executable", "event.code", "my.own"};
  size_t pick(size_t below) { return std::uniform_int_distribution<size_t>(0, below - 1)(random_); }

  std::string value(std::string_view field) {
    static const char* const words[] = {"ann",   "ANN",  "an%n", "an_n", "ann\\x", "bob",
                                        "Bobby", "żółw", "a@b",  "A[b",  "a{b",    "z\xF4\x8F\xBF\xBF",
                                        "zz",    "ann's"};
    if (field != "source.ip") return words[pick(std::size(words))];
    const std::string one = "10.0." + std::to_string(pick(4)) + "." + std::to_string(pick(9) + 1);
    return pick(5) == 0 ? one + ", 10.9.9.9" : one;
  }

  Condition condition() {
    const std::string field = kFields[pick(std::size(kFields))];
    const Op op = static_cast<Op>(pick(8));
    if (op == Op::exists || op == Op::missing) return Condition(field, op, {});
    if (op == Op::cidr) return Condition("source.ip", op, {"10.0." + std::to_string(pick(4)) + ".0/24"});
    std::vector<std::string> values;
    for (size_t i = op == Op::any_of ? pick(4) : 1; i > 0; --i) {
      std::string text = value(field);
      if ((op == Op::prefix || op == Op::contains) && pick(2) == 0) {
        text = op == Op::prefix ? text.substr(0, 1) : text.substr(text.size() / 2);
        if (!text::valid_utf8(text)) text = "n";
      }
      values.push_back(pick(12) == 0 ? "" : text);
    }
    return Condition(field, op, std::move(values));
  }

  std::mt19937 random_;
};

Job answers_as_the_rules_say(StoreEnv& env) {
  RandomLog log(4711);
  std::vector<Event> events;
  for (int i = 0; i < 400; ++i) events.push_back(log.event(i));
  std::vector<Event> copy = events;
  MUST(const int64_t added, env.s().events().append(std::move(copy)));
  EXPECT_EQ(added, 400);
  size_t hits = 0;
  for (int i = 0; i < 600; ++i) {
    const EventQuery query = log.query();
    std::vector<std::string> expected;
    for (const auto& event : events) {
      if (matches(event, query)) expected.push_back(event.id);
    }
    MUST(const auto found, env.s().events().query(query, Deadline::never()));
    std::vector<std::string> got;
    for (const auto& event : found.events) got.push_back(event.id);
    for (size_t n = 1; n < found.events.size(); ++n) {
      const auto& a = found.events[n - 1].time;
      const auto& b = found.events[n].time;
      EXPECT_TRUE(query.newest_first ? a >= b : a <= b);
    }
    std::sort(got.begin(), got.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(got, expected) << to_text(query);
    EXPECT_EQ(found.total, static_cast<int64_t>(expected.size())) << to_text(query);
    if (got != expected) co_return;
    hits += got.size();
  }
  EXPECT_GT(hits, 1000u);  // the queries are not all empty
}

}  // namespace

std::vector<StoreCase> event_store_cases() {
  return {
      {"Events", "keeps_everything_of_an_event", keeps_everything_of_an_event},
      {"Events", "repeats_are_ignored", repeats_are_ignored},
      {"Events", "appends_more_than_one_piece", appends_more_than_one_piece},
      {"Events", "groups_by_any_field", groups_by_any_field},
      {"Events", "finds_words", finds_words},
      {"Events", "refuses_what_makes_no_sense", refuses_what_makes_no_sense},
      {"Events", "stops_at_the_deadline", stops_at_the_deadline},
      {"Events", "survives_hostile_text", survives_hostile_text},
      {"Events", "answers_as_the_rules_say", answers_as_the_rules_say},
  };
}

}  // namespace vedette::test
