#include "integrations/slack/inbound.hpp"

#include "bot/base/log.hpp"
#include "integrations/slack/render.hpp"

namespace vedette::slack {
namespace {

constexpr auto kAnswerWait = std::chrono::seconds(10);
constexpr const char* kInvestigate = "investigate";
constexpr size_t kMessageBytes = 3500;  // of a message's text; commands/parser.hpp reads 4,000 of a command

std::string no_form(const std::string& instead) { return "I could not open the form. You can type it instead: " + instead; }

}  // namespace

Inbound::Inbound(Executor executor, WebApi& api, People& people, HomeTab& home, AgentSessions& sessions,
                 chat::InteractionSink& sink, const Clock& clock, SlackOptions options)
    : clock_(clock),
      api_(api),
      people_(people),
      home_(home),
      sessions_(sessions),
      sink_(sink),
      options_(std::move(options)),
      desk_(api, options_),
      answers_(std::move(executor), "slack answers") {}

std::string Inbound::ignore(std::string_view reason) {
  ++counts_.ignored;
  log::debug("slack", "ignored an envelope: {}", reason);
  return {};
}

Async<std::string> Inbound::take(Envelope envelope) {
  const Deadline deadline = Deadline::after(options_.ack_wait);  // of all that is done before the acknowledgement
  const std::string kind = envelope.type == "interactive" ? envelope.payload["type"].string_or("") : std::string();
  if (kind == "view_submission") co_return co_await submitted(std::move(envelope.payload), deadline);
  if (kind == "shortcut" || kind == "message_action") co_return co_await shortcut(std::move(envelope.payload), deadline);
  Meaning meaning = interpret(envelope.type, envelope.payload, api_.known_self());
  if (const auto* nothing = std::get_if<Ignored>(&meaning)) {
    if (held_back_ && envelope.payload["type"].string_or("") == "app_rate_limited") held_back_();
    co_return ignore(nothing->reason);
  }
  if (const auto* home = std::get_if<HomeOpened>(&meaning)) {
    // Lost in a crash, it is opened again.
    home->messages ? sessions_.opened(*home) : home_.opened(*home);
    co_return std::string();
  }
  if (const auto* stopped = std::get_if<SessionStopped>(&meaning)) {
    sessions_.stopped(*stopped);
    co_return std::string();
  }
  auto& interaction = std::get<chat::Interaction>(meaning);
  std::optional<chat::Form> form;
  if (interaction.button && forms_ != nullptr) form = forms_->form_of(interaction.text);
  if (form) {
    std::string trigger = envelope.payload["trigger_id"].string_or("");
    if (form->after_the_fact) {
      answers_.spawn("form", show_afterwards(interaction, std::move(trigger), std::move(*form)));
      co_return co_await hand_in(std::move(interaction), deadline);
    }
    FormPlace place(interaction.text, interaction.channel, interaction.thread_ref);
    const auto shown = co_await desk_.show(interaction.key, std::move(trigger), std::move(place), std::move(*form));
    if (shown) {
      ++counts_.forms;
      co_return std::string();
    }
    // The command as it stands answers with what there is to choose from and how it is typed.
    log::warning("slack", "a form could not be opened: {}", shown.error().message);
  }
  co_return co_await hand_in(std::move(interaction), deadline);
}

// Why Slack does not vouch for this person as far as the command needs it.
boost::asio::awaitable<std::optional<std::string>> Inbound::refusal_of(chat::Interaction interaction, Deadline deadline) {
  const Weight weight = weight_of(interaction.text);
  // Most thumbs are small talk and Slack says too little to tell; the person is checked when one counts.
  if (weight == Weight::look || interaction.reaction) co_return std::nullopt;
  auto refusal = co_await people_.refusal(interaction.who.user, weight, deadline);
  if (refusal) {
    ++counts_.refused;
    log::warning("slack", "refused {}: not vouched for by Slack", interaction.who.text());
  }
  co_return refusal;
}

Async<std::string> Inbound::accept(chat::Interaction interaction) {
  const chat::Interaction taken = interaction;
  CO_TRY(const bool fresh, sink_.accept(std::move(interaction)));
  if (taken.direct && taken.button) home_.pressed(taken);
  if (fresh) sessions_.asked(taken);
  ++(fresh ? counts_.accepted : counts_.repeated);
  co_return std::string();
}

Async<std::string> Inbound::hand_in(chat::Interaction interaction, Deadline deadline) {
  auto refusal = co_await refusal_of(interaction, deadline);
  if (refusal) {
    answers_.spawn("refusal", tell(std::move(interaction), std::move(*refusal)));
    co_return std::string();
  }
  co_return co_await accept(std::move(interaction));
}

// A form that was sent. What is wrong with it is said at its fields, where nobody else sees it; the rest is a typed command.
Async<std::string> Inbound::submitted(Json payload, Deadline deadline) {
  auto submission = read_submission(payload);
  if (!submission) co_return ignore(submission.error().message);
  if (forms_ == nullptr) co_return ignore("a form, and no commands to fill in");
  auto filled = forms_->fill(submission->place.command, submission->answers);
  std::map<std::string, std::string> errors = std::move(filled.errors);
  if (errors.empty() && filled.command.empty()) {
    errors[submission->first_field] = "This form is out of date. Please close it and type the command.";
  }
  chat::Interaction interaction;
  interaction.key = std::move(submission->key);
  interaction.who = submission->who;
  interaction.channel = submission->place.channel;
  interaction.thread_ref = submission->place.thread;
  interaction.text = std::move(filled.command);
  if (errors.empty()) {
    auto refusal = co_await refusal_of(interaction, deadline);
    if (refusal) errors[submission->first_field] = std::move(*refusal);
  }
  if (!errors.empty()) co_return errors_answer(errors);
  co_return co_await accept(std::move(interaction));
}

// "Investigate this" on a message, or the same for text that is typed into a form.
Async<std::string> Inbound::shortcut(Json payload, Deadline deadline) {
  auto pressed = read_shortcut(payload);
  if (!pressed) co_return ignore(pressed.error().message);
  if (forms_ == nullptr || !pressed->callback.starts_with(kInvestigate)) co_return ignore("a shortcut of another kind");
  chat::Interaction interaction;
  interaction.key = pressed->key;
  interaction.who = pressed->who;
  interaction.reply_url = pressed->reply_url;
  if (pressed->of_message) {
    chat::FormAnswers answers;
    answers["text"] = message_text(payload["message"], kMessageBytes);
    auto filled = forms_->fill(kInvestigate, answers);
    interaction.channel = pressed->channel;
    interaction.about_ref = pressed->message_ts;
    interaction.about_time = pressed->message_time;
    interaction.text = std::move(filled.command);
    if (!interaction.text.empty()) co_return co_await hand_in(std::move(interaction), deadline);
    std::string nothing = "There is nothing in this message that I can read, so nothing was done.";
    answers_.spawn("nothing", tell(std::move(interaction), std::move(nothing)));
    co_return std::string();
  }
  interaction.channel = pressed->who.user;  // no channel goes with it: their direct conversation with us
  auto form = forms_->form_of(kInvestigate);
  if (!form) co_return ignore("nothing to ask");
  FormPlace place(kInvestigate, interaction.channel, std::string());
  const std::string instead = form->instead;
  const auto shown = co_await desk_.show(pressed->key, pressed->trigger, std::move(place), std::move(*form));
  if (!shown) {
    log::warning("slack", "a form could not be opened: {}", shown.error().message);
    answers_.spawn("no form", tell(std::move(interaction), no_form(instead)));
  }
  co_return std::string();
}

Job Inbound::show_afterwards(chat::Interaction interaction, std::string trigger, chat::Form form) {
  FormPlace place(interaction.text, interaction.channel, interaction.thread_ref);
  std::string instead = form.instead;
  const auto shown = co_await desk_.show(interaction.key, std::move(trigger), std::move(place), std::move(form));
  if (shown) co_return;
  log::warning("slack", "a form could not be opened: {}", shown.error().message);
  co_await tell(std::move(interaction), no_form(instead));
}

Job Inbound::tell(chat::Interaction interaction, std::string sentence) {
  chat::Card card;
  card.summary = std::move(sentence);
  Message rendered = render(card);
  NewMessage message;
  message.channel = interaction.channel;
  message.thread_ts = interaction.thread_ref;
  message.text = std::move(rendered.text);
  message.blocks = std::move(rendered.blocks);
  const Deadline deadline = Deadline::after(kAnswerWait);
  Result<std::string> told = std::string();
  if (interaction.direct) {
    told = co_await api_.post_message(std::move(message), deadline);
  } else {
    ResponseUrl way;
    way.url = std::move(interaction.reply_url);
    way.from = clock_.now();
    told = co_await api_.answer(std::move(message), interaction.who.user, std::move(way), deadline);
  }
  if (!told) log::warning("slack", "could not tell {} about a refusal: {}", interaction.who.text(), told.error().message);
}

boost::asio::awaitable<void> Inbound::stop(Deadline deadline) { co_await answers_.stop(deadline); }

}  // namespace vedette::slack
