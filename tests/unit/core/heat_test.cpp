// Heat: the mean WBGT of a shift, by the meter that runs all day and by the evaluation of a record. GBZ 331-2024 Table
// G.2
#include <gtest/gtest.h>

#include <cmath>

#include "core/evaluation.hpp"
#include "core/exposure_meter.hpp"

namespace hazgate::core {
namespace heat_test {

using std::chrono::hours;
using std::chrono::minutes;

const Timestamp start{std::chrono::days(20000)};
const Agent heat{.id = "wbgt:75:III",
                 .limits = {{LimitKind::wbgt, 28, Unit::degree_celsius, "table"}},
                 .unit = Unit::degree_celsius};

/// A shift of 8 h, read once a minute.
struct HotShift {
  HotShift& stay(minutes time, double value, Flag flag = Flag::normal) {
    for (const auto end = now + time; now < end; now += minutes(1)) {
      meter.add(rule,
                {false, now, now + minutes(1), value, flag, {value, value, 1}});  // a level of the site may want C_STE
      if (enters_averages(flag)) half_hour.add(now, now + minutes(1), value);
    }
    return *this;
  }
  HotShift& nothing(minutes time) {
    now += time;
    return *this;
  }
  Exposure record() const { return meter.record(rule, now, half_hour.at(now)); }
  ExposureRule rule = exposure_rule(heat, heat.unit, {.id = "day", .hours = 8, .days_per_week = 6});
  ExposureMeter meter{{.begin = start, .end = start + hours(8)}, {}};
  SlidingMean half_hour{minutes(30), minutes(1)};
  Timestamp now = start;
};

Evaluation evaluated(std::vector<Segment> segments) { return evaluate_day(heat, {.days_per_week = 6}, segments); }

TEST(HeatMeter, TheMeanIsOverTheMeasuredTimeAndAGapIsNoDegreesOfIt) {
  HotShift shift;
  shift.stay(minutes(200), 30).nothing(minutes(60)).stay(minutes(100), 24).stay(minutes(120), 25);
  const auto e = shift.record();
  const double mean = (200 * 30 + 100 * 24 + 120 * 25) / 420.0;
  EXPECT_EQ(e.rule, TwaRule::mean);
  EXPECT_DOUBLE_EQ(e.twa_so_far, mean);
  EXPECT_DOUBLE_EQ(e.twa, mean);
  EXPECT_DOUBLE_EQ(e.time.coverage(), 420.0 / 480);
  EXPECT_EQ(e.verdict, Verdict::compliant);
  EXPECT_EQ(e.max, 30);
}

TEST(HeatMeter, AMeanEqualToTheLimitComplies) {
  HotShift shift, above;
  EXPECT_EQ(shift.stay(minutes(240), 30.1).stay(minutes(240), 25.9).record().verdict, Verdict::compliant);
  EXPECT_TRUE(above.stay(minutes(240), 30.1).stay(minutes(240), 25.901).record().breaches.has(Breach::wbgt));
}

TEST(HeatMeter, PassingTheLimitIsNotFinal) {
  HotShift shift;
  shift.stay(minutes(60), 32);
  EXPECT_EQ(shift.record().verdict, Verdict::exceeds);
  EXPECT_FALSE(shift.record().limit_at);
  shift.stay(minutes(420), 25);
  const auto e = shift.record();
  EXPECT_EQ(e.verdict, Verdict::compliant);
  EXPECT_FALSE(e.breaches.any());
  EXPECT_FALSE(e.limit_at);
}

TEST(HeatMeter, TheForecastTakesTheLastHalfHourForTheRest) {
  HotShift shift;
  shift.stay(minutes(90), 24).nothing(minutes(60)).stay(minutes(30), 30);
  const auto e = shift.record();
  const double gap = (90 * 24 + 30 * 30) / 120.0;  // counts as the mean so far
  EXPECT_NEAR(e.twa_projected, (90 * 24 + 60 * gap + 30 * 30 + 300 * 30) / 480, 1e-6);
  EXPECT_EQ(e.verdict, Verdict::insufficient) << "120 min of 180";
  EXPECT_FALSE(e.limit_at) << "though the forecast is above";
}

class SparseHeat : public testing::TestWithParam<double> {};
TEST_P(SparseHeat, WithoutThreeQuartersMeasuredTheMeanProvesNeitherWay) {
  HotShift shift;
  const auto e = shift.stay(minutes(350), GetParam()).nothing(minutes(130)).record();
  EXPECT_EQ(e.verdict, Verdict::insufficient);
  EXPECT_FALSE(e.breaches.any());
  EXPECT_TRUE(std::isnan(e.twa));
  EXPECT_EQ(e.twa_so_far, GetParam());
}
INSTANTIATE_TEST_SUITE_P(HeatMeter, SparseHeat, testing::Values(20, 40));

TEST(HeatMeter, ThreeQuartersMeasuredAreEnough) {
  HotShift just;
  EXPECT_EQ(just.stay(minutes(360), 20).nothing(minutes(120)).record().twa, 20);
}

TEST(HeatMeter, OverRangeIsALowerBoundAndNeverCompliant) {
  HotShift cool, hot;
  const auto e = cool.stay(minutes(470), 20).stay(minutes(10), 50, Flag::over_range).record();
  EXPECT_TRUE(e.at_least);
  EXPECT_DOUBLE_EQ(e.twa_so_far, (470 * 20 + 10 * 50) / 480.0);
  EXPECT_TRUE(std::isnan(e.twa));
  EXPECT_EQ(e.verdict, Verdict::insufficient);
  EXPECT_EQ(hot.stay(minutes(300), 20).stay(minutes(180), 50, Flag::over_range).record().verdict, Verdict::exceeds)
      << "31.25 degC at least";
}

TEST(HeatMeter, HasNoDoseNoRatioNoShortTimeAndNoWeek) {
  HotShift shift;
  const auto e = shift.stay(minutes(480), 100).record();
  EXPECT_TRUE(std::isnan(e.ratio));
  EXPECT_TRUE(std::isnan(e.stel_max));
  EXPECT_TRUE(std::isnan(e.week));
  EXPECT_EQ(e.episodes.count, 0U);
  EXPECT_EQ(e.reduction_factor, 1);
}

TEST(HeatMeter, AShiftThatNobodyEndedIsJudgedByWhatWasMeasured) {
  HotShift long_enough, too_short;
  const auto whole = ended_with_gap(long_enough.stay(minutes(400), 29).record(), false);
  EXPECT_EQ(whole.twa, 29);
  EXPECT_TRUE(whole.breaches.has(Breach::wbgt));
  EXPECT_FALSE(whole.breaches.has(Breach::pc_twa));
  EXPECT_TRUE(std::isnan(whole.ratio));
  const auto part = too_short.stay(minutes(100), 29).record();
  EXPECT_EQ(part.verdict, Verdict::exceeds) << "so far";
  EXPECT_EQ(ended_with_gap(part, false).verdict, Verdict::insufficient) << "of the whole shift";
  EXPECT_FALSE(ended_with_gap(part, false).breaches.any());
}

TEST(HeatEvaluation, WeighsEachSegmentByItsTime) {
  const auto e = evaluated({{90, 30.5}, {30, 24}, {60, 26.25}});
  EXPECT_DOUBLE_EQ(e.wbgt.value(), (90 * 30.5 + 30 * 24 + 60 * 26.25) / 180);
  EXPECT_EQ(e.verdict, Verdict::compliant);
  EXPECT_EQ(e.max, 30.5);
  EXPECT_FALSE(e.twa || e.rule || e.ratio || e.stel_max || e.episodes);
}

TEST(HeatEvaluation, AMeanEqualToTheLimitComplies) {
  EXPECT_EQ(evaluated({{20, 30.1}, {20, 25.9}}).verdict, Verdict::compliant);
  EXPECT_TRUE(evaluated({{20, 30.1}, {20, 25.901}}).breaches.has(Breach::wbgt));
}

TEST(HeatEvaluation, AGapIsMissingAndTimeElsewhereIsNone) {
  EXPECT_EQ(evaluated({{80, 29}, {20, {}}}).verdict, Verdict::exceeds);
  const auto sparse = evaluated({{70, 29}, {30, {}}});
  EXPECT_EQ(sparse.verdict, Verdict::insufficient);
  EXPECT_DOUBLE_EQ(sparse.coverage.value(), 0.7);
  EXPECT_EQ(sparse.wbgt, 29);
  const auto elsewhere = evaluated({{70, 27}, {300, {}, Flag::normal, false}});
  EXPECT_EQ(elsewhere.wbgt, 27);
  EXPECT_EQ(elsewhere.verdict, Verdict::compliant);
}

TEST(HeatEvaluation, OverRangeIsNeverCompliant) {
  const auto e = evaluated({{470, 20}, {10, 50, Flag::over_range}});
  EXPECT_TRUE(e.at_least);
  EXPECT_DOUBLE_EQ(e.wbgt.value(), (470 * 20 + 10 * 50) / 480.0);
  EXPECT_EQ(e.verdict, Verdict::insufficient);
  EXPECT_EQ(evaluated({{100, {}, Flag::over_range}, {400, 20}}).verdict, Verdict::insufficient);
}

}  // namespace heat_test
}  // namespace hazgate::core
