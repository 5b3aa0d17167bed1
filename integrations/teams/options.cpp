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

bool is_guid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

}  // namespace vedette::teams
