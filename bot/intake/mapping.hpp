#pragma once
// The "mapped" format: where the parts of an alert stand in a foreign JSON, as JSON pointers (RFC 6901) from the config.
// A text that does not start with '/' is taken as it is. Plain values.

#include <map>
#include <string>
#include <vector>

#include "bot/base/result.hpp"
#include "bot/domain/entity.hpp"
#include "bot/domain/severity.hpp"

namespace vedette::intake {

struct MappedEntity {
  EntityType type = EntityType::host;
  std::string pointer;  // one value, or a list of them
};

struct Mapping {
  std::string records;  // pointer to the list of alerts; empty: the document, or each element of it when it is a list
  std::string title;
  std::string description;
  std::string time;  // RFC 3339, or seconds … nanoseconds since 1970
  std::string severity;
  std::map<std::string, Severity>
      severity_values;  // the detector's word or number → ours, in lower case; else the usual names
  std::string rule;
  std::string rule_name;
  std::string category;
  std::string techniques;  // ATT&CK ids are picked out of this text
  std::string id;          // the detector's own id, for finding repeats
  std::string link;
  std::vector<MappedEntity> entities;         // the first one is what the alert is mostly about
  std::map<std::string, std::string> fields;  // ECS field → pointer
};

// Complains about a pointer that is none, and about a mapping that could not give a title.
Status check(const Mapping& mapping);

}  // namespace vedette::intake
