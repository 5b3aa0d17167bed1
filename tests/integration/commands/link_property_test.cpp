// Accounts offer, use, confirm, refuse and unlink at random, in time and too late, over restarts. Beside it a small model
// that knows no store: what it says about who is who has to hold at any moment.

#include <random>
#include <set>

#include "bot/base/text.hpp"
#include "tests/integration/commands/linking.hpp"

namespace vedette::test {
namespace {

using namespace std::chrono_literals;

constexpr int kSeeds = 4;
constexpr int kSteps = 250;

struct ModelOffer {
  Identity by;
  std::string person;
  std::string code;
  Time expires;
  std::optional<Identity> used_by;
  bool open = true;
};

struct World {
  World(Executor io, unsigned seed) : company(std::move(io)), random(seed) {
    for (const std::string name : {"ann", "ben", "cat"}) {
      configured[Identity("console", "", name)] = name;
      configured[slack_of(name)] = name;
    }
    for (const auto& [identity, person] : configured) accounts.push_back(identity);
    for (const std::string name : {"ann", "ben", "x", "y"}) accounts.push_back(teams_of(name));
    accounts.emplace_back("slack", "T2", "U-ann");
    accounts.emplace_back("slack", "T1", "U-new");
    accounts.emplace_back("matrix", "", "m");
  }
  size_t below(size_t limit) { return std::uniform_int_distribution<size_t>(0, limit - 1)(random); }
  const Identity& any_account() { return accounts[below(accounts.size())]; }

  // Who somebody is by the model: configured, or linked through an account that is theirs.
  std::string person_of(const Identity& identity) const {
    if (const auto found = configured.find(identity); found != configured.end()) return found->second;
    const auto link = links.find(identity);
    if (link == links.end() || person_of(link->second.confirmed_by) != link->second.person) return {};
    return link->second.person;
  }
  bool has_account_at(const std::string& person, const Identity& like) const {
    for (const auto& account : accounts) {
      const bool there = account.platform == like.platform && account.workspace == like.workspace;
      const auto link = links.find(account);
      const bool stored = link != links.end() && link->second.person == person;
      if (there && (person_of(account) == person || stored)) return true;
    }
    return false;
  }
  void withdraw(const Identity& by) {
    for (auto& offer : offers) {
      if (offer.by == by) offer.open = false;
    }
  }

  Company company;
  std::mt19937 random;
  std::map<Identity, std::string> configured;
  std::vector<Identity> accounts;
  std::vector<ModelOffer> offers;            // number n is offers[n - 1]
  std::map<Identity, LinkedIdentity> links;  // in force or not
};

// Everything the model and the program can be compared in.
boost::asio::awaitable<void> expect_same(World& world, const std::string& after) {
  for (const auto& account : world.accounts) {
    const Person* person = world.company.directory.find(account);
    EXPECT_EQ(person == nullptr ? "" : person->id, world.person_of(account)) << account.text() << " after " << after;
  }
  const auto stored = co_await world.company.store->links().all();
  CO_ASSERT_OK(stored);
  EXPECT_EQ(stored->size(), world.links.size()) << after;
  std::set<std::pair<std::string, std::string>> places;
  for (const auto& link : *stored) {
    const auto known = world.links.find(link.identity);
    CO_ASSERT_TRUE(known != world.links.end());
    EXPECT_EQ(link.person, known->second.person) << after;
    const bool first = places.emplace(link.person, link.identity.platform + "/" + link.identity.workspace).second;
    EXPECT_TRUE(first) << link.person << " has two accounts in " << link.identity.workspace << " after " << after;
  }
}

Async<void> offer(World& world, const Identity& who) {
  const Time now = world.company.clock.now();
  const std::string person = world.person_of(who);
  bool question_open = false;
  for (const auto& made : world.offers) question_open |= made.open && made.used_by && made.by == who && now < made.expires;
  CO_TRY(const auto reply, world.company.say_from(who, "link"));
  const std::string code = code_in(reply);
  EXPECT_EQ(!code.empty(), !person.empty() && !question_open) << text_of(reply);
  if (code.empty()) co_return Status();
  world.withdraw(who);
  ModelOffer made;
  made.by = who;
  made.person = person;
  made.code = code;
  made.expires = now + commands::kCodeGood;
  world.offers.push_back(std::move(made));
  co_return Status();
}

// Guessing is not what this is about: only codes that were given.
Async<void> use(World& world, const Identity& who) {
  if (world.offers.empty()) co_return Status();
  const size_t recent = std::min<size_t>(world.offers.size(), 4);
  auto& chosen = world.offers[world.offers.size() - 1 - world.below(recent)];
  const Time now = world.company.clock.now();
  const std::string code = chosen.code;
  CO_TRY(const auto reply, say_code(world.company, who, code));
  const bool asked = text_of(reply).find("I have asked") != std::string::npos;
  const bool fresh = chosen.open && !chosen.used_by && now < chosen.expires;
  const bool again = chosen.open && chosen.used_by == who && now < chosen.expires;
  const bool fits = world.person_of(who).empty() && world.links.count(who) == 0 &&
                    world.person_of(chosen.by) == chosen.person && !world.has_account_at(chosen.person, who);
  const bool paused = text_of(reply).find("Too many codes") != std::string::npos;
  if (paused) {
    EXPECT_FALSE(asked);
    co_return Status();
  }
  EXPECT_EQ(asked, (fresh && fits) || (again && world.person_of(who).empty())) << text_of(reply);
  if (!asked || again) co_return Status();
  chosen.used_by = who;
  chosen.expires = now + commands::kQuestionOpen;
  co_return Status();
}

Async<void> answer(World& world, const Identity& who, bool yes) {
  if (world.offers.empty()) co_return Status();
  const size_t recent = std::min<size_t>(world.offers.size(), 5);
  const size_t index = world.offers.size() - 1 - world.below(recent);
  auto& chosen = world.offers[index];
  // Mostly whom it was asked; now and then somebody else tries.
  const Identity by = world.below(4) == 0 ? who : chosen.by;
  const Time now = world.company.clock.now();
  const bool due = chosen.open && chosen.used_by && by == chosen.by && !world.person_of(by).empty() && now < chosen.expires;
  const bool fits = due && world.person_of(by) == chosen.person && world.person_of(*chosen.used_by).empty() &&
                    world.links.count(*chosen.used_by) == 0 && !world.has_account_at(chosen.person, *chosen.used_by);
  std::string text = (yes ? "link confirm " : "link refuse ") + std::to_string(index + 1);
  CO_TRY_VOID(world.company.press_from(by, std::move(text)));
  if (yes ? !fits : !due) co_return Status();
  chosen.open = false;
  if (!yes) co_return Status();
  LinkedIdentity link;
  link.person = chosen.person;
  link.identity = *chosen.used_by;
  link.confirmed_by = by;
  world.links[link.identity] = link;
  co_return Status();
}

Async<void> unlink(World& world, const Identity& who) {
  if (world.links.empty()) co_return Status();
  auto chosen = world.links.begin();
  std::advance(chosen, static_cast<std::ptrdiff_t>(world.below(world.links.size())));
  const Identity identity = chosen->first;
  const std::string person = world.person_of(who);
  const bool may = person == chosen->second.person || person == "cat";  // an administrator
  CO_TRY_VOID(world.company.say_from(who, "unlink " + identity.text()));
  if (!may) co_return Status();
  world.links.erase(identity);
  for (auto& offer : world.offers) {
    if (offer.by == identity || offer.used_by == identity) offer.open = false;
  }
  co_return Status();
}

boost::asio::awaitable<void> take_step(World& world) {
  const Identity who = world.any_account();
  const size_t choice = world.below(20);
  Result<void> done;
  std::string what;
  if (choice < 5) {
    what = "an offer";
    done = co_await offer(world, who);
  } else if (choice < 10) {
    what = "a code";
    done = co_await use(world, who);
  } else if (choice < 15) {
    what = "a yes";
    done = co_await answer(world, who, true);
  } else if (choice < 16) {
    what = "a no";
    done = co_await answer(world, who, false);
  } else if (choice < 17) {
    what = "unlinking";
    done = co_await unlink(world, who);
  } else if (choice < 19) {
    what = "time";
    world.company.clock.advance(std::chrono::minutes(1 + world.below(12)));
  } else {
    what = "a restart";
    done = co_await world.company.restart(world.company.people());
  }
  EXPECT_TRUE(done.has_value()) << what << ": " << done.error().message;
  co_await expect_same(world, what);
}

ASYNC_TEST(LinkProperty, nobody_is_two_people_and_nothing_is_linked_from_one_side) {
  size_t linked_ever = 0;
  for (unsigned seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(io, seed);
    for (int step = 0; step < kSteps && !testing::Test::HasFailure(); ++step) co_await take_step(world);
    // Behind every link stand an offer and a confirmation by the one account and the use by the other.
    std::map<std::string, std::map<std::string, std::string>> steps;
    int64_t seen = 0;
    while (true) {
      const auto rows = co_await world.company.store->audit().rows(seen, 500);
      CO_ASSERT_OK(rows);
      if (rows->empty()) break;
      for (const auto& row : *rows) steps[row.entry.subject][row.entry.action] = row.entry.identity;
      seen = rows->back().sequence;
    }
    for (const auto& [subject, taken] : steps) {
      if (taken.count("link.confirm") == 0) continue;
      ++linked_ever;
      EXPECT_EQ(taken.at("link.confirm"), taken.at("link.offer")) << subject;
      CO_ASSERT_TRUE(taken.count("link.use") == 1);
      EXPECT_NE(taken.at("link.use"), taken.at("link.offer")) << subject;
    }
    const auto check = co_await world.company.store->audit().verify();
    EXPECT_TRUE(check->intact) << check->reason;
  }
  EXPECT_GE(linked_ever, 10u) << "the steps have to lead somewhere";
}

}  // namespace
}  // namespace vedette::test
