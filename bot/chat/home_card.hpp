#pragma once
// A person's own page: what waits for approval, with its buttons; their cases; what became of the alerts of the last day.
// Who is on call would belong there too; as long as nothing here knows it, nothing is said about it.
//
// StoreHome lives as long as the App and is used on the io thread; what it is given outlives it.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bot/chat/home.hpp"
#include "bot/store/store.hpp"

namespace vedette::chat {

// What is allowed, decided elsewhere: an empty answer allows, any other is the sentence that says why not.
struct HomeRights {
  // The person with the roles a platform adds at this moment; may be empty.
  std::function<boost::asio::awaitable<Person>(Identity who, Person person)> with_roles;
  std::function<std::string(const Person&)> why_not_read;
  std::function<std::string(const Person&, const Action&)> why_not_decide;
};

struct HomeContent {
  struct Pending {
    Action action;
    std::string why_not;  // this person may not decide on it; empty: they may
  };
  std::vector<Pending> pending;
  bool more_pending = false;
  std::vector<Case> cases;  // open and theirs, the newest first
  bool more_cases = false;
  std::vector<Case> snoozed;  // theirs too, and left out of `cases`
  bool more_snoozed = false;
  Coverage day;
};

inline constexpr size_t kHomeActions = 10;
inline constexpr size_t kHomeCases = 20;

// Pure.
Card home_card(const HomeContent& content);

class StoreHome final : public HomePages {
 public:
  StoreHome(Store& store, const Directory& directory, HomeRights rights, const Clock& clock);
  Async<Card> home_of(Identity who) override;

 private:
  Async<Coverage> coverage_of_the_day();

  Store& store_;
  const Directory& directory_;
  HomeRights rights_;
  const Clock& clock_;
  Coverage day_;  // as `counted_`; a few seconds old at most
  std::optional<SteadyTime> counted_;
};

}  // namespace vedette::chat
