#pragma once
// A small company for command tests: a store in a folder of its own, people of every role, and one investigated case with
// evidence, a verdict and a proposed action.

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "bot/respond/action_service.hpp"
#include "bot/store/sqlite_store.hpp"
#include "commands/runner.hpp"
#include "tests/support/async_test.hpp"
#include "tests/support/fake_clock.hpp"
#include "tests/support/files.hpp"

namespace vedette::test {

class Company {
 public:
  explicit Company(Executor io, policy::PolicyOptions options = {});
  ~Company();

  // Opens case C-1: password guessing from 203.0.113.7 against ann@corp.example, verdict malicious, R-1 proposes to block.
  Async<CaseId> investigated_case();
  // The analyst looks at C-1 once more; without the proposal it is withdrawn.
  Async<void> next_round(bool still_proposed);
  // One more case without a verdict; each call another one.
  Async<CaseId> plain_case(std::string title, Severity severity);

  // Says it as this person, outside any thread unless `context` is given; empty name: a stranger.
  Async<chat::Reply> say(std::string who, std::string text, CaseId context = {});
  // From any account, as the router does it: who that is, the directory tells.
  Async<chat::Reply> say_from(Identity who, std::string text, std::string channel = "C1");
  Async<chat::Reply> press_from(Identity who, std::string text, std::string channel = "C1");
  Async<chat::Reply> run(chat::Interaction interaction);
  chat::Interaction interaction_from(Identity who, std::string text, std::string channel);
  // The program starts anew over the same store.
  Async<void> restart(std::vector<Person> people);
  std::vector<Person> people() const { return directory.people(); }
  Async<chat::Reply> press(std::string who, std::string text, std::string key = {});
  const Person* person(std::string_view name) const { return directory.find(name); }

  TempDir folder;
  FakeClock clock;
  std::unique_ptr<Store> store;
  policy::Policy policy;
  respond::Providers providers;
  Directory directory;
  std::unique_ptr<chat::LinkBook> links;
  std::unique_ptr<respond::ActionService> service;
  std::unique_ptr<commands::Runner> runner;

 private:
  void open();
  Executor io_;
  chat::Interaction interaction(const std::string& who, std::string text);
  int interactions_ = 0;
  int alerts_ = 0;
};

// All text of a card, block by block.
std::string text_of(const chat::Reply& reply);
// The commands of its buttons.
std::vector<std::string> buttons_of(const chat::Reply& reply);

}  // namespace vedette::test

// The reply, in a variable, is a success and says this.
#define EXPECT_SAYS(reply, part)                                                                    \
  do {                                                                                              \
    CO_ASSERT_OK(reply);                                                                            \
    EXPECT_NE(text_of(*(reply)).find(part), std::string::npos) << "instead: " << text_of(*(reply)); \
  } while (false)
