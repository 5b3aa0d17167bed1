#pragma once
// Errors as values. `Result<T>` holds a T or an Error; exceptions mean a bug or a failed start.
// The names follow std::expected so that it can become an alias once the library has it.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace vedette {

// What went wrong, as a class. Also a metric label: keep the list short.
enum class Code {
  invalid_input,    // the caller's bytes or words are wrong; repeating them will not help
  unauthenticated,  // who are you?
  forbidden,        // known, but not entitled
  not_found,
  conflict,         // the state moved on (already decided, digest differs, version changed)
  expired,          // too late: an approval, a session, a token
  too_large,        // over a stated limit
  rate_limited,     // wait `retry_after`
  timeout,          // the deadline passed; for a write this means the outcome is unknown
  unavailable,      // not reached or refused before anything happened: safe to repeat
  unknown_outcome,  // sent, no answer: it may or may not have happened
  cancelled,        // shutting down
  upstream,         // the other side answered with an error that repeating will not mend
  internal,         // our fault
};
std::string_view to_string(Code code);

struct Error {
  Code code = Code::internal;
  std::string message;  // one sentence for people; never holds a secret or a whole payload
  bool retryable = false;
  std::optional<std::chrono::milliseconds> retry_after;
  int http_status = 0;  // of the remote answer, 0 if there was none

  Error() = default;
  Error(Code c, std::string text);
  Error(Code c, std::string text, bool can_retry);
};

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)
  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  Error& error() & { return std::get<1>(state_); }
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }
  T value_or(T fallback) const { return has_value() ? value() : std::move(fallback); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)
  bool has_value() const { return !error_; }
  explicit operator bool() const { return has_value(); }
  void value() const {}
  Error& error() & { return *error_; }
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace vedette

#define VEDETTE_CONCAT_(a, b) a##b
#define VEDETTE_CONCAT(a, b) VEDETTE_CONCAT_(a, b)
// NOLINTBEGIN(bugprone-macro-parentheses): a declaration and a keyword cannot stand in parentheses.
// TRY(auto x, f());  leaves the function with f's error, or goes on with x = its value.
#define VEDETTE_TRY_(keyword, tmp, decl, expr) \
  auto tmp = expr;                             \
  if (!tmp) keyword std::move(tmp).error();    \
  decl = std::move(tmp).value()
#define TRY(decl, expr) VEDETTE_TRY_(return, VEDETTE_CONCAT(try_, __LINE__), decl, expr)
// TRY_VOID(f());  the same for a Status, or where the value does not matter.
#define TRY_VOID(expr)                                                               \
  do {                                                                               \
    if (auto try_status = (expr); !try_status) return std::move(try_status).error(); \
  } while (false)
// The same inside a coroutine; the expression is what follows co_await.
// CO_TRY(auto x, client.get(url));
#define CO_TRY(decl, expr) VEDETTE_TRY_(co_return, VEDETTE_CONCAT(try_, __LINE__), decl, co_await expr)
#define CO_TRY_VOID(expr)                                     \
  do {                                                        \
    auto try_status = co_await expr;                          \
    if (!try_status) co_return std::move(try_status).error(); \
  } while (false)
// NOLINTEND(bugprone-macro-parentheses)
