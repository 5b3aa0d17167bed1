// Two readers, one tree. simdjson reads what is well-formed, several times faster; what it refuses, and what passes a limit,
// is read again by nlohmann/json, which says where it went wrong and also takes what simdjson does not (a byte order mark,
// whole numbers of more than 64 bits).

#include "bot/base/json_parse.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>
#include <nlohmann/json.hpp>

namespace vedette {
namespace {

using Nlohmann = nlohmann::json;

// The nodes of containers that are not closed yet: what lies above `begin` when one ends becomes its content.
template <class T>
const T* keep(std::vector<T>& open, size_t begin, JsonDocument& document) {
  const size_t count = open.size() - begin;
  if (count == 0) return nullptr;
  auto* kept = static_cast<T*>(document.arena.allocate(count * sizeof(T), alignof(T)));
  std::uninitialized_copy(open.begin() + static_cast<std::ptrdiff_t>(begin), open.end(), kept);
  open.resize(begin);
  return kept;
}

std::string_view keep(std::string_view text, JsonDocument& document) {
  if (text.empty()) return "";
  auto* kept = static_cast<char*>(document.arena.allocate(text.size(), 1));
  text.copy(kept, text.size());
  return {kept, text.size()};
}

// Those from `begin` on. False: a name stands twice.
bool sort_by_name(std::vector<JsonMember>& members, size_t begin) {
  const auto first = members.begin() + static_cast<std::ptrdiff_t>(begin);
  std::sort(first, members.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  const auto same = [](const auto& a, const auto& b) { return a.name == b.name; };
  return std::adjacent_find(first, members.end(), same) == members.end();
}

class FastReader {
 public:
  FastReader(JsonDocument& document, const JsonLimits& limits) : document_(document), limits_(limits) {}

  // False: not well-formed, or beyond a limit.
  bool read(std::string_view bytes) {
    // Its buffers are many times the text: only those of ordinary messages are kept for the next.
    constexpr size_t kOrdinary = 4 << 10;
    static thread_local simdjson::dom::parser kept;
    simdjson::dom::parser large;
    auto& parser = bytes.size() <= kOrdinary ? kept : large;
    simdjson::dom::element root;
    if (parser.parse(bytes.data(), bytes.size()).get(root) != simdjson::SUCCESS) return false;
    return read(root, document_.root, 0);
  }

 private:
  using Type = simdjson::dom::element_type;
  using Kind = JsonNode::Kind;

  bool read(simdjson::dom::element from, JsonNode& to, size_t depth) {
    if (++values_ > limits_.values) return false;
    switch (from.type()) {
      case Type::NULL_VALUE: return true;
      case Type::BOOL: to.kind = Kind::boolean; return from.get(to.boolean) == simdjson::SUCCESS;
      case Type::INT64: to.kind = Kind::integer; return from.get(to.integer) == simdjson::SUCCESS;
      case Type::UINT64: to.kind = Kind::natural; return from.get(to.natural) == simdjson::SUCCESS;
      case Type::DOUBLE: to.kind = Kind::real; return from.get(to.real) == simdjson::SUCCESS;
      case Type::STRING: return read_string(from, to);
      case Type::ARRAY: return depth < limits_.depth && read_array(from, to, depth);
      case Type::OBJECT: return depth < limits_.depth && read_object(from, to, depth);
    }
    return false;
  }

  bool read_string(simdjson::dom::element from, JsonNode& to) {
    std::string_view text;
    if (from.get(text) != simdjson::SUCCESS) return false;
    text = keep(text, document_);
    to.kind = Kind::string;
    to.size = static_cast<uint32_t>(text.size());
    to.string = text.data();
    return true;
  }

  bool read_array(simdjson::dom::element from, JsonNode& to, size_t depth) {
    simdjson::dom::array array;
    if (from.get(array) != simdjson::SUCCESS) return false;
    const size_t begin = elements_.size();
    for (const auto element : array) {
      JsonNode node;
      if (!read(element, node, depth + 1)) return false;
      elements_.push_back(node);
    }
    to.kind = Kind::array;
    to.size = static_cast<uint32_t>(elements_.size() - begin);
    to.elements = keep(elements_, begin, document_);
    return true;
  }

  bool read_object(simdjson::dom::element from, JsonNode& to, size_t depth) {
    simdjson::dom::object object;
    if (from.get(object) != simdjson::SUCCESS) return false;
    const size_t begin = members_.size();
    for (const auto [name, element] : object) {
      JsonMember member{keep(name, document_), {}};
      if (!read(element, member.value, depth + 1)) return false;
      members_.push_back(member);
    }
    if (!sort_by_name(members_, begin)) return false;
    to.kind = Kind::object;
    to.size = static_cast<uint32_t>(members_.size() - begin);
    to.members = keep(members_, begin, document_);
    return true;
  }

  JsonDocument& document_;
  const JsonLimits& limits_;
  std::vector<JsonNode> elements_;
  std::vector<JsonMember> members_;
  size_t values_ = 0;
};

// Builds the same tree from nlohmann's events; stops at the first limit passed or name repeated, and says which.
class CarefulReader final : public Nlohmann::json_sax_t {
 public:
  CarefulReader(JsonDocument& document, const JsonLimits& limits) : document_(document), limits_(limits) {}

  Status read(std::string_view bytes) {
    const bool ok = Nlohmann::sax_parse(bytes.begin(), bytes.end(), this);
    if (error_) return *error_;
    if (!ok) return Error(Code::invalid_input, "not valid JSON");
    return {};
  }

  bool null() override { return add(JsonNode()); }
  bool boolean(bool value) override {
    JsonNode node;
    node.kind = Kind::boolean;
    node.boolean = value;
    return add(node);
  }
  bool number_integer(number_integer_t value) override {
    JsonNode node;
    node.kind = Kind::integer;
    node.integer = value;
    return add(node);
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (value <= static_cast<number_unsigned_t>(INT64_MAX)) return number_integer(static_cast<number_integer_t>(value));
    JsonNode node;
    node.kind = Kind::natural;
    node.natural = value;
    return add(node);
  }
  bool number_float(number_float_t value, const string_t&) override {
    JsonNode node;
    node.kind = Kind::real;
    node.real = value;
    return add(node);
  }
  bool string(string_t& value) override {
    const std::string_view text = keep(value, document_);
    JsonNode node;
    node.kind = Kind::string;
    node.size = static_cast<uint32_t>(text.size());
    node.string = text.data();
    return add(node);
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Kind::object); }
  bool start_array(std::size_t) override { return open(Kind::array); }
  bool key(string_t& name) override {
    open_.back().members.push_back({keep(name, document_), {}});
    return true;
  }

  bool end_object() override {
    auto& members = open_.back().members;
    if (!sort_by_name(members, 0)) return fail(Code::invalid_input, "a member name stands twice in one JSON object");
    JsonNode node;
    node.kind = Kind::object;
    node.size = static_cast<uint32_t>(members.size());
    node.members = keep(members, 0, document_);
    open_.pop_back();
    place(node);
    return true;
  }
  bool end_array() override {
    auto& elements = open_.back().elements;
    JsonNode node;
    node.kind = Kind::array;
    node.size = static_cast<uint32_t>(elements.size());
    node.elements = keep(elements, 0, document_);
    open_.pop_back();
    place(node);
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    return fail(Code::invalid_input, fmt::format("not valid JSON at byte {}", position));
  }

 private:
  using Kind = JsonNode::Kind;
  struct Open {
    Kind kind;
    std::vector<JsonNode> elements;
    std::vector<JsonMember> members;
  };

  bool fail(Code code, std::string message) {
    if (!error_) error_ = Error(code, std::move(message));
    return false;
  }
  bool count() {
    if (++values_ <= limits_.values) return true;
    return fail(Code::too_large, fmt::format("JSON with more than {} values", limits_.values));
  }
  void place(const JsonNode& node) {
    if (open_.empty())
      document_.root = node;
    else if (open_.back().kind == Kind::array)
      open_.back().elements.push_back(node);
    else
      open_.back().members.back().value = node;
  }
  bool add(const JsonNode& node) {
    if (!count()) return false;
    place(node);
    return true;
  }
  bool open(Kind kind) {
    if (!count()) return false;
    if (open_.size() >= limits_.depth)
      return fail(Code::too_large, fmt::format("JSON nested deeper than {} levels", limits_.depth));
    open_.push_back({kind, {}, {}});
    return true;
  }

  JsonDocument& document_;
  const JsonLimits& limits_;
  std::vector<Open> open_;
  std::optional<Error> error_;
  size_t values_ = 0;
};

}  // namespace

const JsonMember* JsonNode::find(std::string_view name) const {
  if (!is(Kind::object)) return nullptr;
  const auto* end = members + size;
  const auto* found = std::lower_bound(
      members, end, name, [](const JsonMember& member, std::string_view wanted) { return member.name < wanted; });
  return found != end && found->name == name ? found : nullptr;
}

Status read_json(std::string_view bytes, const JsonLimits& limits, JsonDocument& document) {
  if (FastReader(document, limits).read(bytes)) return {};
  document.root = JsonNode();
  return CarefulReader(document, limits).read(bytes);
}

}  // namespace vedette
