#include "core/cross_check.hpp"

#include <gtest/gtest.h>

namespace hazgate::core {
namespace cross_check_test {

using std::chrono::minutes;
using std::chrono::seconds;
const Timestamp start{std::chrono::days(20000)};

/// Two instruments, read each second.
struct Pair {
  explicit Pair(const CrossCheckRule& rule) : check(rule, {seconds(1), seconds(1)}) {}
  /// Both show this for so long; was anything judged at the end?
  bool show(double first, double second, Duration time, Flag flag_of_second = Flag::normal) {
    bool judged = false;
    for (const auto end = now + time; now < end;) {
      now += seconds(1);
      check.add(0, now, {first, Flag::normal});
      check.add(1, now, {second, flag_of_second});
      judged = check.judge(now);
    }
    return judged;
  }
  CrossCheck check;
  Timestamp now = start;
};

CrossCheckRule twice() { return {.ratio = 2, .above = 0.1, .window = minutes(15)}; }

TEST(CrossCheck, SaysNothingBeforeThreeQuartersOfTheWindowAreMeasured) {
  Pair p(twice());
  EXPECT_FALSE(p.show(1, 3, seconds(674)));
  EXPECT_TRUE(p.show(1, 3, seconds(2)));
  EXPECT_TRUE(p.check.disagree());
  EXPECT_NEAR(p.check.mean(0), 1, 1e-6);
  EXPECT_NEAR(p.check.mean(1), 3, 1e-6);
}

TEST(CrossCheck, AFactorThatIsReachedAndNotExceededIsAgreement) {
  Pair p(twice());
  EXPECT_TRUE(p.show(0.5, 1.0, minutes(15)));
  EXPECT_FALSE(p.check.disagree());
}

TEST(CrossCheck, WhatIsTooLowIsNotJudged) {
  Pair p(twice());
  EXPECT_FALSE(p.show(0.01, 0.09, minutes(20)));
  EXPECT_FALSE(p.check.disagree());
}

TEST(CrossCheck, WithTwoBoundsBothMustBeExceeded) {
  Pair p({.ratio = 2, .difference = 0.5});
  p.show(0.1, 0.4, minutes(20));
  EXPECT_FALSE(p.check.disagree()) << "a factor of 4, but only 0.3 apart";
  p.show(3, 3.6, minutes(20));
  EXPECT_FALSE(p.check.disagree()) << "0.6 apart, but a factor of 1.2";
  p.show(0.5, 1.1, minutes(20));
  EXPECT_TRUE(p.check.disagree());
}

TEST(CrossCheck, EndsWhenTheTwoHaveAgreedForAWholeWindow) {
  Pair p(twice());
  p.show(1, 3, minutes(15));
  ASSERT_TRUE(p.check.disagree());
  p.show(1, 1.2, minutes(20));
  EXPECT_TRUE(p.check.disagree()) << "the mean itself agrees for less than a window";
  p.show(1, 1.2, minutes(5));
  EXPECT_FALSE(p.check.disagree());
}

TEST(CrossCheck, EndsAlsoWhereTheClockWasSetBackMeanwhile) {
  Pair p(twice());
  p.now += std::chrono::years(20);
  p.show(1, 3, minutes(20));
  p.show(1, 1, minutes(15));
  ASSERT_TRUE(p.check.disagree());
  p.now = start;
  p.show(1, 1, minutes(30));
  EXPECT_FALSE(p.check.disagree());
}

TEST(CrossCheck, HoldsWhatItSaidWhileNothingCanBeCompared) {
  Pair p(twice());
  p.show(1, 3, minutes(15));
  EXPECT_FALSE(p.show(1, 3, minutes(60), Flag::device_fault));
  EXPECT_TRUE(p.check.disagree());
  EXPECT_FALSE(p.show(0.01, 0.01, minutes(60))) << "clean air proves nothing";
  EXPECT_TRUE(p.check.disagree());
}

TEST(CrossCheck, LevelsAreComparedByTheirEnergyMean) {
  Pair p({.difference = 3, .energy_mean = true});
  p.show(80, 70, minutes(7));
  p.show(80, 86, minutes(8));  // 10 lg((7 * 10^7 + 8 * 10^8.6) / 15) = 83.4
  EXPECT_NEAR(p.check.mean(1), 83.35, 0.05);
  EXPECT_TRUE(p.check.disagree());
}

TEST(CrossCheck, GoesOnFromItsStateAsIfItHadNeverStopped) {
  Pair straight(twice()), after(twice());
  for (const auto& [second, time] : {std::pair{3.0, minutes(15)}, {1.2, minutes(17)}}) straight.show(1, second, time);
  ASSERT_TRUE(straight.check.disagree()) << "agreeing, and not for long enough";
  std::vector<std::byte> state;
  StateWriter writer(state);
  straight.check.save(writer);
  EXPECT_FALSE(after.check.load(std::span(state).first(state.size() - 1)));
  ASSERT_TRUE(after.check.load(state));
  after.now = straight.now;
  for (int i = 0; i < 10 * 60; ++i) {
    straight.show(1, 1.3, seconds(1));
    after.show(1, 1.3, seconds(1));
    ASSERT_EQ(after.check.disagree(), straight.check.disagree()) << i;
    ASSERT_EQ(after.check.mean(1), straight.check.mean(1)) << i;
  }
  EXPECT_FALSE(straight.check.disagree());
}

}  // namespace cross_check_test
}  // namespace hazgate::core
