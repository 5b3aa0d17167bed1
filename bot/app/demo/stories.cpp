#include "bot/app/demo/stories.hpp"

#include <algorithm>
#include <iterator>

namespace vedette::app::demo {

std::vector<Story> all_stories() {
  std::vector<Story> good = look_alikes();
  std::vector<Story> bad = attacks();
  std::vector<Story> told;
  for (size_t i = 0; i < std::max(good.size(), bad.size()); ++i) {
    if (i < good.size()) told.push_back(std::move(good[i]));
    if (i < bad.size()) told.push_back(std::move(bad[i]));
  }
  return told;
}

}  // namespace vedette::app::demo
