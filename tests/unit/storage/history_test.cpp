// Whatever part of it is compacted, rolled up or neither: what is asked of a point is what its readings say.
#include "storage/history.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "example_history.hpp"

namespace hazgate::storage {
namespace {
using namespace test;

struct Answers : testing::Test {
  Folder folder;
  core::Site site = site_with_levels();
  Database database{folder.file};
  Readings readings{database, site};

  static core::Site site_with_levels() {
    auto site = example_site();
    site.points[1].unit = core::Unit::db_a;
    return site;
  }
  std::vector<PointReading> told(std::string_view point) {
    std::vector<PointReading> list;
    readings.for_each([&](const Readings::Stored& r) {
      if (r.point_id == point) list.push_back({r.at, {r.value, r.flag}, std::string(r.unit)});
    });
    std::ranges::stable_sort(list, {}, &PointReading::at);
    return list;
  }
  /// From every reading, by the definition.
  static std::vector<RollUp> slowly(const std::vector<PointReading>& all, std::int64_t from, std::int64_t to,
                                    std::int64_t count, std::int64_t piece) {
    const auto width = (to - from - 1) / count + 1;
    std::vector<std::vector<PointReading>> buckets(static_cast<std::size_t>(count));
    for (const auto& r : all) {
      const auto at = whole(r.at.time_since_epoch().count(), piece) * piece;
      if (at >= from && at < to) buckets[static_cast<std::size_t>((at - from) / width)].push_back(r);
    }
    std::vector<RollUp> figures;
    for (const auto& bucket : buckets) {
      RollUp f;
      double sum = 0;
      for (const auto& r : bucket) {
        const auto flags = std::string_view("NSLFMCBDT");
        if (flags.find(static_cast<char>(r.sample.flag)) > flags.find(static_cast<char>(f.worst)))
          f.worst = r.sample.flag;
        if (!core::enters_averages(r.sample.flag)) {
          ++f.others;
          continue;
        }
        f.least = f.counted == 0 ? r.sample.value : std::min(f.least, r.sample.value);
        f.greatest = f.counted == 0 ? r.sample.value : std::max(f.greatest, r.sample.value);
        sum += r.unit == "dB(A)" ? std::pow(10, r.sample.value / 10) : r.sample.value;
        ++f.counted;
      }
      f.mean = bucket.empty() || f.counted == 0 ? core::no_value : sum / static_cast<double>(f.counted);
      if (f.counted > 0 && bucket[0].unit == "dB(A)") f.mean = 10 * std::log10(f.mean);
      figures.push_back(f);
    }
    return figures;
  }
  void expect_answers(const std::string& when) {
    History history(database);
    const struct {
      std::int64_t from, to, count, piece;
    } questions[] = {{morning, morning + 6 * hour, 720, 1},  // half a minute each
                     {morning + 7 * second, morning + 2 * hour + 1, 1000, 1},
                     {morning, morning + 6 * hour, 6, 60 * second},
                     {morning + hour / 3, morning + 5 * hour, 7, 60 * second},
                     {morning - 24 * hour, morning + 24 * hour, 10, 3600 * second}};
    for (const std::string point : {"dust-1.pm10", "voc-1.benzene", "voc-1.temperature"}) {
      const auto all = told(point);
      for (const auto& q : questions) {
        const auto got = history.buckets(point, time(q.from), time(q.to), static_cast<std::size_t>(q.count));
        ASSERT_TRUE(got);
        const auto expected = slowly(all, q.from, q.to, q.count, q.piece);
        ASSERT_EQ(got->buckets.size(), expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
          const auto& a = got->buckets[i];
          const auto& e = expected[i];
          ASSERT_TRUE(core::same(a.least, e.least) && core::same(a.greatest, e.greatest) && a.counted == e.counted &&
                      a.others == e.others && a.worst == e.worst)
              << when << " " << point << " bucket " << i << " of " << q.count << ": " << a.least << " " << e.least
              << " " << a.counted << " " << e.counted << " " << a.others << " " << e.others;
          ASSERT_TRUE(std::abs(a.mean - e.mean) <= 1e-6 * std::abs(e.mean) || core::same(a.mean, e.mean))
              << when << " " << point << " bucket " << i << ": " << a.mean << " " << e.mean;
        }
      }
      expect_pages(history, point, all, when);
    }
    EXPECT_EQ(history.damaged(), 0U);
  }
  static void expect_pages(History& history, const std::string& point, const std::vector<PointReading>& all,
                           const std::string& when) {
    for (const auto& [from, to] : {std::pair{morning - 24 * hour, morning + 24 * hour},
                                   std::pair{morning + 17 * second, morning + 2 * hour + second}}) {
      std::vector<PointReading> expected;
      for (const auto& r : all)
        if (r.at >= time(from) && r.at < time(to)) expected.push_back(r);
      for (const std::size_t most : {7U, 1000U}) {
        std::vector<PointReading> got;
        std::optional<ReadingsCursor> cursor;
        do {
          auto page = history.readings(point, time(from), time(to), most, cursor);
          ASSERT_LE(page.readings.size(), most);
          got.insert(got.end(), page.readings.begin(), page.readings.end());
          cursor = page.next;
        } while (cursor && got.size() <= expected.size());
        ASSERT_EQ(got.size(), expected.size()) << when << " " << point;
        for (std::size_t i = 0; i < got.size(); ++i)
          ASSERT_TRUE(got[i].at == expected[i].at && got[i].sample.flag == expected[i].sample.flag &&
                      core::same(got[i].sample.value, expected[i].sample.value))
              << when << " " << point << " " << i;
      }
    }
  }
};

TEST_F(Answers, AreTheSameBeforeAndAfterEachStepOfHousekeeping) {
  store_hours(database, readings, morning, morning + 4 * hour + 600 * second);
  expect_answers("frames only");
  keep_house(database, time(morning + 1800 * second), 0);
  expect_answers("half an hour rolled up");
  keep_house(database, time(morning + 2 * hour + 400 * second));
  expect_answers("two hours compacted");
  keep_house(database, time(morning + 4 * hour + 500 * second));
  expect_answers("all but the last minutes");
  keep_house(database, time(morning + 9 * hour));
  expect_answers("all");
}

/// What is half compacted at a kill is not counted twice.
TEST_F(Answers, DoNotMeetWhatIsUnfinished) {
  store_hours(database, readings, morning, morning + 2 * hour);
  for (int life = 1; life < 20; ++life) {
    int left = life;
    keep_house(database, time(morning + 9 * hour), INT64_MAX, [&] { return --left == 0; });
    if (life % 4 == 1) expect_answers("life " + std::to_string(life));
  }
}

/// Several readings of one moment: a cursor goes on between them.
TEST_F(Answers, PageThroughReadingsOfOneMoment) {
  core::Batch batch;
  for (int i = 0; i < 10; ++i) add_frame(batch, 0, time(morning), {{0.5 * i, core::Flag::normal}});
  add_frame(batch, 0, time(morning + 1), {{99, core::Flag::normal}});
  committed(database, [&] { readings.append(batch); });
  for (const bool compact : {false, true}) {
    if (compact) keep_house(database, time(morning + 9 * hour));
    History history(database);
    std::vector<double> got;
    std::optional<ReadingsCursor> cursor;
    do {
      const auto page = history.readings("dust-1.pm10", time(morning), time(morning + 2), 3, cursor);
      for (const auto& r : page.readings) got.push_back(r.sample.value);
      cursor = page.next;
    } while (cursor && got.size() < 20);
    EXPECT_THAT(got, testing::ElementsAre(0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 99));
  }
}

TEST_F(Answers, AreOfTheUnitInWhichThePointIsMeasuredNow) {
  store_hours(database, readings, morning, morning + hour);
  site.points[0].unit = core::Unit::ug_per_m3;
  Readings later(database, site);
  core::Batch batch;
  add_frame(batch, 0, time(morning + 2 * hour), {{4000, core::Flag::normal}});
  committed(database, [&] { later.append(batch); });
  keep_house(database, time(morning + 9 * hour));
  History history(database);
  const auto got = history.buckets("dust-1.pm10", time(morning), time(morning + 4 * hour), 1);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->unit, "ug/m3");
  EXPECT_EQ(got->buckets[0].counted, 1U);
  const auto page = history.readings("dust-1.pm10", time(morning), time(morning + 4 * hour), 1000);
  EXPECT_EQ(page.readings.size(), 361U);
  EXPECT_EQ(page.readings.front().unit, "mg/m3");
  EXPECT_EQ(page.readings.back().unit, "ug/m3");
}

/// Whatever the figures of a minute name: what another instrument told is not this one's.
TEST_F(Answers, NeverTakeTheFramesOfAnotherDevice) {
  store_hours(database, readings, morning, morning + hour / 4);
  keep_house(database, time(morning + hour), 0);
  const auto swapped = database.handle().exec(
      "UPDATE recent_roll_up SET frames = (SELECT frames FROM recent_roll_up AS other WHERE other.upto = "
      "recent_roll_up.upto AND other.layout <> recent_roll_up.layout)");
  ASSERT_GT(swapped, 10);
  History history(database);
  EXPECT_TRUE(history.readings("dust-1.pm10", time(morning), time(morning + hour), 1000).readings.empty());
}

TEST_F(Answers, RefuseWhatIsNoQuestion) {
  History history(database);
  EXPECT_FALSE(history.buckets("nobody", time(0), time(1), 1));
  EXPECT_TRUE(history.readings("nobody", time(0), time(1), 10).readings.empty());
  EXPECT_THROW(history.buckets("dust-1.pm10", time(1), time(1), 1), std::invalid_argument);
  EXPECT_THROW(history.buckets("dust-1.pm10", time(0), time(1), 0), std::invalid_argument);
}

}  // namespace
}  // namespace hazgate::storage
