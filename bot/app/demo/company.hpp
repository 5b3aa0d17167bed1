#pragma once
// The simulated company of `vedette demo`: people, computers, addresses. Everything follows from the seed.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bot/base/clock.hpp"

namespace vedette::app::demo {

// A small generator whose results are the same on every machine (SplitMix64).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t next();
  int below(int limit);  // 0 … limit-1
  bool chance(double probability);
  std::string hex(size_t digits);
  template <class T>
  const T& pick(const std::vector<T>& values) {
    return values[static_cast<size_t>(below(static_cast<int>(values.size())))];
  }

 private:
  uint64_t state_;
};

enum class Department { finance, sales, engineering, operations, people, it };

struct Employee {
  std::string login;
  std::string name;
  std::string mail;
  Department department = Department::sales;
  std::string workstation;  // host name
  std::string workstation_ip;
  std::string home_ip;     // where they sign in from outside the office
  std::string access_key;  // cloud key; engineers only
};

struct Server {
  std::string name;
  std::string ip;
};

struct Company {
  std::string domain = "halden.example";
  std::string windows_domain = "HALDEN";
  std::string cloud_account = "111122223333";
  std::string office_ip = "192.0.2.10";
  std::string pipeline_key = "AKIAHALDENPIPELINE01";
  std::vector<Employee> people;  // 30
  std::vector<Server> servers;   // 10
  const Employee& person(std::string_view login) const;
  const Employee& someone_in(Department department, size_t index) const;
  const Server& server(std::string_view name) const;
};

Company make_company(uint64_t seed);

// A log record or an alert in the vendor's own format.
struct Record {
  std::string stream;  // dataset of a log record, source of an alert
  Time time;
  std::string json;
};

}  // namespace vedette::app::demo
