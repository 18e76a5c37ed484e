#include "web/rate.hpp"

#include <gtest/gtest.h>

namespace hazgate::web {
namespace {

using std::chrono::milliseconds;
const RateLimit::Time begin{};

TEST(RateLimit, GivesABurstAndThenItsRate) {
  RateLimit limit(10, 3);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limit.allow("a", begin));
  EXPECT_FALSE(limit.allow("a", begin));
  EXPECT_TRUE(limit.allow("b", begin));
  EXPECT_FALSE(limit.allow("a", begin + milliseconds(99)));
  EXPECT_TRUE(limit.allow("a", begin + milliseconds(101)));
  EXPECT_FALSE(limit.allow("a", begin + milliseconds(101)));
}

TEST(RateLimit, ForgetsWhoHasHisBurstAgainAndNobodyElse) {
  RateLimit limit(1, 2, 2);
  EXPECT_TRUE(limit.allow("a", begin));
  EXPECT_TRUE(limit.allow("b", begin));
  EXPECT_FALSE(limit.allow("c", begin));
  EXPECT_TRUE(limit.allow("c", begin + milliseconds(1000)));
}

TEST(RateLimit, CountsAHouseholdOfIpv6Once) {
  RateLimit limit(1, 2);
  EXPECT_TRUE(limit.allow("2001:db8:1:2::1", begin));
  EXPECT_TRUE(limit.allow("2001:db8:1:2:ffff::2", begin));
  EXPECT_FALSE(limit.allow("2001:db8:1:2::3", begin));
  EXPECT_TRUE(limit.allow("2001:db8:1:3::1", begin));
}

TEST(Address, ThatCameMappedIntoIpv6IsTheSame) {
  EXPECT_EQ(one_form("::ffff:10.0.0.9"), "10.0.0.9");
  EXPECT_EQ(one_form("10.0.0.9"), "10.0.0.9");
  EXPECT_EQ(one_form("2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(one_form("no address"), "no address");
  EXPECT_EQ(household("::ffff:10.0.0.9"), household("10.0.0.9"));
  EXPECT_NE(household("10.0.0.9"), household("10.0.0.8"));
}

}  // namespace
}  // namespace hazgate::web
