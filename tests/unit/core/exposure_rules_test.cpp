#include "core/exposure_rules.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <ostream>
#include <vector>

#include "core/exposure.hpp"

namespace hazgate::core {
namespace exposure_rules_test {

using testing::TestWithParam;
using testing::Values;

// What a clause says of one figure or two; a row of every table below.
struct Row {
  const char* clause;
  double in, out;
};
void PrintTo(const Row& row, std::ostream* os) { *os << row.clause << ": " << row.in << " gives " << row.out; }

class DailyReduction : public TestWithParam<Row> {};
TEST_P(DailyReduction, IsBriefAndScala) {
  EXPECT_DOUBLE_EQ(reduction_factor_day(GetParam().in), GetParam().out) << GetParam().clause;
}
INSTANTIATE_TEST_SUITE_P(ByHours, DailyReduction,
                         Values(Row{"GBZ 2.1-2019 A.5: from above 8 h", 8, 1}, Row{"never above 1", 4, 1},
                                Row{"nothing worked", 0, 1}, Row{"A.5", 10, 0.7}, Row{"A.5", 12, 0.5},
                                Row{"GBZ 331-2024 G.6", 16, 0.25}, Row{"at 24 h", 24, 0}, Row{"never below 0", 30, 0}));

class WeeklyReduction : public TestWithParam<Row> {};
TEST_P(WeeklyReduction, IsBriefAndScala) {
  EXPECT_DOUBLE_EQ(reduction_factor_week(GetParam().in), GetParam().out) << GetParam().clause;
}
INSTANTIATE_TEST_SUITE_P(ByHours, WeeklyReduction,
                         Values(Row{"GBZ 2.1-2019 A.6: from above 40 h", 40, 1}, Row{"never above 1", 20, 1},
                                Row{"A.6", 48, 0.78125}, Row{"GBZ 331-2024 G.8", 60, 0.5625}, Row{"at 168 h", 168, 0},
                                Row{"never below 0", 200, 0}));

struct RuleRow {
  const char* clause;
  double hours_per_day, days_per_week;
  bool adjusted;
  const char* rule;
};
class RuleOfADay : public TestWithParam<RuleRow> {};
TEST_P(RuleOfADay, FollowsTheFlowChart) {
  const auto& row = GetParam();
  EXPECT_EQ(name(twa_rule(row.hours_per_day, row.days_per_week, row.adjusted)), row.rule) << row.clause;
}
INSTANTIATE_TEST_SUITE_P(Tables, RuleOfADay,
                         Values(RuleRow{"GBZ 331-2024 G.1.1: Td <= 1 h", 1, 5, true, "none"},
                                RuleRow{"Td <= 1 h", 0.5, 7, true, "none"},
                                RuleRow{"Td <= 1 h, not adjusted", 1, 5, false, "none"},
                                RuleRow{"1 h < Td <= 8 h and Tw <= 40 h", 8, 5, true, "8h"},
                                RuleRow{"GBZ 2.1-2019 A.7.1: also when Td < 8", 1.5, 5, true, "8h"},
                                RuleRow{"more than 5 days, Tw <= 40 h", 6, 6, true, "8h"},
                                RuleRow{"A.7.2: Td > 8 h, 5 days", 8.5, 5, true, "real_time"},
                                RuleRow{"A.7.2: Td > 8 h, 3 days", 12, 3, true, "real_time"},
                                RuleRow{"A.7.3: more than 5 days and Tw > 40 h", 8, 6, true, "week"},
                                RuleRow{"GBZ 331-2024 chart G.1: long days too", 12, 6, true, "week"},
                                RuleRow{"6 days make 40 h, no more", 40.0 / 6, 6, true, "8h"},
                                RuleRow{"A.7.4: an agent that is not adjusted", 12, 5, false, "8h"},
                                RuleRow{"A.7.4: an agent that is not adjusted", 12, 6, false, "8h"}));

TEST(RuleOfAWeek, DividesBy40UnlessTheLimitIsReduced) {  // GBZ 331-2024 G.2, GBZ 2.1-2019 A.7.3
  EXPECT_EQ(week_rule(48, 6, true), TwaRule::week);
  EXPECT_EQ(week_rule(48, 6, false), TwaRule::h40);
  EXPECT_EQ(week_rule(60, 5, true), TwaRule::h40) << "at most 5 days: long days are judged by the day";
  EXPECT_EQ(week_rule(40, 6, true), TwaRule::h40) << "not above 40 h";
  EXPECT_EQ(name(TwaRule::h40), "40h");
}

struct ClassRow {
  double ratio;
  const char* word;
};
class ClassOf : public TestWithParam<ClassRow> {};
TEST_P(ClassOf, IsTable5) { EXPECT_EQ(name(exposure_class(GetParam().ratio)), GetParam().word) << GetParam().ratio; }
INSTANTIATE_TEST_SUITE_P(Gbz2_1Table5, ClassOf,
                         Values(ClassRow{0, "0"}, ClassRow{0.01, "0"}, ClassRow{0.0101, "I"}, ClassRow{0.1, "I"},
                                ClassRow{0.101, "II"}, ClassRow{0.5, "II"}, ClassRow{0.51, "III"}, ClassRow{1, "III"},
                                ClassRow{0.1 + 0.2 + 0.7, "III"}, ClassRow{1.001, "IV"}, ClassRow{50, "IV"}));

TEST(Exceeds, AValueEqualToItsLimitCompliesAlsoWithTheNoiseOfItsSum) {  // GBZ 2.1-2019 6.3
  EXPECT_FALSE(exceeds(0.1 + 0.2, 0.3));
  EXPECT_TRUE(exceeds(0.3001, 0.3));
  EXPECT_TRUE(exceeds(1e-9, 0)) << "RF 0: nothing is permitted";
  EXPECT_FALSE(exceeds(0, 0));
  EXPECT_FALSE(exceeds(std::nan(""), 1));
}

struct NoiseRow {
  const char* clause;
  double laeq, hours, lex;
};
class NoiseOfADay : public TestWithParam<NoiseRow> {};
TEST_P(NoiseOfADay, IsNormalisedTo8h) {
  EXPECT_NEAR(lex_8h(GetParam().laeq, GetParam().hours), GetParam().lex, 5e-5) << GetParam().clause;
}
INSTANTIATE_TEST_SUITE_P(Gbz331TableG2, NoiseOfADay,
                         Values(NoiseRow{"8 h is the level itself", 85, 8, 85},
                                NoiseRow{"half the time, -10 lg 2", 88, 4, 84.98970},
                                NoiseRow{"91 dB 2 h", 91, 2, 84.97940}, NoiseRow{"94 dB 1 h", 94, 1, 84.96910},
                                NoiseRow{"97 dB 30 min", 97, 0.5, 84.95880},
                                NoiseRow{"100 dB 15 min", 100, 0.25, 84.94850},
                                NoiseRow{"12 h, +10 lg 1.5", 85, 12, 86.76091}));

TEST(NoiseOfAWeek, AddsTheEnergiesOfTheDaysOverFive) {  // GBZ 331-2024 Table G.2
  EXPECT_NEAR(lex_40h(std::vector<double>(5, 85.0)), 85, 1e-12);
  EXPECT_NEAR(lex_40h(std::vector<double>(6, 85.0)), 85 + 10 * std::log10(1.2), 1e-12);
  EXPECT_NEAR(lex_40h(std::vector<double>{90}), 90 - 10 * std::log10(5), 1e-12);
}

TEST(SoundEnergy, ComesBackAsTheLevelAndTwoEqualSourcesAdd3dB) {
  for (const double level : {-10.0, 0.0, 35.0, 85.0, 140.0}) EXPECT_NEAR(to_level(to_energy(level)), level, 1e-12);
  EXPECT_NEAR(to_level(to_energy(85) + to_energy(85)), 85 + 10 * std::log10(2), 1e-12);
  EXPECT_EQ(to_level(0), -std::numeric_limits<double>::infinity()) << "nothing adds nothing: it is not 0 dB";
}

TEST(ImpulsePeaks, AreHeldAgainstTheirNumber) {  // GBZ 2.2-2007 Table 10
  EXPECT_EQ(impulse_limit(0), 140);
  EXPECT_EQ(impulse_limit(100), 140);
  EXPECT_EQ(impulse_limit(101), 130);
  EXPECT_EQ(impulse_limit(1000), 130);
  EXPECT_EQ(impulse_limit(1001), 120);
  EXPECT_EQ(impulse_limit(10000), 120);
  EXPECT_FALSE(impulse_limit(10001));
}

struct RoundRow {
  double value;
  int decimals;
  double out;
};
class Rounding : public TestWithParam<RoundRow> {};
TEST_P(Rounding, GoesHalfToEvenOfTheDecimalAsWritten) {
  const auto& row = GetParam();
  EXPECT_EQ(round_half_even(row.value, row.decimals), row.out) << row.value << " to " << row.decimals;
  EXPECT_EQ(round_half_even(-row.value, row.decimals), -row.out) << -row.value << " to " << row.decimals;
}
INSTANTIATE_TEST_SUITE_P(GbT8170, Rounding,
                         Values(RoundRow{0.125, 2, 0.12}, RoundRow{0.375, 2, 0.38}, RoundRow{2.675, 2, 2.68},
                                RoundRow{2.665, 2, 2.66}, RoundRow{85.05, 1, 85.0}, RoundRow{85.15, 1, 85.2},
                                RoundRow{85.03, 1, 85.0}, RoundRow{0.35, 1, 0.4}, RoundRow{0.25, 1, 0.2},
                                RoundRow{1.0005, 3, 1.0}, RoundRow{0.2500001, 1, 0.3}, RoundRow{2.5, 0, 2},
                                RoundRow{3.5, 0, 4}, RoundRow{3.0000000000000004, 1, 3},
                                RoundRow{0.15 + 0.1, 1, 0.2},  // 0.25 with the noise of its sum
                                RoundRow{0, 3, 0}, RoundRow{1e300, 4, 1e300}));

TEST(RoundHalfEven, LeavesNoNegativeZeroAndNoNumberAlone) {
  EXPECT_FALSE(std::signbit(round_half_even(-0.01, 1)));
  EXPECT_TRUE(std::isnan(round_half_even(std::nan(""), 1)));
  EXPECT_EQ(round_half_even(-std::numeric_limits<double>::infinity(), 1), -std::numeric_limits<double>::infinity());
}

TEST(ReportedDecimals, AreOneMoreThanTheLimitHas) {  // GBZ 331-2024 G.1.2, G.2.2
  for (const auto& [limit, decimals] : std::vector<std::pair<double, int>>{
           {8, 1}, {350, 1}, {0.5, 2}, {0.07, 3}, {0.0005, 5}, {0.12, 3}, {7.5, 2}, {85, 1}, {0.3 * 0.5, 3}, {0, 1}})
    EXPECT_EQ(reported_decimals(limit), decimals) << limit;
}

TEST(SilicaRow, FollowsTheContent) {  // GBZ 2.1-2019 Table 2, footnote
  EXPECT_FALSE(silica_row(9.99));
  EXPECT_EQ(silica_row(10), "40-1");
  EXPECT_EQ(silica_row(50), "40-1");
  EXPECT_EQ(silica_row(50.01), "40-2");
  EXPECT_EQ(silica_row(80), "40-2");
  EXPECT_EQ(silica_row(80.01), "40-3");
  EXPECT_FALSE(silica_row(std::nan("")));
}

TEST(Wbgt, WeighsGlobeAndAir) {  // GBZ 331-2024 Table G.2
  EXPECT_DOUBLE_EQ(wbgt_indoor(25, 35), 28);
  EXPECT_DOUBLE_EQ(wbgt_outdoor(25, 35, 30), 27.5);
}

struct EpisodeRow {
  const char* clause;
  Episodes episodes;
  bool broken;
};
class EpisodeRule : public TestWithParam<EpisodeRow> {};
TEST_P(EpisodeRule, AllowsFourShortOnesFarApart) {
  EXPECT_EQ(GetParam().episodes.broken(), GetParam().broken) << GetParam().clause;
}
INSTANTIATE_TEST_SUITE_P(Gbz2_1Clause6_3_3, EpisodeRule,
                         Values(EpisodeRow{"none", {}, false}, EpisodeRow{"one of 15 min", {1, 15, no_value}, false},
                                EpisodeRow{"one of more", {1, 15.1, no_value}, true},
                                EpisodeRow{"four, 60 min apart", {4, 15, 60}, false},
                                EpisodeRow{"nearer", {2, 5, 59.9}, true}, EpisodeRow{"five", {5, 1, 90}, true}));

TEST(Words, OfBreachAndVerdictAreThoseOfTheFace) {
  for (const auto& [breach, word] : std::vector<std::pair<Breach, const char*>>{{Breach::mac, "MAC"},
                                                                                {Breach::pc_twa, "PC-TWA"},
                                                                                {Breach::pc_stel, "PC-STEL"},
                                                                                {Breach::pe_3x, "PE-3x"},
                                                                                {Breach::pe_5x, "PE-5x"},
                                                                                {Breach::lex_8h, "LEX_8h"},
                                                                                {Breach::lex_40h, "LEX_40h"},
                                                                                {Breach::mixture, "MIXTURE"},
                                                                                {Breach::peak, "PEAK"}})
    EXPECT_EQ(name(breach), word);
  EXPECT_EQ(name(Verdict::compliant), "compliant");
  EXPECT_EQ(name(Verdict::exceeds), "exceeds");
  EXPECT_EQ(name(Verdict::insufficient), "insufficient");
  EXPECT_EQ(name(Verdict::no_limit), "no_limit");
}

}  // namespace exposure_rules_test
}  // namespace hazgate::core
