#include "bot/intake/source.hpp"

#include <set>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/intake/events/event_format.hpp"
#include "bot/intake/format.hpp"

namespace vedette::intake {
namespace {

// Below this a secret can be guessed.
constexpr size_t kShortestSecret = 16;

std::string format_names() {
  std::vector<std::string> names;
  for (const auto& format : formats()) names.emplace_back(format.name);
  names.emplace_back("mapped");
  return text::join(names, ", ");
}

Status check_secrets(std::string_view name, const std::vector<Secret>& secrets, std::string_view what) {
  if (secrets.empty() || secrets.size() > 2) {
    return Error(Code::invalid_input, fmt::format("source \"{}\" needs one or two {}", name, what));
  }
  for (const auto& secret : secrets) {
    if (secret.reveal().size() < kShortestSecret) {
      return Error(Code::invalid_input,
                   fmt::format("a secret of source \"{}\" is shorter than {} characters", name, kShortestSecret));
    }
  }
  return {};
}

Status check_auth(std::string_view name, const Auth& auth) {
  if (const auto* hmac = std::get_if<HmacAuth>(&auth)) {
    TRY_VOID(check_secrets(name, hmac->keys, "keys"));
    if (hmac->signature_header.empty() || hmac->timestamp_header.empty() || hmac->tolerance.count() <= 0) {
      return Error(Code::invalid_input,
                   fmt::format("source \"{}\" needs names for its headers and a positive tolerance", name));
    }
  }
  if (const auto* bearer = std::get_if<BearerAuth>(&auth)) return check_secrets(name, bearer->tokens, "tokens");
  if (const auto* basic = std::get_if<BasicAuth>(&auth)) {
    if (basic->user.empty() || basic->user.find(':') != std::string::npos) {
      return Error(Code::invalid_input, fmt::format("source \"{}\" needs a user name without a colon", name));
    }
    return check_secrets(name, {basic->password}, "passwords");
  }
  return {};
}

Status check_name(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  if (name.empty() || name.size() > 64 || name.find_first_not_of(kAllowed) != std::string_view::npos) {
    return Error(Code::invalid_input,
                 fmt::format("\"{}\" is no name for a source: letters, digits, '-', '_' and '.', at most 64", name));
  }
  return {};
}

}  // namespace

Status check(const std::vector<SourceConfig>& sources) {
  std::set<std::string> names;
  for (const auto& source : sources) {
    TRY_VOID(check_name(source.name));
    if (!names.insert(source.name).second) {
      return Error(Code::invalid_input, fmt::format("two sources are called \"{}\"", source.name));
    }
    if (source.format == "mapped") {
      TRY_VOID(check(source.mapping));
    } else if (find_format(source.format) == nullptr) {
      return Error(Code::invalid_input, fmt::format("source \"{}\" has the unknown format \"{}\"; known: {}", source.name,
                                                    source.format, format_names()));
    }
    TRY_VOID(check_auth(source.name, source.auth));
  }
  return {};
}

Status check(const std::vector<EventSourceConfig>& sources) {
  std::set<std::string> names;
  for (const auto& source : sources) {
    TRY_VOID(check_name(source.dataset));
    if (!names.insert(source.dataset).second) {
      return Error(Code::invalid_input, fmt::format("two event sources are called \"{}\"", source.dataset));
    }
    const std::string& format = source.format.empty() ? source.dataset : source.format;
    if (find_event_format(format) == nullptr) {
      return Error(Code::invalid_input,
                   fmt::format("dataset \"{}\" has the unknown format \"{}\"; known: cloudtrail, windows, suricata, ecs",
                               source.dataset, format));
    }
    TRY_VOID(check_auth(source.dataset, source.auth));
  }
  return {};
}

}  // namespace vedette::intake
