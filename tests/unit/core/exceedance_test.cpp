#include "core/exceedance.hpp"

#include <gtest/gtest.h>

#include "core/monitor.hpp"

namespace hazgate::core {
namespace exceedance_test {

using std::chrono::seconds;
const Timestamp start{std::chrono::days(20000)};

LevelRule law(Level level, LimitKind kind, double limit, double raise_above, Basis basis = Basis::reading) {
  return {.level = level,
          .basis = basis,
          .raise_above = raise_above,
          .clear_at = raise_above * 0.95,
          .limit = {kind, limit, Unit::mg_per_m3, "GBZ"}};
}

struct Watched {
  explicit Watched(std::vector<LevelRule> levels)
      : monitor(std::vector<PointWatch>{{.period = seconds(1), .levels = std::move(levels)}}, 1, 0) {}
  std::vector<Exceedance> feed(double value, Flag flag = Flag::normal) {
    now += seconds(1);
    monitor.on_reading({PointIndex{0}, now, value, flag});
    std::vector<Exceedance> out;
    monitor.take_exceedances(out);
    return out;
  }
  Monitor monitor;
  Timestamp now = start;
};

const std::vector<LevelRule> mac_10{law(Level::warning, LimitKind::action, 5, 5),
                                    law(Level::exceed, LimitKind::mac, 10, 10),
                                    law(Level::danger, LimitKind::mac, 10, 20)};

TEST(Exceedance, BeginsWhenTheLimitIsPassedAndEndsWithTheGreatestFigure) {
  Watched point(mac_10);
  EXPECT_TRUE(point.feed(7).empty()) << "half of a limit is none";
  EXPECT_TRUE(point.feed(10).empty()) << "a value equal to its limit complies";
  const auto began = point.feed(11);
  ASSERT_EQ(began.size(), 1U);
  EXPECT_FALSE(began[0].over);
  EXPECT_EQ(began[0].value, 11);
  EXPECT_EQ(began[0].limit.kind, LimitKind::mac);
  EXPECT_EQ(began[0].since, point.now);
  EXPECT_TRUE(std::isnan(began[0].coverage));
  EXPECT_TRUE(point.feed(25).empty()) << "twice a limit is no limit of its own";
  EXPECT_TRUE(point.monitor.passes(PointIndex{0}, Basis::reading, LimitKind::mac, Level::exceed));
  EXPECT_FALSE(point.monitor.passes(PointIndex{0}, Basis::reading, LimitKind::mac, Level::danger));
  EXPECT_TRUE(point.feed(12).empty());
  const auto over = point.feed(3);
  ASSERT_EQ(over.size(), 1U);
  EXPECT_TRUE(over[0].over);
  EXPECT_EQ(over[0].value, 25);
  EXPECT_EQ(over[0].at - over[0].since, seconds(3));
  EXPECT_FALSE(point.monitor.passes(PointIndex{0}, Basis::reading, LimitKind::mac, Level::exceed));
  EXPECT_EQ(point.feed(13).size(), 1U) << "the next one";
}

TEST(Exceedance, TwoLimitsOfOnePointAreTwo) {
  auto levels = mac_10;
  levels.push_back(law(Level::danger, LimitKind::pe, 15, 15));
  Watched point(levels);
  const auto both = point.feed(16);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].limit.kind, LimitKind::mac);
  EXPECT_EQ(both[1].limit.kind, LimitKind::pe);
  EXPECT_EQ(point.feed(12).size(), 1U);
}

TEST(Exceedance, OfASitesOwnLevelIsNone) {
  Watched point({law(Level::exceed, LimitKind::site, 10, 10)});
  EXPECT_TRUE(point.feed(100).empty());
}

TEST(Exceedance, OverRangeIsAtLeastTheEndOfTheRange) {
  Watched point(mac_10);
  const auto began = point.feed(50, Flag::over_range);
  ASSERT_EQ(began.size(), 1U);
  EXPECT_TRUE(began[0].at_least);
  EXPECT_EQ(began[0].value, 50);
  EXPECT_TRUE(point.feed(0, Flag::link_lost).empty()) << "silence ends none";
  const auto over = point.feed(1);
  ASSERT_EQ(over.size(), 1U);
  EXPECT_TRUE(over[0].at_least);
}

TEST(Exceedance, SurvivesARestartWithItsGreatestFigureAndIsNotToldTwice) {
  Watched before(mac_10);
  ASSERT_EQ(before.feed(11).size(), 1U);
  before.feed(30);
  std::vector<std::byte> state;
  before.monitor.save(DeviceIndex{0}, PointIndex{0}, 1, state);
  Watched after(mac_10);
  ASSERT_TRUE(after.monitor.load(DeviceIndex{0}, PointIndex{0}, 1, state));
  after.now = before.now;
  after.monitor.catch_up(true);
  EXPECT_TRUE(after.feed(12).empty());
  after.monitor.catch_up(false);
  EXPECT_TRUE(after.feed(12).empty());
  const auto over = after.feed(1);
  ASSERT_EQ(over.size(), 1U);
  EXPECT_EQ(over[0].value, 30);
}

TEST(Exceedance, EndedWhileCatchingUpIsOnRecordAlready) {
  Watched point(mac_10);
  point.monitor.catch_up(true);
  EXPECT_TRUE(point.feed(30).empty());
  EXPECT_TRUE(point.feed(1).empty());
  point.monitor.catch_up(false);
  const auto next = point.feed(12);
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].value, 12) << "what the one before reached does not stick to it";
}

}  // namespace exceedance_test
}  // namespace hazgate::core
