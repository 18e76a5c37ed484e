#include "core/alarm.hpp"

#include <gtest/gtest.h>

#include <string>

namespace hazgate::core {
namespace {

using std::chrono::seconds;
Timestamp at_second(double s) {
  return Timestamp{} + std::chrono::duration_cast<Duration>(std::chrono::duration<double>(s));
}

const SetPoint example_a{
    .raise_above = 4.0, .clear_at = 3.8, .on_delay = seconds(20), .off_delay = seconds(20), .on_samples = 1};

/// Plays samples and writes "+t" where the set point becomes active and "-t" where it clears.
std::string story(const SetPoint& rule, std::initializer_list<std::pair<double, double>> samples) {
  RuleState state;
  std::string out;
  for (auto [t, v] : samples) {
    const auto next = judge(state, rule, at_second(t), v);
    if (next.active != state.active) out += (next.active ? "+" : "-") + std::to_string(static_cast<int>(t)) + " ";
    state = next;
  }
  return out;
}

TEST(AlarmJudge, RaisesAndClearsAfterTheDelaysHaveHeld) {
  EXPECT_EQ(story(example_a, {{0, 3.0},
                              {10, 4.1},
                              {20, 4.3},
                              {30, 4.2},
                              {40, 4.05},
                              {50, 3.95},
                              {60, 3.9},
                              {70, 3.7},
                              {80, 3.6},
                              {90, 3.5},
                              {100, 3.5}}),
            "+30 -90 ");
}

TEST(AlarmJudge, AValueEqualToItsLimitComplies) {
  const SetPoint at_once{.raise_above = 4.0, .clear_at = 3.8};
  EXPECT_EQ(story(at_once, {{0, 4.0}, {1, 4.0}}), "");
  EXPECT_EQ(story(at_once, {{0, 4.0000001}}), "+0 ");
}

TEST(AlarmJudge, ADipInsideTheDeadBandStartsTheOnDelayAnew) {
  EXPECT_EQ(story(example_a, {{0, 4.1}, {10, 4.1}, {15, 3.9}, {20, 4.1}, {30, 4.1}, {39, 4.1}, {40, 4.1}}), "+40 ");
}

TEST(AlarmJudge, StaysActiveInsideTheDeadBandForEver) {
  EXPECT_EQ(story({.raise_above = 4.0, .clear_at = 3.8}, {{0, 4.1}, {10, 3.9}, {10000, 3.81}, {20000, 3.8}}),
            "+0 -20000 ");
}

TEST(AlarmJudge, AMacNeedsTwoSamplesRunning) {
  const SetPoint mac{.raise_above = 10, .clear_at = 9.5, .on_samples = 2};
  EXPECT_EQ(story(mac, {{0, 11}, {1, 9}, {2, 11}, {3, 11}}), "+3 ");
}

TEST(AlarmJudge, KeepsTheTimeOfTheFirstSampleAsTheBeginning) {
  RuleState state;
  for (double t : {10.0, 20.0, 30.0}) state = judge(state, example_a, at_second(t), 4.5);
  ASSERT_TRUE(state.active);
  EXPECT_EQ(state.active_since, at_second(10));
}

TEST(AlarmJudge, AnInterruptionResetsARunningDelayButNotAnActiveSetPoint) {
  RuleState state = judge({}, example_a, at_second(0), 5);
  state = judge(interrupted(state), example_a, at_second(25), 5);
  EXPECT_FALSE(state.active);
  state = judge(state, example_a, at_second(45), 5);
  EXPECT_TRUE(interrupted(state).active);
}

const Limit some_limit{LimitKind::mac, 10, Unit::mg_per_m3, "GBZ 2.1-2019 Table 1"};
Finding found(Level level, double value) {
  return {.level = level, .value = value, .limit = &some_limit, .since = at_second(1)};
}

TEST(AlarmApply, RisesAndFallsThroughLevelsWithoutSplitting) {
  Alarm alarm{.number = 7};
  ASSERT_TRUE(apply(alarm, found(Level::warning, 6), at_second(2)));
  EXPECT_EQ(alarm.state, AlarmState::unacknowledged);
  EXPECT_EQ(alarm.detected_at, at_second(1));
  EXPECT_EQ(alarm.warned_at, at_second(2));
  alarm.state = AlarmState::acknowledged;
  ASSERT_TRUE(apply(alarm, found(Level::danger, 30), at_second(3)));
  EXPECT_EQ(alarm.state, AlarmState::unacknowledged) << "a rise is announced again";
  alarm.state = AlarmState::acknowledged;
  ASSERT_TRUE(apply(alarm, found(Level::exceed, 12), at_second(4)));
  EXPECT_EQ(alarm.state, AlarmState::acknowledged) << "a fall is not";
  EXPECT_FALSE(apply(alarm, found(Level::exceed, 13), at_second(5)));
  EXPECT_EQ(alarm.highest, Level::danger);
  EXPECT_EQ(alarm.peak, 30);
  EXPECT_EQ(alarm.number, 7u);
  EXPECT_EQ(alarm.revision, 3u);
}

TEST(AlarmApply, AReturnEndsAnAcknowledgedAlarmAndHoldsAnUnacknowledgedOne) {
  Alarm seen{.state = AlarmState::normal};
  apply(seen, found(Level::exceed, 12), at_second(1));
  Alarm unseen = seen;
  seen.state = AlarmState::acknowledged;
  apply(seen, {}, at_second(9));
  apply(unseen, {}, at_second(9));
  EXPECT_TRUE(ended(seen));
  EXPECT_EQ(unseen.state, AlarmState::returned_unacknowledged);
  EXPECT_EQ(unseen.returned_at, at_second(9));
  apply(unseen, found(Level::warning, 6), at_second(12));
  EXPECT_EQ(unseen.state, AlarmState::unacknowledged);
  EXPECT_EQ(unseen.returned_at, std::nullopt);
}

TEST(AlarmApply, ThePeakIsTheGreatestFigureNotThatOfTheLastChange) {
  Alarm alarm;
  apply(alarm, found(Level::exceed, 21), at_second(1));
  EXPECT_FALSE(apply(alarm, found(Level::exceed, 900), at_second(2)));
  apply(alarm, {}, at_second(3));
  EXPECT_EQ(alarm.peak, 900);
}

TEST(AlarmApply, ANewActivationHasTimesOfItsOwn) {
  Alarm alarm;
  apply(alarm, found(Level::danger, 90), at_second(1));
  apply(alarm, {}, at_second(5));
  auto again = found(Level::warning, 6);
  again.since = at_second(86400);
  apply(alarm, again, at_second(86401));
  EXPECT_EQ(alarm.detected_at, at_second(86400));
  EXPECT_EQ(alarm.warned_at, at_second(86401));
  EXPECT_EQ(alarm.highest, Level::warning);
  EXPECT_EQ(alarm.peak, 6);
}

TEST(AlarmApply, ANoticeEndsWithItsCause) {
  Alarm alarm;
  apply(alarm, found(Level::notice, 1), at_second(1));
  EXPECT_EQ(alarm.warned_at, std::nullopt);
  apply(alarm, {}, at_second(2));
  EXPECT_TRUE(ended(alarm));
}

TEST(AlarmNames, GoThereAndBack) {
  for (auto level : {Level::none, Level::notice, Level::warning, Level::exceed, Level::danger}) {
    EXPECT_EQ(level_from(name(level)), level);
  }
  EXPECT_EQ(alarm_state_from("RTNUN"), AlarmState::returned_unacknowledged);
  EXPECT_EQ(level_from("Warning"), std::nullopt);
}

}  // namespace
}  // namespace hazgate::core
