#include "integrations/slack/options.hpp"

#include "bot/net/http_client.hpp"

namespace vedette::slack {

SlackOptions::SlackOptions() {
  const net::HttpClientOptions http;
  proxy = http.proxy;
  no_proxy = http.no_proxy;
}

}  // namespace vedette::slack
