#include "integrations/webhook/webhook_provider.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/text.hpp"
#include "bot/net/url.hpp"
#include "integrations/webhook/wire.hpp"

namespace vedette::webhook {
namespace {

using respond::Outcome;
using respond::Receipt;

constexpr size_t kShortestSecret = 16;

Receipt make_receipt(Outcome outcome, std::string message) {
  Receipt receipt;
  receipt.outcome = outcome;
  receipt.message = std::move(message);
  return receipt;
}

class WebhookProvider final : public respond::ActionProvider {
 public:
  WebhookProvider(net::HttpClient& client, WebhookOptions options, const Clock& clock)
      : client_(client), options_(std::move(options)), clock_(clock) {}

  std::string name() const override { return options_.name; }
  std::vector<std::string> verbs() const override { return options_.verbs; }
  Status check(const ActionPlan& plan) const override;
  Async<Receipt> execute(ActionPlan plan, std::string key, Deadline deadline) override;
  Async<Receipt> look_up(ActionPlan plan, std::string key, Deadline deadline) override;

 private:
  net::HttpRequest signed_request(std::string method, std::string url, std::string key, std::string body) const;
  Result<Receipt> judge(const net::HttpResponse& response) const;

  net::HttpClient& client_;
  WebhookOptions options_;
  const Clock& clock_;
};

Status WebhookProvider::check(const ActionPlan& plan) const {
  if (std::find(options_.verbs.begin(), options_.verbs.end(), plan.verb) == options_.verbs.end()) {
    return Error(Code::invalid_input, fmt::format("{} does not offer {}.", options_.name, text::displayable(plan.verb)));
  }
  if (plan.target.value.empty()) return Error(Code::invalid_input, fmt::format("{} needs a target.", options_.name));
  if (plan.verb == "block_ip") {
    if (plan.target.type != EntityType::ip) return Error(Code::invalid_input, "block_ip needs an IP address as its target.");
    if (is_internal_ip(plan.target.value)) {
      return Error(Code::invalid_input,
                   fmt::format("{} is an address inside the network; blocking it would cut off our own machines.",
                               text::defang(plan.target.value)));
    }
  }
  return {};
}

net::HttpRequest WebhookProvider::signed_request(std::string method, std::string url, std::string key,
                                                 std::string body) const {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(clock_.now().time_since_epoch()).count();
  const std::string timestamp = std::to_string(seconds);
  net::HttpRequest request(std::move(method), std::move(url));
  request.headers.set("Accept", "application/json");
  request.headers.set("Idempotency-Key", std::move(key));
  request.headers.set("X-Vedette-Timestamp", timestamp);
  request.headers.set("X-Vedette-Signature", signature(options_.secret.reveal(), timestamp, body));
  if (!body.empty()) request.headers.set("Content-Type", "application/json");
  request.body = std::move(body);
  return request;
}

Result<Receipt> WebhookProvider::judge(const net::HttpResponse& response) const {
  const auto told = parse_receipt(response.body);
  const std::string said = told && !told->message.empty() ? " " + told->message : "";
  const int status = response.status;
  if (status == 429) {
    Error error(Code::rate_limited, fmt::format("{} asked to wait (429).", options_.name), true);
    error.http_status = status;
    error.retry_after = net::parse_retry_after(response.headers.get("Retry-After"), clock_.now());
    return error;
  }
  if (status >= 200 && status < 300) {
    if (told) return make_receipt(told->outcome, fmt::format("{} answered {}.{}", options_.name, status, said));
    if (status == 202 && !options_.status_url.empty()) {
      return make_receipt(Outcome::unknown, fmt::format("{} accepted it (202) and is working on it.", options_.name));
    }
    return make_receipt(Outcome::done, fmt::format("{} answered {}.", options_.name, status));
  }
  if (status == 408 || status >= 500) {
    return make_receipt(Outcome::unknown, fmt::format("{} answered {}, which leaves open whether it was done.{}",
                                                      options_.name, status, said));
  }
  return make_receipt(Outcome::not_done, fmt::format("{} refused it ({}).{}", options_.name, status, said));
}

Async<Receipt> WebhookProvider::execute(ActionPlan plan, std::string key, Deadline deadline) {
  if (auto fits = check(plan); !fits) co_return std::move(fits).error();
  std::string body = request_body(plan, key);
  auto request = signed_request("POST", options_.url, std::move(key), std::move(body));
  auto response = co_await client_.send(std::move(request), deadline);
  if (!response) {
    Error error = std::move(response).error();
    // Only this one says that nothing left the machine; for the rest it is open what the other side got.
    if (error.code != Code::unavailable && error.code != Code::cancelled) error.code = Code::unknown_outcome;
    error.message = fmt::format(
        "{} {}", options_.name,
        error.code == Code::unavailable ? "could not be reached." : "did not answer; whether it was done is open.");
    co_return error;
  }
  co_return judge(*response);
}

Async<Receipt> WebhookProvider::look_up(ActionPlan, std::string key, Deadline deadline) {
  if (options_.status_url.empty()) {
    co_return make_receipt(Outcome::unknown,
                           fmt::format("{} has no status_url to ask; please check there by hand.", options_.name));
  }
  const char separator = options_.status_url.find('?') == std::string::npos ? '?' : '&';
  std::string url = fmt::format("{}{}key={}", options_.status_url, separator, net::percent_encode(key));
  auto request = signed_request("GET", std::move(url), std::move(key), std::string());
  auto response = co_await client_.send(std::move(request), deadline);
  if (!response) {
    Error error = std::move(response).error();
    error.message = fmt::format("The status of {} could not be asked.", options_.name);
    co_return error;
  }
  auto told = parse_receipt(response->body);
  // A status address that answers with anything but a receipt (a login page, a 404 of a mistyped path) proves nothing.
  if (response->status / 100 != 2 || !told) {
    co_return make_receipt(Outcome::unknown,
                           fmt::format("The status of {} is unclear (answer {}).", options_.name, response->status));
  }
  if (told->message.empty()) {
    told->message = fmt::format("{} says it was {}.", options_.name, told->outcome == Outcome::done ? "done" : "not done");
  }
  co_return *told;
}

}  // namespace

Result<std::unique_ptr<respond::ActionProvider>> make_webhook_provider(net::HttpClient& client, WebhookOptions options,
                                                                       const Clock& clock) {
  TRY_VOID(net::parse_url(options.url));
  if (!options.status_url.empty()) TRY_VOID(net::parse_url(options.status_url));
  if (options.name.empty()) return Error(Code::invalid_input, "a webhook action provider needs a name");
  if (options.verbs.empty()) return Error(Code::invalid_input, fmt::format("{} offers no verbs", options.name));
  if (options.secret.reveal().size() < kShortestSecret) {
    return Error(Code::invalid_input,
                 fmt::format("the secret of {} is shorter than {} bytes", options.name, kShortestSecret));
  }
  return std::unique_ptr<respond::ActionProvider>(std::make_unique<WebhookProvider>(client, std::move(options), clock));
}

}  // namespace vedette::webhook
