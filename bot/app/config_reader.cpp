#include "bot/app/config_reader.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "bot/base/text.hpp"

namespace vedette::app {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

void ConfigReader::complain(const YAML::Node& node, std::string message) {
  problems.push_back({node.Mark().line + 1, node.Mark().column + 1, std::move(message)});
}

std::string ConfigReader::text(const YAML::Node& node) {
  if (!node || !node.IsScalar()) return {};
  std::string value = node.Scalar();
  for (size_t at = value.find("${"); at != std::string::npos; at = value.find("${", at)) {
    const size_t end = value.find('}', at);
    if (end == std::string::npos) break;
    const std::string reference = value.substr(at + 2, end - at - 2);
    const std::string content = resolve(node, reference);
    value.replace(at, end + 1 - at, content);
    at += content.size();
  }
  return value;
}

std::string ConfigReader::resolve(const YAML::Node& node, const std::string& reference) {
  if (reference.starts_with("env:")) {
    const std::string value = environment(reference.c_str() + 4);
    if (value.empty()) complain(node, fmt::format("the environment variable {} is not set", reference.substr(4)));
    return value;
  }
  if (reference.starts_with("file:")) {
    std::ifstream in(folder_ / reference.substr(5), std::ios::binary);
    if (!in) complain(node, fmt::format("the file {} cannot be read", reference.substr(5)));
    std::ostringstream content;
    content << in.rdbuf();
    return std::string(text::trim(content.str()));
  }
  complain(node, "expected ${env:NAME} or ${file:PATH}");
  return {};
}

Secret ConfigReader::secret(const YAML::Node& node, size_t shortest) { return long_enough(node, text(node), shortest, ""); }

Secret ConfigReader::long_enough(const YAML::Node& node, std::string value, size_t shortest, const std::string& origin) {
  if (!value.empty() && value.size() < shortest)
    complain(node, fmt::format("{}expected a secret of at least {} characters", origin, shortest));
  return Secret(std::move(value));
}

int64_t ConfigReader::number(const YAML::Node& node) { return text::parse_integer(node.Scalar()).value_or(0); }

bool ConfigReader::is_true(const YAML::Node& node) { return node && node.IsScalar() && node.Scalar() == "true"; }

std::vector<std::string> ConfigReader::texts(const YAML::Node& list) {
  std::vector<std::string> values;
  for (const auto& node : list) values.push_back(text(node));
  return values;
}

std::string ConfigReader::path(const YAML::Node& node) {
  const std::string value = text(node);
  return value.empty() ? value : (folder_ / value).lexically_normal().string();
}

}  // namespace vedette::app
