#include "integrations/teams/platform.hpp"

#include <algorithm>

#include "bot/base/log.hpp"
#include "bot/base/text.hpp"

namespace vedette::teams {
namespace {

constexpr std::chrono::seconds kRoomWait(2);

// Cards whose buttons somebody may press long after: that of a case and those of its actions.
bool is_kept_fresh(const std::string& slot) {
  return slot.starts_with("case/") && (slot.ends_with("/root") || slot.find("/action/") != std::string::npos);
}

bool is_answer(const chat::Outgoing& message) { return !message.asked_by.user.empty() && is_plain_answer(message.card); }

bool is_control(const chat::Block& block) {
  return std::holds_alternative<chat::Buttons>(block) || std::holds_alternative<chat::Thumbs>(block) ||
         std::holds_alternative<chat::Menu>(block);
}

// What is left where Teams takes no more, although it was counted: what it is about, and everything that can be pressed.
chat::Card in_one_line(const chat::Card& card) {
  chat::Card small;
  small.summary = chat::summary(card);
  small.tone = card.tone;
  small.blocks.push_back(chat::Heading{small.summary, card.tone});
  small.blocks.push_back(chat::Paragraph{
      {{"Teams does not take this message in its full length. The console has all of it.", {}, false}}, true});
  std::copy_if(card.blocks.begin(), card.blocks.end(), std::back_inserter(small.blocks), is_control);
  return small;
}

Error removed() {
  return Error(Code::forbidden, "Vedette was removed from this Teams conversation; add it there again", true);
}

}  // namespace

TeamsPlatform::TeamsPlatform(Connector& connector, Book& book, TeamsOptions options, LookFor look_for)
    : connector_(connector),
      book_(book),
      options_(std::move(options)),
      look_for_(std::move(look_for)),
      rooms_(connector),
      streams_(connector, options_) {}

Async<std::string> TeamsPlatform::deliver(chat::Outgoing message, Deadline deadline) {
  if (!book_.loaded()) co_return Error(Code::unavailable, "what Teams told before this start is still being read", true);
  if (const auto* known = book_.find(message.channel); known != nullptr && known->blocked) {
    Error error = removed();
    // A person who has taken the app away wants nothing more of it: only channels and groups wait for us to come back.
    error.retryable = known->kind != chat::Conversation::Kind::personal && message.only_for.empty();
    co_return error;
  }
  if (!message.only_for.empty()) co_return co_await deliver_to_one(std::move(message), deadline);
  auto done = co_await attempt(message, deadline);
  if (done || done.error().code != Code::too_large) co_return done;
  log::warning("teams", "{} is too long for Teams and is shortened", message.slot);
  message.card = in_one_line(message.card);
  co_return co_await attempt(std::move(message), deadline);
}

boost::asio::awaitable<RenderLook> TeamsPlatform::look(std::string slot, bool again, Place place, Deadline deadline) {
  RenderLook result = look_for_(slot);
  result.again = again;
  if (is_kept_fresh(slot)) {
    const Deadline soon = deadline.earlier_of(Deadline::after(kRoomWait));
    result.refresh_for = co_await rooms_.small(std::move(place), soon);
  }
  co_return result;
}

Async<std::string> TeamsPlatform::attempt(chat::Outgoing message, Deadline deadline) {
  Place place = place_of(book_, options_, message.channel);
  if (message.message_ref.empty()) co_return co_await post(std::move(message), std::move(place), deadline);
  const RenderLook shown = co_await look(message.slot, false, place, deadline);
  std::string activity =
      is_answer(message) ? render_answer_text(message.card, shown) : render_activity(message.card, shown).json;
  const std::string& root = message.thread_ref.empty() ? message.message_ref : message.thread_ref;
  if (has_threads(book_, message.channel)) place = in_thread(std::move(place), root);
  CO_TRY_VOID(connector_.update(std::move(place), message.message_ref, std::move(activity), deadline));
  co_return message.message_ref;
}

Async<std::string> TeamsPlatform::post(chat::Outgoing message, Place place, Deadline deadline) {
  const RenderLook shown = co_await look(message.slot, message.again, place, deadline);
  const bool threads = has_threads(book_, message.channel);
  if (is_answer(message)) {
    std::string text = render_answer_text(message.card, shown);
    if (threads) place = in_thread(std::move(place), message.thread_ref);
    const auto* known = book_.find(message.channel);
    const bool personal = known != nullptr && known->kind == chat::Conversation::Kind::personal;
    Result<Posted> said = Posted();
    if (personal) {
      said = co_await streams_.say(std::move(place), std::move(text), deadline);
    } else {
      said = co_await connector_.send(std::move(place), std::move(text), {}, deadline);
    }
    if (!said) co_return std::move(said).error();
    co_return std::move(said->activity);
  }
  std::string activity = render_activity(message.card, shown).json;
  if (threads && message.thread_ref.empty()) {
    CO_TRY(const Posted posted, connector_.post_to_channel(std::move(place), std::move(activity), deadline));
    // By this number replies, presses and reactions name it; the activity's own id may be of another make.
    const size_t at = posted.conversation.find(";messageid=");
    if (at == std::string::npos) co_return posted.activity;
    co_return posted.conversation.substr(at + std::string_view(";messageid=").size());
  }
  if (threads) place = in_thread(std::move(place), message.thread_ref);
  CO_TRY(Posted posted, connector_.send(std::move(place), std::move(activity), {}, deadline));
  co_return std::move(posted.activity);
}

// Seen by one person alone. What cannot be shown so must not be shown to all.
Async<std::string> TeamsPlatform::deliver_to_one(chat::Outgoing message, Deadline deadline) {
  const auto* person = book_.find(message.only_for);
  if (person == nullptr || person->address.empty()) {
    co_return Error(Code::not_found, "Teams has not told yet how to address this person");
  }
  const std::string address = person->address;
  const std::string workspace = person->workspace;
  const std::string bot = person->bot;
  RenderLook shown = look_for_(message.slot);
  std::string activity = render_activity(message.card, shown).json;
  Place place = place_of(book_, options_, message.channel);
  if (has_threads(book_, message.channel)) place = in_thread(std::move(place), message.thread_ref);
  auto said = co_await connector_.send(place, activity, address, deadline);
  if (said) co_return std::move(said->activity);
  const Code code = said.error().code;
  const bool not_there = code == Code::forbidden || code == Code::not_found || code == Code::upstream;
  if (!not_there) co_return std::move(said).error();
  log::info("teams", "a message for one person goes to their own conversation: {}", said.error().message);
  if (const auto* personal = book_.personal(workspace, message.only_for)) {
    place = place_of(book_, options_, personal->id);
  } else {
    CO_TRY(place.conversation, connector_.direct_with(place, bot, address, deadline));
  }
  auto posted = co_await connector_.send(std::move(place), std::move(activity), {}, deadline);
  if (posted) co_return std::move(posted->activity);
  Error error = std::move(posted).error();
  if (error.code == Code::forbidden) error.retryable = false;  // they have not installed the app: it would wait for ever
  co_return error;
}

// Nothing: bots have no history to look in (Microsoft Graph would have one, with a permission to read whole channels).
Async<std::optional<chat::Found>> TeamsPlatform::find(chat::Outgoing, Time, Deadline) {
  co_return std::optional<chat::Found>();
}

}  // namespace vedette::teams
