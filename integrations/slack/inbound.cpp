#include "integrations/slack/inbound.hpp"

#include "bot/base/log.hpp"
#include "integrations/slack/render.hpp"

namespace vedette::slack {
namespace {
constexpr auto kAnswerWait = std::chrono::seconds(10);
}

Inbound::Inbound(Executor executor, WebApi& api, People& people, HomeTab& home, chat::InteractionSink& sink,
                 const Clock& clock, SlackOptions options)
    : clock_(clock),
      api_(api),
      people_(people),
      home_(home),
      sink_(sink),
      options_(std::move(options)),
      answers_(std::move(executor), "slack answers") {}

Async<void> Inbound::take(Envelope envelope) {
  Meaning meaning = interpret(envelope.type, envelope.payload, api_.known_self());
  if (const auto* nothing = std::get_if<Ignored>(&meaning)) {
    ++counts_.ignored;
    log::debug("slack", "ignored an envelope: {}", nothing->reason);
    co_return Status();
  }
  if (const auto* home = std::get_if<HomeOpened>(&meaning)) {
    home_.opened(*home);  // lost in a crash, it is opened again
    co_return Status();
  }
  auto& interaction = std::get<chat::Interaction>(meaning);
  const Weight weight = weight_of(interaction.text);
  // Most thumbs are small talk and Slack says too little to tell; the person is checked when one counts.
  if (weight != Weight::look && !interaction.reaction) {
    const Deadline deadline = Deadline::after(options_.ack_wait);
    auto refusal = co_await people_.refusal(interaction.who.user, weight, deadline);
    if (refusal) {
      ++counts_.refused;
      log::warning("slack", "refused {}: not vouched for by Slack", interaction.who.text());
      answers_.spawn("refusal", tell(std::move(interaction), std::move(*refusal)));
      co_return Status();
    }
  }
  const bool direct = interaction.direct;
  chat::Interaction pressed = direct ? interaction : chat::Interaction();
  CO_TRY(const bool fresh, sink_.accept(std::move(interaction)));
  if (direct) home_.pressed(pressed);
  ++(fresh ? counts_.accepted : counts_.repeated);
  co_return Status();
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
