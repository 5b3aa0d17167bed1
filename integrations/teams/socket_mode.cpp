#include "integrations/teams/socket_mode.hpp"

#include <algorithm>
#include <cstring>

#include "bot/base/crypto.hpp"
#include "bot/base/log.hpp"
#include "integrations/teams/socket_connect.hpp"
#include "integrations/teams/socket_link.hpp"

namespace vedette::teams {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook(25);
constexpr auto kCloseWait = std::chrono::seconds(2);
constexpr auto kMostRetryAfter = std::chrono::hours(1);
constexpr uint16_t kNormalClosure = 1000;

SteadyTime steady_now() { return std::chrono::steady_clock::now(); }

uint32_t seed() {
  const std::string bytes = crypto::random_bytes(sizeof(uint32_t));
  uint32_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

// What only a person can mend.
bool is_refusal(const Error& error) { return error.code == Code::unauthenticated || error.code == Code::forbidden; }

std::string explain(const Error& error) {
  if (error.code == Code::unauthenticated && error.http_status == 401)
    return error.message + " Check the app id and its secret.";
  if (error.code == Code::forbidden && error.http_status == 403)
    return error.message + " Check that Socket Mode is switched on in the bot's registration.";
  return error.message;
}

}  // namespace

SocketMode::SocketMode(Executor executor, net::HttpClient& http, TokenSource& tokens, ActivityTaker& taker,
                       const Clock& clock, TeamsOptions options)
    : http_(http),
      tokens_(tokens),
      taker_(taker),
      clock_(clock),
      options_(std::move(options)),
      jobs_(executor, "teams sockets"),
      answers_(executor, "teams activities"),
      random_(seed()) {
  for (const auto& name : options_.socket.geographies) {
    const auto same = [&](const auto& other) { return other->name == name; };
    if (std::any_of(geographies_.begin(), geographies_.end(), same)) continue;
    geographies_.push_back(std::make_unique<Geography>());
    geographies_.back()->name = name;
  }
}

SocketMode::~SocketMode() = default;

void SocketMode::start() {
  for (const auto& geography : geographies_) jobs_.spawn("geography", keep(*geography));
}

WayState SocketMode::state() const {
  WayState state;
  if (geographies_.empty()) state.trouble = "Teams Socket Mode has no geography to connect to: name one in the config.";
  for (const auto& geography : geographies_) {
    if (geography->current && geography->current->serving()) {
      ++state.links;
    } else if (!geography->trouble.empty()) {
      state.trouble += state.trouble.empty() ? "Teams Socket Mode has no connection: " : " ";
      state.trouble += geography->name + ": " + geography->trouble;
    }
  }
  state.open = state.links > 0;
  return state;
}

milliseconds SocketMode::up_to(milliseconds most) {
  std::uniform_int_distribution<int64_t> between(0, std::max<int64_t>(most.count(), 1));
  return milliseconds(between(random_));
}

milliseconds SocketMode::backoff(int& failures) {
  auto most = options_.socket.backoff_first;
  for (int step = 0; step < failures && most < options_.socket.backoff_most; ++step) most *= 2;
  ++failures;
  return up_to(std::min(most, options_.socket.backoff_most));
}

milliseconds SocketMode::after_failure(const Error& error, Geography& geography) {
  ++counts_.failed;
  const std::string trouble = explain(error);
  if (geography.trouble != trouble) log::warning("teams", "Socket Mode, {}: {}", geography.name, trouble);
  geography.trouble = trouble;
  geography.refusals = is_refusal(error) ? geography.refusals + 1 : 0;
  auto wait = backoff(geography.failures);
  // The first 401 may be an old token's.
  if (error.code == Code::forbidden || geography.refusals > 1)
    wait = std::max(wait, options_.refused_probe / 2 + up_to(options_.refused_probe / 2));
  if (error.retry_after)
    wait =
        std::max(wait, std::min<milliseconds>(*error.retry_after, kMostRetryAfter) + up_to(options_.socket.backoff_first));
  return wait;
}

// How long to wait before the successor of a connection that was ready is opened.
milliseconds SocketMode::after_link(const Link& link, Geography& geography) {
  if (steady_now() - link.ready_at >= options_.socket.backoff_most) geography.failures = 0;
  if (link.serving()) return milliseconds(0);  // its ticket runs out
  ++counts_.lost;
  geography.trouble = link.why ? link.why->message : "";
  log::warning("teams", "Socket Mode, {}: connection {} is gone: {}", geography.name, link.generation, geography.trouble);
  return backoff(geography.failures);
}

// Keeps one geography connected until the end.
Job SocketMode::keep(Geography& geography) {
  milliseconds wait(0);
  while (!stopping_) {
    if (wait.count() > 0) co_await sleep_for(wait);
    const bool stop = co_await cancelled();
    if (stop || stopping_) co_return;
    auto opened = co_await open(geography);
    if (stopping_) co_return;
    if (!opened) {
      if (opened.error().code == Code::cancelled) co_return;
      wait = after_failure(opened.error(), geography);
      continue;
    }
    const LinkPtr link = std::move(*opened);
    use(geography, link);
    co_await watch(link);
    if (stopping_) co_return;
    wait = after_link(*link, geography);
    if (link->leaving && !link->closed) jobs_.spawn("retire", retire(link));
  }
}

void SocketMode::use(Geography& geography, LinkPtr link) {
  const LinkPtr old = std::exchange(geography.current, std::move(link));
  geography.trouble.clear();
  geography.refusals = 0;
  ++counts_.opened;
  if (!old || !old->serving()) return;
  ++counts_.rotated;
  jobs_.spawn("retire", retire(old));
}

// From a ticket to SocketReady.
Async<SocketMode::LinkPtr> SocketMode::open(Geography& geography) {
  CO_TRY(OpenSocket opened, open_socket(http_, tokens_, options_, geography.name));
  const auto link = std::make_shared<Link>(jobs_.executor());
  link->geography = geography.name;
  link->generation = next_generation_++;
  link->socket = std::move(opened.socket);
  link->issued = opened.issued;
  link->lifetime = opened.lifetime;
  link->heard_at = steady_now();
  if (stopping_) co_return Error(Code::cancelled, "shutting down");
  links_.push_back(link);
  jobs_.spawn("read", read(link));
  jobs_.spawn("tend", tend(link));
  std::string handshake(kHandshake);
  (void)co_await link->socket->write(std::move(handshake));
  const Deadline ready_by = Deadline::after(options_.socket.silent);
  while (!link->ready && !link->closed && !link->leaving && !ready_by.passed()) {
    co_await link->changed.wait(ready_by.left());
    const bool stop = co_await cancelled();
    if (stop) co_return Error(Code::cancelled, "shutting down");
  }
  if (link->serving()) co_return link;
  Error error = link->why.value_or(Error(Code::unavailable, "The service did not say that the socket is ready.", true));
  lose(link, error);
  co_return error;
}

// When the successor is to be opened.
SteadyTime SocketMode::due(const Link& link) const {
  if (link.lifetime.count() == 0) return SteadyTime::max();
  const auto early = options_.socket.rotate_before;
  const auto after = link.lifetime > early ? link.lifetime - early : link.lifetime / 2;
  // Tickets that are good for a moment only must not make us hammer the service.
  return std::max(link.issued + after, link.ready_at + options_.socket.backoff_first);
}

// Returns once a successor is wanted.
boost::asio::awaitable<void> SocketMode::watch(LinkPtr link) {
  const SteadyTime at = due(*link);
  while (link->serving() && !stopping_) {
    const SteadyTime now = steady_now();
    if (now >= at) co_return;
    const auto left = std::min<SteadyTime::duration>(at - now, std::chrono::hours(24));
    co_await link->changed.wait(std::chrono::duration_cast<Duration>(left) + Duration(1));
    const bool stop = co_await cancelled();
    if (stop) co_return;
  }
}

Job SocketMode::read(LinkPtr link) {
  while (!link->closed) {
    auto bytes = co_await link->socket->read();
    if (!bytes) {
      lose(link, std::move(bytes).error());
      break;
    }
    link->heard_at = steady_now();
    auto fed = link->cutter.feed(*bytes);
    if (!fed) {
      ++counts_.malformed;
      lose(link, std::move(fed).error());
      break;
    }
    for (auto frame = link->cutter.next(); frame && !link->closed; frame = link->cutter.next()) {
      on_frame(link, *frame);
      while (link->in_work >= kSocketInWork && !link->closed && !stopping_) {
        co_await link->room.wait(std::chrono::seconds(1));
        link->heard_at = steady_now();  // it is us who do not listen
      }
    }
  }
}

// Pings, and notices silence.
Job SocketMode::tend(LinkPtr link) {
  const auto step = std::max<milliseconds>(std::min(options_.socket.ping, options_.socket.silent / 4), milliseconds(1));
  SteadyTime pinged = steady_now();
  while (!link->closed && !stopping_) {
    co_await sleep_for(step);
    const bool stop = co_await cancelled();
    if (stop || link->closed) co_return;
    const SteadyTime now = steady_now();
    if (now - link->heard_at >= options_.socket.silent)
      co_return lose(link, Error(Code::unavailable, "Nothing came from the service, not even a ping.", true));
    if (!link->shaken || now - pinged < options_.socket.ping) continue;
    pinged = now;
    std::string ping(kPing);
    (void)co_await link->socket->write(std::move(ping));
  }
}

// Leaves a connection: what is on its way to it may still come for `keep_old`, and what came is still answered.
Job SocketMode::retire(LinkPtr link) {
  const Deadline kept = Deadline::after(options_.socket.keep_old);
  const Deadline answered = Deadline::after(options_.socket.keep_old + options_.answer_wait);
  bool idle = false;  // at the last look, too: if it was us who stood still, the reader must have its turn first
  while (!link->closed && !stopping_ && !answered.passed()) {
    const bool over = kept.passed() && link->in_work == 0;
    if (over && idle) break;
    idle = over;
    const auto wait = kept.passed() ? kLook : kept.left() + milliseconds(1);
    co_await link->changed.wait(wait);
    const bool stop = co_await cancelled();
    if (stop) co_return;
  }
  if (!stopping_) lose(link, Error(Code::unavailable, "Another connection took its place."));
}

// As SignalR's own clients do: a word first, so that nothing more is sent here.
Job SocketMode::close(LinkPtr link) {
  const Deadline soon = Deadline::after(kCloseWait);
  std::string word(kClose);
  if (link->shaken) (void)co_await link->socket->write(std::move(word));
  co_await link->socket->close(kNormalClosure, soon);
}

void SocketMode::lose(const LinkPtr& link, Error why) {
  if (link->closed) return;
  link->closed = true;
  if (!link->why) link->why = std::move(why);
  log::debug("teams", "Socket Mode, {}: connection {} closes: {}", link->geography, link->generation, link->why->message);
  jobs_.spawn("close", close(link));
  link->changed.notify();
  link->room.notify();
  std::erase(links_, link);  // last: `link` may be a reference into it
}

boost::asio::awaitable<void> SocketMode::stop(Deadline deadline) {
  stopping_ = true;
  const Deadline half = Deadline::after(deadline.left() / 2);
  while (answers_.running() > 0 && !half.passed()) co_await sleep_for(milliseconds(5));
  const auto links = links_;
  for (const auto& link : links) lose(link, Error(Code::cancelled, "Vedette is stopping."));
  // A moment for the close frames; whoever does not answer them is left alone.
  const Deadline closing = Deadline::after(std::min<milliseconds>(half.left(), kCloseWait));
  for (const auto& link : links) {
    while (link->socket->close_code() == 0 && !closing.passed()) co_await sleep_for(milliseconds(2));
  }
  co_await answers_.stop(deadline);
  co_await jobs_.stop(deadline);
}

}  // namespace vedette::teams
