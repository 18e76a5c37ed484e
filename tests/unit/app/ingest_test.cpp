#include "app/ingest.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace hazgate::app {
namespace {

using core::Flag;
using std::chrono::seconds;
const core::Timestamp start{std::chrono::days(20000)};

/// One device "d" with two points: raw * 0.1 in mg/m3 (range 0 to 100, code 65535), and raw itself.
settings::Settings one_device() {
  settings::Settings s;
  s.site.devices.push_back({.id = "d", .period = seconds(1), .point_count = 2});
  s.site.workplaces.push_back({.id = "w"});
  s.site.points = {{.id = "d.a", .unit = core::Unit::mg_per_m3}, {.id = "d.b", .unit = core::Unit::one}};
  s.points.resize(2);
  s.points[0] = {.scale = 0.1, .min = 0, .max = 100, .error_values = {65535}};
  s.devices.resize(1);
  return s;
}

struct Fixture {
  explicit Fixture(settings::Settings s) : settings(std::move(s)), ingest(settings, {watches(settings), 1, 0}) {}
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
  s.site.devices[0].point_count = 4;
  s.site.devices[0].derived_count = 2;
  s.site.points.resize(4, {.unit = core::Unit::ug_per_m3});
  s.points.resize(4);
  s.devices[0].states = {{.channel = {}, .mask = {}, .map = {{1, 'N'}, {2, 'C'}}}};
  s.devices[0].voc = {.channels = {{.place = 0, .ug_per_m3 = 2, .mir = 10}, {.place = 1, .ug_per_m3 = 3}},
                      .compounds = {},
                      .derived = {core::VocFigure::tvoc, core::VocFigure::ofp},
                      .families = {},
                      .classes = {}};
  return s;
}

TEST(Ingest, AScanBringsItsMassAndOzoneBehindItsMeasures) {
  Fixture f(voc_station());
  EXPECT_EQ(f.poll({100, 7, 1}), "NNNN");
  EXPECT_EQ(f.last.frames.at(0).count, 4u);
  EXPECT_DOUBLE_EQ(f.last.samples[2].value, 2 * 10 + 3 * 7);
  EXPECT_DOUBLE_EQ(f.last.samples[3].value, 2 * 10 * 10);
  EXPECT_EQ(f.poll({1000, 7, 1}), "TNTT");
}

TEST(Ingest, AScanThatNobodyMayUseHasNoMassAndSaysWhy) {
  Fixture f(voc_station());
  EXPECT_EQ(f.poll({100, 7, 2}), "CCCC");
  EXPECT_TRUE(std::isnan(f.last.samples[2].value));
  EXPECT_EQ(f.poll({65535, 7, 1}), "DNDD") << "one of two is less than three quarters";
  EXPECT_EQ(f.poll({65535, std::nan(""), 1}), "DDDD");
  EXPECT_EQ(f.fail(modbus::modbus_errc::no_answer), "BBBB");
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

}  // namespace
}  // namespace hazgate::app
