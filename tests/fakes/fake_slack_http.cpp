// The Events API over HTTP, as Slack's side of it (docs.slack.dev/apis/events-api/using-http-request-urls).

#include "bot/base/crypto.hpp"
#include "bot/net/url.hpp"
#include "tests/fakes/fake_slack.hpp"

namespace vedette::test {

using json = nlohmann::json;

namespace {

std::string form_of(const json& payload) {
  std::string form;
  for (const auto& [name, value] : payload.items()) {
    if (!form.empty()) form += '&';
    form += name + "=" + net::form_encode(value.get<std::string>());
  }
  return form;
}

}  // namespace

void FakeSlack::deliver_over_http(std::string app_url, std::string signing_secret) {
  net::HttpClientOptions options;
  options.proxy.clear();
  if (!client_) client_ = net::make_http_client(jobs_.executor(), options);
  app_url_ = std::move(app_url);
  signing_secret_ = std::move(signing_secret);
}

// Any 2xx within three seconds counts as an acknowledgement; nothing but events is sent again.
Job FakeSlack::call_app(size_t handle, int retry) {
  const std::string type = envelopes_[handle].type;
  const json payload = envelopes_[handle].payload;
  const std::string where = type == "events_api" ? "events" : type == "interactive" ? "interactions" : "commands";
  net::HttpRequest request("POST", net::join_url(app_url_, "slack/" + where));
  const std::string text = payload.dump(-1, ' ', false, json::error_handler_t::replace);
  if (type == "events_api") {
    request.headers.set("Content-Type", "application/json");
    request.body = text;
    if (retry > 0) {
      request.headers.set("X-Slack-Retry-Num", std::to_string(retry));
      request.headers.set("X-Slack-Retry-Reason", "http_error");
    }
  } else {
    request.headers.set("Content-Type", "application/x-www-form-urlencoded");
    request.body = type == "interactive" ? "payload=" + net::form_encode(text) : form_of(payload);
  }
  const auto now = std::chrono::floor<std::chrono::seconds>(system_clock().now()).time_since_epoch().count();
  const std::string timestamp = std::to_string(now);
  request.headers.set("X-Slack-Request-Timestamp", timestamp);
  request.headers.set("X-Slack-Signature",
                      "v0=" + crypto::hmac_sha256_hex(signing_secret_, "v0:" + timestamp + ":" + request.body));
  const Deadline deadline = Deadline::after(std::chrono::seconds(3));
  auto answer = co_await client_->send(std::move(request), deadline);
  http_answers_.push_back(where + " " + (answer ? std::to_string(answer->status) : std::string("no answer")));
  auto& envelope = envelopes_[handle];
  const bool good = answer && answer->status >= 200 && answer->status < 300;
  if (good && !envelope.acked) {
    envelope.acked = std::chrono::steady_clock::now();
    envelope.ack = answer->body;
  }
  if (!good && type != "events_api") envelope.lost = true;
}

}  // namespace vedette::test
