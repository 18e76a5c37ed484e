#include "core/set_point.hpp"

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

TEST(SetPoints, RaisesAndClearsAfterTheDelaysHaveHeld) {
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

TEST(SetPoints, AValueEqualToItsLimitComplies) {
  const SetPoint at_once{.raise_above = 4.0, .clear_at = 3.8};
  EXPECT_EQ(story(at_once, {{0, 4.0}, {1, 4.0}}), "");
  EXPECT_EQ(story(at_once, {{0, 4.0000001}}), "+0 ");
}

TEST(SetPoints, ADipInsideTheDeadBandStartsTheOnDelayAnew) {
  EXPECT_EQ(story(example_a, {{0, 4.1}, {10, 4.1}, {15, 3.9}, {20, 4.1}, {30, 4.1}, {39, 4.1}, {40, 4.1}}), "+40 ");
}

TEST(SetPoints, StaysActiveInsideTheDeadBandForEver) {
  EXPECT_EQ(story({.raise_above = 4.0, .clear_at = 3.8}, {{0, 4.1}, {10, 3.9}, {10000, 3.81}, {20000, 3.8}}),
            "+0 -20000 ");
}

TEST(SetPoints, AMacNeedsTwoSamplesRunning) {
  const SetPoint mac{.raise_above = 10, .clear_at = 9.5, .on_samples = 2};
  EXPECT_EQ(story(mac, {{0, 11}, {1, 9}, {2, 11}, {3, 11}}), "+3 ");
}

TEST(SetPoints, KeepsTheTimeOfTheFirstSampleAsTheBeginning) {
  RuleState state;
  for (double t : {10.0, 20.0, 30.0}) state = judge(state, example_a, at_second(t), 4.5);
  ASSERT_TRUE(state.active);
  EXPECT_EQ(state.active_since, at_second(10));
}

TEST(SetPoints, AnInterruptionResetsARunningDelayButNotAnActiveSetPoint) {
  RuleState state = judge({}, example_a, at_second(0), 5);
  state = judge(interrupted(state), example_a, at_second(25), 5);
  EXPECT_FALSE(state.active);
  state = judge(state, example_a, at_second(45), 5);
  EXPECT_TRUE(interrupted(state).active);
}

}  // namespace
}  // namespace hazgate::core
