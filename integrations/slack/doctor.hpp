#pragma once
// Looks whether Slack and this machine are set up for each other, for `vedette doctor`: proxy, tokens, clock, scopes,
// channels, a socket up to hello and, where asked for, a message posted and taken away again. Each finding says what to do.
// Posts nothing unless told to. One examination an object; io thread only.

#include <memory>
#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/base/finding.hpp"
#include "bot/net/http_client.hpp"
#include "bot/net/websocket.hpp"
#include "integrations/slack/web_api.hpp"

namespace vedette::slack {

struct Examination {
  std::vector<std::string> channels;  // ids, as configured
  // A socket of our own beside those of a running Vedette could be given a click that it then loses.
  bool open_socket = true;
  std::string post_channel;  // empty: nothing is posted
};

class Doctor {
 public:
  // `http` and `clock` outlive it.
  Doctor(Executor executor, net::HttpClient& http, const Clock& clock, SlackOptions options);
  boost::asio::awaitable<std::vector<Finding>> examine(Examination examination, Deadline deadline);

 private:
  struct Greeting;
  void found(Finding::Kind kind, std::string what, std::string text, std::string advice = {});
  void look_at_proxy();
  Job look_at_bot_token(Deadline deadline);
  void look_at_scopes(const net::Headers& headers);
  Job look_at_app_token(bool open_socket, Deadline deadline);
  Job look_at_socket(std::string url, Deadline deadline);
  Job listen(std::shared_ptr<Greeting> greeting);
  Job look_at_channel(std::string channel, Deadline deadline);
  Job post_and_delete(std::string channel, Deadline deadline);

  const Clock& clock_;
  SlackOptions options_;
  WebApi api_;
  TaskGroup jobs_;
  std::vector<Finding> findings_;
  bool bot_token_works_ = false;
};

}  // namespace vedette::slack
