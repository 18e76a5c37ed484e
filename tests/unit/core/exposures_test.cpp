// The records of a point's shifts as readings come.
#include "core/exposures.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "support/daily_shift.hpp"

namespace hazgate::core {
namespace exposures_test {

using std::chrono::hours;
using std::chrono::minutes;
using test::daily;

const Timestamp start{std::chrono::days(20000)};
struct OnePoint {
  explicit OnePoint(double hours_a_day = 8, std::optional<double> stel = 100) : exposures(daily) {
    Agent agent{.id = "cas:0-00-0"};
    agent.limits = {{LimitKind::pc_twa, 50, Unit::mg_per_m3, "table"}};
    if (stel) agent.limits.push_back({LimitKind::pc_stel, *stel, Unit::mg_per_m3, "table"});
    const ShiftWatch watch{ShiftIndex{0}, exposure_rule(agent, agent.unit, {"day", hours_a_day})};
    exposures.watch(std::span(&watch, 1), hours(1));
  }
  void reading(hours at, double value, double c_ste) {
    exposures.on_reading(start + at - hours(1), {PointIndex{0}, start + at, value, Flag::normal}, {c_ste, c_ste, 1});
    exposures.take(PointIndex{0}, 1, start + at, records);
  }
  Exposures exposures;
  std::vector<Exposure> records;
};

TEST(Exposures, AnAverageThatEndsWithTheShiftBelongsToIt) {  // GBZ 2.1-2019 6.3.2
  OnePoint point;
  for (int h = 1; h < 8; ++h) point.reading(hours(h), 10, 10);
  point.reading(hours(8), 120, 120);
  const auto& record = point.records.back();
  ASSERT_TRUE(record.final);
  EXPECT_EQ(record.stel_max, 120);
  EXPECT_EQ(record.stel_max_at, start + hours(8));
  EXPECT_TRUE(record.breaches.has(Breach::pc_stel));
}

TEST(Exposures, AnAverageAfterTheShiftDoesNot) {
  OnePoint point;
  for (int h = 1; h < 8; ++h) point.reading(hours(h), 10, 10);
  point.reading(hours(9), 120, 120);
  ASSERT_TRUE(point.records.back().final);
  EXPECT_EQ(point.records.back().stel_max, 10);
}

TEST(Exposures, AShiftCountsOnAfterAClockThatWasWrongForAWhile) {
  constexpr hours twenty_years(20 * 365 * 24);
  OnePoint point;
  for (int h = 1; h <= 3; ++h) point.reading(hours(h), 10, 10);
  for (int h = 1; h <= 2; ++h) point.reading(twenty_years + hours(h), 90, 90);
  const auto finals = [&] { return std::ranges::count_if(point.records, &Exposure::final); };
  EXPECT_EQ(finals(), 1) << "that of the shift that was left, and none of those between";
  const auto set_back = [&](hours at) {
    point.exposures.on_reading(start + twenty_years + hours(2), {PointIndex{0}, start + at, 10, Flag::normal}, {});
  };
  set_back(hours(24));  // the window of tomorrow begins here
  for (int h = 25; h <= 32; ++h) point.reading(hours(h), 10, 10);
  const auto& record = point.records.back();
  EXPECT_EQ(finals(), 2) << "none of the shift that has not come yet";
  EXPECT_TRUE(record.final);
  EXPECT_EQ(record.window.begin, start + hours(24));
  EXPECT_EQ(record.twa, 10);
  EXPECT_EQ(record.time.measured, 8 * 3600);
}

TEST(Exposures, AnHourADayIsJudgedByItsPeaksWhereThereIsNoStel) {  // GBZ 331-2024 G.1.1, GBZ 2.1-2019 6.3.3
  OnePoint point(1, std::nullopt);
  for (int h = 1; h <= 8; ++h) point.reading(hours(h), 10, 10);
  EXPECT_EQ(point.records.back().verdict, Verdict::compliant);
  OnePoint high(1, std::nullopt);
  for (int h = 1; h <= 8; ++h) high.reading(hours(h), h == 4 ? 251 : 10, 10);
  EXPECT_TRUE(high.records.back().breaches.has(Breach::pe_5x));
  EXPECT_EQ(high.records.back().verdict, Verdict::exceeds);
}

TEST(Exposures, TwoDevicesHaveTheirSnapshotsAtDifferentSecondsAndEachOnceAMinute) {
  Exposures exposures(daily);
  Agent agent{.id = "cas:0-00-0"};
  const ShiftWatch watch{ShiftIndex{0}, exposure_rule(agent, agent.unit, {"day"})};
  for (int i = 0; i < 2; ++i) exposures.watch(std::span(&watch, 1), std::chrono::seconds(1));
  std::array<std::vector<Timestamp>, 2> seen;
  for (auto t = start + std::chrono::seconds(1); t < start + minutes(10); t += std::chrono::seconds(1)) {
    for (std::uint32_t p = 0; p < 2; ++p) {
      exposures.on_reading(t - std::chrono::seconds(1), {PointIndex{p}, t, 1, Flag::normal}, {});
      std::vector<Exposure> out;
      exposures.take(PointIndex{p}, 1, t, out);
      for (const auto& record : out) seen[p].push_back(record.at);
    }
  }
  ASSERT_GE(seen[0].size(), 10U);
  ASSERT_GE(seen[1].size(), 10U);
  for (std::size_t i = 2; i < 10; ++i) {
    EXPECT_EQ(seen[0][i] - seen[0][i - 1], minutes(1));
    EXPECT_EQ(seen[1][i] - seen[1][i - 1], minutes(1));
    EXPECT_NE(seen[0][i], seen[1][i]);
  }
}

}  // namespace exposures_test
}  // namespace hazgate::core
