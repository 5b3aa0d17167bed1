#pragma once
// What is done with an envelope before it is acknowledged, whichever way it came in: understand it, check the person where
// the command asks for it, commit it to the inbox. Lives as long as the app; io thread only.

#include <cstdint>
#include <functional>

#include "bot/base/async.hpp"
#include "bot/chat/interaction.hpp"
#include "integrations/slack/agent_sessions.hpp"
#include "integrations/slack/events_wire.hpp"
#include "integrations/slack/forms.hpp"
#include "integrations/slack/home.hpp"
#include "integrations/slack/people.hpp"

namespace vedette::slack {

// The seam between the socket and what is done with its envelopes.
class EnvelopeTaker {
 public:
  virtual ~EnvelopeTaker() = default;
  // Success: acknowledge, with this JSON as the answer unless it is empty. An error: do not, Slack shall deliver it again or
  // tell the person that it failed.
  virtual Async<std::string> take(Envelope envelope) = 0;
};

class Inbound final : public EnvelopeTaker {
 public:
  Inbound(Executor executor, WebApi& api, People& people, HomeTab& home, AgentSessions& sessions,
          chat::InteractionSink& sink, const Clock& clock, SlackOptions options);
  Async<std::string> take(Envelope envelope) override;
  // From now on buttons and shortcuts whose command asks for something open a form; `forms` outlives this.
  void offer(const chat::Forms& forms) { forms_ = &forms; }
  // Called when Slack says that it does not send the events of this minute.
  void on_held_back(std::function<void()> tell) { held_back_ = std::move(tell); }
  // Lets answers to refused people out; call before the end.
  boost::asio::awaitable<void> stop(Deadline deadline);

  struct Counts {
    uint64_t accepted = 0;
    uint64_t repeated = 0;
    uint64_t ignored = 0;
    uint64_t refused = 0;
    uint64_t forms = 0;  // presses that were answered with a form alone
  };
  const Counts& counts() const { return counts_; }

 private:
  Async<std::string> hand_in(chat::Interaction interaction, Deadline deadline);
  Async<std::string> submitted(Json payload, Deadline deadline);
  Async<std::string> shortcut(Json payload, Deadline deadline);
  boost::asio::awaitable<std::optional<std::string>> refusal_of(chat::Interaction interaction, Deadline deadline);
  Async<std::string> accept(chat::Interaction interaction);
  Job show_afterwards(chat::Interaction interaction, std::string trigger, chat::Form form);
  std::string ignore(std::string_view reason);
  Job tell(chat::Interaction interaction, std::string sentence);

  const Clock& clock_;
  WebApi& api_;
  People& people_;
  HomeTab& home_;
  AgentSessions& sessions_;
  chat::InteractionSink& sink_;
  SlackOptions options_;
  const chat::Forms* forms_ = nullptr;
  std::function<void()> held_back_;
  FormDesk desk_;
  TaskGroup answers_;
  Counts counts_;
};

}  // namespace vedette::slack
