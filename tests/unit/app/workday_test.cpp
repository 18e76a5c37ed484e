// The demonstration in virtual time: a working day and a week of a VOC station, as `hazgate replay` plays them from
// tests/data/workday.toml, and what of it is in the store.
//
// The expected figures come from another program (some lines of Python), which knows the CSV files, the scalings that
// workday.toml names and the formulas of GBZ 331-2024, and nothing of this one. With x(k) the value that stands at
// second k of the shift, 1 to 28800, noise rounded to the 0.1 dB of its register:
//   dust     x = PM10 row in force * 0.115              sum(x) / 28800 = 4.286732413;  above 2 from 12:51:40
//   (2.000313),
//                                                       above 4 from 15:36:25 (4.000062); greatest 15 min mean 10.6404
//   noise    x = row k + 38                             10 lg(sum(10^(x/10)) / 28800) = 86.730036220;
//                                                       above 80 from 10:18:25 (80.000093), above 85 from 14:47:11
//                                                       (85.000867)
//   benzene  x = row of the hour * 0.025 * 78.114/24.05 sum(x) / 28800 = 1.682820783;  above 1.5 from 14:36:58
// Forecast = (sum so far + mean of the last 30 min * seconds left) / 28800, from 10 min on: noise above 85 at once
// (08:10:00, 86.779), dust above 4 from 08:46:29 to 09:17:25 and again from 12:40:31; a notice needs 60 s of it.
// The TVOC alarm is that of voc_alarm_test.cpp, whose figures have their own program.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "app/replay.hpp"
#include "app/replay_report.hpp"
#include "core/time_text.hpp"
#include "settings/load.hpp"
#include "storage/exposures.hpp"
#include "support/process.hpp"

namespace hazgate::app {
namespace {

using core::Basis;
using core::Level;
using core::LimitKind;

class Workday : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = std::make_unique<test::TemporaryFolder>();
    auto settings = settings::load(SOURCE_DIR "/config/workday.toml");
    site = settings->site;
    replay(std::move(*settings), {SOURCE_DIR "/tests/data/workday.toml", folder->path() / "data"},
           [](const auto& here, const core::Alarm& alarm) {
             if (alarm.subject == core::AlarmSubject::device) ++device_alarms;
             if (alarm.subject == core::AlarmSubject::point) alarms[here.points[alarm.index].id].push_back(alarm);
           });
  }
  static void TearDownTestSuite() {
    folder.reset();
    alarms.clear();
  }
  /// The first of a point at that level and basis.
  static core::Alarm risen(const std::string& point, Level level, Basis basis) {
    const auto& all = alarms[point];
    const auto found =
        std::ranges::find_if(all, [&](const auto& alarm) { return alarm.level == level && alarm.basis == basis; });
    EXPECT_NE(found, all.end()) << point << " " << core::name(level) << " " << core::name(basis);
    return found == all.end() ? core::Alarm{} : *found;
  }
  static core::Timestamp monday(const std::string& clock) {
    return core::time_from("2025-04-07T" + clock + "+08:00").value();
  }
  static inline std::unique_ptr<test::TemporaryFolder> folder;
  static inline core::Site site;
  static inline std::map<std::string, std::vector<core::Alarm>> alarms;
  static inline int device_alarms = 0;
};

TEST_F(Workday, DustIsForecastThenHalfwayThenAboveItsPcTwa) {
  const auto forecast = risen("dust.pm_a", Level::notice, Basis::twa_projected);
  EXPECT_EQ(forecast.detected_at, monday("08:46:29"));
  EXPECT_EQ(forecast.changed_at, monday("08:47:29"));
  EXPECT_EQ(forecast.limit.kind, LimitKind::pc_twa);
  const auto warning = risen("dust.pm_a", Level::warning, Basis::twa);
  EXPECT_EQ(warning.detected_at, monday("12:40:31")) << "the second forecast";
  EXPECT_EQ(warning.changed_at, monday("12:51:40"));
  EXPECT_NEAR(warning.value, 2.000313, 1e-6);
  const auto exceed = risen("dust.pm_a", Level::exceed, Basis::twa);
  EXPECT_EQ(exceed.changed_at, monday("15:36:25"));
  EXPECT_NEAR(exceed.value, 4.000062, 1e-6);
  EXPECT_EQ(exceed.number, warning.number) << "one event, one alarm";
}

TEST_F(Workday, NoiseIsForecastThenNoiseWorkThenAboveItsLex8h) {
  const auto forecast = risen("noise.la", Level::notice, Basis::twa_projected);
  EXPECT_EQ(forecast.changed_at, monday("08:11:00"));
  const auto warning = risen("noise.la", Level::warning, Basis::twa);
  EXPECT_EQ(warning.changed_at, monday("10:18:25"));
  EXPECT_NEAR(warning.value, 80.000093, 1e-6);
  const auto exceed = risen("noise.la", Level::exceed, Basis::twa);
  EXPECT_EQ(exceed.changed_at, monday("14:47:11"));
  EXPECT_NEAR(exceed.value, 85.000867, 1e-6);
  EXPECT_EQ(exceed.limit.kind, LimitKind::lex_8h);
}

TEST_F(Workday, BenzeneIsWarnedOfAndStaysBelowItsLimit) {
  const auto warning = risen("pid.gas", Level::warning, Basis::twa);
  EXPECT_EQ(warning.changed_at, monday("14:36:58"));
  EXPECT_EQ(alarms["pid.gas"].size(), 2U) << "the warning and its return";
}

TEST_F(Workday, ThePlumeOfTheFifthNightIsABaselineNoticeWithWhatItIsMadeOf) {
  const auto notice = risen("voc.tvoc", Level::notice, Basis::baseline);
  EXPECT_EQ(notice.detected_at, core::time_from("2025-04-11T04:00:00+08:00"));
  EXPECT_EQ(notice.changed_at, core::time_from("2025-04-11T05:00:00+08:00"));
  EXPECT_NEAR(notice.value, 932.070075, 1e-3);
  ASSERT_TRUE(notice.usual);
  EXPECT_NEAR(notice.usual->z, 11.25073, 1e-4);
  ASSERT_EQ(notice.contributors.size(), 3U);
  EXPECT_EQ(notice.contributors[0].compound, "74-98-6") << "propane";
  EXPECT_EQ(device_alarms, 0) << "a gap in a recording is nobody's fault";
}

TEST_F(Workday, TheStoreHasTheFinalRecordsOfTheShift) {
  storage::Database database(folder->path() / "data" / "hazgate.sqlite");
  storage::Exposures exposures(database, site);
  std::map<std::string, core::Exposure> records;
  exposures.for_each(monday("08:00:00"), monday("08:00:01"),
                     [&](const auto& record) { records.emplace(record.point, record.figures); });
  ASSERT_EQ(records.size(), 3U);
  for (const auto& [point, e] : records) {
    EXPECT_TRUE(e.final) << point;
    EXPECT_EQ(e.time.measured, 28'800) << point;
  }
  const auto &dust = records["dust.pm_a"], &noise = records["noise.la"], &benzene = records["pid.gas"];
  EXPECT_NEAR(dust.twa, 4.286732413, 1e-6);
  EXPECT_NEAR(dust.stel_max, 10.6404, 0.006 * 10.6404) << "the sliding mean is true to 0.6 %";
  EXPECT_EQ(dust.limit_at, monday("15:36:25"));
  EXPECT_NEAR(noise.twa, 86.730036220, 1e-8);
  EXPECT_EQ(noise.limit_at, monday("14:47:11"));
  EXPECT_NEAR(benzene.twa, 1.682820783, 1e-6);
  EXPECT_EQ(dust.verdict, core::Verdict::exceeds);
  EXPECT_EQ(noise.verdict, core::Verdict::exceeds);
  EXPECT_EQ(benzene.verdict, core::Verdict::compliant);
}

TEST_F(Workday, TheReportHasALineForEachChangeAndATableOfTheRecords) {
  const auto told = alarm_report(site, risen("dust.pm_a", Level::exceed, Basis::twa));
  EXPECT_TRUE(told.starts_with("2025-04-07 15:36:25  exceed    twa            PC-TWA    dust.pm_a\n    超标："))
      << told;
  EXPECT_NE(told.find("\n    Exceedance: "), std::string::npos) << told;
  const auto table = record_report(folder->path() / "data" / "hazgate.sqlite", site);
  EXPECT_NE(
      table.find("2025-04-07 day    dust.pm_a     4.29 mg/m³    10.6 mg/m³    -             4 mg/m³       15:36:25 "
                 "   100 %     超标 Exceeds\n"),
      std::string::npos)
      << table;
  EXPECT_EQ(std::ranges::count(table, '\n'), 5) << table;
}

}  // namespace
}  // namespace hazgate::app
