#include "app/writer.hpp"

#include <gtest/gtest.h>

#include "storage/database.hpp"
#include "support/process.hpp"

namespace hazgate::app {
namespace {

using std::chrono::seconds;
const core::Timestamp start{std::chrono::days(20000)};

settings::Settings one_point(const test::TemporaryFolder& folder) {
  settings::Settings s;
  s.gateway.id = "gw";
  s.gateway.data_dir = folder.path();
  s.site.gateway_id = "gw";
  s.site.site_id = "park";
  s.site.enterprises.push_back({.id = "e"});
  s.site.workplaces.push_back({.id = "w"});
  s.site.buses.push_back({.id = "b"});
  s.site.devices.push_back({.id = "d", .period = seconds(1), .point_count = 1});
  s.site.points.push_back({.id = "d.v", .unit = core::Unit::mg_per_m3});
  s.points.resize(1);
  s.devices.resize(1);
  s.mqtt.emplace();
  return s;
}

core::Batch one_reading(core::Timestamp at, double value) {
  core::Batch batch;
  batch.frames.push_back({.at = at, .first = 0, .count = 1});
  batch.samples.push_back({value, core::Flag::normal});
  return batch;
}

void submit(Writer& writer, core::Timestamp at, double value) {
  auto batch = one_reading(at, value);
  writer.submit(batch, at);
}

/// What the outbox holds once the writer is gone.
std::vector<storage::OutboxRow> owed(const settings::Settings& settings, storage::Lane lane) {
  storage::Database database(settings.gateway.data_dir / "hazgate.sqlite");
  return storage::Outbox(database).owed(lane, 0, 1000);
}

TEST(Writer, OwesEachReadingUnderAGaplessNumberThroughRestarts) {
  test::TemporaryFolder folder;
  const auto settings = one_point(folder);
  for (int run = 0; run < 2; ++run) {
    Writer writer(settings);
    for (int i = 0; i < 3; ++i) submit(writer, start + seconds(10 * run + i), i);
  }
  const auto rows = owed(settings, storage::Lane::readings);
  ASSERT_EQ(rows.size(), 6u);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_NE(rows[i].payload.find("\"seq\":" + std::to_string(i + 1) + ","), std::string::npos) << rows[i].payload;
  }
}

TEST(Writer, AFullOutboxThinsReadingsToMinuteMeansAndSaysSo) {
  test::TemporaryFolder folder;
  auto settings = one_point(folder);
  settings.mqtt->outbox_limit_mb = 0;
  {
    Writer writer(settings);
    for (int i = 0; i <= 120; ++i) submit(writer, start + seconds(i), i);
  }
  const auto rows = owed(settings, storage::Lane::readings);
  ASSERT_EQ(rows.size(), 4u) << "the first reading, two whole minutes, and what was gathered at the end";
  EXPECT_EQ(rows[0].payload.find("thinned"), std::string::npos);
  EXPECT_NE(rows[1].payload.find("\"thinned\":{\"reason\":\"outbox full"), std::string::npos) << rows[1].payload;
  EXPECT_NE(rows[1].payload.find("\"value\":30,"), std::string::npos) << rows[1].payload;  // mean of 1 … 59
  EXPECT_NE(rows[2].payload.find("\"seq\":3,"), std::string::npos) << "thinning leaves no hole in the numbers";
  storage::Database database(settings.gateway.data_dir / "hazgate.sqlite");
  EXPECT_EQ(storage::Readings(database, settings.site).count(), 121u) << "the store keeps every reading";
}

TEST(Writer, AnAlarmIsOwedRetainedWhileOpenAndClearedWhenEnded) {
  test::TemporaryFolder folder;
  auto settings = one_point(folder);
  settings.mqtt->outbox_limit_mb = 0;  // alarms never thin
  core::Alarm alarm{.number = 1,
                    .revision = 1,
                    .level = core::Level::exceed,
                    .highest = core::Level::exceed,
                    .state = core::AlarmState::unacknowledged,
                    .value = 12,
                    .peak = 12};
  {
    Writer writer(settings);
    core::Batch batch;
    batch.alarms.push_back(alarm);
    writer.submit(batch, start);
    alarm.level = core::Level::none;
    alarm.state = core::AlarmState::normal;
    batch.alarms.push_back(alarm);
    writer.submit(batch, start + seconds(1));
  }
  const auto rows = owed(settings, storage::Lane::alarm);
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_TRUE(rows[0].retain);
  EXPECT_FALSE(rows[1].retain);
  EXPECT_TRUE(rows[2].retain);
  EXPECT_EQ(rows[2].payload, "");
  EXPECT_EQ(rows[2].topic, rows[0].topic);
}

TEST(Writer, ADeviceWithoutPointsLeavesTheMessagesOfItsWorkplaceWhole) {
  test::TemporaryFolder folder;
  auto settings = one_point(folder);
  settings.site.devices.push_back({.id = "io", .period = seconds(1), .point_count = 0});
  settings.devices.resize(2);
  {
    Writer writer(settings);
    auto batch = one_reading(start, 5);
    batch.frames.insert(batch.frames.begin(), {.device = core::DeviceIndex{1}, .at = start, .first = 0, .count = 0});
    writer.submit(batch, start);
  }
  const auto rows = owed(settings, storage::Lane::readings);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].payload.find("{\"v\""), rows[0].payload.rfind("{\"v\"")) << rows[0].payload;
  EXPECT_NE(rows[0].payload.find("\"value\":5,"), std::string::npos);
}

TEST(Writer, GivesBackOpenAlarmsAndTheLastNumber) {
  test::TemporaryFolder folder;
  const auto settings = one_point(folder);
  const core::Alarm alarm{.number = 17,
                          .revision = 3,
                          .level = core::Level::warning,
                          .highest = core::Level::danger,
                          .state = core::AlarmState::unacknowledged,
                          .value = 6,
                          .peak = 30};
  {
    Writer writer(settings);
    core::Batch batch;
    batch.alarms.push_back(alarm);
    writer.submit(batch, start);
  }
  Writer writer(settings);
  EXPECT_EQ(writer.last_alarm_number(), 17u);
  ASSERT_EQ(writer.open_alarms().size(), 1u);
  EXPECT_EQ(writer.open_alarms()[0], alarm);
}

}  // namespace
}  // namespace hazgate::app
