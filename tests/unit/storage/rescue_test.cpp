#include "storage/rescue.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "example_history.hpp"
#include "example_store.hpp"
#include "storage/alarms.hpp"
#include "storage/history.hpp"
#include "storage/homes.hpp"
#include "storage/outbox.hpp"

namespace hazgate::storage {
namespace rescue_test {
using namespace test;
using testing::HasSubstr;
using testing::UnorderedElementsAreArray;
namespace fs = std::filesystem;

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void overwrite(const fs::path& file, std::streamoff at, const std::string& bytes) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(at);
  stream << bytes;
}

struct StoreRescue : testing::Test {
  Folder folder;
  core::Site site = example_site();

  /// Forty messages of a stream, seven alarms, forty messages owed.
  void fill() {
    Database database(folder.file);
    Alarms alarms(database, site);
    Outbox outbox(database);
    Transaction transaction(database);
    for (int i = 0; i < 40; ++i) {
      const auto seq = outbox.next_seq("stream");
      outbox.append(Lane::alarm, true, "alarm", std::to_string(seq) + std::string(2000, '.'));
    }
    for (std::uint64_t number = 1; number <= 7; ++number)
      alarms.save({.number = number, .state = core::AlarmState::unacknowledged});
    transaction.commit();
  }
  std::int64_t page_of(const std::string& table) {
    Database database(folder.file);
    return ask(database, "SELECT rootpage FROM sqlite_schema WHERE name='" + table + "'");
  }
  void break_page_of(const std::string& table) {
    overwrite(folder.file, (page_of(table) - 1) * 4096, std::string(4096, '\xa5'));
  }
  struct Numbers {
    std::uint64_t seq, fresh_seq, alarm, owed;
  };
  Numbers numbers() {
    Database database(folder.file);
    Outbox outbox(database);
    return {outbox.next_seq("stream"), outbox.next_seq("a new one"), Alarms(database, site).last_number(),
            outbox.depth().rows};
  }
};

constexpr std::uint64_t far_above = 1'700'000'000'000;  // milliseconds since 1970, in 2023

TEST_F(StoreRescue, LeavesAGoodOneAloneAndMakesNone) {
  EXPECT_FALSE(rescue(folder.file));
  EXPECT_FALSE(fs::exists(folder.file));
  fill();
  const auto before = content(folder.file);
  EXPECT_FALSE(rescue(folder.file));
  EXPECT_EQ(content(folder.file), before);
  EXPECT_EQ(numbers().seq, 41U);
}

TEST_F(StoreRescue, GoesOnFarAboveWhereNothingCanBeRead) {
  fill();
  overwrite(folder.file, 0, std::string(100, '\xa5'));
  const auto damaged = content(folder.file);
  const auto rescued = rescue(folder.file);
  ASSERT_TRUE(rescued);
  EXPECT_TRUE(rescued->numbers_lost);
  EXPECT_EQ(content(rescued->aside), damaged) << "kept as it was";
  const auto [seq, fresh_seq, alarm, owed] = numbers();
  EXPECT_GT(seq, far_above);
  EXPECT_GT(fresh_seq, far_above);
  EXPECT_GT(alarm, far_above);
  EXPECT_FALSE(rescue(folder.file)) << "once";
}

TEST_F(StoreRescue, OfABrokenTableKeepsEverythingElseAndItsNumbers) {
  fill();
  break_page_of("outbox");
  const auto damaged = content(folder.file);
  const auto rescued = rescue(folder.file);
  ASSERT_TRUE(rescued);
  EXPECT_THAT(rescued->why, HasSubstr(folder.file.string()));
  EXPECT_FALSE(rescued->numbers_lost);
  EXPECT_EQ(content(rescued->aside), damaged);
  const auto [seq, fresh_seq, alarm, owed] = numbers();
  EXPECT_EQ(seq, 41U);
  EXPECT_EQ(fresh_seq, 1U);
  EXPECT_EQ(alarm, 7U);
  EXPECT_EQ(owed, 0U);
}

TEST_F(StoreRescue, WithBrokenNumbersKeepsAlarmsAndMessagesOwed) {
  fill();
  break_page_of("sequence");
  const auto rescued = rescue(folder.file);
  ASSERT_TRUE(rescued);
  EXPECT_TRUE(rescued->numbers_lost);
  const auto [seq, fresh_seq, alarm, owed] = numbers();
  EXPECT_GT(seq, far_above);
  EXPECT_GT(alarm, far_above);
  EXPECT_EQ(owed, 40U);
  Database database(folder.file);
  EXPECT_EQ(ask(database, "SELECT count(*) FROM alarm"), 7);
}

TEST_F(StoreRescue, OfOneThatWasCutShortGivesNoNumberTwice) {
  fill();
  for (const auto part : {2, 10, 60}) {
    const auto size = fs::file_size(folder.file);
    fs::resize_file(folder.file, std::min<std::uintmax_t>(size * static_cast<unsigned>(part) / 100, size - 1));
    ASSERT_TRUE(rescue(folder.file)) << part;
    const auto [seq, fresh_seq, alarm, owed] = numbers();
    EXPECT_TRUE(seq > far_above || seq >= 41U) << seq;
    EXPECT_TRUE(alarm > far_above || alarm >= 7U) << alarm;
  }
}

/// Whose a value is can be told by it.
constexpr double dust = 1, voc = 100;

/// Both devices each `step` from `from` on, `polls` times.
void store_polls(Database& database, const core::Site& site, std::int64_t from, std::int64_t step, int polls) {
  Readings readings(database, site);
  core::Batch batch;
  for (int i = 0; i < polls; ++i) {
    for (std::uint32_t device = 0; device < site.devices.size(); ++device) {
      const auto value = site.devices[device].id == "dust-1" ? dust : voc;
      add_frame(batch, device, time(from + i * step),
                std::vector<core::Sample>(site.devices[device].point_count, {value, core::Flag::normal}));
    }
  }
  committed(database, [&] { readings.append(batch); });
}

/// The same instruments, the other one first: layouts and frames get other numbers than in the old store.
core::Site example_site_turned() {
  auto site = example_site();
  std::swap(site.devices[0], site.devices[1]);
  site.devices[0].first_point = core::PointIndex{0};
  site.devices[1].first_point = core::PointIndex{3};
  std::ranges::rotate(site.points, site.points.begin() + 1);
  for (auto& point : site.points) point.device = core::DeviceIndex{point.id == "dust-1.pm10" ? 1U : 0U};
  return site;
}

TEST_F(StoreRescue, OfReadingsThatWereRolledUpAndCompactedAnswersWithThePointsOwnOnly) {
  {
    Database database(folder.file);
    store_polls(database, site, morning, 10 * second, 900);
    keep_house(database, time(morning + 2 * hour + 1200 * second));
    for (const char* table : {"stretch", "chunk", "minute_roll_up", "hour_roll_up", "recent_roll_up", "frame"})
      EXPECT_GT(ask(database, std::string("SELECT count(*) FROM ") + table), 0) << table;
  }
  break_page_of("outbox");
  ASSERT_TRUE(rescue(folder.file));
  Database database(folder.file);
  const auto later = morning + 3 * hour;
  store_polls(database, example_site_turned(), later, 7 * second, 1500);
  // Once while all stands as minutes, once with an hour compacted.
  for (const std::int64_t most : {std::int64_t{0}, INT64_MAX}) {
    keep_house(database, time(later + 2 * hour), most);
    History history(database);
    for (const auto& [point, value] : {std::pair{"dust-1.pm10", dust}, std::pair{"voc-1.benzene", voc}}) {
      const auto page = history.readings(point, time(morning - hour), time(later + 5 * hour), 10'000);
      EXPECT_EQ(page.readings.size(), 1500U) << point;
      for (const auto& reading : page.readings) ASSERT_EQ(reading.sample.value, value) << point;
      for (const std::size_t pieces : {2U, 60U, 1000U}) {
        const auto series = history.buckets(point, time(morning - hour), time(later + 5 * hour), pieces);
        ASSERT_TRUE(series);
        std::uint64_t counted = 0;
        for (const auto& bucket : series->buckets) {
          counted += bucket.counted;
          ASSERT_TRUE(bucket.counted == 0 || (bucket.least == value && bucket.greatest == value)) << point;
        }
        EXPECT_EQ(counted, 1500U) << point << " in " << pieces;
      }
    }
    EXPECT_EQ(history.damaged(), 0U);
  }
}

TEST_F(StoreRescue, TakesAlongWhatDoesNotReferToFrames) {
  // A new table: does it refer to frames, layouts or stretches? Then it stays behind, and rescue.cpp must say so.
  const std::vector<std::string> along{"alarm",
                                       "alarm_history",
                                       "exceedance_open",
                                       "exposure",
                                       "gap",
                                       "gap_open",
                                       "ledger",
                                       "life",
                                       "outbox",
                                       "rule_change",
                                       "sequence",
                                       "retention_clock",
                                       "exposure_kept",
                                       "home",
                                       "assessment",
                                       "assessment_sample",
                                       "assessment_file",
                                       "attachment",
                                       "duty_done"},
      behind{"alarm_input", "checkpoint",   "chunk",          "compacted",      "frame",   "hour_roll_up",
             "layout",      "layout_point", "minute_roll_up", "recent_roll_up", "stretch", "unreadable_frame"};
  {
    Database database(folder.file);
    store_polls(database, site, morning, 10 * second, 900);
    keep_house(database, time(morning + 2 * hour + 1200 * second));
    store(database, KeptClock{.at = time(morning), .ran = std::chrono::hours(30)});
    note_homes(database, site, time(morning));
    database.handle().exec("INSERT INTO unreadable_frame VALUES (1, 1, 1, x'00')");
    std::vector<std::string> tables;
    SQLite::Statement names(database.handle(),
                            "SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite_%'");
    while (names.executeStep()) tables.push_back(names.getColumn(0).getString());
    auto all = along;
    all.insert(all.end(), behind.begin(), behind.end());
    EXPECT_THAT(tables, UnorderedElementsAreArray(all));
  }
  break_page_of("outbox");
  ASSERT_TRUE(rescue(folder.file));
  Database database(folder.file);
  for (const auto& table : behind)
    EXPECT_EQ(ask(database, "SELECT count(*) FROM " + table), table == "compacted" ? 1 : 0) << table;
  EXPECT_EQ(ask(database, "SELECT frame + rolled_up FROM compacted"), 0);
  EXPECT_EQ(ask(database, "SELECT count(*) FROM home"), 4);
  const auto clock = retention_clock(database);
  ASSERT_TRUE(clock);
  EXPECT_EQ(clock->at, time(morning));
  EXPECT_EQ(clock->ran, std::chrono::hours(30));
}

TEST_F(StoreRescue, OfAGoodFileWithAGarbledLogGoesOnFromTheFile) {
  fill();
  std::ofstream(folder.file.string() + "-wal") << std::string(8192, '\xa5');
  EXPECT_FALSE(rescue(folder.file));
  EXPECT_EQ(numbers().seq, 41U);
}

TEST_F(StoreRescue, DoesNotTouchOneOfANewerVersionOrOfAnotherProgram) {
  fill();
  { Database(folder.file).handle().exec("PRAGMA user_version=99"); }
  const auto before = content(folder.file);
  EXPECT_THROW(rescue(folder.file), StoreError);
  EXPECT_EQ(content(folder.file), before) << "byte for byte";
  EXPECT_FALSE(fs::exists(folder.file.string() + "-wal"));
}

}  // namespace rescue_test
}  // namespace hazgate::storage
