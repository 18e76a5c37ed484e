// The Bayesian figures: the prior "informedvar" of Expostats and webexpo, integrated on a grid.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "records/statistics_parts.hpp"

namespace hazgate::records {

namespace {

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

}  // namespace

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

}  // namespace hazgate::records
