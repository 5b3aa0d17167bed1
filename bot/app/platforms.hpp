#pragma once
// The chat platforms of the configuration, put together with their deliveries: how each is started and stopped, whether it
// works, what it counts. Lives as long as the app; io thread only.

#include <memory>
#include <string>
#include <vector>

#include "bot/app/config.hpp"
#include "bot/chat/delivery.hpp"
#include "bot/chat/home.hpp"
#include "bot/chat/store_cards.hpp"
#include "bot/chat/store_conversations.hpp"
#include "commands/runner.hpp"
#include "integrations/slack/slack.hpp"
#include "integrations/teams/teams.hpp"

namespace vedette::app {

class Platforms {
 public:
  // All of it outlives this, except the configuration.
  struct Around {
    Executor io;
    Store& store;
    net::HttpClient& http;
    const Clock& clock;
    chat::InteractionSink& sink;
    commands::Runner& runner;
    const chat::Forms& forms;
    chat::HomePages& home;
    chat::ChatPlatform& console;
  };
  // invalid_input when a platform's credentials cannot be read.
  static Result<std::unique_ptr<Platforms>> make(const Around& around, const Config& config);

  void add_routes(net::HttpServer& server);
  void start(TaskGroup& jobs);
  boost::asio::awaitable<void> stop(Deadline deadline);

  // Why people cannot be reached at the moment; empty: they can.
  std::string not_ready() const;
  // Nothing that waiting or another replica would mend, so no reason to take Vedette out of service.
  std::string degraded() const;
  std::string metrics() const;
  // The channel in which somebody is told what nobody else shall read; empty: none is known.
  std::string direct_channel(const Identity& who) const;
  // The person with the roles a platform adds at this moment.
  boost::asio::awaitable<Person> with_added_roles(Identity who, Person person);

 private:
  explicit Platforms(const Around& around);
  void make_slack(const Config& config);
  Status make_teams(const Config& config);
  chat::Delivery* deliver_to(chat::ChatPlatform& platform, std::string spoken_name);
  void tell_slack(const chat::Card& card);
  Job put(OutboxMessage message);
  boost::asio::awaitable<std::optional<std::string>> slack_refusal(std::string user, commands::Effect effect);
  boost::asio::awaitable<std::optional<std::string>> teams_refusal(Identity who, commands::Effect effect);
  boost::asio::awaitable<commands::AddedRoles> group_roles(std::string user, commands::Effect effect);
  std::string slack_not_ready() const;
  std::string teams_not_ready() const;

  struct Served {
    std::string spoken_name;  // "the console", "Slack"
    std::string platform;
    std::unique_ptr<chat::Delivery> delivery;
  };

  Around around_;
  chat::StoreCards cards_;
  chat::StoreConversations conversations_;
  std::unique_ptr<slack::Slack> slack_;
  std::string slack_channel_;
  chat::Delivery* slack_delivery_ = nullptr;
  std::unique_ptr<teams::Teams> teams_;
  chat::Delivery* teams_delivery_ = nullptr;
  std::vector<Served> served_;  // behind the platforms: they go first
  TaskGroup notices_;
};

}  // namespace vedette::app
