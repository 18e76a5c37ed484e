// A simulated device as its polls find it, without a line in between.
#include "drivers/simulator_polls.hpp"

#include <gmock/gmock.h>

namespace hazgate::modbus {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsNan;

constexpr Channel level{.table = Table::holding, .address = 0, .type = Type::uint16};
constexpr Channel dust{.table = Table::input, .address = 0, .type = Type::float32};
constexpr Channel state{.table = Table::holding, .address = 5, .type = Type::uint16};
constexpr Channel beat{.table = Table::input, .address = 9, .type = Type::uint16};

const double nothing = std::nan("");

const DevicePlan plan{.id = "d", .channels = {level, dust, state, beat}};

TEST(SimulatedPolls, BringWhatTheRegistersCanHoldInTheOrderOfThePlan) {
  const SimulatedDevice device{
      .id = "d",
      .tracks = {{.channel = dust, .seconds = {0, 1}, .values = {0.1, 0.2}},
                 {.channel = level, .scale = 0.1, .seconds = {0, 1}, .values = {86.27, 86.24}}},
      .constants = {{state, 4}, {level, 500}},
      .heartbeat = beat};
  SimulatedPolls polls(plan, device);
  EXPECT_THAT(polls.at(0), ElementsAre(863, 0.1F, 4, 0));
  EXPECT_THAT(polls.at(1), ElementsAre(862, 0.2F, 4, 1));
}

TEST(SimulatedPolls, LastFromTheFirstRecordingUntilTheLongestHasBeenPlayedOnce) {
  const SimulatedDevice device{.id = "d",
                               .tracks = {{.channel = level, .from = 10, .seconds = {0, 2, 4}, .values = {1, 2, 3}},
                                          {.channel = dust, .from = 5, .seconds = {0, 1}, .values = {7, 8}}}};
  SimulatedPolls polls(plan, device);
  EXPECT_EQ(polls.begin(), 5);
  EXPECT_EQ(polls.end(), 16);
  EXPECT_EQ(polls.at(15)[0], 3);
  EXPECT_EQ(polls.at(15)[1], 7) << "the shorter one begins again";
  const SimulatedDevice silent{.id = "d", .constants = {{level, 500}}};
  EXPECT_EQ(SimulatedPolls(plan, silent).end(), 0);
}

TEST(SimulatedPolls, BringNothingWhereNothingWasRecorded) {
  const SimulatedDevice device{.id = "d",
                               .tracks = {{.channel = level, .seconds = {0, 1, 2}, .values = {1, nothing, nothing}},
                                          {.channel = dust, .seconds = {0, 1, 2}, .values = {4, 5, nothing}}},
                               .constants = {{state, 4}, {level, 500}}};
  SimulatedPolls polls(plan, device);
  EXPECT_THAT(polls.at(1), ElementsAre(IsNan(), 5, 4, 0)) << "a gap of one point is no value, and no resting value";
  EXPECT_THAT(polls.at(2), IsEmpty());
}

}  // namespace
}  // namespace hazgate::modbus
