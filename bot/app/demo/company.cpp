#include "bot/app/demo/company.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <fmt/format.h>

namespace vedette::app::demo {

uint64_t Random::next() {
  state_ += 0x9E3779B97F4A7C15ull;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

int Random::below(int limit) { return static_cast<int>(next() % static_cast<uint64_t>(limit)); }
bool Random::chance(double probability) { return static_cast<double>(next() >> 11) / 9007199254740992.0 < probability; }

std::string Random::hex(size_t digits) {
  std::string text;
  while (text.size() < digits) text += fmt::format("{:016x}", next());
  return text.substr(0, digits);
}

const Employee& Company::person(std::string_view login) const {
  const auto found = std::find_if(people.begin(), people.end(), [&](const Employee& e) { return e.login == login; });
  if (found == people.end()) throw std::logic_error("no such employee");
  return *found;
}

const Employee& Company::someone_in(Department department, size_t index) const {
  std::vector<const Employee*> members;
  for (const auto& employee : people) {
    if (employee.department == department) members.push_back(&employee);
  }
  return *members.at(index % members.size());
}

const Server& Company::server(std::string_view name) const {
  const auto found = std::find_if(servers.begin(), servers.end(), [&](const Server& s) { return s.name == name; });
  if (found == servers.end()) throw std::logic_error("no such server");
  return *found;
}

Company make_company(uint64_t seed) {
  constexpr std::array<std::string_view, 30> kFirst = {
      "Mara",  "Jonas", "Priya", "Tomas",  "Leila", "Henrik", "Aiko",  "Diego", "Nora",  "Samir",
      "Elena", "Owen",  "Farah", "Lukas",  "Ines",  "Kofi",   "Greta", "Ravi",  "Clara", "Mateo",
      "Yara",  "Felix", "Amina", "Victor", "Sofia", "Emil",   "Hana",  "Bruno", "Tessa", "Idris"};
  constexpr std::array<std::string_view, 15> kLast = {"Lindqvist", "Okafor", "Brandt", "Silva",  "Haddad",
                                                      "Novak",     "Tanaka", "Moreau", "Petrov", "Costa",
                                                      "Nyberg",    "Rossi",  "Mensah", "Keller", "Dahl"};
  constexpr std::array<Department, 6> kDepartments = {Department::finance,    Department::sales,  Department::engineering,
                                                      Department::operations, Department::people, Department::it};
  Random random(seed);
  Company company;
  for (size_t i = 0; i < kFirst.size(); ++i) {
    Employee employee;
    const auto last = kLast[static_cast<size_t>(random.below(static_cast<int>(kLast.size())))];
    employee.name = fmt::format("{} {}", kFirst[i], last);
    employee.login = fmt::format("{}.{}", kFirst[i], last);
    std::transform(employee.login.begin(), employee.login.end(), employee.login.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    employee.mail = employee.login + "@" + company.domain;
    employee.department = kDepartments[i % kDepartments.size()];
    employee.workstation = fmt::format("ws-{:02}", i + 1);
    employee.workstation_ip = fmt::format("10.20.1.{}", 11 + i);
    employee.home_ip = fmt::format("198.51.100.{}", 20 + i * 5);
    if (employee.department == Department::engineering || employee.department == Department::it) {
      employee.access_key = fmt::format("AKIAHALDEN{:010}", random.below(1'000'000'000));
    }
    company.people.push_back(std::move(employee));
  }
  constexpr std::array<std::string_view, 10> kServers = {"dc-01",    "fs-01",   "db-01",     "web-01",  "web-02",
                                                         "build-01", "jump-01", "backup-01", "scan-01", "mail-01"};
  for (size_t i = 0; i < kServers.size(); ++i) {
    company.servers.push_back({std::string(kServers[i]), fmt::format("10.20.0.{}", 10 + i)});
  }
  return company;
}

}  // namespace vedette::app::demo
