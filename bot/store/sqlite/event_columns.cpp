#include "bot/store/sqlite/event_columns.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "bot/base/text.hpp"

namespace vedette::sqlite {

const std::vector<EventColumn>& event_columns() {
  static const std::vector<EventColumn> columns = {
      {"host.name", "host_name", 3},
      {"user.name", "user_name", 3},
      {"user.target.name", "user_target_name", 3},
      {"source.ip", "source_ip", 3},
      {"destination.ip", "destination_ip", 3},
      {"event.action", "event_action", 1},
      {"event.category", "event_category", 0},
      {"event.code", "event_code", 1},
      {"event.outcome", "event_outcome", 0},
      {"process.name", "process_name", 2},
      {"process.executable", "process_executable", 2},
      {"process.parent.name", "process_parent_name", 0},
      {"file.path", "file_path", 3},
      {"file.hash.sha256", "file_hash_sha256", 3},
      {"dns.question.name", "dns_question_name", 3},
      {"url.domain", "url_domain", 3},
      {"email.from.address", "email_from_address", 3},
      {"email.to.address", "email_to_address", 3},
      {"cloud.account.id", "cloud_account_id", 0},
      {"aws.cloudtrail.user_identity.access_key_id", "access_key_id", 3},
      {"user_agent.original", "user_agent_original", 2},
  };
  return columns;
}

const EventColumn* event_column(std::string_view field) {
  for (const auto& column : event_columns()) {
    if (column.field == field) return &column;
  }
  return nullptr;
}

namespace {

// Reads JSON just closely enough to tell the values from the member names; anything else is taken as it comes.
class ValueScanner {
 public:
  explicit ValueScanner(std::string_view json) : json_(json) { out_.reserve(json.size()); }

  std::string run() {
    while (at_ < json_.size()) {
      const char c = json_[at_];
      if (c == '"') {
        string();
      } else if ((c >= '0' && c <= '9') || c == '-' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0) {
        bare();
      } else {
        ++at_;
      }
    }
    return std::move(out_);
  }

 private:
  void string() {
    const size_t start = out_.size();
    ++at_;
    while (at_ < json_.size() && json_[at_] != '"') {
      if (json_[at_] == '\\')
        escape();
      else
        out_ += json_[at_++];
    }
    ++at_;
    size_t next = at_;
    while (next < json_.size() && (json_[next] == ' ' || json_[next] == '\n' || json_[next] == '\t' || json_[next] == '\r'))
      ++next;
    if (next < json_.size() && json_[next] == ':') {
      out_.resize(start);  // it was a name
    } else {
      out_ += '\n';
    }
  }

  void escape() {
    if (at_ + 1 >= json_.size()) {
      ++at_;
      return;
    }
    const char kind = json_[at_ + 1];
    at_ += 2;
    if (kind != 'u') {
      out_ += kind == '"' || kind == '\\' || kind == '/' ? kind : ' ';
      return;
    }
    unsigned code = 0;
    for (size_t i = 0; i < 4 && at_ < json_.size(); ++i, ++at_) {
      const char c = json_[at_];
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : 0;
      code = code * 16 + static_cast<unsigned>(digit);
    }
    append_utf8(code);
  }

  void append_utf8(unsigned code) {
    if (code < 0x20 || (code >= 0xD800 && code < 0xE000)) {
      out_ += ' ';  // control characters separate; the halves of a pair are symbols, not words
    } else if (code < 0x80) {
      out_ += static_cast<char>(code);
    } else if (code < 0x800) {
      out_ += static_cast<char>(0xC0 | (code >> 6));
      out_ += static_cast<char>(0x80 | (code & 0x3F));
    } else {
      out_ += static_cast<char>(0xE0 | (code >> 12));
      out_ += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
      out_ += static_cast<char>(0x80 | (code & 0x3F));
    }
  }

  void bare() {
    while (at_ < json_.size() && std::strchr(" \t\r\n,:{}[]\"", json_[at_]) == nullptr) out_ += json_[at_++];
    out_ += '\n';
  }

  std::string_view json_;
  std::string out_;
  size_t at_ = 0;
};

struct Address {
  std::array<unsigned char, 16> bytes{};  // IPv4 as ::ffff:a.b.c.d
  bool v4 = false;
};

std::optional<Address> read_address(std::string_view text) {
  Address address;
  char terminated[INET6_ADDRSTRLEN + 1] = {};
  if (text.empty() || text.size() > INET6_ADDRSTRLEN) return std::nullopt;
  std::copy(text.begin(), text.end(), terminated);
  if (::inet_pton(AF_INET, terminated, address.bytes.data() + 12) == 1) {
    address.bytes[10] = address.bytes[11] = 0xFF;
    address.v4 = true;
    return address;
  }
  if (::inet_pton(AF_INET6, terminated, address.bytes.data()) != 1) return std::nullopt;
  constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  address.v4 = std::equal(kMapped.begin(), kMapped.end(), address.bytes.begin());
  return address;
}

struct Network {
  Address base;
  unsigned bits = 0;  // of the 128
};

std::optional<Network> read_network(std::string_view text) {
  const size_t slash = text.find('/');
  const auto base = read_address(text.substr(0, slash));
  if (!base) return std::nullopt;
  const unsigned most = base->v4 && text.substr(0, slash).find(':') == std::string_view::npos ? 32 : 128;
  if (slash == std::string_view::npos) return Network{*base, 128};
  const auto length = text::parse_integer(text.substr(slash + 1));
  if (!length || *length < 0 || *length > most) return std::nullopt;
  return Network{*base, 128 - most + static_cast<unsigned>(*length)};
}

bool contains(const Network& network, const Address& address) {
  // ::/0 means every IPv6 address, not the IPv4 ones that are written inside it here.
  if (network.base.v4 != address.v4) return false;
  const unsigned whole = network.bits / 8;
  if (!std::equal(network.base.bytes.begin(), network.base.bytes.begin() + whole, address.bytes.begin())) return false;
  const unsigned rest = network.bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<unsigned char>(0xFF << (8 - rest));
  return (network.base.bytes[whole] & mask) == (address.bytes[whole] & mask);
}

bool word_byte(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
}

}  // namespace

std::string searchable_text(std::string_view raw, const std::vector<std::string_view>& values) {
  std::string text = ValueScanner(raw).run();
  const size_t own = text.size();
  for (const auto value : values) {
    if (std::string_view(text).substr(0, own).find(value) != std::string_view::npos) continue;
    text += value;
    text += '\n';
  }
  return text;
}

std::string words_query(std::string_view text) {
  std::string query;
  std::string word;
  bool any = false;
  const auto finish = [&] {
    if (any) query += (query.empty() ? "\"" : " AND \"") + word + "\"";
    word.clear();
    any = false;
  };
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      finish();
    } else {
      word += c == '"' || c == '\0' ? ' ' : c;
      any = any || word_byte(c);
    }
  }
  finish();
  return query;
}

bool is_network(std::string_view text) { return read_network(text).has_value(); }

bool in_network(std::string_view value, std::string_view network_text) {
  const auto network = read_network(network_text);
  if (!network) return false;
  while (true) {
    const size_t comma = value.find(',');
    const auto address = read_address(text::trim(value.substr(0, comma)));
    if (address && contains(*network, *address)) return true;
    if (comma == std::string_view::npos) return false;
    value.remove_prefix(comma + 1);
  }
}

}  // namespace vedette::sqlite
