#include "tests/fakes/fake_slack.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "bot/base/log.hpp"
#include "bot/base/text.hpp"
#include "bot/net/url.hpp"
#include "tests/fakes/fake_slack_socket.hpp"

namespace vedette::test {
namespace {

using json = nlohmann::json;

net::HttpResponse as_json(int status, const json& body) {
  return net::HttpResponse(status, "application/json; charset=utf-8",
                           body.dump(-1, ' ', false, json::error_handler_t::replace));
}

std::map<std::string, std::string> parse_form(const std::string& body) {
  std::map<std::string, std::string> form;
  for (const auto& pair : text::split(body, '&')) {
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    const std::string value = equals == std::string::npos ? "" : pair.substr(equals + 1);
    form[net::percent_decode(pair.substr(0, equals), true)] = net::percent_decode(value, true);
  }
  return form;
}

json to_json(const FakeMessage& message) {
  return {{"channel", message.channel},   {"ts", message.ts},         {"thread_ts", message.thread_ts},
          {"user", message.user},         {"bot_id", message.bot_id}, {"text", message.text},
          {"only_for", message.only_for}, {"blocks", message.blocks}, {"metadata", message.metadata},
          {"files", message.files},       {"edits", message.edits}};
}

struct Counted {  // one more as long as it lives
  explicit Counted(int& counter) : count(counter) { ++count; }
  ~Counted() { --count; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  int& count;
};

FakeMessage message_from(const json& row) {
  FakeMessage message;
  message.channel = row.at("channel");
  message.ts = row.at("ts");
  message.thread_ts = row.at("thread_ts");
  message.user = row.at("user");
  message.bot_id = row.at("bot_id");
  message.text = row.at("text");
  message.only_for = row.at("only_for");
  message.blocks = row.at("blocks");
  message.metadata = row.at("metadata");
  message.files = row.value("files", json());
  message.edits = row.at("edits");
  return message;
}

}  // namespace

FakeSlack::FakeSlack(Executor executor, FakeSlackOptions options)
    : options_(std::move(options)), jobs_(executor, "fake slack"), random_(options_.seed) {
  net::HttpServerOptions server;
  server.port = options_.port;
  server_ = net::make_http_server(executor, server);
  read_journal();
  add_routes();
}

FakeSlack::~FakeSlack() = default;

void FakeSlack::add_routes() {
  net::Handler call = [this](net::HttpRequest request) { return on_call(std::move(request)); };
  net::Handler steer = [this](net::HttpRequest request) { return on_control(std::move(request)); };
  server_->add({"POST", "/api/{method}", call});
  net::Handler respond = [this](net::HttpRequest request) { return on_response(std::move(request)); };
  server_->add({"POST", "/respond/{ticket}", respond});
  net::Handler upload = [this](net::HttpRequest request) { return on_upload(std::move(request)); };
  server_->add({"POST", "/upload/{file}", upload});
  server_->add({"POST", "/_control/{what}", steer});
  server_->add({"GET", "/_control/{what}", steer});
  server_->add_websocket(
      "/link", [this](net::HttpRequest request) { return check_upgrade(std::move(request)); },
      [this](net::HttpRequest request, std::unique_ptr<net::WebSocket> socket) {
        return on_socket(std::move(request), std::move(socket));
      });
}

Status FakeSlack::start() { return server_->start(); }

boost::asio::awaitable<void> FakeSlack::stop() {
  for (const auto& socket : sockets_) socket->end();
  const Deadline deadline = Deadline::after(std::chrono::seconds(2));
  co_await server_->stop(deadline);
  co_await jobs_.stop(deadline);
}

uint16_t FakeSlack::port() const { return server_->port(); }
std::string FakeSlack::api_url() const { return "http://127.0.0.1:" + std::to_string(port()) + "/api/"; }

// ---- calls

std::optional<FakeFault> FakeSlack::next_fault(const std::string& method) {
  for (auto& fault : faults_) {
    if (fault.times > 0 && (fault.method == "*" || fault.method == method)) {
      --fault.times;
      return fault;
    }
  }
  return std::nullopt;
}

boost::asio::awaitable<net::HttpResponse> FakeSlack::on_call(net::HttpRequest request) {
  const std::string method = request.params["method"];
  ++calls_[method];
  const Counted in_work(unanswered_[method]);
  const std::string authorization(request.headers.get("Authorization"));
  const std::string token = authorization.starts_with("Bearer ") ? authorization.substr(7) : "";
  const Form form = parse_form(request.body);
  const auto fault = next_fault(method);
  const std::string kind = fault ? fault->kind : "";
  if (kind == "429") co_return too_many(method, fault->retry_after);
  if (const auto wait = over_limit(method)) co_return too_many(method, *wait);
  if (kind == "500") co_return net::HttpResponse(500, "text/plain", "upstream error");
  if (kind == "html") co_return net::HttpResponse(200, "text/html", "<html>Scheduled maintenance</html>");
  if (kind.starts_with("error:")) co_return as_json(200, {{"ok", false}, {"error", kind.substr(6)}});
  if (kind == "hang") {
    co_await sleep_for(fault->hold);
    co_return net::HttpResponse(504, "text/plain", "gateway timeout");
  }
  if (kind == "slow") co_await sleep_for(fault->hold);
  Answer answer = dispatch(method, token, form);
  if (kind == "store_then_500") co_return net::HttpResponse(502, "text/plain", "bad gateway");
  if (kind == "store_then_hang") {
    co_await sleep_for(fault->hold);
    co_return net::HttpResponse(502, "text/plain", "bad gateway");
  }
  net::HttpResponse response = as_json(answer.status, answer.body);
  if (answer.retry_after > 0) response.headers.set("Retry-After", std::to_string(answer.retry_after));
  if (!scopes_.empty() && token == options_.bot_token) response.headers.set("X-OAuth-Scopes", scopes_);
  co_return response;
}

std::string FakeSlack::response_url(const std::string& user, const std::string& channel) {
  const std::string ticket = "ticket-of-response-" + std::to_string(next_id_++);
  responses_[ticket] = {user, channel, 0};
  return "http://127.0.0.1:" + std::to_string(port()) + "/respond/" + ticket;
}

// Five messages each, without a token, whether the bot is in the channel or not.
boost::asio::awaitable<net::HttpResponse> FakeSlack::on_response(net::HttpRequest request) {
  ++calls_["response_url"];
  const auto fault = next_fault("response_url");
  const std::string kind = fault ? fault->kind : "";
  if (kind == "429") {
    net::HttpResponse response(429, "text/plain", "");
    response.headers.set("Retry-After", std::to_string(fault->retry_after));
    co_return response;
  }
  if (kind == "500") co_return net::HttpResponse(500, "text/plain", "");
  if (kind.starts_with("error:")) co_return net::HttpResponse(404, "text/plain", kind.substr(6));
  const auto found = responses_.find(request.params["ticket"]);
  const json body = json::parse(request.body, nullptr, false);
  if (found == responses_.end() || !body.is_object()) co_return net::HttpResponse(404, "text/plain", "expired_url");
  if (!request.headers.get("Authorization").empty()) co_return net::HttpResponse(400, "text/plain", "token_sent");
  if (++found->second.uses > 5) co_return net::HttpResponse(404, "text/plain", "used_url");
  FakeMessage message;
  Form form = {{"text", body.value("text", "")}, {"blocks", body.value("blocks", json::array()).dump()}};
  json details;
  if (const auto error = read_content(form, message, &details)) co_return net::HttpResponse(400, "text/plain", *error);
  message.channel = found->second.channel;
  message.thread_ts = body.value("thread_ts", "");
  if (body.value("response_type", "ephemeral") == "ephemeral") message.only_for = found->second.user;
  message.ts = next_ts();
  message.user = kFakeBotUser;
  message.bot_id = kFakeBotId;
  store(std::move(message));
  if (kind == "store_then_500") co_return net::HttpResponse(502, "text/plain", "bad gateway");
  co_return net::HttpResponse(200, "text/plain", "ok");
}

bool FakeSlack::erase_message(const std::string& channel, const std::string& ts) {
  return std::erase_if(messages_, [&](const FakeMessage& m) { return m.channel == channel && m.ts == ts; }) > 0;
}

FakeSlack::Answer FakeSlack::fail(const std::string& error) { return {200, {{"ok", false}, {"error", error}}}; }

FakeSlack::Answer FakeSlack::dispatch(const std::string& method, const std::string& token, const Form& form) {
  if (token.empty()) return fail("not_authed");
  if (method == "apps.connections.open") {
    if (token != options_.app_token) return fail(token == options_.bot_token ? "not_allowed_token_type" : "invalid_auth");
    return connections_open();
  }
  if (token != options_.bot_token) return fail(token == options_.app_token ? "not_allowed_token_type" : "invalid_auth");
  if (method == "auth.test") {
    return {200,
            {{"ok", true},
             {"url", "https://fake.slack.example/"},
             {"team", "Fake"},
             {"user", "vedette"},
             {"team_id", kFakeTeam},
             {"user_id", kFakeBotUser},
             {"bot_id", kFakeBotId}}};
  }
  if (method == "chat.postMessage") return post_message(form);
  if (method == "chat.update") return update_message(form);
  if (method == "chat.postEphemeral") return post_ephemeral(form);
  if (method == "conversations.history") return history(form, false);
  if (method == "conversations.replies") return history(form, true);
  if (method == "users.info") return users_info(form);
  if (method == "usergroups.users.list") return group_users(form);
  if (method == "conversations.info") return conversations_info(form);
  if (method == "conversations.open") return open_direct(form);
  if (method == "chat.delete") return delete_message(form);
  if (method == "chat.startStream") return start_stream(form);
  if (method == "chat.appendStream") return append_stream(form);
  if (method == "chat.stopStream") return stop_stream(form);
  if (method == "agents.sessions.setStatus") return set_session_status(form);
  if (method == "assistant.threads.setSuggestedPrompts") return set_prompts(form);
  if (method == "files.getUploadURLExternal") return upload_url(form);
  if (method == "files.completeUploadExternal") return complete_upload(form);
  if (method == "views.publish") return publish_view(form);
  if (method == "views.open") return open_view(form);
  return fail("unknown_method");
}

int FakeSlack::calls(const std::string& method) const {
  const auto found = calls_.find(method);
  return found == calls_.end() ? 0 : found->second;
}

int FakeSlack::unanswered(const std::string& method) const {
  const auto found = unanswered_.find(method);
  return found == unanswered_.end() ? 0 : found->second;
}

// ---- messages

// Slack's name of a message: seconds and microseconds, unique in its channel and growing.
std::string FakeSlack::next_ts() {
  last_micros_ = std::max(to_micros(system_clock().now()), last_micros_ + 1);
  return fmt::format("{}.{:06}", last_micros_ / 1'000'000, last_micros_ % 1'000'000);
}

bool FakeSlack::known_channel(const std::string& channel) const {
  return !channel.empty() && std::string_view("CDG").find(channel.front()) != std::string_view::npos &&
         !missing_channels_.contains(channel);
}

FakeMessage* FakeSlack::find_message(const std::string& channel, const std::string& ts) {
  const auto found = std::find_if(messages_.rbegin(), messages_.rend(), [&](const FakeMessage& message) {
    return message.channel == channel && message.ts == ts && message.only_for.empty();
  });
  return found == messages_.rend() ? nullptr : &*found;
}

void FakeSlack::store(FakeMessage message) {
  write_journal(message);
  messages_.push_back(std::move(message));
}

std::vector<FakeMessage> FakeSlack::by_key(const std::string& delivery_key) const {
  std::vector<FakeMessage> found;
  for (const auto& message : messages_) {
    if (message.metadata.is_object() && message.metadata["event_payload"].value("key", "") == delivery_key)
      found.push_back(message);
  }
  return found;
}

std::string FakeSlack::say(const std::string& user, const std::string& channel, const std::string& text,
                           const std::string& thread_ts) {
  FakeMessage message;
  message.channel = channel;
  message.ts = next_ts();
  message.thread_ts = thread_ts;
  message.user = user;
  message.text = text;
  std::string ts = message.ts;
  store(std::move(message));
  return ts;
}

void FakeSlack::set_user(const std::string& id, json fields) {
  missing_users_.erase(id);
  users_[id] = std::move(fields);
}

// ---- the journal: one message as JSON a line; a later line of the same message replaces it

void FakeSlack::write_journal(const FakeMessage& message) {
  if (!journal_) return;
  const std::string line = to_json(message).dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  if (std::fwrite(line.data(), 1, line.size(), journal_.get()) != line.size() || std::fflush(journal_.get()) != 0) {
    throw std::runtime_error("the fake Slack cannot write its journal");
  }
}

void FakeSlack::read_journal() {
  if (options_.journal.empty()) return;
  std::ifstream in(options_.journal);
  for (std::string line; std::getline(in, line);) {
    const json row = json::parse(line, nullptr, false);
    if (!row.is_object()) continue;  // a line cut off when this program was killed
    FakeMessage message = message_from(row);
    FakeMessage* before = find_message(message.channel, message.ts);
    if (before != nullptr)
      *before = std::move(message);
    else
      messages_.push_back(std::move(message));
  }
  journal_.reset(std::fopen(options_.journal.c_str(), "ae"));
  if (!journal_) throw std::runtime_error("the fake Slack cannot open its journal");
}

// ---- control over HTTP

boost::asio::awaitable<net::HttpResponse> FakeSlack::on_control(net::HttpRequest request) {
  const std::string what = request.params["what"];
  json body = json::object();
  if (!request.body.empty()) {
    body = json::parse(request.body, nullptr, false);
    if (!body.is_object()) co_return as_json(400, {{"ok", false}, {"error", "the body is not a JSON object"}});
  }
  for (const auto& [name, value] : request.query) body.emplace(name, value);
  if (what == "ack") {
    const auto number = text::parse_integer(body.contains("handle") && body["handle"].is_string()
                                                ? body["handle"].get<std::string>()
                                                : std::to_string(body.value("handle", int64_t{-1})));
    const auto handle = static_cast<size_t>(number.value_or(-1));
    if (handle >= envelopes_.size()) co_return as_json(404, {{"ok", false}, {"error", "no such envelope"}});
    const auto wait = text::parse_integer(body.contains("wait_ms") && body["wait_ms"].is_string()
                                              ? body["wait_ms"].get<std::string>()
                                              : std::to_string(body.value("wait_ms", int64_t{0})));
    const auto at_most = std::chrono::milliseconds(wait.value_or(0));
    const bool acked = co_await wait_acked(handle, at_most);
    const auto& envelope = envelopes_[handle];
    json answer = {{"ok", true}, {"acked", acked}, {"lost", envelope.lost}, {"deliveries", envelope.deliveries}};
    if (acked) {
      answer["latency_us"] = std::chrono::duration_cast<std::chrono::microseconds>(*envelope.acked - *envelope.sent).count();
      answer["ack"] = envelope.ack;
    }
    co_return as_json(200, answer);
  }
  int status = 200;
  json answer;
  try {
    answer = control(what, body);
  } catch (const std::exception& e) {  // a wrong type or a missing field in the request
    status = 400;
    answer = {{"ok", false}, {"error", e.what()}};
  }
  co_return as_json(status, answer);
}

json FakeSlack::control(const std::string& what, const json& body) {
  const auto given = [&](const char* name) { return body.value(name, std::string()); };
  const auto handled = [&](size_t handle) -> json {
    return {{"ok", true}, {"handle", handle}, {"envelope_id", envelopes_[handle].id}, {"lost", envelopes_[handle].lost}};
  };
  if (what == "slash") return handled(slash(body.at("user"), body.at("channel"), given("text")));
  if (what == "mention") return handled(mention(body.at("user"), body.at("channel"), given("text"), given("thread_ts")));
  if (what == "direct") return handled(direct(body.at("user"), body.at("channel"), given("text")));
  if (what == "envelope") return handled(send(body.at("type"), body.at("payload")));
  if (what == "click") {
    const auto handle = click(body.at("user"), body.at("channel"), body.at("ts"), body.at("value"));
    if (!handle) return {{"ok", false}, {"error", "no such button"}};
    return handled(*handle);
  }
  if (what == "react")
    return handled(react(body.at("user"), body.at("channel"), body.at("ts"), body.at("emoji"), body.value("added", true)));
  if (what == "open_home") return handled(open_home(body.at("user")));
  if (what == "click_home") {
    const auto handle = click_home(body.at("user"), body.at("value"));
    if (!handle) return {{"ok", false}, {"error", "no such button"}};
    return handled(*handle);
  }
  if (what == "home") {
    const FakeHome* shown = home(given("user"));
    return {{"ok", shown != nullptr}, {"view", shown == nullptr ? json() : shown->view}};
  }
  if (what == "log") {
    json rows = json::array();
    for (const auto& message : messages_) {
      if (given("channel").empty() || given("channel") == message.channel) rows.push_back(to_json(message));
    }
    return {{"ok", true}, {"messages", std::move(rows)}};
  }
  if (what == "files") {
    json rows = json::array();
    for (const auto& [id, file] : files_)
      rows.push_back(
          {{"id", id}, {"name", file.name}, {"title", file.title}, {"content", file.content}, {"shared", file.shared}});
    return {{"ok", true}, {"files", std::move(rows)}};
  }
  if (what == "state") {
    size_t acknowledged = 0;
    for (const auto& envelope : envelopes_) acknowledged += envelope.acked ? 1 : 0;
    return {{"ok", true},
            {"sockets", sockets()},
            {"opened", opened_},
            {"calls", calls_},
            {"impatient", impatient_},
            {"messages", messages_.size()},
            {"envelopes", envelopes_.size()},
            {"acked", acknowledged},
            {"lost", lost()},
            {"bare_ms", time_without_socket().count()},
            {"bare_times", times_without_socket()},
            {"socket_ids", socket_ids()}};
  }
  if (what == "user") {
    set_user(body.at("id"), body.value("fields", json::object()));
    return {{"ok", true}};
  }
  if (what == "fault") {
    FakeFault fault;
    fault.method = body.at("method");
    fault.kind = body.at("kind");
    fault.times = body.value("times", 1);
    fault.retry_after = body.value("retry_after", 1);
    fault.hold = std::chrono::milliseconds(body.value("hold_ms", 5000));
    add_fault(std::move(fault));
    return {{"ok", true}};
  }
  if (what == "limit") {
    const auto window = std::chrono::milliseconds(body.at("window_ms").get<int64_t>());
    limit_method(body.at("method"), body.at("calls"), window);
    return {{"ok", true}};
  }
  if (what == "repeat_events") {
    repeat_events(body.at("copies"));
    return {{"ok", true}};
  }
  if (what == "reset") {
    clear_faults();
    return {{"ok", true}};
  }
  if (what == "socket") {
    control_socket(body);
    return {{"ok", true}};
  }
  throw std::runtime_error("unknown request");
}

// {"action": "...", "socket": id or 0 for all, …}
void FakeSlack::control_socket(const json& body) {
  const std::string action = body.at("action");
  const auto chosen = body.value("socket", uint64_t{0});
  const auto each = [&](const auto& apply) {
    for (const uint64_t id : socket_ids()) {
      if (chosen == 0 || chosen == id) apply(id);
    }
  };
  const int times = body.value("times", 1);
  if (action == "kill") return each([&](uint64_t id) { kill(id); });
  if (action == "half_open") return each([&](uint64_t id) { half_open(id); });
  if (action == "disconnect") {
    const auto after = std::chrono::milliseconds(body.value("close_after_ms", 10'000));
    return each([&](uint64_t id) { disconnect(id, body.at("reason"), after); });
  }
  if (action == "ghosts") return set_ghosts(body.at("count"), body.value("swallow", false));
  if (action == "lifetime") return set_lifetime(std::chrono::seconds(body.at("seconds").get<int64_t>()));
  if (action == "refuse_upgrades") return refuse_upgrades(times, body.value("status", 503));
  if (action == "withhold_hello") return withhold_hello(times);
  if (action == "deafen") return deafen(times);
  if (action == "greet_with") return greet_with(body.at("reason"), times);
  if (action == "prefer") return prefer_socket(chosen);
  throw std::runtime_error("unknown action");
}

}  // namespace vedette::test
