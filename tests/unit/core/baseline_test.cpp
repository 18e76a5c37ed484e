#include "core/baseline.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace hazgate::core {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Timestamp start{days(20'000)};

struct Station {
  BaselineRule rule{};
  Baseline baseline{};
  Duration offset{};
  std::optional<BaselineSign> at(Timestamp t, double value) {
    return baseline.add(rule, t, local_hour(t, offset), value);
  }
  std::optional<BaselineSign> at(int day, int hour, double value, int minute = 0) {
    return at(start + days(day) + hours(hour) + minutes(minute), value);
  }
  /// One value a day at this hour, from `day` on; each followed by the next hour, which closes it.
  void history(int day, int hour, const std::vector<double>& values) {
    for (const double v : values) {
      at(day, hour, v);
      at(day++, hour + 1, 1);
    }
  }
};

TEST(LocalHour, IsTheSitesHourAndDay) {
  const Timestamp eve = start + hours(23) + minutes(30);
  EXPECT_EQ(local_hour(eve, {}), (LocalHour{20'000, 23}));
  EXPECT_EQ(local_hour(eve, hours(8)), (LocalHour{20'001, 7}));
  EXPECT_EQ(local_hour(start, -minutes(210)), (LocalHour{19'999, 20}));
  EXPECT_EQ(local_hour(Timestamp{-seconds(1)}, {}), (LocalHour{-1, 23}));
}

// median of 10 20 30 40 50 is 30; deviations 20 10 0 10 20, MAD 10; z of 130 = 0.6745 * 100 / 10
TEST(Baseline, IsMedianAndMadOfTheSameHour) {
  Station s;
  s.history(0, 6, {50, 10, 40, 20, 30});
  const auto sign = s.at(5, 6, 130);
  ASSERT_TRUE(sign);
  EXPECT_DOUBLE_EQ(sign->median, 30);
  EXPECT_DOUBLE_EQ(sign->mad, 10);
  EXPECT_NEAR(sign->z, 6.745, 1e-12);
  EXPECT_EQ(sign->days, 5);
  EXPECT_FALSE(sign->early);
  EXPECT_DOUBLE_EQ(s.baseline.z(), sign->z);
}

TEST(Baseline, SaysNothingBeforeFourDaysOfThatHour) {
  Station s;
  s.history(0, 6, {10, 11, 12});
  EXPECT_FALSE(s.at(3, 6, 11));
  EXPECT_TRUE(std::isnan(s.baseline.z()));
  s.at(3, 7, 1);
  EXPECT_TRUE(s.at(4, 6, 11));
  EXPECT_FALSE(s.at(4, 9, 11));  // never seen
}

TEST(Baseline, TakesTheMeanOfAnHourAndForgetsAfterFourteenDays) {
  Station s;
  s.history(0, 6, {1000, 1000, 1000, 1000, 1000});
  for (int day = 5; day < 19; ++day) {
    s.at(day, 6, 2);
    s.at(day, 6, 4, 30);
    s.at(day, 7, 1);
  }
  const auto sign = Station{s}.at(19, 6, 3);
  ASSERT_TRUE(sign);
  EXPECT_EQ(sign->days, 14);
  EXPECT_DOUBLE_EQ(sign->median, 3);
  EXPECT_DOUBLE_EQ(sign->z, 0);
  // Ten days of silence leave the last four of them, another one too few.
  EXPECT_EQ(Station{s}.at(29, 6, 3)->days, 4);
  EXPECT_FALSE(Station{s}.at(30, 6, 3));
}

TEST(Baseline, HasAFloorForTheSpread) {
  struct Row {
    const char* what;
    std::vector<double> history;
    double resolution, x, floor, z;
  };
  for (const Row& row : {
           Row{"a tenth of the median", {20, 20, 20, 20}, 0.05, 30, 2, 0.6745 * 10 / 2},
           Row{"the resolution", {0, 0, 0, 0}, 0.05, 0.4, 0.05, 0.6745 * 0.4 / 0.05},
           Row{"the spread itself", {10, 20, 30, 40}, 0.05, 35, 10, 0.6745},
       }) {
    Station s{.rule = {.resolution = row.resolution}};
    s.history(0, 6, row.history);
    const auto sign = s.at(5, 6, row.x);
    ASSERT_TRUE(sign) << row.what;
    EXPECT_NEAR(sign->mad, row.floor, 1e-6) << row.what;
    EXPECT_NEAR(sign->z, row.z, 1e-5) << row.what;
  }
  Station nothing;
  nothing.history(0, 6, {0, 0, 0, 0});
  EXPECT_FALSE(nothing.at(5, 6, 1)) << "no spread, no floor: no division by zero, no verdict";
}

// --- the early sign ------------------------------------------------------------------------------------------------

struct Signs : testing::Test {
  Station s{};
  Signs() {
    for (int day = 0; day < 5; ++day)
      for (int hour = 0; hour < 24; ++hour) s.at(day, hour, 10 + day);  // median 12, MAD 1: a tenth of 12 is the floor
  }
  bool early(int minute, double value) {
    const auto sign = s.at(start + days(5) + minutes(minute), value);
    return sign && sign->early;
  }
  static constexpr double usual = 12, high = 40;  // z of 40 = 0.6745 * 28 / 1.2 = 15.7
};

TEST_F(Signs, NeedTwoScansRunning) {
  EXPECT_FALSE(early(0, high));
  EXPECT_FALSE(early(60, usual));
  EXPECT_FALSE(early(120, high));
  EXPECT_TRUE(early(180, high));
  EXPECT_TRUE(early(240, high));
  EXPECT_FALSE(early(300, usual));
}

TEST_F(Signs, DoNotTakeTheSameScanPolledTwiceForTwo) {
  s.rule.scan_interval = hours(1);
  for (int minute = 5; minute < 65; ++minute) ASSERT_FALSE(early(minute, high)) << minute;
  EXPECT_TRUE(early(65, high));
}

TEST_F(Signs, DoNotRunOnOverAGap) {
  s.rule.longest_gap = hours(3);
  early(0, high);
  EXPECT_TRUE(early(180, high));
  EXPECT_FALSE(early(361, high));
  EXPECT_TRUE(early(421, high));
}

TEST_F(Signs, AreNotMadeByTheSameMomentTwice) {
  early(0, high);
  EXPECT_FALSE(early(0, high));
}

TEST_F(Signs, BeginAnewWhenTheClockIsSetBack) {
  early(60, high);
  EXPECT_FALSE(early(30, high));
  EXPECT_TRUE(early(31, high));
}

TEST_F(Signs, DoNotPoisonTheBaseline) {
  for (int minute = 0; minute < 24 * 60; minute += 60) early(minute, 1000);
  const auto next = s.at(6, 6, usual);
  EXPECT_EQ(next->days, 6);
  EXPECT_DOUBLE_EQ(next->median, 12.5);
  EXPECT_TRUE(early(24 * 60 + 7 * 60, high) || early(24 * 60 + 8 * 60, high)) << "the next plume is seen all the same";
}

// --- time that misbehaves ------------------------------------------------------------------------------------------

TEST(BaselineClock, SetBackAnHourGivesUpTheHourUnderWay) {
  Station s;
  s.history(0, 6, {10, 20, 30, 40, 50});
  s.at(5, 6, 999);
  EXPECT_EQ(s.at(5, 5, 1), std::nullopt);
  const auto sign = s.at(6, 6, 30);
  EXPECT_EQ(sign->days, 5);
  EXPECT_DOUBLE_EQ(sign->median, 30);
}

TEST(BaselineClock, AheadForAnHourNeverMakesTomorrowAPartOfToday) {
  Station s;
  s.history(0, 6, {10, 20, 30, 40, 50});
  s.at(8, 6, 999);
  s.at(8, 7, 1);
  const auto sign = s.at(5, 6, 30);
  ASSERT_TRUE(sign);
  EXPECT_DOUBLE_EQ(sign->median, 30);
  s.history(5, 6, {30, 30, 30, 31});  // the true day 8 takes the place of the wrong one
  EXPECT_EQ(s.at(9, 6, 30)->days, 9);
  EXPECT_DOUBLE_EQ(s.at(9, 6, 30)->median, 30);
}

TEST(BaselineClock, YearsOffCostsThatHourItsHistoryAndNothingElse) {
  Station s;
  s.history(0, 6, {10, 20, 30, 40, 50});
  s.history(0, 9, {10, 20, 30, 40, 50});
  s.history(4000, 6, {999});
  EXPECT_FALSE(Station{s}.at(5, 6, 30));
  EXPECT_DOUBLE_EQ(s.at(5, 9, 30)->median, 30);
  s.history(6, 6, {1, 2, 3, 4});
  EXPECT_DOUBLE_EQ(s.at(10, 6, 1)->median, 2.5);
}

/// Whatever the clock does, the baseline is that of the last means stored for the 14 days before: held against a map.
TEST(BaselineClock, MayJumpAtWillWithinTheFortnight) {
  std::mt19937 random{14};
  std::uniform_int_distribution<int> jump(-3, 4), value(1, 1000);
  Station s{.rule = {.least_days = 1}};
  std::map<int, float> kept;
  for (int i = 0, day = 100; i < 5000; ++i) {
    day += jump(random);
    std::vector<double> past;
    const int newest = kept.empty() ? 0 : kept.rbegin()->first;
    for (const auto& [d, mean] : kept)
      if (d < day && d >= day - 14 && d > newest - 14) past.push_back(mean);
    const double x = value(random);
    const auto sign = s.at(day, 6, x);
    ASSERT_EQ(sign ? sign->days : 0, static_cast<int>(past.size())) << i;
    if (sign) {
      std::sort(past.begin(), past.end());
      const auto n = past.size();
      ASSERT_DOUBLE_EQ(sign->median, (past[(n - 1) / 2] + past[n / 2]) / 2) << i;
    }
    s.at(day, 7, 1);
    if (!kept.empty() && newest - day >= 14) kept.clear();
    kept[day] = static_cast<float>(x);
  }
}

// --- what is shown of it --------------------------------------------------------------------------------------------

TEST(UsualHours, AreThoseThatTheScansOfTheRunningDayAreHeldAgainst) {
  std::mt19937 random{29};
  std::lognormal_distribution<double> ppb(1, 1);
  Station s{.rule = {.resolution = 0.05}};
  std::map<std::size_t, BaselineSign> signs;
  for (int day = 0; day < 14; ++day)
    for (int hour = 0; hour < 24; ++hour)
      if (const auto sign = s.at(day, hour, ppb(random))) signs[static_cast<std::size_t>(hour)] = *sign;
  const auto shown = s.baseline.hours(s.rule);
  ASSERT_EQ(signs.size(), shown.size());
  for (const auto& [hour, sign] : signs) {
    EXPECT_EQ(sign.days, 13) << hour;
    EXPECT_EQ(shown[hour].days, 13) << hour << ": today is none of them, though it is kept already";
    EXPECT_DOUBLE_EQ(shown[hour].median, sign.median) << hour;
    EXPECT_DOUBLE_EQ(shown[hour].floor, sign.mad) << hour;
  }
  const auto sign = s.at(14, 0, 1);
  ASSERT_TRUE(sign);
  EXPECT_EQ(s.baseline.hours(s.rule)[0].days, 14);
  EXPECT_DOUBLE_EQ(s.baseline.hours(s.rule)[0].median, sign->median);
  s.at(14, 1, 1);
  EXPECT_EQ(s.baseline.hours(s.rule)[0].days, 13) << "today has taken the place of the day a fortnight ago";
}

TEST(UsualHours, LeaveOutDaysThatLieAheadAndThoseOfLongAgo) {
  Station s;
  s.history(0, 6, {10, 20, 30, 40, 50});
  s.at(8, 6, 999);  // the clock ran ahead
  s.at(8, 7, 1);
  s.at(5, 6, 30);
  EXPECT_EQ(s.baseline.hours(s.rule)[6].days, 5);
  EXPECT_DOUBLE_EQ(s.baseline.hours(s.rule)[6].median, 30);
  s.at(17, 9, 1);
  EXPECT_EQ(s.baseline.hours(s.rule)[6].days, 4) << "days 3, 4, 5 and 8";
  s.at(40, 9, 1);
  EXPECT_EQ(s.baseline.hours(s.rule)[6].days, 0);
  EXPECT_TRUE(std::isnan(s.baseline.hours(s.rule)[6].median));
}

TEST(UsualHours, TellTheFloorOfTheirRule) {
  Station s{.rule = {.resolution = 0.05}};
  s.history(0, 6, {20, 20, 20, 20});
  s.history(4, 9, {10, 20, 30, 40});
  s.history(8, 12, {0, 0, 0, 0});
  const auto shown = s.baseline.hours(s.rule);
  EXPECT_DOUBLE_EQ(shown[6].mad, 0);
  EXPECT_DOUBLE_EQ(shown[6].floor, 2) << "a tenth of the median";
  EXPECT_DOUBLE_EQ(shown[9].floor, 10) << "the spread itself";
  EXPECT_DOUBLE_EQ(shown[12].floor, 0.05) << "the resolution";
  EXPECT_TRUE(std::isnan(shown[0].floor)) << "nothing is known of it";
}

// --- properties ----------------------------------------------------------------------------------------------------

TEST(Baseline, GivesTheSameZInAnyUnit) {
  std::mt19937 random{45};
  std::lognormal_distribution<double> ppb(1, 1);
  for (const double scale : {1e-6, 30.07 / 24.465, 1000.0}) {
    Station a{.rule = {.resolution = 0.05}}, b{.rule = {.resolution = 0.05 * scale}};
    int seen = 0;
    for (int day = 0; day < 20; ++day) {
      for (int hour = 0; hour < 24; ++hour) {
        const double x = ppb(random);
        const auto one = a.at(day, hour, x), other = b.at(day, hour, x * scale);
        ASSERT_EQ(one.has_value(), other.has_value());
        if (!one) continue;
        ++seen;
        ASSERT_NEAR(one->z, other->z, 1e-4 * (1 + std::abs(one->z)));
      }
    }
    EXPECT_EQ(seen, 16 * 24);
  }
}

TEST(Baseline, IgnoresWhatIsNoNumberAndNoHour) {
  Station s;
  s.history(0, 6, {10, 20, 30, 40});
  EXPECT_FALSE(s.at(4, 6, no_value));
  EXPECT_FALSE(s.at(4, 6, std::numeric_limits<double>::infinity()));
  EXPECT_FALSE(s.baseline.add(s.rule, start, {20'004, 24}, 1));
  EXPECT_FALSE(s.baseline.add(s.rule, start, {20'004, -1}, 1));
  EXPECT_EQ(s.at(4, 6, 25)->days, 4);
}

TEST(Baseline, GoesOnFromItsBytesAsIfNothingHadHappened) {
  std::mt19937 random{3};
  std::lognormal_distribution<double> ppb(1, 1);
  Station whole{.rule = {.resolution = 0.05}}, halted = whole;
  for (int t = 0; t < 20 * 24 * 4; ++t) {
    const Timestamp at = start + minutes(15) * t;
    const double x = ppb(random);
    const auto expected = whole.at(at, x);
    const std::vector<std::byte> saved(halted.baseline.bytes().begin(), halted.baseline.bytes().end());
    halted.baseline = Baseline::from_bytes(saved).value();
    ASSERT_EQ(halted.at(at, x), expected);
  }
}

TEST(Baseline, RefusesBytesThatAreNotItsOwn) {
  const Baseline b;
  std::vector<std::byte> bytes(b.bytes().begin(), b.bytes().end());
  EXPECT_TRUE(Baseline::from_bytes(bytes));
  EXPECT_FALSE(Baseline::from_bytes(std::span(bytes).first(bytes.size() - 1)));
  auto other_version = bytes;
  other_version[0] = std::byte{9};
  EXPECT_FALSE(Baseline::from_bytes(other_version));
  auto no_hour = bytes;
  const std::int32_t hour = 77;
  std::memcpy(no_hour.data() + 8, &hour, sizeof hour);
  EXPECT_FALSE(Baseline::from_bytes(no_hour));
}

// --- a real week ---------------------------------------------------------------------------------------------------
// 45 compounds, hourly, of an oil and gas field, 2025-04-07 to 04-14 (tests/data/README.md). Its one long plume, ethane
// up to 231 and propane up to 155 ppb, lies on 04-11 from 04:00 to 13:00. Figures by an independent program.

struct Row {
  Timestamp at;
  std::vector<double> ppb;  ///< NaN where blank
};

std::vector<Row> recording(std::vector<std::string>& codes) {
  std::ifstream file(SOURCE_DIR "/tests/data/voc_autogc_hourly.csv");
  std::vector<Row> rows;
  std::string line, field;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::getline(fields, field, ',');
    Row row;
    if (!codes.empty())  // 2025-04-DDTHH:MM
      row.at = std::chrono::sys_days(std::chrono::year(2025) / 4 / std::stoi(field.substr(8, 2))) +
               hours(std::stoi(field.substr(11, 2)));
    std::vector<std::string> words;
    while (std::getline(fields, field, ',') && words.size() < 45) words.push_back(field);
    if (codes.empty()) {
      codes = words;
      continue;
    }
    for (const auto& w : words) row.ppb.push_back(w.empty() ? no_value : std::stod(w));
    row.ppb.resize(codes.size(), no_value);
    rows.push_back(row);
  }
  return rows;
}

struct Found {
  std::map<std::string, std::map<std::string, BaselineSign>> early;  ///< by "DDTHH" and code
  int judged = 0;
};

Found play() {
  std::vector<std::string> codes;
  const auto rows = recording(codes);
  std::vector<Station> stations(codes.size(), Station{.rule = {.resolution = 0.05}});
  Found found;
  for (const Row& row : rows) {
    const LocalHour local = local_hour(row.at, {});
    const int day = local.day - 20'179;  // 2025-04-01
    for (std::size_t c = 0; c < codes.size(); ++c) {
      const auto sign = stations[c].at(row.at, row.ppb[c]);
      found.judged += sign ? 1 : 0;
      if (!sign || !sign->early) continue;
      const std::string when =
          (day < 9 ? "0" : "") + std::to_string(day + 1) + (local.hour < 10 ? "T0" : "T") + std::to_string(local.hour);
      found.early[when].emplace(codes[c], *sign);
    }
  }
  return found;
}

TEST(BaselineOfARealWeek, ShowsThePlumeFromItsSecondScanOn) {
  const auto found = play();
  struct Expected {
    const char *when, *code;
    double median, mad, z;
  };
  // 04:00 is the first high scan (ethane 230.7 ppb, z 13.8), so 05:00 is the sign. By hand for ethane at
  // 05:00: 40.8661, 87.19375, 58.0774, 22.25145 before; median (40.8661 + 58.0774) / 2 = 49.47175; MAD (8.60565
  // + 27.2203) / 2 = 17.912975; z = 0.6745 * (186.6882 - 49.47175) / 17.912975 = 5.16679
  for (const Expected& e : {Expected{"11T05", "43202", 49.47175, 17.912975, 5.16679},
                            Expected{"11T10", "43202", 9.685025, 2.27965, 11.34971},
                            Expected{"11T05", "43204", 33.216965, 5.832265, 11.84256},
                            Expected{"11T10", "43204", 5.109465, 0.89765, 22.90299}}) {
    ASSERT_TRUE(found.early.contains(e.when) && found.early.at(e.when).contains(e.code)) << e.when << ' ' << e.code;
    const auto& sign = found.early.at(e.when).at(e.code);
    EXPECT_NEAR(sign.median, e.median, 1e-4);
    EXPECT_NEAR(sign.mad, e.mad, 1e-4);
    EXPECT_NEAR(sign.z, e.z, 1e-4);
  }
}

TEST(BaselineOfARealWeek, IsQuietOtherwise) {
  const auto found = play();
  EXPECT_EQ(found.judged, 3554);
  std::size_t signs = 0;
  for (const auto& [when, codes] : found.early) {
    EXPECT_TRUE(when >= "11T05" && when <= "11T13") << when;
    signs += codes.size();
  }
  EXPECT_EQ(signs, 71u);
  EXPECT_EQ(found.early.size(), 9u);
}

}  // namespace
}  // namespace hazgate::core
