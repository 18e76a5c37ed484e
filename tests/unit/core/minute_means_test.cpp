#include "core/minute_means.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace hazgate::core {
namespace minute_means_test {

using std::chrono::seconds;
const Timestamp start{std::chrono::days(20000)};

Site two_points() {
  Site site;
  site.devices.push_back({.id = "d", .first_point = PointIndex{0}, .point_count = 2});
  site.points = {{.id = "d.dust", .unit = Unit::mg_per_m3}, {.id = "d.la", .unit = Unit::db_a}};
  return site;
}

TEST(MinuteMeans, AverageConcentrationsByValueAndLevelsByEnergy) {
  const auto site = two_points();
  MinuteMeans means(site);
  const Sample first[] = {{2, Flag::normal}, {80, Flag::normal}}, second[] = {{4, Flag::normal}, {90, Flag::normal}};
  means.add({DeviceIndex{0}, start + seconds(1), 0, 2}, first);
  means.add({DeviceIndex{0}, start + seconds(2), 0, 2}, second);
  EXPECT_FALSE(means.due(start + seconds(59)));
  ASSERT_TRUE(means.due(start + seconds(60)));
  const auto out = means.take();
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].value, 3);
  EXPECT_NEAR(out[1].value, 87.404, 1e-3);  // 10 lg((1e8 + 1e9) / 2)
  EXPECT_EQ(out[0].at, start + seconds(60));
  EXPECT_TRUE(means.empty());
}

TEST(MinuteMeans, AreNotHeldForYearsByAClockThatWasSetBack) {
  const auto site = two_points();
  MinuteMeans means(site);
  const Sample samples[] = {{2, Flag::normal}, {80, Flag::normal}};
  means.add({DeviceIndex{0}, start + std::chrono::years(20), 0, 2}, samples);
  EXPECT_FALSE(means.due(start + std::chrono::years(20)));
  EXPECT_TRUE(means.due(start));
}

TEST(MinuteMeans, NeverMakeASaturatedOrSilentSensorLookSafe) {
  const auto site = two_points();
  MinuteMeans means(site);
  const Sample first[] = {{2, Flag::normal}, {no_value, Flag::link_lost}};
  const Sample second[] = {{500, Flag::over_range}, {no_value, Flag::link_lost}};
  means.add({DeviceIndex{0}, start, 0, 2}, first);
  means.add({DeviceIndex{0}, start + seconds(1), 0, 2}, second);
  const auto out = means.take();
  EXPECT_EQ(out[0].flag, Flag::over_range);
  EXPECT_EQ(out[1].flag, Flag::link_lost);
  EXPECT_TRUE(std::isnan(out[1].value));
}

}  // namespace minute_means_test
}  // namespace hazgate::core
