#include "core/window.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <random>

namespace hazgate::core {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
const Timestamp start{std::chrono::days(20000)};

void fill(SlidingMean& window, int from_s, int to_s, int step_s, double value) {
  for (int t = from_s; t < to_s; t += step_s) window.add(start + seconds(t), start + seconds(t + step_s), value);
}

TEST(SlidingMean, OfAConstantIsTheConstantWithFullCoverage) {
  SlidingMean window(minutes(15), seconds(1));
  fill(window, 0, 1800, 1, 42.5);
  const auto now = window.at(start + seconds(1800));
  EXPECT_NEAR(now.mean, 42.5, 1e-4);
  EXPECT_NEAR(now.coverage, 1.0, 1e-6);
}

TEST(SlidingMean, ForgetsWhatIsOlderThanItsLength) {
  SlidingMean window(minutes(15), seconds(1));
  fill(window, 0, 900, 1, 1000);
  fill(window, 900, 1350, 1, 2);
  EXPECT_NEAR(window.at(start + seconds(1350)).mean, 501, 1e-3);
  fill(window, 1350, 1800, 1, 2);
  EXPECT_NEAR(window.at(start + seconds(1800)).mean, 2, 1e-4);
}

TEST(SlidingMean, AGapIsMissingAndNeverZero) {
  SlidingMean window(minutes(15), seconds(1));
  fill(window, 0, 300, 1, 10);
  fill(window, 600, 900, 1, 10);
  const auto now = window.at(start + seconds(900));
  EXPECT_NEAR(now.mean, 10, 1e-5);
  EXPECT_NEAR(now.coverage, 2.0 / 3, 1e-6);
  EXPECT_NEAR(now.lower, 10 * 2.0 / 3, 1e-5);
}

TEST(SlidingMean, WeighsByTimeNotByCount) {
  SlidingMean window(minutes(15), seconds(60));
  window.add(start, start + minutes(12), 1);
  window.add(start + minutes(12), start + minutes(15), 11);
  EXPECT_NEAR(window.at(start + minutes(15)).mean, (12 * 1 + 3 * 11) / 15.0, 1e-5);
}

TEST(SlidingMean, IsEmptyAfterTheClockWasSetBack) {
  SlidingMean window(minutes(15), seconds(1));
  fill(window, 0, 900, 1, 10);
  window.add(start - seconds(3601), start - seconds(3600), 5);
  const auto now = window.at(start - seconds(3600));
  EXPECT_NEAR(now.mean, 5, 1e-5);
  EXPECT_LT(now.coverage, 0.01);
}

// Differences of large sums leave crumbs; a crumb of covered time would make a mean out of nothing.
TEST(SlidingMean, HasNoResultWhenSilenceHasLastedLongerThanItsLength) {
  SlidingMean window(minutes(15), seconds(1));
  fill(window, 0, 2000, 1, 1e9 / 3);
  EXPECT_NEAR(window.at(start + seconds(2000 + 897)).coverage, 3.0 / 900, 1e-6);
  EXPECT_TRUE(std::isnan(window.at(start + seconds(2000 + 901)).mean));
}

TEST(SlidingMean, ForgetsAPeakOfManyOrdersOfMagnitudeEntirely) {
  SlidingMean window(minutes(15), seconds(1));
  fill(window, 0, 300, 1, 1e14);  // 140 dB as energy
  fill(window, 300, 2400, 1, 1);
  EXPECT_NEAR(window.at(start + seconds(2400)).mean, 1, 1e-9);
}

TEST(SlidingMean, HasNoResultBeforeTheFirstInterval) {
  EXPECT_TRUE(std::isnan(SlidingMean(minutes(15), seconds(1)).at(start).mean));
}

TEST(SlidingMean, StaysWithinItsStatedErrorOfTheExactMean) {
  SlidingMean window(minutes(15), seconds(1));
  std::mt19937 random(7);
  std::uniform_real_distribution<double> value(0, 100);
  std::deque<double> exact;
  double sum = 0;
  for (int t = 0; t < 5000; ++t) {
    const double v = value(random);
    window.add(start + seconds(t), start + seconds(t + 1), v);
    exact.push_back(v);
    sum += v;
    if (exact.size() > 900) sum -= exact.front(), exact.pop_front();
    if (exact.size() == 900) {
      ASSERT_NEAR(window.at(start + seconds(t + 1)).mean, sum / 900, 100 * 5.0 / 900) << t;
      if ((t + 1) % 5 == 0) {
        ASSERT_NEAR(window.at(start + seconds(t + 1)).mean, sum / 900, 1e-3) << t;
      }
    }
  }
}

}  // namespace
}  // namespace hazgate::core
