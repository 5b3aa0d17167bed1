#pragma once
// From something a person did to what comes of it. `accept` puts it on disk, so that the platform can be acknowledged at
// once; `run` works the inbox off, oldest first: read it → who is this → which case's thread was it said in → carry out →
// reply.
//
// Who may do what is decided by the command runner, from the Person found here: identities a platform vouches for, never
// names. A crash anywhere repeats an interaction from its start; the audit cause makes the repeated command harmless, and
// the reply has one slot ("reply/<inbox id>"), so it is said once. Exceptions are caught and logged here. Lives as long as
// the App; used on the io thread. `run` ends when its task is cancelled.

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "bot/base/async.hpp"
#include "bot/chat/command_runner.hpp"
#include "bot/chat/interaction.hpp"
#include "bot/store/store.hpp"

namespace vedette::chat {

struct RouterOptions {
  int tries = 5;                                   // then the person is told that it could not be done
  int starts = 50;                                 // an item seen this often without an end may be what makes us crash
  Duration retry_first = std::chrono::seconds(1);  // doubles with every try
  Duration period = std::chrono::seconds(5);       // looks without a wake-up
};

inline constexpr size_t kCommandBytes = 8192;

// Where an interaction was said, in our terms.
struct Place {
  CaseId case_id;        // none outside a case's thread
  std::string thread;    // slot of the root of that thread; empty: top level
  bool at_root = false;  // the message itself is the case's root
};

// The message a reply becomes. Replies for all that were not said in a thread go to `public_thread` (slot; empty: top
// level).
OutboxMessage reply_message(const InboxItem& item, const Interaction& interaction, const Place& place,
                            const std::string& public_thread, const Reply& reply);
// The first case or action a command names: "ack C-12" → C-12; "approve R-9 …" → R-9.
struct Named {
  CaseId case_id;
  ActionId action;
};
Named first_named(std::string_view command);

class Router final : public InteractionSink {
 public:
  Router(Executor io, Store& store, const Directory& directory, CommandRunner& runner, const Clock& clock,
         RouterOptions options = {});
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  Async<bool> accept(Interaction interaction) override;
  Job run();
  // Works off what is there now and may be tried; answers how many ended.
  Async<size_t> work_off();

 private:
  struct Try {
    int count = 0;
    Time not_before;
  };

  boost::asio::awaitable<bool> handle(InboxItem item);
  Async<void> carry_out(InboxItem item, Interaction interaction);
  Async<bool> is_moot(Interaction interaction);
  Async<bool> replied_before(InboxItem item, Interaction interaction);
  Async<Place> place_of(Interaction interaction);
  Async<std::string> thread_for_all(Interaction interaction, Place place);
  Async<void> give_up(InboxItem item, std::optional<Interaction> interaction, Error error);
  Async<void> say(OutboxMessage message);

  Store& store_;
  const Directory& directory_;
  CommandRunner& runner_;
  const Clock& clock_;
  RouterOptions options_;
  std::shared_ptr<Signal> arrived_;
  std::map<int64_t, Try> tries_;
};

}  // namespace vedette::chat
