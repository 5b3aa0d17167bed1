#include "commands/runner.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bot/base/log.hpp"
#include "bot/base/text.hpp"
#include "commands/parser.hpp"
#include "commands/registry.hpp"
#include "commands/reply.hpp"

namespace vedette::commands {
namespace {

constexpr size_t kMostCompletions = 12;

// Something the router should try again when the store or the machine is well again.
bool later(Code code) {
  return code == Code::unavailable || code == Code::timeout || code == Code::cancelled || code == Code::rate_limited;
}

std::string stranger_sentence(const chat::Interaction& interaction) {
  return fmt::format(
      "I don't know you yet, so I can't do this for you. Ask an administrator of Vedette to add {} to the people it "
      "knows. If I know you elsewhere, say 'link' to me there.",
      text::displayable(interaction.who.text()));
}

std::vector<std::string> names_near(std::string_view verb, const std::vector<const Spec*>& among) {
  std::vector<std::pair<size_t, std::string>> near;
  for (const auto* spec : among) {
    std::vector<std::string_view> names = spec->aliases;
    names.push_back(spec->name);
    size_t best = std::string_view::npos;
    for (const auto name : names) {
      // A word that continues or begins a verb ("acknowledged", "evi") is near it too.
      const bool prefix = verb.size() >= 3 && (name.starts_with(verb) || (name.size() >= 3 && verb.starts_with(name)));
      const size_t distance = prefix ? 1 : text::edit_distance(verb, name);
      if (distance <= std::max<size_t>(1, name.size() / 3)) best = std::min(best, distance);
    }
    if (best != std::string_view::npos) near.emplace_back(best, std::string(spec->name));
  }
  std::sort(near.begin(), near.end());
  std::vector<std::string> result;
  for (size_t i = 0; i < near.size() && i < 3; ++i) result.push_back("'" + near[i].second + "'");
  return result;
}

}  // namespace

Runner::Runner(Store& store, const policy::Policy& policy, const Directory& directory, respond::ActionService& actions,
               const Clock& clock)
    : services_{store, policy, directory, actions, clock} {}

bool Runner::may(const Spec& spec, const Person* person) const {
  if (person == nullptr) return spec.for_strangers;
  return spec.for_strangers || spec.for_all_known || services_.policy.may(*person, spec.permission).allowed;
}

chat::Reply Runner::unknown_verb(std::string_view verb, const Person* person) const {
  std::vector<const Spec*> allowed;
  for (const auto& spec : all_commands()) {
    if (may(spec, person)) allowed.push_back(&spec);
  }
  const std::string shown = text::ellipsize(text::displayable(verb), 40);
  const auto near = names_near(text::ellipsize(verb, 40), allowed);
  if (near.empty()) {
    return refusal(fmt::format("I don't know '{}', so I did nothing. 'help' lists what I understand.", shown));
  }
  return refusal(fmt::format("I don't know '{}', so I did nothing. Did you mean {}?", shown, text::join(near, " or ")));
}

boost::asio::awaitable<std::optional<std::string>> Runner::doubt(Identity who, Effect effect) const {
  if (effect == Effect::reads) co_return std::nullopt;
  const auto vouch = vouches_.find(who.platform);
  if (vouch == vouches_.end()) co_return std::nullopt;
  const std::string asked = who.text();
  auto why_not = co_await vouch->second(std::move(who), effect);
  if (why_not) log::warning("commands", "refused {}: not vouched for by the platform when it was to run", asked);
  co_return why_not;
}

// Answers the doubt; empty: none.
boost::asio::awaitable<std::string> Runner::add_roles(Person& person, Identity who, Effect effect) const {
  const auto roles = roles_.find(who.platform);
  if (roles == roles_.end()) co_return std::string();
  AddedRoles added = co_await roles->second(std::move(who), effect);
  person.roles.insert(person.roles.end(), added.roles.begin(), added.roles.end());
  co_return added.doubt;
}

Async<chat::Reply> Runner::run(chat::Interaction interaction, const Person* person, CaseId context) {
  if (interaction.text.size() > kLongestCommand) {
    co_return refusal(
        fmt::format("That is longer than the {} characters I read. Please say it in fewer words.", kLongestCommand));
  }
  const std::string line = text::to_valid_utf8(interaction.text);
  auto split = split_verb(line);
  if (split.verb.empty()) split.verb = "help";
  const Spec* spec = find_command(split.verb);
  if (spec == nullptr) {
    if (person == nullptr) co_return refusal(stranger_sentence(interaction));
    co_return unknown_verb(split.verb, person);
  }
  if (person == nullptr && !spec->for_strangers) co_return refusal(stranger_sentence(interaction));
  Person known;  // with the roles of this moment; a copy, as the directory is everybody's
  std::string unknown_roles;
  if (person != nullptr) {
    known = *person;
    unknown_roles = co_await add_roles(known, interaction.who, spec->effect);
    person = &known;
    if (!unknown_roles.empty()) unknown_roles = " " + unknown_roles;
  }
  if (person != nullptr && !spec->for_strangers && !spec->for_all_known) {
    const auto decision = services_.policy.may(*person, spec->permission);
    if (!decision.allowed) co_return refusal(decision.reason + unknown_roles);
  }
  auto arguments = parse_arguments(*spec, split.rest, context);
  if (!arguments) co_return refusal(arguments.error().message);

  // A stranger decides nothing yet: for whether the platform knows them, an answer of a moment ago will do.
  const Effect weight = person == nullptr ? Effect::changes_case : spec->effect;
  const auto why_not = co_await doubt(interaction.who, weight);
  if (why_not) co_return refusal(*why_not);

  const bool about_the_thread = spec->effect == Effect::reads && context && arguments->reference.case_id == context;
  Call call;
  call.services = &services_;
  call.spec = spec;
  call.interaction = std::move(interaction);
  call.person = person;
  call.context = context;
  call.arguments = std::move(*arguments);
  auto reply = co_await spec->handler(std::move(call));
  if (reply) reply->answers_question = about_the_thread;
  if (reply) co_return std::move(reply).value();
  Error error = std::move(reply).error();
  if (later(error.code)) co_return error;
  if (error.code == Code::internal || error.code == Code::upstream) {
    log::error("commands", "{} failed: {}", spec->name, error.message);
    co_return refusal(
        "Something went wrong on my side and nothing was changed. Please try again; if it stays like that, 'status' may "
        "tell more.");
  }
  co_return refusal(error.message + (error.code == Code::forbidden ? unknown_roles : ""));
}

std::vector<Completion> Runner::completions(std::string_view typed, const Person* person) const {
  std::vector<Completion> found;
  if (typed.size() > kLongestCommand) return found;
  const auto trimmed_front = text::trim(typed);
  const bool verb_only = trimmed_front.find_first_of(" \t") == std::string_view::npos && !typed.ends_with(' ');
  if (verb_only) {
    for (const auto& spec : all_commands()) {
      if (spec.name.starts_with(text::lower(trimmed_front)) && may(spec, person)) {
        found.push_back({std::string(spec.name) + " ", std::string(spec.summary)});
      }
    }
    // In the order of the registry, as in help: what is used most comes first.
    if (found.size() > kMostCompletions && !trimmed_front.empty()) found.resize(kMostCompletions);
    return found;
  }
  const auto split = split_verb(typed);
  const Spec* spec = find_command(split.verb);
  if (spec == nullptr || !may(*spec, person)) return found;

  // The word being typed is replaced; the rest of the line stays.
  const size_t blank = typed.find_last_of(" \t");
  const std::string kept(typed.substr(0, blank + 1));
  const std::string word = text::lower(typed.substr(blank + 1));
  const auto offer = [&](std::string candidate, std::string hint) {
    if (found.size() < kMostCompletions && text::lower(candidate).starts_with(word) && text::lower(candidate) != word) {
      found.push_back({kept + candidate, std::move(hint)});
    }
  };
  for (const auto& argument : spec->arguments) {
    for (const auto choice : argument.choices) offer(std::string(choice) + " ", std::string(argument.name));
    if (argument.kind != ArgumentKind::person) continue;
    for (const auto& someone : services_.directory.people()) offer("@" + someone.id + " ", someone.name);
  }
  for (const auto& flag : spec->flags) {
    if (flag.kind != FlagKind::digest && flag.kind != FlagKind::text)
      offer(fmt::format("--{}=", flag.name), std::string(spec->usage));
  }
  return found;
}

}  // namespace vedette::commands
