#include "tests/unit/console/console_fixture.hpp"

#include <stdexcept>

#include "bot/chat/card.hpp"
#include "bot/net/url.hpp"

namespace vedette::console::test {

Async<bool> FakeSink::accept(chat::Interaction interaction) {
  if (refuse) co_return *refuse;
  for (const auto& earlier : taken) {
    if (earlier.key == interaction.key) co_return false;
  }
  taken.push_back(std::move(interaction));
  co_return true;
}

void Routes::add(net::Route route) {
  const std::string name = route.method + " " + route.pattern;
  if (!handlers.emplace(name, std::move(route.handler)).second) throw std::logic_error(name + " stands twice");
}

void Routes::add_websocket(std::string, std::function<boost::asio::awaitable<net::HttpResponse>(net::HttpRequest)> check,
                           net::WebSocketHandler handler) {
  live_check = std::move(check);
  live = std::move(handler);
}

ConsoleOptions ConsoleFixture::default_options() {
  ConsoleOptions options;
  options.channels = {{"soc", "soc-alerts", "What is not benign"}, {"digest", "", ""}};
  options.sign_in.tokens = {{"ann", Secret("ann-token-0001")}, {"bob", Secret("bob-token-0002")}};
  options.sign_in.shared_token = Secret("shared-token-0003");
  return options;
}

ConsoleFixture::ConsoleFixture(Executor io, ConsoleOptions options) {
  SqliteOptions sqlite;
  sqlite.path = folder.file("store.sqlite");
  sqlite.clock = &clock;
  auto opened = open_sqlite_store(io, std::move(sqlite));
  if (!opened) throw std::runtime_error(opened.error().message);
  store = std::move(opened).value();
  std::vector<Person> people(3);
  const std::vector<std::pair<std::string, std::string>> names = {{"ann", "Ann Ek"}, {"bob", "Bob Ferreira"}, {"cy", ""}};
  for (size_t i = 0; i < people.size(); ++i) {
    people[i].id = names[i].first;
    people[i].name = names[i].second;
    people[i].roles = {"analyst"};
    people[i].identities = {Identity("console", "", names[i].first)};
  }
  directory = Directory(std::move(people));
  const auto complete = [](std::string_view typed, const Person& person) {
    std::vector<Completion> found;
    if (std::string_view("list open").starts_with(typed)) found.push_back({"list open", "for " + person.id});
    return found;
  };
  console = std::make_unique<Console>(io, store->outbox(), store->sessions(), directory, sink, std::move(options), complete,
                                      clock);
  console->add_routes(routes);
}

ConsoleFixture::~ConsoleFixture() { store->close(); }

net::HttpRequest ConsoleFixture::request(const Browser& browser, std::string method, std::string target,
                                         std::string body) const {
  net::HttpRequest request(std::move(method), std::move(target));
  request.headers.set("Host", "127.0.0.1:8080");
  request.headers.set("Origin", "http://127.0.0.1:8080");
  request.headers.set("X-Vedette", "1");
  if (!browser.person.empty()) request.headers.set("X-Vedette-Person", browser.person);
  if (!browser.cookie.empty()) request.headers.set("Cookie", "theme=dark; " + browser.cookie);
  request.body = std::move(body);
  request.peer = browser.peer;
  return request;
}

boost::asio::awaitable<net::HttpResponse> ConsoleFixture::call(net::HttpRequest request) {
  const size_t mark = request.target.find('?');
  request.path = request.target.substr(0, mark);
  if (mark != std::string::npos) {
    std::string rest = request.target.substr(mark + 1);
    while (!rest.empty()) {
      const size_t end = std::min(rest.find('&'), rest.size());
      const std::string pair = rest.substr(0, end);
      rest.erase(0, end + 1);
      const size_t equals = std::min(pair.find('='), pair.size());
      request.query[pair.substr(0, equals)] = net::percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    }
  }
  const auto found = routes.handlers.find(request.method + " " + request.path);
  if (found == routes.handlers.end()) co_return net::HttpResponse(404);
  auto response = co_await found->second(std::move(request));
  co_return response;
}

namespace {
void remember(Browser& browser, const net::HttpResponse& response) {
  const std::string set(response.headers.get("Set-Cookie"));
  if (!set.empty()) browser.cookie = set.substr(0, set.find(';'));
}
}  // namespace

boost::asio::awaitable<net::HttpResponse> ConsoleFixture::get(Browser& browser, std::string target) {
  auto response = co_await call(request(browser, "GET", std::move(target)));
  co_return response;
}

boost::asio::awaitable<net::HttpResponse> ConsoleFixture::post(Browser& browser, std::string target, std::string body) {
  auto response = co_await call(request(browser, "POST", std::move(target), std::move(body)));
  remember(browser, response);
  co_return response;
}

boost::asio::awaitable<Browser> ConsoleFixture::signed_in(std::string person) {
  Browser browser;
  JsonWriter w;
  w.begin_object().field("token", person == "ann" ? "ann-token-0001" : "bob-token-0002").end_object();
  const auto response = co_await post(browser, "/console/api/session", w.take());
  if (response.status != 200) ADD_FAILURE() << "signing in as " << person << " answered " << response.status;
  browser.person = person;
  co_return browser;
}

boost::asio::awaitable<void> ConsoleFixture::say(std::string slot, std::string text, std::string thread_of,
                                                 std::string only_for) {
  chat::Card card;
  card.summary = text;
  chat::Paragraph paragraph;
  paragraph.lines.push_back({text, {}, false});
  card.blocks.push_back(std::move(paragraph));
  OutboxMessage message;
  message.slot = std::move(slot);
  message.platform = "console";
  message.channel = "soc";
  message.thread_of = std::move(thread_of);
  message.only_for = std::move(only_for);
  message.card = chat::to_json(card);
  std::vector<OutboxMessage> messages;
  messages.push_back(std::move(message));
  const auto stored = co_await store->outbox().put(std::move(messages));
  if (!stored) ADD_FAILURE() << stored.error().message;
}

Json json_of(const net::HttpResponse& response) {
  JsonLimits limits;
  limits.bytes = 4 << 20;
  auto parsed = Json::parse(response.body, limits);
  if (!parsed) {
    ADD_FAILURE() << "not JSON: " << response.body.substr(0, 200);
    return {};
  }
  return std::move(parsed).value();
}

}  // namespace vedette::console::test
