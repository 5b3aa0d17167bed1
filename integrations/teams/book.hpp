#pragma once
// Where we may speak and how people are addressed: what verified activities have told, kept over restarts. Lives as long as
// the app; io thread only.

#include <map>
#include <string>
#include <utility>

#include "bot/chat/conversations.hpp"

namespace vedette::teams {

class Book {
 public:
  // Both outlive it.
  Book(chat::Conversations& store, const Clock& clock) : store_(store), clock_(clock) {}

  // What was learnt before this start. What is learnt meanwhile is newer and stays.
  Async<void> load();
  bool loaded() const { return loaded_; }
  // Notes what an activity tells; on disk when it answers, at once where nothing is new. An empty field does not replace a
  // known one.
  Async<void> learn(chat::Conversation conversation);
  // Teams refuses or takes what we say there.
  Async<void> set_blocked(std::string workspace, std::string id, bool blocked);

  // nullptr: never heard of. Good until the next co_await.
  const chat::Conversation* find(const std::string& workspace, const std::string& id) const;
  // The same where the tenant is not known: channel and chat ids are unique everywhere.
  const chat::Conversation* find(const std::string& id) const;
  // The conversation of the two of us.
  const chat::Conversation* personal(const std::string& workspace, const std::string& user) const;
  // The aadObjectId of a member's address; empty: not known.
  std::string object_of(const std::string& address) const;
  size_t size() const { return known_.size(); }

 private:
  using Key = std::pair<std::string, std::string>;  // id, workspace
  void index(const chat::Conversation& conversation);

  chat::Conversations& store_;
  const Clock& clock_;
  std::map<Key, chat::Conversation> known_;
  std::map<Key, std::string> personal_;  // user, workspace → conversation
  std::map<std::string, std::string> objects_;
  bool loaded_ = false;
};

}  // namespace vedette::teams
