#include "integrations/crowdsec/lapi_client.hpp"

#include <fmt/format.h>

#include "bot/net/url.hpp"
#include "integrations/crowdsec/wire.hpp"

namespace vedette::crowdsec {

LapiClient::LapiClient(net::HttpClient& http, std::string base, std::string machine_id, Secret password, Secret bouncer_key,
                       const Clock& clock)
    : http_(http),
      base_(std::move(base)),
      machine_id_(std::move(machine_id)),
      password_(std::move(password)),
      bouncer_key_(std::move(bouncer_key)),
      clock_(clock) {}

Async<net::HttpResponse> LapiClient::send(net::HttpRequest request, Deadline deadline) {
  request.headers.set("Accept", "application/json");
  // 1.4.6 refuses to sign in a machine whose user agent is not of the form name/version.
  request.headers.set("User-Agent", "vedette/1");
  if (!request.body.empty()) request.headers.set("Content-Type", "application/json");
  auto response = co_await http_.send(std::move(request), deadline);
  if (!response) {
    Error error = std::move(response).error();
    if (error.code != Code::unavailable && error.code != Code::cancelled) error.code = Code::unknown_outcome;
    error.message = error.code == Code::unavailable ? "CrowdSec could not be reached." : "CrowdSec did not answer.";
    co_return error;
  }
  if (response->status == 429) {
    Error error(Code::rate_limited, "CrowdSec asked to wait (429).", true);
    error.http_status = 429;
    error.retry_after = net::parse_retry_after(response->headers.get("Retry-After"), clock_.now());
    co_return error;
  }
  co_return std::move(response).value();
}

Async<std::string> LapiClient::token(Deadline deadline) {
  constexpr std::chrono::seconds kMargin(60);
  if (!token_.empty() && clock_.now() + kMargin < token_ends_) co_return token_.reveal();
  net::HttpRequest request("POST", net::join_url(base_, "v1/watchers/login"));
  request.body = login_body(machine_id_, password_.reveal());
  auto response = co_await send(std::move(request), deadline);
  if (!response) {
    Error error = std::move(response).error();
    // Signing in changes nothing: an answer that was lost here is as harmless as none.
    if (error.code == Code::unknown_outcome) error.code = Code::unavailable;
    co_return error;
  }
  if (response->status == 401 || response->status == 403) {
    co_return Error(Code::unauthenticated,
                    fmt::format("CrowdSec refuses the credentials of the machine '{}'; check them with "
                                "'cscli machines list'.",
                                machine_id_));
  }
  if (response->status != 200) {
    co_return Error(Code::unavailable, fmt::format("Signing in to CrowdSec failed ({}).", response->status), true);
  }
  auto login = parse_login(response->body);
  if (!login) co_return Error(Code::unavailable, login.error().message);
  token_.renew(std::move(login->token));
  token_ends_ = login->expires;
  co_return token_.reveal();
}

Async<net::HttpResponse> LapiClient::call(std::string method, std::string path, std::string body, Deadline deadline) {
  for (bool renewed = false;; renewed = true) {
    CO_TRY(const std::string bearer, token(deadline));
    net::HttpRequest request(method, net::join_url(base_, path));
    request.headers.set("Authorization", "Bearer " + bearer);
    request.body = body;
    CO_TRY(auto response, send(std::move(request), deadline));
    if (response.status != 401) co_return response;
    // Refused before anything was done: sign in anew and say it once more.
    token_.renew(std::string());
    if (renewed) co_return Error(Code::unauthenticated, "CrowdSec refuses the token it has just given.");
  }
}

Async<net::HttpResponse> LapiClient::read_as_bouncer(std::string path, Deadline deadline) {
  net::HttpRequest request("GET", net::join_url(base_, path));
  request.headers.set("X-Api-Key", bouncer_key_.reveal());
  co_return co_await send(std::move(request), deadline);
}

}  // namespace vedette::crowdsec
