#pragma once
// Blocks and unblocks IP addresses through a CrowdSec Local API (tried against 1.4.6;
// https://crowdsecurity.github.io/api_doc/lapi/).
//
//   block_ip    an alert carrying one decision of type ban, origin "vedette", tagged with the action's key in its scenario.
//               Parameter `duration` ("4h", the default; s, m, h or d; 1 minute to 30 days)
//   unblock_ip  deletes the ban decisions on exactly this address; bans on a whole range stay, and the receipt says so
//
// The API is spoken to as a machine ("watcher"): machine id and password are exchanged for a token that is kept until
// shortly before it ends. A bouncer key is optional; with it look_up() asks what bouncers are told. Used from the io thread;
// the HTTP client and clock outlive it.

#include <memory>
#include <string>

#include "bot/base/secret.hpp"
#include "bot/net/http_client.hpp"
#include "bot/respond/action_provider.hpp"

namespace vedette::crowdsec {

struct CrowdsecOptions {
  std::string name = "crowdsec";
  std::string url;         // base: "http://127.0.0.1:8080", trailing slash or not
  std::string machine_id;  // as made by `cscli machines add`
  Secret password;
  Secret bouncer_key;  // may be empty; as made by `cscli bouncers add`
};

// invalid_input for a bad URL or missing credentials.
Result<std::unique_ptr<respond::ActionProvider>> make_crowdsec_provider(net::HttpClient& client, CrowdsecOptions options,
                                                                        const Clock& clock = system_clock());

}  // namespace vedette::crowdsec
