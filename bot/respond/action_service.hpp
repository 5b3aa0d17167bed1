#pragma once
// What people do to proposed actions: ask for one, approve it, deny it, settle an outcome that is not known. Every step asks
// the policy and the provider, binds to the digest of exactly what will run, and is a compare-and-set in the store: a second
// click finds that the action moved on. Holds no state of its own. Used from the io thread; the references outlive it.
//
// Errors carry a sentence for people that says why and what to do next: not_found, forbidden (not entitled, protected
// target, own request), conflict (moved on, plan changed, voted already), expired, invalid_input (the provider cannot run
// the plan). Errors of the store itself (unavailable, cancelled) pass through.

#include <map>
#include <optional>
#include <string>

#include "bot/base/async.hpp"
#include "bot/domain/person.hpp"
#include "bot/policy/policy.hpp"
#include "bot/respond/action_audit.hpp"
#include "bot/respond/providers.hpp"
#include "bot/store/action_store.hpp"

namespace vedette::respond {

// How somebody asked: what was denied is asked for again only by typing it out, never by a button on an old card.
enum class Asked { typed, pressed };

class ActionService {
 public:
  ActionService(ActionStore& actions, const policy::Policy& policy, const Providers& providers, const Clock& clock);

  // An empty digest stands for "as it is stored now": whoever passes none must show the answer's plan to the person.
  // One that ended undone (expired, failed; denied, when typed) is proposed anew with the same plan: the answer has another
  // id. Where the analyst has proposed the same plan anew, as after a withdrawal, that is what is asked for.
  Async<Action> request(ActionId id, std::string digest, const Person& person, Actor actor, Asked asked = Asked::typed);
  // Asks to undo a done action, by an approval of its own: the answer is a new action. The digest is the done one's.
  Async<Action> undo(ActionId id, std::string digest, const Person& person, Actor actor);
  // Changes parameters of a plan that nobody has decided on yet: an action with the new plan takes the place of the old one,
  // and its approvals start anew. Who may ask for the action may do it; an empty value stands for "as usual". conflict when
  // nothing would change.
  Async<Action> edit(ActionId id, std::string digest, std::map<std::string, std::string> changes, const Person& person,
                     Actor actor);
  // An action with what may be changed about its plan, and the present values.
  Async<Action> with_settings(ActionId id);
  Async<Action> approve(ActionId id, std::string digest, const Person& person, Actor actor);
  // `reason` goes into the audit; may be empty.
  Async<Action> deny(ActionId id, std::string digest, std::string reason, const Person& person, Actor actor);

  // For an action whose outcome Vedette cannot find out (executing, unknown): what somebody else than the requester knows
  // ends it. `reason` says how they know; it is kept with the result.
  Async<Action> settle(ActionId id, bool done, std::string reason, const Person& person, Actor actor);

 private:
  Async<Action> propose_again(Action ended, std::string proposer, Actor actor);
  Async<Action> newest_alike(Action named);
  Async<Action> open_approval(Action action, policy::Decision decision, const Person& person, Actor actor);
  Async<Action> vote(ActionId id, std::string digest, bool approve, std::string reason, const Person& person, Actor actor);
  // The action as stored, when `digest` is its plan's (or empty).
  Async<Action> load(ActionId id, std::string digest);
  // Turns the store's conflict into the sentence that fits where the action stands now.
  Async<Action> explain(ActionId id, Error error);

  ActionStore& actions_;
  const policy::Policy& policy_;
  const Providers& providers_;
  const Clock& clock_;
};

// Where an action stands, as one sentence: "R-9 was denied by @ann." Also tells what to do next where there is something.
std::string standing(const Action& action);
// The plan in words, defanged, with provider and parameters: "Block IP 203[.]0[.]113[.]7 with crowdsec (duration 4h)".
std::string describe_plan(const ActionPlan& plan);

}  // namespace vedette::respond
