#include "bot/domain/person.hpp"

#include <algorithm>

namespace vedette {

bool Person::has_role(std::string_view role) const { return std::find(roles.begin(), roles.end(), role) != roles.end(); }

const Person* Directory::configured(const Identity& identity) const {
  for (const auto& person : people_) {
    if (std::find(person.identities.begin(), person.identities.end(), identity) != person.identities.end()) return &person;
  }
  return nullptr;
}

const Person* Directory::find(const Identity& identity) const {
  if (const Person* person = configured(identity)) return person;
  const auto linked = in_force_.find(identity);
  return linked == in_force_.end() ? nullptr : find(std::string_view(linked->second));
}

const Person* Directory::find(std::string_view person_id) const {
  const auto found =
      std::find_if(people_.begin(), people_.end(), [&](const Person& person) { return person.id == person_id; });
  return found == people_.end() ? nullptr : &*found;
}

// Whatever does not depend on other links, first.
std::string Directory::why_ignored(const LinkedIdentity& link) const {
  const Person* person = find(std::string_view(link.person));
  if (person == nullptr) return "the configuration knows no such person any more";
  if (const Person* owner = configured(link.identity)) {
    return owner == person ? "the configuration names it already" : "the configuration gives it to @" + owner->id;
  }
  for (const auto& own : person->identities) {
    if (own.platform != link.identity.platform || own.workspace != link.identity.workspace) continue;
    return "the configuration names " + own.text() + " there";
  }
  return {};
}

std::vector<KnownAs> Directory::relink(std::vector<LinkedIdentity> links) {
  links_.clear();
  in_force_.clear();
  for (auto& link : links) {
    std::string ignored = why_ignored(link);
    links_.push_back({std::move(link), std::move(ignored)});
  }
  // One link may rest on another: from the configured accounts outwards, until nothing more is reached.
  for (bool more = true; more;) {
    more = false;
    for (const auto& [link, ignored] : links_) {
      if (!ignored.empty() || in_force_.contains(link.identity)) continue;
      const Person* confirmer = find(link.confirmed_by);
      if (confirmer == nullptr || confirmer->id != link.person) continue;
      in_force_.emplace(link.identity, link.person);
      more = true;
    }
  }
  std::vector<KnownAs> aside;
  for (auto& [link, ignored] : links_) {
    if (ignored.empty() && !in_force_.contains(link.identity)) {
      ignored = "the account that confirmed it, " + link.confirmed_by.text() + ", is not @" + link.person + "'s any more";
    }
    if (!ignored.empty()) aside.push_back({link.identity, false, link.confirmed_by, link.since, ignored});
  }
  return aside;
}

std::vector<KnownAs> Directory::accounts_of(std::string_view person_id) const {
  std::vector<KnownAs> accounts;
  if (const Person* person = find(person_id)) {
    for (const auto& identity : person->identities) accounts.push_back({identity, true, {}, {}, {}});
  }
  for (const bool aside : {false, true}) {
    for (const auto& [link, ignored] : links_) {
      if (link.person != person_id || ignored.empty() == aside) continue;
      accounts.push_back({link.identity, false, link.confirmed_by, link.since, ignored});
    }
  }
  return accounts;
}

}  // namespace vedette
