#include "integrations/slack/slack.hpp"

#include "bot/base/log.hpp"

namespace vedette::slack {

Slack::Slack(Executor executor, net::HttpClient& http, const Clock& clock, SlackOptions options, chat::InteractionSink& sink,
             SocketModeEvents events)
    : api_(http, clock, options),
      people_(executor, api_, clock, options),
      platform_(api_, options),
      inbound_(executor, api_, people_, sink, options),
      socket_(executor, api_, inbound_, options, std::move(events)),
      jobs_(executor, "slack"),
      call_wait_(options.call_wait) {}

void Slack::start() {
  socket_.start();
  jobs_.spawn("introduce", introduce());
}

// Asks who we are, beside the connecting and not before it. Where it fails, whoever needs to know asks again.
Job Slack::introduce() {
  const Deadline deadline = Deadline::after(call_wait_);
  auto self = co_await api_.self(deadline);
  if (!self && self.error().code != Code::cancelled) log::warning("slack", "{}", self.error().message);
}

boost::asio::awaitable<void> Slack::stop(Deadline deadline) {
  co_await socket_.stop(deadline);
  co_await inbound_.stop(deadline);
  co_await jobs_.stop(deadline);
}

}  // namespace vedette::slack
