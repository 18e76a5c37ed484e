#include "core/quality.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace hazgate::core {
namespace quality_test {

using std::chrono::seconds;
const Timestamp start{std::chrono::days(20000)};

Flag flag_of(const QualityRule& rule, double value) {
  QualityState state;
  return judge_quality(state, rule, start, value).flag;
}

TEST(Quality, FlagsRangeEndsAndQuantificationLimit) {
  const QualityRule rule{.min = 30, .max = 120, .loq = 35};
  EXPECT_EQ(flag_of(rule, 29.9), Flag::device_fault);
  EXPECT_EQ(flag_of(rule, 60), Flag::normal);
  EXPECT_EQ(flag_of(rule, 120), Flag::over_range) << "saturated at full scale";
  EXPECT_EQ(flag_of(rule, 33), Flag::below_loq);
  QualityState state;
  EXPECT_EQ(judge_quality(state, rule, start, 29.9).doubt, Doubt::below_range);
  EXPECT_EQ(judge_quality(state, rule, start, 33).doubt, Doubt::none) << "L says all there is to say";
}

TEST(Quality, ABelowLimitReadingCarriesTheQuantificationLimitItself) {
  QualityState state;
  EXPECT_EQ(judge_quality(state, {.loq = 0.2}, start, 0.05).value, 0.2);  // GBZ 331-2024 G.1.1.2 b: not half of it
}

TEST(Quality, NotANumberIsAFaultWithoutAValue) {
  QualityState state;
  for (double v : {std::nan(""), std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    const auto sample = judge_quality(state, {}, start, v);
    EXPECT_EQ(sample.flag, Flag::device_fault);
    EXPECT_EQ(sample.doubt, Doubt::not_a_number);
    EXPECT_TRUE(std::isnan(sample.value));
  }
}

TEST(Quality, TheSameValueForTooLongIsStuckUntilItMoves) {
  const QualityRule rule{.stuck_after = seconds(10)};
  QualityState state;
  for (int t = 0; t < 10; ++t) EXPECT_EQ(judge_quality(state, rule, start + seconds(t), 5).flag, Flag::normal);
  EXPECT_EQ(judge_quality(state, rule, start + seconds(10), 5).doubt, Doubt::stuck);
  EXPECT_EQ(judge_quality(state, rule, start + seconds(11), 5.1).flag, Flag::normal);
}

TEST(Quality, TwoEqualReadingsFarApartAreNotStuck) {
  const QualityRule rule{.stuck_after = seconds(600)};
  QualityState state;
  for (int hour = 0; hour < 5; ++hour) {
    EXPECT_EQ(judge_quality(state, rule, start + seconds(3600 * hour), 5).flag, Flag::normal) << hour;
  }
  EXPECT_EQ(judge_quality(state, rule, start + seconds(3600 * 5), 5).doubt, Doubt::stuck) << "the sixth hour running";
}

TEST(Quality, BelowItsQuantificationLimitAnInstrumentMayStandStill) {
  const QualityRule rule{.loq = 0.5, .stuck_after = seconds(10)};
  QualityState state;
  for (int t = 0; t < 100; ++t) {
    EXPECT_EQ(judge_quality(state, rule, start + seconds(t), 0).flag, Flag::below_loq) << t;
  }
}

TEST(Quality, ASingleJumpCostsOneReadingAndLeavesTheNextAlone) {
  const QualityRule rule{.max_rate = 10};
  QualityState state;
  judge_quality(state, rule, start, 0);
  EXPECT_EQ(judge_quality(state, rule, start + seconds(1), 10).flag, Flag::normal) << "as fast as it may be";
  EXPECT_EQ(judge_quality(state, rule, start + seconds(2), 20.5).doubt, Doubt::rate);
  EXPECT_EQ(judge_quality(state, rule, start + seconds(3), 10).flag, Flag::normal);
}

TEST(Quality, ATrueStepIsBelievedFromItsSecondReading) {
  const QualityRule rule{.max_rate = 10};
  QualityState state;
  judge_quality(state, rule, start, 0);
  EXPECT_EQ(judge_quality(state, rule, start + seconds(1), 500).flag, Flag::device_fault);
  EXPECT_EQ(judge_quality(state, rule, start + seconds(2), 505).flag, Flag::normal);
  EXPECT_EQ(judge_quality(state, rule, start + seconds(3), 506).flag, Flag::normal);
}

TEST(Quality, AClockThatIsSetBackProvesNoJump) {
  const QualityRule rule{.max_rate = 10};
  QualityState state;
  judge_quality(state, rule, start, 0);
  EXPECT_EQ(judge_quality(state, rule, start - seconds(60), 500).flag, Flag::normal);
}

TEST(Doubts, HaveAWordEachThatLeadsBack) {
  for (auto i = static_cast<int>(Doubt::none); i <= static_cast<int>(Doubt::disagreement); ++i) {
    const auto doubt = static_cast<Doubt>(i);
    EXPECT_EQ(doubt_from(name(doubt)), doubt);
  }
  EXPECT_EQ(doubt_from("odd"), std::nullopt);
}

}  // namespace quality_test
}  // namespace hazgate::core
