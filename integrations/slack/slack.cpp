#include "integrations/slack/slack.hpp"

#include <algorithm>

#include "bot/base/log.hpp"

namespace vedette::slack {

Slack::Slack(Executor executor, net::HttpClient& http, const Clock& clock, SlackOptions options, chat::InteractionSink& sink,
             SocketModeEvents events, chat::HomePages* pages)
    : api_(http, clock, options),
      people_(executor, api_, clock, options),
      streams_(api_, clock),
      sessions_(executor, api_, streams_, clock, options),
      platform_(api_, options, &streams_, &sessions_),
      groups_(executor, api_, clock, options),
      home_(executor, api_, pages, clock, options),
      inbound_(executor, api_, people_, home_, sessions_, sink, clock, options),
      catch_up_(executor, api_, inbound_, clock, options),
      socket_(executor, api_, inbound_, options, noticed(std::move(events))),
      http_entry_(inbound_, clock, options.signing_secret),
      uses_sockets_(!options.app_token.empty()),
      uses_http_(!options.signing_secret.empty()),
      jobs_(executor, "slack"),
      call_wait_(options.call_wait),
      probe_wait_(options.refused_probe) {}

void Slack::add_routes(net::HttpServer& server) {
  if (uses_http_) http_entry_.add_routes(server);
}

void Slack::start() {
  if (uses_sockets_) socket_.start();
  home_.start();
  inbound_.on_held_back([this] { catch_up_.held_back(); });
  jobs_.spawn("introduce", introduce());
  jobs_.spawn("catch up", catch_up_.run());
  // Without sockets the only gap that can be known of is the time before this start.
  if (!uses_sockets_) catch_up_.connected(1);
}

SocketModeEvents Slack::noticed(SocketModeEvents events) {
  events.changed = [this, tell = std::move(events.changed)](size_t sockets) {
    catch_up_.connected(sockets);
    if (tell) tell(sockets);
  };
  events.ghosts = [this, tell = std::move(events.ghosts)](int64_t counted, size_t ours) {
    catch_up_.ghosts(true);
    if (tell) tell(counted, ours);
  };
  events.ghosts_gone = [this, tell = std::move(events.ghosts_gone)] {
    catch_up_.ghosts(false);
    if (tell) tell();
  };
  return events;
}

// Asks who we are, beside the connecting and not before it, until Slack has said it: a bot token that is refused is found
// out and told before there is something to post, and one that was mended is noticed without a restart.
Job Slack::introduce() {
  while (true) {
    const bool stop = co_await cancelled();
    if (stop) co_return;
    const Deadline deadline = Deadline::after(call_wait_);
    auto self = co_await api_.self(deadline);
    if (self) {
      if (!bot_refusal_.empty()) log::info("slack", "Slack takes the bot token again");
      bot_refusal_.clear();
      co_return;
    }
    const Error& error = self.error();
    if (error.code == Code::cancelled) co_return;
    if (is_final(error)) {
      if (bot_refusal_ != error.message) log::error("slack", "the bot token is of no use: {}", error.message);
      bot_refusal_ = error.message;
    } else {
      log::warning("slack", "{}", error.message);
    }
    const auto wait = std::max(probe_wait_, error.retry_after.value_or(probe_wait_));
    co_await sleep_for(wait);
  }
}

std::string Slack::refusal() const { return socket_.refusal() ? socket_.refusal()->message : bot_refusal_; }

boost::asio::awaitable<void> Slack::stop(Deadline deadline) {
  co_await socket_.stop(deadline);
  co_await jobs_.stop(deadline);  // before what the catching up hands to
  co_await inbound_.stop(deadline);
  co_await home_.stop(deadline);
  co_await sessions_.stop(deadline);
}

}  // namespace vedette::slack
