#include "drivers/device_poll.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace hazgate::modbus {
namespace {

using Next = DevicePoll::Next;
using Words = std::vector<std::uint16_t>;
using ::testing::ElementsAre;
using ::testing::IsNan;

Channel holding(std::uint16_t address) { return {.address = address}; }

DevicePlan plan_of(std::vector<Channel> channels) {
  DevicePlan plan;
  plan.channels = std::move(channels);
  return plan;
}

TEST(DevicePoll, BringsEveryChannelInOrder) {
  DevicePoll poll(plan_of({holding(1), holding(0), holding(50)}));
  ASSERT_TRUE(poll.begin(false));
  EXPECT_EQ(poll.answer({}, Words{10, 11}), Next::ask);
  EXPECT_EQ(poll.request().address, 50);
  EXPECT_EQ(poll.answer({}, Words{60}), Next::done);
  EXPECT_FALSE(poll.error());
  EXPECT_THAT(poll.values(), ElementsAre(11, 10, 60));
  EXPECT_TRUE(poll.first_after_loss());
  poll.begin(false);
  poll.answer({}, Words{10, 11});
  poll.answer({}, Words{60});
  EXPECT_FALSE(poll.first_after_loss());
}

TEST(DevicePoll, TriesAgainAsOftenAsThePlanSays) {
  DevicePlan plan = plan_of({holding(0)});
  plan.retries = 2;
  DevicePoll poll(plan);
  poll.begin(false);
  EXPECT_EQ(poll.answer(modbus_errc::no_answer, {}), Next::ask);
  EXPECT_EQ(poll.answer(modbus_errc::no_answer, {}), Next::ask);
  EXPECT_EQ(poll.answer(modbus_errc::no_answer, {}), Next::done);
  EXPECT_EQ(poll.error(), modbus_errc::no_answer);
  EXPECT_FALSE(poll.answering());
}

TEST(DevicePoll, ProbesASilentDeviceOnce) {
  DevicePoll poll(plan_of({holding(0)}));
  poll.begin(true);
  EXPECT_EQ(poll.answer(modbus_errc::no_answer, {}), Next::done);
}

TEST(DevicePoll, AFirstQueryThatMayFailGetsOneMoreTryAndTheSecondDoesNot) {
  DevicePlan plan = plan_of({holding(0), holding(50)});
  plan.retries = 0;
  plan.first_query_may_fail = true;
  DevicePoll poll(plan);
  poll.begin(false);
  EXPECT_EQ(poll.answer(modbus_errc::no_answer, {}), Next::ask);
  EXPECT_EQ(poll.answer({}, Words{1}), Next::ask);
  EXPECT_EQ(poll.answer(modbus_errc::no_answer, {}), Next::done);
}

TEST(DevicePoll, ABusyDeviceIsAskedAgainLater) {
  DevicePoll poll(plan_of({holding(0)}));
  poll.begin(false);
  EXPECT_EQ(poll.answer(modbus_errc::device_busy, {}), Next::ask_later);
  EXPECT_EQ(poll.answer(modbus_errc::acknowledge, {}), Next::ask_later);
  EXPECT_EQ(poll.answer({}, Words{5}), Next::done);
  EXPECT_THAT(poll.values(), ElementsAre(5));
}

TEST(DevicePoll, ARefusedChannelIsNaNAndIsNotAskedAgain) {
  DevicePoll poll(plan_of({holding(0), holding(1)}));
  poll.begin(false);
  EXPECT_EQ(poll.answer(modbus_errc::illegal_address, {}), Next::ask);
  EXPECT_EQ(poll.request().count, 1);
  EXPECT_EQ(poll.answer({}, Words{7}), Next::ask);
  EXPECT_EQ(poll.answer(modbus_errc::illegal_address, {}), Next::done);
  EXPECT_FALSE(poll.error());
  EXPECT_THAT(poll.values(), ElementsAre(7, IsNan()));
  poll.begin(false);
  EXPECT_EQ(poll.answer({}, Words{8}), Next::done) << "one request, the refused one is left out";
  EXPECT_THAT(poll.values(), ElementsAre(8, IsNan()));
}

TEST(DevicePoll, ForgetsRefusalsWhenTheDeviceWasLost) {
  DevicePoll poll(plan_of({holding(0), holding(1)}));
  poll.begin(false);
  poll.answer(modbus_errc::illegal_address, {});
  poll.answer({}, Words{7});
  poll.answer(modbus_errc::illegal_address, {});
  poll.begin(false);
  poll.answer(modbus_errc::not_connected, {});
  poll.begin(true);
  EXPECT_EQ(poll.request().count, 2);
  EXPECT_EQ(poll.answer({}, Words{7, 8}), Next::done);
  EXPECT_THAT(poll.values(), ElementsAre(7, 8));
}

TEST(DevicePoll, ForgetsRefusalsOfADeviceThatWasLostBeforeItsFirstReading) {
  DevicePoll poll(plan_of({holding(0), holding(1), holding(50)}));
  poll.begin(true);
  poll.answer(modbus_errc::illegal_address, {});
  poll.answer({}, Words{7});
  poll.answer(modbus_errc::illegal_address, {});
  EXPECT_EQ(poll.answer(modbus_errc::not_connected, {}), Next::done);
  poll.begin(true);
  EXPECT_EQ(poll.request().count, 2);
}

DevicePlan with_identity() {
  DevicePlan plan = plan_of({holding(0)});
  plan.expects.push_back({.channel = holding(1005), .equals = 0x70, .what = "unit is ppm"});
  return plan;
}

TEST(DevicePoll, ChecksTheIdentityOnceAndAgainAfterALoss) {
  DevicePoll poll(with_identity());
  poll.begin(false);
  EXPECT_EQ(poll.request().address, 1005);
  EXPECT_EQ(poll.answer({}, Words{0x70}), Next::ask);
  EXPECT_EQ(poll.request().address, 0);
  EXPECT_EQ(poll.answer({}, Words{42}), Next::done);
  EXPECT_THAT(poll.values(), ElementsAre(42));
  poll.begin(false);
  EXPECT_EQ(poll.request().address, 0);
  EXPECT_EQ(poll.answer(modbus_errc::not_connected, {}), Next::done);
  poll.begin(true);
  EXPECT_EQ(poll.request().address, 1005);
}

TEST(DevicePoll, AnotherIdentityIsNamedAndBringsNoReading) {
  DevicePoll poll(with_identity());
  poll.begin(false);
  EXPECT_EQ(poll.answer({}, Words{0x67}), Next::done);
  EXPECT_EQ(poll.error(), modbus_errc::identity_mismatch);
  EXPECT_EQ(poll.detail(), "unit is ppm: holding 0x03ed is 103, expected 112");
}

TEST(DevicePoll, ARefusedIdentityIsAskedForAgain) {
  DevicePlan plan = with_identity();
  plan.expects.push_back({.channel = holding(1010), .equals = 1, .what = "response factor"});
  DevicePoll poll(plan);
  for (int round = 0; round < 2; ++round) {
    poll.begin(true);
    EXPECT_EQ(poll.answer({}, Words{0x70}), Next::ask);
    EXPECT_EQ(poll.request().address, 1010) << round;
    EXPECT_EQ(poll.answer(modbus_errc::illegal_address, {}), Next::done);
    EXPECT_EQ(poll.error(), modbus_errc::illegal_address);
  }
}

}  // namespace
}  // namespace hazgate::modbus
