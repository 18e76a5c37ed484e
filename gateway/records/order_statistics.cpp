// Non-detects by regression on order statistics, and whether a distribution fits.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "records/statistics_parts.hpp"

namespace hazgate::records {

bool lies_lower(const Observation& a, const Observation& b) {
  return a.value != b.value ? a.value < b.value : a.below_loq && !b.below_loq;
}

namespace {

/// Results below one LOQ, and those above it up to the next LOQ, as places among the rising ones.
struct Run {
  std::size_t first = 0, detected = 0, end = 0;
  double exceeds = 1;  ///< probability of a result above this LOQ
};

std::vector<Run> runs(std::span<const Observation> rising) {
  std::vector<Run> found;
  const auto same_loq = [&](std::size_t i, std::size_t first) {
    return i < rising.size() && rising[i].below_loq && rising[i].value == rising[first].value;
  };
  for (std::size_t i = 0; i < rising.size();) {
    Run run{.first = i};
    while (same_loq(i, run.first)) ++i;
    run.detected = i;
    while (i < rising.size() && !rising[i].below_loq) ++i;
    run.end = i;
    found.push_back(run);
  }
  double above_next = 0;
  for (auto run = found.rbegin(); run != found.rend(); ++run) {
    const double share = static_cast<double>(run->end - run->detected) / static_cast<double>(run->end);
    above_next = run->exceeds = above_next + share * (1 - above_next);
  }
  return found;
}

/// Plotting positions of Helsel and Cohn 1988; with nothing below LOQ i / (n + 1).
std::vector<double> plotting_positions(std::span<const Observation> rising) {
  std::vector<double> positions;
  const std::vector<Run> all = runs(rising);
  for (std::size_t j = 0; j < all.size(); ++j) {
    const double below = 1 - all[j].exceeds;
    const double above_next = j + 1 < all.size() ? all[j + 1].exceeds : 0;
    const std::size_t censored = all[j].detected - all[j].first;
    const std::size_t detected = all[j].end - all[j].detected;
    for (std::size_t r = 1; r <= censored; ++r) {
      positions.push_back(below * static_cast<double>(r) / static_cast<double>(censored + 1));
    }
    for (std::size_t r = 1; r <= detected; ++r) {
      positions.push_back(below +
                          (all[j].exceeds - above_next) * static_cast<double>(r) / static_cast<double>(detected + 1));
    }
  }
  return positions;
}

}  // namespace

std::vector<PlotPoint> plot_points(std::span<const Observation> rising) {
  const std::vector<double> positions = plotting_positions(rising);
  std::vector<PlotPoint> points;
  for (std::size_t i = 0; i < rising.size(); ++i) {
    points.push_back({z_quantile(positions[i]), rising[i].value, rising[i].below_loq});
  }
  return points;
}

Moments ros_line(std::span<const double> z, std::span<const double> y, std::size_t n) {
  const Moments of_z = moments(z);
  const Moments of_y = moments(y);
  if (of_y.sd == 0) return {static_cast<double>(n), of_y.mean, 0};
  const double slope = correlation(z, y) * of_y.sd / of_z.sd;
  return {static_cast<double>(n), of_y.mean - slope * of_z.mean, slope};
}

namespace {

double polynomial(std::span<const double> coefficients, double x) {
  double sum = 0;
  for (const double c : coefficients) sum = sum * x + c;
  return sum;
}

/// Weights of the order statistics for the upper half outwards in: a_n, a_(n-1), …             Royston 1992
std::vector<double> shapiro_weights(std::size_t n) {
  const double count = static_cast<double>(n);
  if (n == 3) return {std::numbers::sqrt2 / 2};
  std::vector<double> m(n / 2);
  double squares = 0;
  for (std::size_t i = 0; i < m.size(); ++i) {
    m[i] = -z_quantile((static_cast<double>(i) + 1 - 0.375) / (count + 0.25));
    squares += 2 * square(m[i]);
  }
  const double u = 1 / std::sqrt(count);
  const double norm = std::sqrt(squares);
  const std::array outer{-2.706056, 4.434685, -2.071190, -0.147981, 0.221157, m[0] / norm};
  const std::size_t given = n > 5 ? 2 : 1;
  std::vector<double> weights{polynomial(outer, u)};
  if (given == 2) {
    weights.push_back(polynomial(std::array{-3.582633, 5.682633, -1.752461, -0.293762, 0.042981, m[1] / norm}, u));
  }
  double rest = squares;
  double left = 1;
  for (std::size_t i = 0; i < given; ++i) {
    rest -= 2 * square(m[i]);
    left -= 2 * square(weights[i]);
  }
  for (std::size_t i = given; i < m.size(); ++i) weights.push_back(m[i] / std::sqrt(rest / left));
  return weights;
}

/// Probability of a W at most this.                                                            Royston 1995
double shapiro_probability(double w, std::size_t n) {
  const double count = static_cast<double>(n);
  if (n == 3) {
    return std::max(0.0, 6 / std::numbers::pi * (std::asin(std::sqrt(w)) - std::asin(std::sqrt(0.75))));
  }
  const double past = std::log(std::max(1 - w, std::numeric_limits<double>::min()));
  if (n <= 11) {
    const double gamma = -2.273 + 0.459 * count;
    if (past >= gamma) return 0;
    const double mean = polynomial(std::array{-6.714e-4, 0.025054, -0.39978, 0.5440}, count);
    const double sd = std::exp(polynomial(std::array{-0.0020322, 0.062767, -0.77857, 1.3822}, count));
    return phi(-(-std::log(gamma - past) - mean) / sd);
  }
  const double x = std::log(count);
  const double mean = polynomial(std::array{0.0038915, -0.083751, -0.31082, -1.5861}, x);
  const double sd = std::exp(polynomial(std::array{0.0030302, -0.082676, -0.4803}, x));
  return phi(-(past - mean) / sd);
}

/// Probability of a Shapiro-Francia W' at most this.                                           Royston 1993
double francia_probability(double w, double n) {
  const double log_log = std::log(std::log(n));
  const double mean = -1.2725 + 1.0521 * (log_log - std::log(n));
  const double sd = 1.0308 - 0.26758 * (log_log + 2 / std::log(n));
  return phi(-(std::log(std::max(1 - w, std::numeric_limits<double>::min())) - mean) / sd);
}

}  // namespace

std::optional<FitFigure> ros_fit(std::span<const double> z, std::span<const double> y) {
  if (moments(y).sd == 0) return {};
  FitFigure figure{.statistic = correlation(z, y)};
  if (y.size() >= 5) figure.p = francia_probability(square(figure.statistic), static_cast<double>(y.size()));
  return figure;
}

std::optional<FitFigure> shapiro_wilk(std::span<const double> values) {
  const std::size_t n = values.size();
  if (n < 3 || n > 5000) return {};
  std::vector<double> rising(values.begin(), values.end());
  std::ranges::sort(rising);
  const Moments m = moments(rising);
  if (m.sd == 0) return {};
  const std::vector<double> weights = shapiro_weights(n);
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += weights[i] * (rising[n - 1 - i] - rising[i]);
  const double w = std::min(1.0, square(sum) / ((m.n - 1) * square(m.sd)));
  return FitFigure{.statistic = w, .p = shapiro_probability(w, n)};
}

}  // namespace hazgate::records
