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

}  // namespace
}  // namespace hazgate::web
