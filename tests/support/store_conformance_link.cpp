// Links between accounts of one person: offer, use, confirmation; tries in vain; every step whole or not at all.

#include "tests/support/store_conformance.hpp"

namespace vedette::test {
namespace {

using namespace std::chrono_literals;
using Outcome = LinkTry::Outcome;

Identity slack_ann() { return {"slack", "T1", "U-ann"}; }
Identity teams_ann() { return {"teams", "72f9", "a1b2"}; }
Identity teams_eve() { return {"teams", "72f9", "eeee"}; }

AuditEntry step(const std::string& action, const std::string& cause = "") { return sample_audit(action, "link/1", cause); }

Async<LinkOffer> offered(StoreEnv& env, std::string code = "hash-1", Identity by = slack_ann(), std::string person = "ann") {
  LinkPlace at{"C1", false};
  const Time expires = env.clock.now() + 10min;
  AuditEntry audit = step("link.offer");
  co_return co_await env.s().links().offer(std::move(person), std::move(by), std::move(at), std::move(code), expires,
                                           std::move(audit));
}

LinkUse use_by(StoreEnv& env, Identity by) {
  LinkUse use;
  use.by = std::move(by);
  use.name = "Ann Smith";
  use.at = {"19:x", true};
  use.asked_in = "C1";
  use.expires = env.clock.now() + 30min;
  return use;
}

Async<LinkOffer> used(StoreEnv& env, int64_t id, Identity by = teams_ann()) {
  LinkUse use = use_by(env, std::move(by));
  std::vector<OutboxMessage> messages;
  messages.push_back(sample_message("link/" + std::to_string(id) + "/question"));
  AuditEntry audit = step("link.use");
  co_return co_await env.s().links().use(id, std::move(use), std::move(messages), std::move(audit));
}

Async<LinkedIdentity> confirmed(StoreEnv& env, int64_t id, Identity by = slack_ann()) {
  std::vector<OutboxMessage> messages;
  AuditEntry audit = step("link.confirm");
  co_return co_await env.s().links().confirm(id, std::move(by), std::move(messages), std::move(audit));
}

Async<LinkTry> tried(StoreEnv& env, std::string code, Identity by = teams_ann()) {
  AuditEntry audit = step("link.try");
  co_return co_await env.s().links().try_code(std::move(code), std::move(by), LinkTries(), std::move(audit));
}

Async<size_t> links_count(StoreEnv& env) {
  CO_TRY(const auto links, env.s().links().all());
  co_return links.size();
}

Async<size_t> audit_count(StoreEnv& env) {
  CO_TRY(const auto rows, env.s().audit().rows(0, 1000));
  co_return rows.size();
}

Job an_account_is_linked_step_by_step(StoreEnv& env) {
  MUST(const LinkOffer offer, offered(env));
  EXPECT_EQ(offer.id, 1);
  EXPECT_EQ(offer.person, "ann");
  EXPECT_EQ(offer.offered_by, slack_ann());
  EXPECT_EQ(offer.state, LinkState::offered);
  EXPECT_EQ(offer.expires, env.clock.now() + 10min);
  MUST(const auto first_row, env.s().audit().rows(0, 1));
  EXPECT_EQ(first_row.at(0).entry.subject, "link/1");
  env.reopen();
  MUST(const LinkTry good, tried(env, "hash-1"));
  EXPECT_EQ(good.outcome, Outcome::good);
  CO_ASSERT_TRUE(good.offer.has_value());
  EXPECT_EQ(*good.offer, offer);
  MUST(const LinkOffer use, used(env, 1));
  EXPECT_EQ(use.state, LinkState::used);
  EXPECT_EQ(use.used_by, teams_ann());
  EXPECT_EQ(use.used_name, "Ann Smith");
  EXPECT_EQ(use.used_at.channel, "19:x");
  EXPECT_TRUE(use.used_at.direct);
  EXPECT_EQ(use.asked_in, "C1");
  EXPECT_EQ(use.expires, env.clock.now() + 30min);
  MUST(const auto question, env.s().outbox().find("slack", "C1", "link/1/question"));
  EXPECT_TRUE(question.has_value());
  MUST(const size_t before, links_count(env));
  EXPECT_EQ(before, 0u) << "nothing is linked while it is pending";
  env.reopen();
  MUST(const auto open, env.s().links().open_of(slack_ann()));
  EXPECT_EQ(open, use);
  env.clock.advance(1min);
  MUST(const LinkedIdentity link, confirmed(env, 1));
  EXPECT_EQ(link.person, "ann");
  EXPECT_EQ(link.identity, teams_ann());
  EXPECT_EQ(link.confirmed_by, slack_ann());
  EXPECT_EQ(link.since, env.clock.now());
  env.reopen();
  MUST(const auto all, env.s().links().all());
  CO_ASSERT_TRUE(all.size() == 1);
  EXPECT_EQ(all[0], link);
  MUST(const auto ended, env.s().links().find(1));
  EXPECT_EQ(ended->state, LinkState::linked);
  MUST(const auto none, env.s().links().open_of(slack_ann()));
  EXPECT_FALSE(none);
  MUST(const size_t rows, audit_count(env));
  EXPECT_EQ(rows, 3u);
}

Job only_the_account_that_offered_answers(StoreEnv& env) {
  MUST(const LinkOffer offer, offered(env));
  MUST_FAIL(Code::conflict, confirmed(env, offer.id));  // nobody used it
  MUST_FAIL(Code::conflict, used(env, offer.id, slack_ann()));
  MUST(const LinkOffer use, used(env, offer.id));
  EXPECT_EQ(use.state, LinkState::used);
  MUST_FAIL(Code::forbidden, confirmed(env, offer.id, teams_ann()));
  MUST_FAIL(Code::forbidden, confirmed(env, offer.id, teams_eve()));
  MUST_FAIL(Code::forbidden, env.s().links().refuse(offer.id, teams_ann(), std::vector<OutboxMessage>(), step("x")));
  MUST_FAIL(Code::not_found, confirmed(env, 7));
  MUST_FAIL(Code::conflict, used(env, offer.id, teams_eve()));  // once
  MUST(const auto refused, env.s().links().refuse(offer.id, slack_ann(), std::vector<OutboxMessage>(), step("no")));
  EXPECT_EQ(refused.state, LinkState::refused);
  MUST_FAIL(Code::conflict, confirmed(env, offer.id));
  MUST(const size_t links, links_count(env));
  EXPECT_EQ(links, 0u);
}

Job time_runs_out(StoreEnv& env) {
  MUST(const LinkOffer offer, offered(env));
  env.clock.advance(10min);
  MUST(const LinkTry late, tried(env, "hash-1"));
  EXPECT_EQ(late.outcome, Outcome::expired);
  EXPECT_FALSE(late.offer);
  MUST_FAIL(Code::expired, used(env, offer.id));
  MUST(const auto none, env.s().links().open_of(slack_ann()));
  EXPECT_FALSE(none);
  MUST(const LinkOffer second, offered(env, "hash-2"));
  env.clock.advance(10min - 1s);
  MUST(const LinkOffer use, used(env, second.id));
  EXPECT_EQ(use.id, second.id);
  env.clock.advance(30min);
  MUST_FAIL(Code::expired, confirmed(env, second.id));
  MUST_FAIL(Code::expired, env.s().links().refuse(second.id, slack_ann(), std::vector<OutboxMessage>(), step("x")));
  MUST(const LinkTry spent, tried(env, "hash-2"));
  EXPECT_EQ(spent.outcome, Outcome::spent);
  env.clock.advance(24h);
  MUST(const LinkTry forgotten, tried(env, "hash-2"));
  EXPECT_EQ(forgotten.outcome, Outcome::wrong);
}

Job a_new_offer_withdraws_the_one_before(StoreEnv& env) {
  MUST(const LinkOffer first, offered(env));
  MUST(const LinkOffer other, offered(env, "hash-b", Identity("slack", "T1", "U-ben"), "ben"));
  MUST(const LinkOffer second, offered(env, "hash-2"));
  EXPECT_EQ(second.id, other.id + 1);
  MUST(const auto gone, env.s().links().find(first.id));
  EXPECT_EQ(gone->state, LinkState::withdrawn);
  MUST(const LinkTry spent, tried(env, "hash-1"));
  EXPECT_EQ(spent.outcome, Outcome::spent);
  MUST(const auto bens, env.s().links().find(other.id));
  EXPECT_EQ(bens->state, LinkState::offered) << "somebody else's stays";
  MUST(const LinkOffer use, used(env, second.id));
  EXPECT_EQ(use.id, second.id);
  MUST(const LinkOffer third, offered(env, "hash-3"));
  EXPECT_EQ(third.id, second.id + 1);
  MUST_FAIL(Code::conflict, confirmed(env, second.id));
}

Job an_account_belongs_to_one_person(StoreEnv& env) {
  const Identity slack_ben("slack", "T1", "U-ben");
  MUST(const LinkOffer anns, offered(env));
  MUST(const LinkOffer bens, offered(env, "hash-b", slack_ben, "ben"));
  MUST(const LinkOffer use, used(env, anns.id));
  MUST(const LinkOffer again, used(env, bens.id));  // both may ask
  EXPECT_EQ(use.used_by, again.used_by);
  MUST(const LinkedIdentity link, confirmed(env, bens.id, slack_ben));
  EXPECT_EQ(link.person, "ben");
  MUST_FAIL(Code::conflict, confirmed(env, anns.id));  // one gets it
  MUST(const LinkOffer more, offered(env, "hash-c"));
  MUST_FAIL(Code::conflict, used(env, more.id));
  MUST(const size_t links, links_count(env));
  EXPECT_EQ(links, 1u);
}

Job a_person_has_one_account_of_a_workspace(StoreEnv& env) {
  MUST(const LinkOffer first, offered(env));
  MUST(const LinkOffer one, used(env, first.id));
  MUST(const LinkedIdentity link, confirmed(env, one.id));
  EXPECT_EQ(link.identity, teams_ann());
  MUST(const LinkOffer second, offered(env, "hash-2"));
  MUST_FAIL(Code::conflict, used(env, second.id, teams_eve()));
  MUST(const LinkOffer elsewhere, used(env, second.id, Identity("teams", "other", "eeee")));
  MUST(const LinkedIdentity other, confirmed(env, elsewhere.id));
  EXPECT_EQ(other.identity.workspace, "other");
}

Job tries_in_vain_end_in_a_pause(StoreEnv& env) {
  MUST(const LinkOffer offer, offered(env));
  EXPECT_EQ(offer.id, 1);
  for (int i = 0; i < 4; ++i) {
    MUST(const LinkTry wrong, tried(env, "hash-x"));
    EXPECT_EQ(wrong.outcome, Outcome::wrong);
    EXPECT_EQ(wrong.paused_until, Time());
  }
  env.reopen();
  MUST(const LinkTry last, tried(env, "hash-x"));
  EXPECT_EQ(last.outcome, Outcome::wrong);
  EXPECT_EQ(last.paused_until, env.clock.now() + 15min);
  MUST(const LinkTry other, tried(env, "hash-x", teams_eve()));
  EXPECT_EQ(other.outcome, Outcome::wrong) << "each account has its own";
  MUST(const size_t rows, audit_count(env));
  EXPECT_EQ(rows, 7u);
  MUST(const LinkTry right, tried(env, "hash-1"));
  EXPECT_EQ(right.outcome, Outcome::paused) << "the right code too";
  EXPECT_FALSE(right.offer);
  MUST(const size_t same, audit_count(env));
  EXPECT_EQ(same, rows) << "or it could be filled up";
  env.clock.advance(15min);
  MUST(const LinkOffer fresh, offered(env, "hash-2"));
  MUST(const LinkTry good, tried(env, "hash-2"));
  EXPECT_EQ(good.outcome, Outcome::good);
  MUST(const LinkOffer use, used(env, fresh.id));
  EXPECT_EQ(use.used_by, teams_ann());
  MUST(const LinkTry again, tried(env, "hash-2"));
  EXPECT_EQ(again.outcome, Outcome::again);
  MUST(const LinkTry spent, tried(env, "hash-2", teams_eve()));
  EXPECT_EQ(spent.outcome, Outcome::spent);
}

Job old_tries_are_forgotten(StoreEnv& env) {
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 4; ++i) {
      MUST(const LinkTry wrong, tried(env, "hash-x"));
      EXPECT_EQ(wrong.paused_until, Time());
    }
    env.clock.advance(16min);
  }
}

Job unlinked_is_gone(StoreEnv& env) {
  MUST(const LinkOffer offer, offered(env));
  MUST(const LinkOffer use, used(env, offer.id));
  MUST(const LinkedIdentity link, confirmed(env, use.id));
  // The new account offers further ones; that ends with it.
  MUST(const LinkOffer further, offered(env, "hash-2", teams_ann()));
  MUST_FAIL(Code::not_found, env.s().links().remove(teams_eve(), step("link.remove")));
  MUST(const LinkedIdentity removed, env.s().links().remove(teams_ann(), step("link.remove")));
  EXPECT_EQ(removed, link);
  MUST(const size_t links, links_count(env));
  EXPECT_EQ(links, 0u);
  MUST(const auto withdrawn, env.s().links().find(further.id));
  EXPECT_EQ(withdrawn->state, LinkState::withdrawn);
  MUST_FAIL(Code::not_found, env.s().links().remove(teams_ann(), step("link.remove")));
  MUST_FAIL(Code::conflict, confirmed(env, offer.id));
  MUST(const LinkOffer anew, offered(env, "hash-3"));
  MUST(const LinkOffer used_anew, used(env, anew.id));
  MUST(const LinkedIdentity back, confirmed(env, used_anew.id));
  EXPECT_EQ(back.identity, teams_ann());
}

// What is refused leaves nothing behind: no audit row, no message, no state.
Job a_refused_step_leaves_nothing(StoreEnv& env) {
  MUST(const LinkOffer offer, offered(env));
  AuditEntry broken = step("link.use");
  broken.detail = "no JSON";
  LinkUse use = use_by(env, teams_ann());
  std::vector<OutboxMessage> messages;
  messages.push_back(sample_message("link/1/question"));
  MUST_FAIL(Code::invalid_input, env.s().links().use(offer.id, use, messages, broken));
  MUST(const auto still, env.s().links().find(offer.id));
  EXPECT_EQ(*still, offer);
  MUST(const auto question, env.s().outbox().find("slack", "C1", "link/1/question"));
  EXPECT_FALSE(question.has_value());
  MUST(const LinkOffer taken, used(env, offer.id));
  AuditEntry bad = step("link.confirm");
  bad.detail = "no JSON";
  messages[0].slot = "link/1/outcome";
  MUST_FAIL(Code::invalid_input, env.s().links().confirm(offer.id, slack_ann(), messages, bad));
  MUST(const size_t links, links_count(env));
  EXPECT_EQ(links, 0u);
  MUST(const auto unchanged, env.s().links().find(offer.id));
  EXPECT_EQ(*unchanged, taken);
  MUST(const size_t rows, audit_count(env));
  EXPECT_EQ(rows, 2u);
  MUST_FAIL(Code::invalid_input, offered(env, "", slack_ann()));
}

Job links_survive_hostile_text(StoreEnv& env) {
  int number = 0;
  for (const auto& hostile : hostile_texts()) {
    if (!hostile.exact) continue;
    const std::string own = std::to_string(++number);
    const Identity by("slack", "T" + own, hostile.text);
    MUST(const LinkOffer offer, offered(env, "hash-" + own, by, "ann" + own));
    LinkUse use = use_by(env, Identity("teams", hostile.text, own));
    use.name = hostile.text;
    use.at.channel = hostile.text;
    MUST(const LinkOffer taken, env.s().links().use(offer.id, use, std::vector<OutboxMessage>(), step("u", own)));
    EXPECT_EQ(taken.used_name, hostile.text) << hostile.what;
    MUST(const LinkedIdentity link, confirmed(env, offer.id, by));
    EXPECT_EQ(link.identity.workspace, hostile.text) << hostile.what;
    EXPECT_EQ(link.confirmed_by.user, hostile.text) << hostile.what;
  }
}

Job links_of_tenants_do_not_meet(StoreEnv& env) {
  MUST(const LinkOffer offer, offered(env));
  MUST(const LinkOffer use, used(env, offer.id));
  MUST(const LinkedIdentity link, confirmed(env, use.id));
  EXPECT_EQ(link.person, "ann");
  env.reopen("other");
  MUST(const size_t links, links_count(env));
  EXPECT_EQ(links, 0u);
  MUST(const LinkTry wrong, tried(env, "hash-1"));
  EXPECT_EQ(wrong.outcome, Outcome::wrong);
  MUST(const LinkOffer own, offered(env, "hash-o", Identity("slack", "T1", "U-zoe"), "zoe"));
  EXPECT_EQ(own.id, 1);
  MUST(const LinkOffer own_use, used(env, own.id));
  MUST(const LinkedIdentity own_link, confirmed(env, own_use.id, Identity("slack", "T1", "U-zoe")));
  EXPECT_EQ(own_link.person, "zoe");
}

}  // namespace

std::vector<StoreCase> link_store_cases() {
  return {
      {"Links", "an_account_is_linked_step_by_step", an_account_is_linked_step_by_step},
      {"Links", "only_the_account_that_offered_answers", only_the_account_that_offered_answers},
      {"Links", "time_runs_out", time_runs_out},
      {"Links", "a_new_offer_withdraws_the_one_before", a_new_offer_withdraws_the_one_before},
      {"Links", "an_account_belongs_to_one_person", an_account_belongs_to_one_person},
      {"Links", "a_person_has_one_account_of_a_workspace", a_person_has_one_account_of_a_workspace},
      {"Links", "tries_in_vain_end_in_a_pause", tries_in_vain_end_in_a_pause},
      {"Links", "old_tries_are_forgotten", old_tries_are_forgotten},
      {"Links", "unlinked_is_gone", unlinked_is_gone},
      {"Links", "a_refused_step_leaves_nothing", a_refused_step_leaves_nothing},
      {"Links", "links_survive_hostile_text", links_survive_hostile_text},
      {"Links", "links_of_tenants_do_not_meet", links_of_tenants_do_not_meet},
  };
}

}  // namespace vedette::test
