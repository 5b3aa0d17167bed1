#include "bot/domain/entity.hpp"

#include <gtest/gtest.h>

#include "bot/domain/event.hpp"
#include "bot/domain/ids.hpp"
#include "bot/domain/severity.hpp"

namespace vedette {
namespace {

TEST(Entity, equal_things_are_written_alike) {
  const struct {
    EntityType type;
    const char* given;
    const char* normalised;
  } cases[] = {
      {EntityType::host, "WS-14.Corp.Example.", "ws-14.corp.example"},
      {EntityType::user, "CORP\\Ann", "ann"},
      {EntityType::user, "Ann@Corp.example", "ann@corp.example"},
      {EntityType::ip, "::ffff:203.0.113.7", "203.0.113.7"},
      {EntityType::ip, "2001:DB8:0:0::1", "2001:db8::1"},
      {EntityType::domain, "EVIL.example.", "evil.example"},
      {EntityType::hash, "D41D8CD98F00B204E9800998ECF8427E", "d41d8cd98f00b204e9800998ecf8427e"},
      {EntityType::url, "HTTPS://Evil.Example/Path?Q", "https://evil.example/Path?Q"},
      {EntityType::key, "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"},
  };
  for (const auto& [type, given, normalised] : cases) {
    const auto entity = make_entity(type, given);
    ASSERT_TRUE(entity) << given;
    EXPECT_EQ(entity->value, normalised);
    EXPECT_EQ(entity->type, type);
  }
  EXPECT_EQ(make_entity(EntityType::host, "203.0.113.7")->type, EntityType::ip) << "an address is no host name";
}

TEST(Entity, placeholders_are_nothing) {
  for (const char* value : {"", " ", "-", "N/A", "unknown", "(null)", "::", "0.0.0.0"}) {
    EXPECT_FALSE(make_entity(EntityType::host, value)) << value;
    EXPECT_FALSE(make_entity(EntityType::user, value)) << value;
  }
  EXPECT_FALSE(make_entity(EntityType::ip, "300.1.1.1"));
  EXPECT_FALSE(make_entity(EntityType::hash, "not hex"));
  EXPECT_FALSE(make_entity(EntityType::host, std::string(600, 'a')));
}

TEST(Entity, bare_values_get_the_type_they_look_like) {
  const std::pair<const char*, const char*> cases[] = {
      {"203.0.113.7", "ip:203.0.113.7"},
      {"2001:db8::1", "ip:2001:db8::1"},
      {"ip:203.0.113.7", "ip:203.0.113.7"},
      {"evil.example", "domain:evil.example"},
      {"https://evil.example/a", "url:https://evil.example/a"},
      {"ann@corp.example", "mail:ann@corp.example"},
      {"ws-14", "host:ws-14"},
      {"AKIAIOSFODNN7EXAMPLE", "key:AKIAIOSFODNN7EXAMPLE"},
      {"arn:aws:s3:::bucket", "resource:arn:aws:s3:::bucket"},
      {"d41d8cd98f00b204e9800998ecf8427e", "hash:d41d8cd98f00b204e9800998ecf8427e"},
      {"user:ann", "user:ann"},
  };
  for (const auto& [text, expected] : cases) {
    const auto entity = parse_entity(text);
    ASSERT_TRUE(entity) << text;
    EXPECT_EQ(to_text(*entity), expected);
    EXPECT_EQ(parse_entity(to_text(*entity)), entity) << "reads back";
  }
  EXPECT_FALSE(parse_entity("two words"));
}

TEST(Entity, internal_addresses) {
  for (const char* ip : {"10.1.2.3", "172.31.255.255", "192.168.0.1", "127.0.0.1", "169.254.169.254", "100.64.0.1",
                         "fe80::1", "fd00::1", "::1", "::ffff:10.0.0.1", "224.0.0.1"}) {
    EXPECT_TRUE(is_internal_ip(ip)) << ip;
  }
  for (const char* ip : {"172.32.0.1", "8.8.8.8", "203.0.113.7", "2001:db8::1", "not an address"})
    EXPECT_FALSE(is_internal_ip(ip)) << ip;
}

TEST(Ids, people_type_them_in_many_ways) {
  for (const char* text : {"C-12", "c-12", "C12", "c12"}) EXPECT_EQ(parse_id<CaseId>(text), CaseId(12)) << text;
  for (const char* text : {"", "C", "C-", "C-0", "C--1", "C-01", "A-12", "C-1x", "C-9999999999999999"}) {
    EXPECT_FALSE(parse_id<CaseId>(text)) << text;
  }
  EXPECT_EQ(to_string(ActionId(9)), "R-9");
  EXPECT_LT(new_ulid(1000), new_ulid(2000));
  EXPECT_EQ(new_ulid(1000).size(), 26u);
}

TEST(Severity, words_of_many_tools) {
  EXPECT_EQ(severity_from("WARNING"), Severity::medium);
  EXPECT_EQ(severity_from("p1"), Severity::critical);
  EXPECT_EQ(severity_from(" High "), Severity::high);
  EXPECT_FALSE(severity_from("banana"));
  for (const auto s : {Severity::informational, Severity::low, Severity::medium, Severity::high, Severity::critical}) {
    EXPECT_EQ(severity_from(to_string(s)), s);
  }
}

TEST(EventQuery, reads_as_one_line) {
  EventQuery query;
  query.dataset = "windows";
  query.all.emplace_back("user.name", Op::equals, std::vector<std::string>{"ann"});
  query.any.emplace_back("event.code", Op::any_of, std::vector<std::string>{"4624", "4625"});
  query.any.emplace_back("process.name", Op::exists, std::vector<std::string>{});
  query.group_by = "host.name";
  EXPECT_EQ(to_text(query),
            "dataset:windows and user.name = \"ann\" and (event.code in (\"4624\", \"4625\") or process.name exists) by "
            "host.name");
}

TEST(Event, entities_come_from_its_fields) {
  const auto entities =
      entities_of({{"host.name", "WS-14"}, {"user.name", "CORP\\ann"}, {"source.ip", "203.0.113.7"}, {"user.email", "-"}});
  EXPECT_EQ(entities,
            (std::vector<Entity>{{EntityType::host, "ws-14"}, {EntityType::user, "ann"}, {EntityType::ip, "203.0.113.7"}}));
}

}  // namespace
}  // namespace vedette
