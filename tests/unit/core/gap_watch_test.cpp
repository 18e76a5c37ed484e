#include "core/gap_watch.hpp"

#include <gtest/gtest.h>

namespace hazgate::core {
namespace gap_watch_test {

using std::chrono::seconds;
const Timestamp start{std::chrono::days(20000)};

struct Watched {
  void look(int second) { watch.on_time(start + seconds(second)); }
  std::vector<Gap> poll(int second, Flag flag, Doubt doubt = Doubt::none, Duration late = {}) {
    const std::vector<Sample> samples{{1.0, flag, doubt}, {no_value, Flag::device_fault}};
    std::vector<Gap> out;
    watch.on_frame(DeviceIndex{0}, WorkplaceIndex{0}, seconds(1), start + seconds(second) + late, samples, out);
    return out;
  }
  GapWatch watch{1};
};

TEST(GapWatch, BeginsWithTheLastReadingThatCountsAndEndsWithTheNext) {
  Watched device;
  EXPECT_TRUE(device.poll(0, Flag::normal).empty());
  for (int i = 1; i <= 3; ++i) EXPECT_TRUE(device.poll(i, Flag::link_lost).empty()) << "three periods are covered";
  const auto began = device.poll(4, Flag::link_lost);
  ASSERT_EQ(began.size(), 1U);
  EXPECT_EQ(began[0].from, start);
  EXPECT_EQ(began[0].to, std::nullopt);
  EXPECT_EQ(began[0].reason, GapReason::sensor);
  EXPECT_TRUE(device.poll(5, Flag::link_lost).empty());
  const auto over = device.poll(60, Flag::over_range);
  ASSERT_EQ(over.size(), 1U);
  EXPECT_EQ(over[0].from, start);
  EXPECT_EQ(over[0].to, start + seconds(60));
  EXPECT_TRUE(device.poll(61, Flag::normal).empty());
}

TEST(GapWatch, TellsAPersonsDecisionFromAFault) {
  Watched device;
  device.poll(0, Flag::normal);
  EXPECT_EQ(device.poll(10, Flag::calibrating).at(0).reason, GapReason::operator_);
  const auto changed = device.poll(20, Flag::device_fault);
  ASSERT_EQ(changed.size(), 2U) << "one is over, and another begins";
  EXPECT_EQ(changed[0].to, start + seconds(20));
  EXPECT_EQ(changed[1].from, start + seconds(20));
  EXPECT_EQ(changed[1].reason, GapReason::sensor);
  Watched warming;
  warming.poll(0, Flag::normal);
  EXPECT_EQ(warming.poll(10, Flag::stopped, Doubt::warm_up).at(0).reason, GapReason::sensor);
}

TEST(GapWatch, GoesOnAfterARestartWithoutTellingTwice) {
  Watched device;
  device.watch.restore(DeviceIndex{0}, GapReason::sensor, start - seconds(100));
  EXPECT_TRUE(device.poll(0, Flag::link_lost).empty());
  const auto over = device.poll(1, Flag::normal);
  ASSERT_EQ(over.size(), 1U);
  EXPECT_EQ(over[0].from, start - seconds(100));
}

TEST(GapWatch, OfADeviceThatNeverAnsweredBeginsWithItsFirstPoll) {
  Watched device;
  EXPECT_TRUE(device.poll(0, Flag::link_lost).empty());
  EXPECT_EQ(device.poll(4, Flag::link_lost).at(0).from, start);
}

TEST(GapWatch, TellsAsAWholeWhatIsKnownOnlyWhenItIsOver) {
  Watched device;
  device.look(0);
  EXPECT_TRUE(device.poll(0, Flag::normal).empty());
  device.look(60);  // stopped and continued, or a frozen machine
  const auto stood = device.poll(60, Flag::normal);
  ASSERT_EQ(stood.size(), 1U);
  EXPECT_EQ(stood[0].reason, GapReason::power);
  EXPECT_EQ(stood[0].from, start);
  EXPECT_EQ(stood[0].to, start + seconds(60));
  EXPECT_EQ(stood[0].device, DeviceIndex{0});
  EXPECT_TRUE(device.poll(61, Flag::normal).empty()) << "once";
  for (int i = 62; i <= 80; ++i) device.look(i);
  device.watch.hold_back(start + seconds(79));
  EXPECT_EQ(device.poll(80, Flag::normal).at(0).reason, GapReason::size) << "the store was too slow";
  for (int i = 81; i <= 90; ++i) device.look(i);
  EXPECT_EQ(device.poll(90, Flag::normal).at(0).reason, GapReason::sensor) << "others kept the line";
  EXPECT_TRUE(device.poll(91, Flag::link_lost).empty());
  EXPECT_EQ(device.poll(96, Flag::normal).at(0).reason, GapReason::sensor) << "asked again after a pause";
}

TEST(GapWatch, OfALostTelegramAndThePauseAfterItIsNone) {
  Watched device;
  device.poll(0, Flag::normal);
  device.poll(1, Flag::link_lost);
  EXPECT_TRUE(device.poll(3, Flag::normal, Doubt::none, std::chrono::milliseconds(40)).empty());
}

TEST(GapWatch, LeavesAStepOfTheClockAndARestartToThoseWhoTellThem) {
  Watched device;
  device.look(0);
  device.poll(0, Flag::normal);
  device.watch.on_step(std::chrono::hours(1));
  device.look(3601);
  EXPECT_TRUE(device.poll(3601, Flag::normal).empty());
  device.watch.on_step(-std::chrono::hours(1));
  device.look(2);
  EXPECT_TRUE(device.poll(2, Flag::normal).empty());
  device.look(12);
  EXPECT_EQ(device.poll(12, Flag::normal).at(0).from, start + seconds(2)) << "what is missing besides is told";
  device.watch.begin_run();
  EXPECT_TRUE(device.poll(500, Flag::normal).empty());
}

}  // namespace gap_watch_test
}  // namespace hazgate::core
