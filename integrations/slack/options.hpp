#pragma once
// What Slack needs to be told: tokens, addresses and timings. Filled from the config section `chat.slack`; every timing has
// the value that suits Slack, and tests shorten them.

#include <chrono>
#include <string>
#include <vector>

#include "bot/base/secret.hpp"

namespace vedette::slack {

// A user group of the workspace whose members have these roles.
struct GroupOption {
  std::string id;  // S…
  std::vector<std::string> roles;
};

struct SlackOptions {
  SlackOptions();  // proxies as in net::HttpClientOptions: from HTTPS_PROXY and NO_PROXY

  Secret app_token;                                // xapp-…, scope connections:write: opens sockets; empty: no Socket Mode
  Secret bot_token;                                // xoxb-…: everything else
  Secret signing_secret;                           // of requests to /slack/…; empty: they are not taken
  std::string api_url = "https://slack.com/api/";  // with or without the trailing slash
  std::string ca_file;                             // PEM for the sockets; empty: the system's store
  std::string proxy;                               // for the sockets; empty: none
  std::string no_proxy;

  bool classic_blocks = false;  // only the oldest kinds of block, for programs that speak Slack's API and draw no others

  std::vector<std::string> channels;  // whose messages are read after a time without a socket
  std::vector<std::string> people;    // user ids whose direct messages are read then; the same workspace or not
  std::vector<GroupOption> groups;

  size_t sockets = 2;  // 1 to 4; Slack allows ten for the whole app and gives each envelope to any one of them
  std::chrono::milliseconds pace = std::chrono::seconds(1);          // between two posts into one channel
  std::chrono::milliseconds settle_delay = std::chrono::seconds(3);  // a new message may be missing from history for so long

  std::chrono::milliseconds call_wait = std::chrono::seconds(10);     // apps.connections.open and the handshake
  std::chrono::milliseconds hello_wait = std::chrono::seconds(15);    // from the handshake to hello
  std::chrono::milliseconds idle = std::chrono::seconds(20);          // nothing received, pongs included: dead
  std::chrono::milliseconds stable_after = std::chrono::seconds(30);  // a link this old resets the back-off
  std::chrono::milliseconds backoff_first = std::chrono::milliseconds(500);
  std::chrono::milliseconds backoff_most = std::chrono::seconds(60);
  std::chrono::milliseconds too_many_wait = std::chrono::seconds(60);    // after too_many_websockets
  std::chrono::milliseconds ghost_check = std::chrono::seconds(45);      // before sockets that are not ours are believed in
  std::chrono::milliseconds ghost_recheck = std::chrono::minutes(5);     // whether they are still there
  std::chrono::milliseconds refused_probe = std::chrono::minutes(3);     // one question in so long while Slack refuses us
  std::chrono::milliseconds ack_wait = std::chrono::milliseconds(2500);  // Slack gives up on an envelope after three seconds
  std::chrono::milliseconds catch_up_again = std::chrono::seconds(30);   // when the history could not be read
  std::chrono::milliseconds catch_up_for = std::chrono::minutes(5);      // one attempt at it; the next one goes on
  std::chrono::milliseconds held_back = std::chrono::seconds(70);        // the minute for which Slack sends no events
  std::chrono::milliseconds person_cache = std::chrono::seconds(60);     // how old a look-up of a person may be
  std::chrono::milliseconds group_cache = std::chrono::minutes(5);       // how old a look-up of a user group may be
  std::chrono::milliseconds group_fresh = std::chrono::seconds(5);       // the same where something is decided
  std::chrono::milliseconds group_busy = std::chrono::seconds(60);       // and where Slack asks to wait
  std::chrono::milliseconds group_retry = std::chrono::seconds(3);       // after a look-up that failed
  std::chrono::milliseconds newer_again = std::chrono::hours(1);         // newer blocks or files, after they were refused
  std::chrono::milliseconds share_wait = std::chrono::seconds(20);       // a file shared may appear in its thread so late
  std::chrono::milliseconds home_pace = std::chrono::seconds(3);         // between two publishes of one Home tab
  std::chrono::milliseconds home_watch = std::chrono::minutes(10);       // who looked at it so lately sees changes there
};

}  // namespace vedette::slack
