#include "bot/chat/router.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/log.hpp"
#include "bot/base/text.hpp"
#include "bot/chat/case_cards.hpp"
#include "bot/chat/case_words.hpp"
#include "bot/chat/reply_slots.hpp"

namespace vedette::chat {
namespace {

constexpr size_t kBatch = 32;
constexpr std::string_view kKind = "interaction";

std::string reply_slot(const InboxItem& item) { return to_string(ReplySlot{item.id}); }

Card sorry(std::string line) {
  Card card;
  card.summary = line;
  card.tone = Tone::warning;
  card.blocks.push_back(Paragraph{{{std::move(line), {}, false}}, false});
  return card;
}

// Buttons that nobody takes away when things have changed stand on cards that are kept up to date, and nowhere else.
Card without_buttons(Card card) {
  std::erase_if(card.blocks, [](const Block& block) {
    return std::holds_alternative<Buttons>(block) || std::holds_alternative<Thumbs>(block) ||
           std::holds_alternative<Menu>(block) || std::holds_alternative<Select>(block);
  });
  return card;
}

std::string quoted_command(const Interaction& interaction) {
  return "“" + text::ellipsize(text::displayable(interaction.text), 80) + "”";
}

}  // namespace

Named first_named(std::string_view command) {
  Named named;
  for (const auto& word : text::split(command, ' ')) {
    if (const auto id = parse_id<CaseId>(word); id && !named.case_id) named.case_id = *id;
    if (const auto id = parse_id<ActionId>(word); id && !named.action) named.action = *id;
    if (named.case_id || named.action) break;
  }
  return named;
}

OutboxMessage reply_message(const InboxItem& item, const Interaction& interaction, const Place& place,
                            const std::string& public_thread, const Reply& reply) {
  OutboxMessage message;
  message.slot = reply_slot(item);
  message.platform = interaction.who.platform;
  message.channel = interaction.channel;
  message.thread_of = place.thread;
  const bool open = reply.answers_question && !interaction.said_ref.empty();
  if (interaction.direct || open) {
    // Nobody else is there, or everybody there has read the question. Unlike a message for one alone it can be looked up.
    if (!interaction.said_ref.empty()) {
      message.asked_by = interaction.who;
      message.below = interaction.thread_ref.empty() ? interaction.said_ref : interaction.thread_ref;
    }
  } else if (reply.only_for_sender) {
    message.only_for = interaction.who.user;
  } else if (message.thread_of.empty()) {
    message.thread_of = public_thread;
  }
  message.lane = Lane::approval;  // somebody is waiting for it
  message.card = to_json(open && !interaction.direct ? without_buttons(*reply.card) : *reply.card);
  return message;
}

Router::Router(Executor io, Store& store, const Directory& directory, CommandRunner& runner, const Clock& clock,
               RouterOptions options)
    : store_(store),
      directory_(directory),
      runner_(runner),
      clock_(clock),
      options_(options),
      arrived_(std::make_shared<Signal>(std::move(io))) {
  // The store keeps its listeners to its end, which may be after ours: they share the signal, not this object.
  store_.on_commit(Store::Topic::inbox, [signal = arrived_] { signal->notify(); });
}

Async<bool> Router::accept(Interaction interaction) {
  if (interaction.key.empty() || interaction.who.platform.empty() || interaction.who.user.empty()) {
    co_return Error(Code::invalid_input, "an interaction needs a key, a platform and a user");
  }
  // One byte over the limit is kept, so that the sender is told that it is too long.
  if (interaction.text.size() > kCommandBytes) interaction.text.resize(kCommandBytes + 1);
  InboxItem item;
  item.platform = interaction.who.platform;
  item.key = interaction.key;
  item.kind = kKind;
  item.payload = to_json(interaction);
  item.received = clock_.now();
  CO_TRY(const bool is_new, store_.inbox().accept(std::move(item)));
  if (is_new) arrived_->notify();
  co_return is_new;
}

Job Router::run() {
  while (true) {
    const bool stop = co_await cancelled();
    if (stop) co_return;
    const auto ended = co_await work_off();
    if (!ended && ended.error().code == Code::cancelled) co_return;
    if (!ended) log::warning("chat", "the inbox cannot be worked off now: {}", ended.error().message);
    Duration wait = ended ? options_.period : std::min<Duration>(options_.period, options_.retry_first);
    const Time now = clock_.now();
    for (const auto& [id, attempt] : tries_) {
      wait = std::clamp(attempt.not_before - now, Duration(1000), wait);
    }
    co_await arrived_->wait(wait);
  }
}

Async<size_t> Router::work_off() {
  size_t ended = 0;
  while (true) {
    co_await store_.foreground().calm();
    CO_TRY(auto items, store_.inbox().pending(kBatch));
    size_t tried = 0;
    for (auto& item : items) {
      const bool stop = co_await cancelled();
      if (stop) co_return ended;
      const auto known = tries_.find(item.id);
      if (known != tries_.end() && known->second.not_before > clock_.now()) continue;
      ++tried;
      co_await store_.foreground().calm();
      const bool over = co_await handle(std::move(item));
      if (over) ++ended;
    }
    if (tried == 0 || items.size() < kBatch) co_return ended;
  }
}

// True when the item has ended, one way or the other.
boost::asio::awaitable<bool> Router::handle(InboxItem item) {
  const int64_t id = item.id;
  const auto tried = tries_.find(id);
  const bool seen = tried != tries_.end() && tried->second.count > 0;
  const auto interaction = interaction_from_json(item.payload);
  Status status;
  if (!interaction || item.kind != kKind) {
    status = interaction ? Error(Code::invalid_input, "an inbox item of an unknown kind") : interaction.error();
  } else if (!seen && item.attempts >= options_.starts) {
    status = Error(Code::internal, "it was started many times and never ended");
  } else {
    try {
      status = co_await carry_out(item, *interaction);
    } catch (const std::exception& e) {
      log::error("chat", "interaction {} threw: {}", id, e.what());
      status = Error(Code::internal, "something went wrong inside Vedette", true);
    }
    if (status) {
      tries_.erase(id);
      co_return true;
    }
    if (status.error().code == Code::cancelled) co_return false;  // stopping: it stays in the inbox
    auto& attempt = tries_[id];
    attempt.not_before = clock_.now() + options_.retry_first * (int64_t{1} << std::min(attempt.count, 10));
    log::warning("chat", "interaction {} could not be carried out now: {}", id, status.error().message);
    if (++attempt.count < options_.tries) {
      const Time not_before = attempt.not_before;
      const auto waits = co_await store_.inbox().later(id, not_before);
      if (!waits) log::warning("chat", "the inbox cannot be written: {}", waits.error().message);
      co_return false;
    }
  }
  std::optional<Interaction> known;
  if (interaction) known = *interaction;
  const auto told = co_await give_up(std::move(item), std::move(known), status.error());
  if (told) {
    tries_.erase(id);
  } else {
    auto& waits = tries_[id].not_before;
    waits = std::max(waits, clock_.now() + options_.retry_first);
  }
  co_return told.has_value();
}

Async<void> Router::carry_out(InboxItem item, Interaction interaction) {
  CO_TRY(item.attempts, store_.inbox().started(item.id));
  CO_TRY(const bool replied, replied_before(item, interaction));
  if (replied) co_return co_await store_.inbox().done(item.id);
  CO_TRY(const bool moot, is_moot(interaction));
  if (moot) co_return co_await store_.inbox().done(item.id);
  CO_TRY(const Place place, place_of(interaction));
  if (interaction.reaction && !place.at_root) {  // an emoji on something else is small talk
    co_return co_await store_.inbox().done(item.id);
  }
  Reply reply;
  if (interaction.text.size() > kCommandBytes) {
    reply.card = sorry(fmt::format("That is too long: {} characters at most. Nothing was done.", thousands(kCommandBytes)));
  } else {
    const Person* person = directory_.find(interaction.who);
    CO_TRY(reply, runner_.run(interaction, person, place.case_id));
  }
  if (reply.card) {
    std::string public_thread;
    if (!reply.only_for_sender && place.thread.empty()) {
      CO_TRY(public_thread, thread_for_all(interaction, place));
    }
    auto message = reply_message(item, interaction, place, public_thread, reply);
    CO_TRY_VOID(say(std::move(message)));
  }
  co_return co_await store_.inbox().done(item.id);
}

Async<bool> Router::is_moot(Interaction interaction) {
  for (const auto& keys : interaction.moot_by) {
    CO_TRY(const bool known, store_.inbox().any_between(interaction.who.platform, keys.after, keys.before));
    if (known) co_return true;
  }
  co_return false;
}

// A crash between the reply and `done`: what was carried out and answered is not carried out again.
Async<bool> Router::replied_before(InboxItem item, Interaction interaction) {
  if (item.attempts <= 1) co_return false;
  CO_TRY(const auto row, store_.outbox().find(interaction.who.platform, interaction.channel, reply_slot(item)));
  co_return row.has_value();
}

Async<Place> Router::place_of(Interaction interaction) {
  Place place;
  if (interaction.thread_ref.empty()) co_return place;
  CO_TRY(const auto root, store_.outbox().find_ref(interaction.who.platform, interaction.channel, interaction.thread_ref));
  if (!root) co_return place;
  place.case_id = case_of_slot(root->message.slot);
  place.at_root = place.case_id && root->message.slot == root_slot(place.case_id);
  place.thread = root->message.thread_of.empty() ? root->message.slot : root->message.thread_of;
  co_return place;
}

// What everyone may see about a case belongs in its thread, if the case is shown in this channel.
Async<std::string> Router::thread_for_all(Interaction interaction, Place place) {
  CaseId id = place.case_id;
  if (!id) {
    const Named named = first_named(interaction.text);
    id = named.case_id;
    if (!id && named.action) {
      const auto action = co_await store_.actions().get(named.action);
      if (action) id = action->case_id;
    }
  }
  if (!id) co_return std::string();
  CO_TRY(const auto root, store_.outbox().find(interaction.who.platform, interaction.channel, root_slot(id)));
  co_return root ? root_slot(id) : std::string();
}

Async<void> Router::give_up(InboxItem item, std::optional<Interaction> interaction, Error error) {
  log::error("chat", "interaction {} is given up: {}", item.id, error.message);
  if (interaction) {
    Place place;
    const auto found = co_await place_of(*interaction);
    if (found) place = *found;
    Reply reply;
    reply.card = sorry(fmt::format("{} could not be carried out: {}. Please try again, or ask whoever runs Vedette.",
                                   quoted_command(*interaction), text::displayable(error.message)));
    auto message = reply_message(item, *interaction, place, std::string(), reply);
    CO_TRY_VOID(say(std::move(message)));
  }
  co_return co_await store_.inbox().failed(item.id, error.message);
}

Async<void> Router::say(OutboxMessage message) {
  std::vector<OutboxMessage> messages;
  messages.push_back(std::move(message));
  co_return co_await store_.outbox().put(std::move(messages));
}

}  // namespace vedette::chat
