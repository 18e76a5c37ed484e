#include "drivers/poll_plan.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <random>

namespace hazgate::modbus {
namespace poll_plan_test {

using ::testing::ElementsAre;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Channel holding(std::uint16_t address, Type type = Type::uint16) { return {.address = address, .type = type}; }
Channel coil(std::uint16_t address) { return {.table = Table::coil, .address = address, .type = Type::bit}; }

std::vector<std::pair<int, int>> spans(const std::vector<Ask>& asks) {
  std::vector<std::pair<int, int>> result;
  for (const Ask& a : asks) result.emplace_back(a.address, a.count);
  return result;
}
using Spans = std::vector<std::pair<int, int>>;

TEST(Merge, BridgesAGapUpToTheLimitAndNoFurther) {
  const std::vector channels{holding(0), holding(9), holding(19)};
  EXPECT_EQ(spans(merge(channels, {.max_gap = 8})), (Spans{{0, 10}, {19, 1}}));
  EXPECT_EQ(spans(merge(channels, {.max_gap = 0})), (Spans{{0, 1}, {9, 1}, {19, 1}}));
}

TEST(Merge, NeverAsksForMoreRegistersThanAllowed) {
  std::vector<Channel> channels;
  for (std::uint16_t a = 0; a < 232; a += 2) channels.push_back(holding(a, Type::float32));
  EXPECT_EQ(spans(merge(channels, {})), (Spans{{0, 124}, {124, 108}}));
  EXPECT_EQ(spans(merge(std::vector{holding(0), holding(1)}, {.max_registers = 1})), (Spans{{0, 1}, {1, 1}}));
  EXPECT_EQ(spans(merge(std::vector{holding(0, Type::float64)}, {.max_registers = 1})), (Spans{{0, 4}}));
}

TEST(Merge, PutsUpToTwoThousandBitsInOneRequest) {
  std::vector<Channel> channels;
  for (std::uint16_t a = 0; a < 2001; ++a) channels.push_back(coil(a));
  EXPECT_EQ(spans(merge(channels, {})), (Spans{{0, 2000}, {2000, 1}}));
}

TEST(Merge, KeepsTablesApartAndSortsWhatTheProfileMixed) {
  const std::vector channels{holding(5), coil(1), holding(4), {.table = Table::input, .address = 4}};
  const auto asks = merge(channels, {});
  ASSERT_EQ(asks.size(), 3u);
  EXPECT_EQ(asks[0].table, Table::coil);
  EXPECT_EQ(asks[1].table, Table::input);
  EXPECT_EQ(asks[2], (Ask{Table::holding, 4, 2, {2, 0}}));
}

TEST(Merge, CoversEveryChannelOnceWithinTheLimits) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::vector<Channel> channels;
    for (int i = 0; i < 40; ++i) {
      channels.push_back({.table = static_cast<Table>(random() % 4),
                          .address = static_cast<std::uint16_t>(random() % 300),
                          .type = static_cast<Type>(random() % 9)});
    }
    const MergeLimits limits{.max_gap = static_cast<std::uint16_t>(random() % 20),
                             .max_registers = static_cast<std::uint16_t>(4 + random() % 122)};
    std::vector<int> seen(channels.size());
    for (const Ask& ask : merge(channels, limits)) {
      ASSERT_LE(ask.count, limits.max_registers * (is_bit_table(ask.table) ? 16 : 1));
      for (const auto n : ask.channels) {
        ++seen[n];
        ASSERT_EQ(channels[n].table, ask.table);
        ASSERT_GE(channels[n].address, ask.address);
        ASSERT_LE(channels[n].address + width(channels[n].type), ask.address + ask.count);
      }
    }
    ASSERT_THAT(seen, ::testing::Each(1));
  }
}

TEST(PollPlan, PutsEachWordWhereItsChannelStands) {
  PollPlan plan({holding(2, Type::float32),
                 holding(0),
                 {.address = 1, .type = Type::bit, .mask = 0x0006},
                 {.address = 1, .type = Type::bit, .mask = 0x0008}},
                {});
  ASSERT_EQ(plan.size(), 1u);
  std::vector<double> values(4, nan);
  plan.scatter(0, std::vector<std::uint16_t>{630, 0x0004, 0x4220, 0}, values);
  EXPECT_THAT(values, ElementsAre(40, 630, 1, 0));
}

TEST(PollPlan, ARefusedRequestLosesItsGapsFirstAndThenItsCompany) {
  PollPlan plan({holding(0), holding(1), holding(5)}, {});
  ASSERT_EQ(plan.size(), 1u);
  EXPECT_TRUE(plan.refuse(0));
  EXPECT_EQ(plan.request(0, 9), (Request{.unit = 9, .address = 0, .count = 2}));
  EXPECT_EQ(plan.request(1, 9), (Request{.unit = 9, .address = 5, .count = 1}));
  EXPECT_TRUE(plan.refuse(0));
  ASSERT_EQ(plan.size(), 3u);
  EXPECT_EQ(plan.request(1, 9), (Request{.unit = 9, .address = 1, .count = 1}));
}

TEST(PollPlan, ARefusedChannelIsLeftOutAndTheOthersGoOn) {
  PollPlan plan({holding(0), holding(100)}, {});
  EXPECT_FALSE(plan.refuse(0));
  EXPECT_TRUE(plan.left_out(0));
  EXPECT_FALSE(plan.left_out(1));
}

TEST(PollPlan, StillAsksOneWhenAllWereRefused) {
  PollPlan plan({holding(0), holding(100)}, {});
  plan.refuse(0);
  plan.refuse(1);
  EXPECT_FALSE(plan.left_out(0));
  EXPECT_TRUE(plan.left_out(1));
  plan.refuse(0);  // the same once more
  std::vector<double> values(2, nan);
  plan.scatter(0, std::vector<std::uint16_t>{7}, values);
  EXPECT_FALSE(plan.left_out(0)) << "it answers now";
}

TEST(PollPlan, BitsOfOneRegisterStayOneRequestWhenSplit) {
  PollPlan plan(
      {{.address = 1, .type = Type::bit, .mask = 1}, {.address = 1, .type = Type::bit, .mask = 2}, holding(2)}, {});
  EXPECT_TRUE(plan.refuse(0));
  EXPECT_EQ(plan.size(), 2u);
}

}  // namespace poll_plan_test
}  // namespace hazgate::modbus
