#include "bot/chat/link_book.hpp"

#include "bot/base/log.hpp"
#include "bot/base/text.hpp"

namespace vedette::chat {
namespace {

constexpr std::chrono::seconds kRetry(1);

}  // namespace

void LinkBook::put_in_force() {
  for (const auto& aside : directory_.relink(links_)) {
    log::warning("chat", "the link of {} is not in force: {}", text::displayable(aside.identity.text()), aside.ignored);
  }
}

Async<void> LinkBook::load() {
  CO_TRY(links_, store_.links().all());
  put_in_force();
  co_return Status();
}

boost::asio::awaitable<bool> LinkBook::load_at_start() {
  while (true) {
    const bool stop = co_await cancelled();
    if (stop) co_return false;
    const auto loaded = co_await load();
    if (loaded) co_return true;
    if (loaded.error().code == Code::cancelled) co_return false;
    log::warning("chat", "linked accounts cannot be read, so commands wait: {}", loaded.error().message);
    co_await sleep_for(kRetry);
  }
}

Async<LinkedIdentity> LinkBook::confirm(int64_t id, Identity by, std::vector<OutboxMessage> messages, AuditEntry audit) {
  CO_TRY(auto link, store_.links().confirm(id, std::move(by), std::move(messages), std::move(audit)));
  links_.push_back(link);
  put_in_force();
  co_return link;
}

Async<LinkedIdentity> LinkBook::remove(Identity identity, AuditEntry audit) {
  CO_TRY(auto removed, store_.links().remove(std::move(identity), std::move(audit)));
  std::erase_if(links_, [&](const LinkedIdentity& link) { return link.identity == removed.identity; });
  put_in_force();
  co_return removed;
}

OutboxMessage LinkBook::message_for(const Identity& who, const LinkPlace& spoke_at, std::string slot,
                                    const Card& card) const {
  OutboxMessage message;
  message.slot = std::move(slot);
  message.platform = who.platform;
  message.channel = spoke_at.channel;
  message.lane = Lane::approval;
  message.card = to_json(card);
  if (spoke_at.direct) return message;
  const auto direct = direct_.find(who.platform);
  std::string channel = direct == direct_.end() ? std::string() : direct->second(who);
  if (channel.empty()) {
    message.only_for = who.user;
  } else {
    message.channel = std::move(channel);
  }
  return message;
}

}  // namespace vedette::chat
