#include "tests/integration/teams/teams_world.hpp"

#include "integrations/simulated/simulated_provider.hpp"

namespace vedette::test {
namespace {

Person known(std::string id, std::vector<std::string> roles, const FakePerson& person) {
  Person result;
  result.id = std::move(id);
  result.roles = std::move(roles);
  result.identities = {Identity("teams", person.tenant, person.object)};
  return result;
}

FakeTeamsOptions fake_options(const FakeMicrosoft& microsoft) {
  FakeTeamsOptions options;
  options.token_is_good = [&microsoft](const std::string& token) {
    return microsoft.is_good(token, "https://api.botframework.com/.default");
  };
  return options;
}

FakeTeamsSocketOptions socket_options() {
  FakeTeamsSocketOptions options;
  options.app_id = FakeMicrosoftOptions().app_id;
  return options;
}

// As Teams calls a server of ours.
Job post_activity(net::HttpClient& http, std::string url, std::string activity, std::string authorization,
                  std::shared_ptr<CarriedAnswer> carried, std::shared_ptr<Signal> done) {
  net::HttpRequest request("POST", std::move(url));
  request.headers.set("Content-Type", "application/json; charset=utf-8");
  request.headers.set("Authorization", authorization);
  request.body = std::move(activity);
  const auto answer = co_await http.send(std::move(request), in_time(15'000));
  if (answer) carried->status = answer->status;
  if (answer) carried->body = answer->body;
  done->notify();
}

boost::asio::awaitable<CarriedAnswer> by_https(TeamsWorld& world, std::string url, std::string activity,
                                               std::string authorization) {
  const auto carried = std::make_shared<CarriedAnswer>();
  const auto done = std::make_shared<Signal>(world.io);
  world.posts->spawn(
      "post", post_activity(*world.http, std::move(url), std::move(activity), std::move(authorization), carried, done));
  co_await done->wait(std::chrono::seconds(15));
  co_return *carried;
}

}  // namespace

TeamsWorld::TeamsWorld(Executor executor, teams::Way way_in, std::function<void(teams::TeamsOptions&)> change)
    : io(executor),
      way(way_in),
      microsoft(io, FakeMicrosoftOptions()),
      fake(io, fake_options(microsoft)),
      relay(io, FakeRelayOptions()),
      socket(io, socket_options()),
      http(net::make_http_client(io, {})),
      posts(std::make_unique<TaskGroup>(io, "posts")),
      server(net::make_http_server(io, {})),
      policy(policy::PolicyOptions()),
      jobs(io, "world") {
  if (!microsoft.start() || !fake.start() || !relay.start() || !socket.start())
    throw std::runtime_error("a fake did not start");
  const auto& ann = fake.add_person("ann");
  const Person analyst = known("ann", {"analyst"}, ann);
  const Person approver = known("ben", {"approver"}, fake.add_person("ben"));
  fake.add_person("eve");
  directory = Directory({analyst, approver});
  room = fake.add_channel(fake.add_team("Security", {"ann", "ben", "eve"}), "alerts");

  simulated::SimulatedOptions network;
  network.name = "network";
  if (!providers.add(std::make_unique<simulated::SimulatedProvider>(std::move(network))))
    throw std::runtime_error("no provider");

  SqliteOptions sqlite;
  sqlite.path = folder.file("v.db");
  auto opened = open_sqlite_store(io, std::move(sqlite));
  if (!opened) throw std::runtime_error(opened.error().message);
  store = std::move(*opened);
  actions = std::make_unique<respond::ActionService>(store->actions(), policy, providers, system_clock());
  runner = std::make_unique<commands::Runner>(*store, policy, directory, *actions, system_clock());
  router = std::make_unique<chat::Router>(io, *store, directory, *runner, system_clock());
  sink = std::make_unique<HeldUpSink>(*router);
  cards = std::make_unique<chat::StoreCards>(*store);
  conversations = std::make_unique<chat::StoreConversations>(store->conversations());

  teams::TeamsOptions options;
  microsoft.fill(options);
  relay.fill(options);
  options.cloud.socket_url = socket.url();
  options.cloud.service_url = fake.base_url();
  options.way = way;
  options.channel = room;
  options.pace = milliseconds(0);
  options.settle_delay = milliseconds(50);
  if (change) change(options);
  auto tokens = teams::make_token_source(io, *http, system_clock(), options);
  if (!tokens) throw std::runtime_error(tokens.error().message);
  vedette = std::make_unique<teams::Teams>(io, *http, system_clock(), options, std::move(*tokens), *sink, *conversations,
                                           std::vector<std::string>{room});
  vedette->offer(forms, *cards);
  runner->ask_before("teams", [this](Identity who, commands::Effect effect) {
    return vedette->people().refusal(std::move(who), effect == commands::Effect::decides_action, in_time(5000));
  });
  chat::DeliveryOptions quick;
  quick.poll = milliseconds(20);
  quick.retry_first = milliseconds(20);
  delivery = std::make_unique<chat::Delivery>(io, *store, vedette->platform(), system_clock(), quick);
  chat::Route route;
  route.platform = "teams";
  route.channel = room;
  presenter = std::make_unique<chat::Presenter>(io, *store, std::vector<chat::Route>{route},
                                                [](const ActionPlan&) { return false; });
}

boost::asio::awaitable<bool> TeamsWorld::start() {
  vedette->add_routes(*server);
  if (!server->start()) co_return false;
  vedette->start();
  jobs.spawn("delivery", delivery->run());
  ActivityCarrier carrier;
  if (way == teams::Way::relay) carrier = relay.carrier();
  if (way == teams::Way::socket) carrier = socket.carrier("emea");
  if (way == teams::Way::https) {
    const std::string url = "http://127.0.0.1:" + std::to_string(server->port()) + "/api/messages";
    carrier = [this, url](std::string activity, std::string authorization) {
      return by_https(*this, url, std::move(activity), std::move(authorization));
    };
  }
  fake.connect(std::move(carrier),
               [this](const std::string& service_url) { return microsoft.sign_activity_token(service_url); });
  const std::function<bool()> is_open = [this] {
    const auto state = vedette->state();
    return state.open && (way != teams::Way::socket || state.links == 3);
  };
  const bool open = co_await eventually(is_open);
  if (!open) co_return false;
  const auto added = co_await fake.install("ann", room);
  if (added.status != 200) co_return false;
  co_return co_await quiet();
}

boost::asio::awaitable<void> TeamsWorld::stop() {
  const Deadline deadline = in_time(5000);
  co_await server->stop(deadline);
  co_await posts->stop(deadline);
  co_await vedette->stop(deadline);
  co_await jobs.stop(deadline);
  co_await fake.stop();
  co_await relay.stop();
  co_await socket.stop();
  co_await microsoft.stop();
  store->close();
}

boost::asio::awaitable<void> TeamsWorld::hang_up() {
  co_await posts->stop(in_time(2000));
  posts = std::make_unique<TaskGroup>(io, "posts");
}

boost::asio::awaitable<bool> TeamsWorld::eventually(std::function<bool()> holds) const {
  for (int tries = 0; tries < 1000; ++tries) {
    if (holds()) co_return true;
    co_await sleep_for(milliseconds(5));
  }
  co_return false;
}

boost::asio::awaitable<bool> TeamsWorld::quiet() {
  for (int tries = 0; tries < 1000; ++tries) {
    const auto done = co_await router->work_off();
    const auto drawn = co_await presenter->present_changed();
    const auto waiting = co_await store->outbox().oldest_undelivered("teams", system_clock().now());
    if (done && drawn && waiting && *done == 0 && *drawn == 0 && !*waiting) co_return true;
    co_await sleep_for(milliseconds(5));
  }
  co_return false;
}

boost::asio::awaitable<std::string> TeamsWorld::shown_case() {
  Alert alert;
  alert.source = "test";
  alert.dedup_key = "one";
  alert.title = "Something";
  alert.time = system_clock().now();
  alert.received = alert.time;
  alert.raw = "{}";
  std::vector<Alert> alerts;
  alerts.push_back(std::move(alert));
  const auto accepted = co_await store->alerts().accept(std::move(alerts));
  if (!accepted) co_return "";
  const auto opened = co_await store->alerts().open_case(accepted->front().id);
  const auto lease = co_await store->investigations().claim("test", std::chrono::seconds(60));
  if (!opened || !lease || !*lease) co_return "";
  Verdict verdict;
  verdict.headline = "Something was wrong";
  InvestigationLease claimed = **lease;
  std::vector<ProposedAction> proposals;
  const auto finished = co_await store->investigations().finish(claimed, std::move(verdict), std::move(proposals));
  const bool said = co_await quiet();
  if (!finished || !said) co_return "";
  const auto row = co_await store->outbox().find("teams", room, "case/1/root");
  co_return row && *row ? (*row)->message_ref : "";
}

boost::asio::awaitable<Case> TeamsWorld::case_one() {
  auto record = co_await store->cases().get(CaseId(1));
  co_return record ? std::move(*record) : Case();
}

int TeamsWorld::seen(const std::string& in_room, const std::string& words) const {
  int count = 0;
  for (const auto& message : fake.in_room(in_room)) {
    count += message.activity.dump().find(words) != std::string::npos ? 1 : 0;
  }
  return count;
}

}  // namespace vedette::test
