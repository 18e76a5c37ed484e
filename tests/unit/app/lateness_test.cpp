#include "app/lateness.hpp"

#include <gtest/gtest.h>

#include "app/wall_clock.hpp"

namespace hazgate::app {
namespace {

using namespace std::chrono_literals;

TEST(Lateness, KeepsPercentilesAndTheExactWorst) {
  Lateness late;
  for (int i = 0; i < 99; ++i) late.add(1ms);
  late.add(70ms);
  EXPECT_NEAR(late.percentile_ms(0.5), 1.1, 0.05);
  EXPECT_NEAR(late.percentile_ms(0.99), 1.1, 0.05);
  EXPECT_EQ(late.percentile_ms(1), 70.0);
  late.add(90s);
  EXPECT_EQ(late.worst_ms(), 90000.0);
}

TEST(WallClock, RunsOnTheMonotonicClockAndTellsAStepOfTheSystemClock) {
  const core::Timestamp utc{std::chrono::days(20000)};
  const WallClock::Monotonic mono{};
  WallClock clock(utc, mono);
  EXPECT_EQ(clock.at(mono + 5s), utc + 5s);
  EXPECT_EQ(clock.compare(utc + 1010ms, mono + 1s), std::nullopt);
  EXPECT_EQ(clock.at(mono + 1s), utc + 1010ms);
  EXPECT_EQ(clock.compare(utc + 3602010ms, mono + 2s), core::Duration(3600s));
  EXPECT_EQ(clock.at(mono + 3s), utc + 3603010ms);
}

}  // namespace
}  // namespace hazgate::app
