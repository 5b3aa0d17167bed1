#include "tests/slow/slack/local_slack.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "bot/net/websocket.hpp"
#include "tests/support/bot.hpp"

namespace vedette::test {
namespace {

using nlohmann::json;
constexpr const char* kProgram = "node_modules/local-slack-linux-x64/bin/local-slack";

constexpr const char* kWorkspace = R"(
workspace: {name: Halden, domain: halden, teamId: T0FAKE}
app: {appId: A0VEDETTE, botUserId: U0BOT, botName: vedette, botToken: xoxb-fake-bot-token, appToken: xapp-fake-app-token, mode: socket}
users:
  - {id: U0ANN, name: ann, real_name: Ann}
  - {id: U0BEN, name: ben, real_name: Ben}
  - {id: U0CLEO, name: cleo, real_name: Cleo}
channels:
  - {id: C0SOC, name: soc, members: [U0ANN, U0BEN, U0CLEO, U0BOT]}
)";

std::vector<std::string> start_line(const Foreign& foreign, const TempDir& folder, uint16_t port) {
  const std::string config = folder.file("workspace.yaml");
  write_file(config, kWorkspace);
  return {(foreign.folder / kProgram).string(),
          "--config",
          config,
          "--port",
          std::to_string(port),
          "--base-host",
          "127.0.0.1",
          "--files-dir",
          folder.file("files")};
}

Deadline soon() { return Deadline::after(std::chrono::seconds(20)); }

// The button with this value, as the emulator wants to be told which one was pressed.
json pressed_button(const json& message, const std::string& value) {
  for (const auto& block : message.value("blocks", json::array())) {
    for (const auto& element : block.value("elements", json::array())) {
      if (!element.is_object() || element.value("type", "") != "button" || element.value("value", "") != value) continue;
      json action = element;
      action["block_id"] = block.value("block_id", "");
      return action;
    }
  }
  return json();
}

}  // namespace

std::string LocalSlack::why_not(const Foreign& foreign) {
  if (!foreign.why_not.empty()) return foreign.why_not;
  if (!std::filesystem::exists(foreign.folder / kProgram)) return "local-slack is not made for this kind of machine";
  return {};
}

LocalSlack::LocalSlack(Executor io, const Foreign& foreign, const TempDir& folder)
    : client_(net::make_http_client(std::move(io), {})),
      port_(free_port()),
      url_(fmt::format("http://127.0.0.1:{}", port_)),
      process_(start_line(foreign, folder, port_), folder.file("local-slack.log"),
               {std::string("LD_PRELOAD=") + VEDETTE_LOOPBACK}) {
  if (!process_.wait_for_line("  └─ A0VEDETTE"))
    throw std::runtime_error("local-slack did not start:\n" + read_file(folder.file("local-slack.log")));
}

boost::asio::awaitable<json> LocalSlack::get(std::string path) {
  net::HttpRequest request("GET", url_ + path);
  const Deadline deadline = soon();
  const auto answer = co_await client_->send(std::move(request), deadline);
  if (!answer || answer->status != 200) co_return json();
  co_return json::parse(answer->body, nullptr, false);
}

boost::asio::awaitable<bool> LocalSlack::control(std::string what, json body) {
  net::HttpRequest request("POST", url_ + "/_control/" + what);
  request.headers.set("Content-Type", "application/json");
  request.body = body.dump();
  const Deadline deadline = soon();
  const auto answer = co_await client_->send(std::move(request), deadline);
  if (!answer) co_return false;
  const json said = json::parse(answer->body, nullptr, false);
  co_return said.is_object() && said.value("ok", false);
}

boost::asio::awaitable<bool> LocalSlack::say(std::string user, std::string channel, std::string text,
                                             std::string thread_ts) {
  json body = {{"user", user}, {"channel", channel}, {"text", text}};
  if (!thread_ts.empty()) body["thread_ts"] = thread_ts;
  co_return co_await control("message", std::move(body));
}

boost::asio::awaitable<bool> LocalSlack::slash(std::string user, std::string text) {
  json body = {{"user", user}, {"channel", "C0SOC"}, {"command", "/soc"}, {"text", text}};
  co_return co_await control("command", std::move(body));
}

boost::asio::awaitable<bool> LocalSlack::press(std::string user, std::string message_ts, std::string value) {
  const json all = co_await messages("C0SOC");
  json action;
  for (const auto& message : all) {
    if (message.value("ts", "") == message_ts) action = pressed_button(message, value);
  }
  if (action.is_null()) co_return false;
  json body = {{"user", user}, {"channel", "C0SOC"}, {"messageTs", message_ts}, {"action", action}};
  co_return co_await control("interact", std::move(body));
}

boost::asio::awaitable<bool> LocalSlack::react(std::string user, std::string message_ts, std::string emoji, bool present) {
  json body = {{"user", user}, {"channel", "C0SOC"}, {"ts", message_ts}, {"name", emoji}, {"present", present}};
  co_return co_await control("reaction", std::move(body));
}

boost::asio::awaitable<bool> LocalSlack::open_home(std::string user) {
  json body = {{"user", user}};
  co_return co_await control("open-home", std::move(body));
}

boost::asio::awaitable<json> LocalSlack::messages(std::string channel) {
  const json answer = co_await get("/_control/messages/" + channel);
  if (!answer.is_object()) co_return json::array();
  co_return answer.value("messages", json::array());
}

boost::asio::awaitable<json> LocalSlack::page() {
  const Deadline deadline = soon();
  net::Headers headers;
  const net::WebSocketOptions options;
  auto socket =
      co_await net::connect_websocket(fmt::format("ws://127.0.0.1:{}/ui", port_), std::move(headers), options, deadline);
  if (!socket) co_return json();
  const auto first = co_await (*socket)->read();
  co_await (*socket)->close(1000, deadline);
  if (!first) co_return json();
  const json told = json::parse(*first, nullptr, false);
  if (!told.is_object()) co_return json();
  co_return told.value("state", json());
}

boost::asio::awaitable<bool> LocalSlack::submit(std::string user, json values) {
  const Deadline deadline = soon();
  net::Headers headers;
  const net::WebSocketOptions options;
  auto socket =
      co_await net::connect_websocket(fmt::format("ws://127.0.0.1:{}/ui", port_), std::move(headers), options, deadline);
  if (!socket) co_return false;
  const json order = {{"t", "view_submit"}, {"user", user}, {"values", values}};
  const auto sent = co_await (*socket)->write(order.dump());
  // The answer shows at once: the modal closes, or its errors are told.
  bool answered = false;
  while (sent && !answered && !deadline.passed()) {
    const auto told = co_await (*socket)->read();
    if (!told) break;
    const json news = json::parse(*told, nullptr, false);
    const std::string kind = news.is_object() ? news.value("t", "") : "";
    answered = kind == "view" || kind == "view_errors";
  }
  co_await (*socket)->close(1000, deadline);
  co_return answered;
}

}  // namespace vedette::test
