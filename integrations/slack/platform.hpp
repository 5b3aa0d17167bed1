#pragma once
// Slack as a chat platform: posts, edits and looks up messages. Lives as long as the app; io thread only.
//
// message_ref is the message's ts; it means something only together with its channel, which must be a channel id.
// A message for one person alone is an ephemeral one: Slack can neither edit nor look these up, so each delivery posts anew
// and find() never finds one: after a lost answer it may be seen twice, never not at all.

#include "bot/chat/platform.hpp"
#include "integrations/slack/agent_sessions.hpp"
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
  std::vector<chat::Card> parts(const chat::Card& card) const override;
  std::chrono::milliseconds channel_pace() const override { return options_.pace; }
  std::chrono::milliseconds settle_delay() const override { return options_.settle_delay; }

 private:
  enum class Look { usual, plain_thumbs, plain };
  Async<std::string> attempt(chat::Outgoing message, Look look, Deadline deadline);

  WebApi& api_;
  Streams* streams_;
  AgentSessions* sessions_;
  SlackOptions options_;
  bool feedback_buttons_ = true;  // until Slack refuses a message with them that it takes without them
};

}  // namespace vedette::slack
