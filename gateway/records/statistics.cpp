#include "records/statistics.hpp"

#include <algorithm>
#include <array>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "records/statistics_parts.hpp"

namespace hazgate::records {

namespace {

constexpr std::size_t least_detected = 3;
/// Concentrations are from 1 / this to this: then every figure of two results is still a number.
constexpr double greatest_value = 1e8;

}  // namespace

double z_quantile(double p) { return boost::math::quantile(boost::math::normal(), p); }

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

namespace {

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
