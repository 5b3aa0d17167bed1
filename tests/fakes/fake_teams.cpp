#include "tests/fakes/fake_teams.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

#include "tests/fakes/fake_teams_check.hpp"
#include "tests/fakes/fake_teams_parts.hpp"

namespace vedette::test {
namespace {

using json = nlohmann::json;
using std::chrono::seconds;

constexpr std::string_view kThread = ";messageid=";

net::HttpResponse as_http(int status, const json& body) {
  if (body.is_null()) return net::HttpResponse(status);
  return net::HttpResponse(status, "application/json; charset=utf-8",
                           body.dump(-1, ' ', false, json::error_handler_t::replace));
}

struct Window {
  const char* calls;
  size_t most;
  seconds length;
};
constexpr std::array kWindows = {
    Window{"say", 7, seconds(1)},       Window{"say", 8, seconds(2)},       Window{"say", 60, seconds(30)},
    Window{"say", 1800, seconds(3600)}, Window{"ask", 14, seconds(1)},      Window{"ask", 16, seconds(2)},
    Window{"ask", 120, seconds(30)},    Window{"ask", 3600, seconds(3600)}, Window{"tenant", 50, seconds(1)}};

}  // namespace

FakeTeams::FakeTeams(Executor executor, FakeTeamsOptions options) : options_(std::move(options)) {
  net::HttpServerOptions server;
  server.port = options_.port;
  server.body_bytes = 4 << 20;
  server_ = net::make_http_server(std::move(executor), server);
  add_routes();
}

FakeTeams::~FakeTeams() = default;

void FakeTeams::add_routes() {
  const std::string rooms = "/v3/conversations";
  const std::string room = rooms + "/{room}";
  add("POST", rooms, "create", [this](Asked& asked) { return create(asked); });
  add("POST", room + "/activities", "post", [this](Asked& asked) { return send(asked); });
  add("POST", room + "/activities/{activity}", "post", [this](Asked& asked) { return send(asked); });
  add("PUT", room + "/activities/{activity}", "edit", [this](Asked& asked) { return update(asked); });
  add("DELETE", room + "/activities/{activity}", "delete", [this](Asked& asked) { return remove(asked); });
  add("GET", room + "/members", "members", [this](Asked& asked) { return get_members(asked); });
  add("GET", room + "/pagedmembers", "members", [this](Asked& asked) { return get_page(asked); });
  add("GET", room + "/members/{member}", "member", [this](Asked& asked) { return get_member(asked); });
  net::Handler tell = [this](net::HttpRequest) { return tell_world(); };
  server_->add({"GET", "/test/world", std::move(tell)});
}

// For programs that use this fake from outside: what there is, and what was said and asked.
boost::asio::awaitable<net::HttpResponse> FakeTeams::tell_world() const {
  json rooms = json::array();
  for (const auto& [id, room] : rooms_) {
    rooms.push_back({{"id", id}, {"kind", room.kind}, {"name", room.name}, {"people", room.people}});
  }
  json people = json::array();
  for (const auto& [name, person] : people_) {
    people.push_back({{"name", name}, {"address", person.address}, {"object", person.object}});
  }
  json said = json::array();
  for (const auto& message : messages_) {
    said.push_back({{"id", message.id},
                    {"room", message.room},
                    {"root", message.root},
                    {"activity", message.activity},
                    {"edits", message.edits},
                    {"deleted", message.deleted},
                    {"only_for", message.only_for}});
  }
  const json world = {{"service_url", service_url()},
                      {"bot", bot()},
                      {"tenant", options_.tenant},
                      {"rooms", rooms},
                      {"people", people},
                      {"messages", said},
                      {"requests", record()}};
  co_return as_http(200, world);
}

json FakeTeams::record() const {
  json rows = json::array();
  for (const auto& request : requests_) {
    rows.push_back({{"method", request.method}, {"path", request.path}, {"body", request.body}, {"status", request.status}});
  }
  return rows;
}

// Service addresses are with and without the tenant.
void FakeTeams::add(const std::string& method, const std::string& pattern, const std::string& call, Work work) {
  for (const char* prefix : {"/teams", "/teams/{tenant}"}) {
    net::Handler handler = [this, call, work](net::HttpRequest request) { return serve(call, std::move(request), work); };
    server_->add({method, prefix + pattern, std::move(handler)});
  }
}

Status FakeTeams::start() { return server_->start(); }

boost::asio::awaitable<void> FakeTeams::stop() {
  stopping_ = true;
  const Deadline deadline = Deadline::after(std::chrono::seconds(2));
  co_await server_->stop(deadline);
}

uint16_t FakeTeams::port() const { return server_->port(); }
std::string FakeTeams::base_url() const { return fmt::format("http://127.0.0.1:{}/teams/", port()); }
std::string FakeTeams::service_url() const { return base_url() + options_.tenant + "/"; }

boost::asio::awaitable<net::HttpResponse> FakeTeams::serve(std::string call, net::HttpRequest request, Work work) {
  ++calls_[call];
  const size_t at = request.target.find("/v3/");
  const std::string path = at == std::string::npos ? request.target : request.target.substr(at + 1);
  json shown = json::parse(request.body, nullptr, false);
  if (shown.is_discarded()) shown = nullptr;
  requests_.push_back({request.method, path, std::move(shown), request.body, 0, std::chrono::steady_clock::now()});
  TeamsRequest* entry = &requests_.back();  // a deque's elements stay where they are

  Asked asked;
  asked.conversation = request.params["room"];
  asked.activity_id = request.params["activity"];
  asked.targeted = request.query["isTargetedActivity"] == "true";
  const std::string authorization(request.headers.get("Authorization"));
  if (authorization.starts_with("Bearer ")) asked.token = authorization.substr(7);
  asked.request = std::move(request);

  const auto fault = next_fault(call);
  const std::string kind = fault ? fault->kind : std::string();
  const bool after = kind.empty() || kind == "slow" || kind.starts_with("store_then_");
  if (kind == "hang" || kind == "slow") {
    for (auto left = fault->hold; left.count() > 0 && !stopping_; left -= std::chrono::milliseconds(10)) {
      co_await sleep_for(std::chrono::milliseconds(10));
    }
  }
  Answer answer;
  if (after) {
    auto refused = before(call, asked);
    answer = refused ? std::move(*refused) : work(asked);
  } else {
    answer = answer_of(*fault);
  }
  if (kind == "store_then_hang") {
    for (auto left = fault->hold; left.count() > 0 && !stopping_; left -= std::chrono::milliseconds(10)) {
      co_await sleep_for(std::chrono::milliseconds(10));
    }
  }
  if (kind.starts_with("store_then_")) answer = answer_of(*fault);
  net::HttpResponse response =
      answer.text.empty() ? as_http(answer.status, answer.body) : net::HttpResponse(answer.status, "text/html", answer.text);
  if (answer.retry_after > 0) response.headers.set("Retry-After", std::to_string(answer.retry_after));
  entry->status = answer.status;
  co_return response;
}

std::optional<TeamsFault> FakeTeams::next_fault(const std::string& call) {
  for (auto& fault : faults_) {
    if (fault.times > 0 && (fault.call == "*" || fault.call == call)) {
      --fault.times;
      return fault;
    }
  }
  return std::nullopt;
}

size_t FakeTeams::pending_faults() const {
  return static_cast<size_t>(
      std::count_if(faults_.begin(), faults_.end(), [](const TeamsFault& fault) { return fault.times > 0; }));
}

int FakeTeams::calls(const std::string& call) const {
  const auto found = calls_.find(call);
  return found == calls_.end() ? 0 : found->second;
}

FakeTeams::Answer FakeTeams::fail(int status, const std::string& code, const std::string& message) {
  Answer answer;
  answer.status = status;
  answer.body = {{"error", {{"code", code}, {"message", message}}}};
  return answer;
}

FakeTeams::Answer FakeTeams::answer_of(const TeamsFault& fault) {
  Answer answer;
  const std::string& kind = fault.kind;
  if (kind == "401") {
    answer.status = 401;
    answer.body = {{"message", "Authorization has been denied for this request."}};
    return answer;
  }
  if (kind == "403") {  // as recorded
    answer.status = 403;
    answer.body = {{"errorCode", 209},
                   {"message",
                    "{\r\n  \"subCode\": \"MessageWritesBlocked\",\r\n  \"details\": \"Thread is blocked from message "
                    "writes.\",\r\n  \"errorCode\": null,\r\n  \"errorSubCode\": null\r\n}"}};
    return answer;
  }
  if (kind == "412") return fail(412, "PreconditionFailed", "Precondition failed, please try again.");
  if (kind == "429") {
    answer = fail(429, "Throttled", "Too many requests.");
    answer.retry_after = fault.retry_after;
    return answer;
  }
  if (kind == "500") return fail(500, "ServiceError", "Internal server error");
  if (kind == "502") return fail(502, "ServiceError", "Bad gateway");
  if (kind == "503") return fail(503, "ServiceUnavailable", "Service is unavailable");
  if (kind == "html") {
    answer.text = "<html>Sign in to the network</html>";
    return answer;
  }
  if (kind.starts_with("error:")) {
    const size_t colon = kind.find(':', 6);
    return fail(std::stoi(kind.substr(6, colon - 6)), kind.substr(colon + 1), "as the test wants it");
  }
  // 504, and whatever broke off
  answer.status = kind == "store_then_500" ? 500 : 504;
  answer.text = "<html>Gateway timeout</html>";
  return answer;
}

// What is wrong with any call, whatever it asks for.
std::optional<FakeTeams::Answer> FakeTeams::before(const std::string& call, Asked& asked) {
  const bool good = options_.token_is_good ? options_.token_is_good(asked.token) : true;
  if (asked.token.empty() || !good) {
    TeamsFault denied;
    denied.kind = "401";
    return answer_of(denied);
  }
  if (const auto wait = over_limit(call, asked.conversation.substr(0, asked.conversation.find(kThread)))) {
    Answer answer = fail(429, "Throttled", "Too many requests.");
    answer.retry_after = *wait;
    return answer;
  }
  const auto tenant = asked.request.params.find("tenant");
  if (tenant != asked.request.params.end() && tenant->second != options_.tenant) {
    return fail(404, "NotFound", "no such tenant");
  }
  if (asked.request.method == "GET" || asked.request.method == "DELETE") return std::nullopt;
  if (utf16_size(asked.request.body) > kTeamsMostBytes) {
    return fail(413, "MessageSizeTooBig", "Message size too large.");
  }
  if (!asked.request.headers.get("Content-Type").starts_with("application/json")) {
    return fail(415, "UnsupportedMediaType", "Content-Type must be application/json");
  }
  asked.body = json::parse(asked.request.body, nullptr, false);
  if (!asked.body.is_object()) return fail(400, "BadSyntax", "the body is no JSON object");
  return std::nullopt;
}

// Counts the call; where it is one too many, the seconds to wait.
std::optional<int> FakeTeams::over_limit(const std::string& call, const std::string& room) {
  if (!limits_) return std::nullopt;
  const auto now = std::chrono::steady_clock::now();
  const std::string what = call == "post" || call == "create"      ? "say"
                           : call == "member" || call == "members" ? "ask"
                                                                   : "edit";
  const auto key_of = [&](const std::string& kind) { return kind == "tenant" ? kind : kind + " " + room; };
  for (const auto& window : kWindows) {
    if (window.calls != what && std::string_view(window.calls) != "tenant") continue;
    const auto& taken = taken_[key_of(window.calls)];
    if (taken.size() < window.most) continue;
    const auto free = taken[taken.size() - window.most] + window.length;
    if (free > now) return std::max(1, static_cast<int>(std::ceil(std::chrono::duration<double>(free - now).count())));
  }
  taken_[key_of(what)].push_back(now);
  taken_[key_of("tenant")].push_back(now);
  return std::nullopt;
}

// ---- who and what there is

std::string FakeTeams::new_id() {
  const int64_t now = to_micros(system_clock().now()) / 1000;
  last_id_ = std::max(last_id_ + 1, now);
  return std::to_string(last_id_);
}

std::string FakeTeams::new_guid() {
  ++numbers_;
  return fmt::format("{:08x}-77aa-4bbb-9ccc-{:012x}", 0x5eed0000 + numbers_, numbers_);
}

FakePerson& FakeTeams::add_person(const std::string& name, const std::string& role) {
  FakePerson person;
  person.name = name;
  person.object = new_guid();
  person.address = fmt::format("29:1{}-{:04}_FAKE", name, numbers_);
  person.tenant = options_.tenant;
  person.role = role;
  return people_.insert_or_assign(name, std::move(person)).first->second;
}

FakeRoom& FakeTeams::make_room(FakeRoom room) {
  for (const auto& name : room.people) {
    if (!people_.contains(name)) add_person(name);
  }
  const std::string id = room.id;
  return rooms_.insert_or_assign(id, std::move(room)).first->second;
}

std::string FakeTeams::add_team(const std::string& name, std::set<std::string> people) {
  FakeRoom general;
  general.id = fmt::format("19:team{:04}FAKE@thread.tacv2", ++numbers_);
  general.kind = "channel";
  general.team = general.id;
  general.name = name;
  general.people = std::move(people);
  return make_room(std::move(general)).id;
}

std::string FakeTeams::add_channel(const std::string& team, const std::string& name) {
  FakeRoom channel = rooms_.at(team);
  channel.id = fmt::format("19:{:032x}@thread.tacv2", ++numbers_);
  channel.name = name;
  return make_room(std::move(channel)).id;
}

std::string FakeTeams::add_group(std::set<std::string> people) {
  FakeRoom group;
  group.id = fmt::format("19:{:032x}@thread.v2", ++numbers_);
  group.kind = "groupChat";
  group.people = std::move(people);
  return make_room(std::move(group)).id;
}

std::string FakeTeams::direct_with(const std::string& name) {
  for (const auto& [id, room] : rooms_) {
    if (room.kind == "personal" && room.people.contains(name)) return id;
  }
  FakeRoom chat;
  chat.id = fmt::format("a:1{}{:04}_FAKE-of-two", name, ++numbers_);
  chat.kind = "personal";
  chat.people = {name};
  return make_room(std::move(chat)).id;
}

FakePerson* FakeTeams::by_id(const std::string& id) {
  for (auto& [name, person] : people_) {
    if (person.address == id || person.object == id) return &person;
  }
  return nullptr;
}

// ---- what was said

TeamsMessage* FakeTeams::find(const std::string& room, const std::string& id) {
  const auto found = std::find_if(messages_.begin(), messages_.end(), [&](const TeamsMessage& message) {
    return message.room == room && (message.id == id || (!id.empty() && message.legacy_id == id));
  });
  return found == messages_.end() ? nullptr : &*found;
}

std::vector<TeamsMessage> FakeTeams::in_room(const std::string& room) const {
  std::vector<TeamsMessage> said;
  for (const auto& message : messages_) {
    if (message.room == room && message.from == bot() && !message.deleted) said.push_back(message);
  }
  return said;
}

std::vector<TeamsMessage> FakeTeams::by_key(const std::string& key) const {
  const std::string wanted = "\"key\":" + json(key).dump();
  std::vector<TeamsMessage> said;
  for (const auto& message : messages_) {
    if (message.from == bot() && !message.deleted && message.activity.dump().find(wanted) != std::string::npos) {
      said.push_back(message);
    }
  }
  return said;
}

std::string FakeTeams::put(FakeRoom& room, std::string root, std::string from, json activity) {
  TeamsMessage message;
  message.id = new_id();
  message.room = room.id;
  if (room.kind == "channel") message.root = root.empty() ? message.id : std::move(root);
  message.from = std::move(from);
  message.activity = std::move(activity);
  messages_.push_back(std::move(message));
  return messages_.back().id;
}

// The room and the thread that a conversation id names.
std::pair<std::string, std::string> FakeTeams::place_of(const std::string& conversation) const {
  const size_t at = conversation.find(kThread);
  if (at == std::string::npos) return {conversation, {}};
  return {conversation.substr(0, at), conversation.substr(at + kThread.size())};
}

}  // namespace vedette::test
