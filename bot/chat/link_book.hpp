#pragma once
// The accounts that people have linked, in the store and in the directory, kept in step: what the store has taken is in
// force at once, what it has given up is out of force before anybody is told. Loaded once, before the first command runs.
//
// Lives as long as the App and is used on the io thread; what it is given outlives it.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bot/chat/card.hpp"
#include "bot/domain/person.hpp"
#include "bot/store/store.hpp"

namespace vedette::chat {

class LinkBook {
 public:
  LinkBook(Store& store, Directory& directory) : store_(store), directory_(directory) {}
  LinkBook(const LinkBook&) = delete;
  LinkBook& operator=(const LinkBook&) = delete;

  // Puts what the store has into the directory; a link that does not agree with the configuration is logged and left out.
  Async<void> load();
  // The same until it has succeeded. False: told to stop before that.
  boost::asio::awaitable<bool> load_at_start();

  LinkStore& store() { return store_.links(); }
  const std::vector<LinkedIdentity>& links() const { return links_; }

  // As LinkStore's, and in force when they answer.
  Async<LinkedIdentity> confirm(int64_t id, Identity by, std::vector<OutboxMessage> messages, AuditEntry audit);
  Async<LinkedIdentity> remove(Identity identity, AuditEntry audit);

  // The channel in which somebody of this platform is told what is for them alone; empty: there is none. Where the platform
  // has no such way, or none for this person, they are told where they spoke, in a message shown to them only.
  using DirectChannel = std::function<std::string(const Identity& who)>;
  void reach_by(std::string platform, DirectChannel channel) { direct_[std::move(platform)] = std::move(channel); }
  // A message for somebody alone who spoke at this place.
  OutboxMessage message_for(const Identity& who, const LinkPlace& spoke_at, std::string slot, const Card& card) const;

 private:
  void put_in_force();

  Store& store_;
  Directory& directory_;
  std::vector<LinkedIdentity> links_;
  std::map<std::string, DirectChannel, std::less<>> direct_;
};

}  // namespace vedette::chat
