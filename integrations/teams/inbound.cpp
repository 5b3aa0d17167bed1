#include "integrations/teams/inbound.hpp"

#include <fmt/format.h>

#include "bot/base/log.hpp"
#include "bot/base/text.hpp"
#include "integrations/teams/invokes.hpp"
#include "integrations/teams/picks_wire.hpp"

namespace vedette::teams {
namespace {

constexpr std::chrono::seconds kRefusalsSaid(10);
constexpr int kTryAgain = 5;         // seconds
constexpr size_t kSideBySide = 256;  // activities under way
constexpr std::string_view kNothingDone = "That could not be stored, so nothing was done. Please try again in a moment.";

ActivityAnswer busy() {
  ActivityAnswer answer(503);
  answer.retry_after = kTryAgain;
  return answer;
}

std::string received(const std::string& command) {
  return fmt::format("Received: “{}”. What comes of it shows in a moment.", text::ellipsize(text::displayable(command), 80));
}

}  // namespace

// What the answering coroutine and the one that does the work share: the latter may be the slower one.
struct Inbound::Handing {
  explicit Handing(const Executor& executor) : done(executor) {}
  Signal done;
  std::optional<ActivityAnswer> answer;
};

Inbound::Inbound(Executor executor, Trust& trust, Book& book, chat::InteractionSink& sink, const Clock& clock,
                 TeamsOptions options, InboundEvents events)
    : trust_(trust),
      book_(book),
      sink_(sink),
      clock_(clock),
      options_(std::move(options)),
      events_(std::move(events)),
      work_(std::move(executor), "teams activities") {}

void Inbound::offer(const chat::Forms* forms, chat::CurrentCards* cards) {
  forms_ = forms;
  cards_ = cards;
}

RenderLook Inbound::look_for(const std::string& slot) const {
  RenderLook look;
  look.key = slot;
  look.sensitivity = &options_.sensitivity;
  look.opens_dialog = [this](const std::string& command) { return forms_ != nullptr && forms_->form_of(command); };
  return look;
}

boost::asio::awaitable<ActivityAnswer> Inbound::take(ReceivedActivity received, Deadline deadline) {
  auto activity = read_activity(received.body);
  if (!activity) {
    ++counts_.malformed;
    log::debug("teams", "an activity is not understood: {}", activity.error().message);
    co_return ActivityAnswer(activity.error().code == Code::too_large ? 413 : 400);
  }
  const Deadline own = Deadline::after(std::min(options_.answer_wait, deadline.left()));
  if (work_.stopping() || work_.running() >= kSideBySide) {
    ++counts_.not_stored;
    co_return busy();
  }
  const auto executor = work_.executor();
  const auto handing = std::make_shared<Handing>(executor);
  work_.spawn("activity", work(handing, std::move(received), std::move(*activity), own));
  if (!handing->answer) co_await handing->done.wait(own.left());
  if (handing->answer) co_return std::move(*handing->answer);
  // It may still be stored after this; sent again it is the same activity and done once.
  ++counts_.not_stored;
  log::warning("teams", "an activity could not be stored in time and is not acknowledged");
  co_return busy();
}

Job Inbound::work(std::shared_ptr<Handing> handing, ReceivedActivity received, Activity activity, Deadline deadline) {
  try {
    handing->answer = co_await check_and_handle(std::move(received), std::move(activity), deadline);
  } catch (const std::exception& e) {
    log::error("teams", "an activity threw: {}", e.what());
    handing->answer = ActivityAnswer(500);
  }
  handing->done.notify();
}

Inbound::Answer Inbound::check_and_handle(ReceivedActivity received, Activity activity, Deadline deadline) {
  ClaimedOrigin origin = origin_of(activity);
  Status trusted;
  if (received.vouched_for) {
    trusted = trust_.check_origin(origin);
  } else {
    trusted = co_await trust_.check(std::move(received.authorization), std::move(origin), deadline);
  }
  if (!trusted) co_return refuse(received, trusted.error());
  co_return co_await handle(std::move(activity));
}

ActivityAnswer Inbound::refuse(const ReceivedActivity& received, const Error& error) {
  ++counts_.refused;
  // Whoever finds the address can send as many as they like: the log shall not grow with them.
  const auto now = clock_.steady_now();
  if (!refusal_said_ || now - *refusal_said_ >= kRefusalsSaid) {
    log::warning("teams", "an activity from {} is refused: {} ({} refused since the start)", received.peer, error.message,
                 counts_.refused);
    refusal_said_ = now;
  }
  if (error.code == Code::forbidden) return ActivityAnswer(403);
  if (error.code == Code::unauthenticated || error.code == Code::invalid_input) return ActivityAnswer(401);
  return busy();
}

Inbound::Answer Inbound::handle(Activity activity) {
  for (const bool person : {false, true}) {
    auto known = person ? person_of(activity) : conversation_of(activity);
    const auto noted = co_await book_.learn(std::move(known));
    if (!noted) co_return not_stored(activity, noted.error());
  }
  const auto object_of = [this](const std::string& address) { return book_.object_of(address); };
  Meaning meaning = interpret(activity, object_of);
  if (auto* said = std::get_if<chat::Interaction>(&meaning)) co_return co_await answer_to(activity, std::move(*said));
  if (auto* press = std::get_if<CardAction>(&meaning)) co_return co_await answer_to(activity, std::move(*press));
  if (auto* fetch = std::get_if<DialogFetch>(&meaning)) co_return co_await answer_to(activity, std::move(*fetch));
  if (auto* submit = std::get_if<DialogSubmit>(&meaning)) co_return co_await answer_to(activity, std::move(*submit));
  if (auto* thumb = std::get_if<Feedback>(&meaning)) co_return co_await answer_to(activity, std::move(*thumb));
  if (auto* shortcut = std::get_if<Shortcut>(&meaning)) co_return co_await answer_to(activity, std::move(*shortcut));
  if (const auto* form = std::get_if<FeedbackForm>(&meaning)) co_return co_await answer_to(activity, *form);
  if (const auto* change = std::get_if<Membership>(&meaning)) co_return co_await answer_to(activity, *change);
  if (const auto* unknown = std::get_if<UnknownInvoke>(&meaning)) co_return co_await answer_to(activity, *unknown);
  co_return co_await answer_to(activity, std::get<Ignored>(std::move(meaning)));
}

Async<bool> Inbound::hand_in(chat::Interaction interaction) {
  CO_TRY(const bool fresh, sink_.accept(std::move(interaction)));
  ++(fresh ? counts_.accepted : counts_.repeated);
  co_return fresh;
}

// An invoke is told in its own words, and with HTTP 200: Teams shows nothing of other answers but that something went wrong.
ActivityAnswer Inbound::not_stored(const Activity& activity, const Error& error) {
  ++counts_.not_stored;
  log::warning("teams", "an activity is not acknowledged: {}", error.message);
  if (activity.name == "adaptiveCard/action") return card_error(500, "NotStored", kNothingDone);
  const bool shows_dialog =
      activity.name == "task/fetch" || activity.name == "task/submit" || activity.name == "composeExtension/fetchTask";
  if (shows_dialog) return dialog_message(kNothingDone);
  return busy();
}

Inbound::Answer Inbound::answer_to(Activity activity, Ignored nothing) {
  ++counts_.ignored;
  log::debug("teams", "ignored an activity: {}", nothing.reason);
  if (activity.type != "invoke") co_return ActivityAnswer(200);
  if (activity.name == "adaptiveCard/action") co_return card_error(400, "BadRequest", "There is nothing behind this.");
  if (activity.name == "message/submitAction") co_return feedback_taken();
  co_return ActivityAnswer(400);
}

Inbound::Answer Inbound::answer_to(Activity activity, chat::Interaction said) {
  const auto fresh = co_await hand_in(std::move(said));
  if (!fresh) co_return not_stored(activity, fresh.error());
  if (*fresh && events_.asked) events_.asked(activity);
  co_return ActivityAnswer(200);
}

// Added somewhere, we say what we understand; removed, nothing is sent there any more.
Inbound::Answer Inbound::answer_to(Activity activity, Membership membership) {
  const chat::Conversation place = conversation_of(activity);
  const auto noted = co_await book_.set_blocked(place.workspace, place.id, !membership.added);
  if (!noted) co_return not_stored(activity, noted.error());
  log::info("teams", "{} a conversation", membership.added ? "added to" : "removed from");
  // An update of the app is an addition too, of which nobody wants to hear.
  const bool new_here = activity.json["action"].string_or("") == "add";
  const bool greets = membership.added && activity.type == "installationUpdate" && new_here && !activity.user.empty();
  if (!greets) co_return ActivityAnswer(200);
  chat::Interaction help;
  help.key = fmt::format("welcome/{}/{}", place.id, activity.id);
  help.who = who_acted(activity);
  help.channel = place.id;
  help.direct = activity.kind == chat::Conversation::Kind::personal;
  help.text = "help";
  const auto fresh = co_await hand_in(std::move(help));
  if (!fresh) co_return not_stored(activity, fresh.error());
  co_return ActivityAnswer(200);
}

Inbound::Answer Inbound::answer_to(Activity activity, CardAction action) {
  if (action.refresh) co_return co_await show_card(std::move(activity), std::move(action.slot));
  const std::string command = action.interaction.text;
  const auto fresh = co_await hand_in(std::move(action.interaction));
  if (!fresh) co_return not_stored(activity, fresh.error());
  if (!action.slot.empty() && events_.copy) work_.spawn("copy", look_for_copy(activity, action.slot));
  if (activity.type != "invoke") co_return ActivityAnswer(200);
  co_return card_message(received(command));
}

Async<std::optional<chat::CurrentCard>> Inbound::card_for(std::string conversation, std::string user, std::string slot) {
  if (cards_ == nullptr || slot.empty()) co_return std::optional<chat::CurrentCard>();
  CO_TRY(auto card, cards_->current(kPlatform, std::move(conversation), std::move(slot)));
  if (card && !card->only_for.empty() && card->only_for != user) card.reset();
  co_return card;
}

Inbound::Answer Inbound::show_card(Activity activity, std::string slot) {
  auto card = co_await card_for(activity.conversation, activity.user, slot);
  if (!card) co_return not_stored(activity, card.error());
  if (!*card) co_return card_error(404, "NotFound", "This card is no longer kept.");
  ++counts_.refreshed;
  RenderLook look = look_for(slot);
  look.refresh_for.push_back(activity.address);  // what this person sees goes on asking
  co_return card_now(render_card((*card)->card, look));
}

// A message that was sent twice, as Teams lost the answer to the first attempt: what stands there and is not kept up to date
// is taken away once somebody's press has shown us where it is.
Job Inbound::look_for_copy(Activity activity, std::string slot) {
  const auto card = co_await card_for(activity.conversation, activity.user, std::move(slot));
  if (!card || !*card || (*card)->message_ref.empty() || activity.reply_to.empty()) co_return;
  const std::string kept = (*card)->message_ref;
  const std::string legacy = activity.json["channelData"]["legacy"]["replyToId"].string_or("");
  if (kept == activity.reply_to || kept == legacy) co_return;
  // Ids of another make cannot be compared.
  if (!text::parse_integer(kept) || !text::parse_integer(activity.reply_to)) co_return;
  events_.copy(activity, activity.reply_to);
}

Inbound::Answer Inbound::show_details(Activity activity, Json data) {
  const DetailsPage page = details_page(data);
  auto card = co_await card_for(activity.conversation, activity.user, page.slot);
  if (!card) co_return not_stored(activity, card.error());
  if (!*card) co_return dialog_message("This message is no longer kept.");
  ++counts_.dialogs;
  co_return dialog(render_details_dialog((*card)->card, page.page, page.slot));
}

Inbound::Answer Inbound::answer_to(Activity activity, DialogFetch fetch) {
  if (is_details(fetch.data)) co_return co_await show_details(std::move(activity), std::move(fetch.data));
  const std::string command = fetch.interaction.text;
  std::optional<chat::Form> form;
  if (forms_ != nullptr && !command.empty()) form = forms_->form_of(command);
  if (command.empty()) co_return dialog_message("There is nothing behind this button.");
  if (!form || form->after_the_fact) {
    const auto fresh = co_await hand_in(std::move(fetch.interaction));
    if (!fresh) co_return not_stored(activity, fresh.error());
  }
  if (!form) co_return dialog_message(received(command));
  ++counts_.dialogs;
  co_return dialog(render_form_dialog(*form, form_context(command)));
}

Inbound::Answer Inbound::answer_to(Activity activity, DialogSubmit submit) {
  if (is_details(submit.data)) co_return co_await show_details(std::move(activity), std::move(submit.data));
  const std::string command = command_of_form(submit.data);
  std::optional<chat::Form> form;
  if (forms_ != nullptr && !command.empty()) form = forms_->form_of(command);
  if (!form) co_return dialog_message("This form is no longer of use, so nothing was done.");
  const chat::FormAnswers answers = form_answers(submit.data, *form);
  chat::FilledForm filled = forms_->fill(command, answers);
  if (filled.command.empty()) {
    for (auto& field : form->fields) {
      if (const auto said = answers.find(field.name); said != answers.end()) field.initial = said->second;
    }
    co_return dialog(render_form_dialog(*form, form_context(command), filled.errors));
  }
  submit.interaction.text = std::move(filled.command);
  const auto fresh = co_await hand_in(std::move(submit.interaction));
  if (!fresh) co_return not_stored(activity, fresh.error());
  co_return dialog_end();
}

Inbound::Answer Inbound::answer_to(Activity activity, Feedback feedback) {
  const auto fresh = co_await hand_in(std::move(feedback.interaction));
  if (!fresh) co_return not_stored(activity, fresh.error());
  co_return feedback_taken();
}

// Only where somebody has set the loop to "custom"; the words come with message/submitAction then.
Inbound::Answer Inbound::answer_to(Activity, FeedbackForm asked) {
  chat::Form form;
  form.title = asked.good ? "Thank you" : "What was wrong?";
  form.submit = "Send";
  chat::FormField words;
  words.name = "words";
  words.label = asked.good ? "Anything to add?" : "In your own words";
  words.required = false;
  words.several_lines = true;
  form.fields.push_back(std::move(words));
  ++counts_.dialogs;
  co_return dialog(render_form_dialog(form, std::string()));
}

Inbound::Answer Inbound::answer_to(Activity activity, Shortcut shortcut) {
  chat::FormAnswers answers;
  answers["text"] = std::move(shortcut.text);
  if (forms_ != nullptr) shortcut.interaction.text = forms_->fill(kInvestigate, answers).command;
  if (shortcut.interaction.text.empty()) {
    co_return dialog_message("There is nothing in this message that I can read, so nothing was done.");
  }
  const auto fresh = co_await hand_in(std::move(shortcut.interaction));
  if (!fresh) co_return not_stored(activity, fresh.error());
  co_return dialog_message("I am looking into it. What it became is told to you in a moment.");
}

Inbound::Answer Inbound::answer_to(Activity activity, UnknownInvoke) {
  ++counts_.unknown;
  log::debug("teams", "an invoke of an unknown kind, of {} characters", activity.name.size());
  co_return ActivityAnswer(501);
}

boost::asio::awaitable<void> Inbound::stop(Deadline deadline) { co_await work_.stop(deadline); }

}  // namespace vedette::teams
