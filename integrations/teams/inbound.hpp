#pragma once
// What is done with an activity, whichever way it came in: check its token, note where it came from, understand it, commit
// what a person did to the inbox, answer. The work itself comes later. Lives as long as the app; io thread only.
//
// Answers are HTTP's: 200, with a body for invokes; 400 and 413 not understood, 401 and 403 not trusted, 501 an invoke we do
// not know, 503 not stored (Teams sends messages again). Nothing of an untrusted activity reaches a handler.

#include <cstdint>
#include <functional>

#include "bot/chat/current_cards.hpp"
#include "bot/chat/form.hpp"
#include "bot/chat/interaction.hpp"
#include "integrations/teams/activity_taker.hpp"
#include "integrations/teams/activity_wire.hpp"
#include "integrations/teams/book.hpp"
#include "integrations/teams/render.hpp"
#include "integrations/teams/trust.hpp"

namespace vedette::teams {

// What the pipeline tells the rest of Teams; each may be left out.
struct InboundEvents {
  std::function<void(const Activity&)> asked;  // a person wrote something new to us that will be answered
  // A button was pressed on this message, which is not the one that is kept up to date: it was sent twice.
  std::function<void(const Activity&, const std::string& message_ref)> copy;
};

class Inbound final : public ActivityTaker {
 public:
  // All outlive it, except options and events.
  Inbound(Executor executor, Trust& trust, Book& book, chat::InteractionSink& sink, const Clock& clock, TeamsOptions options,
          InboundEvents events = {});

  boost::asio::awaitable<ActivityAnswer> take(ReceivedActivity received, Deadline deadline) override;
  // From now on buttons whose command asks for something open a dialog, and cards are shown as they are now. Both outlive
  // this; before the first activity.
  void offer(const chat::Forms* forms, chat::CurrentCards* cards);
  // How a card is drawn for the answer to an invoke.
  RenderLook look_for(const std::string& slot) const;
  // Lets running commits end; call after the ways in are closed.
  boost::asio::awaitable<void> stop(Deadline deadline);

  struct Counts {
    uint64_t accepted = 0;
    uint64_t repeated = 0;
    uint64_t ignored = 0;
    uint64_t refused = 0;     // not trusted
    uint64_t malformed = 0;   // not understood
    uint64_t unknown = 0;     // invokes answered 501
    uint64_t refreshed = 0;   // cards shown as they are now
    uint64_t dialogs = 0;     // dialogs opened
    uint64_t not_stored = 0;  // answered 503
  };
  const Counts& counts() const { return counts_; }

 private:
  using Answer = boost::asio::awaitable<ActivityAnswer>;
  struct Handing;

  Job work(std::shared_ptr<Handing> handing, ReceivedActivity received, Activity activity, Deadline deadline);
  Answer check_and_handle(ReceivedActivity received, Activity activity, Deadline deadline);
  Answer handle(Activity activity);
  Answer answer_to(Activity activity, Ignored nothing);
  Answer answer_to(Activity activity, chat::Interaction said);
  Answer answer_to(Activity activity, Membership membership);
  Answer answer_to(Activity activity, CardAction action);
  Answer answer_to(Activity activity, DialogFetch fetch);
  Answer answer_to(Activity activity, DialogSubmit submit);
  Answer answer_to(Activity activity, Feedback feedback);
  Answer answer_to(Activity activity, FeedbackForm form);
  Answer answer_to(Activity activity, Shortcut shortcut);
  Answer answer_to(Activity activity, UnknownInvoke invoke);
  Answer show_card(Activity activity, std::string slot);
  Answer show_details(Activity activity, Json data);
  Async<std::optional<chat::CurrentCard>> card_for(std::string conversation, std::string user, std::string slot);
  Async<bool> hand_in(chat::Interaction interaction);
  Job look_for_copy(Activity activity, std::string slot);
  ActivityAnswer not_stored(const Activity& activity, const Error& error);
  ActivityAnswer refuse(const ReceivedActivity& received, const Error& error);

  Trust& trust_;
  Book& book_;
  chat::InteractionSink& sink_;
  const Clock& clock_;
  TeamsOptions options_;
  InboundEvents events_;
  const chat::Forms* forms_ = nullptr;
  chat::CurrentCards* cards_ = nullptr;
  TaskGroup work_;
  Counts counts_;
  std::optional<SteadyTime> refusal_said_;  // in the log
};

}  // namespace vedette::teams
