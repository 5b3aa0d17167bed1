#include "integrations/console/sign_in.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/crypto.hpp"
#include "bot/base/log.hpp"
#include "bot/base/text.hpp"

namespace vedette::console {
namespace {

constexpr size_t kTokenBytes = 32;
constexpr auto kWindow = std::chrono::minutes(1);
constexpr size_t kTogether = 10;
// How a session's person is stored: with the way it came in.
constexpr std::string_view kOwn = "own:";
constexpr std::string_view kShared = "shared:";

bool same_secret(const std::string& a, const std::string& b) {
  // Digests have one length, so that not even the length of a token shows.
  const auto left = crypto::sha256(a);
  const auto right = crypto::sha256(b);
  return crypto::constant_time_equal({reinterpret_cast<const char*>(left.data()), left.size()},
                                     {reinterpret_cast<const char*>(right.data()), right.size()});
}

// Cookies do not know ports: two Vedettes on one machine must not sign each other out, so the port is part of the name.
std::string cookie_name(const net::HttpRequest& request) {
  const std::string_view host = request.headers.get("Host");
  const size_t colon = host.rfind(':');
  const std::string_view port = colon == std::string_view::npos ? std::string_view() : host.substr(colon + 1);
  const bool digits = !port.empty() && port.size() <= 5 &&
                      std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  // "__Host-": the browser itself makes sure of Secure, Path=/ and no Domain (RFC 6265bis section 4.1.3.2).
  return std::string(request.tls ? "__Host-" : "") + "vedette" + (digits ? "_" + std::string(port) : "");
}

std::string cookie_of(const net::HttpRequest& request) {
  const std::string name = cookie_name(request);
  for (const auto& [field, value] : request.headers.all()) {
    if (!text::iequals(field, "Cookie")) continue;
    for (const auto& part : text::split(value, ';')) {
      const auto pair = text::trim(part);
      const size_t equals = pair.find('=');
      if (equals != std::string_view::npos && pair.substr(0, equals) == name) return std::string(pair.substr(equals + 1));
    }
  }
  return {};
}

std::string set_cookie(const net::HttpRequest& request, std::string_view value, std::chrono::seconds age) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", cookie_name(request), value, age.count(),
                     request.tls ? "; Secure" : "");
}

}  // namespace

SignInDesk::SignInDesk(SessionStore& sessions, const Directory& directory, SignInOptions options, const Clock& clock)
    : sessions_(sessions), directory_(directory), options_(std::move(options)), clock_(clock) {}

void SignInDesk::forget_old(std::deque<SteadyTime>& times, SteadyTime now) {
  while (!times.empty() && times.front() + kWindow <= now) times.pop_front();
}

std::optional<std::chrono::milliseconds> SignInDesk::blocked_for(const std::string& peer) {
  const SteadyTime now = clock_.steady_now();
  forget_old(all_failures_, now);
  for (auto it = failures_.begin(); it != failures_.end();) {
    forget_old(it->second, now);
    it = it->second.empty() ? failures_.erase(it) : std::next(it);
  }
  const auto until_free = [&](const std::deque<SteadyTime>& times, size_t most) -> std::optional<std::chrono::milliseconds> {
    if (times.size() < most) return std::nullopt;
    return std::chrono::ceil<std::chrono::milliseconds>(times[times.size() - most] + kWindow - now);
  };
  if (const auto wait = until_free(all_failures_, options_.failures_per_minute * kTogether)) return wait;
  const auto found = failures_.find(peer);
  return found == failures_.end() ? std::nullopt : until_free(found->second, options_.failures_per_minute);
}

void SignInDesk::failed(const std::string& peer) {
  // Bounded: an address that is blocked adds nothing, and all together fail at most ten times the allowance a minute.
  const SteadyTime now = clock_.steady_now();
  failures_[peer].push_back(now);
  all_failures_.push_back(now);
  log::warning("console", "a sign-in from {} failed", peer);
}

Result<SignInDesk::Opened> SignInDesk::open(const std::string& token, const std::string& peer) {
  if (const auto wait = blocked_for(peer)) {
    Error error(Code::rate_limited, "Too many wrong tokens.", true);
    error.retry_after = wait;
    return error;
  }
  Opened opened;
  bool found = false;
  for (const auto& one : options_.tokens) {
    const bool same = same_secret(one.token.reveal(), token) && !one.token.empty();
    if (same) opened.person = one.person;
    found = found || same;
  }
  if (same_secret(options_.shared_token.reveal(), token) && !options_.shared_token.empty()) {
    opened.shared = true;
    found = true;
  }
  if (found) return opened;
  failed(peer);
  return Error(Code::unauthenticated, "This token is not known here.");
}

Async<std::string> SignInDesk::start(net::HttpRequest request, std::string person, bool shared) {
  const std::string token = crypto::to_hex(crypto::random_bytes(kTokenBytes));
  const std::string stored = std::string(shared ? kShared : kOwn) + person;
  const Time expires = clock_.now() + options_.session_lifetime;
  CO_TRY_VOID(sessions_.create(crypto::sha256_hex(token), stored, expires));
  log::info("console", "{} signed in from {}{}", person, request.peer, shared ? " with the shared token" : "");
  co_return set_cookie(request, token, options_.session_lifetime);
}

boost::asio::awaitable<SignedIn> SignInDesk::who(net::HttpRequest request) {
  SignedIn nobody;
  const std::string token = cookie_of(request);
  if (token.size() != 2 * kTokenBytes) co_return nobody;
  SignedIn who;
  who.session = crypto::sha256_hex(token);
  const auto stored = co_await sessions_.person(who.session, clock_.now());
  if (!stored || !*stored) co_return nobody;
  const std::string_view value = **stored;
  who.shared = value.starts_with(kShared);
  if (!who.shared && !value.starts_with(kOwn)) co_return nobody;
  // A session of the shared token ends with the token: nobody stays in after it was taken out of the configuration.
  if (who.shared && options_.shared_token.empty()) co_return nobody;
  who.person = directory_.find(value.substr(who.shared ? kShared.size() : kOwn.size()));
  if (who.person == nullptr) co_return nobody;
  co_return who;
}

boost::asio::awaitable<bool> SignInDesk::session_over(std::string session) {
  const auto stored = co_await sessions_.person(session, clock_.now());
  // A store that cannot answer just now ends nothing.
  co_return stored && !stored->has_value();
}

Async<void> SignInDesk::end(std::string session) { co_return co_await sessions_.remove(session); }

std::string SignInDesk::no_cookie(const net::HttpRequest& request) {
  return set_cookie(request, "", std::chrono::seconds(0));
}

}  // namespace vedette::console
