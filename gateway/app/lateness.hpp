// How late polls start, as a histogram of fixed size: percentiles without keeping the samples.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

namespace hazgate::app {

/// 0.1 ms steps up to 1 s; later ones count in the last step, the worst is kept exactly.
class Lateness {
 public:
  void add(std::chrono::microseconds late) {
    worst_ = std::max(worst_, late);
    const auto step = std::clamp<std::int64_t>(late.count() / 100, 0, steps - 1);
    ++counts_[static_cast<std::size_t>(step)];
    ++total_;
  }
  /// Upper edge of the step that holds the share `q` (0..1) of all polls; 0 before the first.
  double percentile_ms(double q) const {
    const auto wanted = static_cast<std::uint64_t>(q * static_cast<double>(total_));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (total_ > 0 && seen >= std::max<std::uint64_t>(1, wanted))
        return std::min(static_cast<double>(i + 1) * 0.1, worst_ms());
    }
    return 0;
  }
  double worst_ms() const { return static_cast<double>(worst_.count()) / 1000.0; }

 private:
  static constexpr std::int64_t steps = 10'000;
  std::array<std::uint64_t, steps> counts_{};
  std::uint64_t total_ = 0;
  std::chrono::microseconds worst_{};
};

}  // namespace hazgate::app
