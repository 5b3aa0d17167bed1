#include "bot/domain/person.hpp"

#include <algorithm>

namespace vedette {

bool Person::has_role(std::string_view role) const { return std::find(roles.begin(), roles.end(), role) != roles.end(); }

const Person* Directory::find(const Identity& identity) const {
  for (const auto& person : people_) {
    if (std::find(person.identities.begin(), person.identities.end(), identity) != person.identities.end()) return &person;
  }
  return nullptr;
}

const Person* Directory::find(std::string_view person_id) const {
  const auto found =
      std::find_if(people_.begin(), people_.end(), [&](const Person& person) { return person.id == person_id; });
  return found == people_.end() ? nullptr : &*found;
}

}  // namespace vedette
