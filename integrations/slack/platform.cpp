#include "integrations/slack/platform.hpp"

#include "bot/base/log.hpp"
#include "integrations/slack/render.hpp"

namespace vedette::slack {

SlackPlatform::SlackPlatform(WebApi& api, SlackOptions options) : api_(api), options_(std::move(options)) {}

Async<std::string> SlackPlatform::attempt(chat::Outgoing message, bool plain, Deadline deadline) {
  RenderLimits limits;
  if (plain) limits = {50, 6000, true};
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
  if (message.message_ref.empty()) co_return co_await api_.post_message(std::move(content), deadline);
  CO_TRY_VOID(api_.update_message(std::move(content), message.message_ref, deadline));
  co_return message.message_ref;
}

Async<std::string> SlackPlatform::deliver(chat::Outgoing message, Deadline deadline) {
  auto done = co_await attempt(message, false, deadline);
  if (done || done.error().code != Code::too_large) co_return done;
  // Slack changes what it accepts now and then. A plainer message is better than none.
  log::warning("slack", "{}: {}; sending it in plain blocks", message.slot, done.error().message);
  co_return co_await attempt(message, true, deadline);
}

Async<std::optional<std::string>> SlackPlatform::find(chat::Outgoing message, Time since, Deadline deadline) {
  if (!message.only_for.empty()) co_return std::optional<std::string>();
  co_return co_await api_.find_message(message.channel, message.thread_ref, message.key, since, deadline);
}

}  // namespace vedette::slack
