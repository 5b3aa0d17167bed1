// Any bytes as a command: the parser ends, and what it accepts keeps its promises.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bot/base/text.hpp"
#include "commands/parser.hpp"
#include "commands/registry.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vedette::commands;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  if (size > kLongestCommand) return 0;
  const auto split = split_verb(line);
  size_t last = 0;
  for (const auto& word : split_words(line)) {
    if (word.begin < last || word.begin >= line.size()) std::abort();
    last = word.begin;
  }
  const auto* spec = find_command(split.verb);
  if (spec == nullptr) return 0;
  for (const auto context : {vedette::CaseId(), vedette::CaseId(12)}) {
    const auto parsed = parse_arguments(*spec, split.rest, context);
    if (!parsed) {
      if (parsed.error().message.empty()) std::abort();
      continue;
    }
    // A case that nobody named comes from the thread, and from nowhere else.
    for (const auto& argument : spec->arguments) {
      if (argument.kind == ArgumentKind::case_ref && argument.required && !parsed->reference) std::abort();
      if (argument.kind == ArgumentKind::action && argument.required && !parsed->action) std::abort();
    }
  }
  return 0;
}
