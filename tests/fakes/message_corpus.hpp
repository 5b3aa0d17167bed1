#pragma once
// Everything Vedette would say in chat about a case, checked by the rules of a platform: its messages, the Home tab, the
// replies to every command, the forms behind its buttons.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/domain/case.hpp"
#include "tests/support/hostile_alerts.hpp"

namespace vedette::test {

// What is wrong with what a platform is sent, one sentence each.
struct PlatformChecks {
  std::string platform;
  std::function<std::vector<std::string>(const chat::Card&)> message;
  std::function<std::vector<std::string>(const chat::Card&)> home;  // may be empty: there is none
  std::function<std::vector<std::string>(const chat::Form&)> form;
};

struct CorpusFindings {
  explicit CorpusFindings(PlatformChecks of) : checks(std::move(of)) {}
  PlatformChecks checks;

  size_t cards = 0;
  size_t forms = 0;
  std::map<std::string, size_t> replies;  // by verb
  std::vector<std::string> problems;      // the first hundred

  void add(const std::string& where, std::vector<std::string> more);
};

// As intake makes alerts of a document; one that no format knows becomes what a mapping without any hit makes of it.
std::vector<Alert> alerts_of(const std::string& document);

// The Home tab is the slowest part: left out where many cases are checked that differ little for it.
void check_case(const std::string& name, const CaseView& view, CorpusFindings& findings, bool with_home = true);
// Cards and forms that nothing makes.
void check_anything(Hostile& hostile, size_t rounds, CorpusFindings& findings);
// The alerts in a store of their own, each a case that was judged, and every command carried out about them.
Job check_replies(Executor io, std::vector<Alert> alerts, Hostile& hostile, CorpusFindings& findings);

// The whole of what tests/corpus asks of a platform.
void check_public_alerts(CorpusFindings& findings);
void check_hostile_alerts(CorpusFindings& findings);
void check_case_of_much(CorpusFindings& findings);
Job check_every_reply(Executor io, CorpusFindings& findings);
// Says how much was checked, and fails the running test for each problem.
void expect_none(const CorpusFindings& findings);

}  // namespace vedette::test
