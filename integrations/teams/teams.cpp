#include "integrations/teams/teams.hpp"

#include "bot/base/log.hpp"
#include "integrations/teams/streams_wire.hpp"

namespace vedette::teams {
namespace {
constexpr std::chrono::seconds kLoadAgain(2);
constexpr size_t kTypingMost = 16;  // at once; more are of no use to anybody
}  // namespace

Teams::Teams(Executor executor, net::HttpClient& http, const Clock& clock, TeamsOptions options,
             std::unique_ptr<TokenSource> tokens, chat::InteractionSink& sink, chat::Conversations& conversations,
             std::vector<std::string> channels)
    : options_(std::move(options)),
      tokens_(std::move(tokens)),
      trust_(make_trust(executor, http, clock, options_)),
      book_(conversations, clock),
      connector_(http, *tokens_, clock, options_),
      inbound_(executor, *trust_, book_, sink, clock, options_, events()),
      platform_(connector_, book_, options_, [this](const std::string& slot) { return inbound_.look_for(slot); }),
      people_(connector_, book_, options_, std::move(channels)),
      https_entry_(inbound_),
      jobs_(executor, "teams") {
  if (options_.way == Way::relay)
    relay_ = std::make_unique<RelayListener>(executor, inbound_, tokens_.get(), clock, options_);
  if (options_.way == Way::socket) {
    socket_ = std::make_unique<SocketMode>(executor, http, *tokens_, inbound_, clock, options_);
  }
}

InboundEvents Teams::events() {
  InboundEvents events;
  events.asked = [this](const Activity& activity) {
    if (activity.kind != chat::Conversation::Kind::personal || jobs_.running() >= kTypingMost) return;
    jobs_.spawn("typing", type(place_of(book_, options_, activity.conversation)));
  };
  events.copy = [this](const Activity& activity, const std::string& message_ref) {
    Place place = place_of(book_, options_, activity.conversation);
    if (has_threads(book_, activity.conversation)) {
      place = in_thread(std::move(place), activity.thread.empty() ? message_ref : activity.thread);
    }
    jobs_.spawn("copy", take_away(std::move(place), message_ref));
  };
  return events;
}

void Teams::add_routes(net::HttpServer& server) {
  if (options_.way == Way::https) https_entry_.add_routes(server);
}

void Teams::start() {
  if (relay_) relay_->start();
  if (socket_) socket_->start();
  jobs_.spawn("introduce", introduce());
}

// Reads what was learnt before, then proves that Microsoft knows us: credentials that are refused are found out and told
// before there is something to post, and mended ones are noticed without a restart.
Job Teams::introduce() {
  while (true) {
    const bool stop = co_await cancelled();
    if (stop) co_return;
    const auto loaded = co_await book_.load();
    if (loaded) break;
    log::warning("teams", "the conversations cannot be read now: {}", loaded.error().message);
    co_await sleep_for(kLoadAgain);
  }
  while (true) {
    const bool stop = co_await cancelled();
    if (stop) co_return;
    const Deadline deadline = Deadline::after(options_.call_wait);
    const auto token = co_await tokens_->token(options_.cloud.scope, deadline);
    if (token) {
      if (!refusal_.empty()) log::info("teams", "Microsoft takes our credentials again");
      refusal_.clear();
      co_return;
    }
    if (token.error().code == Code::cancelled) co_return;
    if (token.error().code == Code::unauthenticated) {
      if (refusal_ != token.error().message) log::error("teams", "our credentials are of no use: {}", token.error().message);
      refusal_ = token.error().message;
    } else {
      log::warning("teams", "{}", token.error().message);
    }
    co_await sleep_for(options_.refused_probe);
  }
}

// A comfort, nothing more: never repeated.
Job Teams::type(Place place) {
  const Deadline deadline = Deadline::after(options_.call_wait);
  const auto told = co_await connector_.send(std::move(place), typing_activity(), {}, deadline);
  if (!told) log::debug("teams", "typing could not be shown: {}", told.error().message);
}

Job Teams::take_away(Place place, std::string message_ref) {
  const Deadline deadline = Deadline::after(options_.call_wait);
  const auto gone = co_await connector_.remove(std::move(place), std::move(message_ref), deadline);
  if (!gone) co_return log::warning("teams", "a second copy of a message stays: {}", gone.error().message);
  log::info("teams", "a second copy of a message was taken away");
}

WayState Teams::state() const {
  if (relay_) return relay_->state();
  if (socket_) return socket_->state();
  WayState state;
  state.open = true;
  return state;
}

std::string Teams::refusal() const { return refusal_.empty() ? state().trouble : refusal_; }

boost::asio::awaitable<void> Teams::stop(Deadline deadline) {
  if (relay_) co_await relay_->stop(deadline);
  if (socket_) co_await socket_->stop(deadline);
  co_await inbound_.stop(deadline);  // before the jobs that it starts
  co_await jobs_.stop(deadline);
}

}  // namespace vedette::teams
