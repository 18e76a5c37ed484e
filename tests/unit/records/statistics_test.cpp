#include "records/statistics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace hazgate::records {
namespace statistics_test {

using testing::HasSubstr;

std::vector<Observation> above_loq(const std::vector<double>& values) {
  std::vector<Observation> all;
  all.reserve(values.size());
  for (const double value : values) all.push_back({value, false});
  return all;
}

GroupStatistics with_loq(const std::vector<Observation>& results, const Basis& basis) {
  return group_statistics(results, basis).value();
}
GroupStatistics of(const std::vector<double>& values, const Basis& basis) { return with_loq(above_loq(values), basis); }

const std::vector<double> s1{0.84, 0.98, 0.42, 1.16, 1.36, 2.66};                 // welding fume, a published example
const std::vector<double> s2{24.7, 64.1, 13.8, 43.7, 19.9, 133, 32.1, 15, 53.7};  // test data of webexpo
const std::vector<double> s3{0.8, 1.1, 0.9, 1.4, 0.7, 1.2, 1.0};

/// Relative.
void expect_close(double value, double expected, double tolerance = 1e-6) {
  EXPECT_NEAR(value, expected, std::abs(expected) * tolerance);
}
void expect_close(const Estimate& estimate, double value, Interval interval, double tolerance = 1e-6) {
  expect_close(estimate.value, value, tolerance);
  ASSERT_TRUE(estimate.interval);
  expect_close(estimate.interval->lower, interval.lower, tolerance);
  expect_close(estimate.interval->upper, interval.upper, tolerance);
}

// Job 3 of the example of Expostats: 193 results, 25 of them below one of ten LOQs.
std::vector<Observation> job3() {
  std::ifstream file(SOURCE_DIR "/tests/data/exposure_job3.csv");
  std::vector<Observation> all;
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    const bool below = line.starts_with('<');
    all.push_back({std::stod(line.substr(below ? 1 : 0)), below});
  }
  return all;
}
std::vector<Observation> job3_above_loq() {
  std::vector<Observation> all = job3();
  std::erase_if(all, [](const Observation& o) { return o.below_loq; });
  return all;
}

// --- the factors

struct Factors {
  std::size_t n;
  double at_70, at_90, at_95;
};
class ToleranceFactor : public testing::TestWithParam<Factors> {};

TEST_P(ToleranceFactor, IsTheTableToItsThirdDecimal) {
  const auto [n, at_70, at_90, at_95] = GetParam();
  EXPECT_NEAR(tolerance_factor(n, 0.70).value(), at_70, 0.000501);
  EXPECT_NEAR(tolerance_factor(n, 0.90).value(), at_90, 0.000501);
  EXPECT_NEAR(tolerance_factor(n, 0.95).value(), at_95, 0.000501);
}
// 95th percentile, by confidence. EN 689:2018 prints the first column as U_T.
INSTANTIATE_TEST_SUITE_P(ByNumberOfResults, ToleranceFactor,
                         testing::Values(Factors{3, 2.809, 5.311, 7.656}, Factors{4, 2.453, 3.957, 5.144},
                                         Factors{5, 2.286, 3.400, 4.203}, Factors{6, 2.187, 3.092, 3.708},
                                         Factors{7, 2.120, 2.894, 3.399}, Factors{8, 2.072, 2.754, 3.187},
                                         Factors{9, 2.035, 2.650, 3.031}, Factors{10, 2.005, 2.568, 2.911},
                                         Factors{11, 1.981, 2.503, 2.815}, Factors{12, 1.961, 2.448, 2.736},
                                         Factors{13, 1.944, 2.402, 2.671}, Factors{14, 1.929, 2.363, 2.614},
                                         Factors{15, 1.917, 2.329, 2.566}, Factors{16, 1.905, 2.299, 2.524},
                                         Factors{17, 1.895, 2.272, 2.486}, Factors{18, 1.886, 2.249, 2.453},
                                         Factors{19, 1.878, 2.227, 2.423}, Factors{20, 1.870, 2.208, 2.396},
                                         Factors{21, 1.863, 2.190, 2.371}, Factors{22, 1.857, 2.174, 2.349},
                                         Factors{23, 1.851, 2.159, 2.328}, Factors{24, 1.846, 2.145, 2.309},
                                         Factors{25, 1.841, 2.132, 2.292}, Factors{26, 1.836, 2.120, 2.275},
                                         Factors{27, 1.832, 2.109, 2.260}, Factors{28, 1.828, 2.099, 2.246},
                                         Factors{29, 1.824, 2.089, 2.232}, Factors{30, 1.820, 2.080, 2.220}));

TEST(ToleranceFactorOfAnyGroup, IsExactFromTwoResultsToTheMost) {
  EXPECT_NEAR(tolerance_factor(6, 0.95, 0.99).value(), 5.062, 5e-4);
  EXPECT_NEAR(tolerance_factor(10, 0.95, 0.99).value(), 3.981, 5e-4);
  // R 4.2.2: the k with  integrate(function(s) pnorm(k*sqrt(n)*s - qnorm(.95)*sqrt(n)) * dchi(s), 0, Inf) = confidence,
  // dchi the density of sqrt(chi^2 / (n-1)); qt(.7, n-1, qnorm(.95)*sqrt(n)) / sqrt(n) gives the same up to n = 500.
  expect_close(tolerance_factor(2, 0.70).value(), 4.216693392092, 1e-10);
  expect_close(tolerance_factor(2, 0.95).value(), 26.25967398303, 1e-10);
  expect_close(tolerance_factor(193, 0.70).value(), 1.706625887612, 1e-10);
  expect_close(tolerance_factor(1000, 0.95).value(), 1.727263269671, 1e-10);
  expect_close(tolerance_factor(5000, 0.70).value(), 1.656369858293, 1e-10);
  EXPECT_FALSE(tolerance_factor(1, 0.70));
  EXPECT_FALSE(tolerance_factor(0, 0.70));
  EXPECT_FALSE(tolerance_factor(most_results + 1, 0.70));
}

TEST(ExceedanceLimit, IsNothingOrAllFarFromTheLimit) {
  EXPECT_EQ(exceedance_limit(1e6, 6, 0.95), 0);
  EXPECT_EQ(exceedance_limit(-1e6, 6, 0.95), 1);
  EXPECT_EQ(exceedance_limit(900, 5000, 0.70), 0);
  EXPECT_EQ(exceedance_limit(-900, 5000, 0.70), 1);
  EXPECT_FALSE(exceedance_limit(1, 1, 0.70));
  EXPECT_FALSE(exceedance_limit(std::nan(""), 6, 0.70));
}

// --- whole groups

// Reference vectors; the intervals of GM and GSD by R 4.2.2: exp(t.test(log(x), conf.level = .9)$conf.int),
// exp(sd(log(x)) * sqrt((n-1) / qchisq(c(.95, .05), n-1))).
TEST(Group, OfWeldingFumeComplies) {
  const GroupStatistics s = of(s1, {.limit = 5});
  EXPECT_EQ(s.n, 6u);
  EXPECT_EQ(s.below_loq, 0u);
  EXPECT_EQ(s.method, Method::complete);
  EXPECT_EQ(s.distribution, Distribution::log_normal);
  EXPECT_EQ(s.minimum, (Observation{0.42, false}));
  EXPECT_DOUBLE_EQ(s.median->value, 1.07);
  EXPECT_FALSE(s.median->below_loq);
  EXPECT_EQ(s.maximum, (Observation{2.66, false}));
  expect_close(s.am->value, 1.236667);
  expect_close(*s.sd, 0.766438);
  expect_close(*s.gm, 1.063993, {0.6464938492326, 1.751109610119});
  expect_close(*s.gsd, 1.832418, {1.502330671674, 3.544262211679});
  expect_close(*s.simple_mean, 1.278167);
  expect_close(s.p95->value, 2.881215);
  expect_close(s.p95->utl_70, 4.000427);
  expect_close(s.p95->utl_90, 6.921154);
  expect_close(s.p95->utl_95, 10.049638);
  expect_close(*s.exceedance->u_r, 2.555014);
  EXPECT_NEAR(s.exceedance->u_t, 2.187, 5e-4);
  expect_close(s.exceedance->f, 0.00530918);
  expect_close(s.exceedance->f_u70, 0.02637324);
  expect_close(s.exceedance->f_u95, 0.148883);
  EXPECT_EQ(s.en689.decision, Compliance::compliance);
  EXPECT_EQ(s.en689.ground, Ground::statistical_test);
  EXPECT_FALSE(s.en689.preliminary);
  EXPECT_EQ(s.aiha_category, 3);
  EXPECT_EQ(s.months_to_next, 24);
  EXPECT_EQ(s.meaning.en,
            "None of 6 results exceeds the limit; with 70 % confidence fewer than 5 % of shifts do (at most 2.6 %). "
            "EN 689: compliance.");
  EXPECT_EQ(s.meaning.zh, "6 个结果均未超过限值；以 70 % 的置信度，超限的班次少于 5 %（至多 2.6 %）。EN 689：符合。");
}

TEST(Group, IsNotInComplianceWithOneResultAboveTheLimit) {
  const GroupStatistics s = of(s2, {.limit = 100});
  expect_close(s.am->value, 44.444444);
  expect_close(*s.gm, 34.278452, {21.63609671356, 54.30795957774});
  expect_close(*s.gsd, 2.100896, {1.704384936352, 3.561552926602});
  expect_close(*s.simple_mean, 45.154, 1e-5);
  expect_close(s.p95->value, 116.233);
  expect_close(s.p95->utl_70, 155.244, 3e-6);
  expect_close(s.p95->utl_95, 325.317, 2e-6);
  expect_close(*s.exceedance->u_r, 1.442221);
  EXPECT_NEAR(s.exceedance->u_t, 2.035, 5e-4);
  expect_close(s.exceedance->f, 0.07461997);
  expect_close(s.exceedance->f_u70, 0.1279086);
  expect_close(s.exceedance->f_u95, 0.2701633);
  EXPECT_EQ(s.en689.decision, Compliance::non_compliance);
  EXPECT_EQ(s.en689.ground, Ground::above_limit);
  EXPECT_EQ(s.en689.above_limit, 1u);
  EXPECT_EQ(s.aiha_category, 4);
  EXPECT_FALSE(s.months_to_next);
  EXPECT_EQ(s.meaning.en, "1 of 9 results exceeds the limit. EN 689: non-compliance.");
  EXPECT_EQ(s.meaning.zh, "9 个结果中有 1 个超过限值。EN 689：不符合。");
}

TEST(Group, FarBelowTheLimitHasATinyExceedance) {
  const GroupStatistics s = of(s3, {.limit = 4});
  expect_close(*s.gm, 0.989898, {0.830489837562, 1.179903237395});
  expect_close(*s.gsd, 1.270068, {1.179427748489, 1.580786073164});
  expect_close(s.p95->value, 1.466799);
  expect_close(s.p95->utl_70, 1.643282);
  expect_close(s.p95->utl_95, 2.231243);
  expect_close(*s.exceedance->u_r, 5.841157);
  EXPECT_NEAR(s.exceedance->u_t, 2.120, 5e-4);
  EXPECT_NEAR(s.exceedance->f, 2.6e-9, 5e-11);
  EXPECT_NEAR(s.exceedance->f_u70, 1.68e-6, 5e-9);
  expect_close(s.exceedance->f_u95, 0.0014802, 2e-5);
  EXPECT_EQ(s.en689.decision, Compliance::compliance);
  EXPECT_THAT(s.meaning.en, HasSubstr("(less than 0.01 %)"));
}

// A single result above the limit, where the others would let the group pass.
TEST(Group, IsNotInComplianceWithOneResultAboveTheLimitWhateverTheStatisticalTestSays) {
  const std::vector<double> values{1.0, 1.1, 0.9, 1.02, 0.98, 1.05, 0.95, 1.07, 0.93, 1.03, 0.97, 1.12, 0.88, 1.0, 1.5};
  const GroupStatistics s = of(values, {.limit = 1.45});
  EXPECT_EQ(s.en689.statistical, Compliance::compliance);
  EXPECT_EQ(s.en689.decision, Compliance::non_compliance);
}

// U_R = 2.18659, U_T = 2.18674: a table rounded to 2.18 would let it pass.
TEST(Group, IsHeldAgainstTheExactFactor) {
  const GroupStatistics s = of(s1, {.limit = 4});
  EXPECT_NEAR(*s.exceedance->u_r, 2.18657, 5e-5);
  EXPECT_NEAR(s.exceedance->u_t, 2.18674, 5e-6);
  EXPECT_GT(s.p95->utl_70, 4);
  EXPECT_EQ(s.en689.decision, Compliance::non_compliance);
  EXPECT_EQ(s.en689.ground, Ground::statistical_test);
  EXPECT_THAT(s.meaning.en, HasSubstr("up to 5.001 % of shifts may, more than 5 %. EN 689: non-compliance."));
  EXPECT_EQ(of(s1, {.limit = 4.0005}).en689.decision, Compliance::compliance);
}

// 90 % of Land 1971, by R 4.2.2 with integrate() over the conditional density exp(-n d / 2) (w - n d^2)^((n-3)/2) of
// d = mean(ln x) - theta given w, and uniroot().
TEST(Mean, HasLandsIntervalWhereResultsAreLogNormal) {
  EXPECT_EQ(of(s1, {}).am_interval, MeanInterval::land);
  expect_close(*of(s1, {}).am, 1.236667, {0.833770770569, 2.808537131620}, 1e-6);
  expect_close(*of(s2, {}).am, 44.444444, {29.6399909367, 91.6862340924}, 1e-6);
  expect_close(*of(s3, {}).am, 1.0142857, {0.866127762021, 1.243218313964}, 1e-6);
  expect_close(*with_loq(job3_above_loq(), {}).am, 0.224404761905, {0.202214836817, 0.252939416422}, 1e-6);
  // Published: the spreadsheet IHSTAT of AIHA; EPA QA/G-9, box 3-12, there by an interpolated H.
  const Interval ihstat = of({0.043, 0.236, 0.057, 0.016}, {}).am->interval.value();
  EXPECT_NEAR(ihstat.lower, 0.039, 0.001);
  EXPECT_NEAR(ihstat.upper, 11.6, 0.1);
  const auto epa =
      of({8.12, 7.32, 4.82, 6.52, 7.80, 11.89, 12.94, 7.51, 18.14, 4.09, 5.70, 15.57, 6.68, 8.15, 5.56}, {});
  EXPECT_NEAR(epa.am->interval->upper, 10.97, 0.02);
}

/// Log-normal results under a limit that none of them exceeds.
struct Drawn {
  std::vector<double> values;
  double limit = 0;
};
Drawn draw(std::mt19937& random) {
  std::lognormal_distribution<double> exposure(0, std::uniform_real_distribution(0.2, 1.5)(random));
  Drawn drawn{std::vector<double>(std::uniform_int_distribution<std::size_t>(6, 40)(random))};
  for (double& value : drawn.values) value = exposure(random);
  drawn.limit = *std::ranges::max_element(drawn.values) * std::uniform_real_distribution(1.0, 2.0)(random);
  return drawn;
}

// F_U70 <= 5 % says the same as U_R >= U_T and UTL95,70 <= L, F_U95 <= 5 % the same as UTL95,95 <= L.
void expect_the_same_in_all_words(const GroupStatistics& s, double limit) {
  const bool by_test = s.en689.ground == Ground::statistical_test;
  EXPECT_EQ(s.exceedance->f_u70 <= 0.05, s.en689.statistical == Compliance::compliance);
  EXPECT_EQ(s.exceedance->f_u95 <= 0.05, s.p95->utl_95 <= limit);
  EXPECT_EQ(s.en689.decision == Compliance::compliance, by_test && s.p95->utl_70 <= limit);
}

TEST(Group, SaysTheSameByExceedanceAndByTolerance) {
  std::mt19937 random(689);
  int passed = 0, failed = 0;
  for (int round = 0; round < 400; ++round) {
    const auto [values, limit] = draw(random);
    SCOPED_TRACE(round);
    const GroupStatistics s = of(values, {.limit = limit});
    expect_the_same_in_all_words(s, limit);
    passed += s.en689.decision == Compliance::compliance ? 1 : 0;
    failed += s.en689.decision == Compliance::non_compliance ? 1 : 0;
  }
  EXPECT_GT(passed, 100);
  EXPECT_GT(failed, 50);
}

// --- the preliminary test

struct Preliminary {
  std::vector<double> values;
  Compliance expected;
};
class PreliminaryTest : public testing::TestWithParam<Preliminary> {};

TEST_P(PreliminaryTest, AsksForAShareOfTheLimitByTheNumberOfResults) {
  const GroupStatistics s = of(GetParam().values, {.limit = 10});
  EXPECT_EQ(s.en689.decision, GetParam().expected);
  EXPECT_EQ(s.en689.preliminary, GetParam().expected);
  EXPECT_FALSE(s.en689.statistical);
}
// 0.1, 0.15 and 0.2 of 10; a threshold itself does not satisfy it, the limit itself does not exceed it.
INSTANTIATE_TEST_SUITE_P(EN689, PreliminaryTest,
                         testing::Values(Preliminary{{0.99, 0.5, 0.4}, Compliance::compliance},
                                         Preliminary{{1.0, 0.5, 0.4}, Compliance::no_decision},
                                         Preliminary{{1.49, 1.2, 0.5, 0.4}, Compliance::compliance},
                                         Preliminary{{1.5, 1.2, 0.5, 0.4}, Compliance::no_decision},
                                         Preliminary{{1.99, 1.6, 1.2, 0.5, 0.4}, Compliance::compliance},
                                         Preliminary{{2.0, 1.6, 1.2, 0.5, 0.4}, Compliance::no_decision},
                                         Preliminary{{10.0, 0.5, 0.4}, Compliance::no_decision},
                                         Preliminary{{10.1, 0.5, 0.4}, Compliance::non_compliance}));

// 0.3 / 3 is a little less than 0.1 in binary.
TEST(Group, AtAThresholdOfThePreliminaryTestDoesNotSatisfyIt) {
  EXPECT_EQ(of({0.3, 0.1, 0.1}, {.limit = 3}).en689.decision, Compliance::no_decision);
  EXPECT_EQ(of({0.299999, 0.1, 0.1}, {.limit = 3}).en689.decision, Compliance::compliance);
}

TEST(Group, OfThreeToFiveIsJudgedByThePreliminaryTestAlone) {
  const GroupStatistics passed = of({0.9, 0.5, 0.4}, {.limit = 10});
  EXPECT_EQ(passed.en689.ground, Ground::preliminary_test);
  EXPECT_EQ(passed.months_to_next, 36);
  EXPECT_EQ(passed.meaning.en, "All 3 results are below 0.1 of the limit (preliminary test). EN 689: compliance.");
  const GroupStatistics open = of({1.5, 1.2, 0.5, 0.4}, {.limit = 10});
  EXPECT_EQ(open.en689.ground, Ground::too_few_results);
  EXPECT_EQ(open.en689.more_results, 2u);
  EXPECT_FALSE(open.months_to_next);
  EXPECT_EQ(open.meaning.en,
            "None of 4 results exceeds the limit, but not all are below 0.15 of it; the statistical test needs 2 more. "
            "EN 689: no decision.");
}

TEST(Group, OfOneOrTwoIsTooFewUnlessOneExceeds) {
  const GroupStatistics one = of({1.0}, {.limit = 10});
  EXPECT_EQ(one.en689.decision, Compliance::no_decision);
  EXPECT_EQ(one.en689.more_results, 2u);
  EXPECT_FALSE(one.en689.preliminary);
  EXPECT_EQ(one.method, Method::none);
  EXPECT_EQ(one.am->value, 1.0);
  EXPECT_FALSE(one.gm);
  EXPECT_FALSE(one.p95);
  EXPECT_FALSE(one.bayes);
  EXPECT_EQ(one.meaning.en, "1 result, not above the limit; the test needs at least 3: 2 more. EN 689: no decision.");
  const GroupStatistics above = of({11.0}, {.limit = 10});
  EXPECT_EQ(above.en689.decision, Compliance::non_compliance);
  EXPECT_EQ(above.en689.ground, Ground::above_limit);
  const GroupStatistics two = of({1.0, 2.0}, {.limit = 10});
  EXPECT_EQ(two.en689.more_results, 1u);
  expect_close(two.p95->utl_70, std::exp(std::log(2) / 2 + 4.216693392092 * std::log(2) / std::sqrt(2)));
  EXPECT_FALSE(two.fit.log_normal);
  EXPECT_FALSE(two.bayes);
}

TEST(Group, OfNothingHasNoFigures) {
  const GroupStatistics s = of(std::vector<double>{}, {.limit = 10});
  EXPECT_EQ(s.en689.ground, Ground::no_results);
  EXPECT_EQ(s.en689.decision, Compliance::no_decision);
  EXPECT_FALSE(s.minimum);
  EXPECT_FALSE(s.am);
  EXPECT_EQ(s.meaning.en, "No results yet.");
}

TEST(Group, WithoutALimitHasFiguresAndNoJudgement) {
  const GroupStatistics s = of(s1, {});
  EXPECT_EQ(s.en689.ground, Ground::no_limit);
  EXPECT_EQ(s.en689.decision, Compliance::no_decision);
  EXPECT_FALSE(s.exceedance);
  EXPECT_FALSE(s.aiha_category);
  EXPECT_FALSE(s.bayes->overexposure_risk);
  EXPECT_FALSE(s.bayes->f);
  expect_close(s.p95->utl_70, 4.000427);
  EXPECT_EQ(s.meaning.en, "6 results; without a limit there is no judgement.");
}

TEST(Group, OfEqualResultsDividesByNoSpread) {
  const std::vector<double> equal{0.3, 0.3, 0.3, 0.3, 0.3, 0.3};
  const GroupStatistics at_limit = of(equal, {.limit = 0.3});
  EXPECT_EQ(at_limit.gsd->value, 1);
  EXPECT_EQ(at_limit.sd, 0);
  EXPECT_FALSE(at_limit.exceedance->u_r);
  EXPECT_EQ(at_limit.exceedance->f, 0);
  EXPECT_EQ(at_limit.exceedance->f_u95, 0);
  EXPECT_EQ(at_limit.en689.decision, Compliance::compliance);
  EXPECT_FALSE(at_limit.fit.log_normal);
  EXPECT_FALSE(at_limit.bayes);
  EXPECT_EQ(at_limit.meaning.en,
            "None of 6 results exceeds the limit, and there is no spread between them. EN 689: compliance.");
}

// Means are rounded: the seventh part of 7 times 0.7 need not be 0.7.
TEST(Group, OfEqualResultsHasNoSpreadWhateverTheirNumber) {
  for (const double value : {0.1, 0.3, 0.7, 1.1, 6.3}) {
    for (std::size_t n = 2; n < 40; ++n) {
      EXPECT_FALSE(of(std::vector<double>(n, value), {.limit = 7}).exceedance->u_r) << n << " times " << value;
    }
  }
}

TEST(Group, OfEqualResultsAboveTheLimitIsNotInCompliance) {
  const GroupStatistics above = of(std::vector<double>(6, 0.3), {.limit = 0.29});
  EXPECT_EQ(above.en689.decision, Compliance::non_compliance);
  EXPECT_EQ(above.en689.statistical, Compliance::non_compliance);
  EXPECT_EQ(above.exceedance->f, 1);
}

struct Months {
  double gm;
  int months;
};
class NextMeasurement : public testing::TestWithParam<Months> {};
TEST_P(NextMeasurement, IsByTheGeometricMean) {
  const double gm = GetParam().gm;
  const std::vector<double> close_together{gm, gm * 1.05, gm / 1.05, gm * 1.02, gm / 1.02, gm};
  EXPECT_EQ(of(close_together, {.limit = 1}).months_to_next, GetParam().months);
}
INSTANTIATE_TEST_SUITE_P(EN689Annex, NextMeasurement,
                         testing::Values(Months{0.099, 36}, Months{0.101, 24}, Months{0.249, 24}, Months{0.251, 18},
                                         Months{0.499, 18}, Months{0.501, 12}));

struct Category {
  double p95;
  int category;
};
class AihaCategory : public testing::TestWithParam<Category> {};
TEST_P(AihaCategory, IsByTheShareOfTheLimit) {
  const double all = GetParam().p95;
  EXPECT_EQ(of({all, all, all}, {.limit = 1}).aiha_category, GetParam().category);
}
INSTANTIATE_TEST_SUITE_P(Bounds, AihaCategory,
                         testing::Values(Category{0.01, 0}, Category{0.011, 1}, Category{0.099, 1}, Category{0.1, 2},
                                         Category{0.5, 2}, Category{0.501, 3}, Category{1, 3}, Category{1.001, 4}));

// --- levels

// R 4.2.2: t.test(x, conf.level = .9)$conf.int, mean(x) + sd(x) * qt(c(.7, .95), 5, qnorm(.95) * sqrt(6)) / sqrt(6)
TEST(Levels, AreNormalAndHaveNoGeometricMean) {
  const GroupStatistics s = of({84, 86, 83, 88, 85, 84.5}, {.limit = 90, .is_level = true});
  EXPECT_EQ(s.distribution, Distribution::normal);
  EXPECT_EQ(s.am_interval, MeanInterval::student_t);
  expect_close(*s.am, 85.08333333333, {83.6486182626, 86.51804840406}, 1e-10);
  expect_close(*s.sd, 1.744037461371, 1e-10);
  expect_close(s.p95->utl_70, 88.89709846428, 1e-10);
  expect_close(s.p95->utl_95, 91.54967256738, 1e-10);
  expect_close(*s.exceedance->u_r, (90 - 85.08333333333) / 1.744037461371, 1e-10);
  expect_close(s.fit.normal->p.value(), 0.8174635120085, 1e-9);
  EXPECT_FALSE(s.fit.log_normal);
  EXPECT_FALSE(s.gm);
  EXPECT_FALSE(s.gsd);
  EXPECT_FALSE(s.simple_mean);
  EXPECT_FALSE(s.aiha_category);
  EXPECT_FALSE(s.months_to_next);
  EXPECT_FALSE(s.bayes);
  EXPECT_FALSE(s.plot.logarithmic);
  EXPECT_EQ(s.en689.decision, Compliance::compliance);
  EXPECT_THAT(s.meaning.en, HasSubstr("By the statistical test of EN 689: compliance."));
}

// 8 dB of 85 are no tenth of anything.
TEST(Levels, HaveNoPreliminaryTest) {
  const GroupStatistics s = of({8, 7, 6}, {.limit = 85, .is_level = true});
  EXPECT_FALSE(s.en689.preliminary);
  EXPECT_EQ(s.en689.decision, Compliance::no_decision);
  EXPECT_EQ(s.en689.more_results, 3u);
}

TEST(Levels, MayBeNegative) {
  const GroupStatistics s = of({-3, 0, 4}, {.limit = 0, .is_level = true, .loq = 20});
  EXPECT_EQ(s.below_loq, 0u);
  EXPECT_EQ(s.minimum, (Observation{-3, false}));
  EXPECT_EQ(s.en689.above_limit, 1u);
}

// --- goodness of fit

struct Normality {
  std::vector<double> values;
  double w, p;
};
class ShapiroWilk : public testing::TestWithParam<Normality> {};
TEST_P(ShapiroWilk, IsWhatRSays) {
  const FitFigure figure = shapiro_wilk(GetParam().values).value();
  expect_close(figure.statistic, GetParam().w, 1e-9);
  expect_close(figure.p.value(), GetParam().p, 1e-6);
}
// R 4.2.2: shapiro.test(x). n = 3, 4 and 5 (one weight by polynomial), 7 and 11 (small samples), 9, 12 (large ones).
INSTANTIATE_TEST_SUITE_P(
    Values, ShapiroWilk,
    testing::Values(
        Normality{{1.2, 3.4, 2.2}, 0.9972527472527, 0.8998502800372},
        Normality{{1.2, 3.4, 2.2, 2.9}, 0.9722242538839, 0.8552053040692},
        Normality{{1, 2, 4, 8, 100}, 0.6078251485202, 0.0007954340217673}, Normality{s1, 0.8739001403, 0.2421986904872},
        Normality{s3, 0.9838357380554, 0.9760318872065}, Normality{s2, 0.7943305348792, 0.01758977266033},
        Normality{{0.10, 0.12, 0.18, 0.22, 0.25, 0.31, 0.38, 0.44, 0.52, 0.75, 1.4}, 0.787196207211, 0.006383310767578},
        Normality{{0.10, 0.12, 0.18, 0.22, 0.25, 0.31, 0.38, 0.44, 0.52, 0.75, 1.4, 2.9},
                  0.6634571516734,
                  0.0003831437875107}));

TEST(ShapiroWilkOf, EqualOrTooFewValuesIsNothing) {
  EXPECT_FALSE(shapiro_wilk(std::vector{1.0, 2.0}));
  EXPECT_FALSE(shapiro_wilk(std::vector{1.0, 1.0, 1.0}));
  EXPECT_FALSE(shapiro_wilk(std::vector<double>(5001, 1.0)));
}

TEST(Fit, TakesTheLogNormalWhereItIsPlausible) {
  const GroupStatistics s = of(s2, {.limit = 1000});
  EXPECT_EQ(s.fit.test, FitTest::shapiro_wilk);
  expect_close(s.fit.log_normal->statistic, 0.9585004922131, 1e-9);
  expect_close(s.fit.log_normal->p.value(), 0.7825005463265, 1e-6);
  EXPECT_TRUE(s.fit.log_normal->plausible());
  EXPECT_FALSE(s.fit.normal->plausible());
}

TEST(Fit, TakesTheNormalWhereItAloneIsPlausible) {
  const std::vector<double> values{0.02, 1.1, 1.6, 2.0, 2.2, 2.4, 2.7, 3.1, 3.6};
  const GroupStatistics s = of(values, {.limit = 6});
  EXPECT_FALSE(s.fit.log_normal->plausible());
  EXPECT_TRUE(s.fit.normal->plausible());
  EXPECT_EQ(s.distribution, Distribution::normal);
  expect_close(*s.exceedance->u_r, (6 - s.am->value) / *s.sd, 1e-12);
  expect_close(s.p95->utl_70, s.am->value + *tolerance_factor(9, 0.70) * *s.sd, 1e-12);
  EXPECT_TRUE(s.gm);
  EXPECT_FALSE(s.bayes);
  EXPECT_EQ(s.am_interval, MeanInterval::student_t);
  EXPECT_EQ(s.en689.decision, Compliance::compliance);
  EXPECT_THAT(s.meaning.en, HasSubstr("The log-normal distribution does not fit; the normal one was taken."));
}

TEST(Fit, LeavesTheStatisticalTestOpenWhereNoneIsPlausible) {
  const std::vector<double> two_groups{1, 1.01, 1.02, 1.03, 1.04, 1.05, 20, 20.1, 20.2, 20.3, 20.4};
  const GroupStatistics s = of(two_groups, {.limit = 1000});
  EXPECT_EQ(s.en689.decision, Compliance::no_decision);
  EXPECT_EQ(s.en689.ground, Ground::no_distribution);
  EXPECT_EQ(s.en689.statistical, Compliance::compliance);
  EXPECT_THAT(s.meaning.en, HasSubstr("they follow neither a log-normal nor a normal distribution"));
  EXPECT_THAT(s.meaning.zh, HasSubstr("既不符合对数正态分布，也不符合正态分布"));
  EXPECT_EQ(of(two_groups, {.limit = 20.35}).en689.decision, Compliance::non_compliance);
}

// --- results below LOQ

// R 4.2.2, for d$x of exposure_job3.csv without "<" as x, cen <- grepl("<", d$x). With lim the LOQs that occur, rising,
// A = detected from one LOQ to the next, B = results below it, detected or not:
//   pe[j] = pe[j+1] + A[j] / (A[j] + B[j]) * (1 - pe[j+1])
//   p     = 1 - pe[j] + r / (A[j] + 1) * (pe[j] - pe[j+1])       r-th of the detected there
//   p     = r / (C[j] + 1) * (1 - pe[j])                         r-th of the C below this LOQ
//   f <- lm(log(x[!cen]) ~ qnorm(p[!cen])); GM = exp(coef(f)[1]), GSD = exp(coef(f)[2])
// The package NADA (ros) gives the same to the last digit. Maximum likelihood (survreg): GM 0.136891, GSD 2.471750.
TEST(BelowLoq, IsMetByRegressionOnOrderStatistics) {
  const std::vector<Observation> all = job3();
  const GroupStatistics s = with_loq(all, {.limit = 5});
  EXPECT_EQ(s.n, 193u);
  EXPECT_EQ(s.below_loq, 25u);
  EXPECT_EQ(s.method, Method::ros);
  expect_close(s.gm->value, 0.13743913132448, 1e-11);
  expect_close(s.gsd->value, 2.47546177199362, 1e-11);
  expect_close(s.am->value, 0.200633203318136, 1e-11);
  expect_close(*s.sd, 0.197033109330291, 1e-11);
  EXPECT_FALSE(s.am->interval);
  EXPECT_FALSE(s.gm->interval);
  EXPECT_EQ(s.fit.test, FitTest::ros_correlation);
  expect_close(s.fit.log_normal->statistic, 0.986562680546092, 1e-11);
  expect_close(s.fit.normal->statistic, 0.868968764489228, 1e-11);
  EXPECT_FALSE(s.fit.log_normal->plausible());
  expect_close(s.p95->utl_70, 0.13743913132448 * std::pow(2.47546177199362, 1.706625887612), 1e-10);
  EXPECT_EQ(s.minimum, (Observation{0.02, true}));  // the least LOQ is 0.03, a detected result 0.02
  EXPECT_EQ(s.maximum, (Observation{1.4, false}));
  EXPECT_EQ(s.en689.ground, Ground::no_distribution);
  EXPECT_THAT(s.meaning.en, HasSubstr("they do not follow a log-normal distribution"));
}

// R 4.2.2 on the 168 results above LOQ: shapiro.test, t.test, qt(g, 167, qnorm(.95) * sqrt(168)) / sqrt(168), and for
// L = 0.6 uniroot(function(z) pt(ur * sqrt(n), n - 1, z * sqrt(n)) - g, c(0, 2.8)).
TEST(AboveLoq, AgreesWithRInEveryFigure) {
  const GroupStatistics s = with_loq(job3_above_loq(), {.limit = 0.6});
  EXPECT_EQ(s.n, 168u);
  EXPECT_EQ(s.method, Method::complete);
  expect_close(*s.gm, 0.167457134892291, {0.151821122921975, 0.184703495051519}, 1e-10);
  expect_close(*s.gsd, 2.15577306883644, {2.02421865062633, 2.32716935966825}, 1e-10);
  expect_close(*s.sd, 0.200525365011802, 1e-11);
  EXPECT_EQ(s.median->value, 0.17);
  expect_close(s.fit.log_normal->statistic, 0.977555231859423, 1e-10);
  expect_close(s.fit.log_normal->p.value(), 0.00794726434728566, 1e-8);
  expect_close(s.fit.normal->statistic, 0.71803845298608, 1e-10);
  expect_close(s.fit.normal->p.value(), 1.39027605780457e-16, 1e-6);
  expect_close(s.p95->utl_70, 0.623486938974468, 1e-9);
  expect_close(s.p95->utl_90, 0.671467207226565, 1e-9);
  expect_close(s.p95->utl_95, 0.696916202769187, 1e-9);
  expect_close(*s.exceedance->u_r, 1.66139850048402, 1e-10);
  expect_close(s.exceedance->f, 0.0483167193848444, 1e-9);
  expect_close(s.exceedance->f_u70, 0.0552377415731172, 1e-8);
  expect_close(s.exceedance->f_u95, 0.0716375183160649, 1e-8);
  EXPECT_EQ(s.en689.above_limit, 7u);
}

TEST(BelowLoq, EntersTheDecisionByRos) {
  const GroupStatistics s = with_loq(
      {{0.5, true}, {0.5, true}, {0.8, false}, {1.2, false}, {2.1, false}, {3.9, false}, {6, false}}, {.limit = 100});
  EXPECT_EQ(s.method, Method::ros);
  EXPECT_EQ(s.en689.decision, Compliance::compliance);
  EXPECT_EQ(s.minimum, (Observation{0.5, true}));
  EXPECT_EQ(s.median, (Observation{1.2, false}));
  EXPECT_THAT(
      s.meaning.en,
      HasSubstr("2 of them are below the quantification limit, estimated by regression on order statistics (ROS). "
                "EN 689: compliance."));
  EXPECT_THAT(s.meaning.zh, HasSubstr("其中 2 个低于定量限，由次序统计量回归（ROS）估计。"));
}

// Plotting positions by hand: one LOQ of 1, 2 of 6 below it: pe = 4/6; detected 1/3 + r/5 2/3, below r/3 1/3.
TEST(BelowLoq, HasThePlottingPositionsOfHelselAndCohn) {
  const auto plot = with_loq({{5, false}, {1, true}, {2, false}, {1, true}, {3, false}, {1, false}}, {}).plot;
  ASSERT_EQ(plot.points.size(), 6u);
  const std::vector<double> positions{1 / 9.0, 2 / 9.0, 7 / 15.0, 9 / 15.0, 11 / 15.0, 13 / 15.0};
  for (std::size_t i = 0; i < positions.size(); ++i) {
    EXPECT_NEAR(std::erfc(-plot.points[i].z / std::sqrt(2)) / 2, positions[i], 1e-12) << i;
    EXPECT_EQ(plot.points[i].below_loq, i < 2) << i;
  }
}

TEST(BelowLoq, GivesNoFiguresWhereTooLittleIsAboveIt) {
  const std::vector<Observation> two_above{{1, true}, {1, true}, {1, true}, {1, true}, {3, false}, {4, false}};
  const GroupStatistics s = with_loq(two_above, {.limit = 10});
  EXPECT_EQ(s.method, Method::none);
  EXPECT_FALSE(s.gm);
  EXPECT_FALSE(s.am);
  EXPECT_FALSE(s.p95);
  EXPECT_FALSE(s.bayes);
  EXPECT_EQ(s.maximum, (Observation{4, false}));
  EXPECT_EQ(s.median, (Observation{1, true}));
  EXPECT_EQ(s.en689.ground, Ground::too_few_detected);
  EXPECT_EQ(s.en689.decision, Compliance::no_decision);
  EXPECT_THAT(s.meaning.en, HasSubstr("only 2 are above the quantification limit"));
}

TEST(BelowLoq, NeedsThreeAboveItAndAFifthOfAll) {
  const std::vector<Observation> three_above{{1, true}, {1, true}, {1, true}, {3, false}, {4, false}, {5, false}};
  EXPECT_EQ(with_loq(three_above, {.limit = 10}).method, Method::ros);
  // 4 of 20 above LOQ are 80 % below it; 4 of 21 are more.
  std::vector<Observation> mostly_below(16, Observation{1, true});
  for (const double value : {2.0, 3.0, 4.0, 5.0}) mostly_below.push_back({value, false});
  EXPECT_EQ(with_loq(mostly_below, {.limit = 10}).method, Method::ros);
  mostly_below.push_back({1, true});
  EXPECT_EQ(with_loq(mostly_below, {.limit = 10}).method, Method::none);
}

TEST(BelowLoq, StillDecidesThePreliminaryTestWithItsLoq) {
  const std::vector<Observation> three(3, Observation{0.9, true});
  const GroupStatistics s = with_loq(three, {.limit = 10});
  EXPECT_EQ(s.en689.decision, Compliance::compliance);
  EXPECT_EQ(s.months_to_next, 36);
  EXPECT_EQ(with_loq(std::vector<Observation>(3, Observation{1, true}), {.limit = 10}).en689.decision,
            Compliance::no_decision);
  // More than five: any five of them have passed.
  EXPECT_EQ(with_loq(std::vector<Observation>(8, Observation{1.9, true}), {.limit = 10}).en689.ground,
            Ground::preliminary_test);
  EXPECT_EQ(with_loq(std::vector<Observation>(8, Observation{2, true}), {.limit = 10}).en689.ground,
            Ground::too_few_detected);
}

TEST(BelowLoq, SaysNothingWhereLoqIsAboveTheLimit) {
  std::vector<Observation> results{{20, true}, {1, false}, {2, false}, {1.5, false}, {1.2, false}, {1.7, false}};
  EXPECT_EQ(with_loq(results, {.limit = 10}).en689.ground, Ground::loq_above_limit);
  EXPECT_EQ(with_loq(results, {.limit = 10}).en689.decision, Compliance::no_decision);
  EXPECT_EQ(with_loq(results, {.limit = 10}).maximum, (Observation{20, true}));
  results.push_back({11, false});
  EXPECT_EQ(with_loq(results, {.limit = 10}).en689.decision, Compliance::non_compliance);
}

TEST(BelowLoq, IsWhatZeroMeansWhereALoqIsGiven) {
  const GroupStatistics s = of({0, -0.1, 0.8, 1.2, 2.1, 3.9}, {.limit = 100, .loq = 0.5});
  EXPECT_EQ(s.below_loq, 2u);
  EXPECT_EQ(s.minimum, (Observation{0.5, true}));
  EXPECT_FALSE(group_statistics(above_loq({0, 0.8, 1.2}), {.limit = 100}));
}

TEST(Input, ThatIsNoExposureIsRefused) {
  EXPECT_FALSE(group_statistics(above_loq({1, std::nan("")}), {}));
  EXPECT_FALSE(group_statistics(above_loq({1, INFINITY}), {}));
  EXPECT_FALSE(group_statistics(above_loq({1, 1.1e8}), {}));
  EXPECT_FALSE(group_statistics(above_loq({1, 0.9e-8}), {}));
  EXPECT_FALSE(group_statistics(std::vector<Observation>{{0, true}}, {}));
  EXPECT_FALSE(group_statistics(above_loq({0}), {.loq = 0}));
  EXPECT_FALSE(group_statistics(above_loq(s1), {.limit = 0}));
  EXPECT_FALSE(group_statistics(above_loq(s1), {.limit = std::nan("")}));
  EXPECT_FALSE(group_statistics(std::vector<Observation>(most_results + 1, Observation{1, false}), {}));
  EXPECT_FALSE(group_statistics(above_loq({80, INFINITY}), {.is_level = true}));
}

// Two results as far apart as can be still have figures that a JSON can say.
TEST(Input, AtItsEndsHasFiniteFigures) {
  const GroupStatistics s = of({1e-8, 1e8}, {.limit = 1e8});
  EXPECT_TRUE(std::isfinite(s.p95->utl_95));
  EXPECT_TRUE(std::isfinite(s.gsd->interval->upper));
  EXPECT_TRUE(std::isfinite(s.gm->interval->upper));
  EXPECT_TRUE(std::isfinite(*s.simple_mean));
}

// --- Bayes

// Expostats and webexpo by MCMC, printed in the reference; 1 %.
TEST(BayesOfWebexpo, IsMetWithoutChance) {
  const Bayes one = of(s1, {.limit = 5}).bayes.value();
  expect_close(one.gm, 1.064, {0.642, 1.762}, 0.01);
  expect_close(one.gsd.value, 1.978, 0.01);
  expect_close(one.p95.value, 3.22, 0.01);
  expect_close(one.p95.interval->upper, 9.20, 0.01);
  expect_close(one.p95_upper_70, 4.15, 0.01);
  expect_close(one.f->value, 0.0110, 0.01);
  expect_close(*one.overexposure_risk, 0.1996, 0.01);
  EXPECT_EQ(one.band, ControlBand::tolerable);
  const Bayes two = of(s2, {.limit = 100}).bayes.value();
  expect_close(two.gm, 34.28, {21.72, 54.09}, 0.01);
  expect_close(two.gsd, 2.184, {1.726, 3.360}, 0.01);
  expect_close(two.p95, 122.7, {72.5, 299.6}, 0.01);
  expect_close(two.p95_upper_70, 154.4, 0.01);
  expect_close(*two.f, 0.0835, {0.0149, 0.262}, 0.01);
  expect_close(*two.overexposure_risk, 0.711, 0.01);
  EXPECT_EQ(two.band, ControlBand::poor);
  EXPECT_EQ(of(s3, {.limit = 4}).bayes->band, ControlBand::well_controlled);
}

// R 4.2.2 by brute force: dnorm and pnorm of every result on a grid of 400 to 1500 mu and 300 to 700 ln sigma, the
// prior dnorm(ln sigma, -0.1744, 1 / sqrt(2.5523)), quantiles of the sorted products.
TEST(BayesBelowLoq, AgreesWithBruteForce) {
  const Bayes many = with_loq(job3(), {.limit = 0.6}).bayes.value();
  expect_close(many.gm, 0.136836, {0.122497, 0.152609}, 0.002);
  expect_close(many.gsd, 2.48207, {2.29588, 2.71792}, 0.002);
  expect_close(many.p95, 0.610233, {0.520138, 0.731434}, 0.002);
  expect_close(many.am, 0.206969, {0.183107, 0.237268}, 0.002);
  expect_close(*many.f, 0.0519313, {0.0349175, 0.0745701}, 0.002);
  expect_close(*many.overexposure_risk, 0.565239, 0.002);
  const Bayes seven =
      with_loq({{0.5, true}, {0.5, true}, {0.8, false}, {1.2, false}, {2.1, false}, {3.9, false}, {6, false}},
               {.limit = 10})
          .bayes.value();
  expect_close(seven.gm, 1.14643, {0.417937, 2.64964}, 0.005);
  expect_close(seven.gsd, 3.56104, {2.24911, 9.3034}, 0.005);
  expect_close(seven.p95, 8.98396, {3.54923, 51.2872}, 0.005);
  expect_close(seven.am, 2.60918, {1.13761, 15.3933}, 0.005);
  expect_close(*seven.f, 0.0419573, {0.00284235, 0.210389}, 0.005);
  expect_close(*seven.overexposure_risk, 0.443318, 0.005);
  // Half of them below two LOQs, one of which lies among the others.
  const Bayes six =
      with_loq({{0.5, true}, {0.5, true}, {1.0, true}, {0.8, false}, {1.2, false}, {2.1, false}}, {.limit = 10})
          .bayes.value();
  expect_close(six.gm, 0.585583, {0.172787, 1.22864}, 0.005);
  expect_close(six.gsd, 2.79447, {1.76807, 8.40147}, 0.005);
  expect_close(six.p95, 2.99645, {1.34283, 16.3168}, 0.005);
  expect_close(*six.f, 0.0024542, {9.25491e-07, 0.0837161}, 0.01);
  expect_close(*six.overexposure_risk, 0.0963339, 0.005);
}

// The unit changes nothing that has none.
TEST(BayesInAnotherUnit, IsTheSame) {
  const std::vector<Observation> mg{{0.5, true}, {0.8, false}, {1.2, false}, {2.1, false}, {3.9, false}};
  std::vector<Observation> ug = mg;
  for (Observation& o : ug) o.value *= 1000;
  const Bayes in_mg = with_loq(mg, {.limit = 10}).bayes.value();
  const Bayes in_ug = with_loq(ug, {.limit = 10000}).bayes.value();
  expect_close(in_ug.p95.value, 1000 * in_mg.p95.value, 1e-9);
  expect_close(in_ug.gsd.value, in_mg.gsd.value, 1e-9);
  expect_close(*in_ug.overexposure_risk, *in_mg.overexposure_risk, 1e-9);
}

TEST(Names, AreThoseOfTheEnumerators) {
  EXPECT_EQ(name(Method::ros), "ros");
  EXPECT_EQ(name(Method::none), "none");
  EXPECT_EQ(name(Distribution::normal), "normal");
  EXPECT_EQ(name(FitTest::ros_correlation), "ros_correlation");
  EXPECT_EQ(name(MeanInterval::student_t), "student_t");
  EXPECT_EQ(name(ControlBand::poor), "poor");
  EXPECT_EQ(name(Compliance::no_decision), "no_decision");
  EXPECT_EQ(name(Ground::no_results), "no_results");
  EXPECT_EQ(name(Ground::too_few_detected), "too_few_detected");
  EXPECT_EQ(name(Ground::statistical_test), "statistical_test");
}

}  // namespace statistics_test
}  // namespace hazgate::records
