// The clock of readings: UTC that runs on the monotonic clock, so that a step of the system clock is seen, not
// suffered.
#pragma once

#include <chrono>
#include <optional>

#include "core/reading.hpp"

namespace hazgate::app {

/// What the system's clock shows.
inline core::Timestamp system_now() {
  return std::chrono::time_point_cast<core::Duration>(std::chrono::system_clock::now());
}

class WallClock {
 public:
  using Monotonic = std::chrono::steady_clock::time_point;
  WallClock(core::Timestamp utc, Monotonic mono) : utc_(utc), mono_(mono) {}

  core::Timestamp at(Monotonic mono) const { return utc_ + std::chrono::duration_cast<core::Duration>(mono - mono_); }
  /// Compares with the system clock, once a second. Small differences (drift, slewing) are taken over silently; from
  /// half a second on it is a step: taken over too, and returned.
  std::optional<core::Duration> compare(core::Timestamp system, Monotonic mono) {
    const auto difference = system - at(mono);
    utc_ = system;
    mono_ = mono;
    if (difference < step && difference > -step) return std::nullopt;
    return difference;
  }
  static constexpr core::Duration step = std::chrono::milliseconds(500);

 private:
  core::Timestamp utc_;
  Monotonic mono_;
};

}  // namespace hazgate::app
