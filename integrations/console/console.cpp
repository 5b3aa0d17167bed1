#include "integrations/console/console.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "integrations/console/assets.hpp"
#include "integrations/console/message_json.hpp"

namespace vedette::console {
namespace {

constexpr size_t kPage = 40;
constexpr size_t kTextBytes = 4000;

net::HttpResponse finish(net::HttpResponse response) {
  add_security_headers(response);
  response.headers.set("Cache-Control", "no-store");
  return response;
}

net::HttpResponse json_answer(std::string body, int status = 200) {
  return finish(net::HttpResponse(status, "application/json", std::move(body)));
}

net::HttpResponse refuse(int status, std::string_view title, std::string_view detail) {
  return finish(net::problem(status, title, detail));
}
net::HttpResponse refuse(const Error& error) { return finish(net::problem(error)); }

net::HttpResponse other_person() {
  JsonWriter w;
  w.begin_object()
      .field("type", "urn:vedette:other-person")
      .field("title", "You are signed in as somebody else now")
      .field("status", 409)
      .field("detail", "Another tab of this browser signed in as somebody else. Nothing was done.")
      .end_object();
  return finish(net::HttpResponse(409, "application/problem+json", w.take()));
}

// An Origin (RFC 6454) whose host and port are those the request was sent to. The scheme is left out: a proxy may end TLS.
bool same_origin(const net::HttpRequest& request) {
  const std::string_view origin = request.headers.get("Origin");
  const size_t scheme = origin.find("://");
  return scheme != std::string_view::npos && text::iequals(origin.substr(scheme + 3), request.headers.get("Host"));
}

bool from_our_pages(const net::HttpRequest& request) {
  if (request.headers.get("X-Vedette") != "1") return false;
  if (request.headers.count("Origin") != 0 && !same_origin(request)) return false;
  const std::string_view site = request.headers.get("Sec-Fetch-Site");
  return site.empty() || site == "same-origin" || site == "none";
}

Result<Json> body_of(const net::HttpRequest& request) {
  JsonLimits limits;
  limits.bytes = 64 << 10;
  limits.depth = 8;
  limits.values = 64;
  TRY(const Json body, Json::parse(request.body, limits));
  if (!body.is_object()) return Error(Code::invalid_input, "The request must be a JSON object.");
  return body;
}

std::string query_of(const net::HttpRequest& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

bool valid_key(std::string_view key) {
  return key.size() >= 8 && key.size() <= 64 && std::all_of(key.begin(), key.end(), [](unsigned char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
         });
}

// "/soc" in front is for those who are used to it.
std::string command_of(std::string_view typed) {
  std::string_view line = text::trim(typed);
  if (text::iequals(line.substr(0, 4), "/soc") && (line.size() == 4 || line[4] == ' ')) line = text::trim(line.substr(4));
  return std::string(line);
}

void write_people(JsonWriter& w, const Directory& directory) {
  w.begin_array();
  for (const auto& person : directory.people()) write_person(w, person);
  w.end_array();
}

}  // namespace

Console::Console(Executor io, OutboxStore& outbox, SessionStore& sessions, const Directory& directory,
                 chat::InteractionSink& sink, ConsoleOptions options, Completer complete, const Clock& clock)
    : outbox_(outbox),
      directory_(directory),
      sink_(sink),
      options_(std::move(options)),
      complete_(std::move(complete)),
      desk_(sessions, directory, options_.sign_in, clock),
      hub_(io, desk_, directory),
      platform_(outbox, hub_) {}
Console::~Console() = default;

void Console::add_routes(net::HttpServer& server) {
  add_asset_routes(server);
  const auto session = [this](net::HttpRequest request) { return start_session(std::move(request)); };
  server.add({"POST", "/console/api/session", session});
  server.add({"POST", "/console/api/sign-out", guarded(&Console::sign_out)});
  server.add({"GET", "/console/api/me", guarded(&Console::me)});
  server.add({"GET", "/console/api/channels", guarded(&Console::channels)});
  server.add({"GET", "/console/api/messages", guarded(&Console::messages)});
  server.add({"GET", "/console/api/thread", guarded(&Console::thread)});
  server.add({"GET", "/console/api/complete", guarded(&Console::complete)});
  server.add({"POST", "/console/api/interact", guarded(&Console::interact)});
  const auto check = [this](net::HttpRequest request) { return check_live(std::move(request)); };
  const auto live = [this](net::HttpRequest request, std::unique_ptr<net::WebSocket> socket) {
    return serve_live(std::move(request), std::move(socket));
  };
  server.add_websocket("/console/live", check, live);
}

boost::asio::awaitable<const Person*> Console::person_of(net::HttpRequest request) {
  const auto signed_in = co_await desk_.who(std::move(request));
  co_return signed_in.person;
}

boost::asio::awaitable<void> Console::stop(Deadline deadline) { co_await hub_.stop(deadline); }

net::Handler Console::guarded(Endpoint endpoint) {
  return [this, endpoint](net::HttpRequest request) { return check_and_call(std::move(request), endpoint); };
}

Console::Answer Console::check_and_call(net::HttpRequest request, Endpoint endpoint) {
  if (!from_our_pages(request)) {
    co_return refuse(403, "Not from here", "This address answers Vedette's own pages only.");
  }
  auto signed_in = co_await desk_.who(request);
  if (signed_in.person == nullptr)
    co_return refuse(401, "Please sign in", "Your session is over, or you are not signed in.");
  const std::string_view believed = request.headers.get("X-Vedette-Person");
  if (!believed.empty() && believed != signed_in.person->id) co_return other_person();
  co_return co_await (this->*endpoint)(std::move(request), std::move(signed_in));
}

// --- signing in and out

Console::Answer Console::start_session(net::HttpRequest request) {
  if (!from_our_pages(request)) {
    co_return refuse(403, "Not from here", "This address answers Vedette's own pages only.");
  }
  const auto body = body_of(request);
  if (!body) co_return refuse(body.error());
  const std::string token = (*body)["token"].string_or("");
  const std::string person = (*body)["person"].string_or("");
  if (!token.empty()) co_return co_await sign_in_with_token(std::move(request), token, person);
  if (!person.empty()) co_return co_await change_person(std::move(request), person);
  co_return refuse(400, "A token is needed", "Give the sign-in token.");
}

Console::Answer Console::sign_in_with_token(net::HttpRequest request, std::string token, std::string person) {
  const auto opened = desk_.open(token, request.peer);
  if (!opened) co_return refuse(opened.error());
  JsonWriter w;
  if (opened->shared && person.empty()) {
    w.begin_object().key("choose");
    write_people(w, directory_);
    w.end_object();
    co_return json_answer(w.take());
  }
  // A personal token opens for its person alone.
  const std::string chosen = opened->shared ? person : opened->person;
  if (!person.empty() && person != chosen) co_return refuse(403, "Not your name", "This token belongs to somebody else.");
  if (directory_.find(chosen) == nullptr) {
    co_return refuse(403, "Not in the directory", "The directory does not know this person.");
  }
  const auto cookie = co_await desk_.start(request, chosen, opened->shared);
  if (!cookie) co_return refuse(cookie.error());
  auto response = json_answer(w.begin_object().field("person", chosen).end_object().take());
  response.headers.set("Set-Cookie", *cookie);
  co_return response;
}

Console::Answer Console::change_person(net::HttpRequest request, std::string person) {
  const auto now = co_await desk_.who(request);
  if (now.person == nullptr) co_return refuse(401, "Please sign in", "Your session is over, or you are not signed in.");
  if (!now.shared) co_return refuse(403, "Only as yourself", "You signed in with a token of your own. Sign out to change.");
  if (directory_.find(person) == nullptr) {
    co_return refuse(403, "Not in the directory", "The directory does not know this person.");
  }
  const auto cookie = co_await desk_.start(request, person, true);
  if (!cookie) co_return refuse(cookie.error());
  const auto ended = co_await desk_.end(now.session);
  if (!ended) co_return refuse(ended.error());
  hub_.end_session(now.session);
  JsonWriter w;
  auto response = json_answer(w.begin_object().field("person", person).end_object().take());
  response.headers.set("Set-Cookie", *cookie);
  co_return response;
}

Console::Answer Console::sign_out(net::HttpRequest request, SignedIn who) {
  const auto ended = co_await desk_.end(who.session);
  if (!ended) co_return refuse(ended.error());
  hub_.end_session(who.session);
  auto response = json_answer("{}");
  response.headers.set("Set-Cookie", SignInDesk::no_cookie(request));
  co_return response;
}

Console::Answer Console::me(net::HttpRequest, SignedIn who) {
  JsonWriter w;
  w.begin_object().key("person");
  write_person(w, *who.person);
  w.field("shared", who.shared);
  if (who.shared) {
    w.key("people");
    write_people(w, directory_);
  }
  w.end_object();
  co_return json_answer(w.take());
}

// --- reading

const ConsoleChannel* Console::find_channel(std::string_view id) const {
  const auto found = std::find_if(options_.channels.begin(), options_.channels.end(),
                                  [&](const ConsoleChannel& channel) { return channel.id == id; });
  return found == options_.channels.end() ? nullptr : &*found;
}

Async<OutboxRow> Console::visible(std::string channel, std::string slot, std::string person) {
  const std::string platform(kPlatform);
  CO_TRY(auto row, outbox_.find(platform, channel, slot));
  if (!row || (!row->message.only_for.empty() && row->message.only_for != person)) {
    co_return Error(Code::not_found, "This message is not here, or not for you.");
  }
  co_return std::move(*row);
}

Console::Answer Console::channels(net::HttpRequest, SignedIn) {
  JsonWriter w;
  w.begin_object().key("channels").begin_array();
  for (const auto& channel : options_.channels) {
    w.begin_object()
        .field("id", channel.id)
        .field("name", channel.name.empty() ? channel.id : channel.name)
        .field("topic", channel.topic)
        .end_object();
  }
  w.end_array().end_object();
  co_return json_answer(w.take());
}

Console::Answer Console::messages(net::HttpRequest request, SignedIn who) {
  const std::string channel = query_of(request, "channel");
  if (find_channel(channel) == nullptr) co_return refuse(404, "No such channel", "The configuration names no such channel.");
  const std::string before_text = query_of(request, "before");
  const auto before = before_text.empty() ? std::optional<int64_t>(0) : text::parse_integer(before_text);
  if (!before || *before < 0) co_return refuse(400, "Not a number", "\"before\" must be the id of a message.");
  const std::string platform(kPlatform);
  const auto rows = co_await outbox_.channel(platform, channel, who.person->id, *before, kPage + 1);
  if (!rows) co_return refuse(rows.error());
  // One row more than a page tells whether there are older ones; it is the oldest, and the list has the newest last.
  const bool more = rows->size() > kPage;
  JsonWriter w;
  w.begin_object().field("more", more).key("messages").begin_array();
  for (size_t i = more ? 1 : 0; i < rows->size(); ++i) write_message(w, (*rows)[i], directory_);
  w.end_array().end_object();
  co_return json_answer(w.take());
}

Console::Answer Console::thread(net::HttpRequest request, SignedIn who) {
  const std::string channel = query_of(request, "channel");
  const std::string root = query_of(request, "root");
  const auto first = co_await visible(channel, root, who.person->id);
  if (!first) co_return refuse(first.error());
  const std::string platform(kPlatform);
  const auto rows = co_await outbox_.thread(platform, channel, root, who.person->id);
  if (!rows) co_return refuse(rows.error());
  JsonWriter w;
  w.begin_object().key("messages").begin_array();
  write_message(w, *first, directory_);
  for (const auto& row : *rows) {
    if (row.message.slot != root) write_message(w, row, directory_);
  }
  w.end_array().end_object();
  co_return json_answer(w.take());
}

Console::Answer Console::complete(net::HttpRequest request, SignedIn who) {
  const std::string typed = query_of(request, "text");
  JsonWriter w;
  w.begin_object().key("completions").begin_array();
  if (complete_ && typed.size() <= kTextBytes) {
    // The prefix stays in the box for those who typed it.
    const bool prefixed = text::iequals(std::string_view(typed).substr(0, 5), "/soc ");
    const std::string prefix = prefixed ? typed.substr(0, 5) : std::string();
    for (const auto& one : complete_(std::string_view(typed).substr(prefix.size()), *who.person)) {
      w.begin_object().field("text", prefix + one.text).field("label", one.text).field("hint", one.hint).end_object();
    }
  }
  w.end_array().end_object();
  co_return json_answer(w.take());
}

// --- doing

Console::Answer Console::interact(net::HttpRequest request, SignedIn who) {
  const auto body = body_of(request);
  if (!body) co_return refuse(body.error());
  chat::Interaction interaction;
  interaction.channel = (*body)["channel"].string_or("");
  interaction.thread_ref = (*body)["thread_ref"].string_or("");
  interaction.button = (*body)["button"].boolean_or(false);
  interaction.who = Identity(std::string(kPlatform), "", who.person->id);
  const std::string typed((text::trim((*body)["text"].string_or(""))));
  interaction.text = interaction.button ? typed : command_of(typed);
  const std::string key = (*body)["key"].string_or("");
  if (interaction.text.empty()) co_return refuse(400, "Nothing to do", "Type a command, for example \"help\".");
  if (typed.size() > kTextBytes) co_return refuse(413, "Too long", fmt::format("At most {} bytes, please.", kTextBytes));
  if (!valid_key(key)) co_return refuse(400, "No key", "\"key\" must be 8 to 64 letters, digits, \"-\" or \"_\".");
  if (find_channel(interaction.channel) == nullptr) {
    co_return refuse(404, "No such channel", "The configuration names no such channel.");
  }
  // Nobody can use up the key of somebody else.
  interaction.key = who.person->id + "/" + key;
  if (!interaction.thread_ref.empty()) {
    const auto root = co_await visible(interaction.channel, interaction.thread_ref, who.person->id);
    if (!root) co_return refuse(root.error());
  }
  if (!interaction.button) {
    OutboxMessage said;
    said.slot = "said/" + interaction.key;
    said.platform = std::string(kPlatform);
    said.channel = interaction.channel;
    said.thread_of = interaction.thread_ref;
    said.author = who.person->id;
    said.lane = Lane::page;  // before the answer to it
    said.card = said_card(typed);
    std::vector<OutboxMessage> messages;
    messages.push_back(std::move(said));
    const auto stored = co_await outbox_.put(std::move(messages));
    if (!stored) co_return refuse(stored.error());
  }
  const auto fresh = co_await sink_.accept(std::move(interaction));
  if (!fresh) co_return refuse(fresh.error());
  JsonWriter w;
  co_return json_answer(w.begin_object().field("accepted", *fresh).end_object().take(), 202);
}

// --- the live connection

Console::Answer Console::check_live(net::HttpRequest request) {
  // Scripts of other sites may open sockets here, with no preflight: the Origin tells.
  if (!same_origin(request)) co_return refuse(403, "Not from here", "This address answers Vedette's own pages only.");
  if (hub_.full()) co_return refuse(503, "Too many pages are open", "Close some, or try again later.");
  const auto signed_in = co_await desk_.who(request);
  if (signed_in.person == nullptr)
    co_return refuse(401, "Please sign in", "Your session is over, or you are not signed in.");
  if (query_of(request, "person") != signed_in.person->id) co_return other_person();
  co_return net::HttpResponse(101);
}

Job Console::serve_live(net::HttpRequest request, std::unique_ptr<net::WebSocket> socket) {
  auto signed_in = co_await desk_.who(std::move(request));
  if (signed_in.person == nullptr) {
    co_await socket->close(kSessionOver, Deadline::after(std::chrono::seconds(2)));
    co_return;
  }
  co_await hub_.serve(std::move(signed_in), std::move(socket));
}

}  // namespace vedette::console
