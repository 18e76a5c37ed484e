#include "app/outputs.hpp"

#include <gtest/gtest.h>

namespace hazgate::app {
namespace {

using core::Level;

settings::Settings hall_with_horn() {
  settings::Settings s;
  s.site.workplaces = {{.id = "hall"}, {.id = "yard"}};
  s.site.points = {{.id = "a", .workplace = core::WorkplaceIndex{0}},
                   {.id = "b", .workplace = core::WorkplaceIndex{1}}};
  s.actions.push_back({.on = Level::exceed, .value = 1, .released = 0, .workplace = core::WorkplaceIndex{0}});
  return s;
}
core::Alarm alarm(std::uint64_t number, std::uint32_t point, Level level) {
  return {.number = number, .index = point, .level = level};
}

TEST(Outputs, StandWhileAnyAlarmOfTheirLevelStands) {
  const auto settings = hall_with_horn();
  Outputs horn(settings);
  EXPECT_FALSE(horn.on_alarm(alarm(1, 0, Level::warning)));
  EXPECT_TRUE(horn.on_alarm(alarm(1, 0, Level::exceed)));
  EXPECT_EQ(horn.wanted(0), 1);
  EXPECT_FALSE(horn.on_alarm(alarm(2, 0, Level::danger)));
  EXPECT_FALSE(horn.on_alarm(alarm(1, 0, Level::none)));
  EXPECT_EQ(horn.wanted(0), 1) << "the second alarm still stands";
  EXPECT_TRUE(horn.on_alarm(alarm(2, 0, Level::warning)));
  EXPECT_EQ(horn.wanted(0), 0);
}

TEST(Outputs, IgnoreAlarmsOfOtherWorkplaces) {
  const auto settings = hall_with_horn();
  Outputs horn(settings);
  EXPECT_FALSE(horn.on_alarm(alarm(1, 1, Level::danger)));
  EXPECT_EQ(horn.wanted(0), 0);
}

}  // namespace
}  // namespace hazgate::app
