#include "tests/unit/chat/json_schema.hpp"

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

class Checker {
 public:
  explicit Checker(const json& root) : root_(root) {}

  std::string check(const json& schema, const json& value, const std::string& where) const {
    if (schema.contains("$ref")) {
      const std::string ref = schema["$ref"];
      return check(root_.at(json::json_pointer(ref.substr(1))), value, where);
    }
    if (schema.contains("type") && !has_type(value, schema["type"])) return where + ": not of type " + schema["type"].dump();
    if (schema.contains("enum")) {
      bool found = false;
      for (const auto& allowed : schema["enum"]) found = found || allowed == value;
      if (!found) return where + ": " + value.dump() + " is not one of " + schema["enum"].dump();
    }
    if (schema.contains("pattern") && value.is_string()) {
      if (!RE2::PartialMatch(value.get<std::string>(), schema["pattern"].get<std::string>())) return where + ": pattern";
    }
    if (value.is_object()) {
      if (auto wrong = members(schema, value, where); !wrong.empty()) return wrong;
    }
    if (value.is_array() && schema.contains("items")) {
      for (size_t i = 0; i < value.size(); ++i) {
        if (auto wrong = check(schema["items"], value[i], fmt::format("{}/{}", where, i)); !wrong.empty()) return wrong;
      }
    }
    return combined(schema, value, where);
  }

 private:
  std::string members(const json& schema, const json& value, const std::string& where) const {
    for (const auto& name : schema.value("required", json::array())) {
      if (!value.contains(name.get<std::string>())) return where + ": lacks " + name.dump();
    }
    const json properties = schema.value("properties", json::object());
    for (const auto& [name, member] : value.items()) {
      if (properties.contains(name)) {
        if (auto wrong = check(properties[name], member, fmt::format("{}/{}", where, name)); !wrong.empty()) return wrong;
      } else if (schema.contains("additionalProperties") && schema["additionalProperties"] == false && name != "$schema") {
        return fmt::format("{}: has an unknown member {}", where, name);
      }
    }
    return {};
  }

  std::string combined(const json& schema, const json& value, const std::string& where) const {
    for (const auto& part : schema.value("allOf", json::array())) {
      if (auto wrong = check(part, value, where); !wrong.empty()) return wrong;
    }
    if (!schema.contains("anyOf")) return {};
    std::string why;
    for (const auto& part : schema["anyOf"]) {
      const auto wrong = check(part, value, where);
      if (wrong.empty()) return {};
      if (wrong.size() > why.size()) why = wrong;  // the deepest is the most telling
    }
    return why;
  }

  const json& root_;
};

}  // namespace

std::string schema_violation(const nlohmann::json& schema, const nlohmann::json& document) {
  return Checker(schema).check(schema, document, "");
}

}  // namespace vedette::test
