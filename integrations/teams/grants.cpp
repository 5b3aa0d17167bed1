#include "integrations/teams/grants.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "bot/base/log.hpp"
#include "bot/net/url.hpp"
#include "integrations/teams/token_wire.hpp"

namespace vedette::teams {
namespace {

constexpr const char* kAzureIdentity = "http://169.254.169.254/metadata/identity/oauth2/token";

// What Entra's numbers mean for whoever set Vedette up
// (learn.microsoft.com/entra/identity-platform/reference-error-codes).
std::string_view advice(int64_t number) {
  switch (number) {
    case 7000215: return " The client secret is wrong: take its value, not its id.";
    case 7000222: return " The client secret has expired: make a new one.";
    case 7000229: return " The app has no service principal in this tenant.";
    case 700016: return " There is no app with this id in this tenant.";
    case 700027: return " The certificate is not one of the app's, or it has expired.";
    case 90002: return " There is no tenant with this id.";
    case 500011: return " The service is not known in this tenant.";
    default: return "";
  }
}

std::string reason_of(const net::HttpResponse& answer) {
  const Refusal refusal = read_refusal(answer.body);
  if (refusal.number > 0) return fmt::format("AADSTS{}", refusal.number);
  if (!refusal.error.empty()) return refusal.error;
  return fmt::format("status {}", answer.status);
}

Error for_now(const net::HttpResponse& answer, std::string_view who) {
  Error error(answer.status == 429 ? Code::rate_limited : Code::unavailable,
              fmt::format("{} gives no token at the moment ({}).", who, reason_of(answer)), true);
  error.http_status = answer.status;
  error.retry_after = net::parse_retry_after(answer.headers.get("Retry-After"), std::chrono::system_clock::now());
  return error;
}

// learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
class ClientCredentials : public Grantor {
 public:
  explicit ClientCredentials(const TeamsOptions& options)
      : app_(options.app_id), url_(net::join_url(options.cloud.login_url, options.tenant + "/oauth2/v2.0/token")) {}

  Result<net::HttpRequest> request(const std::string& scope, Time now) override {
    net::HttpRequest request("POST", url_);
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    request.headers.set("Accept", "application/json");
    TRY(const std::string proof, prove(now));
    request.body = fmt::format("grant_type=client_credentials&client_id={}&scope={}&{}", net::form_encode(app_),
                               net::form_encode(scope), proof);
    return request;
  }

  Error refusal(const net::HttpResponse& answer) const override {
    const int status = answer.status;
    const Refusal refusal = read_refusal(answer.body);
    const bool passing =
        status < 400 || status == 408 || status == 429 || status >= 500 || refusal.error == "temporarily_unavailable";
    if (passing) return for_now(answer, "Microsoft's login");
    Error error(Code::unauthenticated,
                fmt::format("Microsoft refuses our credentials ({}).{}", reason_of(answer), advice(refusal.number)));
    error.http_status = status;
    return error;
  }

 protected:
  virtual Result<std::string> prove(Time now) = 0;  // form-encoded
  const std::string& app() const { return app_; }
  const std::string& url() const { return url_; }

 private:
  std::string app_;
  std::string url_;
};

class BySecret final : public ClientCredentials {
 public:
  explicit BySecret(const TeamsOptions& options) : ClientCredentials(options), secret_(options.credentials.secret) {}

 protected:
  Result<std::string> prove(Time) override { return "client_secret=" + net::form_encode(secret_.reveal()); }

 private:
  Secret secret_;
};

class ByCertificate final : public ClientCredentials {
 public:
  ByCertificate(const TeamsOptions& options, crypto::RsaPrivateKey key, std::string thumbprint)
      : ClientCredentials(options), key_(std::move(key)), thumbprint_(std::move(thumbprint)) {}

 protected:
  Result<std::string> prove(Time now) override {
    TRY(std::string assertion, write_assertion(key_, thumbprint_, app(), url(), now));
    assertion_.renew(assertion);
    return "client_assertion_type=" + net::form_encode("urn:ietf:params:oauth:client-assertion-type:jwt-bearer") +
           "&client_assertion=" + assertion;
  }

 private:
  crypto::RsaPrivateKey key_;
  std::string thumbprint_;
  Secret assertion_;
};

// The identity that Azure gives a machine: its metadata service, or App Service's where that puts its header into the
// environment. Both are plain HTTP to an address that does not leave the machine's own link.
class ByMachine final : public Grantor {
 public:
  ByMachine(std::string endpoint, Secret header, std::string app)
      : endpoint_(std::move(endpoint)), header_(std::move(header)), app_(std::move(app)) {}

  Result<net::HttpRequest> request(const std::string& scope, Time) override {
    constexpr std::string_view kAll = "/.default";
    std::string_view resource = scope;
    if (resource.ends_with(kAll)) resource.remove_suffix(kAll.size());
    const bool app_service = !header_.empty();
    net::HttpRequest request(
        "GET", fmt::format("{}{}api-version={}&resource={}&client_id={}", endpoint_,
                           endpoint_.find('?') == std::string::npos ? '?' : '&', app_service ? "2019-08-01" : "2018-02-01",
                           net::percent_encode(resource), net::percent_encode(app_)));
    request.to_link_local = true;
    if (app_service) {
      request.headers.set("X-IDENTITY-HEADER", header_.reveal());
    } else {
      request.headers.set("Metadata", "true");
    }
    return request;
  }

  // 404 and 410 are said while the service is being updated (how-to-use-vm-token, "Error handling").
  Error refusal(const net::HttpResponse& answer) const override {
    const int status = answer.status;
    const bool passing = status < 400 || status == 404 || status == 408 || status == 410 || status == 429 || status >= 500;
    if (passing) return for_now(answer, "The machine's identity service");
    Error error(Code::unauthenticated,
                fmt::format("The machine's identity service refuses us a token ({}). Is the bot's managed identity "
                            "assigned to this machine?",
                            reason_of(answer)));
    error.http_status = status;
    return error;
  }

 private:
  std::string endpoint_;
  Secret header_;
  std::string app_;
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

Error unusable(std::string text) { return Error(Code::invalid_input, std::move(text)); }

Result<std::string> read_whole(const std::string& path) {
  constexpr std::streamoff kLongest = 256 << 10;
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return unusable(fmt::format("{} cannot be read.", path));
  if (file.tellg() > kLongest) return unusable(fmt::format("{} is too long for a PEM file.", path));
  file.seekg(0);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

Result<std::unique_ptr<Grantor>> by_certificate(const TeamsOptions& options, Time now) {
  const auto& credentials = options.credentials;
  TRY(const std::string key_pem, read_whole(credentials.key_file));
  auto key = crypto::RsaPrivateKey::from_pem(key_pem);
  if (!key) return unusable(fmt::format("{}: {}", credentials.key_file, key.error().message));
  TRY(const std::string certificate_pem, read_whole(credentials.certificate_file));
  const auto facts = crypto::read_certificate(certificate_pem, *key);
  if (!facts) return unusable(fmt::format("{}: {}", credentials.certificate_file, facts.error().message));
  if (facts->not_after < now) {
    log::warning("teams", "the certificate in {} ended on {}", credentials.certificate_file, to_rfc3339(facts->not_after));
  }
  return std::unique_ptr<Grantor>(std::make_unique<ByCertificate>(options, std::move(*key), facts->thumbprint));
}

Result<std::unique_ptr<Grantor>> by_machine(const TeamsOptions& options) {
  std::string endpoint = options.credentials.identity_endpoint;
  if (endpoint.empty()) endpoint = environment("IDENTITY_ENDPOINT");
  Secret header(endpoint.empty() ? std::string() : environment("IDENTITY_HEADER"));
  if (endpoint.empty()) endpoint = kAzureIdentity;
  const auto url = net::parse_url(endpoint, net::Plain::link_local);
  if (!url) return unusable("The address of the machine's identity service: " + url.error().message);
  return std::unique_ptr<Grantor>(std::make_unique<ByMachine>(url->text(), std::move(header), options.app_id));
}

}  // namespace

Result<std::unique_ptr<Grantor>> make_grantor(const TeamsOptions& options, Time now) {
  const auto& credentials = options.credentials;
  const bool secret = !credentials.secret.empty();
  const bool certificate = !credentials.certificate_file.empty() || !credentials.key_file.empty();
  if (int{secret} + int{certificate} + int{credentials.managed_identity} != 1) {
    return unusable("Teams needs exactly one of a client secret, a certificate with its key, and a managed identity.");
  }
  if (credentials.managed_identity) return by_machine(options);
  TRY_VOID(net::parse_url(options.cloud.login_url));
  if (secret) return std::unique_ptr<Grantor>(std::make_unique<BySecret>(options));
  return by_certificate(options, now);
}

}  // namespace vedette::teams
