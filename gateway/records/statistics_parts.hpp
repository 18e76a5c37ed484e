// What the parts of the statistics have in common: moments, and what each part gives to the others.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

#include "records/statistics.hpp"

namespace hazgate::records {

inline constexpr double interval_tail = 0.05;  ///< of the two-sided 90 %
inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double z_95 = 1.6448536269514722;

inline double phi(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }
double z_quantile(double p);
inline double square(double x) { return x * x; }
/// Part of the limit, without the noise of the division: 0.3 of 3 is a tenth.
inline double share_of(double value, double limit) { return std::round(value / limit * 1e12) / 1e12; }

/// Where a monotone `f` changes its sign between `low` and `high`.
template <class F>
double bisect(const F& f, double low, double high) {
  const bool rising = f(low) < 0;
  for (int step = 0; step < 100 && high - low > 1e-13 * std::max(1.0, std::abs(low) + std::abs(high)); ++step) {
    const double middle = std::midpoint(low, high);
    ((f(middle) < 0) == rising ? low : high) = middle;
  }
  return std::midpoint(low, high);
}

/// Mean and SD (n - 1) of what is normal: of ln x, or of the levels. Equal values have exactly no spread.
struct Moments {
  double n = 0, mean = 0, sd = 0;
};
Moments moments(std::span<const double> values);
std::vector<double> logarithms(std::span<const double> values);
double correlation(std::span<const double> x, std::span<const double> y);

// regression on order statistics
/// Rising; of equal values the one below LOQ first, since it is less.
bool lies_lower(const Observation& a, const Observation& b);
std::vector<PlotPoint> plot_points(std::span<const Observation> rising);
/// Least squares of y on z: `mean` where z = 0, `sd` the slope, `n` of all results.
Moments ros_line(std::span<const double> z, std::span<const double> y, std::size_t n);
std::optional<FitFigure> ros_fit(std::span<const double> z, std::span<const double> y);

Bayes bayes(std::span<const Observation> rising, double log_sd, std::optional<double> limit);

/// What of the limit all of n results must stay below.                                       EN 689:2018 5.5.2
double preliminary_share(std::size_t n);
En689 en689(const GroupStatistics& s, std::span<const Observation> rising, const Basis& basis);
int aiha_category(double ratio);  ///< by P95 / L                                              AIHA exposure rating
/// By GM / OELV; at a bound the earlier date.                                                 EN 689:2018 annex I
int months_to_next(double ratio);

Text meaning(const GroupStatistics& s, bool is_level);

}  // namespace hazgate::records
