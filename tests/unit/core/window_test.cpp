#include "core/window.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <random>

namespace hazgate::core {
namespace window_test {

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

TEST(SlidingMean, ALowerBoundEntersWhatIsProvedAndNoMean) {
  SlidingMean window(minutes(15), seconds(1));
  window.add_at_least(start, start + minutes(3), 100);
  EXPECT_TRUE(std::isnan(window.at(start + minutes(3)).mean));
  EXPECT_EQ(window.at(start + minutes(3)).coverage, 0);
  EXPECT_NEAR(window.at(start + minutes(3)).lower, 20, 1e-4);
  window.add(start + minutes(3), start + minutes(15), 5);
  const auto both = window.at(start + minutes(15));
  EXPECT_NEAR(both.mean, 5, 1e-5);
  EXPECT_NEAR(both.coverage, 0.8, 1e-6);
  EXPECT_NEAR(both.lower, 24, 1e-4);
  window.add(start + minutes(15), start + minutes(18), 5);
  EXPECT_NEAR(window.at(start + minutes(18)).lower, 5, 1e-4);
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

/// Ten values a second, NaN where there was none: a window is a sum over them, whatever the intervals were.
struct Ticks {
  std::vector<double> value;
  struct Sum {
    double mean = no_value, covered = 0, least = no_value, greatest = no_value;
  };
  Sum over(std::int64_t from, std::int64_t to) const {
    Sum s;
    double dose = 0;
    for (auto i = std::max<std::int64_t>(from, 0); i < to; ++i) {
      const double v = value[static_cast<std::size_t>(i)];
      if (std::isnan(v)) continue;
      dose += v;
      ++s.covered;
      s.least = std::fmin(s.least, v);
      s.greatest = std::fmax(s.greatest, v);
    }
    s.mean = dose / s.covered;  // NaN of nothing
    return s;
  }
};

class RandomStreams : public testing::TestWithParam<int> {};
TEST_P(RandomStreams, WithGapsAreAveragedAsTheNaiveSumHasThem) {
  constexpr std::int64_t tick_ms = 100, window_ticks = 9000;
  std::mt19937 random(static_cast<unsigned>(GetParam()));
  const std::int64_t period = 10 * GetParam();
  const std::int64_t bucket = window_ticks / (window_ticks / std::max<std::int64_t>(period, 50));
  SlidingMean window(minutes(15), tick_ms * std::chrono::milliseconds(period));
  Ticks naive;
  int at_border = 0, sparse = 0;
  const auto now = [&] { return static_cast<std::int64_t>(naive.value.size()); };
  while (now() < 12 * window_ticks) {
    if (random() % 40 == 0) naive.value.resize(naive.value.size() + random() % 4000, no_value);
    const auto until_border = bucket - now() % bucket;
    const auto length = random() % 2 == 0 ? 1 + random() % static_cast<unsigned>(3 * period) : until_border;
    const double value = std::pow(2.0, static_cast<double>(random() % 100) / 10);
    const auto from = start + now() * std::chrono::milliseconds(tick_ms);
    naive.value.resize(naive.value.size() + static_cast<std::size_t>(length), value);
    const auto to = start + now() * std::chrono::milliseconds(tick_ms);
    window.add(from, to, value);
    const auto ours = window.at(to);
    const auto exact = naive.over(now() - window_ticks, now());
    const auto oldest = (now() - window_ticks) / bucket * bucket;
    const auto uneven = naive.over(oldest, oldest + bucket);
    const bool border = now() < window_ticks || oldest == now() - window_ticks;
    // A second of the oldest bucket may weigh up to one too much or too little.
    const double far = std::fmax(std::abs(uneven.least - exact.mean), std::abs(uneven.greatest - exact.mean));
    const double granted = border || uneven.covered == 0 ? 0 : static_cast<double>(bucket) * far / exact.covered;
    ASSERT_NEAR(ours.mean, exact.mean, granted + 1e-5 * exact.mean) << now();
    const double wide = border ? 0 : static_cast<double>(bucket);
    ASSERT_NEAR(ours.coverage, exact.covered / window_ticks, (wide + 0.01) / window_ticks) << now();
    ASSERT_NEAR(ours.lower, ours.mean * ours.coverage, 1e-6 * exact.mean) << now();
    at_border += border && now() > window_ticks ? 1 : 0;
    sparse += exact.covered < 0.75 * window_ticks ? 1 : 0;
  }
  EXPECT_GT(at_border, 20);
  EXPECT_GT(sparse, 20);
}
INSTANTIATE_TEST_SUITE_P(Periods, RandomStreams, testing::Values(1, 2, 5, 12, 30, 60));

}  // namespace window_test
}  // namespace hazgate::core
