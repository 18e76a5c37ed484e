// The baseline as an alarm: when it rises, what it says, when it ends, and that a restart changes nothing.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "core/monitor.hpp"

namespace hazgate::core {
namespace monitor_baseline_test {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

const Timestamp start{days(20000)};

PointWatch watch(BaselineRule rule = {.resolution = 1, .longest_gap = hours(3)}) {
  PointWatch point{.period = hours(1)};
  point.baseline = BaselineWatch{.rule = rule, .unit = Unit::ug_per_m3, .identity = 1};
  return point;
}

LocalHour shanghai(Timestamp at) { return local_hour(at, hours(8)); }

/// One point, scanned each hour; every hour of the quiet days 0 to 4 has the values 8, 9, 10, 11, 12: median 10, MAD 1.
struct Station {
  explicit Station(const PointWatch& point = watch()) : monitor(std::vector{point}, 1, 0, {}, shanghai) {}
  std::optional<Alarm> at(int hour, double value, Flag flag = Flag::normal) {
    return monitor.on_reading({PointIndex{0}, start + hours(hour), value, flag});
  }
  void quiet_days(int from = 0, int to = 5) {
    for (int h = 24 * from; h < 24 * to; ++h) EXPECT_EQ(at(h, 8 + h / 24 % 5), std::nullopt) << h;
  }
  Monitor monitor;
};
constexpr int day_5 = 5 * 24;

TEST(MonitorBaseline, TwoScansRunningFarAboveTheUsualAreANotice) {
  Station s;
  s.quiet_days();
  EXPECT_EQ(s.at(day_5, 30), std::nullopt);
  const auto raised = s.at(day_5 + 1, 20);
  ASSERT_TRUE(raised);
  EXPECT_EQ(raised->level, Level::notice);
  EXPECT_EQ(raised->basis, Basis::baseline);
  EXPECT_EQ(raised->detected_at, start + hours(day_5)) << "the first sign, not the decision";
  EXPECT_EQ(raised->changed_at, start + hours(day_5 + 1));
  EXPECT_EQ(raised->value, 20);
  ASSERT_TRUE(raised->usual);
  EXPECT_DOUBLE_EQ(raised->usual->median, 10);
  EXPECT_DOUBLE_EQ(raised->usual->z, 0.6745 * (20 - 10) / 1);
  EXPECT_DOUBLE_EQ(raised->limit.value, 10 + 5 / 0.6745) << "the value with z = 5";
  EXPECT_EQ(raised->limit.unit, Unit::ug_per_m3);
  EXPECT_EQ(raised->limit.kind, LimitKind::site);
}

TEST(MonitorBaseline, TheLevelIsTheOneThatTheRuleNames) {
  Station s(watch({.resolution = 1, .level = Level::warning}));
  s.quiet_days();
  s.at(day_5, 30);
  EXPECT_EQ(s.at(day_5 + 1, 30)->level, Level::warning);
}

TEST(MonitorBaseline, RaisesNothingBeforeFourDaysAreKnown) {
  Station s;
  s.quiet_days(0, 3);
  for (int h = 3 * 24; h < 4 * 24; ++h) EXPECT_EQ(s.at(h, 1000), std::nullopt) << h;
}

// high, quiet, in the dead-band (z 4.75 to 5: 17.04 to 17.41)
TEST(MonitorBaseline, EndsWithTheSecondScanRunningThatIsUsualAgain) {
  Station s;
  s.quiet_days();
  s.at(day_5, 30);
  ASSERT_TRUE(s.at(day_5 + 1, 30));
  EXPECT_EQ(s.at(day_5 + 2, 10), std::nullopt);
  EXPECT_EQ(s.at(day_5 + 3, 17.2), std::nullopt) << "not yet usual: counting begins anew";
  EXPECT_EQ(s.at(day_5 + 4, 17.0), std::nullopt);
  const auto returned = s.at(day_5 + 5, 10);
  ASSERT_TRUE(returned);
  EXPECT_EQ(returned->level, Level::none);
  EXPECT_TRUE(ended(*returned)) << "a notice asks for no answer";
  EXPECT_EQ(returned->peak, 30);
  EXPECT_TRUE(returned->usual) << "what it was held against stays with it";
}

TEST(MonitorBaseline, DoubtfulReadingsNeitherJudgeNorTeachNorEndARun) {
  for (const Flag flag : {Flag::device_fault, Flag::link_lost, Flag::calibrating, Flag::maintenance, Flag::stopped}) {
    Station s;
    for (int h = 0; h < day_5; ++h) {
      s.at(h, 8 + h / 24 % 5);
      s.monitor.on_reading({PointIndex{0}, start + hours(h) + seconds(1), 1e6, flag});
    }
    EXPECT_EQ(s.at(day_5, 30), std::nullopt);
    EXPECT_EQ(s.at(day_5 + 1, 1e6, flag), std::nullopt);
    const auto raised = s.at(day_5 + 2, 30);
    ASSERT_TRUE(raised) << static_cast<char>(flag);
    EXPECT_EQ(raised->detected_at, start + hours(day_5));
    EXPECT_DOUBLE_EQ(raised->usual->median, 10);
  }
}

TEST(MonitorBaseline, ANonDetectCountsAsNothingAsItDoesInTvoc) {
  Station s;
  for (int h = 0; h < day_5; ++h) s.at(h, 50, Flag::below_loq);
  s.at(day_5, 20);
  const auto raised = s.at(day_5 + 1, 20);
  ASSERT_TRUE(raised);
  EXPECT_DOUBLE_EQ(raised->usual->median, 0);
}

TEST(MonitorBaseline, OverRangeProvesWhatItsLowerBoundProvesAndTeachesNothing) {
  Station s;
  s.quiet_days();
  EXPECT_EQ(s.at(day_5, 30, Flag::over_range), std::nullopt);
  const auto raised = s.at(day_5 + 1, 30, Flag::over_range);
  ASSERT_TRUE(raised);
  EXPECT_TRUE(raised->at_least);
  s.at(day_5 + 2, 10);
  EXPECT_EQ(s.at(day_5 + 3, 9, Flag::over_range), std::nullopt) << "proves nothing, and is not usual either";
  for (int h = 4; h < 24; ++h) s.at(day_5 + h, 10);
  EXPECT_EQ(s.monitor.open_alarms(), 0u);
  s.at(day_5 + 24, 30);
  EXPECT_DOUBLE_EQ(s.at(day_5 + 25, 30)->usual->median, 10) << "the hour of the T has no sixth day";
}

TEST(MonitorBaseline, AnEpisodeDoesNotBecomeUsualAndALastingChangeDoes) {
  Station s;
  s.quiet_days(0, 14);
  int raised_at = -1, returned_at = -1;
  for (int h = 14 * 24; h < 28 * 24; ++h) {
    const auto changed = s.at(h, 100);
    if (changed && changed->level == Level::notice) raised_at = h / 24;
    if (changed && changed->level == Level::none) returned_at = h / 24;
  }
  EXPECT_EQ(raised_at, 14);
  EXPECT_GE(returned_at, 19) << "five days of it are an episode still";
  EXPECT_LE(returned_at, 22) << "and eight of fourteen are the rule";
}

/// Every column of the history as a line.
std::string line(const Alarm& a) {
  std::string text;
  for (const double x : {static_cast<double>(a.number), static_cast<double>(a.revision), a.value, a.peak, a.limit.value,
                         a.usual ? a.usual->median : no_value, a.usual ? a.usual->z : no_value})
    text += std::to_string(x) + " ";
  for (const auto t : {a.detected_at, a.changed_at, a.returned_at.value_or(Timestamp{})})
    text += std::to_string(std::chrono::floor<hours>(t - start).count()) + " ";
  return text + std::string(name(a.level)) + " " + std::string(name(a.state)) + (a.at_least ? " at least\n" : "\n");
}
std::string lines(const std::vector<Alarm>& alarms) {
  std::string text;
  for (const auto& alarm : alarms) text += line(alarm);
  return text;
}

std::vector<std::byte> bytes(const Monitor& monitor) {
  std::vector<std::byte> out;
  monitor.save(DeviceIndex{0}, PointIndex{0}, 1, out);
  return out;
}

TEST(MonitorBaseline, AHistoryOfOtherAirIsNotTakenOver) {
  Station s;
  s.quiet_days();
  PointWatch other = watch(), none = watch(), unit = watch();
  other.baseline->identity = 2;
  unit.baseline->unit = Unit::mg_per_m3;
  none.baseline.reset();
  for (const auto& point : {other, unit, none}) {
    Station fresh(point);
    const auto untouched = bytes(fresh.monitor);
    EXPECT_FALSE(fresh.monitor.load(DeviceIndex{0}, PointIndex{0}, 1, bytes(s.monitor)));
    EXPECT_TRUE(bytes(fresh.monitor) == untouched);
  }
  EXPECT_FALSE(s.monitor.load(DeviceIndex{0}, PointIndex{0}, 1, bytes(Station(none).monitor)))
      << "a state from before there were baselines";
}

TEST(MonitorBaseline, AnAlarmThatLostItsHistoryEndsBecauseNothingIsKnownOfTheUsual) {
  Station before, after;
  before.quiet_days();
  before.at(day_5, 30);
  const auto raised = before.at(day_5 + 1, 30);
  ASSERT_TRUE(raised);
  after.monitor.restore(*raised);
  after.at(day_5 + 2, 30);
  const auto ended_now = after.at(day_5 + 3, 30);
  ASSERT_TRUE(ended_now);
  EXPECT_EQ(ended_now->number, raised->number);
  EXPECT_EQ(ended_now->level, Level::none);
}

TEST(MonitorBaseline, ARestartAtAnyScanGivesTheAlarmsOfAnUninterruptedRun) {
  std::mt19937 random(5);
  std::vector<Reading> all;
  double plume = 0;
  for (int h = 0; h < 30 * 24; ++h) {
    plume = random() % 40 == 0 ? 200.0 : plume * 0.7;
    const Flag flag = random() % 15 == 0   ? Flag::device_fault
                      : random() % 30 == 0 ? Flag::over_range
                      : random() % 10 == 0 ? Flag::below_loq
                                           : Flag::normal;
    all.push_back({PointIndex{0}, start + hours(h), 5.0 + h % 24 + random() % 5 + plume, flag});
  }
  const auto feed = [](Station& s, std::span<const Reading> readings) {
    std::vector<Alarm> alarms;
    for (const auto& reading : readings)
      if (auto alarm = s.monitor.on_reading(reading)) alarms.push_back(*alarm);
    return alarms;
  };
  Station straight;
  const auto expected = feed(straight, all);
  ASSERT_GT(expected.size(), 10u);
  for (std::size_t checkpoint = 24 * 5; checkpoint < all.size() - 24; checkpoint += 7) {
    const std::span readings(all);
    const auto killed = checkpoint + random() % 20;
    Station before, after;
    auto told = feed(before, readings.first(checkpoint));
    const auto saved = bytes(before.monitor);
    for (auto& alarm : feed(before, readings.subspan(checkpoint, killed - checkpoint))) told.push_back(alarm);
    ASSERT_TRUE(after.monitor.load(DeviceIndex{0}, PointIndex{0}, 1, saved));
    after.monitor.catch_up(true);
    EXPECT_TRUE(feed(after, readings.subspan(checkpoint, killed - checkpoint)).empty());
    after.monitor.catch_up(false);
    if (!told.empty()) after.monitor.restore(told.back());
    for (auto& alarm : feed(after, readings.subspan(killed))) told.push_back(alarm);
    ASSERT_EQ(lines(told), lines(expected)) << checkpoint;
    ASSERT_EQ(told, expected) << "in some column that lines() does not show";
  }
}

}  // namespace monitor_baseline_test
}  // namespace hazgate::core
