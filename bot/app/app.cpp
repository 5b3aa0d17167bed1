#include "bot/app/app.hpp"

#include "bot/app/http_api.hpp"
#include "bot/app/platforms.hpp"
#include "bot/chat/home_card.hpp"
#include "bot/chat/link_book.hpp"
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

namespace vedette::app {
namespace {

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

}  // namespace

// In the order they are made; they go in the opposite one.
struct App::Parts {
  Parts(Executor io, Config& config, const Clock& clock, std::unique_ptr<Store> opened,
        std::unique_ptr<respond::Providers> made, std::unique_ptr<net::HttpClient> client)
      : store(std::move(opened)),
        http(std::move(client)),
        providers(std::move(made)),
        directory(config.people),
        links(*store, directory),
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
        jobs(io, "app") {
    presenter.offer_settings([this](const ActionPlan& plan) { return providers->settings(plan); });
    for (const char* platform : {"slack", "teams"}) {
      links.reach_by(platform, [this](const Identity& who) { return platforms->direct_channel(who); });
    }
    runner.link_through(links);
  }

  // Who is who is known before the first command runs.
  Job run_router() {
    const bool known = co_await links.load_at_start();
    if (known) co_await router.run();
  }

  chat::HomeRights home_rights() {
    chat::HomeRights rights;
    rights.with_roles = [this](Identity who, Person person) {
      return platforms->with_added_roles(std::move(who), std::move(person));
    };
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
    options.more_metrics = [this] { return platforms->metrics(); };
    options.not_ready = [this] { return platforms->not_ready(); };
    options.degraded = [this] { return platforms->degraded(); };
    return options;
  }

  boost::asio::awaitable<bool> signed_in(net::HttpRequest request) {
    const Person* person = co_await console.person_of(std::move(request));
    co_return person != nullptr;
  }

  std::unique_ptr<Store> store;
  std::unique_ptr<net::HttpClient> http;
  std::unique_ptr<respond::Providers> providers;
  Directory directory;
  chat::LinkBook links;
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
  std::unique_ptr<Platforms> platforms;
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
  const Platforms::Around around{io_, *p.store, *p.http, clock_, p.router, p.runner, p.forms, p.home, p.console.platform()};
  auto platforms = Platforms::make(around, config_);
  if (!platforms) {
    p.store->close();
    parts_.reset();
    return std::move(platforms).error();
  }
  p.platforms = std::move(*platforms);
  p.platforms->add_routes(*p.server);
  if (auto bound = p.server->start(); !bound) {
    p.store->close();
    parts_.reset();
    return bound;
  }
  // Chat first: being connected is what people wait for.
  p.platforms->start(p.jobs);
  p.jobs.spawn("placing", p.pipeline.run());
  p.jobs.spawn("analyst", p.worker.run());
  p.jobs.spawn("presenter", p.presenter.run());
  p.jobs.spawn("snoozes", p.snooze_clock.run());
  p.jobs.spawn("router", p.run_router());
  p.executor.start(p.jobs);
  return {};
}

boost::asio::awaitable<bool> App::stop(Deadline deadline) {
  Parts& p = *parts_;
  co_await p.server->stop(deadline);
  co_await p.console.stop(deadline);
  co_await p.platforms->stop(deadline);
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
