#include "bot/base/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "bot/base/text.hpp"

namespace vedette {
namespace {

using Document = nlohmann::json;

// Builds the document while it counts: stops at the first limit passed or key repeated.
class Builder final : public Document::json_sax_t {
 public:
  explicit Builder(const JsonLimits& limits) : limits_(limits) {}

  bool null() override { return add(nullptr) != nullptr; }
  bool boolean(bool value) override { return add(value) != nullptr; }
  bool number_integer(number_integer_t value) override { return add(value) != nullptr; }
  bool number_unsigned(number_unsigned_t value) override { return add(value) != nullptr; }
  bool number_float(number_float_t value, const string_t&) override { return add(value) != nullptr; }
  bool string(string_t& value) override { return add(std::move(value)) != nullptr; }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Document::object()); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Document::array()); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    auto& object = stack_.back()->get_ref<Document::object_t&>();
    const auto [member, fresh] = object.try_emplace(std::move(name));
    if (!fresh) return fail(Code::invalid_input, "a member name stands twice in one JSON object");
    slot_ = &member->second;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    return fail(Code::invalid_input, fmt::format("not valid JSON at byte {}", position));
  }

  Document root;
  std::optional<Error> error;

 private:
  bool fail(Code code, std::string message) {
    if (!error) error = Error(code, std::move(message));
    return false;
  }

  Document* add(Document value) {
    if (++values_ > limits_.values) {
      fail(Code::too_large, fmt::format("JSON with more than {} values", limits_.values));
      return nullptr;
    }
    if (stack_.empty()) {
      root = std::move(value);
      return &root;
    }
    if (stack_.back()->is_array()) return &stack_.back()->emplace_back(std::move(value));
    *slot_ = std::move(value);
    return slot_;
  }

  bool open(Document container) {
    if (stack_.size() >= limits_.depth) {
      return fail(Code::too_large, fmt::format("JSON nested deeper than {} levels", limits_.depth));
    }
    Document* added = add(std::move(container));
    if (added != nullptr) stack_.push_back(added);
    return added != nullptr;
  }

  bool close() {
    stack_.pop_back();
    return true;
  }

  JsonLimits limits_;
  std::vector<Document*> stack_;
  Document* slot_ = nullptr;
  size_t values_ = 0;
};

// The member or element of that name; null when there is none.
const Document* child(const Document& parent, std::string_view name) {
  if (parent.is_object()) {
    const auto& members = parent.get_ref<const Document::object_t&>();
    const auto found = members.find(name);
    return found == members.end() ? nullptr : &found->second;
  }
  const auto index = parent.is_array() ? text::parse_integer(name) : std::nullopt;
  if (!index || *index < 0 || static_cast<size_t>(*index) >= parent.size()) return nullptr;
  return &parent[static_cast<size_t>(*index)];
}

// Appends `content` as a JSON string, its quotes included.
void append_quoted(std::string& out, std::string_view content) {
  std::string mended;
  if (!text::valid_utf8(content)) {
    mended = text::to_valid_utf8(content);
    content = mended;
  }
  out += '"';
  const auto stands_for_itself = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; };
  while (!content.empty()) {
    const auto end = std::find_if_not(content.begin(), content.end(), stands_for_itself);
    const auto length = static_cast<size_t>(end - content.begin());
    out.append(content.substr(0, length));
    content.remove_prefix(length);
    if (content.empty()) break;
    switch (content.front()) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default: out += fmt::format("\\u{:04x}", static_cast<unsigned>(content.front()));
    }
    content.remove_prefix(1);
  }
  out += '"';
}

}  // namespace

Result<Json> Json::parse(std::string_view bytes, const JsonLimits& limits) {
  if (bytes.size() > limits.bytes) {
    return Error(Code::too_large, fmt::format("JSON of {} bytes; at most {} are read", bytes.size(), limits.bytes));
  }
  Builder builder(limits);
  const bool ok = Document::sax_parse(bytes.begin(), bytes.end(), &builder);
  if (builder.error) return *builder.error;
  if (!ok) return Error(Code::invalid_input, "not valid JSON");
  return of(std::move(builder.root));
}

Json Json::of(nlohmann::json document) {
  auto shared = std::make_shared<const Document>(std::move(document));
  const auto* node = shared.get();
  return Json(std::move(shared), node);
}

bool Json::is_null() const { return node_ != nullptr && node_->is_null(); }
bool Json::is_object() const { return node_ != nullptr && node_->is_object(); }
bool Json::is_array() const { return node_ != nullptr && node_->is_array(); }
bool Json::is_string() const { return node_ != nullptr && node_->is_string(); }
bool Json::is_number() const { return node_ != nullptr && node_->is_number(); }
bool Json::is_boolean() const { return node_ != nullptr && node_->is_boolean(); }

Json Json::operator[](std::string_view key) const {
  if (!is_object()) return {};
  const auto found = node_->find(key);
  return found == node_->end() ? Json() : Json(document_, &*found);
}

Json Json::operator[](size_t index) const {
  if (!is_array() || index >= node_->size()) return {};
  return Json(document_, &(*node_)[index]);
}

Json Json::at(std::string_view pointer) const {
  const Document* here = node_;
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
  return node_->get_ref<const std::string&>();
}

std::optional<int64_t> Json::integer() const {
  if (!is_number()) return std::nullopt;
  if (node_->is_number_unsigned()) {
    const auto value = node_->get<uint64_t>();
    if (value > static_cast<uint64_t>(INT64_MAX)) return std::nullopt;
    return static_cast<int64_t>(value);
  }
  if (node_->is_number_integer()) return node_->get<int64_t>();
  const double value = node_->get<double>();
  if (std::floor(value) != value || std::abs(value) > 9e15) return std::nullopt;
  return static_cast<int64_t>(value);
}

std::optional<double> Json::number() const {
  if (!is_number()) return std::nullopt;
  return node_->get<double>();
}

std::optional<bool> Json::boolean() const {
  if (!is_boolean()) return std::nullopt;
  return node_->get<bool>();
}

std::string Json::string_or(std::string_view fallback) const { return string().value_or(std::string(fallback)); }
int64_t Json::integer_or(int64_t fallback) const { return integer().value_or(fallback); }
bool Json::boolean_or(bool fallback) const { return boolean().value_or(fallback); }

std::string Json::scalar_text() const {
  if (is_string()) return node_->get_ref<const std::string&>();
  if (is_number() || is_boolean()) return node_->dump();
  return {};
}

size_t Json::size() const { return is_object() || is_array() ? node_->size() : 0; }

std::vector<Json> Json::elements() const {
  std::vector<Json> result;
  if (!is_array()) return result;
  result.reserve(node_->size());
  for (const auto& element : *node_) result.push_back(Json(document_, &element));
  return result;
}

std::vector<std::pair<std::string, Json>> Json::members() const {
  std::vector<std::pair<std::string, Json>> result;
  if (!is_object()) return result;
  result.reserve(node_->size());
  for (const auto& [name, member] : node_->items()) result.emplace_back(name, Json(document_, &member));
  return result;
}

std::string Json::dump() const {
  return node_ == nullptr ? std::string() : node_->dump(-1, ' ', false, Document::error_handler_t::replace);
}

std::string json_quote(std::string_view content) {
  std::string out;
  out.reserve(content.size() + 2);
  append_quoted(out, content);
  return out;
}

void JsonWriter::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}
JsonWriter& JsonWriter::begin_object() {
  separate();
  out_ += '{';
  first_ = true;
  return *this;
}
JsonWriter& JsonWriter::end_object() {
  out_ += '}';
  first_ = false;
  return *this;
}
JsonWriter& JsonWriter::begin_array() {
  separate();
  out_ += '[';
  first_ = true;
  return *this;
}
JsonWriter& JsonWriter::end_array() {
  out_ += ']';
  first_ = false;
  return *this;
}
JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  append_quoted(out_, name);
  out_ += ':';
  first_ = true;
  return *this;
}
JsonWriter& JsonWriter::json(std::string_view already_json) {
  separate();
  out_ += already_json;
  return *this;
}
JsonWriter& JsonWriter::value(std::string_view content) {
  separate();
  append_quoted(out_, content);
  return *this;
}
JsonWriter& JsonWriter::value(int64_t number) { return json(std::to_string(number)); }
JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return null();
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, number);
  return json(std::string_view(buffer, static_cast<size_t>(end - buffer)));
}
JsonWriter& JsonWriter::value(bool boolean) { return json(boolean ? "true" : "false"); }
JsonWriter& JsonWriter::null() { return json("null"); }
std::string JsonWriter::take() {
  first_ = true;
  return std::exchange(out_, {});
}

}  // namespace vedette
