#pragma once
// Vedette as one of Slack's agents, in direct conversations (docs.slack.dev/ai/agent-sessions): while a question is worked
// on its thread shows so, with Slack's own stop button; afterwards it does not. Whoever opens the conversation is offered
// things to ask, once a day. All of it is decoration: it never delays an answer, and where Slack refuses it, it is left out
// for an hour. Lives as long as the app; io thread only.
//
// Stop ends what is being said and what was still to be said (see Streams). In a thread where something was decided it only
// ends what is being said: that is answered whatever happens. What was asked before a restart is answered too: it is in the
// inbox, and the threads are in memory.

#include <map>
#include <string>

#include "bot/base/async.hpp"
#include "bot/chat/interaction.hpp"
#include "integrations/slack/events_wire.hpp"
#include "integrations/slack/streams.hpp"
#include "integrations/slack/web_api.hpp"

namespace vedette::slack {

class AgentSessions {
 public:
  // All but the options outlive it.
  AgentSessions(Executor executor, WebApi& api, Streams& streams, const Clock& clock, SlackOptions options);
  boost::asio::awaitable<void> stop(Deadline deadline);

  void asked(const chat::Interaction& question);                         // it is in the inbox
  void answered(const std::string& channel, const std::string& thread);  // by a message that is no stream
  void stopped(const SessionStopped& by);                                // the person pressed stop
  void opened(const HomeOpened& by);                                     // the conversation

 private:
  void over(const std::string& channel, const std::string& thread);  // a stream, which has said so itself
  void set_status(std::string channel, std::string thread, const char* status);
  Job show(std::string channel, std::string thread, const char* status);
  boost::asio::awaitable<void> call(std::string method, Fields fields);
  Job offer(Fields fields);
  bool refused() const;

  WebApi& api_;
  Streams& streams_;
  const Clock& clock_;
  SlackOptions options_;
  TaskGroup calls_;
  SteadyTime refused_until_;
  std::map<std::string, SteadyTime> offered_;   // prompts, by person
  std::map<std::string, const char*> in_work_;  // by channel/thread: what is to be shown next, null: nothing
  std::map<std::string, bool> only_questions_;  // by channel/thread of a direct conversation
};

}  // namespace vedette::slack
