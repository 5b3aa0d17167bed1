#include "bot/intake/records.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include "bot/intake/gzip.hpp"

namespace vedette::intake {
namespace {

std::string cut(const std::string& bytes, size_t piece = 1 << 16, size_t longest = 1000) {
  size_t at = 0;
  RecordReader reader(
      [&](char* buffer, size_t size) -> Result<size_t> {
        const size_t count = std::min({size, piece, bytes.size() - at});
        bytes.copy(buffer, count, at);
        at += count;
        return count;
      },
      longest);
  std::string seen;
  for (int i = 0; i < 100; ++i) {
    auto record = reader.next();
    if (!record) {
      seen += "<" + std::string(to_string(record.error().code)) + ">";
      if (record.error().code != Code::too_large) return seen;
      continue;
    }
    if (!*record) return seen;
    seen += std::to_string((*record)->line) + ":" + (*record)->text + "|";
  }
  return seen + "endless";
}

TEST(RecordReader, shapes) {
  const std::pair<std::string, std::string> rows[] = {
      {"", ""},
      {"  \n ", ""},
      {"{}", "1:{}|"},
      {"\xEF\xBB\xBF{\"a\":1}", "1:{\"a\":1}|"},
      {"{\"a\":1}\n{\"b\":2}\n", "1:{\"a\":1}|2:{\"b\":2}|"},
      {"{\"a\":1}\r\n\r\n{\"b\":2}", "1:{\"a\":1}|3:{\"b\":2}|"},
      // A broken line breaks no other.
      {"{\"a\":1}\n{\"b\":\n{\"c\":3}\nxyz\n", "1:{\"a\":1}|2:{\"b\":|3:{\"c\":3}|4:xyz|"},
      {"{\n \"a\": 1\n}\n{\n \"b\": 2\n}", "1:{\n \"a\": 1\n}|4:{\n \"b\": 2\n}|"},
      {"[{\"a\":1},\n {\"b\":2}]", "1:{\"a\":1}|2:{\"b\":2}|"},
      {"[]", ""},
      {"[[1,2],{\"a\":[]}]", "1:[1,2]|1:{\"a\":[]}|"},
      {"[1, {\"a\":1}]", "1:1|1:{\"a\":1}|"},
      {"{\"Records\": [ {\"a\":1}, {\"b\":2} ], \"more\": {\"x\":\"]}\"}}\n{\"c\":3}",
       "1:{\"a\":1}|1:{\"b\":2}|2:{\"c\":3}|"},
      {"{\"records\":[{\"a\":1}]}", "1:{\"records\":[{\"a\":1}]}|"},
      {"{\"a\":\"}]\\\"{\"}", "1:{\"a\":\"}]\\\"{\"}|"},
      {"{\"a\":1} {\"b\":2}", "1:{\"a\":1}|1:{\"b\":2}|"},
      {"{\"a\":", "<invalid_input>"},
      {"[{\"a\":1},{\"b\":", "1:{\"a\":1}|<invalid_input>"},
      {"[{\"a\":1}", "1:{\"a\":1}|"},
      {"hello\nworld", "1:hello|2:world|"},
  };
  for (const auto& [bytes, expected] : rows) {
    EXPECT_EQ(expected, cut(bytes)) << bytes;
    EXPECT_EQ(expected, cut(bytes, 7)) << "in pieces: " << bytes;
  }
}

TEST(RecordReader, a_record_over_the_limit_is_passed_over) {
  const std::string large = "{\"a\":\"" + std::string(2000, 'x') + "\"}";
  EXPECT_EQ("1:{}|<too_large>3:{\"b\":1}|", cut("{}\n" + large + "\n{\"b\":1}\n"));
  EXPECT_EQ("1:{}|<too_large>1:{\"b\":1}|", cut("[{}," + large + ",{\"b\":1}]"));
}

std::string packed(const std::string& plain) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::string out(compressBound(plain.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(plain.data()));
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(Gunzip, members_damage_and_bombs) {
  const std::string text = "the quick brown fox, 1234567890";
  EXPECT_EQ(text, *gunzip(packed(text)));
  EXPECT_EQ(text + text, *gunzip(packed(text) + packed(text)));
  EXPECT_EQ("", *gunzip(packed("")));
  EXPECT_FALSE(gunzip(""));
  EXPECT_FALSE(gunzip(text));
  for (size_t length = 1; length < packed(text).size(); ++length)
    EXPECT_FALSE(gunzip(packed(text).substr(0, length))) << length;
  auto damaged = packed(text);
  damaged[damaged.size() - 6] = static_cast<char>(damaged[damaged.size() - 6] ^ 1);  // its checksum
  EXPECT_EQ(Code::invalid_input, gunzip(damaged).error().code);
  EXPECT_EQ(Code::too_large, gunzip(packed(std::string(20 << 20, 'a'))).error().code);
  EXPECT_EQ(Code::too_large, gunzip(packed(std::string(4 << 20, 'a'))).error().code);  // by its ratio
  GzipLimits small;
  small.bytes = 10;
  EXPECT_EQ(Code::too_large, gunzip(packed(text), small).error().code);
}

}  // namespace
}  // namespace vedette::intake
