#include "core/voc.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "core/units.hpp"

namespace hazgate::core {
namespace voc_test {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsEmpty;

// Karnes County, 2025-04-11 04:00, ppb; molar mass and MIR (Carter 2010) of the list. By hand, in ug/m3 at 25 °C:
// ethane 230.6974 * 30.070 / 24.465 = 283.5508, ozone * 0.28 = 79.3942
// propane 155.06353 * 44.097 / 24.465 = 279.4946, * 0.49 = 136.9524
// benzene 0.5 * 78.114 / 24.465 = 1.59644, * 0.72 = 1.14944
constexpr double vm = 24.465;
const std::vector<VocChannel> three{{.place = 0, .ug_per_m3 = 30.070 / vm, .mir = 0.28, .chemical_class = 0},
                                    {.place = 1, .ug_per_m3 = 44.097 / vm, .mir = 0.49, .chemical_class = 0},
                                    {.place = 2, .ug_per_m3 = 78.114 / vm, .mir = 0.72, .chemical_class = 2}};
const std::vector<Sample> plume{{230.6974, Flag::normal}, {155.06353, Flag::normal}, {0.5, Flag::normal}};

TEST(VocUnits, AreAt25DegreesForAmbientAirAndAt20ForWorkplaceLimits) {
  const GramPerMol benzene{78.114};
  EXPECT_NEAR(to_ug_per_m3_at_25_degc(Ppb{1}, benzene).value, 3.193, 5e-4);
  EXPECT_NEAR(to_mg_per_m3(to_ppm(Ppb{1}), benzene).value, 3.248e-3, 5e-7);  // 78.114 / 24.05
}

TEST(VocScan, SumsMassAndOzone) {
  const VocScan s = scan(plume, three);
  EXPECT_NEAR(s.tvoc_ug_m3, 564.6419, 1e-3);
  EXPECT_NEAR(s.ofp_ug_m3, 217.4960, 1e-3);
  EXPECT_EQ(s.counted, 3u);
  EXPECT_EQ(s.missing + s.not_detected + s.without_mir + s.over_range, 0u);
}

struct Case {
  const char* what;
  Sample benzene;
  unsigned counted, not_detected, over_range, missing;
  double mass;  ///< benzene's
};
void PrintTo(const Case& c, std::ostream* os) { *os << c.what; }
class OneChannel : public testing::TestWithParam<Case> {};

TEST_P(OneChannel, IsCountedForWhatItIs) {
  const Case& c = GetParam();
  auto samples = plume;
  samples[2] = c.benzene;
  const VocScan s = scan(samples, three);
  EXPECT_EQ(s.counted, c.counted);
  EXPECT_EQ(s.not_detected, c.not_detected);
  EXPECT_EQ(s.over_range, c.over_range);
  EXPECT_EQ(s.missing, c.missing);
  EXPECT_NEAR(s.tvoc_ug_m3, 563.04544 + c.mass, 1e-3);
  EXPECT_NEAR(s.ofp_ug_m3, 216.34661 + 0.72 * c.mass, 1e-3);
}
INSTANTIATE_TEST_SUITE_P(VocScan, OneChannel,
                         testing::Values(Case{"zero is not detected", {0, Flag::normal}, 3, 1, 0, 0, 0},
                                         Case{"below its quantification limit", {0.3, Flag::below_loq}, 3, 1, 0, 0, 0},
                                         Case{"entered by hand", {0.5, Flag::by_hand}, 3, 0, 0, 0, 1.59644},
                                         Case{"at least so much", {100, Flag::over_range}, 3, 0, 1, 0, 319.28878},
                                         Case{"missing code", {no_value, Flag::device_fault}, 2, 0, 0, 1, 0},
                                         Case{
                                             "a number that nobody may use", {-999, Flag::device_fault}, 2, 0, 0, 1, 0},
                                         Case{"calibration gas", {400, Flag::calibrating}, 2, 0, 0, 1, 0},
                                         Case{"link lost", {no_value, Flag::link_lost}, 2, 0, 0, 1, 0},
                                         Case{"no number though good", {no_value, Flag::normal}, 2, 0, 0, 1, 0}));

TEST(VocScan, TellsHowManyHaveNoReactivityAndKeepsZeroAndNegativeOnes) {
  auto channels = three;
  channels[0].mir.reset();
  channels[1].mir = 0;      // carbon tetrachloride
  channels[2].mir = -0.67;  // benzaldehyde
  const VocScan s = scan(plume, channels);
  EXPECT_EQ(s.without_mir, 1u);
  EXPECT_NEAR(s.tvoc_ug_m3, 564.6419, 1e-3);
  EXPECT_NEAR(s.ofp_ug_m3, -0.67 * 1.59644, 1e-4);
}

TEST(VocScan, TakesAChannelBeyondTheFrameAsMissing) {
  EXPECT_EQ(scan(std::span(plume).first(2), three).missing, 1u);
  EXPECT_EQ(scan({}, three).missing, 3u);
}

// --- properties over random scans ----------------------------------------------------------------------------------

struct Random {
  std::mt19937 source{116};
  std::vector<VocChannel> channels;
  std::vector<Sample> samples;
  Random() {
    std::uniform_real_distribution<double> factor(0.5, 10), ppb(0, 50);
    std::uniform_int_distribution<int> kind(0, 9);
    for (std::uint32_t i = 0; i < 116; ++i) {
      channels.push_back({.place = i, .ug_per_m3 = factor(source)});
      channels.back().chemical_class = static_cast<std::uint8_t>(i % 5);
      if (kind(source) > 0) channels.back().mir = factor(source) - 1;
      constexpr std::array flags{Flag::link_lost, Flag::device_fault, Flag::below_loq, Flag::over_range};
      const auto k = static_cast<std::size_t>(kind(source));
      samples.push_back({ppb(source), k < flags.size() ? flags[k] : Flag::normal});
    }
  }
};

TEST(VocScan, DoesNotDependOnTheOrderOfTheChannels) {
  Random r;
  const VocScan before = scan(r.samples, r.channels);
  const auto best = top(r.samples, r.channels, VocFigure::ofp, 5);
  std::vector<std::uint32_t> places;
  for (const auto& s : best) places.push_back(r.channels[s.channel].place);
  std::shuffle(r.channels.begin(), r.channels.end(), r.source);
  VocScan after = scan(r.samples, r.channels);
  EXPECT_NEAR(after.tvoc_ug_m3, before.tvoc_ug_m3, 1e-9 * before.tvoc_ug_m3);
  EXPECT_NEAR(after.ofp_ug_m3, before.ofp_ug_m3, 1e-9 * before.ofp_ug_m3);
  after.tvoc_ug_m3 = before.tvoc_ug_m3;
  after.ofp_ug_m3 = before.ofp_ug_m3;
  EXPECT_EQ(after, before);
  const auto again = top(r.samples, r.channels, VocFigure::ofp, 5);
  for (std::size_t i = 0; i < places.size(); ++i) EXPECT_EQ(r.channels[again[i].channel].place, places[i]);
}

/// Losing a channel is as if the list had never had it, but for the count: it is not a zero.
TEST(VocScan, LeavesAMissingChannelOutInsteadOfCountingZero) {
  const Random r;
  for (std::size_t lost = 0; lost < r.channels.size(); ++lost) {
    auto samples = r.samples;
    samples[lost] = {no_value, Flag::device_fault};
    auto without = r.channels;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(lost));
    VocScan expected = scan(r.samples, without);
    ++expected.missing;
    ASSERT_EQ(scan(samples, r.channels), expected);
  }
}

TEST(VocScan, AgreesWithItsSharesAndItsGroups) {
  const Random r;
  const VocScan whole = scan(r.samples, r.channels);
  ASSERT_GT(whole.missing, 0u);
  ASSERT_GT(whole.without_mir, 0u);
  const auto classes = group_sums(r.samples, r.channels, VocFigure::tvoc, &VocChannel::chemical_class);
  ASSERT_EQ(classes.size(), 5u);
  double sum = 0, shares = 0;
  for (const double c : classes) sum += c;
  EXPECT_NEAR(sum, whole.tvoc_ug_m3, 1e-9 * sum);
  for (const auto& s : top(r.samples, r.channels, VocFigure::tvoc, 1000)) shares += s.ug_m3;
  EXPECT_NEAR(shares, whole.tvoc_ug_m3, 1e-9 * sum);
  EXPECT_EQ(whole.counted + whole.missing, 116u);
}

// --- what an alarm says --------------------------------------------------------------------------------------------

TEST(VocTop, NamesTheGreatestByMassAndByOzone) {
  EXPECT_THAT(top(plume, three, VocFigure::tvoc, 2),
              ElementsAre(testing::Field(&VocShare::channel, 0u), testing::Field(&VocShare::channel, 1u)));
  EXPECT_THAT(top(plume, three, VocFigure::ofp, 2),
              ElementsAre(testing::Field(&VocShare::channel, 1u), testing::Field(&VocShare::channel, 0u)));
  EXPECT_NEAR(top(plume, three, VocFigure::ofp, 1).at(0).ug_m3, 136.9524, 1e-3);
}

TEST(VocTop, LeavesOutWhatWasNotFoundAndBreaksTiesByPlace) {
  auto samples = plume;
  samples[1] = {0, Flag::normal};
  samples[2] = {no_value, Flag::link_lost};
  EXPECT_EQ(top(samples, three, VocFigure::tvoc, 9).size(), 1u);
  EXPECT_THAT(top(samples, three, VocFigure::tvoc, 0), IsEmpty());
  const std::vector<VocChannel> alike{{.place = 2, .ug_per_m3 = 1}, {.place = 1, .ug_per_m3 = 1}};
  const std::vector<Sample> same(3, Sample{7, Flag::normal});
  EXPECT_EQ(top(same, alike, VocFigure::tvoc, 1).at(0).channel, 1u);
}

TEST(VocGroups, AGroupWithoutAChannelIsZero) {
  EXPECT_THAT(group_sums(plume, three, VocFigure::tvoc, &VocChannel::chemical_class),
              ElementsAre(DoubleNear(563.0454, 1e-3), 0, DoubleNear(1.59644, 1e-4)));
}

// --- the figures as points of their own ----------------------------------------------------------------------------

TEST(VocFigureSample, NeedsThreeQuartersOfTheChannels) {
  const VocScan enough{.tvoc_ug_m3 = 100, .ofp_ug_m3 = 300, .counted = 87, .missing = 29};
  const VocScan scarce{.tvoc_ug_m3 = 100, .ofp_ug_m3 = 300, .counted = 86, .missing = 30};
  EXPECT_EQ(figure_of(enough, VocFigure::tvoc, Flag::link_lost).value, 100);
  EXPECT_EQ(figure_of(enough, VocFigure::ofp, Flag::link_lost).value, 300);
  EXPECT_EQ(figure_of(enough, VocFigure::ofp, Flag::link_lost).flag, Flag::normal);
  EXPECT_TRUE(std::isnan(figure_of(scarce, VocFigure::tvoc, Flag::link_lost).value));
  EXPECT_EQ(figure_of(scarce, VocFigure::tvoc, Flag::link_lost).flag, Flag::device_fault);
}

TEST(VocFigureSample, SaysWhyThereIsNone) {
  const Sample none = figure_of(VocScan{.missing = 116}, VocFigure::tvoc, Flag::calibrating);
  EXPECT_TRUE(std::isnan(none.value));
  EXPECT_EQ(none.flag, Flag::calibrating);
}

TEST(VocFigureSample, IsOverRangeWhenOneOfItsChannelsIs) {
  EXPECT_EQ(figure_of(VocScan{.tvoc_ug_m3 = 5, .counted = 2, .over_range = 1}, VocFigure::tvoc, Flag::normal).flag,
            Flag::over_range);
}

}  // namespace voc_test
}  // namespace hazgate::core
