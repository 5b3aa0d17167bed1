#pragma once
// Everything Vedette would say in Slack about a case, checked: its messages, the Home tab, the replies to every command, the
// forms behind its buttons.

#include <map>
#include <string>
#include <vector>

#include "bot/base/async.hpp"
#include "bot/domain/case.hpp"
#include "tests/support/hostile_alerts.hpp"

namespace vedette::test {

struct SlackFindings {
  size_t cards = 0;
  size_t forms = 0;
  std::map<std::string, size_t> replies;  // by verb
  std::vector<std::string> problems;      // the first hundred

  void add(const std::string& where, std::vector<std::string> more);
};

// The Home tab is the slowest part: left out where many cases are checked that differ little for it.
void check_case(const std::string& name, const CaseView& view, SlackFindings& findings, bool with_home = true);
// Cards and forms that nothing makes.
void check_anything(Hostile& hostile, size_t rounds, SlackFindings& findings);
// The alerts in a store of their own, each a case that was judged, and every command carried out about them.
Job check_replies(Executor io, std::vector<Alert> alerts, Hostile& hostile, SlackFindings& findings);

}  // namespace vedette::test
