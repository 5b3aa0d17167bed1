#pragma once
// What a command is: its specification as data, and what its handler gets and answers. One file a verb; registry.cpp lists
// them.
//
// Handlers run on the io thread. What goes wrong is an Error with a sentence for people (why, and what to do next); the
// runner shows it to the sender. Only unavailable, timeout, cancelled and rate_limited go back to the router, which tries
// again later.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/chat/command_runner.hpp"
#include "bot/chat/form.hpp"
#include "bot/chat/link_book.hpp"
#include "bot/domain/ids.hpp"
#include "bot/domain/person.hpp"
#include "bot/domain/severity.hpp"
#include "bot/policy/policy.hpp"
#include "bot/respond/action_service.hpp"
#include "bot/store/store.hpp"

namespace vedette::commands {

// What commands work on. Owned by the runner; everything in it outlives it.
struct Services {
  Store& store;
  const policy::Policy& policy;
  const Directory& directory;
  respond::ActionService& actions;
  const Clock& clock;
  chat::LinkBook* links = nullptr;  // accounts cannot be linked without it
};

enum class ArgumentKind {
  case_ref,  // C-12, A-34 (its case) or "this"; inside a case's thread it may be left out
  action,
  evidence,  // E4
  number,    // 1 to 9999
  choice,    // one of `choices`
  person,    // @ann, "me", a platform mention
  word,      // one word
  text,      // the rest of the line; always the last one
};
struct ArgumentSpec {
  std::string_view name;
  ArgumentKind kind = ArgumentKind::word;
  bool required = true;
  std::vector<std::string_view> choices = {};
};

enum class FlagKind { severity, duration, digest, text };
struct FlagSpec {
  std::string_view name;  // without the dashes
  FlagKind kind = FlagKind::duration;
};

enum class Effect { reads, changes_case, decides_action, links_account };
// Whether a platform has to vouch for the account anew: what it does cannot be taken back by looking at it later.
inline bool weighs_as_decision(Effect effect) { return effect == Effect::decides_action || effect == Effect::links_account; }

// The case or alert somebody named, or the case of the thread; none: nothing was named.
struct Reference {
  CaseId case_id;
  AlertId alert_id;
  explicit operator bool() const { return case_id || alert_id; }
};

// Parsed and checked against the specification.
struct Arguments {
  Reference reference;
  ActionId action;
  std::optional<int> evidence;
  std::optional<int> number;
  std::map<std::string, std::string, std::less<>> words;  // choice, person, word, text by argument name
  std::map<std::string, std::string, std::less<>> flags;

  std::string word(std::string_view name) const;  // empty when not given
  std::optional<Severity> severity(std::string_view flag) const;
  std::optional<std::chrono::seconds> duration(std::string_view flag) const;
  std::string flag(std::string_view name) const;
};

struct Spec;
struct Call {
  const Services* services = nullptr;
  const Spec* spec = nullptr;
  chat::Interaction interaction;
  const Person* person = nullptr;  // never nullptr, except where the specification is for strangers too
  CaseId context;                  // the case in whose thread it was said
  Arguments arguments;
};
using Handler = Async<chat::Reply> (*)(Call call);
// What is asked of somebody who pressed the command's button, and the command their answers make. The arguments are those of
// the button's command; nothing: it is complete as it stands.
using FormOf = std::optional<chat::Form> (*)(const Arguments& given);
using FillForm = chat::FilledForm (*)(const Arguments& given, const chat::FormAnswers& answers);

// What is wrong with a filled form beside its words, as a time that is over: field → sentence. The arguments are those of
// the command it makes.
struct FormRules {
  Time now;
  std::chrono::minutes longest_snooze;
};
using CheckForm = std::map<std::string, std::string> (*)(const Arguments& filled, const FormRules& rules);

struct Spec {
  std::string_view name;
  std::vector<std::string_view> aliases;
  std::string_view usage;    // "close [C-12] tp|btp|fp|dup|inconclusive REASON"
  std::string_view summary;  // one line for help
  std::vector<ArgumentSpec> arguments;
  std::vector<FlagSpec> flags;
  policy::Permission permission = policy::Permission::read;
  Effect effect = Effect::reads;
  bool for_strangers = false;
  bool for_all_known = false;  // whoever is known, whatever their roles: it is about their own accounts
  Handler handler = nullptr;
  FormOf form = nullptr;  // these two together
  FillForm fill = nullptr;
  CheckForm check = nullptr;  // may be left out; the handler checks again
};

}  // namespace vedette::commands
