#include "bot/app/config_schema.hpp"

#include <algorithm>
#include <set>

#include "bot/base/text.hpp"

namespace vedette::app {
namespace {

std::string kind_of(const YAML::Node& node) {
  if (!node.IsDefined() || node.IsNull()) return "nothing";
  if (node.IsMap()) return "a mapping";
  if (node.IsSequence()) return "a list";
  return "a single value";
}

std::string nearest(std::string_view word, const Json& properties) {
  std::string best;
  size_t distance = 4;
  for (const auto& [name, unused] : properties.members()) {
    const size_t d = text::edit_distance(word, name);
    if (d < distance) distance = d, best = name;
  }
  return best.empty() ? "" : fmt::format("; did you mean '{}'?", best);
}

std::string names_of(const Json& properties) {
  std::vector<std::string> names;
  for (const auto& [name, unused] : properties.members()) names.emplace_back(name);
  return text::join(names, ", ");
}

class Checker {
 public:
  explicit Checker(const Json& schema) : root_(schema) {}
  std::vector<ConfigProblem> problems;

  void check(const YAML::Node& node, Json schema, const std::string& path) {
    if (const auto reference = schema["$ref"].string()) schema = root_.at(reference->substr(1));
    const std::string type = type_for(node, schema["type"]);
    if (type == "object") return check_object(node, schema, path);
    if (type == "array") return check_array(node, schema, path);
    if (!node.IsScalar()) {
      return add(node.Mark(),
                 fmt::format("{}: expected {}, found {}", path, type == "string" ? "text" : type, kind_of(node)));
    }
    if (type == "integer") return check_integer(node, schema, path);
    if (type == "boolean" && node.Scalar() != "true" && node.Scalar() != "false") {
      return add(node.Mark(), path + ": expected true or false");
    }
    if (type == "string") check_string(node, schema, path);
  }

 private:
  void add(const YAML::Mark& mark, std::string message) {
    problems.push_back({mark.line + 1, mark.column + 1, std::move(message)});
  }

  // Of a list of types the mapping where there is one, else the other one.
  static std::string type_for(const YAML::Node& node, const Json& type) {
    std::string single = type.string_or("");
    for (const auto& one : type.elements()) {
      if ((one.string() == "object") == node.IsMap()) single = one.string_or("");
    }
    return single;
  }

  void check_object(const YAML::Node& node, const Json& schema, const std::string& path) {
    if (!node.IsMap()) return add(node.Mark(), fmt::format("{}: expected a mapping, found {}", path, kind_of(node)));
    const Json properties = schema["properties"];
    std::set<std::string> seen;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) {
        add(entry.first.Mark(), path + ": a key must be plain text");
        continue;
      }
      const std::string& name = entry.first.Scalar();
      const std::string inner = path == "the configuration" ? name : fmt::format("{}.{}", path, name);
      if (!seen.insert(name).second) add(entry.first.Mark(), fmt::format("{}: stands twice", inner));
      if (properties[name].exists()) {
        check(entry.second, properties[name], inner);
      } else if (schema["additionalProperties"].is_object()) {
        check(entry.second, schema["additionalProperties"], inner);
      } else {
        add(entry.first.Mark(), fmt::format("{}: unknown key '{}'{} (expected one of: {})", path, name,
                                            nearest(name, properties), names_of(properties)));
      }
    }
    for (const auto& required : schema["required"].elements()) {
      if (!seen.contains(required.string_or(""))) {
        add(node.Mark(), fmt::format("{}: the key '{}' is missing", path, required.string_or("")));
      }
    }
  }

  void check_array(const YAML::Node& node, const Json& schema, const std::string& path) {
    if (!node.IsSequence()) return add(node.Mark(), fmt::format("{}: expected a list, found {}", path, kind_of(node)));
    const auto most = schema["maxItems"].integer();
    const auto least = schema["minItems"].integer();
    const auto size = static_cast<int64_t>(node.size());
    if (most && size > *most) add(node.Mark(), fmt::format("{}: expected at most {} entries, found {}", path, *most, size));
    if (least && size < *least)
      add(node.Mark(), fmt::format("{}: expected at least {} entries, found {}", path, *least, size));
    size_t index = 0;
    for (const auto& element : node) check(element, schema["items"], fmt::format("{}[{}]", path, index++));
  }

  void check_integer(const YAML::Node& node, const Json& schema, const std::string& path) {
    const auto value = text::parse_integer(node.Scalar());
    if (!value) return add(node.Mark(), path + ": expected a whole number");
    const auto least = schema["minimum"].integer();
    const auto most = schema["maximum"].integer();
    if ((least && *value < *least) || (most && *value > *most)) {
      add(node.Mark(),
          fmt::format("{}: expected a number from {} to {}, found {}", path, least.value_or(0), most.value_or(0), *value));
    }
  }

  void check_string(const YAML::Node& node, const Json& schema, const std::string& path) {
    const std::string& value = node.Scalar();
    const auto allowed = schema["enum"].elements();
    const bool among = std::any_of(allowed.begin(), allowed.end(), [&](const Json& word) { return word.string() == value; });
    if (!allowed.empty() && !among) {
      std::vector<std::string> words;
      words.reserve(allowed.size());
      for (const auto& word : allowed) words.push_back(word.string_or(""));
      return add(node.Mark(), fmt::format("{}: expected one of: {}", path, text::join(words, ", ")));
    }
    // A reference such as ${env:NAME} is as long as what it stands for.
    if (value.starts_with("${")) return;
    const auto least = schema["minLength"].integer();
    const auto most = schema["maxLength"].integer();
    const auto length = static_cast<int64_t>(text::characters(value));
    if (least && length < *least) add(node.Mark(), fmt::format("{}: expected at least {} characters", path, *least));
    if (most && length > *most) add(node.Mark(), fmt::format("{}: expected at most {} characters", path, *most));
  }

  Json root_;
};

}  // namespace

std::vector<ConfigProblem> check_config(const YAML::Node& document, const Json& schema) {
  Checker checker(schema);
  checker.check(document, schema, "the configuration");
  return std::move(checker.problems);
}

}  // namespace vedette::app
