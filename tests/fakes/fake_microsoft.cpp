#include "tests/fakes/fake_microsoft.hpp"

#include <stdexcept>

#include <fmt/format.h>

#include "bot/base/crypto.hpp"
#include "bot/base/text.hpp"
#include "bot/net/url.hpp"

namespace vedette::test {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr const char* kAssertionKind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

// Made once a process: a key takes a tenth of a second.
const crypto::RsaPrivateKey& key_pair(const std::string& name) {
  static std::map<std::string, crypto::RsaPrivateKey> made;
  const auto found = made.find(name);
  if (found != made.end()) return found->second;
  auto key = crypto::RsaPrivateKey::generate();
  if (!key) throw std::runtime_error(key.error().message);
  return made.emplace(name, std::move(*key)).first->second;
}

std::map<std::string, std::string> read_form(const std::string& body) {
  std::map<std::string, std::string> form;
  for (const auto& field : text::split(body, '&')) {
    const size_t equals = field.find('=');
    if (equals == std::string::npos) continue;
    form[net::percent_decode(field.substr(0, equals), true)] = net::percent_decode(field.substr(equals + 1), true);
  }
  return form;
}

std::optional<json> read_part(const std::string& part) {
  const auto bytes = crypto::from_base64url(part);
  if (!bytes) return std::nullopt;
  auto parsed = json::parse(*bytes, nullptr, false);
  if (!parsed.is_object()) return std::nullopt;
  return parsed;
}

// The PEM's bytes are base64 of the DER form, which is what the thumbprint is of.
std::string thumbprint_of(const std::string& pem) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  const size_t begin = pem.find(kBegin);
  const size_t end = pem.find("-----END CERTIFICATE-----");
  if (begin == std::string::npos || end == std::string::npos) return {};
  std::string body = pem.substr(begin + kBegin.size(), end - begin - kBegin.size());
  std::erase_if(body, [](char c) { return c == '\n' || c == '\r'; });
  const auto der = crypto::from_base64(body);
  if (!der) return {};
  const auto digest = crypto::sha256(*der);
  return crypto::to_base64url(std::string(digest.begin(), digest.end()));
}

net::HttpResponse answer(int status, const json& content) {
  return net::HttpResponse(status, "application/json; charset=utf-8", content.dump());
}

}  // namespace

FakeMicrosoft::FakeMicrosoft(Executor executor, FakeMicrosoftOptions options) : options_(std::move(options)) {
  const auto& first = key_pair("first");
  const auto& second = key_pair("second");
  keys_.emplace("connector", Published{first, {"msteams", "webchat", "directline"}, false, false});
  keys_.emplace("webchat", Published{second, {"webchat", "msteams-not"}, false, false});
  keys_.emplace("bare", Published{second, {}, false, false});
  keys_.emplace("entra", Published{second, {}, false, true});
  net::HttpServerOptions server;
  server.port = options_.port;
  server_ = net::make_http_server(executor, server);
  add("GET", "/v1/.well-known/openidconfiguration", "metadata", [this](const net::HttpRequest&) {
    return document("metadata", {{"issuer", teams::public_cloud().issuer},
                                 {"authorization_endpoint", "https://invalid.botframework.com"},
                                 {"jwks_uri", url() + "/v1/.well-known/keys"},
                                 {"id_token_signing_alg_values_supported", {"RS256"}},
                                 {"token_endpoint_auth_methods_supported", {"private_key_jwt"}}});
  });
  add("GET", "/v1/.well-known/keys", "keys", [this](const net::HttpRequest&) { return document("keys", key_set(false)); });
  add("GET", "/common/v2.0/.well-known/openid-configuration", "entra metadata", [this](const net::HttpRequest&) {
    return document("entra metadata", {{"issuer", url() + "/{tenantid}/v2.0"},
                                       {"token_endpoint", url() + "/common/oauth2/v2.0/token"},
                                       {"jwks_uri", url() + "/common/discovery/v2.0/keys"}});
  });
  add("GET", "/common/discovery/v2.0/keys", "entra keys",
      [this](const net::HttpRequest&) { return document("entra keys", key_set(true)); });
  add("POST", "/{tenant}/oauth2/v2.0/token", "login", [this](const net::HttpRequest& request) { return login(request); });
  add("GET", "/metadata/identity/oauth2/token", "identity",
      [this](const net::HttpRequest& request) { return identity(request, false); });
  add("GET", "/msi/token", "identity", [this](const net::HttpRequest& request) { return identity(request, true); });
  // For programs by others that judge the same tokens.
  add("GET", "/test/tokens", "table", [this](const net::HttpRequest& request) {
    json rows = json::array();
    for (const auto& row : token_table(request.query.at("service_url"))) {
      rows.push_back({{"name", row.name}, {"authorization", row.authorization}, {"status", row.status}});
    }
    return answer(200, {{"app", options_.app_id},
                        {"tenant", options_.tenant},
                        {"tokens", rows},
                        {"emulator", {sign_emulator_token("1.0"), sign_emulator_token("2.0")}}});
  });
  add("GET", "/test/refusals", "refusals", [this](const net::HttpRequest&) { return answer(200, refusals_); });
}

FakeMicrosoft::~FakeMicrosoft() = default;

Status FakeMicrosoft::start() { return server_->start(); }

asio::awaitable<void> FakeMicrosoft::stop() {
  stopping_ = true;
  const auto deadline = Deadline::after(std::chrono::seconds(2));
  co_await server_->stop(deadline);
}

std::string FakeMicrosoft::url() const { return fmt::format("http://127.0.0.1:{}", server_->port()); }

void FakeMicrosoft::fill(teams::TeamsOptions& options) const {
  options.app_id = options_.app_id;
  options.tenant = options_.tenant;
  options.credentials.secret = Secret(options_.secret);
  options.cloud.openid_url = url() + "/v1/.well-known/openidconfiguration";
  options.cloud.login_url = url() + "/";
}

int64_t FakeMicrosoft::now() const {
  return to_micros(options_.clock != nullptr ? options_.clock->now() : system_clock().now()) / 1'000'000;
}

void FakeMicrosoft::add(const std::string& method, const std::string& pattern, const std::string& what, Handle handle) {
  net::Route route;
  route.method = method;
  route.pattern = pattern;
  route.handler = [this, what, handle = std::move(handle)](net::HttpRequest request) {
    return serve(what, std::move(request), handle);
  };
  server_->add(std::move(route));
}

FakeMicrosoft::Fault FakeMicrosoft::take_fault(const std::string& what) {
  for (auto& fault : faults_) {
    if (fault.times <= 0 || (fault.what != what && fault.what != "*")) continue;
    --fault.times;
    return fault;
  }
  return {};
}

asio::awaitable<net::HttpResponse> FakeMicrosoft::serve(std::string what, net::HttpRequest request, Handle handle) {
  ++counts_[what];
  const Fault fault = take_fault(what);
  if (fault.kind == "slow") {
    co_await sleep_for(fault.hold);
  } else if (fault.kind == "hang") {
    while (!stopping_) {
      const bool stop = co_await cancelled();
      if (stop) break;
      co_await sleep_for(std::chrono::milliseconds(5));
    }
    co_return net::HttpResponse(503);
  } else if (fault.kind == "html") {
    co_return net::HttpResponse(200, "text/html", "<html><body>Sign in to the guest network</body></html>");
  } else if (!fault.kind.empty()) {
    auto response = answer(std::stoi(fault.kind), {{"error", "temporarily_unavailable"}});
    if (fault.kind == "401") response = refuse(401, "invalid_client", 7000215, "a fault");
    if (fault.kind == "429") response.headers.set("Retry-After", "1");
    co_return response;
  }
  co_return handle(request);
}

void FakeMicrosoft::fault(const std::string& what, const std::string& kind, int times, std::chrono::milliseconds hold) {
  faults_.push_back({what, kind, times, hold});
}

int FakeMicrosoft::asked(const std::string& what) const {
  const auto found = counts_.find(what);
  return found == counts_.end() ? 0 : found->second;
}

net::HttpResponse FakeMicrosoft::document(const std::string& name, const json& content) const {
  const auto other = documents_.find(name);
  if (other != documents_.end() && !other->second.empty()) {
    return net::HttpResponse(200, "application/json", other->second);
  }
  return answer(200, content);
}

json FakeMicrosoft::key_set(bool entra) const {
  json keys = json::array();
  for (const auto& [kid, published] : keys_) {
    if (published.withdrawn || published.entra != entra) continue;
    const auto key = published.key.public_key();
    json entry = {{"kty", "RSA"}, {"use", "sig"}, {"kid", kid}, {"x5t", kid}, {"n", key.n()}, {"e", key.e()}};
    if (!published.endorsements.empty()) entry["endorsements"] = published.endorsements;
    keys.push_back(std::move(entry));
  }
  return {{"keys", std::move(keys)}};
}

void FakeMicrosoft::rotate(const std::string& kid) {
  keys_.insert_or_assign(kid, Published{key_pair(kid), {"msteams"}, false, false});
  signing_ = kid;
}

void FakeMicrosoft::withdraw(const std::string& kid) { keys_.at(kid).withdrawn = true; }

net::HttpResponse FakeMicrosoft::refuse(int status, const std::string& error, int64_t number, const std::string& why) {
  refusals_.push_back(why);
  return answer(status, {{"error", error},
                         {"error_description", fmt::format("AADSTS{}: {}", number, why)},
                         {"error_codes", {number}},
                         {"timestamp", "2026-11-24 03:00:00Z"},
                         {"trace_id", "00000000-0000-0000-0000-000000000000"},
                         {"correlation_id", "00000000-0000-0000-0000-000000000000"}});
}

std::string FakeMicrosoft::grant(const std::string& scope) {
  std::string token = fmt::format("granted-{}-{}", granted_.size() + 1, crypto::to_hex(crypto::random_bytes(16)));
  grants_[token] = {scope, Time(std::chrono::seconds(now()) + options_.token_life)};
  granted_.push_back(token);
  return token;
}

std::string FakeMicrosoft::scope_of(const std::string& token) const {
  const auto found = grants_.find(token);
  if (found == grants_.end() || revoked_.contains(token)) return {};
  return to_micros(found->second.ends) / 1'000'000 > now() ? found->second.scope : "";
}

bool FakeMicrosoft::is_good(const std::string& token, const std::string& scope) const { return scope_of(token) == scope; }

net::HttpResponse FakeMicrosoft::login(const net::HttpRequest& request) {
  if (!request.headers.get("Content-Type").starts_with("application/x-www-form-urlencoded")) {
    return refuse(400, "invalid_request", 900144, "the request body must be form-encoded");
  }
  auto form = read_form(request.body);
  if (request.params.at("tenant") != options_.tenant) return refuse(400, "invalid_request", 90002, "tenant not found");
  if (form["grant_type"] != "client_credentials") return refuse(400, "unsupported_grant_type", 70003, "grant type");
  if (form["client_id"] != options_.app_id) return refuse(400, "unauthorized_client", 700016, "application not found");
  const std::string& scope = form["scope"];
  if (!scope.ends_with("/.default")) return refuse(400, "invalid_scope", 1002012, "scope must end in /.default");
  if (form.contains("client_assertion")) {
    if (form["client_assertion_type"] != kAssertionKind) return refuse(400, "invalid_request", 900144, "assertion type");
    const auto audience = url() + "/" + options_.tenant + "/oauth2/v2.0/token";
    const auto fault = fault_of_assertion(form["client_assertion"], audience);
    if (fault) return refuse(401, "invalid_client", 700027, *fault);
  } else if (options_.secret.empty() || form["client_secret"] != options_.secret) {
    return refuse(401, "invalid_client", 7000215, "invalid client secret provided");
  }
  const auto life = options_.token_life.count();
  return answer(200,
                {{"token_type", "Bearer"}, {"expires_in", life}, {"ext_expires_in", life}, {"access_token", grant(scope)}});
}

std::optional<std::string> FakeMicrosoft::fault_of_assertion(const std::string& assertion, const std::string& audience) {
  if (options_.certificate.empty()) return "no certificate is registered";
  const auto parts = text::split(assertion, '.');
  if (parts.size() != 3) return "the assertion does not have three parts";
  const auto header = read_part(parts[0]);
  const auto claims = read_part(parts[1]);
  const auto signature = crypto::from_base64url(parts[2]);
  if (!header || !claims || !signature) return "the assertion is not base64url of JSON";
  const std::string alg = header->value("alg", "");
  if (alg != "PS256" && alg != "RS256") return "alg must be PS256 or RS256";
  if (header->value("typ", "") != "JWT") return "typ must be JWT";
  if (header->value("x5t#S256", "") != thumbprint_of(options_.certificate))
    return "x5t#S256 is of no registered certificate";
  const auto key = crypto::RsaPublicKey::from_certificate(options_.certificate);
  if (!key) return key.error().message;
  const auto scheme = alg == "PS256" ? crypto::RsaScheme::ps256 : crypto::RsaScheme::rs256;
  if (!key->verify(scheme, parts[0] + "." + parts[1], *signature)) return "the signature is wrong";
  const std::string real = "https://login.microsoftonline.com/" + options_.tenant + "/oauth2/v2.0/token";
  const std::string meant = claims->value("aud", "");
  if (meant != audience && meant != real) return "aud must be " + audience;
  if (claims->value("iss", "") != options_.app_id || claims->value("sub", "") != options_.app_id) return "iss and sub";
  const int64_t from = claims->value("nbf", int64_t{0});
  const int64_t until = claims->value("exp", int64_t{0});
  constexpr int64_t kSkew = 300;  // MSAL rounds its clock up
  if (from > now() + kSkew || until <= now() - kSkew) return "the assertion is not within its lifetime";
  if (until - from > 600) return "the assertion lives longer than ten minutes";
  const std::string id = claims->value("jti", "");
  if (id.size() != 36 || !assertions_.insert(id).second) return "jti must be a GUID that was not used before";
  return std::nullopt;
}

net::HttpResponse FakeMicrosoft::identity(const net::HttpRequest& request, bool app_service) {
  const auto query = [&](const char* name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? std::string() : found->second;
  };
  const bool known =
      app_service ? !options_.identity_header.empty() && request.headers.get("X-IDENTITY-HEADER") == options_.identity_header
                  : request.headers.get("Metadata") == "true";
  if (!known) return refuse(app_service ? 401 : 400, "invalid_request", 0, "the required header is missing");
  if (request.headers.count("X-Forwarded-For") > 0) return refuse(400, "invalid_request", 0, "the request was forwarded");
  if (query("api-version") != (app_service ? "2019-08-01" : "2018-02-01")) {
    return refuse(400, "invalid_request", 0, "the api-version is not known");
  }
  const std::string resource = query("resource");
  if (resource.empty() || resource.ends_with("/.default")) return refuse(400, "invalid_resource", 0, "resource");
  if (query("client_id") != options_.app_id) return refuse(400, "invalid_request", 0, "Identity not found");
  const auto life = options_.token_life.count();
  json granted = {{"access_token", grant(resource + "/.default")},
                  {"expires_on", std::to_string(now() + life)},
                  {"resource", resource},
                  {"token_type", "Bearer"},
                  {"client_id", options_.app_id}};
  // The machine's service writes numbers as strings; App Service tells the end alone.
  if (!app_service) granted.update({{"expires_in", std::to_string(life)}, {"refresh_token", ""}});
  return answer(200, granted);
}

}  // namespace vedette::test
