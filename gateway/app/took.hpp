// How long something takes, over and over, as a histogram of few steps: small enough to be copied with what it is
// about.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

namespace hazgate::app {

struct Took {
  static constexpr std::array<double, 11> steps_s{0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5};
  std::array<std::uint64_t, 11> upto{};  ///< cumulative: as long as its step, or shorter
  std::uint64_t count = 0;
  double sum_s = 0, worst_s = 0;

  void add(std::chrono::steady_clock::duration time) {
    const double s = std::chrono::duration<double>(time).count();
    for (std::size_t i = 0; i < steps_s.size(); ++i)
      if (s <= steps_s[i]) ++upto[i];
    ++count;
    sum_s += s;
    worst_s = std::max(worst_s, s);
  }
};

}  // namespace hazgate::app
