#include "integrations/slack/http_entry.hpp"

#include "bot/base/log.hpp"

namespace vedette::slack {
namespace {

using net::HttpRequest;
using net::HttpResponse;

constexpr std::chrono::seconds kRefusalsSaid(10);

bool is_unsigned(const HttpRequest& request) {
  return request.headers.count("X-Slack-Signature") == 0 && request.headers.count("X-Slack-Request-Timestamp") == 0;
}

HttpResponse not_understood(const Error& error) {
  if (error.http_status == 415) return net::problem(415, "Unsupported Media Type", error.message);
  if (error.code == Code::too_large) return net::problem(413, "Too large", error.message);
  return net::problem(400, "Not understood", error.message);
}

}  // namespace

HttpEntry::HttpEntry(EnvelopeTaker& taker, const Clock& clock, Secret signing_secret)
    : taker_(taker), clock_(clock), signing_secret_(std::move(signing_secret)) {}

void HttpEntry::add_routes(net::HttpServer& server) {
  const auto at = [this](Entrance entrance) {
    return [this, entrance](HttpRequest request) { return receive(entrance, std::move(request)); };
  };
  server.add({"POST", "/slack/events", at(Entrance::events)});
  server.add({"POST", "/slack/interactions", at(Entrance::interactions)});
  server.add({"POST", "/slack/commands", at(Entrance::commands)});
}

HttpEntry::Answer HttpEntry::receive(Entrance entrance, HttpRequest request) {
  const auto genuine = check_signature(signing_secret_, request, clock_.now());
  if (!genuine) {
    // Slack's look at the certificate is the one request it does not sign; nothing else unsigned is read.
    constexpr size_t kSslCheckBytes = 1024;
    if (is_unsigned(request) && entrance != Entrance::events && request.body.size() <= kSslCheckBytes) {
      const auto delivery = read_delivery(entrance, request);
      if (delivery && std::holds_alternative<SslCheck>(*delivery)) co_return HttpResponse(200);
    }
    ++counts_.refused;
    // Whoever finds the address can send as many as they like: the log shall not grow with them.
    const auto now = clock_.steady_now();
    if (!refusal_said_ || now - *refusal_said_ >= kRefusalsSaid) {
      log::warning("slack", "a request from {} is refused: {} ({} refused since the start)", request.peer,
                   genuine.error().message, counts_.refused);
      refusal_said_ = now;
    }
    co_return net::problem(401, "Not signed by Slack", genuine.error().message);
  }
  if (const auto retry = retry_of(request)) {
    ++counts_.repeats;
    log::debug("slack", "Slack sends an event again: number {}, {}", retry->number, retry->reason);
  }
  auto delivery = read_delivery(entrance, request);
  if (!delivery) {
    ++counts_.malformed;
    log::warning("slack", "a signed request is not understood: {}", delivery.error().message);
    co_return not_understood(delivery.error());
  }
  if (const auto* challenge = std::get_if<Challenge>(&*delivery)) {
    log::info("slack", "Slack has verified the address for events");
    co_return HttpResponse(200, "text/plain; charset=utf-8", challenge->text);
  }
  if (std::holds_alternative<SslCheck>(*delivery)) co_return HttpResponse(200);
  co_return co_await take(std::get<Envelope>(std::move(*delivery)));
}

HttpEntry::Answer HttpEntry::take(Envelope envelope) {
  const auto taken = co_await taker_.take(std::move(envelope));
  if (taken) {
    ++counts_.taken;
    if (!taken->empty()) co_return HttpResponse(200, "application/json", *taken);
    co_return HttpResponse(200);
  }
  ++counts_.not_stored;
  log::warning("slack", "a request is not acknowledged: {}", taken.error().message);
  HttpResponse response = net::problem(503, "Cannot store now", "Nothing was stored; please send it again.");
  response.headers.set("Retry-After", "5");
  co_return response;
}

}  // namespace vedette::slack
