#include "integrations/teams/options.hpp"

#include "bot/net/http_client.hpp"

namespace vedette::teams {

Cloud public_cloud() { return {}; }

Cloud us_government_cloud() {
  Cloud cloud;
  cloud.issuer = "https://api.botframework.us";
  cloud.openid_url = "https://login.botframework.azure.us/v1/.well-known/openidconfiguration";
  cloud.login_url = "https://login.microsoftonline.us/";
  cloud.scope = "https://api.botframework.us/.default";
  cloud.service_url = "https://smba.infra.gov.teams.microsoft.us/teams/";
  cloud.socket_url.clear();  // Socket Mode is offered in the public cloud alone
  cloud.trusted_hosts = {"*.botframework.azure.us", "*.teams.microsoft.us"};
  return cloud;
}

TeamsOptions::TeamsOptions() : cloud(public_cloud()) {
  const net::HttpClientOptions environment;
  proxy = environment.proxy;
  no_proxy = environment.no_proxy;
}

bool is_channel(std::string_view conversation) {
  return conversation.ends_with("@thread.tacv2") || conversation.ends_with("@thread.skype");
}

}  // namespace vedette::teams
