#include "integrations/teams/streams.hpp"

#include "bot/base/log.hpp"
#include "integrations/teams/streams_wire.hpp"

namespace vedette::teams {
namespace {
constexpr std::chrono::milliseconds kBetween(1100);
constexpr std::chrono::hours kAgain(1);
}  // namespace

Async<Posted> Streams::say(Place place, std::string activity, Deadline deadline) {
  auto beginning = first_piece(activity);
  const auto now = connector_.clock().steady_now();
  const bool refused = refused_ && now - *refused_ < kAgain;
  if (!beginning || refused) co_return co_await connector_.send(std::move(place), std::move(activity), {}, deadline);
  const auto begun = co_await connector_.send(place, std::move(*beginning), {}, deadline);
  if (!begun) {
    const Code code = begun.error().code;
    if (code != Code::forbidden && code != Code::upstream) co_return begun.error();
    log::info("teams", "answers are not streamed for an hour: {}", begun.error().message);
    refused_ = now;
    co_return co_await connector_.send(std::move(place), std::move(activity), {}, deadline);
  }
  const auto wait = std::max<Duration>(kBetween, options_.pace);
  co_await sleep_for(wait);
  std::string whole = last_piece(activity, begun->activity);
  auto done = co_await connector_.send(std::move(place), std::move(whole), {}, deadline);
  // What was begun stands there, whatever became of the rest.
  if (!done) co_return Error(Code::unknown_outcome, done.error().message, true);
  if (done->activity.empty()) done->activity = begun->activity;
  co_return done;
}

}  // namespace vedette::teams
