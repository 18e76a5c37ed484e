#include "storage/readings.hpp"

#include <gmock/gmock.h>

#include <bit>
#include <cmath>

#include "example_store.hpp"
#include "storage/outbox.hpp"

namespace hazgate::storage {
namespace {
using namespace test;
using core::Flag;
using testing::ElementsAre;

std::vector<std::string> told(Readings& readings) {
  std::vector<std::string> lines;
  readings.for_each([&](const Readings::Stored& r) {
    const std::string value = std::isnan(r.value) ? "-" : std::to_string(r.value).substr(0, 5);
    lines.push_back(std::string(r.point_id) + " " + std::to_string(r.at.time_since_epoch().count()) + " " + value +
                    std::string(r.unit) + " " + static_cast<char>(r.flag));
  });
  return lines;
}

void store(Database& database, Readings& readings, const core::Batch& batch) {
  Transaction transaction(database);
  readings.append(batch);
  transaction.commit();
}

struct ReadingsOnDisk : testing::Test {
  Folder folder;
  core::Site site = example_site();
};

TEST_F(ReadingsOnDisk, ComeBackInOrderOfArrivalWithTheirPointUnitAndFlag) {
  Database database(folder.file);
  Readings readings(database, site);
  core::Batch batch;
  add_frame(batch, 1, time(2'000'001),
            {{1.25, Flag::normal}, {2.5, Flag::over_range}, {core::no_value, Flag::link_lost}});
  add_frame(batch, 0, time(1'000'000), {{0.125, Flag::below_loq}});
  store(database, readings, batch);
  EXPECT_THAT(told(readings), ElementsAre("voc-1.benzene 2000001 1.250ppb N", "voc-1.toluene 2000001 2.500ppb T",
                                          "voc-1.temperature 2000001 -degC B", "dust-1.pm10 1000000 0.125mg/m3 L"));
  EXPECT_EQ(readings.count(), 4U);
}

TEST_F(ReadingsOnDisk, LoseNoBitOfAValue) {
  const double values[] = {0.1,
                           -0.0,
                           1e-310,
                           std::numeric_limits<double>::infinity(),
                           std::bit_cast<double>(0x7ff8'0000'dead'beefULL),
                           std::numeric_limits<double>::max()};
  core::Batch batch;
  for (const double value : values) add_frame(batch, 0, time(-5), {{value, Flag::normal}});
  {
    Database database(folder.file);
    Readings readings(database, site);
    store(database, readings, batch);
  }
  Database database(folder.file);
  Readings readings(database, site);
  std::vector<std::uint64_t> bits;
  readings.for_each([&](const Readings::Stored& r) { bits.push_back(std::bit_cast<std::uint64_t>(r.value)); });
  ASSERT_EQ(bits.size(), std::size(values));
  for (std::size_t i = 0; i < bits.size(); ++i) EXPECT_EQ(bits[i], std::bit_cast<std::uint64_t>(values[i]));
}

TEST_F(ReadingsOnDisk, KeepTheirMeaningWhenTheConfigurationChanges) {
  core::Batch batch;
  add_frame(batch, 0, time(1), {{3.0, Flag::normal}});
  {
    Database database(folder.file);
    Readings readings(database, site);
    store(database, readings, batch);
  }
  site.points[0] = point("dust-1.pm4", 0, core::Unit::ug_per_m3);
  Database database(folder.file);
  Readings readings(database, site);
  store(database, readings, batch);
  EXPECT_THAT(told(readings), ElementsAre("dust-1.pm10 1 3.000mg/m3 N", "dust-1.pm4 1 3.000ug/m3 N"));
}

TEST_F(ReadingsOnDisk, FindTheirLayoutAgainAfterARestart) {
  for (int start = 0; start < 3; ++start) {
    Database database(folder.file);
    Readings readings(database, site);
    EXPECT_EQ(ask(database, "SELECT count(*) FROM layout"), 2);
    EXPECT_EQ(ask(database, "SELECT count(*) FROM layout_point"), 4);
  }
}

// A store that was saved from a damaged file may have lost frames that a message still names.
TEST_F(ReadingsOnDisk, GiveNoIdThatAMessageStillNames) {
  {
    Database database(folder.file);
    const Readings readings(database, site);
    Outbox(database).append("r", {.gateway = "gw", .seq = 1, .sent_at = time(1), .frames = {40, 41}}, 500);
  }
  Database database(folder.file);
  Readings readings(database, site);
  core::Batch batch;
  add_frame(batch, 0, time(1), {{3.0, Flag::normal}});
  const Transaction transaction(database);
  EXPECT_EQ(readings.append(batch), 42);
}

TEST_F(ReadingsOnDisk, MayBeTheFirstPointsOfADeviceOnly) {
  Database database(folder.file);
  Readings readings(database, site);
  core::Batch batch;
  add_frame(batch, 1, time(1), {{1, Flag::normal}, {2, Flag::normal}});
  add_frame(batch, 1, time(2), {});
  store(database, readings, batch);
  EXPECT_THAT(told(readings), ElementsAre("voc-1.benzene 1 1.000ppb N", "voc-1.toluene 1 2.000ppb N"));
}

TEST_F(ReadingsOnDisk, SkipAndCountWhatCannotBeUnderstood) {
  Database database(folder.file);
  Readings readings(database, site);
  core::Batch batch;
  add_frame(batch, 1, time(1), {{1, Flag::normal}, {2, Flag::normal}, {3, Flag::normal}});
  store(database, readings, batch);
  auto& sql = database.handle();
  const char* insert = "INSERT INTO frame (layout, at, samples) SELECT min(id), 9, ";
  sql.exec(insert + std::string("x'' FROM layout"));                                // nothing
  sql.exec(insert + std::string("x'4E00' FROM layout"));                            // half a value
  sql.exec(insert + std::string("x'580000000000000000' FROM layout"));              // X is no flag
  sql.exec(insert + std::string("x'00580000000000000000' FROM layout"));            // nor here
  sql.exec(insert + std::string("x'4E" + std::string(32, '0') + "' FROM layout"));  // two values of a device with one
  sql.exec("INSERT INTO frame (layout, at, samples) SELECT max(id), 9, zeroblob(1000000) FROM layout");
  EXPECT_EQ(readings.count(), 3U);
  EXPECT_EQ(readings.damaged_frames(), 6U);
  EXPECT_THAT(told(readings), testing::SizeIs(3));
  EXPECT_EQ(readings.damaged_frames(), 6U);
}

TEST_F(ReadingsOnDisk, AreNotWrittenFromBeyondTheBatch) {
  Database database(folder.file);
  Readings readings(database, site);
  core::Batch batch;
  add_frame(batch, 1, time(1), {{1, Flag::normal}});
  batch.frames[0].first = 0xffff'ffff;
  EXPECT_THROW(store(database, readings, batch), std::out_of_range);
  batch.frames[0] = {.device = core::DeviceIndex{7}, .count = 1};
  EXPECT_THROW(store(database, readings, batch), std::out_of_range);
  EXPECT_EQ(readings.count(), 0U);
}

struct FramesOnDisk : ReadingsOnDisk {
  /// One frame of the dust meter with `value`.
  void store_one(Database& database, Readings& readings, double value) {
    core::Batch batch;
    add_frame(batch, 0, time(5), {{value, Flag::normal}});
    store(database, readings, batch);
  }
  static std::vector<double> values_after(Readings& readings, std::int64_t id) {
    std::vector<double> values;
    readings.for_each_frame_after(id, [&](const Readings::StoredFrame& f) { values.push_back(f.samples[0].value); });
    return values;
  }
  static void keep_checkpoint(Database& database, std::int64_t frame) {
    database.handle().exec("INSERT OR REPLACE INTO checkpoint VALUES ('exposure', 'dust-1', 0, " +
                           std::to_string(frame) + ", 1, x'00')");
  }
};

TEST_F(FramesOnDisk, ComeBackWholeInOrderOfArrivalFromAnIdOn) {
  Database database(folder.file);
  Readings readings(database, site);
  core::Batch batch;
  add_frame(batch, 0, time(9), {{0.5, Flag::normal}});
  add_frame(batch, 1, time(3), {{1, Flag::over_range}, {core::no_value, Flag::link_lost}});
  add_frame(batch, 0, time(2), {{2, Flag::below_loq}});
  store(database, readings, batch);
  database.handle().exec("INSERT INTO frame (layout, at, samples) SELECT min(id), 9, x'4E00' FROM layout");
  std::vector<std::string> lines;
  std::vector<std::int64_t> ids;
  const auto visit = [&](const Readings::StoredFrame& frame) {
    std::string line = std::string(frame.device_id) + " " + std::to_string(frame.at.time_since_epoch().count());
    for (std::size_t i = 0; i < frame.samples.size(); ++i) {
      line += " " + frame.columns[i].point + "=" + static_cast<char>(frame.samples[i].flag);
    }
    lines.push_back(line);
    ids.push_back(frame.id);
  };
  readings.for_each_frame_after(0, visit);
  EXPECT_THAT(lines, ElementsAre("dust-1 9 dust-1.pm10=N", "voc-1 3 voc-1.benzene=T voc-1.toluene=B",
                                 "dust-1 2 dust-1.pm10=L"));
  EXPECT_EQ(readings.damaged_frames(), 1U);
  ASSERT_EQ(ids.size(), 3U);
  lines.clear();
  readings.for_each_frame_after(ids[0], visit);
  EXPECT_THAT(lines, ElementsAre("voc-1 3 voc-1.benzene=T voc-1.toluene=B", "dust-1 2 dust-1.pm10=L"));
  EXPECT_EQ(ids[2], readings.last_frame_id());
}

/// Rows are written many at once: no batch is too small or too large for it, and none inherits rows of one that failed.
TEST_F(FramesOnDisk, OfABatchOfAnySizeComeBackInOrder) {
  Database database(folder.file);
  Readings readings(database, site);
  std::vector<double> expected;
  for (int size = 1; size <= 50; ++size) {
    core::Batch batch;
    for (int i = 0; i < size; ++i) {
      expected.push_back(100 * size + i);
      add_frame(batch, 0, time(5), {{expected.back(), Flag::normal}});
    }
    auto broken = batch;
    broken.frames.back().first = 0xffff'ffff;
    EXPECT_THROW(store(database, readings, broken), std::out_of_range);
    store(database, readings, batch);
  }
  EXPECT_EQ(values_after(readings, 0), expected);
}

// Whatever happens in between, a checkpoint taken at last_frame_id() misses nothing that comes later, and repeats
// nothing that came before.
TEST_F(FramesOnDisk, LieAfterTheLastIdExactlyWhenTheyCameLater) {
  std::int64_t checkpoint = 0;
  {
    Database database(folder.file);
    Readings readings(database, site);
    EXPECT_EQ(readings.last_frame_id(), 0);
    store_one(database, readings, 1);
    store_one(database, readings, 2);
    {
      const Transaction lost(database);
      core::Batch batch;
      for (int i = 0; i < 3; ++i) add_frame(batch, 0, time(5), {{-1, Flag::normal}});
      readings.append(batch);
    }
    checkpoint = readings.last_frame_id();
    EXPECT_TRUE(values_after(readings, checkpoint).empty());
    keep_checkpoint(database, checkpoint);
    store_one(database, readings, 3);
    EXPECT_THAT(values_after(readings, checkpoint), ElementsAre(3));
  }
  {
    Database database(folder.file);
    Readings readings(database, site);
    EXPECT_THAT(values_after(readings, checkpoint), ElementsAre(3));
    store_one(database, readings, 4);
    EXPECT_THAT(values_after(readings, checkpoint), ElementsAre(3, 4));
    checkpoint = readings.last_frame_id();
    keep_checkpoint(database, checkpoint);
    database.handle().exec("DELETE FROM frame");
  }
  Database database(folder.file);
  Readings readings(database, site);
  store_one(database, readings, 5);
  EXPECT_THAT(values_after(readings, checkpoint), ElementsAre(5));
}

}  // namespace
}  // namespace hazgate::storage
