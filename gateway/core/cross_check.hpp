// Cross-check: two instruments at one workplace that measure the same should show the same. Which of two is wrong is
// not known: readings keep their flags, and a person is asked to look.
#pragma once

#include <array>
#include <optional>

#include "core/reading.hpp"
#include "core/window.hpp"

namespace hazgate::core {

/// When two means are too far apart: beyond each bound that is given. Figures in the points' unit.
struct CrossCheckRule {
  std::optional<double> ratio;       ///< greatest factor between the means; not for levels in dB
  std::optional<double> difference;  ///< greatest difference
  std::optional<double> above;       ///< judged only while one of the means is above this
  Duration window = std::chrono::minutes(15);
  bool energy_mean = false;  ///< levels in dB
};

class CrossCheck {
 public:
  /// Periods of the two points, in which they are read.
  CrossCheck(const CrossCheckRule& rule, std::array<Duration, 2> periods);

  /// A reading of the first (0) or second (1) point. It stands for the time since the one before, at most 3 periods;
  /// only N, S and L count.
  void add(std::size_t side, Timestamp at, const Sample& sample);

  /// Compares the means; false where nothing can be said: one of them covers less than 75 % of the window, or both are
  /// too low. They disagree from the first comparison that says so, until all comparisons over a whole window agreed.
  bool judge(Timestamp now);
  bool disagree() const { return disagree_; }
  double mean(std::size_t side) const { return means_[side]; }  ///< as of the last comparison

  void save(StateWriter& to) const;
  /// What save() gave under the same rule and periods; anything else is refused without a change.
  bool load(std::span<const std::byte> state);

 private:
  struct Side {
    SlidingMean window;
    Duration period{};
    Timestamp last{};
  };
  bool apart() const;

  CrossCheckRule rule_;
  std::array<Side, 2> sides_;
  std::array<double, 2> means_{no_value, no_value};
  std::optional<Timestamp> agree_since_;
  bool disagree_ = false;
};

}  // namespace hazgate::core
