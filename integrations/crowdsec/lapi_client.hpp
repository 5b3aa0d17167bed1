#pragma once
// The calls to CrowdSec's Local API, with sign-in. Tokens are kept until shortly before they end and renewed once when
// refused. Used from the io thread only.
//
// Errors: unavailable = surely nothing happened on the other side; unknown_outcome = it may have; rate_limited;
// unauthenticated = the credentials are refused. Other answers are values with their HTTP status.

#include <optional>
#include <string>

#include "bot/base/secret.hpp"
#include "bot/net/http_client.hpp"

namespace vedette::crowdsec {

class LapiClient {
 public:
  LapiClient(net::HttpClient& http, std::string base, std::string machine_id, Secret password, Secret bouncer_key,
             const Clock& clock);

  // As the machine. `path` is relative with its query: "v1/alerts?ip=…".
  Async<net::HttpResponse> call(std::string method, std::string path, std::string body, Deadline deadline);
  // As the bouncer; only with has_bouncer_key().
  Async<net::HttpResponse> read_as_bouncer(std::string path, Deadline deadline);
  bool has_bouncer_key() const { return !bouncer_key_.empty(); }

 private:
  Async<std::string> token(Deadline deadline);
  Async<net::HttpResponse> send(net::HttpRequest request, Deadline deadline);

  net::HttpClient& http_;
  std::string base_;
  std::string machine_id_;
  Secret password_;
  Secret bouncer_key_;
  const Clock& clock_;
  Secret token_;
  Time token_ends_;
};

}  // namespace vedette::crowdsec
