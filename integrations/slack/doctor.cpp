#include "integrations/slack/doctor.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/net/findings.hpp"
#include "bot/net/url.hpp"
#include "integrations/slack/manifest.hpp"

namespace vedette::slack {
namespace {

using Kind = Finding::Kind;

constexpr std::chrono::seconds kCloseWait(2);
constexpr const char* kNewToken =
    "api.slack.com/apps → the app → OAuth & Permissions → Bot User OAuth Token (xoxb-…); write it as chat.slack.bot_token "
    "or "
    "SLACK_BOT_TOKEN.";
constexpr const char* kNewAppToken =
    "api.slack.com/apps → the app → Basic Information → App-Level Tokens: one with the scope connections:write (xapp-…), "
    "and "
    "Socket Mode switched on; write it as chat.slack.app_token or SLACK_APP_TOKEN.";
constexpr const char* kReach =
    "Check DNS and the firewall for outgoing HTTPS to slack.com and wss-primary.slack.com, and HTTPS_PROXY and NO_PROXY; "
    "status.slack.com tells whether it is Slack.";

std::string shown(const Json& value) { return text::displayable(text::ellipsize(value.string_or("?"), 80)); }

std::set<std::string> listed(std::string_view comma_list) {
  std::set<std::string> names;
  for (const auto& part : text::split(comma_list, ',')) {
    if (const auto name = text::trim(part); !name.empty()) names.emplace(name);
  }
  return names;
}

// What is to be done about a refused call, by its class.
std::string advice_for(const Error& error, const char* about_token) {
  if (error.code == Code::unauthenticated) return about_token;
  if (error.code == Code::rate_limited) return "Wait a minute and ask again.";
  return kReach;
}

std::string sentence(std::string text) {
  if (!text.empty() && text.back() != '.') text += '.';
  return text;
}

}  // namespace

struct Doctor::Greeting {
  explicit Greeting(Executor executor) : done(std::move(executor)) {}
  std::unique_ptr<net::WebSocket> socket;
  Signal done;
  std::optional<Hello> hello;
  std::string goodbye;  // reason of a disconnect in its place
};

Doctor::Doctor(Executor executor, net::HttpClient& http, const Clock& clock, SlackOptions options)
    : clock_(clock), options_(options), api_(http, clock, std::move(options)), jobs_(std::move(executor), "doctor") {}

void Doctor::found(Kind kind, std::string what, std::string text, std::string advice) {
  findings_.push_back({kind, std::move(what), sentence(std::move(text)), std::move(advice)});
}

boost::asio::awaitable<std::vector<Finding>> Doctor::examine(Examination examination, Deadline deadline) {
  look_at_proxy();
  co_await look_at_bot_token(deadline);
  if (options_.app_token.empty()) {
    found(Kind::note, "app token", "none: Slack calls this server (Events API over HTTP), no socket is opened");
  } else {
    co_await look_at_app_token(examination.open_socket, deadline);
  }
  if (!options_.signing_secret.empty()) {
    found(Kind::note, "requests",
          "taken at /slack/events, /slack/interactions and /slack/commands; from here it cannot be seen whether Slack "
          "reaches them",
          "api.slack.com/apps → the app → Event Subscriptions shows whether the request URL is verified.");
  }
  if (bot_token_works_) {
    for (const auto& channel : examination.channels) co_await look_at_channel(channel, deadline);
    if (!examination.post_channel.empty()) co_await post_and_delete(examination.post_channel, deadline);
  }
  co_return std::move(findings_);
}

void Doctor::look_at_proxy() {
  const auto url = net::parse_url(options_.api_url);
  if (!url) {
    found(Kind::problem, "address", "chat.slack.api_url is not an address that can be used: " + url.error().message,
          "Leave it out, and take SLACK_API_URL out of the environment: https://slack.com/api/ is the default.");
    return;
  }
  findings_.push_back(net::proxy_finding(*url, options_.proxy, options_.no_proxy));
}

Job Doctor::look_at_bot_token(Deadline deadline) {
  const auto answer = co_await api_.test_bot_token(deadline);
  if (!answer) {
    found(Kind::problem, "bot token", answer.error().message, advice_for(answer.error(), kNewToken));
    co_return;
  }
  bot_token_works_ = true;
  found(Kind::ok, "bot token",
        fmt::format("@{} in the workspace {} ({})", shown(answer->json["user"]), shown(answer->json["team"]),
                    shown(answer->json["team_id"])));
  findings_.push_back(
      net::clock_finding(answer->headers, clock_.now(), "Slack's", "Beyond five minutes signed requests are refused."));
  look_at_scopes(answer->headers);
}

void Doctor::look_at_scopes(const net::Headers& headers) {
  if (headers.count("X-OAuth-Scopes") == 0) {
    found(Kind::note, "scopes", "Slack's answer does not list them");
    return;
  }
  auto extra = listed(headers.get("X-OAuth-Scopes"));
  std::vector<std::string> missing;
  for (const auto& scope : needed_scopes()) {
    if (extra.erase(std::string(scope.name)) == 0) missing.push_back(fmt::format("{} (to {})", scope.name, scope.purpose));
  }
  if (!missing.empty()) {
    found(Kind::problem, "scopes", "missing: " + text::join(missing, "; "),
          "api.slack.com/apps → the app → App Manifest: paste what `vedette manifest slack` prints, save, then Reinstall to "
          "Workspace.");
  } else {
    found(Kind::ok, "scopes", "all that are needed");
  }
  if (extra.empty()) return;
  const std::vector<std::string> names(extra.begin(), extra.end());
  found(Kind::note, "scopes", "more than needed: " + text::displayable(text::ellipsize(text::join(names, ", "), 300)),
        "Take them out of the app where nothing else uses them.");
}

Job Doctor::look_at_app_token(bool open_socket, Deadline deadline) {
  auto url = co_await api_.open_connection(deadline);
  if (!url) {
    found(Kind::problem, "app token", url.error().message, advice_for(url.error(), kNewAppToken));
    co_return;
  }
  found(Kind::ok, "app token", "Slack offers a socket");
  if (!open_socket) {
    found(Kind::note, "socket",
          "not opened: a running Vedette uses this database, and a second socket could be given its clicks",
          "Its GET /readyz tells whether it is connected.");
    co_return;
  }
  co_await look_at_socket(std::move(*url), deadline);
}

Job Doctor::look_at_socket(std::string url, Deadline deadline) {
  net::WebSocketOptions socket_options;
  socket_options.ca_file = options_.ca_file;
  socket_options.proxy = options_.proxy;
  socket_options.no_proxy = options_.no_proxy;
  net::Headers headers;
  auto connected = co_await net::connect_websocket(std::move(url), std::move(headers), std::move(socket_options), deadline);
  if (!connected) {
    found(Kind::problem, "socket", "cannot be opened: " + connected.error().message, kReach);
    co_return;
  }
  const auto greeting = std::make_shared<Greeting>(jobs_.executor());
  greeting->socket = std::move(*connected);
  jobs_.spawn("listen", listen(greeting));
  const Deadline hello_by = Deadline::after(options_.hello_wait).earlier_of(deadline);
  co_await greeting->done.wait(hello_by.left());
  const Deadline soon = Deadline::after(kCloseWait);
  co_await jobs_.stop(soon);
  co_await greeting->socket->close(1000, soon);
  if (!greeting->hello) {
    const std::string why =
        greeting->goodbye.empty() ? "Slack did not say hello" : "Slack said goodbye: " + greeting->goodbye;
    const bool off = greeting->goodbye == "link_disabled";
    found(Kind::problem, "socket", "opened, but " + text::displayable(text::ellipsize(why, 100)),
          off ? "api.slack.com/apps → the app → Socket Mode: switch it on."
              : "Ask again in a minute; where it stays, a proxy or firewall may be in the way of WebSockets.");
    co_return;
  }
  found(Kind::ok, "socket", "Slack says hello");
  if (greeting->hello->connections <= 1) co_return;
  found(Kind::note, "socket", fmt::format("Slack counts {} others of this app", greeting->hello->connections - 1),
        "Slack gives each click to any one of them. Another program with the same app token must go; links that died are "
        "forgotten by Slack within some hours.");
}

Job Doctor::listen(std::shared_ptr<Greeting> greeting) {
  while (true) {
    const auto text = co_await greeting->socket->read();
    if (!text) break;
    const auto frame = parse_frame(*text);
    if (!frame) continue;
    if (const auto* hello = std::get_if<Hello>(&*frame)) {
      greeting->hello = *hello;
      break;
    }
    if (const auto* goodbye = std::get_if<Disconnect>(&*frame)) {
      greeting->goodbye = goodbye->reason.empty() ? "no reason" : goodbye->reason;
      break;
    }
  }
  greeting->done.notify();
}

Job Doctor::look_at_channel(std::string channel, Deadline deadline) {
  const std::string what = "channel " + text::displayable(text::ellipsize(channel, 40));
  const bool is_id = channel.size() > 1 && (channel[0] == 'C' || channel[0] == 'G' || channel[0] == 'D') &&
                     channel.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == std::string::npos;
  if (!is_id) {
    found(Kind::problem, what, "not a channel's id", "It stands at the end of the channel's About tab: C0123ABCD.");
    co_return;
  }
  Fields fields = {{"channel", channel}};
  const auto answer = co_await api_.call("conversations.info", std::move(fields), Repeat::repeatable, deadline);
  if (!answer) {
    const bool missing = answer.error().code == Code::forbidden;
    found(Kind::problem, what, answer.error().message,
          missing ? "Check the id; for a private channel say /invite @vedette in it first."
                  : advice_for(answer.error(), kNewToken));
    co_return;
  }
  const Json known = (*answer)["channel"];
  const std::string name = "#" + shown(known["name"]);
  if (known["is_archived"].boolean_or(false)) {
    found(Kind::problem, what, name + " is archived", "Unarchive it, or configure another one.");
  } else if (!known["is_member"].boolean_or(false) && !known["is_im"].boolean_or(false)) {
    found(Kind::problem, what, "the bot is not in " + name, "Say /invite @vedette there.");
  } else {
    found(Kind::ok, what, "the bot is in " + name);
  }
}

Job Doctor::post_and_delete(std::string channel, Deadline deadline) {
  const std::string what = "message";
  NewMessage message;
  message.channel = channel;
  message.text = "vedette doctor: a message to see that posting works. It is taken away at once.";
  message.blocks = "[]";
  const auto ts = co_await api_.post_message(std::move(message), deadline);
  if (!ts) {
    found(Kind::problem, what, ts.error().message, advice_for(ts.error(), kNewToken));
    co_return;
  }
  Fields fields = {{"channel", channel}, {"ts", *ts}};
  const auto deleted = co_await api_.call("chat.delete", std::move(fields), Repeat::repeatable, deadline);
  if (!deleted) {
    found(Kind::problem, what, "posted, but not taken away again: " + deleted.error().message, "Delete it by hand.");
    co_return;
  }
  found(Kind::ok, what, "posted and taken away again");
}

}  // namespace vedette::slack
