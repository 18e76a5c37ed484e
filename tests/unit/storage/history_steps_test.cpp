// What is older than the site keeps goes in small steps, and the file stays as large as what it keeps.
#include "storage/history_steps.hpp"

#include <gmock/gmock.h>

#include "example_history.hpp"
#include "storage/history.hpp"

namespace hazgate::storage {
namespace {
using namespace test;

struct Retaining : testing::Test {
  Folder folder;
  core::Site site = example_site();
  Database database{folder.file};
  Readings readings{database, site};
  std::int64_t rows(const std::string& table) { return ask(database, "SELECT count(*) FROM " + table); }
  template <class Step>
  int until_done(Step step) {
    int steps = 0;
    while (committed(database, step)) ++steps;
    return steps;
  }
};

TEST_F(Retaining, LetsReadingsAndMinutesGoAndKeepsTheHours) {
  store_hours(database, readings, morning, morning + 3 * hour);
  keep_house(database, time(morning + 9 * hour));
  const auto hours = rows("hour_roll_up");
  const auto before = all_frames(readings);
  EXPECT_GT(until_done([&] { return drop_readings(database, morning / hour + 2, 4); }), 1) << "in several steps";
  EXPECT_EQ(ask(database, "SELECT min(hour) FROM stretch"), morning / hour + 2);
  EXPECT_EQ(ask(database, "SELECT min(hour) FROM minute_roll_up"), morning / hour + 2);
  EXPECT_EQ(rows("chunk"), rows("minute_roll_up"));
  EXPECT_EQ(rows("hour_roll_up"), hours);
  const auto after = all_frames(readings);
  EXPECT_GT(after.size(), 700U);
  EXPECT_LT(after.size(), before.size());
  EXPECT_EQ(readings.damaged_frames(), 0U);
  History history(database);
  const auto figures = history.buckets("dust-1.pm10", time(morning), time(morning + 3 * hour), 3);
  EXPECT_EQ(figures->buckets[0].counted + figures->buckets[0].others, 360U) << "the hour's figures stand in";
  EXPECT_EQ(figures->buckets[2].counted + figures->buckets[2].others, 360U);
  std::optional<PointOfLayout> at = PointOfLayout{};
  int steps = 0;
  for (; at; ++steps) at = committed(database, [&] { return drop_hours(database, morning / hour + 1, *at, 2); });
  EXPECT_EQ(steps, 3) << "four points, two a step";
  EXPECT_EQ(ask(database, "SELECT min(hour) FROM hour_roll_up"), morning / hour + 1);
}

TEST_F(Retaining, BoundsTheFile) {
  std::int64_t largest = 0, in_the_first_day = 0;
  for (int day = 0; day < 4; ++day) {
    for (int h = 0; h < 24; h += 6) {
      const auto begin = morning + (24 * day + h) * hour;
      store_hours(database, readings, begin, begin + 6 * hour);
      keep_house(database, time(begin + 7 * hour));
      until_done([&] { return drop_readings(database, begin / hour - 18, 16); });
      largest = std::max(largest, ask(database, "PRAGMA page_count"));
    }
    if (day == 1) in_the_first_day = largest;
  }
  EXPECT_LT(largest, in_the_first_day * 11 / 10);
  until_done([&] { return drop_readings(database, INT64_MAX, 16); });
  EXPECT_GT(ask(database, "PRAGMA freelist_count"), 50);
  EXPECT_GT(until_done([&] { return drop_free_pages(database, free_pages(database, 10, INT64_MAX), 20); }), 1);
  EXPECT_LE(ask(database, "PRAGMA freelist_count"), 10);
  EXPECT_LT(ask(database, "PRAGMA page_count"), largest / 2);
  EXPECT_EQ(database.handle().execAndGet("PRAGMA integrity_check").getString(), "ok");
}

TEST_F(Retaining, IsTheOnlyWayForAFinalExposureToGo) {
  const auto insert = [&](const std::string& begin, const std::string& end, int final) {
    database.handle().exec(
        "INSERT INTO exposure (begin_at, shift, point, end_at, day, monday, agent, unit, at, final, rule, "
        "limit_source, "
        "reduction_factor, at_least, episodes, longest_minutes, impulses, measured_s, below_loq_s, over_range_s, "
        "fault_s, link_lost_s, calibrating_s, maintenance_s, stopped_s, missing_s, breaches, verdict) VALUES (" +
        begin + ", 'day', 'p', " + end + ", 0, 0, '', 'ppm', 0, " + std::to_string(final) +
        ", '8h', '', 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '', '')");
  };
  for (int i = 0; i < 10; ++i) insert(std::to_string(100 * i), std::to_string(100 * i + 100), i < 9 ? 1 : 0);
  EXPECT_ANY_THROW(database.handle().exec("DELETE FROM exposure WHERE begin_at = 0"));
  EXPECT_EQ(until_done([&] { return drop_exposures(database, time(650), 4); }), 1);
  EXPECT_EQ(rows("exposure"), 4) << "600 to 700 is not over for long enough";
  EXPECT_ANY_THROW(database.handle().exec("DELETE FROM exposure WHERE begin_at = 600"));
  EXPECT_ANY_THROW(database.handle().exec("UPDATE exposure SET verdict = 'x' WHERE begin_at = 600"));
  EXPECT_EQ(until_done([&] { return drop_exposures(database, time(300), 4); }), 0);
  EXPECT_ANY_THROW(database.handle().exec("DELETE FROM exposure WHERE begin_at = 600"));
}

TEST_F(Retaining, AFileOfAnOlderHazgateIsConvertedWhileItIsSmall) {
  Folder old;
  std::filesystem::create_directories(old.file.parent_path());
  {
    SQLite::Database file(old.file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    file.exec("PRAGMA journal_mode=WAL; CREATE TABLE t (x); DROP TABLE t");
  }
  Database converted(old.file);
  EXPECT_EQ(ask(converted, "PRAGMA auto_vacuum"), 2);
  EXPECT_EQ(ask(database, "PRAGMA auto_vacuum"), 2);
}

}  // namespace
}  // namespace hazgate::storage
