// Statistics of a similar exposure group: is the group, and not only this shift, below the limit? EN 689:2018 and the
// figures around it. Concentrations are taken as log-normal, levels in dB as normal. Nothing here judges a single
// shift; that is core/exposure_rules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "records/text.hpp"

namespace hazgate::records {

/// One result of the group in the agent's unit: one shift average of one person, never a reading of a sensor.
struct Observation {
  double value = 0;
  bool below_loq = false;  ///< `value` is the quantification limit
  friend bool operator==(const Observation&, const Observation&) = default;
};

struct Basis {
  std::optional<double> limit;  ///< OELV of the 8-h kind, in the results' unit
  bool is_level = false;        ///< dB: normal distribution; no GM, no preliminary test, no Bayes
  std::optional<double> loq;  ///< what a concentration <= 0 counts as being below; without it such a result is an error
};

constexpr std::size_t most_results = 5000;  ///< beyond it no tests of fit are known, and it is no group of shifts

/// Two-sided, 90 %.
struct Interval {
  double lower = 0, upper = 0;
};
struct Estimate {
  double value = 0;
  std::optional<Interval> interval;  ///< absent with results below LOQ (bayes has one), and with too few
};

enum class MeanInterval : std::uint8_t { land, student_t };  ///< Land 1971, exact for log-normal; t for normal
enum class Method : std::uint8_t {
  complete,  ///< all results are above LOQ: mean and SD (n - 1) of ln x, or of the levels
  ros,       ///< regression on order statistics, plotting positions of Helsel and Cohn 1988: GM and GSD of the line
  none       ///< no results, one, fewer than 3 above LOQ, or more than 80 % below it: no parametric figures
};
enum class Distribution : std::uint8_t {
  log_normal,
  normal  ///< levels; and concentrations of which the log-normal is rejected and the normal is not
};
enum class FitTest : std::uint8_t { shapiro_wilk, ros_correlation };

struct FitFigure {
  double statistic = 0;  ///< W of Shapiro and Wilk; with results below LOQ the correlation r of the ROS line
  /// Royston 1995 for W. For r that of W' = r^2 (Shapiro-Francia, Royston 1993) of the results above LOQ, which is
  /// approximate: 5 to 11 % of true samples fall below 0.05, by simulation. Absent below 3 results, for r below 5.
  std::optional<double> p;
  bool plausible() const { return !p || *p >= 0.05; }
};
/// Absent where all results are equal, or nothing can be tested.
struct Fit {
  FitTest test = FitTest::shapiro_wilk;
  std::optional<FitFigure> log_normal;  ///< of ln x; absent for levels
  std::optional<FitFigure> normal;      ///< of x itself
};

/// 95th percentile of the shifts and its upper tolerance limits UTL95,70, UTL95,90, UTL95,95.
struct Percentile95 {
  double value = 0;
  double utl_70 = 0, utl_90 = 0, utl_95 = 0;
};
/// How often the limit is exceeded, as fractions of the shifts.
struct Exceedance {
  std::optional<double> u_r;    ///< (ln OELV - ln GM) / ln GSD, or (L - AM) / SD; absent where there is no spread
  double u_t = 0;               ///< U_T(n), the factor of UTL95,70
  double f = 0;                 ///< point estimate
  double f_u70 = 0, f_u95 = 0;  ///< upper confidence limits; 0 or 1 like f where there is no spread
};

enum class ControlBand : std::uint8_t { well_controlled, tolerable, poor };  ///< P(P95 >= L) below 5 %, to 30 %, above
/// Medians with 90 % credible intervals, under the prior "informedvar" of Expostats and webexpo. Results below LOQ
/// enter with Phi((ln LOQ - mu) / sigma). The prior of mu is flat without bounds (webexpo: -20 to 20 around the limit).
struct Bayes {
  Estimate gm, gsd, p95, am;
  double p95_upper_70 = 0;                  ///< 70 % quantile of P95
  std::optional<Estimate> f;                ///< exceedance fraction
  std::optional<double> overexposure_risk;  ///< P(P95 >= L)
  std::optional<ControlBand> band;
};

enum class Compliance : std::uint8_t { compliance, non_compliance, no_decision };
/// What the decision rests on, or what is missing for one.
enum class Ground : std::uint8_t {
  no_results,
  no_limit,
  above_limit,       ///< one result above the limit is enough
  loq_above_limit,   ///< a result below LOQ says nothing when LOQ is above the limit
  preliminary_test,  ///< passed
  too_few_results,   ///< `more_results` are missing for the next test
  too_few_detected,  ///< enough results, but Method::none
  no_distribution,   ///< the test of fit rejects what the statistical test supposes
  statistical_test
};
/// EN 689:2018 5.5. Of levels the statistical test alone, with (L - AM) / SD.
struct En689 {
  Compliance decision = Compliance::no_decision;
  Ground ground = Ground::no_results;
  std::size_t above_limit = 0;
  std::size_t more_results = 0;
  /// Of 3 to 5 results; of more where Method is none, by the threshold for 5. A result below LOQ counts as its LOQ.
  std::optional<Compliance> preliminary;
  /// U_R >= U_T alone, from 6 results on: whether or not the distribution fits or one result exceeds the limit.
  std::optional<Compliance> statistical;
};

/// One result on probability paper.
struct PlotPoint {
  double z = 0;  ///< normal quantile of its plotting position: i / (n + 1), with results below LOQ Helsel-Cohn's
  double value = 0;
  bool below_loq = false;
};
struct ProbabilityPlot {
  bool logarithmic = true;
  std::vector<PlotPoint> points;  ///< rising
  struct Line {
    double location = 0, slope = 0;  ///< of ln value where logarithmic
  };
  std::optional<Line> line;
  std::optional<double> limit, p95;
};

/// Figures in the agent's unit; absent where they do not apply or the results do not support them.
struct GroupStatistics {
  std::size_t n = 0, below_loq = 0;
  std::optional<Observation> minimum, median, maximum;  ///< below_loq: it lies below this value, how far is not known
  Method method = Method::none;
  Distribution distribution = Distribution::log_normal;
  /// Arithmetic mean and SD, with results below LOQ of those imputed by ROS. Of levels the mean of the distribution,
  /// not the energy average.
  std::optional<Estimate> am;
  std::optional<MeanInterval> am_interval;
  std::optional<double> sd;
  std::optional<Estimate> gm, gsd;    ///< intervals by t and chi-square
  std::optional<double> simple_mean;  ///< exp(mean ln + s^2 / 2), biased for small n
  std::optional<Percentile95> p95;
  std::optional<Exceedance> exceedance;
  Fit fit;
  std::optional<Bayes> bayes;
  En689 en689;
  std::optional<int> aiha_category;   ///< 0 to 4 by P95 / L
  std::optional<int> months_to_next;  ///< EN 689 informative annex, by GM / OELV; only with compliance, not of levels
  ProbabilityPlot plot;
  Text meaning;  ///< one or two plain sentences
};

/// Empty on input that is no exposure: a concentration, LOQ or limit outside 1e-8 to 1e8 (but see Basis::loq), a level
/// outside -1e8 to 1e8, more than `most_results`. Otherwise every figure is finite.
std::optional<GroupStatistics> group_statistics(std::span<const Observation> results, const Basis& basis);

/// K(n) of the one-sided upper tolerance limit mean + K SD of a percentile: t^-1(confidence; n-1, z_p sqrt n) / sqrt n.
/// U_T(n) is that of the 95th percentile at 0.70. n 2 to `most_results`, else empty.
std::optional<double> tolerance_factor(std::size_t n, double confidence, double percentile = 0.95);

/// Upper confidence limit of the exceedance fraction: 1 - Phi(z) with F_nct(U_R sqrt n; n-1, z sqrt n) = confidence.
/// n 2 to `most_results`, else empty.
std::optional<double> exceedance_limit(double u_r, std::size_t n, double confidence);

/// W and p of normality; empty outside 3 to 5000 values, and where all are equal.    Royston 1992, 1995 (AS R94)
std::optional<FitFigure> shapiro_wilk(std::span<const double> values);

std::string_view name(Method method);              ///< "complete", "ros", "none"
std::string_view name(Distribution distribution);  ///< "log_normal", "normal"
std::string_view name(FitTest test);               ///< "shapiro_wilk", "ros_correlation"
std::string_view name(MeanInterval method);        ///< "land", "student_t"
std::string_view name(ControlBand band);           ///< "well_controlled", "tolerable", "poor"
std::string_view name(Compliance decision);        ///< "compliance", "non_compliance", "no_decision"
std::string_view name(Ground ground);              ///< as the enumerators are written

}  // namespace hazgate::records
