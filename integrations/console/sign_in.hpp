#pragma once
// Who may come in: tokens, sessions, and the brake on guessing. Used on the io thread.

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/base/secret.hpp"
#include "bot/domain/person.hpp"
#include "bot/net/http.hpp"
#include "bot/store/session_store.hpp"

namespace vedette::console {

struct PersonToken {
  std::string person;  // Person::id
  Secret token;
};

struct SignInOptions {
  std::vector<PersonToken> tokens;
  // One token that lets its holder be anybody in the directory: for the demo. Empty: none.
  Secret shared_token;
  std::chrono::seconds session_lifetime = std::chrono::hours(12);
  // Failed attempts per minute and address, and ten times that altogether; more are answered 429. Behind a reverse proxy all
  // visitors share its address, and so this allowance.
  size_t failures_per_minute = 10;
};

struct SignedIn {
  const Person* person = nullptr;  // nullptr: nobody
  bool shared = false;             // came in with the shared token: may change the person
  std::string session;             // SHA-256 of the session's token
};

class SignInDesk {
 public:
  SignInDesk(SessionStore& sessions, const Directory& directory, SignInOptions options, const Clock& clock);

  // What a token opens. All tokens are compared, in the same time wherever they differ.
  struct Opened {
    std::string person;   // of a personal token
    bool shared = false;  // the shared one
  };
  // unauthenticated for a wrong token, rate_limited (with retry_after) after too many of them.
  Result<Opened> open(const std::string& token, const std::string& peer);

  // Creates a session; answers the Set-Cookie value.
  Async<std::string> start(net::HttpRequest request, std::string person, bool shared);
  boost::asio::awaitable<SignedIn> who(net::HttpRequest request);
  boost::asio::awaitable<bool> session_over(std::string session);
  Async<void> end(std::string session);
  // The Set-Cookie value that removes the cookie.
  static std::string no_cookie(const net::HttpRequest& request);

 private:
  std::optional<std::chrono::milliseconds> blocked_for(const std::string& peer);
  void failed(const std::string& peer);
  static void forget_old(std::deque<SteadyTime>& times, SteadyTime now);

  SessionStore& sessions_;
  const Directory& directory_;
  SignInOptions options_;
  const Clock& clock_;
  std::map<std::string, std::deque<SteadyTime>> failures_;  // by address, of the last minute
  std::deque<SteadyTime> all_failures_;
};

}  // namespace vedette::console
