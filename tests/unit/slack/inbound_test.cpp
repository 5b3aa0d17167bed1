// What is done before an envelope is acknowledged has one deadline, however many questions to Slack it takes.

#include "integrations/slack/inbound.hpp"

#include <gtest/gtest.h>

#include "commands/forms.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/unit/slack/scripted_http.hpp"

namespace vedette::slack {
namespace {

// Never answers, and remembers how much time each call was given.
class SilentHttp final : public net::HttpClient {
 public:
  Async<net::HttpResponse> send(net::HttpRequest request, Deadline deadline) override {
    calls.push_back(request.target.substr(request.target.rfind('/') + 1));
    late += deadline.passed() ? 1 : 0;
    co_await sleep_for(deadline.left());
    co_return Error(Code::timeout, "no answer", true);
  }
  std::vector<std::string> calls;
  int late = 0;
};

class Inbox final : public chat::InteractionSink {
 public:
  Async<bool> accept(chat::Interaction interaction) override {
    taken.push_back(std::move(interaction));
    co_return true;
  }
  std::vector<chat::Interaction> taken;
};

ASYNC_TEST(SlackInbound, a_form_that_slack_does_not_open_leaves_no_time_twice) {
  SilentHttp http;
  test::FakeClock clock;
  SlackOptions wanted = options();
  wanted.ack_wait = std::chrono::milliseconds(60);
  WebApi api(http, clock, wanted);
  People people(io, api, clock, wanted);
  HomeTab home(io, api, nullptr, clock, wanted);
  Streams streams(api, clock);
  AgentSessions sessions(io, api, streams, clock, wanted);
  Inbox inbox;
  Inbound inbound(io, api, people, home, sessions, inbox, clock, wanted);
  const commands::CommandForms forms;
  inbound.offer(forms);
  Envelope envelope;
  envelope.type = "interactive";
  envelope.payload = Json::parse(R"({"type":"block_actions","trigger_id":"1.2.three","user":{"id":"U7","team_id":"T1"},
      "team":{"id":"T1"},"channel":{"id":"C1"},"container":{"type":"message","message_ts":"1.5","channel_id":"C1"},
      "message":{"ts":"1.5"},"actions":[{"type":"button","action_id":"command:0","block_id":"b","value":"close C-3",
      "action_ts":"1.6"}]})")
                         .value();
  const auto taken = co_await inbound.take(std::move(envelope));
  CO_ASSERT_OK(taken);
  CO_ASSERT_TRUE(inbox.taken.size() == 1u);
  EXPECT_EQ(inbox.taken[0].text, "close C-3");
  CO_ASSERT_TRUE(http.calls.size() >= 2u);
  EXPECT_EQ(http.calls[0], "views.open");
  EXPECT_EQ(http.late, static_cast<int>(http.calls.size()) - 1)
      << "the time for the acknowledgement was used up by the form";
  co_await inbound.stop(soon());
}

}  // namespace
}  // namespace vedette::slack
