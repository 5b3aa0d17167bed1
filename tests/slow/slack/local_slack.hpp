#pragma once
// local-slack (npm, MIT): a Slack emulator by people who know nothing of Vedette, as a process on loopback.
//
// What it does otherwise than Slack (version 0.1.8): it gives each envelope to every socket, forgets the metadata of
// messages, takes any token, lets a trigger live for 30 minutes, never disconnects, and knows no message shortcuts, user
// groups, streams or block limits. It listens on every address of the machine; here tests/preload/loopback.cpp keeps it on
// this one.

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bot/net/http_client.hpp"
#include "tests/support/files.hpp"
#include "tests/support/foreign.hpp"
#include "tests/support/process.hpp"

namespace vedette::test {

class LocalSlack {
 public:
  // Starts it with the people and the channel of tests/support/bot.hpp; throws when it does not come up.
  LocalSlack(Executor io, const Foreign& foreign, const TempDir& folder);
  // Why it cannot be had here, as a sentence; empty: it can.
  static std::string why_not(const Foreign& foreign);

  std::string api_url() const { return url_ + "/api/"; }
  Process& process() { return process_; }

  // What people do. Each answers once the bot has acknowledged, or after five seconds; false: the emulator did not take it.
  boost::asio::awaitable<bool> say(std::string user, std::string channel, std::string text, std::string thread_ts = "");
  boost::asio::awaitable<bool> slash(std::string user, std::string text);
  // Presses the button with this value under a message of C0SOC.
  boost::asio::awaitable<bool> press(std::string user, std::string message_ts, std::string value);
  boost::asio::awaitable<bool> react(std::string user, std::string message_ts, std::string emoji, bool present);
  boost::asio::awaitable<bool> open_home(std::string user);
  // Sends the modal that stands open, as its page does: values by block, then by action.
  boost::asio::awaitable<bool> submit(std::string user, nlohmann::json values);

  boost::asio::awaitable<nlohmann::json> messages(std::string channel);
  // What its own page is shown: modalStack, homeViews, channels, log.
  boost::asio::awaitable<nlohmann::json> page();

 private:
  boost::asio::awaitable<nlohmann::json> get(std::string path);
  boost::asio::awaitable<bool> control(std::string what, nlohmann::json body);

  std::unique_ptr<net::HttpClient> client_;
  uint16_t port_;
  std::string url_;
  Process process_;
};

}  // namespace vedette::test
