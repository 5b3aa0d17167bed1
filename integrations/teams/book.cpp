#include "integrations/teams/book.hpp"

#include "integrations/teams/activity_wire.hpp"

namespace vedette::teams {
namespace {

constexpr size_t kMost = 100'000;

using Kind = chat::Conversation::Kind;

void fill_in(std::string& field, const std::string& known) {
  if (field.empty()) field = known;
}

}  // namespace

void Book::index(const chat::Conversation& conversation) {
  if (conversation.kind == Kind::personal) personal_[{conversation.user, conversation.workspace}] = conversation.id;
  if (!conversation.address.empty() && !conversation.user.empty()) objects_[conversation.address] = conversation.user;
}

Async<void> Book::load() {
  CO_TRY(auto all, store_.all(kPlatform));
  for (auto& conversation : all) {
    if (known_.size() >= kMost) break;
    const Key key(conversation.id, conversation.workspace);
    const auto [at, fresh] = known_.try_emplace(key, std::move(conversation));
    if (fresh) index(at->second);
  }
  loaded_ = true;
  co_return Status();
}

Async<void> Book::learn(chat::Conversation conversation) {
  if (conversation.id.empty()) co_return Status();
  const Key key(conversation.id, conversation.workspace);
  const auto known = known_.find(key);
  if (known != known_.end()) {
    fill_in(conversation.bot, known->second.bot);
    fill_in(conversation.user, known->second.user);
    fill_in(conversation.address, known->second.address);
    fill_in(conversation.team, known->second.team);
    fill_in(conversation.name, known->second.name);
    conversation.changed = known->second.changed;
    if (conversation == known->second) co_return Status();
  } else if (known_.size() >= kMost) {
    co_return Status();  // answers still go where they were asked, by the address of the cloud
  }
  conversation.changed = clock_.now();
  CO_TRY_VOID(store_.keep(conversation));
  index(conversation);
  known_.insert_or_assign(key, std::move(conversation));
  co_return Status();
}

Async<void> Book::set_blocked(std::string workspace, std::string id, bool blocked) {
  const chat::Conversation* known = find(workspace, id);
  if (known == nullptr || known->blocked == blocked) co_return Status();
  chat::Conversation changed = *known;
  changed.blocked = blocked;
  co_return co_await learn(std::move(changed));
}

const chat::Conversation* Book::find(const std::string& workspace, const std::string& id) const {
  const auto found = known_.find({id, workspace});
  return found == known_.end() ? nullptr : &found->second;
}

const chat::Conversation* Book::find(const std::string& id) const {
  const auto found = known_.lower_bound({id, std::string()});
  return found == known_.end() || found->first.first != id ? nullptr : &found->second;
}

const chat::Conversation* Book::personal(const std::string& workspace, const std::string& user) const {
  const auto found = personal_.find({user, workspace});
  return found == personal_.end() ? nullptr : find(workspace, found->second);
}

std::string Book::object_of(const std::string& address) const {
  const auto found = objects_.find(address);
  return found == objects_.end() ? std::string() : found->second;
}

}  // namespace vedette::teams
