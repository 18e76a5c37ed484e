// What Ingest sees of more than one point: buses, coverage, the plant's state, instruments that confirm each other.
#include <gtest/gtest.h>

#include <algorithm>

#include "app/ingest.hpp"
#include "app/resume.hpp"

namespace hazgate::app {
namespace {

using core::AlarmState;
using core::AlarmSubject;
using core::Level;
using modbus::modbus_errc;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
const core::Timestamp start{std::chrono::days(20000)};  // a Friday, 8:00 in Shanghai

/// One device with one point, "d0.a", "d1.a" …, for each bus named; a reading above 10 is an exceedance at once, and
/// the instruments end at 50.
settings::Settings devices_on(const std::vector<std::uint32_t>& buses) {
  settings::Settings s;
  s.site.workplaces = {{.id = "w"}, {.id = "v"}};
  s.site.agents = {{.id = "cas:0-00-0"}, {.id = "cas:0-00-1"}};
  s.site.buses.resize(*std::ranges::max_element(buses) + 1);
  s.buses.resize(s.site.buses.size());
  const core::LevelRule exceed{.level = Level::exceed,
                               .raise_above = 10,
                               .clear_at = 9,
                               .limit = {core::LimitKind::site, 10, core::Unit::mg_per_m3, "site"}};
  for (std::uint32_t i = 0; i < buses.size(); ++i) {
    const auto id = "d" + std::to_string(i);
    s.site.devices.push_back({.id = id,
                              .bus = core::BusIndex{buses[i]},
                              .period = seconds(1),
                              .first_point = core::PointIndex{i},
                              .point_count = 1});
    s.site.points.push_back({.id = id + ".a", .device = core::DeviceIndex{i}, .unit = core::Unit::mg_per_m3});
    s.points.push_back({.max = 50, .levels = {exceed}});
  }
  s.devices.resize(buses.size());
  return s;
}

/// Polls devices; tells what came of it as "<second> <subject><index> <level> <state>".
struct Plant {
  explicit Plant(settings::Settings s) : settings(std::move(s)), ingest(settings, make_monitor(settings, 0)) {}
  void answer(std::uint32_t device, double value) {
    const std::vector<double> values(settings.site.devices[device].point_count, value);
    core::Batch batch;
    ingest.on_outcome({.device = device, .values = values}, start + seconds(now), batch);
    take(batch);
  }
  void fail(std::uint32_t device, modbus_errc why = modbus_errc::no_answer) {
    core::Batch batch;
    ingest.on_outcome({.device = device, .error = why}, start + seconds(now), batch);
    take(batch);
  }
  /// Each device in turn, once a second, up to `until`: it fails where it is among `silent`.
  void run(int until, const std::vector<std::uint32_t>& silent, modbus_errc why = modbus_errc::no_answer) {
    for (; now <= until; ++now)
      for (std::uint32_t d = 0; d < settings.site.devices.size(); ++d)
        std::ranges::find(silent, d) == silent.end() ? answer(d, 1) : fail(d, why);
  }
  /// What was told since the last call.
  std::string told() { return std::exchange(words, {}); }
  void take(const core::Batch& batch) {
    for (const auto& alarm : batch.alarms) {
      const auto subject = std::string(core::name(alarm.subject)) + std::to_string(alarm.index);
      words += std::to_string(now) + " " + subject + " " + std::string(core::name(alarm.level)) + " " +
               std::string(core::name(alarm.state)) + "; ";
      alarms.push_back(alarm);
    }
  }
  settings::Settings settings;
  Ingest ingest;
  int now = 0;
  std::string words;
  std::vector<core::Alarm> alarms;
};

TEST(IngestSite, ALineThatNobodyAnswersOnIsOneAlarmAndNotOneForEachDevice) {
  Plant p(devices_on({0, 0, 0, 0, 0}));
  p.run(9, {});
  p.run(60, {0, 1, 2, 3, 4});
  ASSERT_EQ(p.told(), "11 bus0 notice UNACK; ");
  EXPECT_EQ(p.alarms[0].detected_at, start + seconds(10));
  EXPECT_EQ(core::reason_of(p.alarms[0]).doubt, core::Doubt::no_answer);
  p.run(90, {0, 1, 2, 4});
  EXPECT_EQ(p.told().substr(0, 21), "61 bus0 none NORM; 61") << "one that answers is enough";
  EXPECT_EQ(p.ingest.monitor().open_alarms(), 4u) << "and the others are in trouble themselves";
  p.run(100, {});
  EXPECT_EQ(p.ingest.monitor().open_alarms(), 0u);
}

TEST(IngestSite, WhatIsStillSilentWhenTheLineIsBackHasItsOwnNotice) {
  Plant p(devices_on({0, 0, 0}));
  p.run(9, {});
  p.run(30, {0, 1, 2});
  p.told();
  p.run(60, {1});
  EXPECT_EQ(p.told(), "31 bus0 none NORM; 31 device1 notice UNACK; ");
  p.run(70, {});
  EXPECT_EQ(p.told(), "61 device1 none NORM; ");
}

TEST(IngestSite, ADeviceThatIsSilentWhileOthersAnswerIsInTroubleItself) {
  Plant p(devices_on({0, 0, 0, 1}));
  p.run(9, {});
  p.run(60, {1});
  EXPECT_EQ(p.told(), "11 device1 notice UNACK; ");
  p.run(70, {});
  EXPECT_EQ(p.told(), "61 device1 none NORM; ");
  p.run(71, {0, 1});
  p.run(72, {});
  EXPECT_EQ(p.told(), "") << "one lost telegram is none";
}

TEST(IngestSite, WhoRefusesToAnswerIsHeardAllTheSame) {
  Plant p(devices_on({0, 0}));
  for (; p.now < 60; ++p.now) {
    p.fail(0);
    p.fail(1, modbus_errc::illegal_address);
  }
  EXPECT_EQ(p.told(), "1 device1 notice UNACK; 2 device0 notice UNACK; ");
}

TEST(IngestSite, ADeviceThatIsAloneIsTheLineOnlyWhereItsConnectionIsDown) {
  Plant p(devices_on({0, 1}));
  p.run(9, {});
  p.run(20, {0});
  EXPECT_EQ(p.told(), "11 device0 notice UNACK; ");
  p.run(30, {});
  EXPECT_EQ(p.told(), "21 device0 none NORM; ");
  p.run(40, {1}, modbus_errc::not_connected);
  ASSERT_EQ(p.told(), "32 bus1 notice UNACK; ");
  EXPECT_EQ(p.alarms.back().detected_at, start + seconds(31));
  p.run(50, {});
  EXPECT_EQ(p.told(), "41 bus1 none NORM; ");
}

TEST(IngestSite, ADeviceOfALongPeriodDoesNotHoldBackTheAlarmOfItsLine) {
  auto s = devices_on({0, 0});
  s.site.devices[1].period = minutes(10);
  Plant p(std::move(s));
  p.answer(1, 1);
  for (; p.now < 600; ++p.now) p.now < 10 ? p.answer(0, 1) : p.fail(0);
  ASSERT_EQ(p.told(), "12 bus0 notice UNACK; ");
  EXPECT_EQ(p.alarms[0].detected_at, start + seconds(10));
  p.answer(1, 1);
  EXPECT_EQ(p.told(), "600 bus0 none NORM; ");
}

/// The first device has two points; each point is judged over the day shift, from 8 to 16.
settings::Settings shift_workers() {
  auto s = devices_on({0, 1, 2});
  s.site.devices[0].point_count = 2;
  s.site.devices.pop_back();
  s.devices.pop_back();
  s.site.points[1].device = core::DeviceIndex{0};
  s.site.points[2].device = core::DeviceIndex{1};
  s.site.devices[1].first_point = core::PointIndex{2};
  for (auto& device : s.site.devices) device.period = seconds(20);
  s.site.agents[0].limits = {{core::LimitKind::pc_twa, 100, core::Unit::mg_per_m3, "table"}};
  s.site.shifts = {{"day", 8, 5}};
  s.shifts = {{.id = "day"}};
  s.site.workplaces[0].shifts = {core::ShiftIndex{0}};
  for (auto& point : s.site.points) point.agent = core::AgentIndex{0};
  for (auto& point : s.points) point.levels.clear();
  return s;
}

/// Both devices every 20 s, without a value where they are among `away`.
void work(Plant& p, core::Duration until, const std::vector<std::uint32_t>& away) {
  for (; seconds(p.now) < until; p.now += 20)
    for (const std::uint32_t d : {0U, 1U})
      std::ranges::find(away, d) == away.end() ? p.answer(d, 1) : p.answer(d, std::nan(""));
}

/// Of the alarm about coverage alone.
std::vector<core::Alarm> about_coverage(const Plant& p) {
  std::vector<core::Alarm> found;
  std::ranges::copy_if(p.alarms, std::back_inserter(found),
                       [](const auto& a) { return a.basis == core::Basis::coverage; });
  return found;
}

TEST(IngestSite, PointsThatLoseMoreThanAQuarterOfTheirShiftAreOneAlarmUntilItsEnd) {
  Plant p(shift_workers());
  work(p, hours(1), {});
  work(p, hours(3), {1});
  EXPECT_TRUE(about_coverage(p).empty()) << "just a quarter";
  work(p, hours(3) + minutes(2), {1});
  ASSERT_EQ(about_coverage(p).size(), 1u);
  const auto alarm = about_coverage(p)[0];
  EXPECT_EQ(alarm.subject, AlarmSubject::gateway);
  EXPECT_EQ(core::GatewayPart{alarm.index}, core::GatewayPart::coverage);
  EXPECT_EQ(alarm.level, Level::notice);
  EXPECT_EQ(alarm.value, 1) << "points";
  work(p, hours(6), {0});
  ASSERT_EQ(about_coverage(p).size(), 2u);
  const auto more = about_coverage(p)[1];
  EXPECT_EQ(more.number, alarm.number) << "one for all";
  EXPECT_EQ(more.change, core::Change::retold);
  EXPECT_EQ(more.value, 3);
  EXPECT_EQ(more.detected_at, alarm.detected_at);
  work(p, hours(8), {});
  EXPECT_EQ(about_coverage(p).size(), 2u) << "what is lost does not come back";
  work(p, hours(9), {});
  ASSERT_EQ(about_coverage(p).size(), 3u);
  const auto over = about_coverage(p)[2];
  EXPECT_TRUE(core::ended(over));
  EXPECT_LE(over.changed_at, start + hours(8) + minutes(1));
}

TEST(IngestSite, WhatAShiftLacksBeforeTheFirstFrameIsNobodysFault) {
  Plant p(shift_workers());
  p.now = 4 * 3600;
  work(p, hours(5), {});
  work(p, hours(7), {0});
  EXPECT_TRUE(about_coverage(p).empty());
  work(p, hours(7) + minutes(2), {0});
  EXPECT_EQ(about_coverage(p).size(), 1u) << "more than a quarter since";
}

/// The alarms of d0 are silent while d1 shows less than 5; those of d2, where told so, while d1 or d3 do.
settings::Settings silenced_while_the_fan_stands() {
  auto s = devices_on({0, 1, 2, 3});
  s.points[1].levels.clear();
  s.points[3].levels.clear();
  s.suppress.push_back(
      {.points = {core::PointIndex{0}, core::PointIndex{2}}, .condition = core::PointIndex{1}, .below = 5});
  s.suppress.push_back({.points = {core::PointIndex{2}}, .condition = core::PointIndex{3}, .above = 5});
  return s;
}

TEST(IngestSite, AlarmsAreSilentWhileThePlantSaysSo) {
  Plant p(silenced_while_the_fan_stands());
  p.answer(1, 8);
  p.answer(0, 20);
  EXPECT_EQ(p.told(), "0 point0 exceed UNACK; ");
  p.answer(1, 5);
  EXPECT_EQ(p.told(), "") << "not below";
  p.answer(1, 4);
  EXPECT_EQ(p.told(), "0 point0 exceed DSUPR; ");
  p.answer(2, 20);
  EXPECT_EQ(p.told(), "0 point2 exceed DSUPR; ") << "so does what is raised meanwhile";
  EXPECT_EQ(p.alarms.back().annunciations, 0u);
  p.answer(1, 3);
  EXPECT_EQ(p.told(), "");
  p.answer(1, 5);
  EXPECT_EQ(p.told(), "0 point0 exceed UNACK; 0 point2 exceed UNACK; ");
  EXPECT_EQ(p.alarms.back().annunciations, 1u);
}

TEST(IngestSite, WhenNobodyKnowsThePlantsStateItStaysAsItWas) {
  Plant p(silenced_while_the_fan_stands());
  p.answer(0, 20);
  p.fail(1);
  p.answer(1, std::nan(""));
  EXPECT_EQ(p.told().substr(0, 24), "0 point0 exceed UNACK; 0");
  p.answer(1, 4);
  p.told();
  p.answer(1, std::nan(""));
  p.fail(1);
  EXPECT_EQ(p.told().find("point0"), std::string::npos);
  p.answer(1, 6);
  EXPECT_NE(p.told().find("point0 exceed UNACK"), std::string::npos);
}

TEST(IngestSite, OneOfTwoReasonsToBeSilentIsEnough) {
  Plant p(silenced_while_the_fan_stands());
  p.answer(2, 20);
  p.told();
  p.answer(1, 4);
  EXPECT_EQ(p.told(), "0 point2 exceed DSUPR; ");
  p.answer(3, 6);
  p.answer(1, 8);
  EXPECT_EQ(p.told(), "");
  p.answer(3, 5);
  EXPECT_EQ(p.told(), "0 point2 exceed UNACK; ");
}

/// What d0 shows over range is confirmed by, when d1 then shows 20.
std::string confirmed_by(settings::Settings s) {
  Plant p(std::move(s));
  p.answer(0, 60);
  EXPECT_EQ(p.alarms.at(0).confirmed_at, std::nullopt);
  p.answer(0, 60);
  EXPECT_EQ(p.alarms.size(), 1u);
  p.answer(1, 20);
  p.now += 1;
  p.answer(0, 60);
  const auto& last = p.alarms.back();
  EXPECT_TRUE(!last.confirmed_at || last.index == 1 || last.confirmed_at == start + seconds(1));
  return last.index == 0 ? last.confirmed_by : "";
}

TEST(IngestSite, OverRangeIsConfirmedByAnotherInstrumentOfTheSameHazardThere) {
  auto s = devices_on({0, 1});
  EXPECT_EQ(confirmed_by(s), "") << "no hazard is the same";
  for (auto& point : s.site.points) point.agent = core::AgentIndex{0};
  EXPECT_EQ(confirmed_by(s), "auto:instrument:d1.a");
  auto elsewhere = s;
  elsewhere.site.points[1].workplace = core::WorkplaceIndex{1};
  EXPECT_EQ(confirmed_by(elsewhere), "");
  s.site.points[1].agent = core::AgentIndex{1};
  EXPECT_EQ(confirmed_by(s), "");
}

}  // namespace
}  // namespace hazgate::app
