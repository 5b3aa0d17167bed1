#include "bot/app/http_api.hpp"

#include <fmt/format.h>

#include "bot/base/crypto.hpp"
#include "bot/base/json.hpp"
#include "bot/base/log.hpp"
#include "bot/base/text.hpp"
#include "bot/domain/case_json.hpp"

namespace vedette::app {
namespace {

using net::HttpRequest;
using net::HttpResponse;

HttpResponse json(std::string body) { return HttpResponse(200, "application/json", std::move(body)); }

intake::IntakeRequest to_intake(HttpRequest request, std::string name) {
  intake::IntakeRequest result(std::move(name), std::move(request.body));
  result.headers = request.headers.take();
  return result;
}

HttpResponse to_http(const intake::IntakeAnswer& answer) {
  if (!answer.title.empty()) {
    HttpResponse response = net::problem(answer.status, answer.title, answer.detail);
    if (!answer.challenge.empty()) response.headers.set("WWW-Authenticate", answer.challenge);
    if (answer.retry_after) response.headers.set("Retry-After", std::to_string(answer.retry_after->count()));
    return response;
  }
  return HttpResponse(answer.status, "application/json", answer.json);
}

std::string query_value(const HttpRequest& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

// What ?status=open&severity=high&limit=20&before=120 asks for.
Result<CaseFilter> filter_of(const HttpRequest& request) {
  CaseFilter filter;
  const std::string status = query_value(request, "status");
  if (status == "open") {
    filter.only_open = true;
  } else if (status == "closed") {
    filter.status = CaseStatus::closed;
  } else if (!status.empty()) {
    return Error(Code::invalid_input, "status: expected open or closed");
  }
  if (const std::string severity = query_value(request, "severity"); !severity.empty()) {
    filter.at_least = severity_from(severity);
    if (!filter.at_least)
      return Error(Code::invalid_input, "severity: expected informational, low, medium, high or critical");
  }
  for (const auto& [name, target] : {std::pair{"limit", true}, std::pair{"before", false}}) {
    const std::string value = query_value(request, name);
    if (value.empty()) continue;
    const auto number = text::parse_integer(value);
    if (!number || *number < 1) return Error(Code::invalid_input, fmt::format("{}: expected a whole number from 1", name));
    if (target) {
      filter.limit = static_cast<size_t>(std::min<int64_t>(*number, 200));
    } else {
      filter.before = *number;
    }
  }
  return filter;
}

}  // namespace

HttpApi::HttpApi(Store& store, intake::Intake& intake, net::HttpClient& client, HttpApiOptions options)
    : store_(store), intake_(intake), client_(client), options_(std::move(options)) {}

net::Handler HttpApi::guarded(Answer (HttpApi::*handler)(HttpRequest)) {
  return [this, handler](HttpRequest request) { return check_and_call(std::move(request), handler); };
}

HttpApi::Answer HttpApi::check_and_call(HttpRequest request, Answer (HttpApi::*handler)(HttpRequest)) {
  if (!co_await authorised(request)) {
    HttpResponse response =
        net::problem(401, "Who are you?", "Send an API token as a bearer token, or sign in to the console.");
    response.headers.set("WWW-Authenticate", "Bearer");
    co_return response;
  }
  co_return co_await (this->*handler)(std::move(request));
}

boost::asio::awaitable<bool> HttpApi::authorised(const HttpRequest& request) {
  const std::string_view header = request.headers.get("Authorization");
  bool known = false;
  if (header.starts_with("Bearer ")) {
    const std::string given = crypto::sha256_hex(header.substr(7));
    for (const auto& token : options_.tokens) {
      known = crypto::constant_time_equal(given, crypto::sha256_hex(token.token.reveal())) || known;
    }
  }
  if (known) co_return true;
  if (!options_.signed_in) co_return false;
  co_return co_await options_.signed_in(request);
}

void HttpApi::add_routes(net::HttpServer& server) {
  const auto open = [this](Answer (HttpApi::*handler)(HttpRequest)) {
    return [this, handler](HttpRequest request) { return (this->*handler)(std::move(request)); };
  };
  server.add({"POST", "/v1/alerts/{source}", open(&HttpApi::alerts)});
  server.add({"POST", "/v1/events/{dataset}", open(&HttpApi::events)});
  server.add({"GET", "/v1/cases", guarded(&HttpApi::cases)});
  server.add({"GET", "/v1/cases/{id}", guarded(&HttpApi::one_case)});
  server.add({"GET", "/v1/cases/{id}/evidence/{number}", guarded(&HttpApi::evidence)});
  server.add({"GET", "/v1/coverage", guarded(&HttpApi::coverage)});
  server.add({"GET", "/metrics", guarded(&HttpApi::metrics)});
  server.add({"GET", "/healthz", open(&HttpApi::healthy)});
  server.add({"GET", "/readyz", open(&HttpApi::ready)});
}

HttpApi::Answer HttpApi::alerts(HttpRequest request) {
  std::string name = request.params["source"];
  auto received = to_intake(std::move(request), std::move(name));
  const intake::IntakeAnswer answer = co_await intake_.receive_alerts(std::move(received));
  if (answer.confirm_url.empty()) co_return to_http(answer);
  co_return co_await confirm(answer.confirm_url);
}

// Amazon SNS wants the address visited that it sent; intake has checked that it is one of its own.
HttpApi::Answer HttpApi::confirm(std::string url) {
  HttpRequest visit("GET", std::move(url));
  const Deadline deadline = Deadline::after(std::chrono::seconds(10));
  auto answer = co_await client_.send(std::move(visit), deadline);
  if (answer && answer->status == 200) {
    log::info("intake", "confirmed a subscription of Amazon SNS");
    co_return json(R"({"confirmed":true})");
  }
  log::warning("intake", "a subscription of Amazon SNS could not be confirmed");
  co_return net::problem(502, "The subscription could not be confirmed",
                         "Amazon SNS did not answer as expected; it will ask again.");
}

HttpApi::Answer HttpApi::events(HttpRequest request) {
  std::string name = request.params["dataset"];
  auto received = to_intake(std::move(request), std::move(name));
  const intake::IntakeAnswer answer = co_await intake_.receive_events(std::move(received));
  co_return to_http(answer);
}

HttpApi::Answer HttpApi::cases(HttpRequest request) {
  auto filter = filter_of(request);
  if (!filter) co_return net::problem(filter.error());
  auto listed = co_await store_.cases().list(std::move(*filter));
  if (!listed) co_return net::problem(listed.error());
  JsonWriter w;
  w.begin_object().key("cases").begin_array();
  for (const auto& record : *listed) w.json(to_json(record));
  w.end_array().end_object();
  co_return json(w.take());
}

HttpApi::Answer HttpApi::one_case(HttpRequest request) {
  const auto id = parse_id<CaseId>(request.params["id"]);
  if (!id) co_return net::problem(404, "No such case", "A case is named C-12.");
  const auto view = co_await store_.cases().view(*id);
  if (!view) co_return net::problem(view.error());
  co_return json(to_json(*view));
}

HttpApi::Answer HttpApi::evidence(HttpRequest request) {
  const auto id = parse_id<CaseId>(request.params["id"]);
  const std::string wanted = request.params["number"];
  const auto number =
      text::parse_integer(wanted.starts_with('E') ? std::string_view(wanted).substr(1) : std::string_view(wanted));
  if (!id || !number) co_return net::problem(404, "No such evidence", "Evidence is named /v1/cases/C-12/evidence/4.");
  const auto all = co_await store_.investigations().evidence(*id);
  if (!all) co_return net::problem(all.error());
  for (const auto& one : *all) {
    if (one.number == *number) co_return json(to_json(one));
  }
  co_return net::problem(404, "No such evidence");
}

HttpApi::Answer HttpApi::coverage(HttpRequest) {
  const auto coverage = co_await store_.alerts().coverage();
  if (!coverage) co_return net::problem(coverage.error());
  JsonWriter w;
  w.begin_object()
      .field("received", coverage->received)
      .field("investigated", coverage->investigated)
      .field("merged", coverage->merged)
      .field("suppressed", coverage->suppressed)
      .field("queued", coverage->queued)
      .field("failed", coverage->failed)
      .end_object();
  co_return json(w.take());
}

HttpApi::Answer HttpApi::healthy(HttpRequest) { co_return json(R"({"status":"up"})"); }

HttpApi::Answer HttpApi::ready(HttpRequest) {
  const StoreHealth health = store_.health();
  if (!health.writable) co_return net::problem(503, "Not ready", health.reason);
  const std::string missing = options_.not_ready ? options_.not_ready() : std::string();
  if (!missing.empty()) co_return net::problem(503, "Not ready", missing);
  const std::string worry = options_.degraded ? options_.degraded() : std::string();
  if (worry.empty()) co_return json(R"({"status":"ready"})");
  JsonWriter w;
  w.begin_object().field("status", "degraded").field("detail", worry).end_object();
  co_return json(w.take());
}

HttpApi::Answer HttpApi::metrics(HttpRequest) {
  const auto coverage = co_await store_.alerts().coverage();
  if (!coverage) co_return net::problem(coverage.error());
  std::string text = "# HELP vedette_alerts Alerts by where they stand; received is the sum.\n# TYPE vedette_alerts gauge\n";
  const std::pair<const char*, int64_t> states[] = {
      {"received", coverage->received}, {"investigated", coverage->investigated},
      {"merged", coverage->merged},     {"suppressed", coverage->suppressed},
      {"queued", coverage->queued},     {"failed", coverage->failed}};
  for (const auto& [state, count] : states) text += fmt::format("vedette_alerts{{state=\"{}\"}} {}\n", state, count);
  text += fmt::format(
      "# HELP vedette_store_writable Whether the store accepts writes.\n# TYPE vedette_store_writable "
      "gauge\nvedette_store_writable {}\n",
      store_.health().writable ? 1 : 0);
  if (options_.more_metrics) text += options_.more_metrics();
  co_return HttpResponse(200, "text/plain; version=0.0.4", std::move(text));
}

}  // namespace vedette::app
