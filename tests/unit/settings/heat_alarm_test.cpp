// Heat as a hot workplace meets it: the limits of config/, the set points, and the alarms of a shift.
#include <gmock/gmock.h>

#include "core/monitor.hpp"
#include "settings/level_rules.hpp"
#include "settings/limit_table.hpp"

namespace hazgate::settings {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;

const core::Timestamp start{std::chrono::days(20000)};

const core::Agent& heat() {
  static const core::Agent read = [] {
    Problems problems;
    return *LimitTable::read({SOURCE_DIR "/config"}, problems).agent("wbgt:75:III");  // 28 degC
  }();
  return read;
}

/// One instrument, read every 10 s in shifts of 8 h that follow each other.
struct HotPlace {
  HotPlace() : monitor(std::vector{watch()}, 1, 0, shift_at) {}
  static core::PointWatch watch() {
    return {.period = std::chrono::seconds(10),
            .levels = legal_levels(heat()),
            .shifts = {{core::ShiftIndex{0}, core::exposure_rule(heat(), heat().unit, {.id = "day"})}}};
  }
  static core::ShiftWindow shift_at(core::ShiftIndex, core::Timestamp at) {
    const auto begin = start + (at - start) / hours(8) * hours(8);
    return {.begin = begin, .end = begin + hours(8)};
  }
  void stay(core::Duration time, double value, core::Flag flag = core::Flag::normal) {
    for (const auto until = now + time; now < until;) {
      now += std::chrono::seconds(10);
      if (const auto alarm = monitor.on_reading({core::PointIndex{0}, now, value, flag}))
        told.push_back(std::string(core::name(alarm->level)) + " " + std::string(core::name(alarm->basis)) + " " +
                       std::to_string((now - start) / std::chrono::seconds(1)));
    }
  }
  core::Monitor monitor;
  core::Timestamp now = start;
  std::vector<std::string> told;  ///< level, basis, second of each change
};

TEST(HeatAlarm, WarnsOfReadingsAndExceedsByTheMeanThatLasts) {
  HotPlace place;
  place.stay(hours(1), 24);
  place.stay(hours(4), 30);  // the mean is 28 after two hours of it, at 10,800 s
  EXPECT_THAT(place.told, ElementsAre("warning reading 3670", "exceed twa 11710"));
}

TEST(HeatAlarm, NoticesWhereTheShiftWillEndThoughNoReadingLasts) {
  HotPlace place;
  place.stay(hours(1), 26);
  place.stay(hours(1), 27.5);
  for (int i = 0; i < 120; ++i) {
    place.stay(std::chrono::seconds(30), 31);
    place.stay(std::chrono::seconds(30), 27.5);
  }
  ASSERT_FALSE(place.told.empty());
  EXPECT_THAT(place.told[0], testing::StartsWith("notice twa_projected"));
}

TEST(HeatAlarm, TheFirstHotMinutesAreNotYetAMean) {
  HotPlace place;
  place.stay(minutes(5), 35);
  place.stay(minutes(30), 22);  // the mean was above for 11 min
  EXPECT_THAT(place.told, ElementsAre("warning reading 70", testing::StartsWith("none")));
}

TEST(HeatAlarm, NothingIsToldAtTheLimitItself) {
  HotPlace place;
  place.stay(hours(8), 28);
  EXPECT_THAT(place.told, testing::IsEmpty());
}

TEST(HeatAlarm, ClearsHalfADegreeBelowAndNotBefore) {
  HotPlace place;
  place.stay(minutes(2), 29);
  place.stay(minutes(30), 27.6);
  EXPECT_THAT(place.told, ElementsAre("warning reading 70"));
  place.stay(minutes(2), 27.5);
  EXPECT_THAT(place.told, ElementsAre("warning reading 70", "none reading 1990"));
}

TEST(HeatAlarm, KnowsNoHalfOfATemperature) {
  const auto rules = legal_levels(heat());
  ASSERT_EQ(rules.size(), 3U);
  for (const auto& rule : rules) {
    EXPECT_EQ(rule.raise_above, 28);
    EXPECT_EQ(rule.clear_at, 27.5);
    EXPECT_EQ(rule.limit.kind, core::LimitKind::wbgt);
  }
}

}  // namespace
}  // namespace hazgate::settings
