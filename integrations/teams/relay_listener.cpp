#include "integrations/teams/relay_listener.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include "bot/base/crypto.hpp"
#include "bot/base/log.hpp"
#include "integrations/teams/relay_link.hpp"

namespace vedette::teams {

using std::chrono::milliseconds;

namespace {

constexpr std::array<int, 6> kPauses = {0, 1, 2, 5, 10, 30};  // seconds; those of Microsoft's listeners
constexpr auto kStable = std::chrono::seconds(2);
constexpr auto kCloseWait = std::chrono::seconds(2);
constexpr uint16_t kNormalClosure = 1000;
constexpr size_t kReadAhead = 512;             // requests in work; reading pauses beyond
constexpr size_t kControlMessage = 512 << 10;  // the service sends 64 kB at most over the control channel

SteadyTime steady_now() { return std::chrono::steady_clock::now(); }

uint32_t seed() {
  const std::string bytes = crypto::random_bytes(sizeof(uint32_t));
  uint32_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::string trace_id() {
  const std::string hex = crypto::to_hex(crypto::random_bytes(16));
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                     hex.substr(20));
}

}  // namespace

RelayListener::RelayListener(Executor executor, ActivityTaker& taker, TokenSource* tokens, const Clock& clock,
                             TeamsOptions options)
    : taker_(taker),
      tokens_(tokens),
      clock_(clock),
      options_(std::move(options)),
      jobs_(executor, "azure relay"),
      talks_(executor, "azure relay requests"),
      works_(executor, "azure relay activities"),
      wake_(executor),
      room_(executor),
      random_(seed()) {
  if (options_.relay.pauses.empty()) {
    for (const int pause : kPauses) options_.relay.pauses.emplace_back(std::chrono::seconds(pause));
  }
}

RelayListener::~RelayListener() = default;

void RelayListener::start() {
  auto address = relay_address(options_.relay);
  if (!address) {
    trouble_ = address.error().message;
    log::error("teams", "Azure Relay cannot be used: {}", trouble_);
    return;
  }
  address_ = std::move(*address);
  jobs_.spawn("control channel", keep());
}

WayState RelayListener::state() const {
  WayState state;
  state.open = link_ != nullptr && !stopping_;
  state.links = state.open ? 1 : 0;
  state.trouble = trouble_;
  return state;
}

// ---- the control channel

milliseconds RelayListener::jittered(milliseconds wait) {
  std::uniform_int_distribution<int64_t> between(wait.count() * 3 / 4, wait.count() * 5 / 4);
  return milliseconds(between(random_));
}

milliseconds RelayListener::next_pause() {
  const auto& pauses = options_.relay.pauses;
  const auto pause = pauses.at(std::min(failures_, pauses.size() - 1));
  ++failures_;
  paused_ = pause;
  return jittered(pause);
}

milliseconds RelayListener::after_loss(const Link& link) {
  // Up for longer than it was waited for: it was a good one.
  if (steady_now() - link.opened_at >= std::max<milliseconds>(paused_, kStable)) failures_ = 0;
  const auto wait = next_pause();
  log::info("teams", "Azure Relay: the control channel ended: {} Next try in {} ms", link.why, wait.count());
  return wait;
}

// What a person must mend is told as such and asked for again every few minutes; the rest backs off.
milliseconds RelayListener::after_failure(const Error& error) {
  ++counts_.failed;
  const auto& relay = options_.relay;
  const std::string host = address_->service.authority();
  std::string what;
  if (error.http_status == 401 && !signs() && !fresh_token_) {
    fresh_token_ = true;  // listen_token() gets another one: perhaps only the cached token had gone stale
    return next_pause();
  }
  if (error.http_status == 401) {
    what = signs() ? fmt::format(
                         "Azure Relay does not take the key \"{}\" for \"{}\". Check the key and its name, and this "
                         "machine's clock.",
                         relay.key_name, relay.connection)
                   : fmt::format("Azure Relay does not take our Microsoft Entra token for \"{}\".", relay.connection);
  } else if (error.http_status == 403) {
    what = signs() ? fmt::format("The key \"{}\" may not listen on \"{}\". Give its rule the right Listen.", relay.key_name,
                                 relay.connection)
                   : fmt::format(
                         "Our Microsoft Entra identity may not listen on \"{}\". Give it the role Azure Relay "
                         "Listener.",
                         relay.connection);
  } else if (error.http_status == 404) {
    what = fmt::format("Azure Relay has no hybrid connection \"{}\" in {}. Create it, or mend its name in the config.",
                       relay.connection, host);
  } else if (error.code == Code::unauthenticated || error.code == Code::forbidden || error.code == Code::invalid_input) {
    what = error.message;
  }
  if (!what.empty()) {
    refuse(std::move(what));
    return jittered(options_.refused_probe);
  }
  refused_ = false;
  trouble_ = fmt::format("Azure Relay at {} cannot be reached: {}", host, error.message);
  auto wait = next_pause();
  if (error.retry_after) wait = std::max(wait, jittered(*error.retry_after));
  log::warning("teams", "{} Next try in {} ms", trouble_, wait.count());
  return wait;
}

void RelayListener::refuse(std::string what) {
  const bool told = refused_ && trouble_ == what;
  refused_ = true;
  trouble_ = std::move(what);
  if (told) return;
  log::error("teams", "{} Vedette asks again every few minutes; no restart is needed.", trouble_);
}

Job RelayListener::keep() {
  milliseconds wait(0);
  while (!stopping_) {
    if (wait.count() > 0) co_await wake_.wait(wait);
    const bool stop = co_await cancelled();
    if (stop || stopping_) co_return;
    auto opened = co_await open();
    if (!opened) {
      if (stopping_ || opened.error().code == Code::cancelled) co_return;
      wait = after_failure(opened.error());
      continue;
    }
    link_ = std::move(*opened);
    const LinkPtr link = link_;
    if (!trouble_.empty()) log::info("teams", "Azure Relay lets us listen again");
    trouble_.clear();
    refused_ = fresh_token_ = false;
    jobs_.spawn("renew", renew(link));
    co_await read_loop(link);
    link_ = nullptr;
    link->gone.notify();
    if (link->waiting) link->waiting->body_came.notify();
    if (stopping_) co_return;
    wait = after_loss(*link);
  }
}

Async<std::string> RelayListener::listen_token(Deadline deadline) {
  if (signs()) {
    const auto until = std::chrono::ceil<std::chrono::seconds>(clock_.now() + options_.relay.token_life);
    const auto& key = options_.relay.key.reveal();
    co_return shared_access_signature(address_->resource, options_.relay.key_name, key, until);
  }
  if (tokens_ == nullptr)
    co_return Error(Code::invalid_input, "Azure Relay needs a key, or an identity to ask a token for.");
  co_return co_await tokens_->token(options_.relay.entra_scope, deadline);
}

net::WebSocketOptions RelayListener::socket_options() const {
  net::WebSocketOptions options;
  options.idle = options_.relay.silent;
  options.pong = options_.relay.pong;
  options.message_bytes = kControlMessage;
  options.ca_file = options_.ca_file;
  options.proxy = options_.proxy;
  options.no_proxy = options_.no_proxy;
  return options;
}

Async<RelayListener::LinkPtr> RelayListener::open() {
  const Deadline deadline = Deadline::after(options_.call_wait);
  CO_TRY(std::string token, listen_token(deadline));
  net::Headers headers;
  headers.add("ServiceBusAuthorization", token);
  std::string url = relay_listen_url(*address_, trace_id());
  auto options = socket_options();
  auto connected = co_await net::connect_websocket(std::move(url), std::move(headers), std::move(options), deadline);
  if (!connected) {
    if (connected.error().http_status == 401 && tokens_ != nullptr && !signs()) {
      tokens_->refused(options_.relay.entra_scope, token);
    }
    co_return std::move(connected).error();
  }
  const auto link = std::make_shared<Link>(jobs_.executor(), SocketPtr(std::move(*connected)), std::move(token));
  ++counts_.opened;
  log::debug("teams", "Azure Relay: listening on {}", options_.relay.connection);
  co_return link;
}

// The service closes the channel when its token ends, so a newer one is there well before.
Job RelayListener::renew(LinkPtr link) {
  const auto half_life = std::chrono::duration_cast<milliseconds>(options_.relay.token_life) / 2;
  const auto every = std::max(signs() ? half_life : options_.token_early / 2, milliseconds(50));
  while (link_ == link && !stopping_) {
    const bool gone = co_await link->gone.wait(every);
    const bool stop = co_await cancelled();
    if (gone || stop || link_ != link) co_return;
    const Deadline deadline = Deadline::after(options_.call_wait);
    auto token = co_await listen_token(deadline);
    if (!token) {
      log::warning("teams", "Azure Relay: no new token: {}", token.error().message);
      continue;
    }
    if (*token == link->token) continue;
    link->token = std::move(*token);
    std::string message = relay_renewal(link->token);
    const auto sent = co_await link->socket->write(std::move(message));
    if (!sent) co_return;
    ++counts_.renewals;
  }
}

boost::asio::awaitable<void> RelayListener::read_loop(LinkPtr link) {
  for (;;) {
    auto message = co_await link->socket->read_message();
    if (!message) {
      link->why = message.error().message;
      // 1008: the service takes this token no longer.
      if (link->socket->close_code() == 1008 && tokens_ != nullptr && !signs()) {
        tokens_->refused(options_.relay.entra_scope, link->token);
      }
      co_return;
    }
    if (message->binary) {
      take_body(link, std::move(message->bytes));
    } else {
      take_text(link, message->bytes);
    }
    while (busy_ >= kReadAhead && !stopping_) co_await room_.wait(std::chrono::seconds(1));
  }
}

boost::asio::awaitable<void> RelayListener::stop(Deadline deadline) {
  stopping_ = true;
  wake_.notify();
  const Deadline half = Deadline::after(deadline.left() / 2);
  while (busy_ > 0 && !half.passed()) co_await sleep_for(milliseconds(5));
  if (const LinkPtr link = link_; link) {
    const Deadline closing = Deadline::after(std::min<milliseconds>(half.left() + milliseconds(50), kCloseWait));
    co_await link->socket->close(kNormalClosure, closing);
  }
  co_await talks_.stop(deadline);
  co_await works_.stop(deadline);
  co_await jobs_.stop(deadline);
}

}  // namespace vedette::teams
