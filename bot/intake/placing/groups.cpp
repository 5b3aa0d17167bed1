#include "bot/intake/placing/groups.hpp"

#include <map>
#include <numeric>

#include "bot/intake/placing/joining_entities.hpp"

namespace vedette::intake {
namespace {

// Disjoint sets over the positions of the batch; the smallest position stands for its set.
class Sets {
 public:
  explicit Sets(size_t size) : parent_(size) { std::iota(parent_.begin(), parent_.end(), size_t{0}); }
  size_t find(size_t at) {
    while (parent_[at] != at) at = parent_[at] = parent_[parent_[at]];
    return at;
  }
  void unite(size_t a, size_t b) {
    a = find(a);
    b = find(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<size_t> parent_;
};

}  // namespace

std::vector<std::vector<Alert>> independent_groups(std::vector<Alert> batch) {
  Sets sets(batch.size());
  std::map<Entity, size_t> first_with;
  for (size_t i = 0; i < batch.size(); ++i) {
    auto entities = joining_entities(batch[i]);
    // The subject ties repeats together even where it is too common to tie anything else.
    if (!batch[i].entities.empty()) entities.push_back(batch[i].entities.front());
    for (auto& entity : entities) {
      const auto [known, fresh] = first_with.try_emplace(std::move(entity), i);
      if (!fresh) sets.unite(known->second, i);
    }
  }
  std::vector<std::vector<Alert>> groups;
  std::map<size_t, size_t> group_of;
  for (size_t i = 0; i < batch.size(); ++i) {
    const auto [known, fresh] = group_of.try_emplace(sets.find(i), groups.size());
    if (fresh) groups.emplace_back();
    groups[known->second].push_back(std::move(batch[i]));
  }
  return groups;
}

}  // namespace vedette::intake
