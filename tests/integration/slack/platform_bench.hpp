#pragma once
// The platform alone, without sockets, against the fake Slack.

#include "tests/integration/slack/slack_bench.hpp"

namespace vedette::test {

struct PlatformBench : SlackBench {
  explicit PlatformBench(Executor io, FakeSlackOptions fake_options = {}, slack::SlackOptions timings = {})
      : SlackBench(io, std::move(fake_options)), api(*http, system_clock(), with(timings)), platform(api, with(timings)) {}
  // What a test shortens of its own.
  const slack::SlackOptions& with(const slack::SlackOptions& timings) {
    options.newer_again = timings.newer_again;
    options.share_wait = timings.share_wait;
    return options;
  }
  slack::WebApi api;
  slack::SlackPlatform platform;
};

}  // namespace vedette::test
