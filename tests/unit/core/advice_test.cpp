#include "core/advice.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hazgate::core {
namespace {

const std::vector<Advice> rows{
    {.subject = "*", .level = Level::notice, .zh = "看", .en = "look"},
    {.subject = "*", .level = Level::danger, .zh = "走", .en = "leave"},
    {.subject = "dust:*", .level = Level::warning, .zh = "湿", .en = "wet"},
    {.subject = "dust:*", .level = Level::exceed, .zh = "停", .en = "stop"},
    {.subject = "dust:40-*", .level = Level::exceed, .zh = "矽", .en = "silica"},
    {.subject = "dust:40-1:total", .level = Level::danger, .zh = "总", .en = "total"},
    {.subject = "noise", .level = Level::warning, .zh = "耳", .en = "ears"},
};

std::string_view said(std::string_view subject, Level level) {
  const auto* found = advice_for(rows, subject, level);
  return found ? std::string_view(found->en) : "nothing";
}

TEST(AdviceFor, AWholeWordBeatsItsKindAndAKindBeatsAll) {
  EXPECT_EQ(said("dust:40-1:total", Level::danger), "total");
  EXPECT_EQ(said("dust:40-2:total", Level::danger), "silica");
  EXPECT_EQ(said("dust:49:total", Level::danger), "stop");
  EXPECT_EQ(said("wbgt:75:III", Level::danger), "leave");
}

TEST(AdviceFor, ARowHoldsFromItsLevelUntilTheNext) {
  EXPECT_EQ(said("dust:49:total", Level::warning), "wet");
  EXPECT_EQ(said("dust:49:total", Level::exceed), "stop");
  EXPECT_EQ(said("noise", Level::warning), "ears");
  EXPECT_EQ(said("noise", Level::danger), "ears");
  EXPECT_EQ(said("device", Level::exceed), "look");
}

TEST(AdviceFor, BelowTheLevelsOfAWordTheLessExactOnesSpeak) {
  EXPECT_EQ(said("dust:40-1:total", Level::exceed), "silica");
  EXPECT_EQ(said("dust:40-1:total", Level::warning), "wet");
  EXPECT_EQ(said("dust:40-1:total", Level::notice), "look");
}

TEST(AdviceFor, AWordIsNotABeginning) {
  EXPECT_EQ(said("noise:peak", Level::warning), "look");
  EXPECT_EQ(said("dust:4", Level::exceed), "stop");
}

TEST(AdviceFor, NothingWhereNothingFits) {
  EXPECT_EQ(said("noise", Level::none), "nothing");
  EXPECT_EQ(advice_for({}, "noise", Level::danger), nullptr);
  EXPECT_EQ(advice_for(std::span(rows).subspan(2), "device", Level::danger), nullptr);
}

TEST(AdviceFor, TheOrderOfTheRowsDoesNotMatter) {
  const std::vector<Advice> reversed(rows.rbegin(), rows.rend());
  for (std::string_view subject : {"dust:40-1:total", "dust:49:total", "noise", "noise:peak", "", "*"})
    for (auto level : {Level::none, Level::notice, Level::warning, Level::exceed, Level::danger}) {
      const auto *one = advice_for(rows, subject, level), *other = advice_for(reversed, subject, level);
      ASSERT_EQ(one == nullptr, other == nullptr);
      if (one != nullptr) {
        EXPECT_EQ(*one, *other);
      }
    }
}

}  // namespace
}  // namespace hazgate::core
