#pragma once
// Vedette's own chat surface: the pages at "/", the requests below /console/ and the live connection they need.
//
// Everything but the static files and signing in needs a session. A session is a cookie (HttpOnly, SameSite=Strict,
// host-only, Secure behind TLS) holding 256 random bits of which the store has the SHA-256 only. Requests from other sites
// are refused three times over: the cookie stays away (RFC 6265bis, SameSite), the header "X-Vedette: 1" cannot be set
// without a CORS preflight, which is never granted, and an Origin that is not ours is refused. Requests may say in
// "X-Vedette-Person" who the page believes to be; if the session is somebody else's by now they are refused with 409 instead
// of acting in the wrong name.
//
//   POST /console/api/session   {token, person?} | {person}   signs in, or changes the person of a session of the shared
//   token GET  /console/api/me, /channels, /messages?channel&before, /thread?channel&root, /complete?text POST
//   /console/api/interact  {text, channel, thread_ref?, key, button?}   202 once it is on disk; the same key happens once
//   POST /console/api/sign-out
//   WS   /console/live          {"type": "hello" | "heartbeat" | "message" | "edit" | "resync", …}
//
// Lives as long as the App; used on the io thread. Everything it is given outlives it. stop() before the executor goes.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/base/secret.hpp"
#include "bot/chat/interaction.hpp"
#include "bot/chat/platform.hpp"
#include "bot/domain/person.hpp"
#include "bot/net/http_server.hpp"
#include "bot/store/outbox_store.hpp"
#include "bot/store/session_store.hpp"
#include "integrations/console/live.hpp"
#include "integrations/console/platform.hpp"
#include "integrations/console/sign_in.hpp"

namespace vedette::console {

struct ConsoleChannel {
  std::string id;     // as in routes
  std::string name;   // as shown; empty: the id
  std::string topic;  // one line; may be empty
};

struct ConsoleOptions {
  std::vector<ConsoleChannel> channels;  // the first is shown first
  SignInOptions sign_in;
};

struct Completion {
  std::string text;  // the whole line as it would stand after choosing it
  std::string hint;
};
using Completer = std::function<std::vector<Completion>(std::string_view typed, const Person& person)>;

class Console {
 public:
  Console(Executor io, OutboxStore& outbox, SessionStore& sessions, const Directory& directory, chat::InteractionSink& sink,
          ConsoleOptions options, Completer complete, const Clock& clock);
  ~Console();
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  void add_routes(net::HttpServer& server);  // before start()
  chat::ChatPlatform& platform() { return platform_; }
  // Whose session the request carries; nullptr: nobody's. For the routes of others that the console's pages read.
  boost::asio::awaitable<const Person*> person_of(net::HttpRequest request);
  // Ends the live connections.
  boost::asio::awaitable<void> stop(Deadline deadline);

 private:
  using Answer = boost::asio::awaitable<net::HttpResponse>;
  using Endpoint = Answer (Console::*)(net::HttpRequest request, SignedIn who);

  net::Handler guarded(Endpoint endpoint);
  Answer check_and_call(net::HttpRequest request, Endpoint endpoint);
  Answer check_live(net::HttpRequest request);
  Job serve_live(net::HttpRequest request, std::unique_ptr<net::WebSocket> socket);

  Answer start_session(net::HttpRequest request);
  Answer change_person(net::HttpRequest request, std::string person);
  Answer sign_in_with_token(net::HttpRequest request, std::string token, std::string person);
  Answer sign_out(net::HttpRequest request, SignedIn who);
  Answer me(net::HttpRequest request, SignedIn who);
  Answer channels(net::HttpRequest request, SignedIn who);
  Answer messages(net::HttpRequest request, SignedIn who);
  Answer thread(net::HttpRequest request, SignedIn who);
  Answer complete(net::HttpRequest request, SignedIn who);
  Answer interact(net::HttpRequest request, SignedIn who);

  const ConsoleChannel* find_channel(std::string_view id) const;
  // A message of the channel that this person may see.
  Async<OutboxRow> visible(std::string channel, std::string slot, std::string person);

  OutboxStore& outbox_;
  const Directory& directory_;
  chat::InteractionSink& sink_;
  ConsoleOptions options_;
  Completer complete_;
  SignInDesk desk_;
  LiveHub hub_;
  ConsolePlatform platform_;
};

}  // namespace vedette::console
