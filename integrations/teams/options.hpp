#pragma once
// What Teams needs to be told: who we are, by which way activities come in, addresses, trust and timings. Filled from the
// config section `chat.teams`; every timing has the value that suits Teams, and tests shorten them.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/secret.hpp"

namespace vedette::teams {

// How activities reach us.
enum class Way {
  https,   // POST /api/messages to our own server
  relay,   // Azure Relay Hybrid Connections: we listen over a WebSocket we open
  socket,  // Teams Socket Mode (preview): one WebSocket we open a geography
};

// How we prove to Microsoft who we are: exactly one of secret, certificate and managed identity.
struct Credentials {
  Secret secret;
  std::string certificate_file;  // PEM; with `key_file`
  std::string key_file;          // PEM, RSA
  bool managed_identity = false;
  std::string identity_endpoint;  // of the machine's identity service; empty: IDENTITY_ENDPOINT, else Azure's address
};

// The addresses of one Microsoft cloud. Sources: learn.microsoft.com/azure/bot-service/rest-api/
// bot-framework-rest-connector-authentication and, for the government's, its page on US Government.
struct Cloud {
  std::string issuer = "https://api.botframework.com";  // of tokens that come with activities
  std::string openid_url = "https://login.botframework.com/v1/.well-known/openidconfiguration";
  std::string login_url = "https://login.microsoftonline.com/";        // of our own tokens
  std::string scope = "https://api.botframework.com/.default";         // of tokens for the Connector
  std::string service_url = "https://smba.trafficmanager.net/teams/";  // before an activity has told a better one
  std::string socket_url = "https://botapi.skype.com/";
  std::vector<std::string> trusted_hosts = {"smba.trafficmanager.net", "*.botframework.com", "*.teams.microsoft.com"};
};
Cloud public_cloud();
Cloud us_government_cloud();

struct RelayOptions {
  std::string namespace_url;  // "https://contoso.servicebus.windows.net"; in tests loopback
  std::string connection;     // name of the hybrid connection
  std::string key_name;       // of a rule with Listen; empty: an Entra token (role Azure Relay Listener)
  Secret key;
  std::string entra_scope = "https://relay.azure.net/.default";
  std::chrono::seconds token_life = std::chrono::hours(1);    // of a signature of ours; renewed at half of it
  std::chrono::milliseconds pong = std::chrono::seconds(60);  // the service drops silent listeners after some four minutes
  std::chrono::milliseconds silent = std::chrono::seconds(450);      // nothing received for so long: dead
  std::chrono::milliseconds answer_wait = std::chrono::seconds(55);  // of one request; the service waits for 60 s
  std::vector<std::chrono::milliseconds> pauses;  // between attempts to connect; empty: 0, 1, 2, 5, 10, 30 s
};

struct SocketOptions {
  std::vector<std::string> geographies = {"amer", "emea", "apac"};
  std::chrono::milliseconds ping = std::chrono::seconds(15);
  std::chrono::milliseconds silent = std::chrono::seconds(30);
  std::chrono::milliseconds rotate_before = std::chrono::seconds(60);  // before the ticket expires
  std::chrono::milliseconds keep_old = std::chrono::seconds(5);        // the old socket, once the new one is ready
  std::chrono::milliseconds backoff_first = std::chrono::seconds(1);
  std::chrono::milliseconds backoff_most = std::chrono::seconds(15);
};

struct Sensitivity {
  std::string name;  // "Confidential"; empty: none
  std::string description;
};

struct TeamsOptions {
  TeamsOptions();  // proxies as in net::HttpClientOptions: from HTTPS_PROXY and NO_PROXY

  std::string app_id;                        // a GUID; also the audience of tokens that come in
  std::string tenant;                        // of our own tokens; a GUID
  std::vector<std::string> allowed_tenants;  // whose activities are taken; empty: `tenant` alone
  Credentials credentials;
  Cloud cloud;
  Way way = Way::https;
  RelayOptions relay;
  SocketOptions socket;
  bool development_tokens = false;  // take the Emulator's tokens (issued by Entra for our own app) too
  Sensitivity sensitivity;
  std::string ca_file;  // PEM for the sockets; empty: the system's store
  std::string proxy;    // for the sockets; empty: none
  std::string no_proxy;

  std::string channel;  // where cases go that no route sends elsewhere

  std::chrono::milliseconds answer_wait = std::chrono::seconds(8);    // of all before the answer; Teams gives up after 15 s
  std::chrono::milliseconds call_wait = std::chrono::seconds(10);     // one call to Microsoft
  std::chrono::milliseconds pace = std::chrono::milliseconds(1000);   // between two messages into one conversation
  std::chrono::milliseconds settle_delay = std::chrono::seconds(2);   // before a message of unknown fate is sent again
  std::chrono::seconds skew = std::chrono::seconds(300);              // of clocks, for exp and nbf
  std::chrono::milliseconds key_age = std::chrono::hours(24);         // after which signing keys are fetched anew
  std::chrono::milliseconds key_floor = std::chrono::minutes(1);      // between two fetches for unknown key ids
  std::chrono::milliseconds token_early = std::chrono::minutes(5);    // our own tokens are renewed so long before their end
  std::chrono::milliseconds person_cache = std::chrono::seconds(60);  // how old a look-up of a person may be
  std::chrono::milliseconds refused_probe = std::chrono::minutes(3);  // one question in so long while Microsoft refuses us
};

// By its id, whether a conversation is a channel of a team: those have threads, chats have none.
bool is_channel(std::string_view conversation);
// "8e0c7f7e-9e0a-4f0e-a2a4-3f0a4b9d2c11": how Microsoft writes tenants, apps and people.
bool is_guid(std::string_view text);

}  // namespace vedette::teams
