#pragma once
// How a further account comes to belong to a person, step by step: an offer with a one-time code, of which only the hash is
// kept here (the message that tells it lies in the outbox like any other); its use from the other account; the confirmation
// by the account that offered it. Nothing but the last makes a link.
//
// Every step is a compare-and-set on the offer's state, with its audit row and its messages in the same transaction: a crash
// leaves the step taken or not taken, never half.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/domain/person.hpp"
#include "bot/store/audit_store.hpp"
#include "bot/store/outbox_store.hpp"

namespace vedette {

// offered → used → linked | refused; offered | used → withdrawn. That its time is over is no state: see `expires`.
enum class LinkState { offered, used, linked, refused, withdrawn };
std::string_view to_string(LinkState state);

// Where somebody said something, for what is to be told to them there.
struct LinkPlace {
  std::string channel;
  bool direct = false;  // nobody else reads there
  bool operator==(const LinkPlace&) const = default;
};

struct LinkOffer {
  int64_t id = 0;      // 1, 2, 3, …; never given twice
  std::string person;  // Person::id of who offered
  Identity offered_by;
  LinkPlace offered_at;
  LinkState state = LinkState::offered;
  Time created;
  Time expires;  // of the code; once used, of the question whether that was right

  Identity used_by;       // no user: nobody used it yet
  std::string used_name;  // what the platform calls them: for display, never for a decision
  LinkPlace used_at;
  std::string asked_in;  // channel in which the first account is asked

  bool operator==(const LinkOffer&) const = default;
};

struct LinkUse {
  Identity by;
  std::string name;
  LinkPlace at;
  std::string asked_in;
  Time expires;  // of the question
};

// How often an account may try codes in vain: so many times within `window`, then it pauses.
struct LinkTries {
  int most = 5;
  std::chrono::minutes window{15};
  std::chrono::minutes pause{15};
};

struct LinkTry {
  enum class Outcome {
    good,     // an open offer; it is not used yet
    again,    // this very account has used it, and the question is still open
    wrong,    // no offer of the last day has this code
    spent,    // it was used, or withdrawn
    expired,  // its time is over
    paused,   // too many tries: nothing was looked at
  };
  Outcome outcome = Outcome::wrong;
  std::optional<LinkOffer> offer;  // of good and again
  Time paused_until;               // of paused, and of the try that starts a pause
};
std::string_view to_string(LinkTry::Outcome outcome);

class LinkStore {
 public:
  virtual ~LinkStore() = default;
  virtual Async<std::vector<LinkedIdentity>> all() = 0;
  virtual Async<std::optional<LinkOffer>> find(int64_t id) = 0;
  // The offer of this account that waits for its code or for an answer; nothing when there is none or its time is over.
  virtual Async<std::optional<LinkOffer>> open_of(Identity identity) = 0;

  // A new offer; earlier ones of this account that are open are withdrawn. Fills in the audit row's subject ("link/17").
  virtual Async<LinkOffer> offer(std::string person, Identity by, LinkPlace at, std::string code_hash, Time expires,
                                 AuditEntry audit) = 0;
  // Looks for the code, and counts the try beforehand; use() forgets what was counted. Every code of the last day is
  // compared, each in constant time. A try in vain that was counted leaves `failure` in the audit, with the outcome in its
  // detail.
  virtual Async<LinkTry> try_code(std::string code_hash, Identity by, LinkTries tries, AuditEntry failure) = 0;
  // offered → used. conflict when it is not on offer any more, expired when its time is over.
  virtual Async<LinkOffer> use(int64_t id, LinkUse use, std::vector<OutboxMessage> messages, AuditEntry audit) = 0;
  // used → linked. forbidden for another account than the one that offered; conflict when it is not used, or somebody has
  // the account meanwhile, or the person another one of the same platform and workspace; expired when the question's time is
  // over.
  virtual Async<LinkedIdentity> confirm(int64_t id, Identity by, std::vector<OutboxMessage> messages, AuditEntry audit) = 0;
  // used → refused. The same errors.
  virtual Async<LinkOffer> refuse(int64_t id, Identity by, std::vector<OutboxMessage> messages, AuditEntry audit) = 0;
  // Takes a link away and withdraws what its account has on offer or has used. not_found when there is none.
  virtual Async<LinkedIdentity> remove(Identity identity, AuditEntry audit) = 0;
};

}  // namespace vedette
