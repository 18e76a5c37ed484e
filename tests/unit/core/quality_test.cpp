#include "core/quality.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace hazgate::core {
namespace {

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
    EXPECT_TRUE(std::isnan(sample.value));
  }
}

TEST(Quality, TheSameValueForTooLongIsStuckUntilItMoves) {
  const QualityRule rule{.stuck_after = seconds(10)};
  QualityState state;
  for (int t = 0; t < 10; ++t) EXPECT_EQ(judge_quality(state, rule, start + seconds(t), 5).flag, Flag::normal);
  EXPECT_EQ(judge_quality(state, rule, start + seconds(10), 5).flag, Flag::device_fault);
  EXPECT_EQ(judge_quality(state, rule, start + seconds(11), 5.1).flag, Flag::normal);
}

TEST(Quality, AJumpFasterThanTheInstrumentCanFollowIsAFault) {
  const QualityRule rule{.max_rate = 10};
  QualityState state;
  judge_quality(state, rule, start, 0);
  EXPECT_EQ(judge_quality(state, rule, start + seconds(1), 10).flag, Flag::normal);
  EXPECT_EQ(judge_quality(state, rule, start + seconds(2), 20.5).flag, Flag::device_fault);
  EXPECT_EQ(judge_quality(state, rule, start + seconds(3), 15).flag, Flag::normal);
}

}  // namespace
}  // namespace hazgate::core
