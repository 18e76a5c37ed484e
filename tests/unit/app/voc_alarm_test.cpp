// A VOC station from its registers to the stored alarm, with the hydrocarbons of eight days in an oil and gas area
// (tests/data/README.md): four days teach, the plume of the fifth night is an alarm, the rest is none.
//
// The expected figures come from another program, which knows the CSV file, the molar masses of config/voc116.csv and
// nothing of this one: TVOC of an hour = sum of ppb * M / 24.465; h = the sums of the days before at the same hour of
// the station's clock (UTC-6), at least four; z = 0.6745 * (x - median h) / max(MAD h, median h / 10, 1 ug/m3). In the
// whole recording z is above 5 in
//   04-11  04 h 9.84, 05 h 11.25, 06 h 5.91, 07 h 15.87, 08 h 6.53, 09 h 12.80, 10 h 25.29, 11 h 13.38, 12 h 11.62,
//          13 h 7.84, and by itself 17 h 7.62 and 20 h 14.20;  04-12  by itself 00 h 5.18
// so that one alarm of TVOC is due, from 04 h (known at 05 h) until the second usual hour after 13 h.
#include <gtest/gtest.h>

#include <fstream>
#include <map>

#include "app/ingest.hpp"
#include "app/replay.hpp"
#include "app/resume.hpp"
#include "app/writer.hpp"
#include "feed/alarm_text.hpp"
#include "settings/csv.hpp"
#include "settings/simulation_recording.hpp"
#include "settings/toml_document.hpp"
#include "support/gateway_folder.hpp"

namespace hazgate::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* config = R"(
[gateway]
id = "gw"
site = "park"
timezone = "Etc/GMT+6"
[[workplace]]
id = "fence"
kind = "ambient"
[[bus]]
id = "b"
transport = "tcp"
host = "127.0.0.1"
[[device]]
id = "voc"
bus = "b"
unit = 1
profile = "generic-voc-station-116"
period = "1h"
)";

settings::CsvTable table_of(const std::string& name) {
  settings::Problems problems;
  const auto file = SOURCE_DIR "/tests/data/" + name;
  return settings::parse_csv(settings::read_text(file, problems).value(), file, problems);
}

/// Column of the recording by the id of the measure that has its compound.
std::map<std::string, std::string> played_columns(const settings::Settings& settings) {
  std::map<std::string, std::string> columns;
  const auto table = table_of("voc_autogc_parameters.csv");
  for (const auto& row : table.rows)
    for (const auto& measure : settings.profiles.at(0).measures)
      if (measure.compound == row.fields[*table.column("cas")])
        columns[measure.id] = row.fields[*table.column("column")];
  return columns;
}

struct Scan {
  core::Timestamp at;
  std::vector<double> ppb;  ///< as the registers hold it: NaN in the hours of calibration, 0 where nothing was found
};

/// What the recorded station does not report is not found; else 45 of 116 would be too few for a sum.
std::vector<Scan> recorded(const settings::Settings& settings) {
  const auto table = table_of("voc_autogc_hourly.csv");
  const auto columns = played_columns(settings);
  const auto& measures = settings.profiles.at(0).measures;
  std::vector<Scan> scans;
  for (const auto& row : table.rows) {
    const auto local = settings::seconds_of_recording(row.fields[0]).value();
    Scan scan{.at = core::Timestamp(std::chrono::seconds(static_cast<std::int64_t>(local)) + std::chrono::hours(6)),
              .ppb = std::vector<double>(measures.size(), row.fields[1].empty() ? core::no_value : 0.0)};
    for (std::size_t i = 0; i < measures.size(); ++i) {
      const auto column = columns.find(measures[i].id);
      if (column == columns.end() || row.fields[1].empty()) continue;
      const auto& field = row.fields[*table.column(column->second)];
      scan.ppb[i] = field.empty() ? core::no_value : std::stod(field);
    }
    scans.push_back(std::move(scan));
  }
  return scans;
}

struct VocStationOfEightDays : testing::Test, test::GatewayFolder {
  VocStationOfEightDays() : GatewayFolder("voc-alarm", config) {}
  /// One life of a gateway. Its last `unsaved` scans are on disk without a checkpoint, as kill -9 leaves them.
  std::vector<core::Alarm> live(const std::string& data, std::size_t from, std::size_t to, std::size_t unsaved) const {
    const auto s = settings(data);
    const auto scans = recorded(s);
    Writer writer(s);
    Ingest ingest(s, make_monitor(s, writer.last_alarm_number()));
    core::Batch batch;
    resume(s, writer, ingest, scans[from].at, batch);
    std::vector<core::Alarm> alarms;
    to = std::min(to, scans.size());
    for (auto i = from; i < to; ++i) {
      ingest.on_outcome({.device = 0, .values = scans[i].ppb}, scans[i].at, batch);
      alarms.insert(alarms.end(), batch.alarms.begin(), batch.alarms.end());
      if (i + unsaved < to) ingest.add_checkpoints(scans[i].at, batch);
      writer.submit(batch, scans[i].at);
    }
    return alarms;
  }
  std::string history(const std::string& data) const { return rows(data, test::alarm_history); }
  static constexpr std::size_t all = 192;
};

core::Timestamp local(int day, int hour) {
  using namespace std::chrono;
  return core::Timestamp(sys_days(year(2025) / 4 / day)) + hours(hour + 6);
}

TEST_F(VocStationOfEightDays, RaisesOneTvocAlarmOnThePlumeAndNoneInTheQuiet) {
  const auto s = settings("live");
  std::vector<core::Alarm> tvoc;
  for (const auto& alarm : live("live", 0, all, 0)) {
    const bool point = alarm.subject == core::AlarmSubject::point;  // the nightly calibration is the device's matter
    if (point && alarm.level != core::Level::none) {
      EXPECT_GE(alarm.detected_at, local(11, 4)) << s.site.points[alarm.index].id;
      EXPECT_LE(alarm.changed_at, local(11, 13)) << s.site.points[alarm.index].id;
    }
    if (point && s.site.points[alarm.index].id == "voc.tvoc") tvoc.push_back(alarm);
  }
  ASSERT_EQ(tvoc.size(), 2u);
  const auto& raised = tvoc[0];
  EXPECT_EQ(raised.level, core::Level::notice);
  EXPECT_EQ(raised.basis, core::Basis::baseline);
  EXPECT_EQ(raised.detected_at, local(11, 4));
  EXPECT_EQ(raised.changed_at, local(11, 5));
  EXPECT_NEAR(raised.value, 932.070075, 1e-5);
  ASSERT_TRUE(raised.usual);
  EXPECT_NEAR(raised.usual->median, 233.762803, 1e-4);
  EXPECT_NEAR(raised.usual->z, 11.25073, 1e-4);
  EXPECT_EQ(tvoc[1].level, core::Level::none);
  EXPECT_EQ(tvoc[1].changed_at, local(11, 15));
  // by hand for 04-11 05 h: ethane 186.6882 * 30.070 / 24.465 = 229.459, propane 135.61727 * 44.097 / 24.465 = 244.444,
  // n-butane 70.99668 * 58.124 / 24.465 = 168.673 of 932.070
  ASSERT_EQ(raised.contributors.size(), 3u);
  const std::vector<std::pair<std::string, double>> expected{
      {"74-98-6", 244.444 / 932.070}, {"74-84-0", 229.459 / 932.070}, {"106-97-8", 168.673 / 932.070}};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(raised.contributors[i].compound, expected[i].first);
    EXPECT_NEAR(raised.contributors[i].share, expected[i].second, 1e-5);
  }
  const auto text = feed::alarm_text(s.site, raised);
  EXPECT_EQ(text.zh,
            "提示：TVOC 932 µg/m³ 高于该时段常值 234 µg/m³（前 14 日同时段中位数，稳健 z = 11.3），"
            "主要成分：丙烷 26.2 %、乙烷 24.6 %、正丁烷 18.1 %，场所：fence，自 2025-04-11 04:00:00（UTC-6）起");
  EXPECT_EQ(text.en,
            "Notice: TVOC 932 µg/m³ is above the usual 234 µg/m³ at this hour (median of the last 14 days, robust z = "
            "11.3), mainly Propane 26.2 %, Ethane 24.6 %, n-Butane 18.1 % at fence, since 2025-04-11 04:00:00 (UTC-6)");
}

TEST_F(VocStationOfEightDays, KilledInTheMiddleOfThePlumeAndReplayedHasTheSameHistoryInEveryColumn) {
  live("straight", 0, all, 0);
  const auto expected = history("straight");
  ASSERT_NE(expected.find("voc.tvoc"), std::string::npos);
  for (const std::size_t killed : {4 * 24 + 5, 4 * 24 + 7, 4 * 24 + 14}) {
    const auto data = "killed-" + std::to_string(killed);
    live(data, 0, killed, 3);
    live(data, killed, all, 0);
    EXPECT_EQ(history(data), expected) << killed;
  }
  replay(settings("again"), {folder / "straight" / "hazgate.sqlite", folder / "again"},
         [](const auto&, const auto&) {});
  EXPECT_EQ(history("again"), expected);
}

}  // namespace
}  // namespace hazgate::app
