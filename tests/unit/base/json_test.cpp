#include "bot/base/json.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace vedette {
namespace {

TEST(Json, reads_members_and_pointers) {
  const auto json = Json::parse(R"({"a":{"b/c":[1,"two",true,null,2.5]},"n":9007199254740993,"big":18446744073709551615})");
  ASSERT_TRUE(json);
  EXPECT_EQ(json->at("/a/b~1c/1").string(), "two");
  EXPECT_EQ(json->at("/a/b~1c/0").integer(), 1);
  EXPECT_EQ(json->at("/a/b~1c/2").boolean(), true);
  EXPECT_TRUE(json->at("/a/b~1c/3").is_null());
  EXPECT_EQ(json->at("/a/b~1c/4").number(), 2.5);
  EXPECT_FALSE(json->at("/a/b~1c/4").integer());
  EXPECT_EQ((*json)["n"].integer(), 9007199254740993);
  EXPECT_FALSE((*json)["big"].integer()) << "does not fit";
  EXPECT_FALSE(json->at("/a/b~1c/9").exists());
  EXPECT_FALSE(json->at("/a/x/y/z").exists());
  EXPECT_FALSE(json->at("a").exists()) << "a pointer starts with a slash";
  EXPECT_EQ((*json)["missing"]["deeper"].string_or("none"), "none");
}

TEST(Json, a_view_keeps_its_document_alive) {
  Json inner;
  {
    auto json = Json::parse(R"({"deep":{"text":"still here"}})");
    inner = (*json)["deep"];
  }
  EXPECT_EQ(inner["text"].string(), "still here");
}

TEST(Json, refuses_what_is_hostile_or_broken) {
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  const std::pair<std::string, Code> cases[] = {
      {"", Code::invalid_input},
      {"{", Code::invalid_input},
      {"{\"a\":1}x", Code::invalid_input},
      {"{\"a\":1,\"a\":2}", Code::invalid_input},
      {"\"\xff\"", Code::invalid_input},
      {"\"\xed\xa0\x80\"", Code::invalid_input},
      {"{'a':1}", Code::invalid_input},
      {"NaN", Code::invalid_input},
      {"1e999", Code::invalid_input},
      {deep, Code::too_large},
      {std::string(2 << 20, ' '), Code::too_large},
  };
  for (const auto& [text, code] : cases) {
    const auto json = Json::parse(text);
    ASSERT_FALSE(json) << text.substr(0, 40);
    EXPECT_EQ(json.error().code, code) << text.substr(0, 40) << ": " << json.error().message;
  }
  JsonLimits few;
  few.values = 3;
  EXPECT_TRUE(Json::parse("[1,2]", few));
  EXPECT_EQ(Json::parse("[1,2,3]", few).error().code, Code::too_large);
}

TEST(Json, errors_do_not_repeat_the_text) {
  const auto json = Json::parse(R"({"password":"hunter2-hunter2",})");
  ASSERT_FALSE(json);
  EXPECT_EQ(json.error().message.find("hunter2"), std::string::npos);
}

TEST(JsonWriter, writes_what_reads_back) {
  JsonWriter w;
  w.begin_object().field("text", "a \"quote\"\n\x01 \xff").field("n", 3).field("x", 0.1).field("b", true);
  w.key("list").begin_array().value("one").value(2).begin_object().end_object().end_array();
  w.key("nothing").null().end_object();
  const auto json = Json::parse(w.take());
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["text"].string(), "a \"quote\"\n\x01 \xEF\xBF\xBD");
  EXPECT_EQ((*json)["x"].number(), 0.1);
  EXPECT_EQ(json->at("/list/2").size(), 0u);
  EXPECT_EQ((*json)["list"].size(), 3u);
}

// What the fast reader refuses is read by the careful one: the caller sees one reader.
TEST(Json, reads_what_only_one_of_its_readers_takes) {
  const std::pair<std::string, std::string> cases[] = {
      {"\xEF\xBB\xBF{\"a\":1}", R"({"a":1})"},
      {R"({"n":184467440737095516160,"a":[1,{}]})", R"({"a":[1,{}],"n":1.844674407370955e+20})"},
      {R"([-9223372036854775808,9223372036854775807,9223372036854775808,18446744073709551615])",
       R"([-9223372036854775808,9223372036854775807,9223372036854775808,18446744073709551615])"},
      {R"([0,-0,1.0,0.1,1e3,"\u00e9\ud83d\ude00\u0000\b\f"])", "[0,0,1.0,0.1,1000.0,\"\u00e9\U0001F600\\u0000\\b\\f\"]"},
  };
  for (const auto& [text, dumped] : cases) {
    const auto json = Json::parse(text);
    ASSERT_TRUE(json) << text << ": " << json.error().message;
    EXPECT_EQ(json->dump(), dumped);
  }
  for (const char* text :
       {R"("\ud800")", R"("\udc00")", R"("\ud800\u0041")", "01", "1.", "[1,]", "[1 2]", "nul", "\"a\nb\"", " "}) {
    EXPECT_FALSE(Json::parse(text)) << text;
  }
}

TEST(Json, finds_members_among_many_and_lists_them_by_name) {
  std::string text = "{";
  for (int i = 999; i >= 0; --i) text += "\"name" + std::to_string(i) + "\":" + std::to_string(i) + (i > 0 ? "," : "}");
  const auto json = Json::parse(text);
  ASSERT_TRUE(json);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ((*json)["name" + std::to_string(i)].integer(), i);
  EXPECT_FALSE((*json)["name1000"].exists());
  EXPECT_FALSE((*json)[""].exists());
  const auto members = json->members();
  ASSERT_EQ(members.size(), 1000u);
  EXPECT_TRUE(
      std::is_sorted(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; }));
}

TEST(Json, reads_large_and_small_documents_in_turn) {
  const std::string large = "[" + std::string(40'000, ' ') + "\"" + std::string(30'000, 'x') + "\",{\"a\":[]}]";
  for (int round = 0; round < 3; ++round) {
    const auto big = Json::parse(large);
    const auto small = Json::parse(R"({"a":"b"})");
    ASSERT_TRUE(big && small);
    EXPECT_EQ(big->at("/0").text().size(), 30'000u);
    EXPECT_EQ(big->at("/1/a").size(), 0u);
    EXPECT_EQ((*small)["a"].text(), "b");
  }
}

TEST(Json, dump_is_canonical) { EXPECT_EQ(Json::parse(R"( {"b": 1, "a" : [ true ] } )")->dump(), R"({"a":[true],"b":1})"); }

}  // namespace
}  // namespace vedette
