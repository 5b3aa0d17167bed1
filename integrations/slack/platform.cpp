#include "integrations/slack/platform.hpp"

#include <algorithm>

#include "bot/base/log.hpp"
#include "bot/chat/card_parts.hpp"
#include "integrations/slack/render.hpp"

namespace vedette::slack {

namespace {
constexpr size_t kMostParts = 5;  // messages of one answer
}

SlackPlatform::SlackPlatform(WebApi& api, SlackOptions options, Streams* streams, AgentSessions* sessions)
    : api_(api), streams_(streams), sessions_(sessions), options_(std::move(options)) {}

std::vector<chat::Card> SlackPlatform::parts(const chat::Card& card) const {
  const auto fits = [](const chat::Card& part) { return render(part).missing_lines == 0; };
  return chat::parts_of(card, fits, kMostParts);
}

Async<std::string> SlackPlatform::attempt(chat::Outgoing message, Look look, Deadline deadline) {
  RenderLimits limits;
  if (look == Look::plain) limits = {50, 6000, true};
  limits.feedback_buttons = look == Look::usual;
  Message rendered = render(message.card, limits);
  NewMessage content;
  content.channel = message.channel;
  content.thread_ts = message.thread_ref;
  content.text = std::move(rendered.text);
  content.blocks = std::move(rendered.blocks);
  content.key = message.key;
  if (!message.only_for.empty()) {
    ResponseUrl way;
    way.url = message.reply_url;
    way.from = message.reply_from;
    way.uses = message.reply_uses;
    co_return co_await api_.answer(std::move(content), message.only_for, std::move(way), deadline);
  }
  if (look != Look::plain && streams_ != nullptr && streams_->wanted(message)) {
    CO_TRY(auto streamed, streams_->say(message, content.blocks, deadline));
    if (streamed) co_return std::move(*streamed);
  }
  if (message.message_ref.empty()) {
    auto posted = co_await api_.post_message(std::move(content), deadline);
    if (posted && sessions_ != nullptr && !message.asked_by.user.empty())
      sessions_->answered(message.channel, message.thread_ref);
    co_return posted;
  }
  CO_TRY_VOID(api_.update_message(std::move(content), message.message_ref, deadline));
  co_return message.message_ref;
}

// Slack changes what it accepts now and then, and workspaces get its newer elements at different times. A plainer message is
// better than none.
Async<std::string> SlackPlatform::deliver(chat::Outgoing message, Deadline deadline) {
  if (options_.classic_blocks) co_return co_await attempt(std::move(message), Look::plain, deadline);
  const Look first = feedback_buttons_ ? Look::usual : Look::plain_thumbs;
  auto done = co_await attempt(message, first, deadline);
  if (done || done.error().code != Code::too_large) co_return done;
  const bool has_thumbs = std::any_of(message.card.blocks.begin(), message.card.blocks.end(),
                                      [](const chat::Block& block) { return std::holds_alternative<chat::Thumbs>(block); });
  if (first == Look::usual && has_thumbs) {
    done = co_await attempt(message, Look::plain_thumbs, deadline);
    if (done) {
      feedback_buttons_ = false;
      log::warning("slack", "Slack does not take feedback buttons here; thumbs are ordinary buttons from now on");
    }
    if (done || done.error().code != Code::too_large) co_return done;
  }
  log::warning("slack", "{}: {}; sending it in plain blocks", message.slot, done.error().message);
  co_return co_await attempt(message, Look::plain, deadline);
}

Async<std::optional<chat::Found>> SlackPlatform::find(chat::Outgoing message, Time since, Deadline deadline) {
  if (!message.only_for.empty()) co_return std::optional<chat::Found>();
  CO_TRY(auto whole, api_.find_message(message.channel, message.thread_ref, message.key, since, deadline));
  if (whole) co_return std::optional<chat::Found>(chat::Found{std::move(*whole), true});
  if (streams_ == nullptr || message.asked_by.user.empty()) co_return std::optional<chat::Found>();
  co_return co_await streams_->find_begun(std::move(message), since, deadline);
}

}  // namespace vedette::slack
