// Linking accounts: from both sides, or not at all.

#include <nlohmann/json.hpp>

#include "bot/chat/adaptive_card.hpp"
#include "integrations/slack/render.hpp"
#include "tests/integration/commands/linking.hpp"

namespace vedette::test {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

Async<std::vector<AuditRow>> audit_rows(Company& company) { return company.store->audit().rows(0, 1000); }

std::vector<std::string> steps_in(const std::vector<AuditRow>& rows) {
  std::vector<std::string> steps;
  for (const auto& row : rows) {
    if (row.entry.action.starts_with("link.")) {
      steps.push_back(row.entry.action + " by " + row.entry.actor + " as " + row.entry.identity);
    }
  }
  return steps;
}

Person known_as(std::string id, std::vector<Identity> identities) {
  Person person;
  person.id = id;
  person.name = id;
  person.roles = {"analyst"};
  person.identities = std::move(identities);
  return person;
}

struct Pair {
  Identity first;
  Identity second;
};

ASYNC_TEST(Link, two_accounts_become_one_person_once_both_have_said_so) {
  const Pair pairs[] = {{slack_of("ann"), teams_of("ann")},
                        {teams_of("ann"), slack_of("ann")},
                        {Identity("console", "", "ann"), teams_of("ann")},
                        {slack_of("ann"), Identity("slack", "T2", "U-ann")},
                        {teams_of("ann"), Identity("mattermost", "", "ann")}};
  for (const auto& pair : pairs) {
    Company company(io);
    std::vector<Person> people;
    people.push_back(known_as("ann", {pair.first}));
    CO_ASSERT_OK(co_await company.restart(std::move(people)));
    const auto code = co_await code_for(company, pair.first);
    CO_ASSERT_OK(code);
    const auto used = co_await say_code(company, pair.second, *code);
    EXPECT_SAYS(used, "I have asked @ann in");
    EXPECT_TRUE(used->only_for_sender);
    EXPECT_EQ(company.directory.find(pair.second), nullptr) << "not yet";
    const auto question = co_await company.store->outbox().find(pair.first.platform, "C1", "link/1/question");
    CO_ASSERT_OK(question);
    CO_ASSERT_TRUE(question->has_value());
    EXPECT_EQ((*question)->message.only_for, pair.first.user);
    EXPECT_NE((*question)->message.card.find(pair.second.text()), std::string::npos) << "which account it was";
    const auto yes = co_await company.press_from(pair.first, "link confirm 1");
    CO_ASSERT_OK(yes);
    EXPECT_FALSE(yes->card) << "the changed question is the answer";
    const Person* ann = company.directory.find(pair.first);
    EXPECT_EQ(company.directory.find(pair.second), ann);
    const auto outcome = co_await company.store->outbox().find(pair.second.platform, "19:dm", "link/1/outcome");
    CO_ASSERT_OK(outcome);
    CO_ASSERT_TRUE(outcome->has_value());
    EXPECT_EQ((*outcome)->message.only_for, pair.second.user);
    const auto changed = co_await company.store->outbox().find(pair.first.platform, "C1", "link/1/question");
    EXPECT_EQ((*changed)->version, 2);
    EXPECT_EQ((*changed)->message.card.find("link confirm"), std::string::npos) << "its buttons are gone";
    const auto rows = co_await audit_rows(company);
    CO_ASSERT_OK(rows);
    EXPECT_EQ(steps_in(*rows), (std::vector<std::string>{"link.offer by ann as " + pair.first.text(),
                                                         "link.use by nobody as " + pair.second.text(),
                                                         "link.confirm by ann as " + pair.first.text()}));
    for (const auto& row : *rows) {
      if (row.entry.action == "link.offer") continue;
      EXPECT_NE(row.entry.detail.find(pair.first.text()), std::string::npos) << row.entry.action;
      EXPECT_NE(row.entry.detail.find(pair.second.text()), std::string::npos) << row.entry.action;
    }
    CO_ASSERT_OK(co_await company.restart(company.people()));
    EXPECT_EQ(company.directory.find(pair.second)->id, "ann") << "after a restart too";
  }
}

ASYNC_TEST(Link, rights_do_not_grow_before_the_answer) {
  Company company(io);
  CO_ASSERT_OK(co_await company.investigated_case());
  const auto ack = [&] { return company.say_from(teams_of("ann"), "ack C-1"); };
  const auto code = co_await code_for(company, slack_of("ann"));
  CO_ASSERT_OK(code);
  CO_ASSERT_OK(co_await say_code(company, teams_of("ann"), *code));
  const auto pending = co_await ack();
  EXPECT_SAYS(pending, "I don't know you yet");
  const auto confirms_itself = co_await company.press_from(teams_of("ann"), "link confirm 1");
  EXPECT_SAYS(confirms_itself, "Only the account that got the code");
  const auto somebody = co_await company.press_from(slack_of("ben"), "link confirm 1");
  EXPECT_SAYS(somebody, "Only the account that got the code");
  const auto elsewhere = co_await company.press_from(Identity("console", "", "ann"), "link confirm 1");
  EXPECT_SAYS(elsewhere, "Only the account that got the code");
  const auto still = co_await ack();
  EXPECT_SAYS(still, "I don't know you yet");
  const auto no = co_await company.press_from(slack_of("ann"), "link refuse 1");
  CO_ASSERT_OK(no);
  const auto too_late = co_await company.press_from(slack_of("ann"), "link confirm 1");
  EXPECT_SAYS(too_late, "You have said no to that");
  const auto refused = co_await ack();
  EXPECT_SAYS(refused, "I don't know you yet");
  const auto told = co_await company.store->outbox().find("teams", "19:dm", "link/1/outcome");
  CO_ASSERT_TRUE(told->has_value());
  EXPECT_NE((*told)->message.card.find("nothing was linked"), std::string::npos);
  CO_ASSERT_OK(co_await linked(company, slack_of("ann"), teams_of("ann")));
  const auto done = co_await ack();
  EXPECT_SAYS(done, "C-1");
  const auto record = co_await company.store->cases().get(CaseId(1));
  EXPECT_EQ(record->owner, "ann");
}

ASYNC_TEST(Link, what_is_refused) {
  Company company(io);
  const auto stranger = co_await company.say_from(teams_of("ann"), "link");
  EXPECT_SAYS(stranger, "I don't know you here yet");
  const auto code = co_await code_for(company, slack_of("ann"));
  CO_ASSERT_OK(code);
  const auto itself = co_await say_code(company, slack_of("ann"), *code);
  EXPECT_SAYS(itself, "You are @ann to me here already");
  const auto own = co_await say_code(company, Identity("console", "", "ann"), *code);
  EXPECT_SAYS(own, "You are @ann to me here already");
  const auto other = co_await say_code(company, slack_of("ben"), *code);
  EXPECT_SAYS(other, "You are @ben to me here already");
  const auto same_workspace = co_await say_code(company, slack_of("anns-second"), *code);
  EXPECT_SAYS(same_workspace, "@ann has an account there already, slack:T1/U-ann");
  const auto unreadable = co_await say_code(company, teams_of("ann"), "please");
  EXPECT_SAYS(unreadable, "I can't read that as a code");
  const auto wrong = co_await say_code(company, teams_of("ann"), "0000-0000-0000");
  EXPECT_SAYS(wrong, "That is none of my codes");
  // Any spelling of the right one, after all that.
  std::string spelled = text::lower(*code);
  std::erase(spelled, '-');
  const auto used = co_await say_code(company, teams_of("ann"), spelled);
  EXPECT_SAYS(used, "I have asked @ann in Slack");
  const auto twice = co_await say_code(company, teams_of("eve"), *code);
  EXPECT_SAYS(twice, "This code was used or replaced already");
  const auto again = co_await say_code(company, teams_of("ann"), *code);
  EXPECT_SAYS(again, "I have asked @ann in Slack");
  CO_ASSERT_OK(co_await company.press_from(slack_of("ann"), "link confirm 1"));
  // One account of a workspace, also where the first one is linked.
  const auto second = co_await code_for(company, slack_of("ann"));
  CO_ASSERT_OK(second);
  const auto one_more = co_await say_code(company, teams_of("eve"), *second);
  EXPECT_SAYS(one_more, "@ann has an account there already, teams:72f988bf/aad-ann");
  // A linked account is somebody's.
  const auto bens = co_await code_for(company, slack_of("ben"));
  CO_ASSERT_OK(bens);
  const auto taken = co_await say_code(company, teams_of("ann"), *bens);
  EXPECT_SAYS(taken, "You are @ann to me here already");
  const auto nonsense = co_await company.press_from(slack_of("ann"), "link confirm all");
  EXPECT_SAYS(nonsense, "Which question?");
  const auto unknown = co_await company.press_from(slack_of("ann"), "link confirm 99");
  EXPECT_SAYS(unknown, "That is not asked of you here");
}

ASYNC_TEST(Link, codes_and_questions_run_out) {
  Company company(io);
  const auto code = co_await code_for(company, slack_of("ann"));
  CO_ASSERT_OK(code);
  company.clock.advance(10min);
  const auto late = co_await say_code(company, teams_of("ann"), *code);
  EXPECT_SAYS(late, "The time of this code is over");
  const auto second = co_await code_for(company, slack_of("ann"));
  const auto third = co_await code_for(company, slack_of("ann"));
  CO_ASSERT_OK(second);
  CO_ASSERT_OK(third);
  const auto replaced = co_await say_code(company, teams_of("ann"), *second);
  EXPECT_SAYS(replaced, "used or replaced already");
  CO_ASSERT_OK(co_await say_code(company, teams_of("ann"), *third));
  const auto shown_again = co_await company.say_from(slack_of("ann"), "link");
  EXPECT_SAYS(shown_again, "Is this you?");
  EXPECT_EQ(buttons_of(*shown_again), (std::vector<std::string>{"link confirm 3", "link refuse 3"}));
  company.clock.advance(30min);
  const auto too_late = co_await company.press_from(slack_of("ann"), "link confirm 3");
  EXPECT_SAYS(too_late, "has waited too long");
  EXPECT_EQ(company.directory.find(teams_of("ann")), nullptr);
  CO_ASSERT_OK(co_await code_for(company, slack_of("ann")));
}

ASYNC_TEST(Link, guessing_ends_in_a_pause) {
  Company company(io);
  const auto code = co_await code_for(company, slack_of("ann"));
  CO_ASSERT_OK(code);
  for (int i = 0; i < 4; ++i) {
    const auto wrong = co_await say_code(company, teams_of("eve"), "0000-0000-000" + std::to_string(i));
    EXPECT_SAYS(wrong, "That is none of my codes");
  }
  const auto last = co_await say_code(company, teams_of("eve"), "0000-0000-0004");
  EXPECT_SAYS(last, "please wait 15 minutes");
  CO_ASSERT_OK(co_await company.restart(company.people()));
  company.clock.advance(5min);
  const auto right = co_await say_code(company, teams_of("eve"), *code);
  EXPECT_SAYS(right, "Please wait 10 minutes");
  const auto somebody = co_await say_code(company, teams_of("ann"), *code);
  EXPECT_SAYS(somebody, "I have asked @ann in Slack");
}

ASYNC_TEST(Link, an_offer_keeps_a_hash_only) {
  Company company(io);
  const auto code = co_await code_for(company, slack_of("ann"));
  CO_ASSERT_OK(code);
  const auto plain = commands::read_code(*code);
  company.store->close();
  const std::string bytes = read_file(company.folder.file("vedette.db"));
  EXPECT_NE(bytes.find(commands::hash_of_code(*code)), std::string::npos);
  EXPECT_EQ(bytes.find(*code), std::string::npos);
  EXPECT_EQ(bytes.find(*plain), std::string::npos);
}

ASYNC_TEST(Link, the_same_interaction_twice_changes_nothing) {
  Company company(io);
  const auto code = co_await code_for(company, slack_of("ann"));
  CO_ASSERT_OK(code);
  auto use = company.interaction_from(teams_of("ann"), "link " + *code, "19:dm");
  auto yes = company.interaction_from(slack_of("ann"), "link confirm 1", "C1");
  for (int i = 0; i < 2; ++i) {
    const auto used = co_await company.run(use);
    EXPECT_SAYS(used, "I have asked @ann in Slack");
  }
  for (int i = 0; i < 2; ++i) {
    const auto confirmed = co_await company.run(yes);
    EXPECT_SAYS(confirmed, "Linked: teams:72f988bf/aad-ann is you now, @ann.");
  }
  auto gone = company.interaction_from(slack_of("ann"), "unlink teams:72f988bf/aad-ann", "C1");
  const auto removed = co_await company.run(gone);
  EXPECT_SAYS(removed, "is not you to me any more");
  const auto once_more = co_await company.run(gone);
  EXPECT_SAYS(once_more, "is linked to nobody");
  const auto stale = co_await company.run(yes);
  EXPECT_SAYS(stale, "was unlinked since");
  const auto rows = co_await audit_rows(company);
  EXPECT_EQ(steps_in(*rows).size(), 4u);
}

// Where a platform has a conversation for a person alone, the question goes there and stays as it is.
ASYNC_TEST(Link, asks_in_the_direct_conversation_where_there_is_one) {
  Company company(io);
  company.links->reach_by("slack", [](const Identity& who) { return who.user; });
  const auto code = co_await code_for(company, slack_of("ann"));
  CO_ASSERT_OK(code);
  auto use = company.interaction_from(teams_of("ann"), "link " + *code, "a:personal");
  use.direct = true;
  use.name = "Ann <b>Smith</b> \xE2\x80\xAE@ben";
  CO_ASSERT_OK(co_await company.run(use));
  const auto question = co_await company.store->outbox().find("slack", "U-ann", "link/1/question");
  CO_ASSERT_TRUE(question->has_value());
  EXPECT_EQ((*question)->message.only_for, "");
  EXPECT_NE((*question)->message.card.find("Ann <b>Smith</b>"), std::string::npos);
  EXPECT_EQ((*question)->message.card.find("\xE2\x80\xAE"), std::string::npos) << "nothing that turns text round";
  const auto yes = co_await company.press_from(slack_of("ann"), "link confirm 1", "D1");
  EXPECT_SAYS(yes, "Linked:");
  const auto same = co_await company.store->outbox().find("slack", "U-ann", "link/1/question");
  EXPECT_EQ((*same)->version, 1);
  const auto outcome = co_await company.store->outbox().find("teams", "a:personal", "link/1/outcome");
  CO_ASSERT_TRUE(outcome->has_value());
  EXPECT_EQ((*outcome)->message.only_for, "");
}

// What was asked about whom; a coroutine of its own, as one that captures could outlive what it captured.
struct Asked {
  std::string who;
  commands::Effect effect;
};
boost::asio::awaitable<std::optional<std::string>> vouched(std::vector<Asked>& asked, Identity who,
                                                           commands::Effect effect) {
  asked.push_back({who.text(), effect});
  if (who.user == "aad-guest") co_return "Guests cannot.";
  co_return std::nullopt;
}

ASYNC_TEST(Link, a_platform_that_does_not_vouch_stops_it) {
  Company company(io);
  std::vector<Asked> asked;
  const auto vouch = [&asked](Identity who, commands::Effect effect) { return vouched(asked, std::move(who), effect); };
  company.runner->ask_before("teams", vouch);
  company.runner->ask_before("slack", vouch);
  const auto code = co_await code_for(company, slack_of("ann"));
  CO_ASSERT_OK(code);
  const auto guest = co_await say_code(company, teams_of("guest"), *code);
  EXPECT_SAYS(guest, "Guests cannot.");
  CO_ASSERT_OK(co_await say_code(company, teams_of("ann"), *code));
  CO_ASSERT_OK(co_await company.press_from(slack_of("ann"), "link confirm 1"));
  CO_ASSERT_TRUE(asked.size() == 4u);  // each account with each step
  for (const auto& one : asked) {
    // Strangers may be many and in a hurry: for them an answer of a moment ago will do.
    const bool stranger = one.who.starts_with("teams:");
    EXPECT_EQ(one.effect, stranger ? commands::Effect::changes_case : commands::Effect::links_account) << one.who;
  }
  EXPECT_TRUE(commands::weighs_as_decision(commands::Effect::links_account));
}

ASYNC_TEST(Link, unlinking) {
  Company company(io);
  CO_ASSERT_OK(co_await linked(company, slack_of("ann"), teams_of("ann")));
  CO_ASSERT_OK(co_await linked(company, teams_of("ann"), Identity("mattermost", "", "ann")));
  const auto stranger = co_await company.say_from(teams_of("eve"), "unlink teams:72f988bf/aad-ann");
  EXPECT_SAYS(stranger, "I don't know you yet");
  const auto ben = co_await company.say_from(slack_of("ben"), "unlink teams:72f988bf/aad-ann");
  EXPECT_SAYS(ben, "That is somebody else's account");
  const auto configured = co_await company.say_from(slack_of("ann"), "unlink slack:T1/U-ann");
  EXPECT_SAYS(configured, "stands in the configuration");
  const auto none = co_await company.say_from(slack_of("ben"), "unlink");
  EXPECT_SAYS(none, "You have linked no account");
  const auto choice = co_await company.say_from(slack_of("ann"), "unlink");
  CO_ASSERT_OK(choice);
  EXPECT_EQ(buttons_of(*choice), (std::vector<std::string>{"unlink teams:72f988bf/aad-ann", "unlink mattermost:ann"}));
  // The account between goes, and what rests on it is out of force.
  const auto gone = co_await company.press_from(slack_of("cat"), "unlink teams:72f988bf/aad-ann");
  EXPECT_SAYS(gone, "teams:72f988bf/aad-ann is not @ann to me any more");
  EXPECT_EQ(company.directory.find(teams_of("ann")), nullptr);
  EXPECT_EQ(company.directory.find(Identity("mattermost", "", "ann")), nullptr);
  const auto who = co_await company.say_from(slack_of("ann"), "whoami");
  EXPECT_SAYS(who, "mattermost:ann: linked on 2026-11-24 through teams:72f988bf/aad-ann, but not in force");
  const auto own = co_await company.say_from(slack_of("ann"), "unlink mattermost:ann");
  EXPECT_SAYS(own, "is not you to me any more");
  const auto rows = co_await audit_rows(company);
  CO_ASSERT_OK(rows);
  EXPECT_EQ(rows->back().entry.subject, "mattermost:ann");
  EXPECT_EQ(rows->back().entry.identity, "slack:T1/U-ann");
  CO_ASSERT_OK(co_await company.restart(company.people()));
  EXPECT_EQ(company.directory.find(teams_of("ann")), nullptr);
  // Whatever role one has, one's own accounts are one's own.
  CO_ASSERT_OK(co_await linked(company, slack_of("eve"), teams_of("eve")));
  const auto eve = co_await company.say_from(teams_of("eve"), "unlink teams:72f988bf/aad-eve");
  EXPECT_SAYS(eve, "is not you to me any more");
}

ASYNC_TEST(Link, the_configuration_wins) {
  Company company(io);
  CO_ASSERT_OK(co_await linked(company, slack_of("ann"), teams_of("ann")));
  // Now the configuration says that this account is Ben's.
  auto people = company.people();
  for (auto& person : people) {
    if (person.id == "ben") person.identities.push_back(teams_of("ann"));
  }
  CO_ASSERT_OK(co_await company.restart(people));
  EXPECT_EQ(company.directory.find(teams_of("ann"))->id, "ben");
  const auto who = co_await company.say_from(slack_of("ann"), "whoami");
  EXPECT_SAYS(who, "but not in force: the configuration gives it to @ben");
  // An open question whose account the configuration has given away meanwhile.
  const Identity elsewhere("teams", "other", "ann");
  const auto code = co_await code_for(company, slack_of("ann"));
  CO_ASSERT_OK(code);
  CO_ASSERT_OK(co_await say_code(company, elsewhere, *code));
  people = company.people();
  for (auto& person : people) {
    if (person.id == "cat") person.identities.push_back(elsewhere);
  }
  CO_ASSERT_OK(co_await company.restart(people));
  const auto yes = co_await company.press_from(slack_of("ann"), "link confirm 2");
  EXPECT_SAYS(yes, "teams:other/ann is @cat to me already");
  EXPECT_EQ(company.directory.find(elsewhere)->id, "cat");
  CO_ASSERT_OK(co_await company.press_from(slack_of("ann"), "link refuse 2"));
  // And one whose offering account has changed hands.
  const auto third = co_await code_for(company, slack_of("ann"));
  CO_ASSERT_OK(third);
  CO_ASSERT_OK(co_await say_code(company, Identity("matrix", "", "m"), *third));
  for (auto& person : people) {
    if (person.id == "ann") person.identities = {Identity("console", "", "ann")};
    if (person.id == "eve") person.identities = {slack_of("ann")};
  }
  CO_ASSERT_OK(co_await company.restart(people));
  const auto not_hers = co_await company.press_from(slack_of("ann"), "link confirm 3");
  EXPECT_SAYS(not_hers, "not known to me any more");
  EXPECT_EQ(company.directory.find(Identity("matrix", "", "m")), nullptr);
}

void expect_on_every_platform(const std::string& name, const chat::Card& card, const std::string& code = {}) {
  const auto masked = [&](std::string text) {
    return code.empty() ? text : text::replace_all(std::move(text), code, "0123-4567-89AB");
  };
  const auto message = slack::render(card);
  const json blocks = {{"blocks", json::parse(message.blocks)}, {"text", message.text}};
  expect_golden("commands/" + name + ".json", masked(json::parse(chat::to_json(card)).dump(1) + "\n"));
  expect_golden("commands/" + name + ".adaptive.json", masked(json::parse(chat::render_adaptive_card(card)).dump(1) + "\n"));
  expect_golden("commands/" + name + ".slack.json", masked(blocks.dump(1) + "\n"));
}

ASYNC_TEST(LinkAnswers, golden) {
  Company company(io);
  const auto offer = co_await company.say_from(slack_of("ann"), "link");
  CO_ASSERT_OK(offer);
  const std::string code = code_in(*offer);
  expect_on_every_platform("link_code", *offer->card, code);
  auto use = company.interaction_from(teams_of("ann"), "link " + code, "19:dm");
  use.name = "Ann Smith";
  const auto used = co_await company.run(use);
  CO_ASSERT_OK(used);
  expect_on_every_platform("link_used", *used->card);
  const auto question = co_await company.say_from(slack_of("ann"), "link");
  CO_ASSERT_OK(question);
  expect_on_every_platform("link_question", *question->card);
  const auto yes = co_await company.say_from(slack_of("ann"), "link confirm 1");
  CO_ASSERT_OK(yes);
  expect_on_every_platform("link_done", *yes->card);
  const auto who = co_await company.say_from(teams_of("ann"), "whoami");
  CO_ASSERT_OK(who);
  expect_on_every_platform("whoami", *who->card);
  const auto choice = co_await company.say_from(teams_of("ann"), "unlink");
  CO_ASSERT_OK(choice);
  expect_on_every_platform("unlink", *choice->card);
}

}  // namespace
}  // namespace vedette::test
