// What a clock that is wrong may cost: a day of what is oldest a day, not all of it at once.
#include "app/retention_clock.hpp"

#include <gtest/gtest.h>

namespace hazgate::app {
namespace {

using namespace std::chrono_literals;
constexpr core::Timestamp noon(std::chrono::hours(500'000));

TEST(RetentionClock, FollowsTheSystemAndAJumpOnlyAtTwiceThePace) {
  RetentionClock clock{noon, 24h};
  EXPECT_EQ(clock.follow(noon + 15s, 15s), noon + 15s);
  EXPECT_EQ(clock.follow(noon + 15s + 8760h, 15s), noon + 45s) << "a year ahead";
  EXPECT_EQ(clock.follow(noon + 1h, 1h), noon + 1h) << "corrected: it never was ahead of it";
  EXPECT_EQ(clock.follow(noon + 60h, 1h), noon + 3h) << "switched off for two days: it catches up";
  EXPECT_EQ(clock.follow(noon + 1060h, 1000h), noon + 1060h);
}

TEST(RetentionClock, GoesBackWithTheSystemAndDoesNotForgetWhereItWas) {
  RetentionClock clock{noon, 24h};
  EXPECT_EQ(clock.follow(noon - 8760h, 15s), noon - 8760h);
  EXPECT_EQ(clock.follow(noon + 15s, 15s), noon + 15s);
}

TEST(RetentionClock, OfANewBoxIsSetWithItsClock) {
  RetentionClock clock{core::Timestamp{}, {}};
  EXPECT_EQ(clock.follow(noon, 15s), noon);
  EXPECT_EQ(clock.follow(noon + 480h, 24h), noon + 48h) << "a day later no more";
}

}  // namespace
}  // namespace hazgate::app
