#pragma once
// `vedette doctor`: looks at everything a running Vedette would need (configuration, database, action systems, people,
// Slack, Teams) and says what to do about what is wrong. Changes nothing: an existing database is checked and read as it is.
// Beside a running Vedette it is left alone.

#include <functional>
#include <string>
#include <vector>

#include "bot/app/config.hpp"
#include "bot/base/async.hpp"
#include "bot/base/finding.hpp"
#include "bot/net/http_client.hpp"

namespace vedette::app {

struct DoctorArguments {
  std::string config;        // path
  std::string post_channel;  // empty: no message is posted
};

using vedette::Finding;

// All findings for a configuration that could be read.
boost::asio::awaitable<std::vector<Finding>> examine(Executor executor, Config config, net::HttpClient& http,
                                                     const Clock& clock, std::string post_channel);
// One finding as it is printed: "problem  channel C0123  the bot is not in #soc." and what to do on the next line.
std::string to_text(const Finding& finding);
bool wanting(const std::vector<Finding>& findings);  // whether one is a problem

// Reads the configuration, looks, prints; 1 when something is wrong, else 0.
int run_doctor(const DoctorArguments& arguments, const std::function<void(const std::string&)>& print);

}  // namespace vedette::app
