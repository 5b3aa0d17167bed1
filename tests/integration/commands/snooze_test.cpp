// Snoozing cases and changing plans, by people of every role, against the SQLite store.

#include "bot/chat/case_cards.hpp"
#include "bot/chat/home_card.hpp"
#include "bot/chat/snooze_clock.hpp"
#include "tests/integration/commands/company.hpp"

namespace vedette::test {
namespace {

#define EXPECT_SAYS_NOT(reply, part)                                                            \
  do {                                                                                          \
    CO_ASSERT_OK(reply);                                                                        \
    EXPECT_EQ(text_of(*(reply)).find(part), std::string::npos) << "but: " << text_of(*(reply)); \
  } while (false)

ASYNC_TEST(Snooze, a_case_is_quiet_and_comes_back) {
  Company company(io);
  CO_ASSERT_OK(co_await company.investigated_case());
  auto quiet = co_await company.say("ann", "snooze C-1 4h \"waiting for the owner\"");
  EXPECT_SAYS(quiet, "C-1 is snoozed until 2026-11-24 07:00 UTC: waiting for the owner");
  CO_ASSERT_OK(co_await company.say("ann", "assign C-1 me"));
  for (const char* list : {"list", "list open", "list mine", "list unacked"}) {
    auto listed = co_await company.say("ann", list);
    EXPECT_SAYS(listed, "none.");
  }
  for (const char* list : {"list snoozed", "list all"}) {
    auto listed = co_await company.say("ann", list);
    EXPECT_SAYS(listed, "snoozed until 2026-11-24 07:00 UTC by @ann");
  }
  auto view = co_await company.store->cases().view(CaseId(1));
  CO_ASSERT_OK(view);
  const std::string card = chat::plain_text(chat::root_card(*view));
  EXPECT_NE(card.find("Snoozed until 2026-11-24 07:00 UTC by ann: waiting for the owner"), std::string::npos) << card;
  EXPECT_NE(card.find("[End the snooze]"), std::string::npos) << card;
  // Before its time nothing happens; at its time it is back, and its thread says so once.
  chat::SnoozeClock snoozes(*company.store, company.clock);
  company.clock.advance(std::chrono::hours(4) - std::chrono::seconds(1));
  auto woken = co_await snoozes.wake();
  CO_ASSERT_OK(woken);
  EXPECT_EQ(*woken, 0u);
  company.clock.advance(std::chrono::seconds(2));
  woken = co_await snoozes.wake();
  CO_ASSERT_OK(woken);
  EXPECT_EQ(*woken, 1u);
  woken = co_await snoozes.wake();
  CO_ASSERT_OK(woken);
  EXPECT_EQ(*woken, 0u);
  auto back = co_await company.say("ann", "list mine");
  EXPECT_SAYS(back, "C-1");
  view = co_await company.store->cases().view(CaseId(1));
  CO_ASSERT_OK(view);
  const auto messages = chat::case_messages(*view, {"slack", "C1", {}, ""});
  int said = 0;
  for (const auto& message : messages) {
    if (!message.slot.starts_with("case/1/awake/")) continue;
    ++said;
    EXPECT_EQ(message.thread_of, "case/1/root");
    EXPECT_NE(message.card.find("C-1 is back. ann, your snooze is over: its time has come."), std::string::npos);
  }
  EXPECT_EQ(said, 1);
}

ASYNC_TEST(Snooze, off_ends_it_and_the_audit_knows) {
  Company company(io);
  CO_ASSERT_OK(co_await company.investigated_case());
  auto not_snoozed = co_await company.say("ann", "snooze C-1 off");
  EXPECT_SAYS(not_snoozed, "C-1 is not snoozed");
  CO_ASSERT_OK(co_await company.say("ann", "snooze C-1 6h patch day"));
  auto off = co_await company.say("ben", "snooze C-1 off");
  EXPECT_SAYS(off, "C-1 is back");
  auto record = co_await company.store->cases().get(CaseId(1));
  CO_ASSERT_OK(record);
  EXPECT_FALSE(record->snooze);
  auto rows = co_await company.store->audit().rows(0, 100);
  CO_ASSERT_OK(rows);
  CO_ASSERT_TRUE(rows->size() >= 2);
  const auto& entry = (*rows)[rows->size() - 2].entry;
  EXPECT_EQ(entry.action, "case.snooze");
  EXPECT_EQ(entry.actor, "ann");
  EXPECT_EQ(entry.detail, R"({"until":"2026-11-24T09:00:00Z","reason":"patch day"})");
  EXPECT_EQ(rows->back().entry.action, "case.wake");
  EXPECT_EQ(rows->back().entry.actor, "ben");
}

ASYNC_TEST(Snooze, it_has_an_end_and_a_reason) {
  Company company(io);
  CO_ASSERT_OK(co_await company.investigated_case());
  for (const char* wrong :
       {"snooze C-1 10m x", "snooze C-1 8d x", "snooze C-1 until 2026-11-24 02:00 x", "snooze C-1 until 2027-11-24 x"}) {
    auto refused = co_await company.say("ann", wrong);
    EXPECT_SAYS(refused, "A snooze lasts from 15 minutes to 7 d");
  }
  for (const char* wrong : {"snooze C-1 4h", "snooze C-1 forever", "snooze C-1 until x"}) {
    auto refused = co_await company.say("ann", wrong);
    EXPECT_SAYS(refused, "It goes: snooze C-1 4h");
  }
  auto no_case = co_await company.say("ann", "snooze 4h x");
  EXPECT_SAYS(no_case, "Which case?");
  auto alerts = co_await company.say("ann", "snooze rule:5763 host:scan01 4h \"authorised scan\"");
  EXPECT_SAYS(alerts, "only cases: snooze C-12 4h");
  auto viewer = co_await company.say("vic", "snooze C-1 4h x");
  EXPECT_SAYS(viewer, "You may not change cases");
  const auto record = co_await company.store->cases().get(CaseId(1));
  CO_ASSERT_OK(record);
  EXPECT_FALSE(record->snooze);
  CO_ASSERT_OK(co_await company.say("ann", "close C-1 fp a scan"));
  auto closed = co_await company.say("ann", "snooze C-1 4h x");
  EXPECT_SAYS(closed, "C-1 was closed by @ann");
}

ASYNC_TEST(Snooze, the_longest_one_is_the_organisations_to_say) {
  policy::PolicyOptions options;
  options.longest_snooze = std::chrono::hours(8);
  Company company(io, std::move(options));
  CO_ASSERT_OK(co_await company.investigated_case());
  auto refused = co_await company.say("ann", "snooze C-1 9h x");
  EXPECT_SAYS(refused, "from 15 minutes to 8 h");
  auto taken = co_await company.say("ann", "snooze C-1 8h x");
  EXPECT_SAYS(taken, "C-1 is snoozed");
}

ASYNC_TEST(Snooze, without_a_time_it_offers_some) {
  Company company(io);
  CO_ASSERT_OK(co_await company.investigated_case());
  const auto offer = co_await company.say("ann", "snooze C-1");
  EXPECT_SAYS(offer, "How long shall C-1 be quiet?");
  for (const auto& command : buttons_of(*offer)) {
    const auto done = co_await company.press("ann", command);
    CO_ASSERT_OK(done);
    const auto record = co_await company.store->cases().get(CaseId(1));
    CO_ASSERT_OK(record);
    EXPECT_TRUE(record->snooze) << command;
    CO_ASSERT_OK(co_await company.say("ann", "snooze C-1 off"));
  }
  EXPECT_EQ(buttons_of(*offer).size(), 3u) << "not until tomorrow: it is malicious";
  // The picker's answer comes as a point in time.
  CO_ASSERT_OK(co_await company.press("ann", "snooze C-1 until 2026-11-24T10:00:00Z"));
  const auto record = co_await company.store->cases().get(CaseId(1));
  CO_ASSERT_OK(record);
  CO_ASSERT_TRUE(record->snooze.has_value());
  EXPECT_EQ(to_rfc3339(record->snooze->until), "2026-11-24T10:00:00Z");
}

ASYNC_TEST(Snooze, a_press_delivered_again_changes_nothing) {
  Company company(io);
  CO_ASSERT_OK(co_await company.investigated_case());
  CO_ASSERT_OK(co_await company.press("ann", "snooze C-1 4h x", "press-1"));
  CO_ASSERT_OK(co_await company.say("ann", "snooze C-1 off"));
  CO_ASSERT_OK(co_await company.press("ann", "snooze C-1 4h x", "press-1"));
  const auto record = co_await company.store->cases().get(CaseId(1));
  CO_ASSERT_OK(record);
  EXPECT_FALSE(record->snooze);
}

ASYNC_TEST(Snooze, the_home_page_shows_it_apart) {
  Company company(io);
  CO_ASSERT_OK(co_await company.investigated_case());
  CO_ASSERT_OK(co_await company.say("ann", "assign C-1 me"));
  CO_ASSERT_OK(co_await company.say("ann", "snooze C-1 4h waiting"));
  chat::HomeRights rights;
  rights.why_not_read = [](const Person&) { return std::string(); };
  rights.why_not_decide = [](const Person&, const Action&) { return std::string(); };
  chat::StoreHome home(*company.store, company.directory, std::move(rights), company.clock);
  const auto page = co_await home.home_of(Identity("console", "", "ann"));
  CO_ASSERT_OK(page);
  const std::string text = chat::plain_text(*page);
  EXPECT_NE(text.find("No open case is yours."), std::string::npos) << text;
  EXPECT_NE(text.find("C-1 · until 2026-11-24 07:00 UTC: waiting"), std::string::npos) << text;
}

ASYNC_TEST(Assign, without_a_person_it_asks_for_one) {
  Company company(io);
  CO_ASSERT_OK(co_await company.investigated_case());
  const auto offer = co_await company.say("ann", "assign C-1");
  EXPECT_SAYS(offer, "Who shall have C-1?");
  const chat::Select* people = nullptr;
  for (const auto& block : offer->card->blocks) {
    if (const auto* select = std::get_if<chat::Select>(&block)) people = select;
  }
  CO_ASSERT_TRUE(people != nullptr);
  EXPECT_EQ(people->kind, chat::Select::Kind::person);
  EXPECT_EQ(people->command, "assign C-1");
  EXPECT_EQ(people->options.size(), 3u) << "who may change cases: ann, ben, cat";
  CO_ASSERT_OK(co_await company.press("ann", people->command + " " + people->options[1].value));
  const auto record = co_await company.store->cases().get(CaseId(1));
  CO_ASSERT_OK(record);
  EXPECT_EQ(record->owner, "ben");
}

ASYNC_TEST(Edit, a_changed_plan_needs_its_approvals_anew) {
  policy::PolicyOptions options;
  options.rules = {{"block_ip", 2, {"approver", "admin"}}};
  Company company(io, std::move(options));
  CO_ASSERT_OK(co_await company.investigated_case());
  CO_ASSERT_OK(co_await company.say("ann", "request R-1"));
  CO_ASSERT_OK(co_await company.say("ben", "approve R-1"));
  auto offer = co_await company.say("ann", "edit R-1");
  EXPECT_SAYS(offer, "duration: 4h");
  auto edited = co_await company.say("ann", "edit R-1 duration=8h");
  EXPECT_SAYS(edited, "R-1 is changed: R-2 stands in its place and waits for 2 approvals by somebody else.");
  EXPECT_SAYS(edited, "duration 8h");
  auto old = co_await company.say("cat", "approve R-1");
  EXPECT_SAYS(old, "R-1 was changed: R-2 stands in its place");
  auto own = co_await company.say("ann", "approve R-2");
  EXPECT_SAYS(own, "You may not approve");
  CO_ASSERT_OK(co_await company.say("ben", "approve R-2"));
  auto action = co_await company.store->actions().get(ActionId(2));
  CO_ASSERT_OK(action);
  EXPECT_EQ(action->state, ActionState::awaiting);
  CO_ASSERT_OK(co_await company.say("cat", "approve R-2"));
  action = co_await company.store->actions().get(ActionId(2));
  CO_ASSERT_OK(action);
  EXPECT_EQ(action->state, ActionState::approved);
  auto late = co_await company.say("ann", "edit R-2 duration=1h");
  EXPECT_SAYS(late, "Only what nobody has decided on can be changed");
  // Before and after are in the chain.
  auto rows = co_await company.store->audit().rows(0, 100);
  CO_ASSERT_OK(rows);
  bool found = false;
  for (const auto& row : *rows) {
    if (row.entry.action != "action.edit") continue;
    found = true;
    EXPECT_EQ(row.entry.actor, "ann");
    EXPECT_EQ(row.entry.subject, "R-1");
    EXPECT_NE(row.entry.detail.find(R"("duration":"4h")"), std::string::npos) << row.entry.detail;
    EXPECT_NE(row.entry.detail.find("duration 8h"), std::string::npos) << row.entry.detail;
  }
  EXPECT_TRUE(found);
  auto check = co_await company.store->audit().verify();
  CO_ASSERT_OK(check);
  EXPECT_TRUE(check->intact);
  // The cards: the old one points to the new one.
  auto view = co_await company.store->cases().view(CaseId(1));
  CO_ASSERT_OK(view);
  const std::string card = chat::plain_text(chat::action_card(*view, view->actions[0]));
  EXPECT_NE(card.find("Changed by ann: R-2 stands in its place."), std::string::npos) << card;
}

ASYNC_TEST(Edit, who_may_propose_may_and_the_provider_checks) {
  Company company(io);
  CO_ASSERT_OK(co_await company.investigated_case());
  auto viewer = co_await company.say("vic", "edit R-1 duration=8h");
  EXPECT_SAYS(viewer, "You may not ask for actions");
  auto bad = co_await company.say("ann", "edit R-1 duration=forever");
  EXPECT_SAYS(bad, "R-1 was not changed: The duration must be a time span");
  auto unknown = co_await company.say("ann", "edit R-1 target=198.51.100.1");
  EXPECT_SAYS(unknown, "'target' is nothing that can be changed about it. These are: duration.");
  auto same = co_await company.say("ann", "edit R-1 duration=4h");
  EXPECT_SAYS(same, "That is how R-1 is already");
  auto words = co_await company.say("ann", "edit R-1 please longer");
  EXPECT_SAYS(words, "A change is NAME=VALUE");
  const std::string other(64, 'a');
  auto stale = co_await company.press("ann", "edit R-1 --digest=" + other + " duration=8h");
  EXPECT_SAYS(stale, "R-1 is no longer what you saw");
  auto action = co_await company.store->actions().get(ActionId(1));
  CO_ASSERT_OK(action);
  EXPECT_EQ(action->state, ActionState::proposed);
}

ASYNC_TEST(Edit, what_was_changed_is_not_proposed_once_more_and_a_second_delivery_changes_nothing) {
  Company company(io);
  CO_ASSERT_OK(co_await company.investigated_case());
  auto edited = co_await company.press("ann", "edit R-1 duration=8h", "press-1");
  EXPECT_SAYS(edited, "'request R-2' asks for its approval");
  CO_ASSERT_OK(co_await company.press("ann", "edit R-1 duration=8h", "press-1"));
  CO_ASSERT_OK(co_await company.next_round(true));
  auto actions = co_await company.store->actions().of_case(CaseId(1));
  CO_ASSERT_OK(actions);
  CO_ASSERT_TRUE(actions->size() == 2u);
  EXPECT_EQ((*actions)[0].state, ActionState::withdrawn);
  EXPECT_EQ((*actions)[1].state, ActionState::proposed);
  EXPECT_EQ((*actions)[1].proposer, "vedette") << "it is the analyst's still, as another number";
  EXPECT_EQ((*actions)[1].editor, "ann");
  auto again = co_await company.press("ann", "request R-1");
  EXPECT_SAYS(again, "R-2 stands in its place");
}

// What the evidence no longer carries is withdrawn, whoever changed how it would be done.
ASYNC_TEST(Edit, a_changed_plan_goes_with_the_evidence_it_was_proposed_on) {
  for (const bool asked : {false, true}) {
    Company company(io);
    CO_ASSERT_OK(co_await company.investigated_case());
    CO_ASSERT_OK(co_await company.say("ann", "edit R-1 duration=8h"));
    if (asked) CO_ASSERT_OK(co_await company.say("ann", "request R-2"));
    CO_ASSERT_OK(co_await company.next_round(true));
    auto action = co_await company.store->actions().get(ActionId(2));
    CO_ASSERT_OK(action);
    EXPECT_EQ(action->state, asked ? ActionState::awaiting : ActionState::proposed);
    CO_ASSERT_OK(co_await company.next_round(false));
    action = co_await company.store->actions().get(ActionId(2));
    CO_ASSERT_OK(action);
    EXPECT_EQ(action->state, ActionState::withdrawn) << asked;
  }
}

ASYNC_TEST(Edit, nobody_who_had_a_hand_in_it_approves_it) {
  Company company(io);
  CO_ASSERT_OK(co_await company.investigated_case());
  CO_ASSERT_OK(co_await company.say("ben", "request R-1"));  // an approver, who may not approve what they asked for
  auto edited = co_await company.say("ann", "edit R-1 duration=8h");
  EXPECT_SAYS(edited, "R-2 stands in its place");
  auto own = co_await company.say("ben", "approve R-2");
  EXPECT_SAYS(own, "You had a hand in R-2");
  auto action = co_await company.store->actions().get(ActionId(2));
  CO_ASSERT_OK(action);
  EXPECT_EQ(action->state, ActionState::awaiting);
  CO_ASSERT_OK(co_await company.say("cat", "approve R-2"));
  action = co_await company.store->actions().get(ActionId(2));
  CO_ASSERT_OK(action);
  EXPECT_EQ(action->state, ActionState::approved);
}

ASYNC_TEST(Edit, the_chain_introduces_what_stands_in_the_place_and_the_approver_sees_the_change) {
  Company company(io);
  CO_ASSERT_OK(co_await company.investigated_case());
  CO_ASSERT_OK(co_await company.say("ann", "request R-1"));
  CO_ASSERT_OK(co_await company.say("ann", "edit R-1 duration=8h"));
  auto rows = co_await company.store->audit().rows(0, 100);
  CO_ASSERT_OK(rows);
  std::string introduced;
  for (const auto& row : *rows) {
    if (row.entry.action == "action.replace" && row.entry.subject == "R-2") introduced = row.entry.detail;
  }
  for (const char* part :
       {R"("replaces":"R-1")", R"("editor":"ann")", R"("duration":"8h")", R"("digest":)", R"("approvals_needed":1)"})
    EXPECT_NE(introduced.find(part), std::string::npos) << part << " in " << introduced;
  auto view = co_await company.store->cases().view(CaseId(1));
  CO_ASSERT_OK(view);
  const auto card = chat::action_card(*view, view->actions[1]);
  EXPECT_NE(chat::plain_text(card).find("Changed: by ann: R-1 had"), std::string::npos) << chat::plain_text(card);
  EXPECT_NE(chat::to_json(card).find("duration 8h? It runs at once."), std::string::npos);
}

ASYNC_TEST(Snooze, lists_say_what_is_put_aside) {
  Company company(io);
  CO_ASSERT_OK(co_await company.investigated_case());
  CO_ASSERT_OK(co_await company.say("ann", "snooze C-1 4h waiting"));
  for (const char* list : {"list", "list unacked"}) {
    auto listed = co_await company.say("ann", list);
    EXPECT_SAYS(listed, "1 is snoozed (worst: ");
  }
  auto all = co_await company.say("ann", "list all");
  CO_ASSERT_OK(all);
  EXPECT_EQ(chat::plain_text(*all->card).find("is snoozed (worst"), std::string::npos);
}

ASYNC_TEST(Snooze, what_is_grave_is_quiet_for_hours_only) {
  Company company(io);
  CO_ASSERT_OK(co_await company.investigated_case());
  CaseChange grave;
  grave.severity = Severity::critical;
  AuditEntry audit;
  audit.actor = "ann";
  audit.action = "case.sev";
  CO_ASSERT_OK(co_await company.store->cases().change(CaseId(1), std::move(grave), std::move(audit)));
  auto long_one = co_await company.say("ann", "snooze C-1 9h waiting");
  EXPECT_SAYS(long_one, "so it can be quiet for 8 hours at most");
  auto short_one = co_await company.say("ann", "snooze C-1 8h waiting");
  EXPECT_SAYS(short_one, "C-1 is snoozed until");
}

}  // namespace
}  // namespace vedette::test
