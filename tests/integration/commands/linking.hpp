#pragma once
// Steps of linking accounts, for tests.

#include <string>

#include "bot/base/text.hpp"
#include "commands/link_cards.hpp"
#include "tests/integration/commands/company.hpp"

namespace vedette::test {

inline Identity slack_of(const std::string& name) { return {"slack", "T1", "U-" + name}; }
inline Identity teams_of(const std::string& name) { return {"teams", "72f988bf", "aad-" + name}; }

// The code in an answer; empty: there is none.
inline std::string code_in(const chat::Reply& reply) {
  const std::string text = text_of(reply);
  const size_t at = text.find("link ");
  for (size_t from = at; from != std::string::npos; from = text.find("link ", from + 1)) {
    const std::string code = text.substr(from + 5, 14);
    if (commands::read_code(code)) return code;
  }
  return {};
}

// Asks for a code and answers it.
inline Async<std::string> code_for(Company& company, Identity who) {
  CO_TRY(const auto reply, company.say_from(std::move(who), "link"));
  const std::string code = code_in(reply);
  if (code.empty()) co_return Error(Code::internal, "no code: " + text_of(reply));
  co_return code;
}

inline Async<chat::Reply> say_code(Company& company, Identity who, std::string code) {
  std::string text = "link " + code;
  std::string channel = "19:dm";
  co_return co_await company.say_from(std::move(who), std::move(text), std::move(channel));
}

// All the steps: from now on `second` is the same person as `first`.
inline Async<void> linked(Company& company, Identity first, Identity second) {
  CO_TRY(const auto code, code_for(company, first));
  CO_TRY(const auto used, say_code(company, second, code));
  CO_TRY(const auto open, company.store->links().open_of(first));
  if (!open) co_return Error(Code::internal, "no question: " + text_of(used));
  std::string text = "link confirm " + std::to_string(open->id);
  CO_TRY_VOID(company.press_from(first, std::move(text)));
  if (company.directory.find(second) == nullptr) co_return Error(Code::internal, "nothing was linked");
  co_return Status();
}

}  // namespace vedette::test
