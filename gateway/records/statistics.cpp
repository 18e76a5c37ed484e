#include "records/statistics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <string>
#include <utility>

namespace hazgate::records {

namespace {

constexpr double interval_tail = 0.05;  ///< of the two-sided 90 %
constexpr std::size_t least_for_statistical_test = 6;
constexpr std::size_t least_detected = 3;
/// Concentrations are from 1 / this to this: then every figure of two results is still a number.
constexpr double greatest_value = 1e8;
constexpr double infinity = std::numeric_limits<double>::infinity();

double phi(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }
double z_quantile(double p) { return boost::math::quantile(boost::math::normal(), p); }
constexpr double z_95 = 1.6448536269514722;

double square(double x) { return x * x; }

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

Moments moments(std::span<const double> values) {
  const double n = static_cast<double>(values.size());
  const auto [least, greatest] = std::ranges::minmax(values);
  if (least == greatest) return {n, least, 0};
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double value : values) squares += square(value - mean);
  return {n, mean, std::sqrt(squares / (n - 1))};
}

std::vector<double> logarithms(std::span<const double> values) {
  std::vector<double> logs(values.size());
  std::ranges::transform(values, logs.begin(), [](double x) { return std::log(x); });
  return logs;
}

double correlation(std::span<const double> x, std::span<const double> y) {
  const Moments of_x = moments(x);
  const Moments of_y = moments(y);
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - of_x.mean) * (y[i] - of_y.mean);
  return sum / ((of_x.n - 1) * of_x.sd * of_y.sd);
}

// --- tolerance limits and exceedance

bool has_factor(std::size_t n) { return n >= 2 && n <= most_results; }

}  // namespace

std::optional<double> tolerance_factor(std::size_t n, double confidence, double percentile) {
  if (!has_factor(n)) return {};
  const double root = std::sqrt(static_cast<double>(n));
  const boost::math::non_central_t t(static_cast<double>(n - 1), z_quantile(percentile) * root);
  return boost::math::quantile(t, confidence) / root;
}

std::optional<double> exceedance_limit(double u_r, std::size_t n, double confidence) {
  // Beyond this the fraction is 0 or 1 to the last digit of a double, and the distribution is beyond its series.
  constexpr double farthest = 38;
  if (!has_factor(n) || std::isnan(u_r)) return {};
  const double count = static_cast<double>(n);
  const double root = std::sqrt(count);
  const double reach = 10 * std::sqrt(1 / count + square(u_r) / (2 * (count - 1)));
  const double low = std::max(-farthest, u_r - reach);
  const double high = std::min(farthest, u_r + reach);
  if (std::abs(u_r) >= 1000 || low >= high) return u_r > 0 ? 0.0 : 1.0;
  const auto past = [&](double z) {
    return boost::math::cdf(boost::math::non_central_t(count - 1, z * root), u_r * root) - confidence;
  };
  if (past(high) > 0) return 0.0;
  if (past(low) < 0) return 1.0;
  return phi(-bisect(past, low, high));
}

namespace {

/// F, U_R and what can be said of them with confidence.
Exceedance exceedance(const Moments& m, double limit) {
  const auto n = static_cast<std::size_t>(m.n);
  Exceedance e{.u_t = tolerance_factor(n, 0.70).value()};
  if (m.sd == 0) {
    e.f = e.f_u70 = e.f_u95 = m.mean > limit ? 1 : 0;
    return e;
  }
  e.u_r = (limit - m.mean) / m.sd;
  e.f = phi(-*e.u_r);
  e.f_u70 = exceedance_limit(*e.u_r, n, 0.70).value();
  e.f_u95 = exceedance_limit(*e.u_r, n, 0.95).value();
  return e;
}

// --- confidence intervals

Interval student_interval(const Moments& m) {
  const double half =
      boost::math::quantile(boost::math::students_t(m.n - 1), 1 - interval_tail) * m.sd / std::sqrt(m.n);
  return {m.mean - half, m.mean + half};
}

Interval chi_square_interval(const Moments& m) {
  const boost::math::chi_squared chi(m.n - 1);
  return {m.sd * std::sqrt((m.n - 1) / boost::math::quantile(chi, 1 - interval_tail)),
          m.sd * std::sqrt((m.n - 1) / boost::math::quantile(chi, interval_tail))};
}

/// Simpson's rule.
template <class F>
double integral(const F& f, double from, double to) {
  constexpr int halves = 60;
  const double h = (to - from) / (2 * halves);
  double sum = f(from) + f(to);
  for (int i = 1; i < 2 * halves; ++i) sum += (i % 2 == 1 ? 4 : 2) * f(from + i * h);
  return sum * h / 3;
}

/// P(mean of ln x <= the one seen), given the sum of squares around theta = mu + sigma^2 / 2: were theta true, the
/// distribution does not depend on sigma. With mean - theta = sqrt(w / n) sin a its density is
/// exp(-sqrt(n w) / 2 sin a) cos^(n-2) a.                                                  Land 1971
double land_probability(const Moments& m, double theta) {
  const double squares = (m.n - 1) * square(m.sd) + m.n * square(m.mean - theta);
  const double kappa = std::sqrt(m.n * squares) / 2;
  const double seen = std::asin(std::clamp((m.mean - theta) * std::sqrt(m.n / squares), -1.0, 1.0));
  const auto log_density = [&](double a) { return -kappa * std::sin(a) + (m.n - 2) * std::log(std::cos(a)); };
  const double mode = std::asin(((m.n - 2) - std::hypot(m.n - 2, 2 * kappa)) / (2 * kappa));
  const double width = 1 / std::sqrt(-kappa * std::sin(mode) + (m.n - 2) / square(std::cos(mode)));
  const double peak = log_density(mode);
  const auto density = [&](double a) { return std::exp(log_density(a) - peak); };
  const double low = std::max(-std::numbers::pi / 2, mode - 10 * width);
  const double high = std::min(std::numbers::pi / 2, mode + 10 * width);
  if (seen <= low) return 0;
  if (seen >= high) return 1;
  const double below = integral(density, low, seen);
  return below / (below + integral(density, seen, high));
}

/// Of the mean of log-normal results; from 3 on, as Land's tables.
std::optional<Interval> land_interval(const Moments& m) {
  if (m.n < 3) return {};
  if (m.sd == 0) return Interval{std::exp(m.mean), std::exp(m.mean)};
  const double middle = m.mean + square(m.sd) / 2;
  const auto end = [&](double probability, double direction) {
    const auto past = [&](double theta) { return land_probability(m, theta) - probability; };
    double reach = m.sd + square(m.sd);
    while (past(middle + direction * reach) * direction > 0 && reach < 1e6) reach *= 2;
    return std::exp(bisect(past, middle - reach, middle + reach));
  };
  const Interval found{end(1 - interval_tail, -1), end(interval_tail, +1)};
  if (!std::isfinite(found.upper)) return {};
  return found;
}

// --- regression on order statistics

/// Rising; of equal values the one below LOQ first, since it is less.
bool lies_lower(const Observation& a, const Observation& b) {
  return a.value != b.value ? a.value < b.value : a.below_loq && !b.below_loq;
}

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

std::vector<PlotPoint> plot_points(std::span<const Observation> rising) {
  const std::vector<double> positions = plotting_positions(rising);
  std::vector<PlotPoint> points;
  for (std::size_t i = 0; i < rising.size(); ++i) {
    points.push_back({z_quantile(positions[i]), rising[i].value, rising[i].below_loq});
  }
  return points;
}

/// Least squares of y on z: `mean` where z = 0, `sd` the slope, `n` of all results.
Moments ros_line(std::span<const double> z, std::span<const double> y, std::size_t n) {
  const Moments of_z = moments(z);
  const Moments of_y = moments(y);
  if (of_y.sd == 0) return {static_cast<double>(n), of_y.mean, 0};
  const double slope = correlation(z, y) * of_y.sd / of_z.sd;
  return {static_cast<double>(n), of_y.mean - slope * of_z.mean, slope};
}

// --- goodness of fit

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

std::optional<FitFigure> ros_fit(std::span<const double> z, std::span<const double> y) {
  if (moments(y).sd == 0) return {};
  FitFigure figure{.statistic = correlation(z, y)};
  if (y.size() >= 5) figure.p = francia_probability(square(figure.statistic), static_cast<double>(y.size()));
  return figure;
}

}  // namespace

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

namespace {

// --- Bayes

/// ln sigma is normal: the prior "informedvar" of webexpo.
constexpr double prior_mean = -0.1744, prior_precision = 2.5523;

/// ln Phi(z), also where Phi underflows.
double log_phi(double z) {
  return z > -30 ? std::log(phi(z)) : -square(z) / 2 - std::log(-z * std::sqrt(2 * std::numbers::pi));
}

/// The data as the likelihood sees them.
struct Evidence {
  double detected = 0, mean = 0, squares = 0;  ///< of ln x above LOQ; squares around their mean
  struct Censored {
    double log_loq = 0, count = 0;
  };
  std::vector<Censored> below;
};

double log_posterior(const Evidence& seen, double mu, double log_sigma) {
  const double sigma = std::exp(log_sigma);
  double sum = -seen.detected * log_sigma -
               (seen.squares + seen.detected * square(seen.mean - mu)) / (2 * square(sigma)) -
               square(log_sigma - prior_mean) * prior_precision / 2;
  for (const auto& [log_loq, count] : seen.below) sum += count * log_phi((log_loq - mu) / sigma);
  return sum;
}

/// Greatest posterior over mu for one sigma, and the width of a normal curve that fits there.
struct Peak {
  double mu = 0, width = 0;
};

Peak peak_over_mu(const Evidence& seen, double log_sigma, double start) {
  const double sigma = std::exp(log_sigma);
  double mu = start;
  double curvature = 0;
  for (int step = 0; step < 100; ++step) {
    double slope = seen.detected * (seen.mean - mu) / square(sigma);
    curvature = seen.detected / square(sigma);
    for (const auto& [log_loq, count] : seen.below) {
      const double z = (log_loq - mu) / sigma;
      const double mills = std::exp(-square(z) / 2 - log_phi(z)) / std::sqrt(2 * std::numbers::pi);
      slope -= count * mills / sigma;
      curvature += count * mills * (mills + z) / square(sigma);
    }
    mu += slope / curvature;
    if (std::abs(slope / curvature) < 1e-9 * sigma) break;
  }
  return {mu, 1 / std::sqrt(curvature)};
}

/// The posterior on a grid: rows of equal ln sigma, each with its own steps of mu around its peak. Between the steps
/// the density is taken as linear.
class Posterior {
 public:
  Posterior(const Evidence& seen, double log_sd) {
    const auto [from, to, greatest] = sigma_range(seen, log_sd);
    step_ = (to - from) / (rows - 1);
    double mu = seen.mean;
    for (int i = 0; i < rows; ++i) {
      const double log_sigma = from + i * step_;
      const Peak peak = peak_over_mu(seen, log_sigma, mu);
      mu = peak.mu;
      rows_.push_back(row(seen, log_sigma, peak, greatest));
    }
    std::vector<double> masses;
    for (const Row& r : rows_) masses.push_back(r.cumulative.back());
    mass_ = std::accumulate(masses.begin(), masses.end(), 0.0);
    sigma_density_ = masses;
    sigma_cumulative_ = accumulate(masses, step_);
  }

  /// P(mu <= bound(sigma)).
  template <class Bound>
  double probability(const Bound& bound) const {
    double sum = 0;
    for (const Row& r : rows_) {
      sum += between(r.density, r.cumulative, (bound(r.sigma) - r.start) / r.step);
    }
    return sum / mass_;
  }

  /// The quantile of what is at most `a` exactly where mu <= bound(a, sigma).
  template <class Bound>
  double quantile(const Bound& bound, double p) const {
    const auto past = [&](double a) { return probability([&](double sigma) { return bound(a, sigma); }) - p; };
    return bisect(past, -1e6, 1e6);
  }

  double log_sigma_quantile(double p) const {
    const double share = p * sigma_cumulative_.back();
    const double place =
        bisect([&](double at) { return between(sigma_density_, sigma_cumulative_, at) - share; }, 0, rows - 1);
    return std::log(rows_.front().sigma) + place * step_;
  }

 private:
  static constexpr int rows = 81, columns = 126;
  static constexpr double from_peak = -12, to_peak = 8;  ///< in widths: results below LOQ draw the curve out downwards

  struct Row {
    double sigma = 0, start = 0, step = 0;
    std::vector<double> density, cumulative;
  };
  struct Range {
    double from = 0, to = 0, greatest = -infinity;
  };

  /// Where the posterior of ln sigma is not negligible, e^-25 of its greatest value.
  static Range sigma_range(const Evidence& seen, double log_sd) {
    constexpr int steps = 240;
    constexpr double negligible = 25;
    const double low = std::min(log_sd, prior_mean) - 4;
    const double step = (std::max(log_sd, prior_mean) + 4 - low) / steps;
    std::array<double, steps + 1> heights{};
    double mu = seen.mean;
    for (int i = steps; i >= 0; --i) {
      const Peak peak = peak_over_mu(seen, low + i * step, mu);
      mu = peak.mu;
      heights[static_cast<std::size_t>(i)] = log_posterior(seen, mu, low + i * step) + std::log(peak.width);
    }
    Range range{.greatest = *std::ranges::max_element(heights)};
    const auto counts = [&](double height) { return height > range.greatest - negligible; };
    const auto first = std::ranges::find_if(heights, counts) - heights.begin();
    const auto last = std::find_if(heights.rbegin(), heights.rend(), counts).base() - heights.begin();
    range.from = low + static_cast<double>(first - 1) * step;
    range.to = low + static_cast<double>(last) * step;
    return range;
  }

  static Row row(const Evidence& seen, double log_sigma, const Peak& peak, double greatest) {
    Row r{.sigma = std::exp(log_sigma),
          .start = peak.mu + from_peak * peak.width,
          .step = peak.width * (to_peak - from_peak) / (columns - 1)};
    for (int i = 0; i < columns; ++i) {
      r.density.push_back(std::exp(log_posterior(seen, r.start + i * r.step, log_sigma) - greatest));
    }
    r.cumulative = accumulate(r.density, r.step);
    return r;
  }

  static std::vector<double> accumulate(std::span<const double> density, double step) {
    std::vector<double> sums{0};
    for (std::size_t i = 1; i < density.size(); ++i) {
      sums.push_back(sums.back() + step * (density[i - 1] + density[i]) / 2);
    }
    return sums;
  }

  /// The cumulative at `place` steps from the start.
  static double between(std::span<const double> density, std::span<const double> cumulative, double place) {
    if (!(place > 0)) return 0;
    if (place >= static_cast<double>(density.size() - 1)) return cumulative.back();
    const auto i = static_cast<std::size_t>(place);
    const double u = place - static_cast<double>(i);
    const double trapezoid = (density[i] + density[i + 1]) / 2;
    if (trapezoid == 0) return cumulative[i];
    const double part = u * density[i] + square(u) / 2 * (density[i + 1] - density[i]);
    return cumulative[i] + (cumulative[i + 1] - cumulative[i]) * part / trapezoid;
  }

  std::vector<Row> rows_;
  std::vector<double> sigma_density_, sigma_cumulative_;
  double step_ = 0, mass_ = 0;
};

template <class Quantile>
Estimate credible(const Quantile& quantile) {
  return {quantile(0.5), Interval{quantile(interval_tail), quantile(1 - interval_tail)}};
}

ControlBand control_band(double risk) {
  if (risk < 0.05) return ControlBand::well_controlled;
  return risk <= 0.30 ? ControlBand::tolerable : ControlBand::poor;
}

Evidence evidence(std::span<const Observation> rising) {
  Evidence seen;
  std::vector<double> logs;
  for (const Observation& o : rising) {
    if (!o.below_loq) {
      logs.push_back(std::log(o.value));
    } else if (!seen.below.empty() && seen.below.back().log_loq == std::log(o.value)) {
      ++seen.below.back().count;
    } else {
      seen.below.push_back({std::log(o.value), 1});
    }
  }
  const Moments m = moments(logs);
  seen.detected = m.n;
  seen.mean = m.mean;
  seen.squares = (m.n - 1) * square(m.sd);
  return seen;
}

Bayes bayes(std::span<const Observation> rising, double log_sd, std::optional<double> limit) {
  const Posterior posterior(evidence(rising), log_sd);
  const auto of = [&](const auto& bound) {
    return [&posterior, bound](double p) { return std::exp(posterior.quantile(bound, p)); };
  };
  const auto p95 = of([](double a, double sigma) { return a - z_95 * sigma; });
  Bayes b{.gm = credible(of([](double a, double) { return a; })),
          .gsd = credible([&](double p) { return std::exp(std::exp(posterior.log_sigma_quantile(p))); }),
          .p95 = credible(p95),
          .am = credible(of([](double a, double sigma) { return a - square(sigma) / 2; })),
          .p95_upper_70 = p95(0.70)};
  if (!limit) return b;
  const double log_limit = std::log(*limit);
  // F = Phi(a) is at most so where (mu - ln L) / sigma is at most a.
  b.f = credible([&](double p) {
    return phi(posterior.quantile([&](double a, double sigma) { return log_limit + a * sigma; }, p));
  });
  b.overexposure_risk = 1 - posterior.probability([&](double sigma) { return log_limit - z_95 * sigma; });
  b.band = control_band(*b.overexposure_risk);
  return b;
}

// --- the decision

/// Part of the limit, without the noise of the division: 0.3 of 3 is a tenth.
double share_of(double value, double limit) { return std::round(value / limit * 1e12) / 1e12; }

/// What of the limit all of n results must stay below.                                       EN 689:2018 5.5.2
double preliminary_share(std::size_t n) {
  if (n <= 3) return 0.1;
  return n == 4 ? 0.15 : 0.2;
}

Compliance preliminary_test(std::span<const Observation> rising, double limit) {
  const auto over = [&](const Observation& o) { return !o.below_loq && o.value > limit; };
  if (std::ranges::any_of(rising, over)) return Compliance::non_compliance;
  const bool all_below = share_of(rising.back().value, limit) < preliminary_share(rising.size());
  return all_below ? Compliance::compliance : Compliance::no_decision;
}

bool fits(const GroupStatistics& s) {
  const auto& figure = s.distribution == Distribution::normal ? s.fit.normal : s.fit.log_normal;
  return !figure || figure->plausible();
}

/// The tests that the number of results allows, each for itself.
void apply_tests(En689& e, const GroupStatistics& s, std::span<const Observation> rising, const Basis& basis) {
  const bool enough = s.n >= least_for_statistical_test;
  if (!basis.is_level && s.n >= 3 && (!enough || s.method == Method::none)) {
    e.preliminary = preliminary_test(rising, *basis.limit);
  }
  if (!enough || !s.exceedance) return;
  const Exceedance& x = *s.exceedance;
  const bool passed = x.u_r ? *x.u_r >= x.u_t : x.f == 0;
  e.statistical = passed ? Compliance::compliance : Compliance::non_compliance;
}

void decide(En689& e, const GroupStatistics& s) {
  if (e.preliminary == Compliance::compliance) {
    e.ground = Ground::preliminary_test;
    e.decision = Compliance::compliance;
  } else if (s.n < least_for_statistical_test) {
    e.ground = Ground::too_few_results;
    e.more_results = (s.n < 3 && s.distribution != Distribution::normal ? 3 : least_for_statistical_test) - s.n;
  } else if (!e.statistical) {
    e.ground = Ground::too_few_detected;
  } else if (!fits(s)) {
    e.ground = Ground::no_distribution;
  } else {
    e.ground = Ground::statistical_test;
    e.decision = *e.statistical;
  }
}

En689 en689(const GroupStatistics& s, std::span<const Observation> rising, const Basis& basis) {
  En689 e{.ground = rising.empty() ? Ground::no_results : Ground::no_limit};
  if (rising.empty() || !basis.limit) return e;
  const auto above = [&](const Observation& o) { return o.value > *basis.limit; };
  const auto detected_above = [&](const Observation& o) { return !o.below_loq && above(o); };
  e.above_limit = static_cast<std::size_t>(std::ranges::count_if(rising, detected_above));
  apply_tests(e, s, rising, basis);
  if (e.above_limit > 0) {
    e.ground = Ground::above_limit;
    e.decision = Compliance::non_compliance;
  } else if (std::ranges::any_of(rising, above)) {
    e.ground = Ground::loq_above_limit;
  } else {
    decide(e, s);
  }
  return e;
}

/// By P95 / L.                                                                                AIHA exposure rating
int aiha_category(double ratio) {
  if (ratio <= 0.01) return 0;
  if (ratio < 0.10) return 1;
  if (ratio <= 0.50) return 2;
  return ratio <= 1 ? 3 : 4;
}

/// By GM / OELV; at a bound the earlier date.                                                 EN 689:2018 annex I
int months_to_next(double ratio) {
  if (ratio < 0.1) return 36;
  if (ratio < 0.25) return 24;
  return ratio <= 0.5 ? 18 : 12;
}

// --- what it means, in words

std::string percent(double fraction) {
  // As many decimals as it takes to see on which side of 5 % it lies.
  for (int decimals = fraction < 0.01 ? 2 : 1; decimals < 8; ++decimals) {
    std::string written = fmt::format("{:.{}f}", 100 * fraction, decimals);
    if (std::stod(written) != 5) return written;
  }
  return "5";
}

std::string results(std::size_t n) { return fmt::format("{} result{}", n, n == 1 ? "" : "s"); }

Text above_text(const GroupStatistics& s) {
  const std::size_t k = s.en689.above_limit;
  return {fmt::format("{} 个结果中有 {} 个超过限值。", s.n, k),
          fmt::format("{} of {} exceed{} the limit.", k, results(s.n), k == 1 ? "s" : "")};
}

Text too_few_text(const GroupStatistics& s, bool is_level) {
  const std::size_t more = s.en689.more_results;
  if (s.n < 3 || is_level) {
    const std::size_t least = s.n + more;
    const bool one = s.n == 1;
    return {
        fmt::format("共 {} 个结果，{}未超过限值；评定至少需要 {} 个，还差 {} 个。", s.n, one ? "" : "均", least, more),
        fmt::format("{}, {} above the limit; the test needs at least {}: {} more.", results(s.n), one ? "not" : "none",
                    least, more)};
  }
  const double share = preliminary_share(s.n);
  return {
      fmt::format("{} 个结果均未超过限值，但并非都低于限值的 {} 倍；统计检验还需 {} 个结果。", s.n, share, more),
      fmt::format("None of {} exceeds the limit, but not all are below {} of it; the statistical test needs {} more.",
                  results(s.n), share, more)};
}

Text unfit_text(const GroupStatistics& s, bool is_level) {
  Text kind{"既不符合对数正态分布，也不符合正态分布", "they follow neither a log-normal nor a normal distribution"};
  if (s.method == Method::ros) kind = {"不符合对数正态分布", "they do not follow a log-normal distribution"};
  if (is_level) kind = {"不符合正态分布", "they do not follow a normal distribution"};
  return {fmt::format("{} 个结果均未超过限值，但{}，统计检验不适用。", s.n, kind.zh),
          fmt::format("None of {} exceeds the limit, but {}, so that the statistical test does not apply.",
                      results(s.n), kind.en)};
}

Text verdict_text(const GroupStatistics& s) {
  if (!s.exceedance->u_r) {
    return {fmt::format("{} 个结果均未超过限值，且没有离散度。", s.n),
            fmt::format("None of {} exceeds the limit, and there is no spread between them.", results(s.n))};
  }
  const double f = s.exceedance->f_u70;
  if (s.en689.decision == Compliance::compliance) {
    const Text most = f < 1e-4 ? Text{"不到 0.01 %", "less than 0.01 %"}
                               : Text{fmt::format("至多 {} %", percent(f)), fmt::format("at most {} %", percent(f))};
    return {fmt::format("{} 个结果均未超过限值；以 70 % 的置信度，超限的班次少于 5 %（{}）。", s.n, most.zh),
            fmt::format("None of {} exceeds the limit; with 70 % confidence fewer than 5 % of shifts do ({}).",
                        results(s.n), most.en)};
  }
  return {fmt::format("{} 个结果均未超过限值，但以 70 % 的置信度，超限的班次可达 {} %，高于 5 %。", s.n, percent(f)),
          fmt::format("None of {} exceeds the limit, but with 70 % confidence up to {} % of shifts may, more than 5 %.",
                      results(s.n), percent(f))};
}

Text statistical_text(const GroupStatistics& s, bool is_level) {
  Text text = verdict_text(s);
  if (s.distribution == Distribution::normal && !is_level) {
    text.zh += "结果不符合对数正态分布，按正态分布计算。";
    text.en += " The log-normal distribution does not fit; the normal one was taken.";
  }
  if (s.method == Method::ros) {
    text.zh += fmt::format("其中 {} 个低于定量限，由次序统计量回归（ROS）估计。", s.below_loq);
    text.en += fmt::format(" {} below the quantification limit, estimated by regression on order statistics (ROS).",
                           s.below_loq == 1 ? "1 of them is" : fmt::format("{} of them are", s.below_loq));
  }
  return text;
}

Text ground_text(const GroupStatistics& s, bool is_level) {
  switch (s.en689.ground) {
    case Ground::no_results:
      return {"尚无结果。", "No results yet."};
    case Ground::no_limit:
      return {fmt::format("共 {} 个结果；没有限值，不作判定。", s.n),
              fmt::format("{}; without a limit there is no judgement.", results(s.n))};
    case Ground::above_limit:
      return above_text(s);
    case Ground::loq_above_limit:
      return {"有结果低于定量限，而该定量限高于限值：是否超限不可知。",
              "Some results are below a quantification limit that is itself above the limit: whether they exceed it is "
              "not known."};
    case Ground::preliminary_test: {
      const double share = preliminary_share(s.n);
      return {fmt::format("{} 个结果均低于限值的 {} 倍（初步检验）。", s.n, share),
              fmt::format("All {} are below {} of the limit (preliminary test).", results(s.n), share)};
    }
    case Ground::too_few_results:
      return too_few_text(s, is_level);
    case Ground::too_few_detected:
      return {fmt::format("{} 个结果均未超过限值，但只有 {} 个高于定量限，不足以作统计检验。", s.n, s.n - s.below_loq),
              fmt::format("None of {} exceeds the limit, but only {} above the quantification limit: too few for the "
                          "statistical test.",
                          results(s.n), s.n - s.below_loq == 1 ? "1 is" : fmt::format("{} are", s.n - s.below_loq))};
    case Ground::no_distribution:
      return unfit_text(s, is_level);
    case Ground::statistical_test:
      return statistical_text(s, is_level);
  }
  return {};
}

Text meaning(const GroupStatistics& s, bool is_level) {
  Text text = ground_text(s, is_level);
  if (s.en689.ground == Ground::no_results || s.en689.ground == Ground::no_limit) return text;
  static constexpr std::array<std::string_view, 3> zh{"符合", "不符合", "无法判定"};
  static constexpr std::array<std::string_view, 3> en{"compliance", "non-compliance", "no decision"};
  const auto decision = static_cast<std::size_t>(s.en689.decision);
  text.zh += fmt::format("{}：{}。", is_level ? "参照 EN 689 的统计检验" : "EN 689", zh.at(decision));
  text.en += fmt::format(" {}: {}.", is_level ? "By the statistical test of EN 689" : "EN 689", en.at(decision));
  return text;
}

// --- the group

/// Rising, and results <= 0 below the LOQ; empty on input that is no exposure.
std::optional<std::vector<Observation>> checked(std::span<const Observation> results, const Basis& basis) {
  const auto possible = [&](double x) {
    return std::abs(x) <= greatest_value && (basis.is_level || x >= 1 / greatest_value);
  };
  if (results.size() > most_results || (basis.limit && !possible(*basis.limit))) return {};
  std::vector<Observation> rising(results.begin(), results.end());
  for (Observation& o : rising) {
    const bool nothing = !basis.is_level && !o.below_loq && o.value <= 0;
    if (nothing && basis.loq) o = {*basis.loq, true};
    if (!possible(o.value)) return {};
  }
  std::ranges::sort(rising, lies_lower);
  return rising;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : std::midpoint(values[half - 1], values[half]);
}

/// What is certain of the order: results below LOQ may lie anywhere from the least possible value up to it.
void describe(GroupStatistics& s, std::span<const Observation> rising) {
  std::vector<double> least, greatest;
  for (const Observation& o : rising) {
    least.push_back(o.below_loq ? -infinity : o.value);
    greatest.push_back(o.value);
  }
  const auto bound = [](double low, double high) { return Observation{high, low != high}; };
  s.minimum = bound(*std::ranges::min_element(least), greatest.front());
  s.maximum = bound(*std::ranges::max_element(least), greatest.back());
  s.median = bound(median(least), median(greatest));
}

Method method_for(std::size_t n, std::size_t below_loq) {
  if (below_loq == 0) return n >= 2 ? Method::complete : Method::none;
  return n - below_loq >= least_detected && 5 * below_loq <= 4 * n ? Method::ros : Method::none;
}

struct Detected {
  std::vector<double> values, z;
};

Detected detected(std::span<const PlotPoint> points) {
  Detected d;
  for (const PlotPoint& point : points) {
    if (point.below_loq) continue;
    d.values.push_back(point.value);
    d.z.push_back(point.z);
  }
  return d;
}

Fit fit(const Detected& d, Method method, bool is_level) {
  Fit f{.test = method == Method::ros ? FitTest::ros_correlation : FitTest::shapiro_wilk};
  const auto figure = [&](std::span<const double> y) {
    return method == Method::ros ? ros_fit(d.z, y) : shapiro_wilk(y);
  };
  f.normal = figure(d.values);
  if (!is_level) f.log_normal = figure(logarithms(d.values));
  return f;
}

Distribution distribution_for(const Fit& f, Method method, bool is_level) {
  if (is_level) return Distribution::normal;
  const bool only_normal =
      method == Method::complete && f.log_normal && !f.log_normal->plausible() && f.normal && f.normal->plausible();
  return only_normal ? Distribution::normal : Distribution::log_normal;
}

/// Mean and spread on the scale on which the results are normal, logarithmic or not.
Moments moments_on(bool logarithmic, const Detected& d, const GroupStatistics& s) {
  const std::vector<double> y = logarithmic ? logarithms(d.values) : d.values;
  return s.method == Method::ros ? ros_line(d.z, y, s.n) : moments(y);
}

void arithmetic(GroupStatistics& s, const Moments& line, bool is_level) {
  std::vector<double> values;
  for (const PlotPoint& point : s.plot.points) {
    const double on_line = line.mean + line.sd * point.z;
    const double imputed = is_level ? on_line : std::exp(on_line);
    values.push_back(point.below_loq ? imputed : point.value);
  }
  const Moments m = moments(values);
  s.am = Estimate{.value = m.mean};
  s.sd = m.sd;
  if (s.method != Method::complete) return;
  const bool land = s.distribution == Distribution::log_normal;
  s.am->interval = land ? land_interval(line) : student_interval(m);
  if (s.am->interval) s.am_interval = land ? MeanInterval::land : MeanInterval::student_t;
}

void geometric(GroupStatistics& s, const Moments& logs) {
  s.gm = Estimate{.value = std::exp(logs.mean)};
  s.gsd = Estimate{.value = std::exp(logs.sd)};
  s.simple_mean = std::exp(logs.mean + square(logs.sd) / 2);
  if (s.method != Method::complete) return;
  const Interval of_mean = student_interval(logs);
  const Interval of_sd = chi_square_interval(logs);
  s.gm->interval = Interval{std::exp(of_mean.lower), std::exp(of_mean.upper)};
  s.gsd->interval = Interval{std::exp(of_sd.lower), std::exp(of_sd.upper)};
}

/// P95, its tolerance limits and the exceedance, and the line of the plot.
void percentiles(GroupStatistics& s, const Moments& m, const Basis& basis) {
  const bool logarithmic = s.distribution == Distribution::log_normal;
  const auto at = [&](double factor) {
    const double y = m.mean + factor * m.sd;
    return logarithmic ? std::exp(y) : y;
  };
  const auto limit_at = [&](double confidence) { return at(tolerance_factor(s.n, confidence).value()); };
  s.p95 = Percentile95{at(z_95), limit_at(0.70), limit_at(0.90), limit_at(0.95)};
  s.plot.line = ProbabilityPlot::Line{m.mean, m.sd};
  s.plot.p95 = s.p95->value;
  if (!basis.limit) return;
  s.exceedance = exceedance(m, logarithmic ? std::log(*basis.limit) : *basis.limit);
  if (!basis.is_level) s.aiha_category = aiha_category(share_of(s.p95->value, *basis.limit));
}

void parametric(GroupStatistics& s, std::span<const Observation> rising, const Basis& basis) {
  const Detected d = detected(s.plot.points);
  s.fit = fit(d, s.method, basis.is_level);
  s.distribution = distribution_for(s.fit, s.method, basis.is_level);
  s.plot.logarithmic = s.distribution == Distribution::log_normal;
  const Moments own = moments_on(!basis.is_level, d, s);
  arithmetic(s, own, basis.is_level);
  if (!basis.is_level) geometric(s, own);
  percentiles(s, s.plot.logarithmic == !basis.is_level ? own : moments_on(s.plot.logarithmic, d, s), basis);
  if (s.plot.logarithmic && s.n >= 3 && own.sd > 0) s.bayes = bayes(rising, std::log(own.sd), basis.limit);
}

/// GM, or what it is not above.
double gm_at_most(const GroupStatistics& s, std::span<const Observation> rising) {
  if (s.gm) return s.gm->value;
  double sum = 0;
  for (const Observation& o : rising) sum += std::log(o.value);
  return std::exp(sum / static_cast<double>(rising.size()));
}

template <class Enum, std::size_t N>
std::string_view word(const std::array<std::string_view, N>& words, Enum e) {
  return words.at(static_cast<std::size_t>(e));
}

}  // namespace

std::optional<GroupStatistics> group_statistics(std::span<const Observation> results, const Basis& basis) {
  const auto rising = checked(results, basis);
  if (!rising) return {};
  GroupStatistics s{.n = rising->size()};
  s.below_loq = static_cast<std::size_t>(std::ranges::count_if(*rising, &Observation::below_loq));
  s.method = method_for(s.n, s.below_loq);
  s.distribution = basis.is_level ? Distribution::normal : Distribution::log_normal;
  s.plot = {.logarithmic = !basis.is_level, .points = plot_points(*rising), .limit = basis.limit};
  if (s.n > 0) describe(s, *rising);
  if (s.n == 1 && s.below_loq == 0) s.am = Estimate{.value = rising->front().value};
  if (s.method != Method::none) parametric(s, *rising, basis);
  s.en689 = en689(s, *rising, basis);
  if (s.en689.decision == Compliance::compliance && !basis.is_level) {
    s.months_to_next = months_to_next(share_of(gm_at_most(s, *rising), *basis.limit));
  }
  s.meaning = meaning(s, basis.is_level);
  return s;
}

std::string_view name(Method method) {
  static constexpr std::array<std::string_view, 3> words{"complete", "ros", "none"};
  return word(words, method);
}

std::string_view name(Distribution distribution) {
  static constexpr std::array<std::string_view, 2> words{"log_normal", "normal"};
  return word(words, distribution);
}

std::string_view name(FitTest test) {
  static constexpr std::array<std::string_view, 2> words{"shapiro_wilk", "ros_correlation"};
  return word(words, test);
}

std::string_view name(MeanInterval method) {
  static constexpr std::array<std::string_view, 2> words{"land", "student_t"};
  return word(words, method);
}

std::string_view name(ControlBand band) {
  static constexpr std::array<std::string_view, 3> words{"well_controlled", "tolerable", "poor"};
  return word(words, band);
}

std::string_view name(Compliance decision) {
  static constexpr std::array<std::string_view, 3> words{"compliance", "non_compliance", "no_decision"};
  return word(words, decision);
}

std::string_view name(Ground ground) {
  static constexpr std::array<std::string_view, 9> words{"no_results",       "no_limit",         "above_limit",
                                                         "loq_above_limit",  "preliminary_test", "too_few_results",
                                                         "too_few_detected", "no_distribution",  "statistical_test"};
  return word(words, ground);
}

}  // namespace hazgate::records
