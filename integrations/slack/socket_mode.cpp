#include "integrations/slack/socket_mode.hpp"

#include <algorithm>
#include <cstring>

#include "bot/base/crypto.hpp"
#include "bot/base/log.hpp"

namespace vedette::slack {
namespace {

using std::chrono::milliseconds;

constexpr size_t kInWork = 512;                          // envelopes of one link; reading pauses beyond
constexpr size_t kMostLinks = 8;                         // Slack's cap is ten for the app; ghosts and neighbours need room
constexpr auto kRetireWait = std::chrono::seconds(120);  // for Slack to close a link it asked us to leave
constexpr auto kCloseWait = std::chrono::seconds(2);
constexpr uint16_t kNormalClosure = 1000;

SteadyTime steady_now() { return std::chrono::steady_clock::now(); }

uint32_t seed() {
  const std::string bytes = crypto::random_bytes(sizeof(uint32_t));
  uint32_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

}  // namespace

struct SocketMode::Link {
  explicit Link(Executor executor) : changed(executor), room(executor) {}
  uint64_t generation = 0;
  size_t slot = 0;
  std::unique_ptr<net::WebSocket> socket;
  bool said_hello = false;
  bool leaving = false;  // a successor is wanted; still read
  bool closed = false;
  std::string reason;  // why it is left: Slack's word, "due", or "" when it broke
  std::chrono::seconds lifetime{0};
  SteadyTime hello_at{};
  size_t in_work = 0;
  Signal changed;  // waited on by the slot, later by retire()
  Signal room;     // waited on by the reader
};

SocketMode::SocketMode(Executor executor, WebApi& api, EnvelopeTaker& taker, SlackOptions options, SocketModeEvents events)
    : api_(api),
      taker_(taker),
      options_(std::move(options)),
      events_(std::move(events)),
      jobs_(executor, "slack sockets"),
      answers_(executor, "slack envelopes"),
      random_(seed()) {
  options_.sockets = std::clamp<size_t>(options_.sockets, 1, kept_.size());
}

SocketMode::~SocketMode() = default;

void SocketMode::start() { fill_slots(); }

void SocketMode::fill_slots() {
  for (size_t slot = 0; slot < options_.sockets; ++slot) {
    if (kept_.at(slot)) continue;
    kept_.at(slot) = true;
    jobs_.spawn("slot", keep_slot(slot, nullptr));
  }
}

size_t SocketMode::connected() const {
  return static_cast<size_t>(
      std::count_if(links_.begin(), links_.end(), [](const LinkPtr& link) { return link->said_hello && !link->closed; }));
}

void SocketMode::report_change() {
  if (events_.changed) events_.changed(connected());
}

milliseconds SocketMode::jittered(milliseconds wait) {
  std::uniform_int_distribution<int64_t> between(wait.count() / 2, std::max<int64_t>(wait.count(), 1));
  return milliseconds(between(random_));
}

milliseconds SocketMode::backoff(int& failures) {
  auto wait = options_.backoff_first;
  for (int step = 0; step < failures && wait < options_.backoff_most; ++step) wait *= 2;
  ++failures;
  return jittered(std::min(wait, options_.backoff_most));
}

// How long to wait before opening the successor of a link that said hello.
milliseconds SocketMode::next_wait(const Link& link, int& failures) {
  const bool stable = steady_now() - link.hello_at >= options_.stable_after;
  if (stable) failures = 0;
  if (link.reason == "too_many_websockets") return options_.too_many_wait + jittered(options_.backoff_first);
  if (link.reason.empty()) return stable ? milliseconds(0) : backoff(failures);
  // Slack or the clock asked for it. A server that asks straight after hello must not make us hammer it.
  return stable ? milliseconds(0) : jittered(std::min(options_.backoff_first, milliseconds(500)));
}

milliseconds SocketMode::after_failure(const Error& error, int& failures) {
  ++counts_.failed;
  const auto wait = backoff(failures);
  return error.retry_after ? std::max(wait, *error.retry_after + jittered(options_.backoff_first)) : wait;
}

// The slots refresh at different moments, so that they never are without a link at the same time.
Duration SocketMode::refresh_after(const Link& link) const {
  const auto lifetime = link.lifetime.count() > 0 ? link.lifetime : std::chrono::seconds(3600);
  const auto percent = 80 - 5 * static_cast<int64_t>(link.slot);
  return std::chrono::duration_cast<Duration>(lifetime) * percent / 100;
}

// Keeps one link up, beginning with `link` if there is one. Ends when Slack refuses us: then probe() goes on.
Job SocketMode::keep_slot(size_t slot, LinkPtr link) {
  struct Kept {
    ~Kept() { mark = false; }
    bool& mark;
  };
  const Kept kept{kept_.at(slot)};
  int failures = 0;
  milliseconds wait(0);
  while (!stopping_) {
    if (!link) {
      if (wait.count() > 0) co_await sleep_for(wait);
      const bool stop = co_await cancelled();
      if (stop || stopping_ || refusal_) co_return;
      auto opened = co_await open_link(slot);
      if (!opened) {
        if (stopping_ || opened.error().code == Code::cancelled) co_return;
        if (is_final(opened.error())) co_return refuse(std::move(opened).error());
        if (refusal_) co_return;
        wait = after_failure(opened.error(), failures);
        log::warning("slack", "socket {}: {}; next try in {} ms", slot, opened.error().message, wait.count());
        continue;
      }
      link = std::move(*opened);
      accept();
    }
    co_await watch(link);
    if (stopping_) co_return;
    if (!link->closed) jobs_.spawn("retire", retire(link));
    if (refusal_) co_return;
    wait = next_wait(*link, failures);
    link.reset();
  }
}

// While Slack refuses us: one cheap question every few minutes, whose answer becomes the first link again.
Job SocketMode::probe() {
  while (refusal_ && !stopping_) {
    co_await sleep_for(jittered(options_.refused_probe));
    const bool stop = co_await cancelled();
    if (stop || stopping_) co_return;
    size_t slot = 0;
    while (slot < options_.sockets && kept_.at(slot)) ++slot;
    if (!refusal_ || slot == options_.sockets) continue;  // others are on it
    kept_.at(slot) = true;
    auto opened = co_await open_link(slot);
    kept_.at(slot) = false;
    if (!opened) {
      ++counts_.failed;
      if (stopping_ || opened.error().code == Code::cancelled) co_return;
      if (is_final(opened.error())) refuse(std::move(opened).error());
      continue;
    }
    kept_.at(slot) = true;
    jobs_.spawn("slot", keep_slot(slot, std::move(*opened)));
    accept();
  }
  probing_ = false;
}

// Returns once a successor is wanted.
boost::asio::awaitable<void> SocketMode::watch(LinkPtr link) {
  const SteadyTime due = link->hello_at + refresh_after(*link);
  while (!link->leaving && !link->closed && !stopping_) {
    const auto left = std::chrono::duration_cast<Duration>(due - steady_now());
    if (left.count() <= 0) {
      leave(*link, "due");
      break;
    }
    co_await link->changed.wait(left);
    if (co_await cancelled()) co_return;
  }
}

// From a fresh address to hello.
Async<SocketMode::LinkPtr> SocketMode::open_link(size_t slot) {
  while (links_.size() + opening_ >= kMostLinks) {
    const auto oldest = std::find_if(links_.begin(), links_.end(), [](const LinkPtr& link) { return link->leaving; });
    if (oldest == links_.end()) co_return Error(Code::unavailable, "too many sockets to Slack are open already", true);
    // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): links_ changes while this one is being closed
    const LinkPtr link = *oldest;
    const Deadline soon = Deadline::after(kCloseWait);
    co_await close_link(link, soon);
    forget(link);
  }
  struct Opening {
    explicit Opening(size_t& n) : count(n) { ++count; }
    ~Opening() { --count; }
    size_t& count;
  };
  const auto link = std::make_shared<Link>(jobs_.executor());
  link->slot = slot;
  link->generation = next_generation_++;
  const Deadline deadline = Deadline::after(options_.call_wait);
  {
    const Opening opening(opening_);
    CO_TRY(std::string url, api_.open_connection(deadline));
    net::WebSocketOptions socket_options;
    socket_options.idle = options_.idle;
    socket_options.message_bytes = 4 << 20;
    socket_options.ca_file = options_.ca_file;
    socket_options.proxy = options_.proxy;
    socket_options.no_proxy = options_.no_proxy;
    net::Headers headers;
    auto connected =
        co_await net::connect_websocket(std::move(url), std::move(headers), std::move(socket_options), deadline);
    if (!connected) co_return std::move(connected).error();
    link->socket = std::move(*connected);
  }
  if (stopping_) co_return Error(Code::cancelled, "shutting down");
  links_.push_back(link);
  jobs_.spawn("read", read_loop(link));
  const Deadline hello_by = Deadline::after(options_.hello_wait);
  while (!link->said_hello && !link->closed && !link->leaving && !hello_by.passed()) {
    co_await link->changed.wait(hello_by.left());
    if (co_await cancelled()) co_return Error(Code::cancelled, "shutting down");
  }
  if (link->said_hello) co_return link;
  Error error(Code::unavailable, "Slack did not say hello on the new socket", true);
  if (link->reason == "too_many_websockets") {
    error.message = "Slack has too many sockets of this app open";
    error.retry_after = options_.too_many_wait;
  }
  const Deadline soon = Deadline::after(kCloseWait);
  co_await close_link(link, soon);
  forget(link);
  co_return error;
}

Job SocketMode::read_loop(LinkPtr link) {
  while (true) {
    auto text = co_await link->socket->read();
    if (!text) {
      log::debug("slack", "socket {} ended: {}", link->generation, text.error().message);
      break;
    }
    on_frame(link, *text);
    while (link->in_work >= kInWork && !stopping_) co_await link->room.wait(std::chrono::seconds(1));
  }
  forget(link);
}

void SocketMode::on_frame(const LinkPtr& link, std::string_view text) {
  auto frame = parse_frame(text);
  if (!frame) {
    ++counts_.malformed;
    log::warning("slack", "a frame that could not be read: {}", frame.error().message);
    return;
  }
  if (const auto* hello = std::get_if<Hello>(&*frame)) return on_hello(*link, *hello);
  if (const auto* disconnect = std::get_if<Disconnect>(&*frame)) return on_disconnect(*link, *disconnect);
  if (auto* envelope = std::get_if<Envelope>(&*frame)) {
    ++counts_.envelopes;
    ++link->in_work;
    answers_.spawn("envelope", answer(link, std::move(*envelope)));
  }
}

Job SocketMode::answer(LinkPtr link, Envelope envelope) {
  const std::string id = envelope.id;
  auto taken = co_await taker_.take(std::move(envelope));
  if (taken) {
    std::string ack = ack_frame(id, *taken);
    auto written = co_await link->socket->write(std::move(ack));
    if (written) ++counts_.acknowledged;
  } else {
    ++counts_.withheld;
    log::warning("slack", "an envelope is not acknowledged: {}", taken.error().message);
  }
  if (link->in_work-- >= kInWork) link->room.notify();
}

void SocketMode::on_hello(Link& link, const Hello& hello) {
  if (link.said_hello) return;
  link.said_hello = true;
  link.hello_at = steady_now();
  link.lifetime = hello.lifetime;
  ++counts_.opened;
  link.changed.notify();
  count_ghosts(hello);
  report_change();
}

void SocketMode::count_ghosts(const Hello& hello) {
  // Slack counts a socket from the handshake on, so those on the way are ours too.
  const size_t ours = links_.size() + opening_;
  ghosts_ = std::max<int64_t>(hello.connections - static_cast<int64_t>(ours), 0);
  if (ghosts_ == 0) {
    if (std::exchange(ghosts_told_, false)) {
      log::info("slack", "Slack counts our own sockets only again");
      if (events_.ghosts_gone) events_.ghosts_gone();
    }
    return;
  }
  if (!recounting_) {
    recounting_ = true;
    ghosts_since_ = steady_now();
    log::info("slack", "Slack counts {} sockets of this app, {} are ours; counting again soon", hello.connections, ours);
    jobs_.spawn("recount", recount());
    return;
  }
  if (ghosts_told_ || steady_now() - ghosts_since_ < options_.ghost_check) return;
  ghosts_told_ = true;
  log::warning("slack",
               "Slack counts {} sockets of this app, {} are ours. Another program uses the same app, or dead links linger: "
               "clicks may get lost. Typed commands that mention Vedette work",
               hello.connections, ours);
  if (events_.ghosts) events_.ghosts(hello.connections, ours);
}

// Only hello says how many sockets Slack counts: a link is replaced to hear it again.
Job SocketMode::recount() {
  auto wait = options_.ghost_check;
  while (ghosts_ > 0 && !stopping_) {
    co_await sleep_for(wait);
    const bool stop = co_await cancelled();
    if (stop) co_return;
    const auto link = std::find_if(links_.begin(), links_.end(),
                                   [](const LinkPtr& each) { return each->said_hello && !each->leaving && !each->closed; });
    if (ghosts_ > 0 && link != links_.end()) leave(**link, "recount");
    wait = options_.ghost_recheck;
  }
  recounting_ = false;
}

void SocketMode::on_disconnect(Link& link, const Disconnect& disconnect) {
  log::info("slack", "socket {}: Slack asks to disconnect ({})", link.generation, disconnect.reason.substr(0, 40));
  if (disconnect.reason == "link_disabled") {
    refuse(Error(Code::forbidden, "Socket Mode was switched off for this Slack app. Switch it on in the app's settings."));
  }
  leave(link, disconnect.reason.empty() ? "unnamed" : disconnect.reason);
}

void SocketMode::leave(Link& link, std::string reason) {
  if (link.leaving) return;
  link.leaving = true;
  link.reason = std::move(reason);
  link.changed.notify();
}

// Slack closes what it asked us to leave; this is for when it does not.
Job SocketMode::retire(LinkPtr link) {
  auto wait = std::chrono::duration_cast<Duration>(kRetireWait);
  if (link->reason == "due") wait += std::chrono::duration_cast<Duration>(link->hello_at + link->lifetime - steady_now());
  const SteadyTime until = steady_now() + wait;
  while (!link->closed && !stopping_ && steady_now() < until) {
    co_await link->changed.wait(std::chrono::duration_cast<Duration>(until - steady_now()));
    if (co_await cancelled()) co_return;
  }
  if (link->closed || stopping_) co_return;
  const Deadline soon = Deadline::after(kCloseWait);
  co_await close_link(link, soon);
  forget(link);
}

Job SocketMode::close_link(LinkPtr link, Deadline deadline) {
  if (!link->closed) co_await link->socket->close(kNormalClosure, deadline);
}

void SocketMode::forget(const LinkPtr& link) {
  if (link->closed) return;
  link->closed = true;
  std::erase(links_, link);
  link->changed.notify();
  if (link->said_hello) report_change();
}

// Links that are up are read until Slack closes them.
void SocketMode::refuse(Error why) {
  const bool told = refusal_ && refusal_->message == why.message;
  refusal_ = std::move(why);
  if (!probing_) {
    probing_ = true;
    jobs_.spawn("probe", probe());
  }
  if (told) return;
  log::error("slack", "Slack does not let us connect: {} Vedette asks again every few minutes; no restart is needed.",
             refusal_->message);
  if (events_.refused) events_.refused(*refusal_);
}

void SocketMode::accept() {
  if (!refusal_) return;
  refusal_.reset();
  log::info("slack", "Slack lets us connect again");
  if (events_.accepted) events_.accepted();
  fill_slots();
}

boost::asio::awaitable<void> SocketMode::stop(Deadline deadline) {
  stopping_ = true;
  const Deadline half = Deadline::after(deadline.left() / 2);
  while (answers_.running() > 0 && !half.passed()) co_await sleep_for(milliseconds(5));
  const auto links = links_;
  for (const auto& link : links) jobs_.spawn("close", close_link(link, half));
  const Deadline closing = Deadline::after(std::min<milliseconds>(half.left(), kCloseWait));
  while (!links_.empty() && !closing.passed()) co_await sleep_for(milliseconds(5));
  co_await answers_.stop(deadline);
  co_await jobs_.stop(deadline);
}

}  // namespace vedette::slack
