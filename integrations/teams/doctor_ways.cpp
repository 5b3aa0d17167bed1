// The part of the doctor that looks at the way in.

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/net/tls_probe.hpp"
#include "bot/net/url.hpp"
#include "integrations/teams/doctor.hpp"
#include "integrations/teams/relay_listener.hpp"
#include "integrations/teams/socket_connect.hpp"

namespace vedette::teams {
namespace {

using Kind = Finding::Kind;

constexpr std::chrono::seconds kListenWait(15);
constexpr std::chrono::milliseconds kLook(50);
constexpr std::chrono::seconds kCloseWait(2);
constexpr const char* kFromOutside =
    "From outside: curl -i --tls-max 1.2 -X POST https://YOUR-HOST/api/messages -H 'Content-Type: application/json' -d '{}' "
    "must answer 401. The same address stands in portal.azure.com → the Azure Bot → Configuration → Messaging endpoint.";
constexpr const char* kRelayAdvice =
    "portal.azure.com → the Relay namespace → the hybrid connection: its name, a shared access policy with Listen (or the "
    "role Azure Relay Listener for the app), and outgoing HTTPS to *.servicebus.windows.net.";
constexpr const char* kSocketAdvice =
    "Socket Mode is a preview: the bot has to be set to it, in the Developer Portal or by teams app update APP-ID "
    "--messaging-mode socket (Teams CLI 3.1.0 or newer). Where it stays so, use chat.teams.way: relay.";

// Whatever comes while the doctor listens is to come again: the Vedette that is started afterwards takes it.
class Later final : public ActivityTaker {
 public:
  boost::asio::awaitable<ActivityAnswer> take(ReceivedActivity, Deadline) override {
    ActivityAnswer answer(503);
    answer.retry_after = 5;
    co_return answer;
  }
};

std::string dialled(const std::string& address) {
  if (address == "0.0.0.0") return "127.0.0.1";
  if (address == "::") return "::1";
  return address;
}

}  // namespace

Job Doctor::look_at_way(const Examination& examination, Deadline deadline) {
  if (options_.way == Way::https) {
    OwnServer server = examination.server;
    co_await look_at_https(std::move(server), examination.running, deadline);
    co_return;
  }
  if (examination.running) {
    found(Kind::note, options_.way == Way::relay ? "relay" : "sockets",
          "not opened: a running Vedette uses this database, and what Teams sends could go to a second listener",
          "Its GET /readyz tells whether it is connected.");
    co_return;
  }
  if (options_.way == Way::relay) {
    co_await look_at_relay(deadline);
  } else {
    co_await look_at_sockets(deadline);
  }
}

Job Doctor::look_at_https(OwnServer server, bool running, Deadline deadline) {
  if (server.tls) {
    co_await look_at_tls(std::move(server), running, deadline);
  } else {
    found(Kind::note, "TLS 1.2",
          fmt::format("this server speaks plain HTTP on {}: something in front of it ends TLS", server.address),
          "Let that offer TLS 1.2 too, not 1.3 alone: Teams' Connector is known to lose every message before such a server, "
          "without a word to anybody.");
  }
  found(Kind::note, "reachability", "from here it cannot be seen whether Microsoft reaches /api/messages", kFromOutside);
}

Job Doctor::look_at_tls(OwnServer server, bool running, Deadline deadline) {
  if (!running || server.port == 0) {
    found(Kind::ok, "TLS 1.2", "this server will offer it beside 1.3; nothing listens yet, so it was not tried");
    co_return;
  }
  const Deadline soon = Deadline::after(options_.call_wait).earlier_of(deadline);
  const auto shaken = co_await net::probe_tls12(dialled(server.address), server.port, soon);
  if (shaken) {
    found(Kind::ok, "TLS 1.2", "the running server takes it");
    co_return;
  }
  found(Kind::problem, "TLS 1.2", shaken.error().message,
        "Without TLS 1.2 Teams' Connector loses every message, without a word to anybody. Look at server.listen and "
        "server.tls, and whether the machine's OpenSSL configuration demands 1.3 (MinProtocol).");
}

Job Doctor::look_at_relay(Deadline deadline) {
  Later later;
  RelayListener listener(executor_, later, tokens_.get(), clock_, options_);
  listener.start();
  const Deadline by = Deadline::after(kListenWait).earlier_of(deadline);
  WayState state = listener.state();
  while (!state.open && state.trouble.empty() && !by.passed()) {
    co_await sleep_for(kLook);
    state = listener.state();
  }
  const Deadline soon = Deadline::after(kCloseWait);
  co_await listener.stop(soon);
  if (state.open) {
    found(Kind::ok, "relay", fmt::format("listens at {}/{}", options_.relay.namespace_url, options_.relay.connection));
    found(
        Kind::note, "reachability",
        "from here it cannot be seen whether Teams sends to this relay, and whether it lets Teams through",
        fmt::format("portal.azure.com → the Azure Bot → Configuration → Messaging endpoint: {}/{}/api/messages. The hybrid "
                    "connection must have Requires Client Authorization off.",
                    options_.relay.namespace_url, options_.relay.connection));
    co_return;
  }
  found(Kind::problem, "relay", state.trouble.empty() ? "there was no answer in time" : text::displayable(state.trouble),
        kRelayAdvice);
}

Job Doctor::look_at_sockets(Deadline deadline) {
  found(Kind::note, "sockets", "Teams Socket Mode is Microsoft's preview", "For production Microsoft recommends https.");
  if (!token_issued_) co_return;
  for (const auto& geography : options_.socket.geographies) {
    if (deadline.passed()) break;
    auto opened = co_await open_socket(http_, *tokens_, options_, geography);
    if (!opened) {
      found(Kind::problem, "socket " + geography, opened.error().message, kSocketAdvice);
      continue;
    }
    const Deadline soon = Deadline::after(kCloseWait);
    co_await opened->socket->close(1000, soon);
    found(Kind::ok, "socket " + geography, "Teams offers one");
  }
}

}  // namespace vedette::teams
