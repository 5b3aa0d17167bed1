// "investigate": text becomes an alert, and the alert a case.

#include "bot/intake/pipeline.hpp"
#include "tests/integration/commands/company.hpp"

namespace vedette::test {
namespace {

struct Desk {
  explicit Desk(Executor io) : company(io), pipeline(io, *company.store), jobs(io, "pipeline") {}
  void start() { jobs.spawn("pipeline", pipeline.run()); }
  boost::asio::awaitable<void> stop() {
    const Deadline deadline = Deadline::after(std::chrono::seconds(2));
    co_await jobs.stop(deadline);
  }
  // As the shortcut of a message does it.
  Async<chat::Reply> of_message(std::string who, std::string text, std::string key) {
    chat::Interaction said;
    said.key = std::move(key);
    said.who = Identity("slack", "T1", "U-" + who);
    said.channel = "C1";
    said.about_ref = "1583636382.000300";
    said.about_time = *parse_time("2026-11-24T01:00:00Z");
    said.text = "investigate " + text;
    const Person* person = company.person(who);
    co_return co_await company.runner->run(std::move(said), person, CaseId());
  }
  Company company;
  intake::Pipeline pipeline;
  TaskGroup jobs;
};

ASYNC_TEST(Investigate, text_becomes_a_case) {
  Desk desk(io);
  desk.start();
  const auto reply = co_await desk.company.say("ann", "investigate Strange sign-in of user: ann from 203[.]0[.]113[.]7");
  EXPECT_SAYS(reply, "I am looking into it: C-1.");
  EXPECT_SAYS(reply, "Found in it: user ann, ip 203[.]0[.]113[.]7");
  EXPECT_TRUE(reply->only_for_sender);
  EXPECT_EQ(buttons_of(*reply), std::vector<std::string>{"show C-1"});
  const auto alert = co_await desk.company.store->alerts().get(AlertId(1));
  CO_ASSERT_OK(alert);
  EXPECT_EQ(alert->source, "chat");
  EXPECT_EQ(alert->time, desk.company.clock.now());
  const auto coverage = co_await desk.company.store->alerts().coverage();
  CO_ASSERT_OK(coverage);
  EXPECT_EQ(coverage->received, 1);
  EXPECT_EQ(coverage->queued, 1);
  const auto view = co_await desk.company.store->cases().view(CaseId(1));
  CO_ASSERT_OK(view);
  CO_ASSERT_TRUE(!view->notes.empty());
  EXPECT_EQ(view->notes.back().author, "ann");
  // The same once more is another question, and belongs to the same case.
  const auto again = co_await desk.company.say("ann", "investigate 203.0.113.7 again");
  EXPECT_SAYS(again, "It belongs to C-1, which I look at again with it.");
  co_await desk.stop();
}

ASYNC_TEST(Investigate, a_message_is_one_alert_whoever_asks) {
  Desk desk(io);
  desk.start();
  const auto first = co_await desk.of_message("ann", "who is 203.0.113.7?", "press-1");
  EXPECT_SAYS(first, "I am looking into it: C-1.");
  const auto second = co_await desk.of_message("ben", "who is 203.0.113.7?", "press-2");
  EXPECT_SAYS(second, "Somebody asked about this message before: it is C-1.");
  const auto coverage = co_await desk.company.store->alerts().coverage();
  CO_ASSERT_OK(coverage);
  EXPECT_EQ(coverage->received, 1);
  const auto alert = co_await desk.company.store->alerts().get(AlertId(1));
  CO_ASSERT_OK(alert);
  EXPECT_EQ(alert->time, *parse_time("2026-11-24T01:00:00Z"));  // when it was said, not when it was asked
  co_await desk.stop();
}

ASYNC_TEST(Investigate, a_pasted_alert_is_read_as_one) {
  Desk desk(io);
  desk.start();
  const auto reply = co_await desk.company.say(
      "ann",
      R"(investigate {"timestamp":"2026-11-24T02:00:00.000+0000","rule":{"level":10,"description":"sshd: brute force","id":"5763"},)"
      R"("agent":{"id":"001","name":"web01"},"manager":{"name":"m"},"id":"1.2","data":{"srcip":"203.0.113.7"},)"
      R"("decoder":{"name":"sshd"},"location":"/var/log/auth.log"})");
  EXPECT_SAYS(reply, "I am looking into it: C-1.");
  const auto alert = co_await desk.company.store->alerts().get(AlertId(1));
  CO_ASSERT_OK(alert);
  EXPECT_EQ(alert->format, "wazuh");
  EXPECT_EQ(alert->rule, "5763");
  EXPECT_EQ(alert->source, "chat");
  co_await desk.stop();
}

ASYNC_TEST(Investigate, who_asked_stands_on_every_case_and_on_an_alert_that_has_none_yet) {
  Desk desk(io);
  const auto one = [](int number, const char* host) {
    return fmt::format(R"({{"timestamp":"2026-11-24T02:0{0}:00.000+0000","rule":{{"level":10,"description":"odd {1}",)"
                       R"("id":"100{0}"}},"agent":{{"id":"00{0}","name":"{1}"}},"manager":{{"name":"m"}},"id":"{0}.2",)"
                       R"("decoder":{{"name":"d"}},"location":"l"}})",
                       number, host);
  };
  const auto waiting = co_await desk.company.say("ann", "investigate " + one(1, "web01"));
  EXPECT_SAYS(waiting, "becomes a case in a moment");
  desk.start();
  const auto both = co_await desk.company.say("ann", fmt::format("investigate [{},{}]", one(2, "db02"), one(3, "mail03")));
  CO_ASSERT_OK(both);
  std::vector<std::string> subjects;
  const auto rows = co_await desk.company.store->audit().rows(0, 100);
  CO_ASSERT_OK(rows);
  for (const auto& row : *rows) {
    if (row.entry.action != "case.investigate") continue;
    EXPECT_EQ(row.entry.actor, "ann");
    subjects.push_back(row.entry.subject);
  }
  EXPECT_EQ(subjects, (std::vector<std::string>{"A-1", "C-2", "C-3"}));
  co_await desk.stop();
}

ASYNC_TEST(Investigate, says_what_it_cannot_do) {
  Desk desk(io);
  const auto nothing = co_await desk.company.say("ann", "investigate");
  EXPECT_SAYS(nothing, "What shall I look into?");
  const auto viewer = co_await desk.company.say("vic", "investigate 203.0.113.7");
  CO_ASSERT_OK(viewer);
  const auto coverage = co_await desk.company.store->alerts().coverage();
  CO_ASSERT_OK(coverage);
  EXPECT_EQ(coverage->received, 0);
  // Nobody places alerts at the moment: it is on disk, and that is said.
  const auto waits = co_await desk.company.say("ann", "investigate something odd");
  EXPECT_SAYS(waits, "It is A-1 and becomes a case in a moment: 'show A-1'.");
  EXPECT_SAYS(waits, "I found no address");
  co_await desk.stop();
}

}  // namespace
}  // namespace vedette::test
