#include "app/writer.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <future>
#include <set>

#include "storage/database.hpp"
#include "support/process.hpp"

namespace hazgate::app {
namespace writer_test {

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

/// Beside them are the ledger's.
std::vector<storage::OutboxRow> of_topic(std::vector<storage::OutboxRow> rows, const std::string& part) {
  std::erase_if(rows, [&](const auto& row) { return row.topic.find(part) == std::string::npos; });
  return rows;
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
    ASSERT_TRUE(rows[i].frames);
    EXPECT_EQ(rows[i].frames->seq, i + 1);
    EXPECT_EQ(rows[i].frames->frames, std::vector{static_cast<std::int64_t>(i + 1)});
  }
}

/// The gateway leaves its broker when all is on disk and nothing is owed any more; what the last commit has only just
/// added counts.
TEST(Writer, CountsWhatABatchOwesBeforeItSaysThatTheBatchIsOnDisk) {
  test::TemporaryFolder folder;
  const auto settings = one_point(folder);
  Writer writer(settings);
  const auto owed_before = writer.health().outbox_rows;  // the ledger's key
  std::promise<std::pair<bool, std::uint64_t>> seen;
  auto batch = one_reading(start, 1);
  writer.submit(batch, start, {}, [&] { seen.set_value({writer.committed(), writer.health().outbox_rows}); });
  const auto [committed, owed] = seen.get_future().get();
  EXPECT_TRUE(committed);
  EXPECT_GT(owed, owed_before);
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
  ASSERT_EQ(rows.size(), 3u) << "two whole minutes, and what was gathered at the end";
  EXPECT_NE(rows[0].payload.find("\"thinned\":{\"reason\":\"outbox full"), std::string::npos) << rows[0].payload;
  EXPECT_NE(rows[0].payload.find("\"value\":29.5,"), std::string::npos) << rows[0].payload;  // mean of 0 … 59
  EXPECT_NE(rows[1].payload.find("\"seq\":2,"), std::string::npos) << "thinning leaves no hole in the numbers";
  const auto gaps = of_topic(owed(settings, storage::Lane::alarm), "/gap");
  ASSERT_EQ(gaps.size(), 1u) << "and is on record itself";
  EXPECT_NE(gaps[0].payload.find("\"reason\":\"size\",\"kind\":\"thinned\""), std::string::npos) << gaps[0].payload;
  storage::Database database(settings.gateway.data_dir / "hazgate.sqlite");
  EXPECT_EQ(storage::Readings(database, settings.site).count(), 121u) << "the store keeps every reading";
}

TEST(Writer, WhatIsMissingBetweenTwoRunsIsOnRecordWithItsReason) {
  test::TemporaryFolder folder;
  const auto settings = one_point(folder);
  const auto run = [&](core::Timestamp begin, const std::string& stopped) {
    Writer writer(settings);
    writer.begin_run(begin);
    submit(writer, begin + seconds(1), 1);
    if (!stopped.empty()) writer.end_run(stopped, begin + seconds(50));
  };
  run(start, "");  // killed
  run(start + seconds(100), "terminated");
  run(start + seconds(200), "");
  const auto gaps = of_topic(owed(settings, storage::Lane::alarm), "/w/gap");
  ASSERT_EQ(gaps.size(), 2u);
  EXPECT_NE(gaps[0].payload.find("\"reason\":\"power\",\"kind\":\"lost\",\"from\":\"2024-10-04T00:00:01.000Z\",\"to\":"
                                 "\"2024-10-04T00:01:40.000Z\""),
            std::string::npos)
      << gaps[0].payload;
  EXPECT_NE(gaps[1].payload.find("\"seq\":2,"), std::string::npos);
  EXPECT_NE(gaps[1].payload.find("\"reason\":\"operator\""), std::string::npos) << gaps[1].payload;
}

TEST(Writer, AGapOfADeviceThatHasLeftTheConfigurationEnds) {
  test::TemporaryFolder folder;
  auto settings = one_point(folder);
  const std::string device = settings.site.devices[0].id;
  {
    Writer writer(settings);
    core::Batch batch;
    batch.gaps.push_back({.workplace = core::WorkplaceIndex{0},
                          .device = core::DeviceIndex{0},
                          .reason = core::GapReason::sensor,
                          .from = start,
                          .to = {},
                          .detail = {},
                          .left = {}});
    writer.submit(batch, start, {});
  }
  settings.site.devices[0].id = "another";
  {
    Writer writer(settings);
    writer.begin_run(start + seconds(60));
  }
  Writer(settings).begin_run(start + seconds(61));
  const auto gaps = of_topic(owed(settings, storage::Lane::alarm), "/w/gap");
  ASSERT_GE(gaps.size(), 2u);
  EXPECT_NE(gaps[1].payload.find("\"device\":\"" + device + "\""), std::string::npos) << gaps[1].payload;
  EXPECT_NE(gaps[1].payload.find("\"to\":\"2024-10-04T00:01:00.000Z\""), std::string::npos) << gaps[1].payload;
  for (std::size_t i = 2; i < gaps.size(); ++i)
    EXPECT_NE(gaps[i].payload.find("\"device\":null"), std::string::npos) << "once: " << gaps[i].payload;
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
  const auto rows = of_topic(owed(settings, storage::Lane::alarm), "/alarm/");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_TRUE(rows[0].retain);
  EXPECT_FALSE(rows[1].retain);
  EXPECT_TRUE(rows[2].retain);
  EXPECT_EQ(rows[2].payload, "");
  EXPECT_EQ(rows[2].topic, rows[0].topic);
}

TEST(Writer, AnAlarmOfAPointThatHasLeftTheConfigurationHasItsLastWord) {
  test::TemporaryFolder folder;
  auto settings = one_point(folder);
  {
    Writer writer(settings);
    core::Batch batch;
    batch.alarms.push_back({.number = 1,
                            .revision = 1,
                            .level = core::Level::exceed,
                            .highest = core::Level::exceed,
                            .state = core::AlarmState::unacknowledged,
                            .value = 12,
                            .peak = 12});
    writer.submit(batch, start);
  }
  settings.site.points[0].id = "d.other";
  { const Writer writer(settings); }
  { const Writer writer(settings); }
  const auto rows = of_topic(owed(settings, storage::Lane::alarm), "/alarm/");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_FALSE(rows[1].retain);
  EXPECT_EQ(rows[1].topic, rows[0].topic);
  EXPECT_NE(rows[1].payload.find("\"seq\":2,"), std::string::npos) << rows[1].payload;
  EXPECT_NE(rows[1].payload.find("\"point\":\"d.v\""), std::string::npos) << rows[1].payload;
  EXPECT_NE(rows[1].payload.find("no longer in the configuration"), std::string::npos) << rows[1].payload;
  EXPECT_TRUE(rows[2].retain);
  EXPECT_EQ(rows[2].payload, "");
}

// Points end with their next poll, one after the other, and a gateway may be killed in between.
TEST(Writer, TheRetainedExposureMessageComesOnceWithEveryFinalRecordAndNoMinute) {
  test::TemporaryFolder folder;
  auto settings = one_point(folder);
  settings.site.points.push_back({.id = "d.w", .unit = core::Unit::mg_per_m3});
  settings.site.devices[0].point_count = 2;
  settings.points.resize(2);
  settings.site.shifts.push_back({.id = "day"});
  core::Exposure e{.window = {.begin = start, .end = start + std::chrono::hours(8)}, .at = start + seconds(60)};
  const auto submit = [&](std::uint32_t point, bool final, seconds after) {
    Writer writer(settings);
    e.point = core::PointIndex{point};
    e.final = final;
    core::Batch batch;
    batch.exposures.push_back(e);
    writer.submit(batch, e.at + after);
  };
  submit(0, false, seconds(0));
  submit(0, true, seconds(1));
  submit(1, true, seconds(2));
  EXPECT_EQ(owed(settings, storage::Lane::readings).size(), 1u) << "more may come";
  submit(1, false, seconds(20));
  submit(1, false, seconds(40));
  const auto rows = owed(settings, storage::Lane::readings);
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_FALSE(rows[0].retain) << "a minute";
  EXPECT_TRUE(rows[2].retain);
  EXPECT_NE(rows[2].payload.find("\"point\":\"d.v\""), std::string::npos) << "out of the store";
  EXPECT_NE(rows[2].payload.find("\"point\":\"d.w\""), std::string::npos);
  EXPECT_EQ(rows[2].payload.find("\"final\":false"), std::string::npos);
  EXPECT_NE(rows[2].payload.find("\"seq\":3,"), std::string::npos);
  EXPECT_FALSE(rows[3].retain);
}

TEST(Writer, AnExposureOfAPointThatIsGoneBecomesFinalWithItsGapWhenItsShiftIsOver) {
  test::TemporaryFolder folder;
  auto settings = one_point(folder);
  settings.site.shifts.push_back({.id = "day"});
  const auto goes_on = [](core::PointIndex, core::ShiftIndex) { return true; };
  {
    Writer writer(settings);
    core::Exposure e{.at = start + seconds(60), .verdict = core::Verdict::compliant};
    core::Batch batch;
    for (const int hours : {8, 12}) {
      e.window = {.begin = start + seconds(hours), .end = start + std::chrono::hours(hours)};
      e.time.measured = 60;
      batch.exposures.push_back(e);
    }
    writer.submit(batch, start);
  }
  { Writer(settings).end_exposures(start + std::chrono::hours(9), goes_on); }
  const auto final_rows = [&](const char* which) {
    SQLite::Database store((folder.path() / "hazgate.sqlite").string());
    return store.execAndGet(std::string("SELECT count(*) FROM exposure WHERE ") + which).getInt();
  };
  EXPECT_EQ(final_rows("final=1"), 0) << "the point is still there";
  settings.site.points[0].id = "d.renamed";
  {
    Writer writer(settings);
    writer.end_exposures(start + std::chrono::hours(9), goes_on);
    EXPECT_EQ(final_rows("final=1"), 1) << "of the other one the shift still runs";
    EXPECT_EQ(final_rows("final=1 AND missing_s=8*3600-60 AND at=end_at AND verdict='insufficient'"), 1);
    submit(writer, start + std::chrono::hours(12), 1);
  }
  EXPECT_EQ(final_rows("final=1"), 2);
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

/// A store that refuses readings until it is repaired from another connection.
struct FailingStore : testing::Test {
  static constexpr std::uint32_t frames_a_batch = 1000, points = 100, readings_a_batch = frames_a_batch * points;
  static constexpr auto batches_that_fit = Writer::most_waiting_samples / readings_a_batch;

  test::TemporaryFolder folder;
  settings::Settings settings = one_point(folder);
  std::optional<Writer> writer;
  std::optional<SQLite::Database> shell;

  FailingStore() {
    settings.mqtt.reset();
    settings.site.devices[0].point_count = points;
    settings.site.points.clear();
    for (std::uint32_t i = 0; i < points; ++i) settings.site.points.push_back({.id = "d." + std::to_string(i)});
    settings.points.resize(points);
    writer.emplace(settings);
    shell.emplace((folder.path() / "hazgate.sqlite").string(), SQLite::OPEN_READWRITE, 10'000);
    shell->exec("CREATE TRIGGER refuse BEFORE INSERT ON frame BEGIN SELECT RAISE(ABORT, 'refused'); END");
  }
  void repair() { shell->exec("DROP TRIGGER refuse"); }
  /// Each reading of batch `number` has that value.
  void submit(int number, std::vector<core::Alarm> alarms = {}) {
    core::Batch batch;
    const auto at = start + seconds(number);
    for (std::uint32_t i = 0; i < frames_a_batch; ++i) {
      batch.frames.push_back({.at = at, .first = i * points, .count = points});
    }
    batch.samples.assign(readings_a_batch, {static_cast<double>(number), core::Flag::normal});
    batch.alarms = std::move(alarms);
    writer->submit(batch, at);
  }
  bool lost(std::uint64_t readings) {
    return test::eventually([&] { return writer->health().lost == readings; }, seconds(20));
  }
};

TEST_F(FailingStore, LosesTheOldestReadingsBeyondTheBoundCountedAndNoAlarm) {
  const core::Alarm alarm{.number = 1, .revision = 1, .state = core::AlarmState::unacknowledged, .value = 6};
  submit(0, {alarm});
  for (unsigned i = 1; i <= batches_that_fit; ++i) submit(static_cast<int>(i));
  ASSERT_TRUE(lost(readings_a_batch)) << writer->health().lost;
  EXPECT_EQ(writer->health().state.find("failing: "), 0u) << writer->health().state;
  repair();
  ASSERT_TRUE(test::eventually([&] { return writer->committed(); }, seconds(20)));
  writer.reset();

  storage::Database database(folder.path() / "hazgate.sqlite");
  std::set<double> stored;
  storage::Readings(database, settings.site).for_each([&](const auto& reading) { stored.insert(reading.value); });
  EXPECT_EQ(stored, (std::set<double>{1, 2, 3, 4, 5})) << "all but the oldest";
  const auto open = storage::Alarms(database, settings.site).open();
  ASSERT_EQ(open.size(), 1u);
  EXPECT_EQ(open[0], alarm);
}

TEST_F(FailingStore, GivesBackTheMemoryOfWhatWasLost) {
  const auto in_use = [] {  // by glibc's own count; it sees nothing of a sanitizer's allocator
    const auto heap = mallinfo2();
    return heap.uordblks + heap.hblkhd;
  };
  const auto before = in_use();
  for (unsigned i = 0; i < 10 * batches_that_fit; ++i) submit(static_cast<int>(i));
  ASSERT_TRUE(lost(9 * Writer::most_waiting_samples)) << writer->health().lost;
  EXPECT_LT(in_use(), before + 3 * Writer::most_waiting_samples * sizeof(core::Sample));
  repair();
}

}  // namespace writer_test
}  // namespace hazgate::app
