#pragma once
// Slack as a chat platform: posts, edits and looks up messages. Lives as long as the app; io thread only.
//
// message_ref is the message's ts, or for a file its id; it means something only together with its channel, which must be a
// channel id. A message for one person alone is an ephemeral one: Slack can neither edit nor look these up, so each delivery
// posts anew and find() never finds one: after a lost answer it may be seen twice, never not at all.
//
// A message Slack does not accept is sent again in plainer and plainer blocks. What it did without is remembered for
// `newer_again`, so that not every message is refused first.
//
// A card with a file is shared as a text file. An edit of one shares the new content as another file and leaves the earlier
// one, which people may have spoken of. Where files are not taken, a message stands in for it.

#include <optional>
#include <string>
#include <vector>

#include "bot/chat/platform.hpp"
#include "integrations/slack/agent_sessions.hpp"
#include "integrations/slack/files.hpp"
#include "integrations/slack/render.hpp"
#include "integrations/slack/streams.hpp"
#include "integrations/slack/web_api.hpp"

namespace vedette::slack {

class SlackPlatform final : public chat::ChatPlatform {
 public:
  // Without `streams` and `sessions`, which outlive it, answers are plain posts.
  SlackPlatform(WebApi& api, SlackOptions options, Streams* streams = nullptr, AgentSessions* sessions = nullptr);
  std::string name() const override { return "slack"; }
  Async<std::string> deliver(chat::Outgoing message, Deadline deadline) override;
  Async<std::optional<chat::Found>> find(chat::Outgoing message, Time since, Deadline deadline) override;
  bool fits(const chat::Card& card) const override;
  std::chrono::milliseconds channel_pace() const override { return options_.pace; }
  std::chrono::milliseconds settle_delay() const override { return options_.settle_delay; }

 private:
  // What Slack did not take of late.
  struct Refused {
    std::optional<SteadyTime> plan;
    std::optional<SteadyTime> data_table;
    std::optional<SteadyTime> container;
    std::optional<SteadyTime> files;
  };

  Async<std::string> attempt(chat::Outgoing message, RenderLimits look, Deadline deadline);
  Async<std::string> deliver_message(chat::Outgoing message, Deadline deadline);
  Async<std::string> deliver_file(chat::Outgoing message, chat::File file, Deadline deadline);
  bool refused(std::optional<SteadyTime>& since) const;
  NewerBlocks usable();
  void do_without(const NewerBlocks& kinds);

  WebApi& api_;
  Streams* streams_;
  AgentSessions* sessions_;
  SlackOptions options_;
  Files files_;
  Refused refused_;
  bool feedback_buttons_ = true;  // until Slack refuses a message with them that it takes without them
};

}  // namespace vedette::slack
