// The faults of real instruments in real recordings (tests/data/README.md): each is found, and good data beside it is
// left alone. The figures were counted once by another program.
#include <gtest/gtest.h>

#include <map>

#include "app/ingest.hpp"
#include "app/resume.hpp"
#include "support/recording.hpp"

namespace hazgate::app {
namespace recordings_test {

using core::Timestamp;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

using test::figure, test::iso, test::Row, test::rows;

Timestamp after(double elapsed_s) {
  return Timestamp(hours(24)) + core::Duration(static_cast<std::int64_t>(elapsed_s * 1e6));
}
Timestamp elapsed(const Row& row) { return after(figure(row, "elapsed_s")); }

/// Devices "a", "b", … with one point "x" each.
struct Site {
  Site& device(core::Duration period, settings::PointRules rules = {}) {
    const auto number = static_cast<std::uint32_t>(s.site.devices.size());
    const std::string id(1, static_cast<char>('a' + number));
    if (s.buses.empty()) {
      s.site.buses.push_back({"b"});
      s.buses.push_back({"b", {}, {}});
    }
    s.site.devices.push_back({.id = id, .period = period, .first_point = core::PointIndex{number}, .point_count = 1});
    s.site.points.push_back({.id = id + ".x", .device = core::DeviceIndex{number}});
    s.points.push_back(std::move(rules));
    s.devices.emplace_back();
    return *this;
  }
  Site& compare(core::CrossCheckRule rule) {
    s.cross_checks.push_back({.points = {core::PointIndex{0}, core::PointIndex{1}}, .rule = std::move(rule)});
    return *this;
  }
  settings::Settings s = [] {
    settings::Settings fresh;
    fresh.site.workplaces.push_back({.id = "w"});
    return fresh;
  }();
};

class Run {
 public:
  explicit Run(Site site) : settings_(std::move(site.s)), ingest_(settings_, make_monitor(settings_, 0)) {}
  void see(std::uint32_t device, Timestamp at, double raw) {
    core::Batch batch;
    ingest_.on_outcome({.device = device, .values = std::span(&raw, 1)}, at, batch);
    const auto& sample = batch.samples.front();
    std::string word(1, static_cast<char>(sample.flag));
    if (sample.doubt != core::Doubt::none) word += " " + std::string(core::name(sample.doubt));
    ++counts_[word];
    for (auto& alarm : batch.alarms) alarms.push_back(std::move(alarm));
  }
  /// "D stuck 3, N 100"
  std::string counts() const {
    std::string out;
    for (const auto& [word, count] : counts_) out += (out.empty() ? "" : ", ") + word + " " + std::to_string(count);
    return out;
  }
  std::vector<core::Alarm> alarms;

 private:
  settings::Settings settings_;
  Ingest ingest_;
  std::map<std::string, int> counts_;
};

/// One column under one rule.
template <class Time>
Run judged(const std::vector<Row>& recording, const std::string& column, const settings::PointRules& rules,
           core::Duration period, Time time) {
  Run run(Site().device(period, rules));
  for (std::size_t i = 0; i < recording.size(); ++i) run.see(0, time(recording[i], i), figure(recording[i], column));
  return run;
}
Run judged(const std::vector<Row>& recording, const std::string& column, const settings::PointRules& rules) {
  return judged(recording, column, rules, seconds(1), [](const Row& row, std::size_t) { return elapsed(row); });
}

TEST(Recordings, AnOutputThatClipsIsOverRangeWhereItsOwnLogReadsMore) {
  const auto run = judged(rows("dust_dusttrak_analog_1hz.csv"), "dust_mg_m3", {.max = 0.987});
  EXPECT_EQ(run.counts(), "N 2527, T 6");
  double most = 0;
  for (const auto& row : rows("dust_dusttrak_5s.csv")) most = std::max(most, std::stod(row.at("mass_mg_m3")));
  EXPECT_EQ(most, 2.29);
}

TEST(Recordings, InstrumentsAtTheirCeilingAreOverRangeForAsLongAsTheyStayThere) {
  const auto sds = rows("dust_sds011_salt_ceiling.csv");
  EXPECT_EQ(judged(sds, "pm25_ug_m3", {.max = 999.9}).counts(), "N 4890, T 81");
  EXPECT_EQ(judged(sds, "pm10_ug_m3", {.max = 1999.9}).counts(), "N 3917, T 1054");
  EXPECT_EQ(judged(rows("dust_pms5003_salt_counts.csv"), "above_0_3_um", {.max = 65535}).counts(), "N 3679, T 1137");
}

TEST(Recordings, WhereNobodyStatedTheCeilingStandingStillGivesItAway) {
  const settings::PointRules rules{.stuck_after = minutes(5)};
  const auto sds = rows("dust_sds011_salt_ceiling.csv");
  const auto run = judged(sds, "pm10_ug_m3", rules);
  EXPECT_EQ(run.counts(), "D stuck 754, N 4217") << "1054 s at 1999.9, without the first 300";
  ASSERT_EQ(run.alarms.size(), 2u);
  EXPECT_EQ(core::reason_of(run.alarms[0]).value, 1999.9);
  EXPECT_EQ(judged(sds, "pm25_ug_m3", rules).counts(), "N 4971") << "80 s are not 5 min";
}

TEST(Recordings, GoodDataStandsStillOnlyWhereItIsClean) {
  const auto salt = rows("dust_sps30_salt_decay.csv");
  EXPECT_EQ(judged(salt, "mPM10", {.stuck_after = minutes(1)}).counts(), "N 5174") << "whole µg/m3, once a second";
  const auto every_second = [](const Row&, std::size_t i) { return after(static_cast<double>(i)); };
  const auto noise = rows("noise_laeq_1s.csv");
  EXPECT_EQ(judged(noise, "laeq_1s_dB", {.stuck_after = seconds(10)}, seconds(1), every_second).counts(), "N 3600");
  const auto clean = rows("dust_dusttrak_5s.csv");
  const auto every_5_s = [](const Row&, std::size_t i) { return after(5.0 * static_cast<double>(i)); };
  const auto column = "mass_mg_m3";
  const auto strict = judged(clean, column, {.stuck_after = minutes(10)}, seconds(5), every_5_s);
  EXPECT_EQ(strict.counts(), "D stuck 305, N 230") << "35 min of roof-top air at the last digit: no fault";
  const auto with_loq = judged(clean, column, {.loq = 0.005, .stuck_after = minutes(10)}, seconds(5), every_5_s);
  EXPECT_EQ(with_loq.counts().find("stuck"), std::string::npos) << with_loq.counts();
}

TEST(Recordings, AChannelThatIsDeadIsImpossibleOrStuckWhileItsNeighboursAreGood) {
  const auto modulair = rows("dust_modulair_dead_channels.csv");
  const auto each_minute = [](const Row& row, std::size_t) { return iso(row.at("timestamp")); };
  const auto counts = [&](const std::string& column, const settings::PointRules& rules) {
    return judged(modulair, column, rules, minutes(1), each_minute).counts();
  };
  EXPECT_EQ(counts("sample_pressure_hpa", {.min = 300}), "D below_range 1009");
  EXPECT_EQ(counts("opcn3_rh_pct", {.min = 0, .max = 100.01, .stuck_after = hours(1)}), "D stuck 949, N 60");
  EXPECT_EQ(counts("sample_rh_pct", {.min = 0, .max = 100.01, .stuck_after = hours(1)}), "N 1009");
  EXPECT_EQ(counts("pm10_ug_m3", {.min = 0, .stuck_after = hours(1)}), "N 1009");
}

TEST(Recordings, OneImpossibleFigureIsOneReadingThatDoesNotCount) {
  std::vector<Row> unit;
  for (auto& row : rows("dust_solarcast_faults.csv")) {
    if (row.at("device") == "4267748403" && !row.at("opc_pm10_ug_m3").empty()) unit.push_back(std::move(row));
  }
  const auto each_10_min = [](const Row&, std::size_t i) { return after(600.0 * static_cast<double>(i)); };
  const auto run = judged(unit, "opc_pm10_ug_m3", {.min = 0}, minutes(10), each_10_min);
  EXPECT_EQ(run.counts(), "D below_range 1, N 297") << "-8.8e13 µg/m3";
  EXPECT_TRUE(run.alarms.empty()) << "once is no notice";
  const auto humidity = judged(unit, "humidity_pct", {.min = 0, .max = 100.01}, minutes(10), each_10_min);
  EXPECT_EQ(humidity.counts(), "D below_range 113, N 185") << "down to -38 %";
}

TEST(Recordings, ACodeForMissingIsNoReading) {
  const auto uci = rows("gas_uci_missing_codes.csv");
  const settings::PointRules rules{.error_values = {-200}};
  const auto each_hour = [](const Row& row, std::size_t) { return iso(row.at("datetime")); };
  EXPECT_EQ(judged(uci, "benzene_ug_m3", rules, hours(1), each_hour).counts(), "D error_value 41, N 1959");
  EXPECT_EQ(judged(uci, "no2_ug_m3", rules, hours(1), each_hour).counts(), "D error_value 403, N 1597");
}

TEST(Recordings, ASpikeIsOneReadingAndWhatComesAfterItCounts) {
  const auto epa = rows("gas_dust_collocated_1min.csv");
  const auto each_minute = [](const Row& row, std::size_t) { return iso(row.at("datetime_est")); };
  const auto run = judged(epa, "pm25_ug_m3", {.max_rate = 20.0 / 60}, minutes(1), each_minute);
  EXPECT_EQ(run.counts(), "D rate 1, N 2879") << "4.6, 52.0, 8.4 at 23:44 of the second day";
  EXPECT_TRUE(run.alarms.empty());
}

TEST(Recordings, BlankRowsAreGapsAndEachLongerGapIsOneNotice) {
  const auto octave = rows("noise_octave_800hz_30s.csv");
  const auto each_half_minute = [](const Row&, std::size_t i) { return after(30.0 * static_cast<double>(i)); };
  const auto run =
      judged(octave, "leq_800hz_db", {.max_rate = 5, .stuck_after = minutes(5)}, seconds(30), each_half_minute);
  EXPECT_EQ(run.counts(), "D not_a_number 16, N 984");
  ASSERT_EQ(run.alarms.size(), 4u) << "13 rows and 3 rows: two notices, each raised and ended";
  EXPECT_EQ(core::reason_of(run.alarms[0]).doubt, core::Doubt::not_a_number);
}

/// What is uploaded in bursts carries one time for many readings, and then hours without any: that is no standstill.
TEST(Recordings, BurstsAndLongGapsMakeGoodDataNoFault) {
  std::vector<Row> unit;
  for (auto& row : rows("dust_solarcast_faults.csv")) {
    if (row.at("device") == "872300871") unit.push_back(std::move(row));
  }
  const auto uploaded = [](const Row& row, std::size_t) { return iso(row.at("uploaded_utc")); };
  const settings::PointRules rules{.stuck_after = minutes(30)};
  EXPECT_EQ(judged(unit, "pms_pm10_ug_m3", rules, minutes(10), uploaded).counts(), "N 158") << "whole µg/m3";
  EXPECT_EQ(judged(unit, "opc_pm10_ug_m3", rules, minutes(10), uploaded).counts(), "N 158");
}

using Series = std::vector<std::pair<Timestamp, double>>;

/// Both recordings by time, the first as device 0.
Run compared(Site site, const Series& first, const Series& second) {
  Run run(std::move(site));
  auto b = second.begin();
  for (const auto& [at, value] : first) {
    for (; b != second.end() && b->first <= at; ++b) run.see(1, b->first, b->second);
    run.see(0, at, value);
  }
  return run;
}

TEST(Recordings, TwoDustSensorsInOneSmokeDisagreeAndAreBothKept) {
  Series sps, sds;
  for (const auto& row : rows("dust_sps30_woodsmoke.csv")) sps.emplace_back(elapsed(row), figure(row, "pm25_ug_m3"));
  for (const auto& row : rows("dust_sds011_woodsmoke.csv")) sds.emplace_back(elapsed(row), figure(row, "pm25_ug_m3"));
  const auto run = compared(
      Site().device(seconds(5)).device(seconds(5)).compare({.ratio = 2, .above = 50, .window = minutes(5)}), sps, sds);
  EXPECT_EQ(run.counts(), "N 2969") << "which of the two is wrong is not known";
  ASSERT_GE(run.alarms.size(), 1u);
  const auto why = core::reason_of(run.alarms[0]);
  EXPECT_EQ(why.doubt, core::Doubt::disagreement);
  EXPECT_EQ(why.point, "b.x");
  EXPECT_EQ(why.other, "a.x");
  EXPECT_GT(why.bound, 2 * why.value) << "the one reads more than twice as much";
}

TEST(Recordings, AnOutputThatClipsAgreesWithItsOwnLogUntilThePeakThatItCannotShow) {
  Series log, output;
  const auto own = rows("dust_dusttrak_5s.csv");
  for (std::size_t i = 0; i < own.size(); ++i)
    log.emplace_back(after(5.0 * static_cast<double>(i + 1)), figure(own[i], "mass_mg_m3"));
  // The peak of 2.29 in the log at 2135 s is the one that clips the output at 1825 s.
  for (const auto& row : rows("dust_dusttrak_analog_1hz.csv"))
    output.emplace_back(after(figure(row, "elapsed_s") + 307), figure(row, "dust_mg_m3"));
  const auto run = compared(Site()
                                .device(seconds(5))
                                .device(seconds(1), {.max = 0.987})
                                .compare({.ratio = 1.5, .difference = 0.002, .window = minutes(15)}),
                            log, output);
  ASSERT_EQ(run.alarms.size(), 1u);
  const auto why = core::reason_of(run.alarms[0]);
  EXPECT_EQ(why.doubt, core::Doubt::disagreement);
  EXPECT_GT(run.alarms[0].changed_at, after(2130)) << "35 min of agreement before";
  EXPECT_LT(run.alarms[0].changed_at, after(2145));
}

TEST(Recordings, AGasSensorThatFollowsAnotherGasIsFoundBesideItsReference) {
  const auto fast = rows("gas_dust_collocated_1min.csv"), slow = rows("gas_dust_reference_hourly.csv");
  const auto disagreements = [&](const std::string& column) {
    Series reference, sensor;
    // The reference's hour is known at its end.
    for (const auto& row : slow) reference.emplace_back(iso(row.at("datetime_est")) + hours(1), figure(row, column));
    for (const auto& row : fast) sensor.emplace_back(iso(row.at("datetime_est")), figure(row, column));
    const auto run = compared(Site().device(hours(1)).device(minutes(1)).compare({.difference = 8, .window = hours(6)}),
                              reference, sensor);
    return std::ranges::count_if(run.alarms, [](const core::Alarm& alarm) {
      return core::reason_of(alarm).doubt == core::Doubt::disagreement && alarm.level != core::Level::none;
    });
  };
  EXPECT_GE(disagreements("no2_ppb"), 1) << "negative by night, by day it shows ozone";
  EXPECT_EQ(disagreements("o3_ppb"), 0);
  EXPECT_EQ(disagreements("pm25_ug_m3"), 0);
}

}  // namespace recordings_test
}  // namespace hazgate::app
