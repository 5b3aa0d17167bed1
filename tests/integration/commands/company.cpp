#include "tests/integration/commands/company.hpp"

#include "integrations/simulated/simulated_provider.hpp"

namespace vedette::test {
namespace {

Person make_person(std::string id, std::vector<std::string> roles) {
  Person person;
  person.id = id;
  person.name = "The " + id;
  person.roles = std::move(roles);
  person.identities = {Identity("console", "", id), Identity("slack", "T1", "U-" + id)};
  return person;
}

Alert make_alert(std::string key, std::string title, Severity severity) {
  Alert alert;
  alert.source = "test";
  alert.format = "ecs";
  alert.dedup_key = std::move(key);
  alert.title = std::move(title);
  alert.severity = severity;
  alert.time = *parse_time("2026-11-24T02:58:00Z");
  alert.received = *parse_time("2026-11-24T02:58:01Z");
  alert.entities = {Entity(EntityType::ip, "203.0.113.7"), Entity(EntityType::user, "ann@corp.example")};
  alert.raw = "{}";
  return alert;
}

Evidence make_evidence() {
  Evidence evidence;
  evidence.question = "failed_logins";
  evidence.title = "How often did sign-ins from 203.0.113.7 fail?";
  evidence.source = "event log";
  evidence.query = "dataset:windows source.ip = \"203.0.113.7\" and event.action = \"4625\"";
  evidence.from = *parse_time("2026-11-24T01:58:00Z");
  evidence.to = *parse_time("2026-11-24T02:58:00Z");
  evidence.answer = "412 failed sign-ins from 203.0.113.7 in one hour.";
  evidence.total = 412;
  evidence.records = {R"({"event.action":"4625","source.ip":"203.0.113.7","user.name":"ann"})"};
  evidence.taken = *parse_time("2026-11-24T02:59:00Z");
  return evidence;
}

Verdict make_verdict() {
  Verdict verdict;
  verdict.label = Label::malicious;
  verdict.confidence = 91;
  verdict.probability = 0.95;
  verdict.severity = Severity::high;
  verdict.headline = "203.0.113.7 guessed passwords of ann@corp.example";
  Claim claim;
  claim.text = "412 sign-ins from 203.0.113.7 failed within one hour";
  claim.evidence = {1};
  claim.quoted = {"412", "203.0.113.7"};
  claim.weight = 2.2;
  verdict.claims = {claim};
  verdict.not_checked = {"The mail log was not asked: no source is configured."};
  verdict.would_change = "A scan that your own team announced.";
  verdict.alternatives = {"A forgotten password: too many tries for that."};
  verdict.techniques = {"T1110"};
  verdict.decided = *parse_time("2026-11-24T02:59:30Z");
  return verdict;
}

ProposedAction make_proposal() {
  ProposedAction proposal;
  proposal.plan.verb = "block_ip";
  proposal.plan.provider = "simulated";
  proposal.plan.target = Entity(EntityType::ip, "203.0.113.7");
  proposal.plan.parameters = {{"duration", "4h"}};
  proposal.reason = "It guesses passwords [E1].";
  return proposal;
}

}  // namespace

Company::Company(Executor io, policy::PolicyOptions options)
    : policy(std::move(options)),
      directory({make_person("vic", {"viewer"}), make_person("ann", {"analyst"}), make_person("ben", {"approver"}),
                 make_person("cat", {"admin"}), make_person("eve", {"janitor"})}),
      io_(std::move(io)) {
  if (auto added = providers.add(simulated::make_simulated_provider({})); !added)
    throw std::runtime_error(added.error().message);
  open();
}

void Company::open() {
  SqliteOptions sqlite;
  sqlite.path = folder.file("vedette.db");
  sqlite.clock = &clock;
  auto opened = open_sqlite_store(io_, std::move(sqlite));
  if (!opened) throw std::runtime_error(opened.error().message);
  store = std::move(*opened);
  service = std::make_unique<respond::ActionService>(store->actions(), policy, providers, clock);
  runner = std::make_unique<commands::Runner>(*store, policy, directory, *service, clock);
  links = std::make_unique<chat::LinkBook>(*store, directory);
  runner->link_through(*links);
}

Async<void> Company::restart(std::vector<Person> people) {
  runner.reset();
  links.reset();
  service.reset();
  store.reset();
  directory = Directory(std::move(people));
  open();
  co_return co_await links->load();
}

Company::~Company() { store->close(); }

Async<CaseId> Company::plain_case(std::string title, Severity severity) {
  std::vector<Alert> alerts;
  alerts.push_back(make_alert("alert-" + std::to_string(++alerts_), std::move(title), severity));
  CO_TRY(const auto accepted, store->alerts().accept(std::move(alerts)));
  co_return co_await store->alerts().open_case(accepted.front().id);
}

Async<CaseId> Company::investigated_case() {
  std::string title = "Many failed sign-ins";
  CO_TRY(const auto id, plain_case(std::move(title), Severity::medium));
  std::string owner = "test";
  const auto lease_for = std::chrono::seconds(60);
  CO_TRY(const auto lease, store->investigations().claim(std::move(owner), lease_for));
  if (!lease || lease->case_id != id) co_return Error(Code::internal, "another case was claimed");
  auto evidence = make_evidence();
  CO_TRY_VOID(store->investigations().add_evidence(*lease, std::move(evidence)));
  auto verdict = make_verdict();
  std::vector<ProposedAction> proposals;
  proposals.push_back(make_proposal());
  CO_TRY_VOID(store->investigations().finish(*lease, std::move(verdict), std::move(proposals)));
  co_return id;
}

Async<void> Company::next_round(bool still_proposed) {
  std::vector<Alert> alerts;
  alerts.push_back(make_alert("alert-" + std::to_string(++alerts_), "One more of it", Severity::medium));
  CO_TRY(const auto accepted, store->alerts().accept(std::move(alerts)));
  const CaseId id(1);
  CO_TRY_VOID(store->alerts().join_case(accepted.front().id, id));
  std::string owner = "test";
  const auto lease_for = std::chrono::seconds(60);
  CO_TRY(const auto lease, store->investigations().claim(std::move(owner), lease_for));
  if (!lease || lease->case_id != id) co_return Error(Code::internal, "another case was claimed");
  auto evidence = make_evidence();
  CO_TRY_VOID(store->investigations().add_evidence(*lease, std::move(evidence)));
  auto verdict = make_verdict();
  std::vector<ProposedAction> proposals;
  if (still_proposed) proposals.push_back(make_proposal());
  CO_TRY_VOID(store->investigations().finish(*lease, std::move(verdict), std::move(proposals)));
  co_return Status();
}

chat::Interaction Company::interaction(const std::string& who, std::string text) {
  chat::Interaction made;
  made.key = "key-" + std::to_string(++interactions_);
  made.who = Identity("console", "", who.empty() ? "somebody" : who);
  made.channel = "soc";
  made.text = std::move(text);
  return made;
}

Async<chat::Reply> Company::say(std::string who, std::string text, CaseId context) {
  auto said = interaction(who, std::move(text));
  const Person* speaker = person(who);
  co_return co_await runner->run(std::move(said), speaker, context);
}

chat::Interaction Company::interaction_from(Identity who, std::string text, std::string channel) {
  chat::Interaction made;
  made.key = "key-" + std::to_string(++interactions_);
  made.who = std::move(who);
  made.channel = std::move(channel);
  made.text = std::move(text);
  return made;
}

Async<chat::Reply> Company::run(chat::Interaction interaction) {
  const Person* speaker = directory.find(interaction.who);
  co_return co_await runner->run(std::move(interaction), speaker, CaseId());
}

Async<chat::Reply> Company::say_from(Identity who, std::string text, std::string channel) {
  auto said = interaction_from(std::move(who), std::move(text), std::move(channel));
  co_return co_await run(std::move(said));
}

Async<chat::Reply> Company::press_from(Identity who, std::string text, std::string channel) {
  auto pressed = interaction_from(std::move(who), std::move(text), std::move(channel));
  pressed.button = true;
  co_return co_await run(std::move(pressed));
}

Async<chat::Reply> Company::press(std::string who, std::string text, std::string key) {
  auto pressed = interaction(who, std::move(text));
  pressed.button = true;
  if (!key.empty()) pressed.key = std::move(key);
  const Person* presser = person(who);
  co_return co_await runner->run(std::move(pressed), presser, CaseId());
}

std::string text_of(const chat::Reply& reply) {
  if (!reply.card) return "(no card)";
  return reply.card->summary + "\n" + chat::plain_text(*reply.card);
}

std::vector<std::string> buttons_of(const chat::Reply& reply) {
  std::vector<std::string> commands;
  if (!reply.card) return commands;
  for (const auto& block : reply.card->blocks) {
    if (const auto* buttons = std::get_if<chat::Buttons>(&block)) {
      for (const auto& button : buttons->items) commands.push_back(button.command);
    }
  }
  return commands;
}

}  // namespace vedette::test
