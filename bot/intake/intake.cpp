#include "bot/intake/intake.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/log.hpp"
#include "bot/base/text.hpp"
#include "bot/intake/gzip.hpp"
#include "bot/intake/records.hpp"

namespace vedette::intake {
namespace {

IntakeAnswer problem(int status, std::string title, std::string detail) {
  IntakeAnswer answer;
  answer.status = status;
  answer.title = std::move(title);
  answer.detail = std::move(detail);
  return answer;
}

std::string capitalised(std::string sentence) {
  if (!sentence.empty() && sentence[0] >= 'a' && sentence[0] <= 'z')
    sentence[0] = static_cast<char>(sentence[0] - 'a' + 'A');
  if (!sentence.empty() && sentence.back() != '.') sentence += '.';
  return sentence;
}

IntakeAnswer unauthenticated(AuthFailure failure) {
  IntakeAnswer answer = problem(failure.status, std::move(failure.title), std::move(failure.detail));
  answer.challenge = std::move(failure.challenge);
  return answer;
}

IntakeAnswer unreadable(std::string_view body, const Error& error) {
  if (error.code == Code::too_large) return problem(400, "JSON beyond the limits", capitalised(error.message));
  if (!text::valid_utf8(body))
    return problem(400, "Not valid UTF-8", "JSON is UTF-8 (RFC 8259); this body holds other bytes.");
  return problem(400, "Not valid JSON", capitalised(error.message));
}

constexpr std::string_view kNothingStored = "Nothing was stored; please send again.";
// Events are stored in pieces; what is sent twice is stored once.
constexpr std::string_view kNotAllStored = "Not all of it was stored; send all of it again.";

// The store's own words say what is wrong with the disk.
IntakeAnswer not_stored(const Error& error, std::string_view what_to_do) {
  const bool passing = error.code == Code::unavailable || error.code == Code::timeout || error.code == Code::cancelled ||
                       error.code == Code::rate_limited || error.retryable;
  if (!passing) return problem(500, "Not stored", "Vedette could not store this. The reason is in its log.");
  IntakeAnswer answer = problem(503, "Cannot store now", capitalised(error.message) + " " + std::string(what_to_do));
  answer.retry_after = std::chrono::seconds(5);
  return answer;
}

// Takes the content coding off. `limits` are for what comes out.
std::optional<IntakeAnswer> unpack(IntakeRequest& request, const GzipLimits& limits) {
  const std::string_view coding = text::trim(request.header("Content-Encoding"));
  if (coding.empty() || text::iequals(coding, "identity")) return std::nullopt;
  if (!text::iequals(coding, "gzip") && !text::iequals(coding, "x-gzip")) {
    return problem(415, "Unknown content coding", "Bodies may be plain or gzip.");
  }
  auto unpacked = gunzip(request.body, limits);
  if (!unpacked) {
    const bool large = unpacked.error().code == Code::too_large;
    return problem(large ? 413 : 400, large ? "Too large" : "Not valid gzip", capitalised(unpacked.error().message));
  }
  request.body = std::move(*unpacked);
  return std::nullopt;
}

IntakeAnswer body_too_large(size_t limit) {
  return problem(413, "Too large", fmt::format("A body may have at most {} KiB.", limit >> 10));
}

std::string accepted_json(const std::vector<AcceptedAlert>& accepted, size_t ignored) {
  JsonWriter writer;
  writer.begin_object().key("accepted").begin_array();
  for (const auto& alert : accepted) {
    writer.begin_object().field("id", to_string(alert.id)).field("duplicate", alert.duplicate).end_object();
  }
  writer.end_array().field("ignored", ignored).end_object();
  return writer.take();
}

// What a body of events came to.
struct EventBody {
  std::vector<Event> events;
  size_t unreadable = 0;
  std::optional<IntakeAnswer> refusal;
};

EventBody read_events(const EventFormat& format, const std::string& dataset, IntakeRequest& request) {
  EventBody body;
  body.refusal = unpack(request, GzipLimits{});
  if (body.refusal) return body;
  auto reader = RecordReader::over(request.body, kBodyBytes);
  while (true) {
    auto record = reader.next();
    if (!record) {
      const bool large = record.error().code == Code::too_large;
      body.refusal = problem(large ? 413 : 400, large ? "Too large" : "Not valid JSON", capitalised(record.error().message));
      return body;
    }
    if (!*record) break;
    const auto document = Json::parse((*record)->text);
    if (!document) {
      body.refusal = unreadable((*record)->text, document.error());
      body.refusal->detail += fmt::format(" In the record at line {}.", (*record)->line);
      return body;
    }
    auto parsed = parse_events(format, dataset, *document);
    if (!parsed) {
      ++body.unreadable;
      continue;
    }
    body.unreadable += parsed->unreadable;
    std::move(parsed->events.begin(), parsed->events.end(), std::back_inserter(body.events));
  }
  if (body.events.empty()) {
    body.refusal = problem(422, "No event found",
                           fmt::format("The body holds no record of the format \"{}\" with a time.", format.name));
  }
  return body;
}

}  // namespace

struct Intake::Source {
  explicit Source(SourceConfig given) : config(std::move(given)), format(find_format(config.format)) {}
  Result<Parsed> parse(const Json& document) const {
    return format == nullptr ? parse_mapped(config.mapping, document) : format->parse(document);
  }
  SourceConfig config;
  const Format* format;  // null: mapped
  double tokens = -1;    // of the quota; negative: not used yet
  SteadyTime filled;
};

struct Intake::EventSource {
  explicit EventSource(EventSourceConfig given)
      : config(std::move(given)), format(find_event_format(config.format.empty() ? config.dataset : config.format)) {}
  EventSourceConfig config;
  const EventFormat* format;
};

Intake::Intake(Store& store, std::vector<SourceConfig> sources, std::vector<EventSourceConfig> event_sources,
               const Clock& clock, BlockingPool* pool)
    : store_(store), clock_(clock), pool_(pool) {
  for (auto& source : sources) sources_.emplace(source.name, std::make_unique<Source>(source));
  for (auto& source : event_sources) event_sources_.emplace(source.dataset, std::make_unique<EventSource>(source));
}

Intake::~Intake() = default;

IntakeAnswer Intake::refuse(IntakeAnswer answer) {
  ++counts_.refused;
  return answer;
}

std::optional<IntakeAnswer> Intake::over_quota(Source& source, const std::vector<Alert>& alerts) {
  const Quota& quota = source.config.quota;
  if (quota.per_minute <= 0) return std::nullopt;
  const double burst = quota.burst > 0 ? quota.burst : quota.per_minute;
  const SteadyTime now = clock_.steady_now();
  if (source.tokens < 0)
    source.tokens = burst;
  else
    source.tokens += std::chrono::duration<double>(now - source.filled).count() * quota.per_minute / 60.0;
  source.tokens = std::min(source.tokens, burst);
  source.filled = now;
  const auto urgent =
      std::count_if(alerts.begin(), alerts.end(), [](const Alert& alert) { return alert.severity >= Severity::high; });
  const double cost = static_cast<double>(alerts.size()) - static_cast<double>(urgent);
  // A batch with something urgent in it is never turned away; neither is one that is larger than the whole bucket, once it
  // is full.
  if (cost <= source.tokens || urgent > 0 || (cost > burst && source.tokens >= burst)) {
    source.tokens = std::max(0.0, source.tokens - cost);
    return std::nullopt;
  }
  IntakeAnswer answer = problem(429, "Too many alerts",
                                fmt::format("This source may send {} alerts a minute below severity high. "
                                            "Nothing was stored; please send again later.",
                                            quota.per_minute));
  const double wait = (std::min(cost, burst) - source.tokens) * 60.0 / quota.per_minute;
  answer.retry_after = std::chrono::seconds(static_cast<int64_t>(wait) + 1);
  return answer;
}

boost::asio::awaitable<IntakeAnswer> Intake::receive_alerts(IntakeRequest request) {
  if (request.body.size() > kBodyBytes) co_return refuse(body_too_large(kBodyBytes));
  const auto found = sources_.find(request.name);
  if (found == sources_.end()) {
    check_nobody(request);
    co_return refuse(problem(404, "Unknown source", "No source of this name is configured."));
  }
  Source& source = *found->second;
  const Time now = clock_.now();
  if (auto failure = check_request(source.config.auth, request, now)) {
    log::info("intake", "request for source {} refused: {}", source.config.name, failure->title);
    co_return refuse(unauthenticated(std::move(*failure)));
  }
  GzipLimits limits;
  limits.bytes = kBodyBytes;
  if (auto refusal = unpack(request, limits)) co_return refuse(std::move(*refusal));
  const auto document = Json::parse(request.body);
  if (!document) co_return refuse(unreadable(request.body, document.error()));
  auto parsed = source.parse(*document);
  if (!parsed) co_return refuse(problem(422, "No alert found", capitalised(parsed.error().message)));
  if (parsed->alerts.size() > kAlertsInRequest) {
    co_return refuse(
        problem(413, "Too many alerts at once", fmt::format("A request may hold at most {} alerts.", kAlertsInRequest)));
  }
  if (auto refusal = over_quota(source, parsed->alerts)) co_return refuse(std::move(*refusal));
  auto& alerts = parsed->alerts;
  // The usual request is one alert and nothing around it: its bytes are kept as they came.
  if (alerts.size() == 1 && parsed->records[0].is_same_node(*document)) alerts[0].raw = std::move(request.body);
  for (size_t i = 0; i < alerts.size(); ++i) {
    complete(alerts[i], parsed->records[i], source.config.name, source.config.format, now);
  }
  IntakeAnswer answer;
  answer.confirm_url = parsed->confirm_url;
  std::vector<AcceptedAlert> accepted;
  if (!alerts.empty()) {
    auto stored = co_await store_.alerts().accept(std::move(alerts));
    if (!stored) {
      log::warning("intake", "alerts of source {} not stored: {}", source.config.name, stored.error().message);
      co_return refuse(not_stored(stored.error(), kNothingStored));
    }
    accepted = std::move(*stored);
  }
  for (const auto& alert : accepted) ++(alert.duplicate ? counts_.duplicates : counts_.accepted);
  counts_.ignored += static_cast<int64_t>(parsed->ignored);
  answer.json = accepted_json(accepted, parsed->ignored);
  co_return answer;
}

boost::asio::awaitable<IntakeAnswer> Intake::receive_events(IntakeRequest request) {
  if (request.body.size() > kBodyBytes) co_return refuse(body_too_large(kBodyBytes));
  const auto found = event_sources_.find(request.name);
  if (found == event_sources_.end()) {
    check_nobody(request);
    co_return refuse(problem(404, "Unknown dataset", "No event source of this name is configured."));
  }
  const EventSource& source = *found->second;
  if (auto failure = check_request(source.config.auth, request, clock_.now())) {
    log::info("intake", "request for dataset {} refused: {}", source.config.dataset, failure->title);
    co_return refuse(unauthenticated(std::move(*failure)));
  }
  constexpr size_t kWorthAThread = 64 << 10;
  EventBody body;
  if (pool_ != nullptr && (request.body.size() > kWorthAThread || !request.header("Content-Encoding").empty())) {
    std::function<void()> work = [&] { body = read_events(*source.format, source.config.dataset, request); };
    co_await offload(*pool_, std::move(work));
  } else {
    body = read_events(*source.format, source.config.dataset, request);
  }
  if (body.refusal) co_return refuse(std::move(*body.refusal));
  const size_t accepted = body.events.size();
  auto stored = co_await store_.events().append(std::move(body.events));
  if (!stored) {
    log::warning("intake", "events of dataset {} not stored: {}", source.config.dataset, stored.error().message);
    co_return refuse(not_stored(stored.error(), kNotAllStored));
  }
  counts_.events += *stored;
  JsonWriter writer;
  writer.begin_object().field("accepted", accepted).field("new", *stored).field("unreadable", body.unreadable).end_object();
  IntakeAnswer answer;
  answer.json = writer.take();
  co_return answer;
}

}  // namespace vedette::intake
