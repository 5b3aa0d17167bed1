#include "bot/app/platforms.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/app/platform_metrics.hpp"
#include "bot/base/log.hpp"
#include "integrations/slack/notices.hpp"

namespace vedette::app {
namespace {

constexpr std::chrono::minutes kUnpostedTooLong(5);
constexpr std::chrono::seconds kPersonCheck(5);

// Every channel that a route of this platform names, once each.
std::vector<std::string> channels_of(const Config& config, std::string_view platform) {
  std::vector<std::string> channels;
  for (const auto& route : routes_of(config)) {
    const bool listed = std::find(channels.begin(), channels.end(), route.channel) != channels.end();
    if (route.platform == platform && !listed) channels.push_back(route.channel);
  }
  return channels;
}

slack::SlackOptions slack_options(const Config& config) {
  slack::SlackOptions options = config.slack->options;
  options.channels = channels_of(config, "slack");
  for (const auto& person : config.people) {
    for (const auto& identity : person.identities) {
      if (identity.platform == "slack") options.people.push_back(identity.user);
    }
  }
  return options;
}

bool stuck(const chat::Delivery& delivery) { return delivery.oldest_unposted().value_or(Duration(0)) > kUnpostedTooLong; }

}  // namespace

Platforms::Platforms(const Around& around)
    : around_(around), cards_(around.store), conversations_(around.store.conversations()), notices_(around.io, "notices") {}

Result<std::unique_ptr<Platforms>> Platforms::make(const Around& around, const Config& config) {
  std::unique_ptr<Platforms> made(new Platforms(around));
  made->deliver_to(around.console, "the console");
  if (config.slack) made->make_slack(config);
  if (config.teams) TRY_VOID(made->make_teams(config));
  return made;
}

chat::Delivery* Platforms::deliver_to(chat::ChatPlatform& platform, std::string spoken_name) {
  auto delivery = std::make_unique<chat::Delivery>(around_.io, around_.store, platform, around_.clock);
  served_.push_back({std::move(spoken_name), platform.name(), std::move(delivery)});
  return served_.back().delivery.get();
}

void Platforms::make_slack(const Config& config) {
  slack::SocketModeEvents events;
  events.changed = [](size_t connected) { log::info("slack", "{} sockets connected", connected); };
  events.ghosts = [this](int64_t counted, size_t ours) { tell_slack(slack::ghosts_notice(counted, ours)); };
  events.ghosts_gone = [this] { tell_slack(slack::ghosts_gone_notice()); };
  slack_channel_ = config.slack->channel;
  slack_ = std::make_unique<slack::Slack>(around_.io, around_.http, around_.clock, slack_options(config), around_.sink,
                                          std::move(events), &around_.home);
  for (const auto topic : {Store::Topic::cases, Store::Topic::actions}) {
    around_.store.on_commit(topic, slack_->home().change_listener());
  }
  slack_->offer(around_.forms);
  slack_delivery_ = deliver_to(slack_->platform(), "Slack");
  if (!config.slack->options.groups.empty()) {
    around_.runner.add_roles_of(
        "slack", [this](Identity who, commands::Effect effect) { return group_roles(std::move(who.user), effect); });
  }
  around_.runner.ask_before(
      "slack", [this](Identity who, commands::Effect effect) { return slack_refusal(std::move(who.user), effect); });
}

Status Platforms::make_teams(const Config& config) {
  auto channels = channels_of(config, "teams");
  if (channels.empty()) channels.push_back(config.teams->channel);
  TRY(auto tokens, teams::make_token_source(around_.io, around_.http, around_.clock, *config.teams));
  teams_ = std::make_unique<teams::Teams>(around_.io, around_.http, around_.clock, *config.teams, std::move(tokens),
                                          around_.sink, conversations_, std::move(channels));
  teams_->offer(around_.forms, cards_);
  teams_delivery_ = deliver_to(teams_->platform(), "Teams");
  around_.runner.ask_before("teams",
                            [this](Identity who, commands::Effect effect) { return teams_refusal(std::move(who), effect); });
  return {};
}

void Platforms::add_routes(net::HttpServer& server) {
  if (slack_) slack_->add_routes(server);
  if (teams_) teams_->add_routes(server);
}

void Platforms::start(TaskGroup& jobs) {
  if (slack_) slack_->start();
  if (teams_) teams_->start();
  for (const auto& served : served_) jobs.spawn(served.platform + " delivery", served.delivery->run());
}

boost::asio::awaitable<void> Platforms::stop(Deadline deadline) {
  if (slack_) co_await slack_->stop(deadline);
  if (teams_) co_await teams_->stop(deadline);
  co_await notices_.stop(deadline);
}

// About the connection to Slack, in its own channel: one message, changed as things change.
void Platforms::tell_slack(const chat::Card& card) {
  OutboxMessage message;
  message.slot = "notice/slack-connections";
  message.platform = "slack";
  message.channel = slack_channel_;
  message.lane = Lane::page;
  message.card = chat::to_json(card);
  notices_.spawn("notice", put(std::move(message)));
}

Job Platforms::put(OutboxMessage message) {
  std::vector<OutboxMessage> messages;
  messages.push_back(std::move(message));
  const auto done = co_await around_.store.outbox().put(std::move(messages));
  if (!done) log::warning("app", "a notice could not be stored: {}", done.error().message);
}

boost::asio::awaitable<std::optional<std::string>> Platforms::slack_refusal(std::string user, commands::Effect effect) {
  const auto weight = commands::weighs_as_decision(effect) ? slack::Weight::decide : slack::Weight::act;
  const Deadline deadline = Deadline::after(kPersonCheck);
  co_return co_await slack_->people().refusal(std::move(user), weight, deadline);
}

boost::asio::awaitable<std::optional<std::string>> Platforms::teams_refusal(Identity who, commands::Effect effect) {
  const bool deciding = commands::weighs_as_decision(effect);
  const Deadline deadline = Deadline::after(kPersonCheck);
  co_return co_await teams_->people().refusal(std::move(who), deciding, deadline);
}

boost::asio::awaitable<commands::AddedRoles> Platforms::group_roles(std::string user, commands::Effect effect) {
  const bool deciding = effect == commands::Effect::decides_action;
  const Deadline deadline = Deadline::after(kPersonCheck);
  auto found = co_await slack_->groups().roles_of(std::move(user), deciding, deadline);
  commands::AddedRoles added;
  added.roles = std::move(found.roles);
  added.doubt = std::move(found.doubt);
  co_return added;
}

// Slack takes a user's id for their direct conversation (docs.slack.dev/reference/methods/chat.postMessage#channels).
std::string Platforms::direct_channel(const Identity& who) const {
  if (who.platform == "slack") return who.user;
  if (who.platform != "teams" || !teams_) return {};
  const auto* chat = teams_->book().personal(who.workspace, who.user);
  return chat == nullptr || chat->blocked ? std::string() : chat->id;
}

boost::asio::awaitable<Person> Platforms::with_added_roles(Identity who, Person person) {
  if (!slack_ || who.platform != "slack") co_return person;
  const auto added = co_await group_roles(std::move(who.user), commands::Effect::reads);
  person.roles.insert(person.roles.end(), added.roles.begin(), added.roles.end());
  co_return person;
}

std::string Platforms::slack_not_ready() const {
  if (!slack_) return {};
  if (const std::string why = slack_->refusal(); !why.empty()) {
    return "Slack does not let Vedette in: " + why + " It asks again every few minutes; no restart is needed.";
  }
  if (slack_->uses_sockets() && slack_->socket().connected() == 0) return "Not connected to Slack";
  return stuck(*slack_delivery_) ? "Messages to Slack are waiting: " + slack_delivery_->health().last_error : "";
}

std::string Platforms::teams_not_ready() const {
  if (!teams_) return {};
  if (const std::string why = teams_->refusal(); !why.empty()) {
    return "Teams does not let Vedette in: " + why + " It asks again every few minutes; no restart is needed.";
  }
  if (!teams_->state().open) return "Not connected to Teams";
  return stuck(*teams_delivery_) ? "Messages to Teams are waiting: " + teams_delivery_->health().last_error : "";
}

std::string Platforms::not_ready() const {
  const std::string slack = slack_not_ready();
  const std::string teams = teams_not_ready();
  return slack.empty() || teams.empty() ? slack + teams : slack + " " + teams;
}

std::string Platforms::degraded() const {
  std::string text;
  for (const auto& served : served_) {
    const auto& lost = served.delivery->given_up();
    if (lost.recent == 0) continue;
    text += fmt::format("{}{} {} to {} could not be delivered within the last day and {} given up, the latest because: {}",
                        text.empty() ? "" : " ", lost.recent, lost.recent == 1 ? "message" : "messages", served.spoken_name,
                        lost.recent == 1 ? "was" : "were", lost.error);
  }
  return text;
}

std::string Platforms::metrics() const {
  std::string text =
      "# HELP vedette_oldest_unposted_seconds How long the oldest undelivered message waits.\n"
      "# TYPE vedette_oldest_unposted_seconds gauge\n";
  for (const auto& served : served_) {
    const auto age = served.delivery->oldest_undelivered().value_or(Duration(0));
    text += fmt::format("vedette_oldest_unposted_seconds{{platform=\"{}\"}} {}\n", served.platform,
                        std::chrono::duration<double>(age).count());
  }
  text +=
      "# HELP vedette_messages_given_up Messages in the outbox that will not be tried again.\n"
      "# TYPE vedette_messages_given_up gauge\n";
  for (const auto& served : served_) {
    text +=
        fmt::format("vedette_messages_given_up{{platform=\"{}\"}} {}\n", served.platform, served.delivery->given_up().all);
  }
  if (slack_) text += slack_metrics(*slack_);
  if (teams_) text += teams_metrics(*teams_);
  return text;
}

}  // namespace vedette::app
