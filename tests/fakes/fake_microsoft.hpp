#pragma once
// The Microsoft that proves who is who, on loopback: OpenID metadata and signing keys of the Bot Framework and of Entra, the
// login endpoint for our own tokens, and the identity services of Azure's machines. As strict as the real ones about
// secrets, assertions and requests; faults on request. It signs tokens as the Connector and Entra would, and every kind of
// bad one. A library for tests and a program (fake_microsoft_main.cpp). io thread only. start() … stop(); stop before
// destruction.
//
// Facts: learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication,
// learn.microsoft.com/entra/identity-platform/{v2-oauth2-client-creds-grant-flow,certificate-credentials},
// learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token,
// learn.microsoft.com/azure/app-service/overview-managed-identity.

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bot/base/async.hpp"
#include "bot/base/rsa.hpp"
#include "bot/net/http_server.hpp"
#include "integrations/teams/options.hpp"

namespace vedette::test {

struct FakeMicrosoftOptions {
  uint16_t port = 0;
  std::string app_id = "11111111-aaaa-4bbb-8ccc-000000000001";
  std::string tenant = "22222222-dddd-4eee-8fff-000000000002";
  std::string secret = "a-client-secret-of-the-test";  // empty: no secret is good
  std::string certificate;                             // PEM, of assertions that are good; empty: none is
  std::string identity_header;  // App Service asks for it; empty: the machine's service wants "Metadata: true"
  std::chrono::seconds token_life = std::chrono::hours(1);
  const Clock* clock = nullptr;  // null: the machine's
};

// What an activity's token says where it does not say what a good one says.
struct TokenWish {
  std::string service_url;
  std::string issuer;               // empty: the Connector's
  std::string audience;             // empty: the app
  std::string key;                  // kid in the header, and signed with that key where it is one of ours; empty: Teams'
  std::chrono::seconds age{60};     // since nbf
  std::chrono::seconds life{3600};  // from now to exp; negative: has expired
  std::function<void(nlohmann::json& header, nlohmann::json& claims)> change;  // the last word on both
};

// An Authorization header and what comes of it: 200, 401 or 403.
struct JudgedToken {
  std::string name;
  std::string authorization;
  int status = 0;
};

class FakeMicrosoft {
 public:
  FakeMicrosoft(Executor executor, FakeMicrosoftOptions options);
  ~FakeMicrosoft();
  FakeMicrosoft(const FakeMicrosoft&) = delete;
  FakeMicrosoft& operator=(const FakeMicrosoft&) = delete;

  Status start();
  boost::asio::awaitable<void> stop();
  uint16_t port() const { return server_->port(); }
  std::string url() const;  // "http://127.0.0.1:PORT"
  // Points these options at this fake: app, tenant, secret, keys, login. What else they say stays.
  void fill(teams::TeamsOptions& options) const;

  // --- Tokens of activities
  // "Bearer …" as the Connector sends it with an activity; good unless the wish says otherwise.
  std::string sign_activity_token(const std::string& service_url) const;
  std::string sign_activity_token(const TokenWish& wish) const;
  // As the Emulator sends it: by Entra, for the app itself. `version` is "1.0" or "2.0".
  std::string sign_emulator_token(const std::string& version,
                                  const std::function<void(nlohmann::json& claims)>& change = {}) const;
  // Every kind of token that must not get in and some that just may, for an activity of channel "msteams" with this address.
  std::vector<JudgedToken> token_table(const std::string& service_url) const;

  // --- Signing keys
  // The keys at first: "connector" (for Teams and Web Chat), "webchat" (for that alone), "bare" (without endorsements),
  // and Entra's "entra".
  void rotate(const std::string& kid);    // a new key for Teams is published from now on and signs
  void withdraw(const std::string& kid);  // not published any more, still signs
  // Instead of the true document; what = "metadata", "keys", "entra metadata" or "entra keys". Empty: the true one again.
  void publish(const std::string& what, std::string body) { documents_[what] = std::move(body); }

  // --- Our own tokens
  // What the next `times` requests meet; what = "login", "identity", a document's name as above, or "*".
  // kind: a status ("401", "429" with Retry-After of a second, "500"), "slow" (the answer comes after `hold`), "hang" (none
  // comes before stop()), "html" (200 and no JSON).
  void fault(const std::string& what, const std::string& kind, int times = 1,
             std::chrono::milliseconds hold = std::chrono::milliseconds(200));
  void mend() { faults_.clear(); }
  int asked(const std::string& what) const;                                // how often, faults counted too
  const std::vector<std::string>& refusals() const { return refusals_; }   // why requests were refused, in order
  const std::vector<std::string>& granted() const { return granted_; }     // every token given, in order
  bool is_good(const std::string& token, const std::string& scope) const;  // given for this scope, not ended or revoked
  std::string scope_of(const std::string& token) const;                    // of a good one; else ""
  void revoke(const std::string& token) { revoked_.insert(token); }
  void set_token_life(std::chrono::seconds life) { options_.token_life = life; }
  void set_secret(std::string secret) { options_.secret = std::move(secret); }

 private:
  struct Fault {
    std::string what;
    std::string kind;
    int times = 0;
    std::chrono::milliseconds hold{0};
  };
  struct Published {
    crypto::RsaPrivateKey key;
    std::vector<std::string> endorsements;
    bool withdrawn = false;
    bool entra = false;
  };
  struct Grant {
    std::string scope;
    Time ends;
  };
  using Handle = std::function<net::HttpResponse(const net::HttpRequest&)>;

  void add(const std::string& method, const std::string& pattern, const std::string& what, Handle handle);
  boost::asio::awaitable<net::HttpResponse> serve(std::string what, net::HttpRequest request, Handle handle);
  Fault take_fault(const std::string& what);
  net::HttpResponse document(const std::string& name, const nlohmann::json& content) const;
  nlohmann::json key_set(bool entra) const;
  net::HttpResponse login(const net::HttpRequest& request);
  net::HttpResponse identity(const net::HttpRequest& request, bool app_service);
  net::HttpResponse refuse(int status, const std::string& error, int64_t number, const std::string& why);
  std::optional<std::string> fault_of_assertion(const std::string& assertion, const std::string& audience);
  std::string grant(const std::string& scope);
  nlohmann::json header_for(const std::string& kid) const;
  nlohmann::json claims_of(const TokenWish& wish) const;
  std::string signature(const std::string& kid, const std::string& signed_part) const;
  std::string sign(const nlohmann::json& header, const nlohmann::json& claims, const std::string& kid) const;
  int64_t now() const;

  FakeMicrosoftOptions options_;
  std::unique_ptr<net::HttpServer> server_;
  std::map<std::string, Published> keys_;
  std::string signing_ = "connector";
  std::map<std::string, std::string> documents_;
  std::map<std::string, int> counts_;
  std::vector<Fault> faults_;
  std::vector<std::string> refusals_;
  std::vector<std::string> granted_;
  std::map<std::string, Grant> grants_;
  std::set<std::string> revoked_;
  std::set<std::string> assertions_;  // ids that were used: none is good twice
  bool stopping_ = false;
};

}  // namespace vedette::test
