// The directory: configured people, and accounts linked to them at run time.

#include <gtest/gtest.h>

#include "bot/domain/person.hpp"

namespace vedette {
namespace {

Person person(std::string id, std::vector<Identity> identities) {
  Person made;
  made.id = std::move(id);
  made.roles = {"analyst"};
  made.identities = std::move(identities);
  return made;
}

const Identity kSlackAnn("slack", "T1", "U-ann");
const Identity kSlackBen("slack", "T1", "U-ben");
const Identity kTeamsAnn("teams", "72f9", "a1");
const Identity kTeamsBen("teams", "72f9", "b1");
const Identity kOther("other", "", "x");

Directory company() { return Directory({person("ann", {kSlackAnn}), person("ben", {kSlackBen})}); }

LinkedIdentity link(std::string to, Identity account, Identity by) {
  LinkedIdentity made;
  made.person = std::move(to);
  made.identity = std::move(account);
  made.confirmed_by = std::move(by);
  return made;
}

TEST(Directory, a_linked_account_is_the_same_person) {
  Directory directory = company();
  const Person* before = directory.find(kSlackAnn);
  EXPECT_EQ(directory.find(kTeamsAnn), nullptr);
  EXPECT_TRUE(directory.relink({link("ann", kTeamsAnn, kSlackAnn)}).empty());
  EXPECT_EQ(directory.find(kTeamsAnn), before) << "who was given out stays valid";
  EXPECT_EQ(before->identities.size(), 1u) << "and as they are";
  const auto accounts = directory.accounts_of("ann");
  ASSERT_EQ(accounts.size(), 2u);
  EXPECT_TRUE(accounts[0].configured);
  EXPECT_FALSE(accounts[1].configured);
  EXPECT_EQ(accounts[1].identity, kTeamsAnn);
  EXPECT_EQ(accounts[1].confirmed_by, kSlackAnn);
  EXPECT_EQ(accounts[1].ignored, "");
  EXPECT_TRUE(directory.relink({}).empty());
  EXPECT_EQ(directory.find(kTeamsAnn), nullptr);
  EXPECT_EQ(directory.find(kSlackAnn), before);
  EXPECT_EQ(directory.accounts_of("ann").size(), 1u);
}

TEST(Directory, the_configuration_wins) {
  Directory directory({person("ann", {kSlackAnn}), person("ben", {kSlackBen, kTeamsBen})});
  const auto aside = directory.relink({link("ann", kTeamsBen, kSlackAnn), link("ben", kTeamsAnn, kSlackBen),
                                       link("ben", kTeamsBen, kSlackBen), link("zoe", kOther, kSlackAnn)});
  ASSERT_EQ(aside.size(), 4u);
  EXPECT_EQ(aside[0].ignored, "the configuration gives it to @ben");
  EXPECT_EQ(aside[1].ignored, "the configuration names teams:72f9/b1 there");
  EXPECT_EQ(aside[2].ignored, "the configuration names it already");
  EXPECT_EQ(aside[3].ignored, "the configuration knows no such person any more");
  EXPECT_EQ(directory.find(kTeamsBen)->id, "ben");
  EXPECT_EQ(directory.find(kTeamsAnn), nullptr);
  EXPECT_EQ(directory.find(kOther), nullptr);
  ASSERT_EQ(directory.accounts_of("ann").size(), 2u);
  EXPECT_EQ(directory.accounts_of("ann")[1].ignored, "the configuration gives it to @ben");
}

TEST(Directory, a_link_holds_as_long_as_the_account_that_confirmed_it) {
  Directory directory = company();
  // One rests on the other, whichever comes first.
  const auto chain = [] { return std::vector{link("ann", kOther, kTeamsAnn), link("ann", kTeamsAnn, kSlackAnn)}; };
  EXPECT_TRUE(directory.relink(chain()).empty());
  EXPECT_EQ(directory.find(kOther)->id, "ann");
  auto cut = chain();
  cut.pop_back();
  const auto aside = directory.relink(cut);
  ASSERT_EQ(aside.size(), 1u);
  EXPECT_EQ(aside[0].ignored, "the account that confirmed it, teams:72f9/a1, is not @ann's any more");
  EXPECT_EQ(directory.find(kOther), nullptr);
  // The configuration has given the first account to somebody else.
  Directory changed({person("ann", {}), person("ben", {kSlackAnn})});
  EXPECT_EQ(changed.relink(chain()).size(), 2u);
  EXPECT_EQ(changed.find(kTeamsAnn), nullptr);
  EXPECT_EQ(changed.find(kOther), nullptr);
  // Two that only confirm each other rest on nothing.
  EXPECT_EQ(directory.relink({link("ann", kOther, kTeamsAnn), link("ann", kTeamsAnn, kOther)}).size(), 2u);
  EXPECT_EQ(directory.find(kOther), nullptr);
}

TEST(Directory, strangers_are_nobody) {
  Directory directory = company();
  EXPECT_EQ(directory.find(Identity("slack", "T2", "U-ann")), nullptr);
  EXPECT_EQ(directory.find(Identity()), nullptr);
  EXPECT_TRUE(directory.accounts_of("zoe").empty());
}

}  // namespace
}  // namespace vedette
