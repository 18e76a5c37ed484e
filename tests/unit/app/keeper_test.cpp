// Beside a gateway: a compacted store goes on, and is replayed to the same alarms and records.
#include "app/keeper.hpp"

#include <gtest/gtest.h>

#include "app/replay.hpp"
#include "example_life.hpp"
#include "support/gateway_folder.hpp"

namespace hazgate::app {
namespace {

struct Kept : testing::Test, test::GatewayFolder {
  Kept() : GatewayFolder("keeper", life_config) {}
  void keep_house(const settings::Settings& settings, int poll, core::Duration elapsed = {}) {
    Writer writer(settings);
    Keeper keeper(settings, writer, Keeper::NotStarted{});
    keeper.keep_house(core::Timestamp(std::chrono::seconds(life_begins + 10 * poll)), elapsed);
    EXPECT_LT(keeper.longest_step(), std::chrono::seconds(2));
  }
  int count(const std::string& data, const std::string& table) {
    return std::stoi(rows(data, "SELECT count(*) FROM " + table));
  }
};

TEST_F(Kept, AStoreGivesTheSameAlarmsAndRecordsAgainAndGoesOn) {
  live(settings("live"), 0, 500);
  keep_house(settings("live"), 500);
  live(settings("live"), 520, 900);
  keep_house(settings("live"), 900);
  EXPECT_GT(count("live", "chunk"), 5);
  EXPECT_LT(count("live", "frame"), 400);
  live(settings("live"), 901, 1000);
  replay(settings("again"), {folder / "live" / "hazgate.sqlite", folder / "again"}, [](const auto&, const auto&) {});
  EXPECT_EQ(rows("again", test::alarm_history), rows("live", test::alarm_history));
  EXPECT_EQ(rows("again", test::exposure_records), rows("live", test::exposure_records));
  live(settings("frames"), 0, 500);
  live(settings("frames"), 520, 900);
  live(settings("frames"), 901, 1000);
  EXPECT_EQ(rows("live", test::alarm_history), rows("frames", test::alarm_history)) << "resume misses nothing";
  EXPECT_EQ(rows("live", test::exposure_records), rows("frames", test::exposure_records));
}

TEST_F(Kept, LetsGoWhatIsOlderThanTheSiteKeeps) {
  auto kept = settings("live");
  kept.retention = {.readings = std::chrono::hours(24), .exposure = std::chrono::hours(48)};
  live(kept, 0, 1200);
  const auto alarms = count("live", "alarm_history"), exposures = count("live", "exposure");
  keep_house(kept, 1200);
  EXPECT_EQ(count("live", "exposure"), exposures);
  EXPECT_GT(count("live", "chunk"), 0);
  keep_house(kept, 1200 + 30 * 360);  // thirty hours later
  EXPECT_EQ(count("live", "chunk"), 0);
  EXPECT_EQ(count("live", "minute_roll_up"), 0);
  EXPECT_GT(count("live", "hour_roll_up"), 0);
  EXPECT_EQ(count("live", "exposure"), exposures);
  keep_house(kept, 1200 + 60 * 360);
  EXPECT_EQ(count("live", "hour_roll_up"), 0);
  EXPECT_EQ(count("live", "exposure"), 0);
  EXPECT_EQ(count("live", "alarm_history"), alarms) << "for ever";
}

TEST_F(Kept, AClockThatJumpsAYearAheadDeletesNothing) {
  auto kept = settings("live");
  kept.retention = {.readings = std::chrono::hours(24), .exposure = std::chrono::hours(48)};
  live(kept, 0, 1200);
  keep_house(kept, 1200, std::chrono::hours(30));  // it has run for long
  const auto exposures = count("live", "exposure"), chunks = count("live", "chunk"),
             hours = count("live", "hour_roll_up");
  ASSERT_GT(exposures, 0);
  for (int look = 0; look < 3; ++look) keep_house(kept, 1200 + 365 * 8640, std::chrono::seconds(15));
  EXPECT_EQ(count("live", "exposure"), exposures);
  EXPECT_EQ(count("live", "chunk"), chunks);
  EXPECT_EQ(count("live", "hour_roll_up"), hours);
}

TEST_F(Kept, NorOfAStoreThatIsOlderThanThatClock) {
  auto kept = settings("live");
  kept.retention = {.readings = std::chrono::hours(24), .exposure = std::chrono::hours(48)};
  live(kept, 0, 900);
  live(kept, 9000, 9100);  // a day later
  const auto exposures = count("live", "exposure");
  ASSERT_GT(exposures, 0);
  keep_house(kept, 9100 + 365 * 8640);
  EXPECT_EQ(count("live", "exposure"), exposures);
  EXPECT_GT(count("live", "hour_roll_up"), 0);
}

TEST_F(Kept, StopsWhenItIsTold) {
  const auto kept = settings("live");
  live(kept, 0, 900);
  Writer writer(kept);
  const auto began = std::chrono::steady_clock::now();
  { Keeper keeper(kept, writer); }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(10));
}

}  // namespace
}  // namespace hazgate::app
