#include "app/ingest.hpp"
#include "app/resume.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace hazgate::app {
namespace ingest_test {

using core::Flag;
using std::chrono::seconds;
const core::Timestamp start{std::chrono::days(20000)};

/// One device "d" with two points: raw * 0.1 in mg/m3 (range 0 to 100, code 65535), and raw itself.
settings::Settings one_device() {
  settings::Settings s;
  s.site.buses.push_back({"b"});
  s.buses.push_back({"b", {}, {}});
  s.site.devices.push_back({.id = "d", .period = seconds(1), .point_count = 2});
  s.site.workplaces.push_back({.id = "w"});
  s.site.points = {{.id = "d.a", .unit = core::Unit::mg_per_m3}, {.id = "d.b", .unit = core::Unit::one}};
  s.points.resize(2);
  s.points[0] = {.scale = 0.1, .min = 0, .max = 100, .error_values = {65535}};
  s.devices.resize(1);
  return s;
}

struct Fixture {
  explicit Fixture(settings::Settings s) : settings(std::move(s)), ingest(settings, make_monitor(settings, 0)) {}
  /// Flags of both points, e.g. "NN".
  std::string poll(std::vector<double> values, bool first = false) {
    core::Batch batch;
    ingest.on_outcome({.device = 0, .values = values, .first_after_loss = first}, now, batch);
    return flags(batch);
  }
  std::string fail(modbus::modbus_errc error) {
    core::Batch batch;
    ingest.on_outcome({.device = 0, .error = error}, now, batch);
    return flags(batch);
  }
  std::string flags(const core::Batch& batch) {
    last = batch;
    std::string out;
    for (const auto& sample : batch.samples) out += static_cast<char>(sample.flag);
    now += seconds(1);
    return out;
  }
  settings::Settings settings;
  Ingest ingest;
  core::Batch last;
  core::Timestamp now = start;
};

/// Started with a clock that was ahead, which then was set right.
TEST(Ingest, AClockThatIsSetBackHoldsNoDeviceInItsWarmUpAndHidesNoHeartbeat) {
  auto s = one_device();
  s.devices[0].heartbeat_within = std::chrono::seconds(3);
  s.devices[0].warm_up = seconds(2);
  Fixture f(std::move(s));
  f.now = start + std::chrono::years(20);
  EXPECT_EQ(f.poll({1, 1, 7}, true), "FF");
  f.now = start;
  EXPECT_EQ(f.poll({1, 1, 7}), "FF");
  EXPECT_EQ(f.poll({1, 1, 7}), "FF");
  EXPECT_EQ(f.poll({1, 1, 7}), "NN");
  EXPECT_EQ(f.poll({1, 1, 7}), "NN");
  EXPECT_EQ(f.poll({1, 1, 7}), "DD") << "it has not moved for more than 3 s";
}

TEST(Ingest, ScalesAndFlagsEachValueByItself) {
  Fixture f(one_device());
  EXPECT_EQ(f.poll({123, 7}), "NN");
  EXPECT_DOUBLE_EQ(f.last.samples[0].value, 12.3);
  EXPECT_EQ(f.last.samples[1].value, 7);
  EXPECT_EQ(f.poll({1000, 7}), "TN");
  EXPECT_EQ(f.poll({65535, 7}), "DN");
  EXPECT_TRUE(std::isnan(f.last.samples[0].value)) << "a code is not a value";
  EXPECT_EQ(f.poll({std::nan(""), 7}), "DN") << "a register that the device refuses";
}

TEST(Ingest, AFailedPollLeavesAFrameThatSaysWhy) {
  Fixture f(one_device());
  EXPECT_EQ(f.fail(modbus::modbus_errc::no_answer), "BB");
  EXPECT_EQ(f.fail(modbus::modbus_errc::not_connected), "BB");
  EXPECT_EQ(f.fail(modbus::modbus_errc::gateway_no_answer), "BB");
  EXPECT_EQ(f.fail(modbus::modbus_errc::illegal_address), "DD");
  EXPECT_EQ(f.fail(modbus::modbus_errc::identity_mismatch), "DD");
  ASSERT_EQ(f.last.samples.size(), 2u);
  EXPECT_TRUE(std::isnan(f.last.samples[0].value));
}

TEST(Ingest, AStateRegisterFlagsTheWholeDevice) {
  auto s = one_device();
  s.devices[0].states.push_back({.channel = {}, .mask = 0x0F, .map = {{1, 'N'}, {2, 'C'}, {3, 'M'}}, .otherwise = 'D'});
  Fixture f(std::move(s));
  EXPECT_EQ(f.poll({10, 1, 1}), "NN");
  EXPECT_EQ(f.poll({10, 1, 0xF2}), "CC");
  EXPECT_EQ(f.poll({10, 1, 3}), "MM");
  EXPECT_EQ(f.poll({10, 1, 9}), "DD");
  EXPECT_EQ(f.poll({10, 1, std::nan("")}), "DD");
}

TEST(Ingest, AHeartbeatThatStopsIsADeviceFault) {
  auto s = one_device();
  s.devices[0].heartbeat_within = std::chrono::milliseconds(3000);
  Fixture f(std::move(s));
  EXPECT_EQ(f.poll({10, 1, 5}, true), "NN");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(f.poll({10, 1, 5}), "NN");
  EXPECT_EQ(f.poll({10, 1, 5}), "DD");
  EXPECT_EQ(f.poll({10, 1, 6}), "NN");
}

TEST(Ingest, ALostTelegramGivesAHeartbeatThatStoppedNoNewTime) {
  auto s = one_device();
  s.devices[0].heartbeat_within = std::chrono::milliseconds(3000);
  Fixture f(std::move(s));
  f.poll({10, 1, 5}, true);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(f.poll({10, 1, 5}), "NN");
  f.fail(modbus::modbus_errc::no_answer);
  EXPECT_EQ(f.poll({10, 1, 5}, true), "DD");
  f.fail(modbus::modbus_errc::no_answer);
  EXPECT_EQ(f.poll({10, 1, 6}, true), "NN");
}

TEST(Ingest, AnInstrumentThatJustCameIsFlaggedWhileItWarmsUp) {
  auto s = one_device();
  s.devices[0].warm_up = seconds(2);
  Fixture f(std::move(s));
  EXPECT_EQ(f.poll({10, 1}, true), "FF");
  EXPECT_EQ(f.poll({10, 1}), "FF");
  EXPECT_EQ(f.poll({10, 1}), "NN");
}

/// Two compounds with 2 and 3 ug/m3 a unit, the first with MIR 10; TVOC and OFP behind them, then a state register.
settings::Settings voc_station() {
  auto s = one_device();
  s.site.devices[0].point_count = 5;
  s.site.devices[0].derived_count = 3;
  s.site.points.resize(5, {.unit = core::Unit::ug_per_m3});
  s.points.resize(5);
  s.devices[0].states = {{.channel = {}, .mask = {}, .map = {{1, 'N'}, {2, 'C'}}}};
  s.devices[0].voc = {.channels = {{.place = 0, .ug_per_m3 = 2, .mir = 10}, {.place = 1, .ug_per_m3 = 3}},
                      .compounds = {},
                      .derived = {core::VocFigure::tvoc, core::VocFigure::ofp, core::VocFigure::ofp_left_out},
                      .families = {},
                      .classes = {}};
  return s;
}

TEST(Ingest, AScanBringsItsMassAndOzoneBehindItsMeasures) {
  Fixture f(voc_station());
  EXPECT_EQ(f.poll({100, 7, 1}), "NNNNN");
  EXPECT_EQ(f.last.frames.at(0).count, 5u);
  EXPECT_DOUBLE_EQ(f.last.samples[2].value, 2 * 10 + 3 * 7);
  EXPECT_DOUBLE_EQ(f.last.samples[3].value, 2 * 10 * 10);
  EXPECT_EQ(f.last.samples[4].value, 1) << "the second has no reactivity";
  EXPECT_EQ(f.poll({1000, 7, 1}), "TNTTN");
}

TEST(Ingest, AScanThatNobodyMayUseHasNoMassAndSaysWhy) {
  Fixture f(voc_station());
  EXPECT_EQ(f.poll({100, 7, 2}), "CCCCC");
  EXPECT_TRUE(std::isnan(f.last.samples[2].value));
  EXPECT_EQ(f.poll({65535, 7, 1}), "DNDDN") << "one of two is less than three quarters";
  EXPECT_EQ(f.poll({65535, std::nan(""), 1}), "DDDDD");
  EXPECT_EQ(f.fail(modbus::modbus_errc::no_answer), "BBBBB");
}

TEST(Ingest, TwoFailuresRunningRaiseOneNoticeForTheDevice) {
  Fixture f(one_device());
  f.fail(modbus::modbus_errc::no_answer);
  EXPECT_TRUE(f.last.alarms.empty());
  f.fail(modbus::modbus_errc::no_answer);
  ASSERT_EQ(f.last.alarms.size(), 1u);
  EXPECT_EQ(f.last.alarms[0].subject, core::AlarmSubject::device);
  f.fail(modbus::modbus_errc::no_answer);
  EXPECT_TRUE(f.last.alarms.empty());
  f.poll({1, 1}, true);
  ASSERT_EQ(f.last.alarms.size(), 1u);
  EXPECT_TRUE(core::ended(f.last.alarms[0]));
}

/// The doubts of both points in words.
std::string doubts(const core::Batch& batch) {
  std::string out;
  for (const auto& sample : batch.samples) out += std::string(core::name(sample.doubt)) + " ";
  return out;
}

TEST(Ingest, EachDoubtfulSampleSaysWhy) {
  auto s = one_device();
  s.points[1].stuck_after = seconds(5);
  s.points[1].max_rate = 10;
  s.devices[0].states.push_back({.channel = {}, .mask = {}, .map = {{2, 'C'}, {4, 'B'}}, .otherwise = 'N'});
  s.devices[0].heartbeat_within = std::chrono::milliseconds(20000);
  s.devices[0].warm_up = seconds(1);
  Fixture f(std::move(s));
  const auto said = [&](std::vector<double> values, bool first = false) {
    f.poll(std::move(values), first);
    return doubts(f.last);
  };
  EXPECT_EQ(said({10, 1, 1, 1}, true), "warm_up warm_up ");
  EXPECT_EQ(said({10, 1, 1, 1}), "none none ");
  EXPECT_EQ(said({65535, 100, 1, 1}), "error_value rate ");
  EXPECT_EQ(said({-5, 1, 1, 1}), "below_range none ");
  EXPECT_EQ(said({1000, std::nan(""), 1, 1}), "none not_a_number ") << "T says all";
  EXPECT_EQ(said({10, 1, 2, 1}), "device_state device_state ");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(said({10, 1, 1, 1}), "none none ") << i;
  EXPECT_EQ(said({10, 1, 1, 1}), "none stuck ");
  for (int i = 0; i < 9; ++i) f.poll({10, 1, 1, 1});
  EXPECT_EQ(said({10, 1, 1, 1}), "heartbeat heartbeat ");
  f.fail(modbus::modbus_errc::no_answer);
  EXPECT_EQ(doubts(f.last), "no_answer no_answer ");
  f.fail(modbus::modbus_errc::illegal_address);
  EXPECT_EQ(doubts(f.last), "refused refused ");
  f.fail(modbus::modbus_errc::broken_frame);
  EXPECT_EQ(doubts(f.last), "garbled garbled ");
}

TEST(Ingest, WhileTheDeviceSpeaksOfItselfItsValuesAreNoMatter) {
  auto s = one_device();
  s.points[1].max_rate = 10;
  s.devices[0].states.push_back({.channel = {}, .mask = {}, .map = {{2, 'C'}}, .otherwise = 'N'});
  Fixture f(std::move(s));
  EXPECT_EQ(f.poll({10, 1, 1}), "NN");
  EXPECT_EQ(f.poll({65535, 900, 2}), "CC") << "an error code while it is calibrated is no fault";
  EXPECT_TRUE(std::isnan(f.last.samples[0].value));
  EXPECT_EQ(f.poll({10, 1, 1}), "NN") << "back from span gas is no jump";
}

TEST(Ingest, TheNoticeNamesTheFirstPointInDoubtAndItsFigure) {
  auto s = one_device();
  s.site.points[1].id = "d.b";
  s.points[1].stuck_after = seconds(5);
  Fixture f(std::move(s));
  for (int i = 0; i < 6; ++i) f.poll({10.0 + i, 7});
  EXPECT_TRUE(f.last.alarms.empty()) << "once is not enough";
  f.poll({20, 7});
  ASSERT_EQ(f.last.alarms.size(), 1u);
  const auto why = core::reason_of(f.last.alarms[0]);
  EXPECT_EQ(why.doubt, core::Doubt::stuck);
  EXPECT_EQ(why.point, "d.b");
  EXPECT_EQ(why.value, 7);
  EXPECT_EQ(why.bound, 5);
  f.fail(modbus::modbus_errc::no_answer);
  EXPECT_TRUE(f.last.alarms.empty()) << "one lost telegram is no other cause";
  f.fail(modbus::modbus_errc::no_answer);
  ASSERT_EQ(f.last.alarms.size(), 1u);
  EXPECT_EQ(core::reason_of(f.last.alarms[0]).doubt, core::Doubt::no_answer);
  f.poll({21, 8});
  ASSERT_EQ(f.last.alarms.size(), 1u);
  EXPECT_TRUE(core::ended(f.last.alarms[0]));
}

TEST(Ingest, WhatIsFlaggedAsLostByTheDeviceItselfIsNotSound) {
  auto s = one_device();
  s.devices[0].states.push_back({.channel = {}, .mask = {}, .map = {{4, 'B'}}, .otherwise = 'N'});
  Fixture f(std::move(s));
  EXPECT_EQ(f.poll({10, 1, 4}), "BB");
  EXPECT_EQ(f.poll({10, 1, 4}), "BB");
  ASSERT_EQ(f.last.alarms.size(), 1u);
}

TEST(Ingest, StoredSamplesRaiseTellAndEndTheSameNotices) {
  auto s = one_device();
  s.points[1].stuck_after = seconds(5);
  Fixture live(s), again(s);
  int told_anew = 0;
  for (int i = 0; i < 40; ++i) {
    const auto at = live.now;
    if (i % 11 > 7) {
      live.fail(modbus::modbus_errc::no_answer);
    } else {
      live.poll({10, i < 20 ? 7.0 : i});
    }
    core::Batch batch;
    again.ingest.on_frame(core::DeviceIndex{0}, at, live.last.samples, batch);
    EXPECT_EQ(batch.alarms, live.last.alarms) << i;
    for (const auto& a : batch.alarms) told_anew += a.revision > 1 && !core::ended(a) ? 1 : 0;
  }
  EXPECT_EQ(told_anew, 3);
}

TEST(Ingest, TheFigureOfANoticeStaysAsItWasTold) {
  Fixture f(one_device());
  for (int i = 0; i < 4; ++i) f.poll({-5.0, 1});
  f.poll({1, 1});
  ASSERT_EQ(f.last.alarms.size(), 1u);
  EXPECT_EQ(f.last.alarms[0].peak, -0.5);
}

/// "d.a" each second and "e.a" every two; they are compared over a minute. With `between` devices between the two.
settings::Settings two_instruments(std::uint32_t between = 0) {
  settings::Settings s;
  s.site.workplaces.push_back({.id = "w"});
  s.site.buses.resize(between + 2);
  s.buses.resize(between + 2);
  for (std::uint32_t d = 0; d < between + 2; ++d) {
    const std::string id = d == 0 ? "d" : d == between + 1 ? "e" : "m" + std::to_string(d);
    s.site.devices.push_back({.id = id,
                              .bus = core::BusIndex{d},
                              .period = seconds(d == between + 1 ? 2 : 1),
                              .first_point = core::PointIndex{d},
                              .point_count = 1});
    s.site.points.push_back({.id = id + ".a", .device = core::DeviceIndex{d}});
  }
  s.points.resize(between + 2);
  s.devices.resize(between + 2);
  s.cross_checks.push_back({.points = {core::PointIndex{0}, core::PointIndex{between + 1}},
                            .rule = {.ratio = 2, .above = 1, .window = std::chrono::minutes(1)}});
  return s;
}

/// What one second of two_instruments() brings.
void show(Ingest& ingest, int t, double first, std::optional<double> second, core::Batch& batch) {
  const std::vector<double> d{first}, e{second.value_or(0)};
  ingest.on_outcome({.device = 0, .values = d}, start + seconds(t), batch);
  if (t % 2 != 0) return;
  if (second) {
    ingest.on_outcome({.device = 1, .values = e}, start + seconds(t), batch);
  } else {
    ingest.on_outcome({.device = 1, .error = modbus::modbus_errc::no_answer}, start + seconds(t), batch);
  }
}

TEST(Ingest, TwoInstrumentsThatDisagreeRaiseANoticeAtTheSecondAndStayValid) {
  const auto s = two_instruments();
  Ingest ingest(s, make_monitor(s, 0));
  std::vector<core::Alarm> alarms;
  for (int t = 1; t <= 300; ++t) {
    core::Batch batch;
    show(ingest, t, 10, t <= 120 ? 25.0 : 11.0, batch);
    for (const auto& sample : batch.samples) EXPECT_EQ(sample.flag, Flag::normal);
    alarms.insert(alarms.end(), batch.alarms.begin(), batch.alarms.end());
  }
  ASSERT_EQ(alarms.size(), 2u);
  const auto why = core::reason_of(alarms[0]);
  EXPECT_EQ(alarms[0].index, 1u);
  EXPECT_EQ(why.doubt, core::Doubt::disagreement);
  EXPECT_EQ(why.point, "e.a");
  EXPECT_EQ(why.other, "d.a");
  EXPECT_NEAR(why.value, 25, 1e-6);
  EXPECT_NEAR(why.bound, 10, 1e-6);
  EXPECT_LE(alarms[0].changed_at, start + seconds(60));
  EXPECT_TRUE(core::ended(alarms[1]));
}

TEST(Ingest, ADisagreementThatALostLinkHidIsToldAgainWhenTheDeviceAnswers) {
  const auto s = two_instruments();
  Ingest ingest(s, make_monitor(s, 0));
  std::vector<core::Doubt> told;
  for (int t = 1; t <= 200; ++t) {
    core::Batch batch;
    show(ingest, t, 10, t > 100 && t <= 150 ? std::nullopt : std::optional(25.0), batch);
    for (const auto& alarm : batch.alarms) told.push_back(core::reason_of(alarm).doubt);
    if (t == 152) {
      EXPECT_EQ(told.size(), 3u) << "before enough is measured for a new comparison";
    }
  }
  EXPECT_EQ(told, (std::vector{core::Doubt::disagreement, core::Doubt::no_answer, core::Doubt::disagreement}));
}

/// The devices of each batch's checkpoints over a minute and more, as "0 2, 1, ".
std::string turns(const settings::Settings& s) {
  Ingest ingest(s, make_monitor(s, 0));
  std::string text;
  for (int t = 0; t < 60; ++t) {
    core::Batch batch;
    ingest.add_checkpoints(start + seconds(t), batch);
    for (const auto& c : batch.checkpoints) text += std::to_string(core::at(c.device)) + " ";
    if (!batch.checkpoints.empty()) text.back() = ',';
  }
  return text;
}

TEST(Ingest, DevicesThatAreJudgedTogetherHaveTheirCheckpointTogether) {
  auto s = two_instruments(3);
  EXPECT_EQ(turns(s), "0 4,1,2,3,");
  s.mixtures.push_back({.agents = {{core::PointIndex{3}}, {core::PointIndex{1}, core::PointIndex{4}}}});
  EXPECT_EQ(turns(s), "0 1 3 4,2,");
  s.mixtures.clear();
  s.cross_checks.clear();
  EXPECT_EQ(turns(s), "0,1,2,3,4,");
}

/// The state of device `index` as a checkpoint has it.
std::vector<std::byte> state_of(Ingest& ingest, std::size_t index) {
  core::Batch batch;
  for (int t = 0; t < 180; ++t) ingest.add_checkpoints(start + std::chrono::hours(1) + seconds(t), batch);
  for (auto& checkpoint : batch.checkpoints)
    if (core::at(checkpoint.device) == index) return checkpoint.state;
  return {};
}

TEST(Ingest, TheStateOfADeviceIsReadWithoutTheCheckThatIsNoMore) {
  const auto s = two_instruments();
  auto other = s;
  other.cross_checks[0].rule.ratio = 4;
  Ingest before(s, make_monitor(s, 0)), same(s, make_monitor(s, 0)), after(other, make_monitor(other, 0));
  core::Batch batch;
  for (int t = 1; t <= 100; ++t) show(before, t, 10, 25, batch);
  const auto state = state_of(before, 1);
  ASSERT_TRUE(same.load(core::DeviceIndex{1}, state));
  ASSERT_TRUE(after.load(core::DeviceIndex{1}, state));
  EXPECT_EQ(state_of(same, 1), state);
  EXPECT_NE(state_of(after, 1), state) << "a factor of 2.5 is no disagreement there";
}

TEST(Ingest, AStateThatWasCutOffIsRefusedWithoutAChange) {
  const auto s = two_instruments();
  Ingest before(s, make_monitor(s, 0)), after(s, make_monitor(s, 0));
  core::Batch batch;
  for (int t = 1; t <= 100; ++t) show(before, t, 10, 25, batch);
  const auto state = state_of(before, 1);
  const auto untouched = state_of(after, 1);
  for (std::size_t size = 0; size < state.size(); ++size) {
    if (size + sizeof(double) == state.size()) continue;  // a monitor's state without its peaks is taken
    EXPECT_FALSE(after.load(core::DeviceIndex{1}, std::span(state).first(size))) << size;
  }
  EXPECT_EQ(state_of(after, 1), untouched);
}

}  // namespace ingest_test
}  // namespace hazgate::app
