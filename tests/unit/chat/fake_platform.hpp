#pragma once
// A chat platform in memory that loses answers, refuses, limits and delays as told. Like the real ones it has no idempotency
// key: posting twice shows two messages.

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "bot/chat/platform.hpp"

namespace vedette::test {

enum class Fault {
  none,
  refused,        // unavailable: not posted
  limited,        // 429 with retry_after
  reply_lost,     // posted, then no answer
  request_lost,   // not posted, and no answer
  timed_out,      // posted, then the deadline
  thrown,         // posted, then a bug of ours
  final_error,    // this content will never do
  token_expired,  // unauthenticated
  deleted,        // the message to edit is gone
  frozen,         // the message to edit cannot be edited any more
};

class FakePlatform final : public chat::ChatPlatform {
 public:
  struct Posted {
    std::string ref;
    std::string key;
    std::string channel;
    std::string thread_ref;
    std::string only_for;
    std::string summary;
    std::string text;
    Time at;
    int edits = 0;
    std::string reply_url;
    int reply_uses = 0;
    bool whole = true;
    bool again = false;
  };
  struct Call {
    std::string channel;
    std::string slot;
    bool post = true;
    Time at;
  };

  explicit FakePlatform(const Clock& clock, std::string name = "slack") : clock_(clock), name_(std::move(name)) {}

  std::deque<Fault> faults;          // for the next deliveries, in order
  std::function<Fault()> any_fault;  // used once `faults` is empty
  std::deque<Error> find_errors;     // for the next look-ups
  std::chrono::milliseconds pace{0};
  std::chrono::milliseconds settle{0};         // what we tell
  std::chrono::milliseconds visible_after{0};  // how long a message really takes to be found
  std::chrono::milliseconds retry_after{7000};
  bool limits_together = true;  // of edits
  bool keeps_history = true;    // else nothing can be looked up
  size_t part_lines = 0;        // lines of plain text that one message takes; 0: any number
  Duration takes{0};            // real time a delivery takes
  std::vector<Posted> messages;
  std::vector<Call> calls;
  int finds = 0;
  std::map<std::string, int> at_once;
  int most_at_once_in_a_channel = 0;
  int most_at_once = 0;

  std::string name() const override { return name_; }
  std::chrono::milliseconds channel_pace() const override { return pace; }
  bool fits(const chat::Card& card) const override {
    const std::string text = chat::plain_text(card);
    return part_lines == 0 || static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) <= part_lines;
  }
  std::chrono::milliseconds settle_delay() const override { return settle; }
  bool looks_up() const override { return keeps_history; }
  bool limits_edits_together() const override { return limits_together; }

  Async<std::string> deliver(chat::Outgoing message, Deadline) override {
    calls.push_back({message.channel, message.slot, message.message_ref.empty(), clock_.now()});
    ++at_once[message.channel];
    int all = 0;
    for (const auto& [channel, count] : at_once) all += count;
    most_at_once = std::max(most_at_once, all);
    most_at_once_in_a_channel = std::max(most_at_once_in_a_channel, at_once[message.channel]);
    if (takes > Duration(0)) co_await sleep_for(takes);
    --at_once[message.channel];
    co_return answer(message);
  }

  Async<std::optional<chat::Found>> find(chat::Outgoing message, Time since, Deadline) override {
    ++finds;
    if (!find_errors.empty()) {
      Error error = find_errors.front();
      find_errors.pop_front();
      co_return error;
    }
    if (!keeps_history) co_return std::optional<chat::Found>();
    for (const auto& posted : messages) {
      const bool visible = posted.at + visible_after <= clock_.now();
      if (posted.key == message.key && posted.at >= since && visible)
        co_return std::optional<chat::Found>(chat::Found{posted.ref, posted.whole});
    }
    co_return std::optional<chat::Found>();
  }

  int count(const std::string& key) const {
    int found = 0;
    for (const auto& posted : messages) found += posted.key == key ? 1 : 0;
    return found;
  }

 private:
  Result<std::string> answer(const chat::Outgoing& message) {
    Fault fault = Fault::none;
    if (!faults.empty()) {
      fault = faults.front();
      faults.pop_front();
    } else if (any_fault) {
      fault = any_fault();
    }
    switch (fault) {
      case Fault::refused: return Error(Code::unavailable, "connection refused", true);
      case Fault::limited: {
        Error error(Code::rate_limited, "too many", true);
        error.retry_after = retry_after;
        return error;
      }
      case Fault::request_lost: return Error(Code::unknown_outcome, "connection reset", false);
      case Fault::final_error: return Error(Code::upstream, "channel is archived");
      case Fault::deleted: return Error(Code::not_found, "the message is gone");
      case Fault::frozen: return Error(Code::expired, "the edit window is closed");
      case Fault::token_expired: return Error(Code::unauthenticated, "token expired");
      default: break;
    }
    const std::string ref = apply(message);
    if (fault == Fault::reply_lost) return Error(Code::unknown_outcome, "connection reset", false);
    if (fault == Fault::timed_out) return Error(Code::timeout, "no answer in time", false);
    if (fault == Fault::thrown) throw std::runtime_error("a bug");
    return ref;
  }

  std::string apply(const chat::Outgoing& message) {
    for (auto& posted : messages) {
      if (!message.message_ref.empty() && posted.ref == message.message_ref) {
        posted.summary = message.card.summary;
        ++posted.edits;
        return posted.ref;
      }
    }
    const std::string ref = fmt::format("ts{}", messages.size() + 1);
    messages.push_back({ref, message.key, message.channel, message.thread_ref, message.only_for, message.card.summary,
                        chat::plain_text(message.card), clock_.now(), 0, message.reply_url, message.reply_uses});
    messages.back().again = message.again;
    return ref;
  }

  const Clock& clock_;
  std::string name_;
};

}  // namespace vedette::test
