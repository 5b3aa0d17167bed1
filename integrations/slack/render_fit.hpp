#pragma once
// Inside the renderer: finished blocks, and as many of them as one message holds. Pure.

#include <vector>

#include <nlohmann/json.hpp>

#include "integrations/slack/render.hpp"

namespace vedette::slack {

// A finished block and what it weighs.
struct Unit {
  nlohmann::json block;
  size_t lines = 0;
  size_t cost = 0;
  bool keep = false;           // buttons: never left out for want of room
  std::vector<Unit> children;  // of a container, which may be filled in part; its own cost is the frame's
};

// Fills `blocks` and `missing_lines`, front to back; once something does not fit, only buttons may follow, so that the gap
// is in one place.
Message fitted(std::vector<Unit> units, const RenderLimits& limits);

}  // namespace vedette::slack
