#include "bot/investigate/question.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <re2/re2.h>

#include "bot/base/embedded.hpp"

namespace vedette::investigate {

struct Pattern::Compiled {
  explicit Compiled(std::string_view expression)
      : regex(re2::StringPiece(expression.data(), expression.size()), options()) {}
  static RE2::Options options() {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(false);
    options.set_max_mem(1 << 22);
    return options;
  }
  RE2 regex;
};

Result<Pattern> Pattern::compile(std::vector<std::string> fields, std::string_view expression) {
  auto compiled = std::make_shared<const Compiled>(expression);
  if (!compiled->regex.ok()) return Error(Code::invalid_input, "not a valid pattern: " + compiled->regex.error());
  Pattern pattern;
  pattern.fields_ = std::move(fields);
  pattern.compiled_ = std::move(compiled);
  return pattern;
}

bool Pattern::matches(std::string_view value) const {
  return compiled_ && RE2::PartialMatch(re2::StringPiece(value.data(), value.size()), compiled_->regex);
}

std::string Pattern::found_in(std::string_view value) const {
  if (!compiled_) return {};
  const re2::StringPiece text(value.data(), value.size());
  re2::StringPiece found;
  if (!compiled_->regex.Match(text, 0, text.size(), RE2::UNANCHORED, &found, 1)) return {};
  return std::string(found.data(), std::min<size_t>(found.size(), 200));
}

bool Comparison::holds(double actual) const {
  switch (op) {
    case Op::equal: return actual == value;
    case Op::not_equal: return actual != value;
    case Op::less: return actual < value;
    case Op::less_equal: return actual <= value;
    case Op::greater: return actual > value;
    case Op::greater_equal: return actual >= value;
  }
  return false;
}

double Question::reach() const {
  double most = 0;
  for (const auto& outcome : outcomes) most = std::max(most, std::abs(outcome.weight));
  return most;
}

const Question* Catalogue::find(std::string_view id) const {
  for (const auto& question : questions)
    if (question.id == id) return &question;
  return nullptr;
}

const Catalogue& built_in_questions() {
  static const Catalogue catalogue = [] {
    std::vector<QuestionFile> files;
    for (const auto& file : embedded_questions()) files.push_back({std::string(file.name), std::string(file.content)});
    auto parsed = parse_questions(files);
    if (!parsed) throw std::logic_error("the built-in questions cannot be read: " + parsed.error().message);
    return std::move(parsed).value();
  }();
  return catalogue;
}

}  // namespace vedette::investigate
