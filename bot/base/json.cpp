#include "bot/base/json.hpp"

#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bot/base/json_parse.hpp"
#include "bot/base/text.hpp"

namespace vedette {
namespace {

using Kind = JsonNode::Kind;

bool is(const JsonNode* node, Kind kind) { return node != nullptr && node->is(kind); }

// The member or element of that name; null when there is none.
const JsonNode* child(const JsonNode& parent, std::string_view name) {
  if (const auto* member = parent.find(name)) return &member->value;
  const auto index = parent.is(Kind::array) ? text::parse_integer(name) : std::nullopt;
  if (!index || *index < 0 || *index >= static_cast<int64_t>(parent.size)) return nullptr;
  return &parent.elements[*index];
}

void append_number(std::string& out, const JsonNode& node) {
  if (node.is(Kind::integer))
    out += std::to_string(node.integer);
  else if (node.is(Kind::natural))
    out += std::to_string(node.natural);
  else
    out += nlohmann::json(node.real).dump();
}

void dump_to(std::string& out, const JsonNode& node) {
  switch (node.kind) {
    case Kind::null: out += "null"; return;
    case Kind::boolean: out += node.boolean ? "true" : "false"; return;
    case Kind::integer:
    case Kind::natural:
    case Kind::real: append_number(out, node); return;
    case Kind::string: append_json_string(out, node.text()); return;
    case Kind::array:
      out += '[';
      for (uint32_t i = 0; i < node.size; ++i) {
        if (i > 0) out += ',';
        dump_to(out, node.elements[i]);
      }
      out += ']';
      return;
    case Kind::object:
      out += '{';
      for (uint32_t i = 0; i < node.size; ++i) {
        if (i > 0) out += ',';
        append_json_string(out, node.members[i].name);
        out += ':';
        dump_to(out, node.members[i].value);
      }
      out += '}';
  }
}

}  // namespace

Result<Json> Json::parse(std::string_view bytes, const JsonLimits& limits) {
  if (bytes.size() > limits.bytes) {
    return Error(Code::too_large, fmt::format("JSON of {} bytes; at most {} are read", bytes.size(), limits.bytes));
  }
  // Most documents need two to three times their text.
  auto document = std::make_shared<JsonDocument>(bytes.size() * 3 + 64);
  TRY_VOID(read_json(bytes, limits, *document));
  const auto* root = &document->root;
  return Json(std::move(document), root);
}

bool Json::is_null() const { return is(node_, Kind::null); }
bool Json::is_object() const { return is(node_, Kind::object); }
bool Json::is_array() const { return is(node_, Kind::array); }
bool Json::is_string() const { return is(node_, Kind::string); }
bool Json::is_number() const { return is(node_, Kind::integer) || is(node_, Kind::natural) || is(node_, Kind::real); }
bool Json::is_boolean() const { return is(node_, Kind::boolean); }

Json Json::operator[](std::string_view key) const {
  const auto* member = node_ == nullptr ? nullptr : node_->find(key);
  return member == nullptr ? Json() : Json(document_, &member->value);
}

Json Json::operator[](size_t index) const {
  if (!is_array() || index >= node_->size) return {};
  return Json(document_, &node_->elements[index]);
}

Json Json::at(std::string_view pointer) const {
  const JsonNode* here = node_;
  while (here != nullptr && !pointer.empty()) {
    if (pointer.front() != '/') return {};
    pointer.remove_prefix(1);
    const size_t end = std::min(pointer.find('/'), pointer.size());
    std::string_view token = pointer.substr(0, end);
    pointer.remove_prefix(end);
    std::string unescaped;
    if (token.find('~') != std::string_view::npos) {
      unescaped = text::replace_all(text::replace_all(std::string(token), "~1", "/"), "~0", "~");
      token = unescaped;
    }
    here = child(*here, token);
  }
  return here == nullptr ? Json() : Json(document_, here);
}

std::optional<std::string> Json::string() const {
  if (!is_string()) return std::nullopt;
  return std::string(node_->text());
}

std::string_view Json::text() const { return is_string() ? node_->text() : std::string_view(); }

std::optional<int64_t> Json::integer() const {
  if (is(node_, Kind::integer)) return node_->integer;
  if (!is(node_, Kind::real)) return std::nullopt;
  const double value = node_->real;
  if (std::floor(value) != value || std::abs(value) > 9e15) return std::nullopt;
  return static_cast<int64_t>(value);
}

std::optional<double> Json::number() const {
  if (is(node_, Kind::integer)) return static_cast<double>(node_->integer);
  if (is(node_, Kind::natural)) return static_cast<double>(node_->natural);
  return is(node_, Kind::real) ? std::optional(node_->real) : std::nullopt;
}

std::optional<bool> Json::boolean() const {
  if (!is_boolean()) return std::nullopt;
  return node_->boolean;
}

std::string Json::string_or(std::string_view fallback) const { return std::string(is_string() ? text() : fallback); }
int64_t Json::integer_or(int64_t fallback) const { return integer().value_or(fallback); }
bool Json::boolean_or(bool fallback) const { return boolean().value_or(fallback); }

std::string Json::scalar_text() const {
  if (is_string()) return std::string(text());
  std::string out;
  if (is_number() || is_boolean()) dump_to(out, *node_);
  return out;
}

size_t Json::size() const { return is_object() || is_array() ? node_->size : 0; }

std::vector<Json> Json::elements() const {
  std::vector<Json> result;
  if (!is_array()) return result;
  result.reserve(node_->size);
  for (uint32_t i = 0; i < node_->size; ++i) result.push_back(Json(document_, &node_->elements[i]));
  return result;
}

std::vector<std::pair<std::string_view, Json>> Json::members() const {
  std::vector<std::pair<std::string_view, Json>> result;
  if (!is_object()) return result;
  result.reserve(node_->size);
  for (uint32_t i = 0; i < node_->size; ++i)
    result.emplace_back(node_->members[i].name, Json(document_, &node_->members[i].value));
  return result;
}

std::string Json::dump() const {
  std::string out;
  if (node_ != nullptr) dump_to(out, *node_);
  return out;
}

}  // namespace vedette
