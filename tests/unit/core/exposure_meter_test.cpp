#include "core/exposure_meter.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace hazgate::core {
namespace exposure_meter_test {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Timestamp start{std::chrono::days(20000)};
const ShiftWindow day{.begin = start, .end = start + hours(8), .day = 20000, .week = 19998};

Agent agent(double pc_twa, double pc_stel = no_value) {
  Agent a{.id = "cas:0-00-0"};
  a.limits.push_back({LimitKind::pc_twa, pc_twa, Unit::mg_per_m3, "table"});
  if (std::isfinite(pc_stel)) a.limits.push_back({LimitKind::pc_stel, pc_stel, Unit::mg_per_m3, "table"});
  return a;
}
Agent noise() { return {.id = "noise", .limits = {{LimitKind::lex_8h, 85, Unit::db_a, "table"}}, .unit = Unit::db_a}; }

/// One point whose readings come once a minute.
struct OneShift {
  explicit OneShift(const Agent& a, Shift shift = {.id = "day"}) : rule(exposure_rule(a, a.unit, shift)) {
    window.end =
        start + std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::ratio<3600>>(shift.hours));
    meter = ExposureMeter(window, {});
  }
  OneShift& stay(minutes time, double value, Flag flag = Flag::normal) {
    for (auto end = now + time; now < end; now += minutes(1)) {
      if (enters_averages(flag)) quarter.add(now, now + minutes(1), value);
      if (flag == Flag::over_range) quarter.add_at_least(now, now + minutes(1), value);
      meter.add(rule, {rule.levels, now, now + minutes(1), value, flag, quarter.at(now + minutes(1))});
      if (enters_averages(flag)) half_hour.add(now, now + minutes(1), rule.levels ? to_energy(value) : value);
    }
    return *this;
  }
  OneShift& nothing(minutes time) {
    now += time;
    return *this;
  }
  Exposure record() const { return meter.record(rule, now, half_hour.at(now)); }
  ShiftWindow window = day;
  ExposureRule rule;
  ExposureMeter meter;
  SlidingMean quarter{ste_window, minutes(1)}, half_hour{minutes(30), minutes(1)};
  Timestamp now = start;
};

TEST(ExposureMeter, TheDoseSoFarIsDividedByEightHours) {  // GBZ 2.1-2019 A.2.2.2, formula A.1
  OneShift shift(agent(50));
  shift.stay(hours(2), 100);
  EXPECT_DOUBLE_EQ(shift.record().twa_so_far, 25);
  EXPECT_DOUBLE_EQ(shift.record().mean, 100);
  EXPECT_EQ(shift.record().verdict, Verdict::compliant);
}

TEST(ExposureMeter, AFigureEqualToTheLimitComplies) {  // GBZ 2.1-2019 6.3
  OneShift shift(agent(0.3));
  shift.stay(hours(8), 0.3);
  EXPECT_EQ(shift.record().verdict, Verdict::compliant);
  EXPECT_TRUE(shift.record().final);
  OneShift above(agent(0.3));
  above.stay(hours(8), 0.3001);
  EXPECT_TRUE(above.record().breaches.has(Breach::pc_twa));
}

// As hazgate evaluate has it: the limit of an instrument is no exposure.                 GBZ 331-2024 G.1.1.2 b
TEST(ExposureMeter, WhereNothingWasFoundThereIsNoFigureAndNoBreach) {
  OneShift fine(agent(50));
  fine.stay(hours(8), 10, Flag::below_loq);
  EXPECT_EQ(fine.record().verdict, Verdict::compliant);
  EXPECT_TRUE(std::isnan(fine.record().twa));
  EXPECT_TRUE(std::isnan(fine.record().mean));
  EXPECT_TRUE(std::isnan(fine.record().ratio));
  OneShift blind(agent(50));
  blind.stay(hours(7), 60, Flag::below_loq);
  EXPECT_TRUE(std::isnan(blind.meter.figure(blind.rule, blind.now, blind.half_hour.at(blind.now)).so_far));
  blind.stay(minutes(59), 60, Flag::below_loq);
  EXPECT_EQ(blind.record().verdict, Verdict::insufficient);
  EXPECT_FALSE(blind.record().limit_at);
  blind.stay(minutes(1), 0.1);
  EXPECT_NEAR(blind.record().twa, 60 * 479.0 / 480, 0.1)
      << "once something was found, what was not counts as the limit";
}

TEST(ExposureMeter, PassingTheLimitIsFinalAndSaysWhen) {
  OneShift shift(agent(50));
  shift.stay(hours(4), 100).stay(minutes(1), 100);
  ASSERT_TRUE(shift.record().limit_at);
  EXPECT_EQ(*shift.record().limit_at, start + hours(4) + minutes(1));
  shift.stay(hours(3), 0);
  EXPECT_TRUE(shift.record().breaches.has(Breach::pc_twa));
}

TEST(ExposureMeter, TheForecastTakesTheLastHalfHourForTheRest) {
  OneShift shift(agent(50));
  shift.stay(hours(3), 20).stay(minutes(30), 100);
  const auto e = shift.record();
  EXPECT_DOUBLE_EQ(e.twa_projected, (3 * 20 + 0.5 * 100 + 4.5 * 100) / 8);
  ASSERT_TRUE(e.limit_at) << "and says when the limit will be passed";
  EXPECT_EQ(*e.limit_at, start + hours(3) + minutes(30) + minutes(174));  // (400 - 110) / 100 h
  EXPECT_FALSE(e.breaches.any());
}

TEST(ExposureMeter, AGapIsMissingAndNeverZero) {
  OneShift shift(agent(50));
  shift.stay(hours(7), 60).nothing(hours(1));
  const auto e = shift.record();
  EXPECT_DOUBLE_EQ(e.twa_so_far, 52.5);
  EXPECT_DOUBLE_EQ(e.twa, 60) << "with three quarters measured the gap counts as the mean of what was";
  EXPECT_DOUBLE_EQ(e.time.coverage(), 7.0 / 8);
  EXPECT_DOUBLE_EQ(e.time.missing, 3600);
  OneShift sparse(agent(50));
  sparse.stay(hours(5), 40).nothing(hours(3));
  EXPECT_TRUE(std::isnan(sparse.record().twa));
  EXPECT_EQ(sparse.record().verdict, Verdict::insufficient);
}

TEST(ExposureMeter, ASaturatedInstrumentNeverLooksSafe) {
  OneShift shift(agent(50));
  shift.stay(hours(7), 1).stay(hours(1), 100, Flag::over_range);
  const auto e = shift.record();
  EXPECT_TRUE(e.at_least);
  EXPECT_DOUBLE_EQ(e.twa_so_far, (7 + 100) / 8.0) << "a lower bound: the true value is not below the instrument's end";
  EXPECT_TRUE(std::isnan(e.twa));
  EXPECT_EQ(e.verdict, Verdict::insufficient);
}

TEST(ExposureMeter, TellsApartWhatFilledTheShift) {
  OneShift shift(agent(50));
  shift.stay(minutes(300), 1).stay(minutes(10), 1, Flag::calibrating).stay(minutes(20), 1, Flag::maintenance);
  shift.stay(minutes(30), no_value, Flag::device_fault).stay(minutes(40), no_value, Flag::link_lost);
  shift.stay(minutes(5), 1, Flag::below_loq).nothing(minutes(75));
  const auto t = shift.record().time;
  EXPECT_EQ(t.measured, 305 * 60);
  EXPECT_EQ(t.below_loq, 5 * 60);
  EXPECT_EQ(t.calibrating, 600);
  EXPECT_EQ(t.maintenance, 1200);
  EXPECT_EQ(t.fault, 1800);
  EXPECT_EQ(t.link_lost, 2400);
  EXPECT_EQ(t.missing, 75 * 60);
}

struct LongShift {
  double hours;
  int days;
  bool adjusted;
  TwaRule rule;
  double divisor, limit;  ///< of a PC-TWA of 10
};
class LongShifts : public testing::TestWithParam<LongShift> {};
TEST_P(LongShifts, FollowTheirRule) {
  const auto& p = GetParam();
  auto judged = agent(10);
  judged.reduced_for_long_shifts = p.adjusted;
  const auto rule = exposure_rule(judged, Unit::mg_per_m3, {"s", p.hours, p.days});
  EXPECT_EQ(rule.rule, p.rule);
  EXPECT_DOUBLE_EQ(rule.judged_hours(), p.divisor);
  if (std::isnan(p.limit)) {
    EXPECT_TRUE(std::isnan(rule.limit));
  } else {
    EXPECT_DOUBLE_EQ(rule.limit, p.limit);
  }
}
INSTANTIATE_TEST_SUITE_P(GbzA7, LongShifts,
                         testing::Values(LongShift{8, 5, true, TwaRule::h8, 8, 10},
                                         LongShift{12, 5, false, TwaRule::h8, 8, 10},        // A.7.4, not adjusted
                                         LongShift{12, 4, true, TwaRule::real_time, 12, 5},  // A.5
                                         LongShift{10, 5, true, TwaRule::real_time, 10, 7},
                                         LongShift{8, 6, true, TwaRule::week, 48, 7.8125},  // A.6
                                         LongShift{1, 5, true, TwaRule::none, 8, no_value}));

TEST(ExposureMeter, CountsStretchesWithLengthAndSpacing) {  // GBZ 2.1-2019 6.3.3
  OneShift shift(agent(10));
  shift.stay(minutes(60), 1).stay(minutes(10), 31).stay(minutes(60), 1).stay(minutes(15), 31).stay(minutes(1), 1);
  auto e = shift.record();
  EXPECT_EQ(e.episodes.count, 2u);
  EXPECT_DOUBLE_EQ(e.episodes.longest_minutes, 15);
  EXPECT_DOUBLE_EQ(e.episodes.closest_minutes, 60);
  EXPECT_FALSE(e.breaches.any());
  shift.stay(minutes(30), 1).stay(minutes(2), 31);
  EXPECT_TRUE(shift.record().breaches.has(Breach::pe_3x)) << "less than an hour after the one before";
  shift.stay(minutes(1), 51);
  EXPECT_TRUE(shift.record().breaches.has(Breach::pe_5x));
}

TEST(ExposureMeter, AFlickerSplitsNoStretchAndMakesNone) {
  OneShift shift(agent(10));
  const auto second = [&](double value) {
    shift.meter.add(shift.rule, {shift.rule.levels, shift.now, shift.now + seconds(1), value, Flag::normal});
    shift.now += seconds(1);
  };
  for (int i = 0; i < 300; ++i) second(i % 10 == 9 ? 1 : 31);
  for (int i = 0; i < 200; ++i) second(1);
  EXPECT_EQ(shift.record().episodes.count, 1u);
  second(40);
  for (int i = 0; i < 200; ++i) second(1);
  EXPECT_EQ(shift.record().episodes.count, 1u) << "one second is a peak, not a stretch";
}

// What may have been one stretch of 86 min is neither two that are spaced well nor a proof that all is well.
TEST(ExposureMeter, AGapBetweenTwoHighValuesIsNoBreakThatIsProved) {
  for (const bool by_flag : {true, false}) {
    OneShift shift(agent(10));
    shift.stay(minutes(60), 1).stay(minutes(8), 31);
    if (by_flag) {
      shift.stay(minutes(70), no_value, Flag::device_fault);
    } else {
      shift.nothing(minutes(70));
    }
    shift.stay(minutes(8), 31).stay(hours(8) - minutes(146), 1);
    const auto e = shift.record();
    ASSERT_GE(e.time.coverage(), least_coverage);
    EXPECT_FALSE(e.breaches.any());
    EXPECT_EQ(e.verdict, Verdict::insufficient);
  }
  OneShift low(agent(10));
  low.stay(minutes(68), 1).stay(minutes(8), 31).stay(minutes(70), 1).stay(minutes(8), 31).stay(minutes(326), 1);
  EXPECT_EQ(low.record().verdict, Verdict::compliant);
}

TEST(Exposure, ThatNobodyGoesOnWithIsFinalWithItsGap) {
  OneShift shift(agent(50));
  shift.stay(hours(7), 60);
  const auto enough = ended_with_gap(shift.record(), false);
  EXPECT_TRUE(enough.final);
  EXPECT_EQ(enough.at, shift.window.end);
  EXPECT_DOUBLE_EQ(enough.time.missing, 3600);
  EXPECT_DOUBLE_EQ(enough.twa, 60) << "as the meter itself fills it";
  EXPECT_EQ(enough.verdict, Verdict::exceeds);
  OneShift sparse(agent(50));
  sparse.stay(hours(5), 40);
  EXPECT_EQ(sparse.record().verdict, Verdict::compliant);
  const auto ended = ended_with_gap(sparse.record(), false);
  EXPECT_EQ(ended.verdict, Verdict::insufficient);
  EXPECT_TRUE(std::isnan(ended.twa));
  EXPECT_TRUE(std::isnan(ended.twa_projected));
  EXPECT_FALSE(ended.limit_at);
  OneShift loud(noise());
  loud.stay(hours(6), 86);
  EXPECT_NEAR(ended_with_gap(loud.record(), true).twa, 86, 1e-9);
}

TEST(ExposureMeter, OverTheTwaButUnderTheStelIsABreachOnlyWhereTheAverageIsNot) {  // GBZ 2.1-2019 6.3.2
  OneShift shift(agent(10, 20));
  shift.stay(minutes(20), 15).stay(hours(4), 1);
  EXPECT_TRUE(shift.record().breaches.has(Breach::pc_stel)) << "longer than 15 min above the PC-TWA";
  OneShift decided(agent(10, 20));
  decided.stay(hours(8), 15);
  EXPECT_TRUE(decided.record().breaches.has(Breach::pc_twa));
  EXPECT_FALSE(decided.record().breaches.has(Breach::pc_stel)) << "the case is decided already";
}

TEST(ExposureMeter, WhatTheDoseProvesOfFifteenMinutesIsABreach) {  // GBZ 2.1-2019 6.3.2
  for (const auto rest : {Flag::device_fault, Flag::link_lost}) {
    OneShift shift(agent(10, 20));
    shift.stay(hours(1), 1).nothing(minutes(30)).stay(minutes(8), 50).stay(minutes(30), no_value, rest);
    const auto e = shift.record();
    EXPECT_NEAR(e.stel_at_least, 8 * 50 / 15.0, 1e-4);
    EXPECT_NEAR(e.stel_max, 1, 1e-6) << "of windows of which enough is measured";
    EXPECT_TRUE(e.breaches.has(Breach::pc_stel));
    EXPECT_EQ(e.verdict, Verdict::exceeds);
  }
  OneShift equal(agent(10, 20));
  equal.stay(hours(1), 1).nothing(minutes(30)).stay(minutes(6), 50).stay(minutes(30), no_value, Flag::device_fault);
  EXPECT_FALSE(equal.record().breaches.has(Breach::pc_stel)) << "20 complies";
}

TEST(ExposureMeter, OverRangeProvesWithItsValueWhatTheMeanOfTheRestDoesNot) {
  OneShift shift(agent(10, 20));
  shift.stay(hours(1), 1).stay(minutes(3), 150, Flag::over_range).stay(hours(1), 1);
  const auto e = shift.record();
  EXPECT_NEAR(e.stel_max, 1, 1e-6);
  EXPECT_NEAR(e.stel_at_least, (3 * 150 + 12) / 15.0, 1e-4);
  EXPECT_TRUE(e.breaches.has(Breach::pc_stel));
}

TEST(ExposureMeter, WhereTheMeanSaysAsMuchThereIsNoLowerBoundOfIt) {
  OneShift shift(agent(10, 20));
  shift.stay(hours(1), 8).nothing(minutes(5)).stay(hours(1), 8);
  EXPECT_NEAR(shift.record().stel_max, 8, 1e-5);
  EXPECT_TRUE(std::isnan(shift.record().stel_at_least));
}

TEST(ExposureMeter, MinutesOfBeforeTheShiftAreNotInItsShortTimeMeans) {
  OneShift shift(agent(10, 20));
  shift.quarter.add(start - minutes(15), start, 300);
  shift.stay(minutes(14), 1);
  EXPECT_TRUE(std::isnan(shift.record().stel_max));
  EXPECT_NEAR(shift.record().stel_at_least, 14 / 15.0, 1e-6) << "what the shift has met, over 15 min";
  EXPECT_FALSE(shift.record().breaches.any());
  shift.stay(minutes(1), 1);
  EXPECT_NEAR(shift.record().stel_max, 1, 1e-6);
  EXPECT_EQ(shift.record().stel_max_at, start + minutes(15));
  OneShift high(agent(10, 20));
  high.stay(minutes(14), 30);
  EXPECT_TRUE(high.record().breaches.has(Breach::pc_stel)) << "28, whatever the last minute brings";
}

TEST(ExposureMeter, WhatWasNotReachedIsNoGreatestReading) {  // GBZ 331-2024 G.1.1.2 b
  OneShift shift(agent(10));
  shift.stay(minutes(10), 5, Flag::below_loq);
  EXPECT_TRUE(std::isnan(shift.record().max));
  shift.stay(minutes(10), 2).stay(minutes(10), 5, Flag::below_loq);
  EXPECT_EQ(shift.record().max, 2);
  EXPECT_EQ(shift.record().max_at, start + minutes(11));
}

TEST(ExposureMeter, AQuantificationLimitAboveTheLimitOfAMomentProvesNothing) {
  const Agent with_mac{.id = "cas:0-00-1", .limits = {{LimitKind::mac, 4, Unit::mg_per_m3, "table"}}};
  for (const auto& subject : {with_mac, agent(0.9)}) {  // MAC 4, and five times 0.9
    OneShift shift(subject);
    shift.stay(hours(7), 0.1).stay(minutes(10), 5, Flag::below_loq);
    EXPECT_FALSE(shift.record().breaches.any());
    EXPECT_EQ(shift.record().verdict, Verdict::insufficient);
  }
}

struct NoiseCase {
  int minutes;
  double level, lex_8h;
};
class EqualEnergy : public testing::TestWithParam<NoiseCase> {};
TEST_P(EqualEnergy, GivesTheSameExposure) {  // GBZ 331-2024 Table G.2
  const auto& p = GetParam();
  OneShift shift(noise());
  shift.stay(minutes(p.minutes), p.level);
  EXPECT_NEAR(shift.record().twa_so_far, p.lex_8h, 0.005);
  EXPECT_NEAR(shift.record().mean, p.level, 1e-9);
}
INSTANTIATE_TEST_SUITE_P(ThreeDecibels, EqualEnergy,
                         testing::Values(NoiseCase{480, 85, 85}, NoiseCase{240, 88, 84.99}, NoiseCase{120, 91, 84.98},
                                         NoiseCase{60, 94, 84.97}, NoiseCase{30, 97, 84.96},
                                         NoiseCase{15, 100, 84.95}));

TEST(ExposureMeter, QuietTimeAddsNoEnergyAndAGapIsNotQuiet) {
  OneShift shift(noise());
  shift.stay(hours(6), 86).nothing(hours(2));
  EXPECT_NEAR(shift.record().twa_so_far, 86 + 10 * std::log10(0.75), 1e-9);
  EXPECT_NEAR(shift.record().twa, 86, 1e-9);
  EXPECT_TRUE(shift.record().breaches.has(Breach::lex_8h));
}

TEST(ExposureMeter, AWeekOfOtherThanFiveDaysIsJudgedByTheWeek) {  // GBZ 2.2-2007 11.2.1
  OneShift week(noise(), {"day", 8, 6});
  WeekSoFar before;
  for (int d = 0; d < 6; ++d) {
    week.window = {start + std::chrono::days(d), start + std::chrono::days(d) + hours(8), 20000 + d, 19998};
    week.meter = ExposureMeter(week.window, before);
    week.now = week.window.begin;
    week.stay(hours(8), 84.5);
    before = week.meter.week_after(week.rule);
  }
  EXPECT_NEAR(week.record().week, 84.5 + 10 * std::log10(6.0 / 5), 1e-9);
  EXPECT_TRUE(week.record().breaches.has(Breach::lex_40h));
  week.meter =
      ExposureMeter({start + std::chrono::days(7), start + std::chrono::days(7) + hours(8), 20007, 20005}, before);
  week.now = start + std::chrono::days(7) + hours(1);
  EXPECT_TRUE(std::isnan(week.record().week)) << "a new week";
}

}  // namespace exposure_meter_test
}  // namespace hazgate::core
