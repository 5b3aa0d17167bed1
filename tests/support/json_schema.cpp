#include "tests/support/json_schema.hpp"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>
#include <re2/re2.h>

namespace vedette::test {
namespace {

using nlohmann::json;

bool has_type(const json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "number") return value.is_number();
  if (type == "integer") return value.is_number_integer();
  return type == "null" && value.is_null();
}

// What is wrong begins with where, which is put together on the way back only.
class Checker {
 public:
  explicit Checker(const json& root) : root_(root) {}

  std::string check(const json& named, const json& value) const {
    const json& schema = resolved(named);
    if (schema.contains("type") && !has_type(value, schema["type"])) return ": not of type " + schema["type"].dump();
    if (schema.contains("enum")) {
      const json& allowed = schema["enum"];
      if (std::find(allowed.begin(), allowed.end(), value) == allowed.end()) {
        return ": " + value.dump() + " is not one of " + allowed.dump();
      }
    }
    if (schema.contains("pattern") && value.is_string()) {
      if (!RE2::PartialMatch(value.get<std::string>(), schema["pattern"].get<std::string>())) return ": pattern";
    }
    if (value.is_object()) {
      if (auto wrong = members(schema, value); !wrong.empty()) return wrong;
    }
    if (value.is_array() && schema.contains("items")) {
      for (size_t i = 0; i < value.size(); ++i) {
        if (auto wrong = check(schema["items"], value[i]); !wrong.empty()) return fmt::format("/{}{}", i, wrong);
      }
    }
    return combined(schema, value);
  }

 private:
  const json& resolved(const json& schema) const {
    const json* at = &schema;
    while (at->contains("$ref")) {
      const auto& name = (*at)["$ref"].get_ref<const std::string&>();
      const json*& known = named_[name];
      if (known == nullptr) known = &root_.at(json::json_pointer(name.substr(1)));
      at = known;
    }
    return *at;
  }

  std::string members(const json& schema, const json& value) const {
    static const json none = json::object();
    if (schema.contains("required")) {
      for (const auto& name : schema["required"]) {
        if (!value.contains(name.get_ref<const std::string&>())) return ": lacks " + name.dump();
      }
    }
    const json& properties = schema.contains("properties") ? schema["properties"] : none;
    const bool closed = schema.contains("additionalProperties") && schema["additionalProperties"] == false;
    for (const auto& [name, member] : value.items()) {
      if (const auto known = properties.find(name); known != properties.end()) {
        if (auto wrong = check(*known, member); !wrong.empty()) return "/" + name + wrong;
      } else if (closed && name != "$schema") {
        return ": has an unknown member " + name;
      }
    }
    return {};
  }

  // Of kinds that are told apart by a member "type", all but one are out of the question at once.
  bool is_another_kind(const json& named, const json& value) const {
    const json& schema = resolved(named);
    if (!value.is_object() || !value.contains("type")) return false;
    static const json::json_pointer kinds("/properties/type/enum");
    if (!schema.contains(kinds)) return false;
    const json& known = schema.at(kinds);
    return std::find(known.begin(), known.end(), value["type"]) == known.end();
  }

  std::string combined(const json& schema, const json& value) const {
    if (schema.contains("allOf")) {
      for (const auto& part : schema["allOf"]) {
        if (auto wrong = check(part, value); !wrong.empty()) return wrong;
      }
    }
    if (!schema.contains("anyOf")) return {};
    std::string why = ": of no kind that is known";
    for (const auto& part : schema["anyOf"]) {
      if (is_another_kind(part, value)) continue;
      const auto wrong = check(part, value);
      if (wrong.empty()) return {};
      if (wrong.size() > why.size()) why = wrong;  // the deepest is the most telling
    }
    return why;
  }

  const json& root_;
  mutable std::unordered_map<std::string, const json*> named_;
};

}  // namespace

std::string schema_violation(const nlohmann::json& schema, const nlohmann::json& document) {
  return Checker(schema).check(schema, document);
}

}  // namespace vedette::test
