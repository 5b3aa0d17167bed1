#pragma once
// Teams as a chat platform: posts and edits messages. Lives as long as the app; io thread only.
//
// message_ref is the message's id in its conversation; of a thread's root the number in ";messageid=". A message for one
// person alone is a targeted one, or where Teams does not take it there, one in the conversation of the two of us; it is
// never edited. Teams keeps no history for bots: after an unknown outcome a post is sent again and says so.

#include "bot/chat/platform.hpp"
#include "integrations/teams/places.hpp"
#include "integrations/teams/render.hpp"
#include "integrations/teams/rooms.hpp"
#include "integrations/teams/streams.hpp"

namespace vedette::teams {

class TeamsPlatform final : public chat::ChatPlatform {
 public:
  using LookFor = std::function<RenderLook(const std::string& slot)>;
  // All outlive it.
  TeamsPlatform(Connector& connector, Book& book, TeamsOptions options, LookFor look_for);
  std::string name() const override { return "teams"; }
  Async<std::string> deliver(chat::Outgoing message, Deadline deadline) override;
  Async<std::optional<chat::Found>> find(chat::Outgoing message, Time since, Deadline deadline) override;
  bool looks_up() const override { return false; }
  bool limits_edits_together() const override { return false; }
  bool fits(const chat::Card& card) const override { return teams::fits(card); }
  std::chrono::milliseconds channel_pace() const override { return options_.pace; }
  std::chrono::milliseconds settle_delay() const override { return options_.settle_delay; }

 private:
  Async<std::string> attempt(chat::Outgoing message, Deadline deadline);
  Async<std::string> post(chat::Outgoing message, Place place, Deadline deadline);
  Async<std::string> deliver_to_one(chat::Outgoing message, Deadline deadline);
  boost::asio::awaitable<RenderLook> look(std::string slot, bool again, Place place, Deadline deadline);

  Connector& connector_;
  Book& book_;
  TeamsOptions options_;
  LookFor look_for_;
  Rooms rooms_;
  Streams streams_;
};

}  // namespace vedette::teams
