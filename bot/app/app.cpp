#include "bot/app/app.hpp"

#include "bot/app/http_api.hpp"
#include "bot/chat/delivery.hpp"
#include "bot/chat/home_card.hpp"
#include "bot/chat/presenter.hpp"
#include "bot/chat/router.hpp"
#include "bot/chat/snooze_clock.hpp"
#include "bot/intake/intake.hpp"
#include "bot/intake/pipeline.hpp"
#include "bot/investigate/event_log_source.hpp"
#include "bot/investigate/worker.hpp"
#include "bot/respond/action_executor.hpp"
#include "bot/respond/action_service.hpp"
#include "bot/store/sqlite_store.hpp"
#include "commands/forms.hpp"
#include "commands/runner.hpp"
#include "integrations/slack/notices.hpp"
#include "integrations/slack/slack.hpp"

namespace vedette::app {
namespace {

constexpr std::chrono::minutes kUnpostedTooLong(5);
constexpr std::chrono::seconds kPersonCheck(5);

investigate::WorkerOptions worker_options(const Config& config, const respond::Providers& providers) {
  investigate::WorkerOptions options;
  options.concurrency = config.investigation.concurrency;
  options.case_deadline = config.investigation.deadline;
  options.pace = config.investigation.pace;
  options.known_good = config.investigation.known_good;
  if (!config.policy.protected_targets.empty()) {
    investigate::KnownGood protected_assets;
    protected_assets.kind = "protected";
    protected_assets.name = "protected by policy";
    protected_assets.entities = config.policy.protected_targets;
    options.known_good.push_back(std::move(protected_assets));
  }
  for (auto* provider : providers.all()) {
    for (const auto& verb : provider->verbs()) options.available_verbs.emplace(verb, provider->name());
  }
  return options;
}

intake::PlacingOptions placing_options(const Config& config) {
  intake::PlacingOptions options;
  options.window = config.join_window;
  return options;
}

std::string request_metrics(const slack::HttpEntryCounts& requests) {
  std::string text = "# HELP vedette_slack_requests Requests from Slack.\n# TYPE vedette_slack_requests counter\n";
  for (const auto& [outcome, count] :
       {std::pair{"taken", requests.taken}, std::pair{"refused", requests.refused},
        std::pair{"malformed", requests.malformed}, std::pair{"not_stored", requests.not_stored}}) {
    text += fmt::format("vedette_slack_requests{{outcome=\"{}\"}} {}\n", outcome, count);
  }
  return text + fmt::format(
                    "# HELP vedette_slack_repeated_requests Those that Slack said it sent again.\n"
                    "# TYPE vedette_slack_repeated_requests counter\nvedette_slack_repeated_requests {}\n",
                    requests.repeats);
}

}  // namespace

// In the order they are made; they go in the opposite one.
struct App::Parts {
  Parts(Executor io, Config& config, const Clock& clock, std::unique_ptr<Store> opened,
        std::unique_ptr<respond::Providers> made, std::unique_ptr<net::HttpClient> client)
      : store(std::move(opened)),
        http(std::move(client)),
        providers(std::move(made)),
        directory(config.people),
        policy(config.policy),
        actions(store->actions(), policy, *providers, clock),
        runner(*store, policy, directory, actions, clock),
        forms(&clock, policy.longest_snooze()),
        router(io, *store, directory, runner, clock),
        home(*store, directory, home_rights(), clock),
        console(
            io, store->outbox(), store->sessions(), directory, router, config.console,
            [this](std::string_view typed, const Person& person) { return complete(typed, person); }, clock),
        intake(*store, config.sources, config.events, clock, &pool),
        pool(1),
        api(*store, intake, *http, api_options(config)),
        server(net::make_http_server(io, config.server)),
        event_log(store->events()),
        pipeline(io, *store, placing_options(config)),
        worker(*store, {&event_log}, worker_options(config, *providers), clock),
        executor(*store, policy, *providers, clock),
        presenter(io, *store, routes_of(config),
                  [this](const ActionPlan& plan) { return providers->check(plan).has_value(); }),
        snooze_clock(*store, clock),
        console_delivery(io, *store, console.platform(), clock),
        jobs(io, "app") {
    presenter.offer_settings([this](const ActionPlan& plan) { return providers->settings(plan); });
    if (!config.slack) return;
    slack::SocketModeEvents events;
    events.changed = [](size_t connected) { log::info("slack", "{} sockets connected", connected); };
    events.ghosts = [this](int64_t counted, size_t ours) { tell_slack(slack::ghosts_notice(counted, ours)); };
    events.ghosts_gone = [this] { tell_slack(slack::ghosts_gone_notice()); };
    slack_channel = config.slack->channel;
    slack = std::make_unique<slack::Slack>(io, *http, clock, slack_options(config), router, std::move(events), &home);
    for (const auto topic : {Store::Topic::cases, Store::Topic::actions})
      store->on_commit(topic, slack->home().change_listener());
    slack->offer(forms);
    slack_delivery = std::make_unique<chat::Delivery>(io, *store, slack->platform(), clock);
    if (!config.slack->options.groups.empty()) {
      runner.add_roles_of("slack", [this](Identity who, commands::Effect effect) { return group_roles(who.user, effect); });
    }
    runner.ask_before("slack", [this](Identity who, commands::Effect effect) { return slack_refusal(who.user, effect); });
  }

  // About the connection to Slack, in its own channel: one message, changed as things change.
  void tell_slack(const chat::Card& card) {
    OutboxMessage message;
    message.slot = "notice/slack-connections";
    message.platform = "slack";
    message.channel = slack_channel;
    message.lane = Lane::page;
    message.card = chat::to_json(card);
    jobs.spawn("notice", put(std::move(message)));
  }

  Job put(OutboxMessage message) {
    std::vector<OutboxMessage> messages;
    messages.push_back(std::move(message));
    const auto done = co_await store->outbox().put(std::move(messages));
    if (!done) log::warning("app", "a notice could not be stored: {}", done.error().message);
  }

  static slack::SlackOptions slack_options(const Config& config) {
    slack::SlackOptions options = config.slack->options;
    for (const auto& route : routes_of(config)) {
      auto& known = options.channels;
      const bool listed = std::find(known.begin(), known.end(), route.channel) != known.end();
      if (route.platform == "slack" && !listed) known.push_back(route.channel);
    }
    for (const auto& person : config.people) {
      for (const auto& identity : person.identities) {
        if (identity.platform == "slack") options.people.push_back(identity.user);
      }
    }
    return options;
  }

  boost::asio::awaitable<std::optional<std::string>> slack_refusal(std::string user, commands::Effect effect) {
    const auto weight = effect == commands::Effect::decides_action ? slack::Weight::decide : slack::Weight::act;
    const Deadline deadline = Deadline::after(kPersonCheck);
    co_return co_await slack->people().refusal(std::move(user), weight, deadline);
  }

  boost::asio::awaitable<commands::AddedRoles> group_roles(std::string user, commands::Effect effect) {
    const bool deciding = effect == commands::Effect::decides_action;
    const Deadline deadline = Deadline::after(kPersonCheck);
    auto found = co_await slack->groups().roles_of(std::move(user), deciding, deadline);
    commands::AddedRoles added;
    added.roles = std::move(found.roles);
    added.doubt = std::move(found.doubt);
    co_return added;
  }

  boost::asio::awaitable<Person> with_group_roles(Identity who, Person person) {
    if (!slack || who.platform != "slack") co_return person;
    const auto added = co_await group_roles(std::move(who.user), commands::Effect::reads);
    person.roles.insert(person.roles.end(), added.roles.begin(), added.roles.end());
    co_return person;
  }

  chat::HomeRights home_rights() {
    chat::HomeRights rights;
    rights.with_roles = [this](Identity who, Person person) { return with_group_roles(std::move(who), std::move(person)); };
    rights.why_not_read = [this](const Person& person) {
      const auto decision = policy.may(person, policy::Permission::read);
      return decision.allowed ? std::string() : decision.reason;
    };
    rights.why_not_decide = [this](const Person& person, const Action& action) {
      const auto decision = policy.may_approve(person, action);
      return decision.allowed ? std::string() : decision.reason;
    };
    return rights;
  }

  std::vector<console::Completion> complete(std::string_view typed, const Person& person) const {
    std::vector<console::Completion> result;
    for (auto& completion : runner.completions(typed, &person))
      result.push_back({std::move(completion.text), std::move(completion.hint)});
    return result;
  }

  HttpApiOptions api_options(const Config& config) {
    HttpApiOptions options;
    options.tokens = config.api_tokens;
    options.signed_in = [this](const net::HttpRequest& request) { return signed_in(request); };
    options.more_metrics = [this] { return delivery_metrics(); };
    options.not_ready = [this] { return not_ready(); };
    options.degraded = [this] { return degraded(); };
    return options;
  }

  boost::asio::awaitable<bool> signed_in(net::HttpRequest request) {
    const Person* person = co_await console.person_of(std::move(request));
    co_return person != nullptr;
  }

  std::string not_ready() const {
    if (!slack) return {};
    if (const std::string why = slack->refusal(); !why.empty()) {
      return "Slack does not let Vedette in: " + why + " It asks again every few minutes; no restart is needed.";
    }
    if (slack->uses_sockets() && slack->socket().connected() == 0) return "Not connected to Slack";
    const bool stuck = slack_delivery->oldest_unposted().value_or(Duration(0)) > kUnpostedTooLong;
    return stuck ? "Messages to Slack are waiting: " + slack_delivery->health().last_error : "";
  }

  // Nothing that waiting or another replica would mend, so no reason to take Vedette out of service.
  std::string degraded() const {
    std::string text;
    const auto add = [&](std::string_view platform, const chat::Delivery& delivery) {
      const auto& lost = delivery.given_up();
      if (lost.recent == 0) return;
      text += fmt::format("{}{} {} to {} could not be delivered within the last day and {} given up, the latest because: {}",
                          text.empty() ? "" : " ", lost.recent, lost.recent == 1 ? "message" : "messages", platform,
                          lost.recent == 1 ? "was" : "were", lost.error);
    };
    add("the console", console_delivery);
    if (slack_delivery) add("Slack", *slack_delivery);
    return text;
  }

  std::string delivery_metrics() const {
    std::string text =
        "# HELP vedette_oldest_unposted_seconds How long the oldest undelivered message waits.\n"
        "# TYPE vedette_oldest_unposted_seconds gauge\n";
    const auto line = [&](std::string_view platform, const chat::Delivery& delivery) {
      const auto age = delivery.oldest_undelivered().value_or(Duration(0));
      text += fmt::format("vedette_oldest_unposted_seconds{{platform=\"{}\"}} {}\n", platform,
                          std::chrono::duration<double>(age).count());
    };
    line("console", console_delivery);
    if (slack_delivery) line("slack", *slack_delivery);
    text +=
        "# HELP vedette_messages_given_up Messages in the outbox that will not be tried again.\n"
        "# TYPE vedette_messages_given_up gauge\n";
    const auto lost = [&](std::string_view platform, const chat::Delivery& delivery) {
      text += fmt::format("vedette_messages_given_up{{platform=\"{}\"}} {}\n", platform, delivery.given_up().all);
    };
    lost("console", console_delivery);
    if (slack_delivery) lost("slack", *slack_delivery);
    if (slack) {
      text += fmt::format(
          "# HELP vedette_slack_sockets Socket Mode links that are up.\n# TYPE vedette_slack_sockets gauge\n"
          "vedette_slack_sockets {}\n"
          "# HELP vedette_slack_refused Whether Slack refuses a token, a scope or Socket Mode itself.\n"
          "# TYPE vedette_slack_refused gauge\nvedette_slack_refused {}\n"
          "# HELP vedette_slack_foreign_sockets Sockets of the app that Slack counts beyond ours.\n"
          "# TYPE vedette_slack_foreign_sockets gauge\nvedette_slack_foreign_sockets {}\n",
          slack->socket().connected(), slack->refusal().empty() ? 0 : 1, slack->socket().ghosts());
    }
    if (slack && slack->uses_http()) text += request_metrics(slack->http_counts());
    return text;
  }

  std::unique_ptr<Store> store;
  std::unique_ptr<net::HttpClient> http;
  std::unique_ptr<respond::Providers> providers;
  Directory directory;
  policy::Policy policy;
  respond::ActionService actions;
  commands::Runner runner;
  commands::CommandForms forms;
  chat::Router router;
  chat::StoreHome home;
  console::Console console;
  intake::Intake intake;
  BlockingPool pool;  // joined before what its threads read is taken apart
  HttpApi api;
  std::unique_ptr<net::HttpServer> server;
  investigate::EventLogSource event_log;
  intake::Pipeline pipeline;
  investigate::Worker worker;
  respond::ActionExecutor executor;
  chat::Presenter presenter;
  chat::SnoozeClock snooze_clock;
  chat::Delivery console_delivery;
  std::unique_ptr<slack::Slack> slack;
  std::unique_ptr<chat::Delivery> slack_delivery;
  std::string slack_channel;
  TaskGroup jobs;
};

App::App(Executor io, Config config, const Clock& clock) : io_(std::move(io)), config_(std::move(config)), clock_(clock) {}
App::~App() = default;

Status App::start() {
  SqliteOptions options;
  options.path = config_.store_path;
  options.clock = &clock_;
  TRY(auto store, open_sqlite_store(io_, std::move(options)));
  auto http = net::make_http_client(io_, {});
  auto providers = std::make_unique<respond::Providers>();
  for (const auto& action : config_.actions) {
    auto provider = integrations::make_action_provider(action, *http, clock_);
    if (!provider)
      return Error(provider.error().code, fmt::format("actions: {}: {}", action.name, provider.error().message));
    TRY_VOID(providers->add(std::move(*provider)));
  }
  parts_ = std::make_unique<Parts>(io_, config_, clock_, std::move(store), std::move(providers), std::move(http));
  Parts& p = *parts_;
  p.api.add_routes(*p.server);
  p.console.add_routes(*p.server);
  if (p.slack) p.slack->add_routes(*p.server);
  if (auto bound = p.server->start(); !bound) {
    p.store->close();
    parts_.reset();
    return bound;
  }
  // Slack first: being connected is what people wait for.
  if (p.slack) p.slack->start();
  p.jobs.spawn("placing", p.pipeline.run());
  p.jobs.spawn("analyst", p.worker.run());
  p.jobs.spawn("presenter", p.presenter.run());
  p.jobs.spawn("snoozes", p.snooze_clock.run());
  p.jobs.spawn("router", p.router.run());
  p.jobs.spawn("console delivery", p.console_delivery.run());
  if (p.slack_delivery) p.jobs.spawn("slack delivery", p.slack_delivery->run());
  p.executor.start(p.jobs);
  return {};
}

boost::asio::awaitable<bool> App::stop(Deadline deadline) {
  Parts& p = *parts_;
  co_await p.server->stop(deadline);
  co_await p.console.stop(deadline);
  if (p.slack) co_await p.slack->stop(deadline);
  const bool ended = co_await p.jobs.stop(deadline);
  if (!ended) log::warning("app", "{} jobs did not end in time", p.jobs.running());
  p.store->close();
  co_return ended;
}

uint16_t App::port() const { return parts_->server->port(); }
Store& App::store() { return *parts_->store; }
net::HttpClient& App::http() { return *parts_->http; }

std::string App::local_url() const {
  const bool tls = !config_.server.certificate_file.empty();
  const bool v6 = config_.server.address.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + config_.server.address + "]" : config_.server.address;
  return fmt::format("{}://{}:{}", tls ? "https" : "http", host, port());
}

}  // namespace vedette::app
