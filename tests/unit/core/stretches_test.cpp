#include "core/stretches.hpp"

#include <gtest/gtest.h>

namespace hazgate::core {
namespace stretches_test {

constexpr double flicker = 60;

struct Piece {
  double minutes;
  Seen seen;
};
Stretches of(std::initializer_list<Piece> pieces) {
  Stretches s;
  double now = 0;
  for (const auto& piece : pieces) {
    s.add(now, now + 60 * piece.minutes, piece.seen, flicker);
    now += 60 * piece.minutes;
  }
  return s;
}

TEST(Stretches, AreCountedWithLengthAndSpacing) {  // GBZ 2.1-2019 6.3.3
  const auto e = of({{10, Seen::high}, {60, Seen::low}, {15, Seen::high}}).episodes(flicker);
  EXPECT_EQ(e.count, 2U);
  EXPECT_DOUBLE_EQ(e.longest_minutes, 15);
  EXPECT_DOUBLE_EQ(e.closest_minutes, 60);
  EXPECT_FALSE(e.broken());
}

TEST(Stretches, AGapEndsOneAndMayHideALongerOne) {
  const auto gap = of({{8, Seen::high}, {70, Seen::gap}, {8, Seen::high}});
  EXPECT_EQ(gap.episodes(flicker).count, 2U);
  EXPECT_TRUE(gap.hidden(flicker)) << "86 min without a break, had the gap been high";
  EXPECT_FALSE(of({{8, Seen::high}, {70, Seen::low}, {8, Seen::high}}).hidden(flicker));
  EXPECT_FALSE(of({{8, Seen::high}, {2, Seen::low}, {70, Seen::gap}, {8, Seen::high}}).hidden(flicker))
      << "it had ended before the gap began";
  EXPECT_FALSE(of({{3, Seen::high}, {2, Seen::gap}, {3, Seen::high}}).hidden(flicker)) << "8 min are no breach either";
  EXPECT_FALSE(of({{20, Seen::high}, {70, Seen::gap}, {8, Seen::high}}).hidden(flicker)) << "broken without the gap";
}

}  // namespace stretches_test
}  // namespace hazgate::core
