#pragma once
// Looks whether Microsoft and this machine are set up for each other, for `vedette doctor`: ids, proxy, credentials, signing
// keys, clock, the way in, channels and, where asked for, a message posted and taken away again. Each finding says what to
// do. Posts nothing unless told to. One examination an object; io thread only.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/base/finding.hpp"
#include "bot/domain/conversation.hpp"
#include "bot/net/http_client.hpp"
#include "integrations/teams/connector.hpp"
#include "integrations/teams/keys.hpp"
#include "integrations/teams/tokens.hpp"

namespace vedette::teams {

// Our own server, as configured.
struct OwnServer {
  std::string address;
  uint16_t port = 0;  // 0: not known before the start
  bool tls = false;
};

struct Examination {
  std::vector<std::string> channels;  // ids, as configured
  // What earlier runs learnt; none: the database cannot be looked into now.
  std::optional<std::vector<Conversation>> known;
  // A Vedette is at work. A listener of our own beside its own could be given an activity that is then late.
  bool running = false;
  OwnServer server;
  std::string post_channel;  // empty: nothing is posted
};

class Doctor {
 public:
  // `http` and `clock` outlive it.
  Doctor(Executor executor, net::HttpClient& http, const Clock& clock, TeamsOptions options);
  boost::asio::awaitable<std::vector<Finding>> examine(Examination examination, Deadline deadline);

 private:
  void found(Finding::Kind kind, std::string what, std::string text, std::string advice = {});
  void look_at_ids();
  Job look_at_credentials(Deadline deadline);
  Job look_at_keys(Deadline deadline);
  Job look_at_way(const Examination& examination, Deadline deadline);
  Job look_at_https(OwnServer server, bool running, Deadline deadline);
  Job look_at_tls(OwnServer server, bool running, Deadline deadline);
  Job look_at_relay(Deadline deadline);
  Job look_at_sockets(Deadline deadline);
  Job look_at_channel(std::string channel, std::optional<Conversation> known, bool heard_of, Deadline deadline);
  Job post_and_delete(Place place, Deadline deadline);
  Place place_of(const std::string& channel, const std::optional<Conversation>& known) const;

  Executor executor_;
  net::HttpClient& http_;
  const Clock& clock_;
  TeamsOptions options_;
  std::unique_ptr<TokenSource> tokens_;  // null: the credentials cannot be used
  bool token_issued_ = false;
  std::vector<Finding> findings_;
};

}  // namespace vedette::teams
