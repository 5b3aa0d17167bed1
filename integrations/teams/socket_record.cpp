#include "integrations/teams/socket_record.hpp"

namespace vedette::teams {

SocketRecord::Seen SocketRecord::ask(const std::string& key, SteadyTime now) {
  forget_old(now);
  const auto [entry, fresh] = entries_.try_emplace(key);
  if (fresh) return Seen::fresh;
  return entry->second.answered ? Seen::answered : Seen::in_work;
}

const ActivityAnswer& SocketRecord::answer(const std::string& key) const { return entries_.at(key).answer; }

void SocketRecord::finish(const std::string& key, const ActivityAnswer& answer, SteadyTime now) {
  const auto found = entries_.find(key);
  if (found == entries_.end() || found->second.answered) return;
  if (answer.status >= 500 || answer.status == 429) {
    entries_.erase(found);
    return;
  }
  found->second.answered = true;
  found->second.answer = answer;
  found->second.bytes = key.size() + answer.body.size();
  bytes_ += found->second.bytes;
  ages_.push_back({now, key});
  forget_old(now);
}

void SocketRecord::forget_old(SteadyTime now) {
  while (!ages_.empty()) {
    const bool old = now - ages_.front().since > limits_.age;
    if (!old && ages_.size() <= limits_.count && bytes_ <= limits_.bytes) return;
    const auto found = entries_.find(ages_.front().key);
    if (found != entries_.end()) {
      bytes_ -= found->second.bytes;
      entries_.erase(found);
    }
    ages_.pop_front();
  }
}

}  // namespace vedette::teams
