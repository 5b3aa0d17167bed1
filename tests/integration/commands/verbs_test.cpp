// Every verb against the SQLite store, by people of every role.

#include "bot/base/text.hpp"
#include "commands/registry.hpp"
#include "tests/integration/commands/company.hpp"

namespace vedette::test {
namespace {

#define EXPECT_SAYS_NOT(reply, part)                                                            \
  do {                                                                                          \
    CO_ASSERT_OK(reply);                                                                        \
    EXPECT_EQ(text_of(*(reply)).find(part), std::string::npos) << "but: " << text_of(*(reply)); \
  } while (false)

Async<std::vector<AuditRow>> audit_rows(Company& company) { return company.store->audit().rows(0, 1000); }

bool has_row(const std::vector<AuditRow>& rows, std::string_view actor, std::string_view action, std::string_view subject) {
  for (const auto& row : rows) {
    if (row.entry.actor == actor && row.entry.action == action && row.entry.subject == subject) return true;
  }
  return false;
}

ASYNC_TEST(Commands, a_thumb_is_taken_back_unless_another_has_taken_its_place) {
  Company company(io);
  auto opened = co_await company.investigated_case();
  CO_ASSERT_OK(opened);
  auto nothing_there = co_await company.say("ann", "retract C-1 good");
  EXPECT_SAYS(nothing_there, "There is no 👍 of yours on C-1");
  CO_ASSERT_OK(co_await company.press("ann", "good C-1"));
  CO_ASSERT_OK(co_await company.press("ben", "good C-1"));
  CO_ASSERT_OK(co_await company.press("ann", "bad C-1"));
  // The 👍 that the 👎 replaced: taking it back leaves the 👎 alone.
  CO_ASSERT_OK(co_await company.press("ann", "retract C-1 good"));
  auto record = co_await company.store->cases().get(CaseId(1));
  CO_ASSERT_OK(record);
  EXPECT_EQ(record->good, 1);
  EXPECT_EQ(record->bad, 1);
  auto taken = co_await company.press("ann", "retract C-1 bad", "removal-1");
  CO_ASSERT_OK(taken);
  EXPECT_FALSE(taken->card) << "the case's card is the answer";
  record = co_await company.store->cases().get(CaseId(1));
  CO_ASSERT_OK(record);
  EXPECT_EQ(record->good, 1);
  EXPECT_EQ(record->bad, 0);
  // Given anew, and the old removal delivered once more: it changes nothing.
  CO_ASSERT_OK(co_await company.press("ann", "bad C-1"));
  CO_ASSERT_OK(co_await company.press("ann", "retract C-1 bad", "removal-1"));
  record = co_await company.store->cases().get(CaseId(1));
  CO_ASSERT_OK(record);
  EXPECT_EQ(record->bad, 1);
  auto rows = co_await audit_rows(company);
  CO_ASSERT_OK(rows);
  EXPECT_TRUE(has_row(*rows, "ann", "case.retract", "C-1"));
}

struct Entitled {
  const char* command;
  bool viewer, analyst, approver;
};

ASYNC_TEST(Commands, everybody_may_do_what_the_role_allows_and_nothing_else) {
  const Entitled rows[] = {
      {"help", true, true, true},
      {"whoami", true, true, true},
      {"list", true, true, true},
      {"show C-1", true, true, true},
      {"why C-1", true, true, true},
      {"evidence C-1", true, true, true},
      {"timeline C-1", true, true, true},
      {"status", true, true, true},
      {"coverage", true, true, true},
      {"ack C-1", false, true, true},
      {"assign C-1 @ann", false, true, true},
      {"note C-1 x", false, true, true},
      {"close C-1 fp x", false, true, true},
      {"reopen C-1", false, true, true},
      {"good C-1", false, true, true},
      {"bad C-1", false, true, true},
      {"retract C-1 bad", false, true, true},
      {"request R-1", false, true, true},
      {"approve R-1", false, false, true},
      {"deny R-1", false, false, true},
      {"settle R-1 done x", false, false, true},
  };
  Company company(io);
  auto opened = co_await company.investigated_case();
  CO_ASSERT_OK(opened);
  for (const auto& row : rows) {
    const std::string command = row.command;
    const std::pair<const char*, bool> tries[] = {
        {"vic", row.viewer}, {"ann", row.analyst}, {"ben", row.approver}, {"cat", true}};
    for (const auto& [who, allowed] : tries) {
      auto before = co_await audit_rows(company);
      CO_ASSERT_OK(before);
      auto reply = co_await company.say(who, command);
      CO_ASSERT_OK(reply);
      const bool refused = text_of(*reply).find("that takes the role") != std::string::npos;
      EXPECT_EQ(refused, !allowed) << who << ": " << command << ": " << text_of(*reply);
      if (!refused) continue;
      EXPECT_TRUE(reply->only_for_sender);
      auto after = co_await audit_rows(company);
      CO_ASSERT_OK(after);
      EXPECT_EQ(before->size(), after->size()) << "a refusal changed something";
    }
  }
}

ASYNC_TEST(Commands, strangers_and_people_without_a_role_do_nothing) {
  Company company(io);
  auto opened = co_await company.investigated_case();
  CO_ASSERT_OK(opened);
  auto before = co_await audit_rows(company);
  CO_ASSERT_OK(before);
  for (const auto& spec : commands::all_commands()) {
    const std::string line =
        std::string(spec.name) + (spec.permission == policy::Permission::approve ? " R-1" : " C-1 fp x");
    auto reply = co_await company.say("", line);
    CO_ASSERT_OK(reply);
    if (spec.for_strangers) continue;
    EXPECT_SAYS(reply, "I don't know you yet");
    if (spec.for_all_known) continue;
    auto janitor = co_await company.say("eve", line);
    EXPECT_SAYS(janitor, "You may not");
  }
  auto unknown = co_await company.say("", "frobnicate");
  EXPECT_SAYS(unknown, "I don't know you yet");
  auto who = co_await company.say("", "whoami");
  EXPECT_SAYS(who, "console:somebody");
  auto after = co_await audit_rows(company);
  CO_ASSERT_OK(after);
  EXPECT_EQ(before->size(), after->size());
}

ASYNC_TEST(Commands, help_lists_what_one_may_do) {
  Company company(io);
  const std::pair<const char*, const char*> people[] = {
      {"", "stranger"}, {"eve", "janitor"}, {"vic", "viewer"}, {"ann", "analyst"}, {"ben", "approver"}};
  for (const auto& [who, role] : people) {
    auto reply = co_await company.say(who, "help");
    CO_ASSERT_OK(reply);
    EXPECT_TRUE(reply->only_for_sender);
    expect_golden(std::string("commands/help_") + role + ".txt", text_of(*reply));
  }
  auto one = co_await company.say("ann", "help resolve");
  EXPECT_SAYS(one, "close [C-12] tp|btp|fp|dup|inconclusive REASON");
  auto forbidden = co_await company.say("vic", "help close");
  EXPECT_SAYS(forbidden, "I know no 'close' that you may use");
}

ASYNC_TEST(Commands, an_unknown_verb_is_never_carried_out) {
  Company company(io);
  auto opened = co_await company.investigated_case();
  CO_ASSERT_OK(opened);
  const std::pair<const char*, const char*> tries[] = {{"acck C-1", "'ack'"},
                                                       {"aprove R-1", "'approve'"},
                                                       {"clos C-1 fp x", "'close'"},
                                                       {"evi C-1", "'evidence'"},
                                                       {"acknowledged C-1", "'ack'"},
                                                       {"please close C-1 as fp", "I don't know 'please'"},
                                                       {"is this bad?", "I don't know 'is'"}};
  for (const auto& [line, part] : tries) {
    auto reply = co_await company.say("cat", line);
    EXPECT_SAYS(reply, part);
    EXPECT_SAYS(reply, "so I did nothing");
  }
  // What one may not do is not suggested either.
  auto viewer = co_await company.say("vic", "aprove R-1");
  EXPECT_SAYS_NOT(viewer, "'approve'");
  auto record = co_await company.store->cases().get(CaseId(1));
  CO_ASSERT_OK(record);
  EXPECT_EQ(record->status, CaseStatus::open);
  auto long_one = co_await company.say("ann", "note C-1 " + std::string(5000, 'x'));
  EXPECT_SAYS(long_one, "fewer words");
}

ASYNC_TEST(Commands, ack_takes_the_case_once) {
  Company company(io);
  auto opened = co_await company.investigated_case();
  CO_ASSERT_OK(opened);
  auto first = co_await company.say("ann", "ack", CaseId(1));
  EXPECT_SAYS(first, "C-1 is acknowledged and @ann's now");
  EXPECT_FALSE(first->only_for_sender) << "said in the case's thread";
  auto record = co_await company.store->cases().get(CaseId(1));
  CO_ASSERT_OK(record);
  EXPECT_EQ(record->status, CaseStatus::acknowledged);
  EXPECT_EQ(record->owner, "ann");
  auto second = co_await company.say("ben", "ack C-1");
  EXPECT_SAYS(second, "already acknowledged by @ann");
  EXPECT_TRUE(second->only_for_sender);
  auto again = co_await company.say("ann", "ack C-1");
  EXPECT_SAYS(again, "You have acknowledged C-1");
  EXPECT_TRUE(again->only_for_sender) << "not in the thread";
  auto missing = co_await company.say("ann", "ack C-77");
  EXPECT_SAYS(missing, "There is no case C-77");
  auto rows = co_await audit_rows(company);
  CO_ASSERT_OK(rows);
  EXPECT_TRUE(has_row(*rows, "ann", "case.ack", "C-1"));
  EXPECT_FALSE(has_row(*rows, "ben", "case.ack", "C-1"));
}

ASYNC_TEST(Commands, a_redelivered_click_changes_nothing) {
  Company company(io);
  auto opened = co_await company.investigated_case();
  CO_ASSERT_OK(opened);
  auto first = co_await company.press("ann", "good C-1", "click-1");
  CO_ASSERT_OK(first);
  EXPECT_FALSE(first->card) << "the case's card is the answer";
  auto before = co_await company.store->cases().get(CaseId(1));
  CO_ASSERT_OK(before);
  auto second = co_await company.press("ann", "good C-1", "click-1");
  CO_ASSERT_OK(second);
  auto after = co_await company.store->cases().get(CaseId(1));
  CO_ASSERT_OK(after);
  EXPECT_EQ(after->version, before->version);
  EXPECT_EQ(after->good, 1);
  auto note = co_await company.press("ann", "note C-1 seen", "click-2");
  CO_ASSERT_OK(note);
  auto note_again = co_await company.press("ann", "note C-1 seen", "click-2");
  EXPECT_SAYS(note_again, "That is on C-1 already");
  auto view = co_await company.store->cases().view(CaseId(1));
  CO_ASSERT_OK(view);
  EXPECT_EQ(std::count_if(view->notes.begin(), view->notes.end(), [](const CaseNote& n) { return n.kind == "note"; }), 1);
}

ASYNC_TEST(Commands, closing_takes_an_ending_and_a_reason) {
  Company company(io);
  auto opened = co_await company.investigated_case();
  CO_ASSERT_OK(opened);
  auto choices = co_await company.say("ann", "close C-1");
  EXPECT_SAYS(choices, "How did C-1 end?");
  EXPECT_EQ(buttons_of(*choices).size(), 5u);
  auto no_reason = co_await company.say("ann", "close C-1 fp");
  EXPECT_SAYS(no_reason, "Please say why");
  auto closed = co_await company.say("ann", "resolve C-1 fp \"pentest by <!channel> us\"");
  EXPECT_SAYS(closed, "C-1 is closed as false positive");
  auto record = co_await company.store->cases().get(CaseId(1));
  CO_ASSERT_OK(record);
  EXPECT_EQ(record->status, CaseStatus::closed);
  EXPECT_EQ(record->disposition, Disposition::fp);
  EXPECT_EQ(record->closing_reason, "pentest by <!channel> us");
  auto again = co_await company.say("ben", "close C-1 tp no");
  EXPECT_SAYS(again, "already closed by @ann");
  auto ack = co_await company.say("ben", "ack C-1");
  EXPECT_SAYS(ack, "'reopen C-1' opens it again");
  auto assign = co_await company.say("ben", "assign C-1 me");
  EXPECT_SAYS(assign, "reopen");
  auto reopened = co_await company.say("ben", "reopen C-1 it came back");
  EXPECT_SAYS(reopened, "C-1 is open again");
  auto twice = co_await company.say("ann", "reopen C-1");
  EXPECT_SAYS(twice, "open already");
  // The offered buttons are commands that work.
  auto offered = co_await company.say("ann", "close", CaseId(1));
  CO_ASSERT_OK(offered);
  const std::string press = buttons_of(*offered).front();
  auto pressed = co_await company.press("ann", press);
  CO_ASSERT_OK(pressed);
  EXPECT_FALSE(pressed->card);
  auto final_record = co_await company.store->cases().get(CaseId(1));
  CO_ASSERT_OK(final_record);
  EXPECT_EQ(final_record->disposition, Disposition::tp);
}

ASYNC_TEST(Commands, assigning_knows_people_by_name_and_by_platform_id) {
  Company company(io);
  auto opened = co_await company.investigated_case();
  CO_ASSERT_OK(opened);
  auto given = co_await company.say("ann", "assign C-1 @ben");
  EXPECT_SAYS(given, "C-1 is @ben's now");
  auto again = co_await company.say("ann", "assign C-1 ben");
  EXPECT_SAYS(again, "C-1 is @ben's already");
  auto mine = co_await company.say("ann", "assign C-1 me");
  EXPECT_SAYS(mine, "@ann's now");
  auto viewer = co_await company.say("ann", "assign C-1 @vic");
  EXPECT_SAYS(viewer, "may not change cases");
  auto unknown = co_await company.say("ann", "assign C-1 @zoe");
  EXPECT_SAYS(unknown, "I know nobody called '@zoe'");
  // A display name is nothing to go by.
  auto display = co_await company.say("ann", "assign C-1 \"The ben\"");
  EXPECT_SAYS(display, "I know nobody");
  chat::Interaction slack;
  slack.key = "slack-1";
  slack.who = Identity("slack", "T1", "U-ann");
  slack.text = "assign C-1 <@U-ben|whoever>";
  auto by_id = co_await company.runner->run(std::move(slack), company.person("ann"), CaseId());
  EXPECT_SAYS(by_id, "@ben's now");
  auto nobody = co_await company.say("ann", "assign C-1 nobody");
  EXPECT_SAYS(nobody, "nobody's now");
}

ASYNC_TEST(Commands, lists_what_was_asked_for) {
  Company company(io);
  auto first = co_await company.investigated_case();
  CO_ASSERT_OK(first);
  company.clock.advance(std::chrono::hours(2));
  auto second = co_await company.plain_case("A <script> in a\nname", Severity::low);
  CO_ASSERT_OK(second);
  auto open = co_await company.say("vic", "ls");
  EXPECT_SAYS(open, "Open cases: 2");
  EXPECT_SAYS(open, "203[.]0[.]113[.]7 guessed passwords of ann[@]corp[.]example");
  EXPECT_SAYS(open, "Likely malicious 91 %");
  auto high = co_await company.say("vic", "list --sev=high");
  EXPECT_SAYS(high, "Open cases: 1");
  auto recent = co_await company.say("vic", "list --since=1h");
  EXPECT_SAYS(recent, "Open cases: 1");
  EXPECT_SAYS(recent, "C-2");
  auto taken = co_await company.say("ann", "ack C-2");
  CO_ASSERT_OK(taken);
  auto mine = co_await company.say("ann", "list mine");
  EXPECT_SAYS(mine, "C-2");
  EXPECT_SAYS_NOT(mine, "C-1 |");
  auto unacked = co_await company.say("ann", "list unacked");
  EXPECT_SAYS(unacked, "C-1");
  EXPECT_SAYS_NOT(unacked, "C-2");
  auto closed = co_await company.say("ann", "list closed");
  EXPECT_SAYS(closed, "Closed cases: none.");
  auto pending = co_await company.say("ann", "list pending");
  EXPECT_SAYS(pending, "Nothing waits for approval");
  auto requested = co_await company.say("ann", "request R-1");
  CO_ASSERT_OK(requested);
  auto waiting = co_await company.say("ben", "list pending");
  EXPECT_SAYS(waiting, "Block IP 203[.]0[.]113[.]7 with simulated (duration 4h)");
  EXPECT_EQ(buttons_of(*waiting).size(), 1u);
  auto own = co_await company.say("ann", "list pending");
  CO_ASSERT_OK(own);
  EXPECT_TRUE(buttons_of(*own).empty()) << "nobody is offered to approve their own";
}

ASYNC_TEST(Commands, deciding_shows_what_was_decided_unless_it_was_just_seen) {
  Company company(io);
  auto opened = co_await company.investigated_case();
  CO_ASSERT_OK(opened);
  auto stored = co_await company.store->actions().get(ActionId(1));
  CO_ASSERT_OK(stored);
  const std::string digest = stored->plan.digest(stored->case_id);
  const std::string plan = "Block IP 203[.]0[.]113[.]7 with simulated (duration 4h)";
  auto stale = co_await company.press("ann", "request R-1 --digest=" + std::string(64, '0'));
  EXPECT_SAYS(stale, "no longer what you saw");
  EXPECT_SAYS(stale, plan);
  auto requested = co_await company.press("ann", "request R-1 --digest=" + digest);
  CO_ASSERT_OK(requested);
  EXPECT_FALSE(requested->card) << "the approval card is the answer";
  auto unseen = co_await company.say("cat", "approve R-1 --digest=" + std::string(64, '0'));
  EXPECT_SAYS(unseen, "no longer what you saw");
  // Typed without a digest: what is stored is approved, and shown.
  auto approved = co_await company.say("cat", "approve R-1", CaseId(1));
  EXPECT_SAYS(approved, "You have approved R-1. It starts in a moment.");
  EXPECT_SAYS(approved, plan);
  EXPECT_SAYS(approved, digest.substr(0, 12));
  EXPECT_FALSE(approved->only_for_sender);
  auto late = co_await company.say("ben", "deny R-1 too late");
  EXPECT_SAYS(late, "R-1 was approved by @cat and starts in a moment.");
}

ASYNC_TEST(Commands, an_unknown_outcome_is_settled_by_somebody_who_knows) {
  Company company(io);
  auto opened = co_await company.investigated_case();
  CO_ASSERT_OK(opened);
  auto too_early = co_await company.say("ben", "settle R-1 done saw it");
  EXPECT_SAYS(too_early, "R-1 is only proposed so far");
  // The requester is an approver too.
  auto requested = co_await company.say("cat", "request R-1");
  CO_ASSERT_OK(requested);
  auto approved = co_await company.say("ben", "approve R-1");
  EXPECT_SAYS(approved, "You have approved R-1");
  AuditEntry audit;
  audit.action = "action.begin";
  audit.subject = "R-1";
  auto begun = co_await company.store->actions().begin(ActionId(1), audit);
  CO_ASSERT_OK(begun);
  audit.action = "action.unknown";
  auto unknown = co_await company.store->actions().finish(ActionId(1), ActionState::unknown, "no answer", audit);
  CO_ASSERT_OK(unknown);

  auto how = co_await company.say("ben", "approve R-1");
  CO_ASSERT_OK(how);
  auto own = co_await company.say("cat", "settle R-1 done saw it");
  EXPECT_SAYS(own, "You asked for R-1 yourself");
  auto no_reason = co_await company.say("ben", "settle R-1 done");
  CO_ASSERT_OK(no_reason);
  auto other_word = co_await company.say("ben", "settle R-1 maybe saw it");
  CO_ASSERT_OK(other_word);
  auto still = co_await company.store->actions().get(ActionId(1));
  CO_ASSERT_OK(still);
  EXPECT_EQ(still->state, ActionState::unknown);
  EXPECT_NE(respond::standing(*still).find("'settle R-1 done|not-done REASON'"), std::string::npos);

  auto settled = co_await company.say("ben", "settle R-1 not-done the firewall has no such rule");
  EXPECT_SAYS(settled, "You have settled R-1 as not done. 'request R-1' asks for it again.");
  auto over = co_await company.store->actions().get(ActionId(1));
  CO_ASSERT_OK(over);
  EXPECT_EQ(over->state, ActionState::failed);
  EXPECT_EQ(over->result, "@ben settled it as not done: the firewall has no such rule");
  auto rows = co_await audit_rows(company);
  CO_ASSERT_OK(rows);
  EXPECT_TRUE(has_row(*rows, "ben", "action.settle", "R-1"));
  auto twice = co_await company.say("ben", "settle R-1 done after all");
  EXPECT_SAYS(twice, "R-1 failed: @ben settled it");
}

ASYNC_TEST(Commands, why_and_evidence_show_what_a_verdict_rests_on) {
  Company company(io);
  auto opened = co_await company.investigated_case();
  CO_ASSERT_OK(opened);
  auto why = co_await company.say("vic", "why C-1");
  EXPECT_SAYS(why, "Likely malicious, 91 % sure");
  EXPECT_SAYS(why, "1. 412 sign-ins from 203[.]0[.]113[.]7 failed within one hour (+2.20) [E1]");
  EXPECT_SAYS(why, "The mail log was not asked");
  EXPECT_SAYS(why, "A forgotten password");
  auto first = co_await company.say("vic", "why 1", CaseId(1));
  EXPECT_SAYS(first, "It multiplies the odds of this being malicious by 9.0 (weight +2.20).");
  EXPECT_SAYS(first, "How often did sign-ins from 203[.]0[.]113[.]7 fail?");
  auto ninth = co_await company.say("vic", "why C-1 9");
  EXPECT_SAYS(ninth, "C-1 has 1 reason.");
  auto list = co_await company.say("vic", "evidence C-1");
  EXPECT_SAYS(list, "412 failed sign-ins");
  auto one = co_await company.say("vic", "evidence C-1 E1");
  EXPECT_SAYS(one, "412 records");
  bool records = false;
  for (const auto& block : one->card->blocks) {
    if (const auto* kept = std::get_if<chat::Records>(&block))
      records = records || kept->text.find("4625") != std::string::npos;
  }
  EXPECT_TRUE(records);
  auto none = co_await company.say("vic", "evidence C-1 E9");
  EXPECT_SAYS(none, "C-1 has no E9");
  auto second = co_await company.plain_case("Something else", Severity::low);
  CO_ASSERT_OK(second);
  auto waiting = co_await company.say("vic", "why C-2");
  EXPECT_SAYS(waiting, "still being investigated");
  auto thumb = co_await company.say("ann", "good C-2");
  EXPECT_SAYS(thumb, "no verdict yet");
}

ASYNC_TEST(Commands, show_timeline_status_and_coverage_tell_how_things_stand) {
  Company company(io);
  auto opened = co_await company.investigated_case();
  CO_ASSERT_OK(opened);
  auto show = co_await company.say("vic", "show A-1");
  EXPECT_SAYS(show, "C-1");
  auto no_alert = co_await company.say("vic", "show A-9");
  EXPECT_SAYS(no_alert, "There is no alert A-9");
  auto timeline = co_await company.say("vic", "timeline C-1");
  EXPECT_SAYS(timeline, "Many failed sign-ins");
  auto status = co_await company.say("vic", "status");
  EXPECT_SAYS(status, "All is well");
  auto coverage = co_await company.say("vic", "coverage");
  EXPECT_SAYS(coverage, "1 investigated + 0 merged + 0 suppressed + 0 queued + 0 failed = 1 received: none is missing.");
}

ASYNC_TEST(Commands, completes_what_may_be_said) {
  Company company(io);
  const auto texts = [&](std::string_view typed, std::string_view who) {
    std::vector<std::string> result;
    for (const auto& completion : company.runner->completions(typed, company.person(who))) result.push_back(completion.text);
    return result;
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(texts("cl", "ann"), Texts{"close "});
  EXPECT_EQ(texts("cl", "vic"), Texts{}) << "may not";
  EXPECT_EQ(texts("ap", "ann"), Texts{});
  EXPECT_EQ(texts("ap", "ben"), Texts{"approve "});
  EXPECT_EQ(texts("", "").size(), 3u) << "a stranger: help, link and whoami";
  EXPECT_EQ(texts("close C-1 b", "ann"), Texts{"close C-1 btp "});
  EXPECT_EQ(texts("list --s", "ann"), (Texts{"list --sev=", "list --since="}));
  EXPECT_EQ(texts("assign C-1 @b", "ann"), Texts{"assign C-1 @ben "});
  EXPECT_EQ(texts("nonsense x", "ann"), Texts{});
  co_return;
}

ASYNC_TEST(Commands, a_store_that_cannot_write_is_tried_again_later) {
  Company company(io);
  auto opened = co_await company.investigated_case();
  CO_ASSERT_OK(opened);
  company.store->close();
  auto reply = co_await company.say("ann", "ack C-1");
  EXPECT_FALSE(reply.has_value()) << text_of(*reply);
}

}  // namespace
}  // namespace vedette::test
