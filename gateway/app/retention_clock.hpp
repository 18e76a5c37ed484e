// The clock by which what is stored grows old enough to go. What retention has deleted no corrected clock brings back:
// so it follows the system's clock, but once it has run for a day never faster than twice the time that really passes.
#pragma once

#include <algorithm>
#include <chrono>

#include "core/reading.hpp"

namespace hazgate::app {

struct RetentionClock {
  core::Timestamp at;
  core::Duration ran{};  ///< of the gateway, all its runs together

  /// What counts as now. `system`: the system's clock; `elapsed`: since the last call, by a clock that does not step.
  core::Timestamp follow(core::Timestamp system, core::Duration elapsed) {
    ran += elapsed;
    // A box whose clock is set only after its first start would else lag behind for years.
    at = ran < std::chrono::hours(24) ? system : std::max(at, std::min(system, at + 2 * elapsed));
    return std::min(at, system);
  }
};

}  // namespace hazgate::app
