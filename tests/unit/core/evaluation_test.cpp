// The law's cases as a table, and an oracle that knows nothing but seconds.
#include "core/evaluation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "core/exposure_meter.hpp"

namespace hazgate::core {
namespace evaluation_test {

Agent agent(double pc_twa, double pc_stel = no_value) {
  Agent a{.id = "cas:0-00-0"};
  a.limits.push_back({LimitKind::pc_twa, pc_twa, Unit::mg_per_m3, "table"});
  if (std::isfinite(pc_stel)) a.limits.push_back({LimitKind::pc_stel, pc_stel, Unit::mg_per_m3, "table"});
  return a;
}
Agent mac(double value) { return {.id = "cas:0-00-1", .limits = {{LimitKind::mac, value, Unit::mg_per_m3, "table"}}}; }
Agent noise() { return {.id = "noise", .limits = {{LimitKind::lex_8h, 85, Unit::db_a, "table"}}, .unit = Unit::db_a}; }

/// By a mean of 15 min, not by the number or length of stretches.
bool over_stel(const Evaluation& e) {
  return e.breaches.has(Breach::pc_stel) &&
         (exceeds(e.stel_max.value_or(0), 20) || exceeds(e.stel_at_least.value_or(0), 20));
}
Agent impulses() { return {.id = "noise:peak", .unit = Unit::db_a}; }

constexpr Flag none = Flag::normal;

struct DayCase {
  const char* what;
  Schedule schedule;
  std::vector<Segment> segments;
  double twa, limit;
  TwaRule rule;
  Verdict verdict;
};
class DayOfTwa : public testing::TestWithParam<DayCase> {};
TEST_P(DayOfTwa, IsAveragedAndJudgedByItsRule) {
  const auto& p = GetParam();
  const auto e = evaluate_day(agent(10), p.schedule, p.segments);
  ASSERT_TRUE(e.twa) << p.what;
  EXPECT_NEAR(*e.twa, p.twa, 1e-12) << p.what;
  EXPECT_EQ(*e.rule, p.rule) << p.what;
  EXPECT_EQ(e.verdict, p.verdict) << p.what;
  EXPECT_NEAR(*e.ratio, p.twa / p.limit, 1e-12) << p.what;
  EXPECT_EQ(*e.exposure_class, exposure_class(p.twa / p.limit)) << p.what;
  EXPECT_EQ(e.breaches.has(Breach::pc_twa), p.verdict == Verdict::exceeds) << p.what;
  EXPECT_EQ(e.pc_twa_adjusted.has_value(), p.schedule.adjust) << p.what;
  EXPECT_NEAR(e.pc_twa_adjusted.value_or(10), p.limit, 1e-12) << p.what;
}
INSTANTIATE_TEST_SUITE_P(
    Gbz, DayOfTwa,
    testing::Values(
        DayCase{"GBZ 2.1 A.2.2.2", {}, {{180, 12}, {60, 0.0}, {240, 5}}, 7, 10, TwaRule::h8, Verdict::compliant},
        DayCase{"GBZ 2.1 6.3: equal complies", {}, {{480, 10}}, 10, 10, TwaRule::h8, Verdict::compliant},
        DayCase{"6.3: greater does not", {}, {{480, 10.001}}, 10.001, 10, TwaRule::h8, Verdict::exceeds},
        DayCase{
            "6.3: nor does noise", {}, std::vector<Segment>(4800, {.1, 10}), 10, 10, TwaRule::h8, Verdict::compliant},
        DayCase{"GBZ 331 G.1: C Td / 8", {6, 5}, {{360, 12}}, 9, 10, TwaRule::h8, Verdict::compliant},
        DayCase{"G.1: also 4 h", {4, 5}, {{240, 19}}, 9.5, 10, TwaRule::h8, Verdict::compliant},
        DayCase{"G.1.1.2 b: no exposure is 0",
                {},
                {{240, 12}, {240, {}, none, false}},
                6,
                10,
                TwaRule::h8,
                Verdict::compliant},
        DayCase{"no exposure, whatever was read there",
                {},
                {{240, 12}, {240, 99, none, false}},
                6,
                10,
                TwaRule::h8,
                Verdict::compliant},
        DayCase{"a gap is as the rest", {}, {{420, 9}, {60, {}}}, 9, 10, TwaRule::h8, Verdict::compliant},
        DayCase{"75 % is enough", {}, {{360, 9}, {120, {}}}, 9, 10, TwaRule::h8, Verdict::compliant},
        DayCase{"GBZ 2.1 A.5: 12 h, RF 0.5", {12, 4, true}, {{720, 5.5}}, 5.5, 5, TwaRule::real_time, Verdict::exceeds},
        DayCase{"A.5: 10 h, RF 0.7", {10, 5, true}, {{600, 7}}, 7, 7, TwaRule::real_time, Verdict::compliant},
        DayCase{"GBZ 331 G.4: divided by the real time",
                {10, 5, true},
                {{300, 8}, {300, 4}},
                6,
                7,
                TwaRule::real_time,
                Verdict::compliant},
        DayCase{"Td is the exposed time where it is longer",
                {{}, 5, true},
                {{720, 5}},
                5,
                5,
                TwaRule::real_time,
                Verdict::compliant},
        DayCase{"... than was said, too", {8, 5, true}, {{720, 5}}, 5, 5, TwaRule::real_time, Verdict::compliant},
        DayCase{"GBZ 2.1 A.7.4: not adjusted, 1.5 C", {12, 4}, {{720, 5}}, 7.5, 10, TwaRule::h8, Verdict::compliant},
        DayCase{"A.7.4: 12 h, Td not given", {}, {{720, 7}}, 10.5, 10, TwaRule::h8, Verdict::exceeds},
        DayCase{"A.5: up to 8 h nothing is reduced", {8, 5, true}, {{480, 9}}, 9, 10, TwaRule::h8, Verdict::compliant},
        DayCase{
            "A.6: 48 h a week, RF 0.78125", {8, 6, true}, {{480, 7.8}}, 7.8, 7.8125, TwaRule::week, Verdict::compliant},
        DayCase{
            "GBZ 331 chart G.1: 60 h in 6 days", {10, 6, true}, {{600, 6}}, 6, 5.625, TwaRule::week, Verdict::exceeds},
        DayCase{"A.7.4: 48 h, not adjusted", {8, 6}, {{480, 9}}, 9, 10, TwaRule::h8, Verdict::compliant}));

TEST(Evaluation, OfOneHourOrLessIsJudgedByTheShortTimeRulesAlone) {  // GBZ 331-2024 G.1.1
  const auto quiet = evaluate_day(agent(10), {1, 5}, std::vector<Segment>{{60, 25}});
  EXPECT_FALSE(quiet.twa);
  EXPECT_FALSE(quiet.rule);
  EXPECT_EQ(quiet.verdict, Verdict::compliant);
  EXPECT_TRUE(evaluate_day(agent(10, 20), {1, 5}, std::vector<Segment>{{60, 25}}).breaches.has(Breach::pc_stel));
  EXPECT_TRUE(evaluate_day(agent(10), {1, 5}, std::vector<Segment>{{61, 90}}).breaches.has(Breach::pc_twa))
      << "it was more than an hour, whatever was said";
}

TEST(Evaluation, TooLittleMeasuredGivesNoFigureButItsProof) {
  const auto unknown = evaluate_day(agent(10), {}, std::vector<Segment>{{300, 9}, {180, {}}});
  EXPECT_FALSE(unknown.twa);
  EXPECT_EQ(unknown.verdict, Verdict::insufficient);
  const auto proven = evaluate_day(agent(10), {}, std::vector<Segment>{{300, 17}, {180, {}}});
  EXPECT_NEAR(*proven.twa_at_least, 10.625, 1e-12);
  EXPECT_EQ(proven.verdict, Verdict::exceeds) << "what was measured suffices";
}

TEST(Evaluation, WithoutAJudgementThereIsNoRatioAndNoClass) {
  const auto e = evaluate_day(agent(10), {}, std::vector<Segment>{{300, 9}, {180, {}}});
  EXPECT_FALSE(e.ratio);
  EXPECT_FALSE(e.exposure_class);
}

TEST(Evaluation, AnAgentWithoutALimitHasFiguresAndNoJudgement) {  // GBZ 2.1-2019 6.3.4
  const auto e = evaluate_day({.id = "cas:1"}, {}, std::vector<Segment>{{480, 7}});
  EXPECT_NEAR(*e.twa, 7, 1e-12);
  EXPECT_NEAR(*e.stel_max, 7, 1e-12);
  EXPECT_FALSE(e.ratio);
  EXPECT_FALSE(e.episodes);
  EXPECT_EQ(e.verdict, Verdict::no_limit);
}

TEST(Evaluation, OverRangeIsALowerBoundAndNeverCompliant) {
  const std::vector<Segment> day{{470, 1}, {10, 2, Flag::over_range}};
  const auto e = evaluate_day(agent(10), {}, day);
  EXPECT_TRUE(e.at_least);
  EXPECT_NEAR(*e.twa, 1, 1e-12) << "in no average";
  EXPECT_NEAR(*e.twa_at_least, (470 + 20) / 480.0, 1e-12);
  EXPECT_EQ(*e.max, 2);
  EXPECT_EQ(e.verdict, Verdict::insufficient);
  EXPECT_EQ(evaluate_day(mac(1.5), {}, day).verdict, Verdict::exceeds);
  EXPECT_EQ(evaluate_day(mac(5), {}, day).verdict, Verdict::insufficient);
  const auto long_over = evaluate_day(agent(10, 20), {}, std::vector<Segment>{{460, 1}, {20, 25, Flag::over_range}});
  EXPECT_NEAR(*long_over.stel_max, 1, 1e-12);
  EXPECT_NEAR(*long_over.stel_at_least, 25, 1e-12);
  EXPECT_TRUE(long_over.breaches.has(Breach::pc_stel));
  const auto no_number = evaluate_day(agent(10), {}, std::vector<Segment>{{470, 1}, {10, {}, Flag::over_range}});
  EXPECT_TRUE(no_number.at_least);
  EXPECT_EQ(no_number.verdict, Verdict::insufficient);
}

struct LoqCase {
  const char* what;
  Agent agent;
  std::vector<Segment> segments;
  bool number;
  Verdict verdict;
};
class BelowTheQuantificationLimit : public testing::TestWithParam<LoqCase> {};
TEST_P(BelowTheQuantificationLimit, ThereIsNoNumberAndNoBreach) {
  const auto& p = GetParam();
  const auto e = evaluate_day(p.agent, {}, p.segments);
  EXPECT_EQ(e.verdict, p.verdict) << p.what;
  EXPECT_EQ(e.twa || e.max || e.stel_max || e.lex_8h || e.laeq || e.ratio, p.number) << p.what;
  EXPECT_EQ(e.below.has_value(), !p.number) << p.what;
}
INSTANTIATE_TEST_SUITE_P(
    Gbz331G112b, BelowTheQuantificationLimit,
    testing::Values(
        LoqCase{"all of it", agent(10), {{480, 0.2, Flag::below_loq}}, false, Verdict::compliant},
        LoqCase{"with a gap", agent(10), {{400, 0.2, Flag::below_loq}, {80, {}}}, false, Verdict::compliant},
        LoqCase{"gap too long", agent(10), {{100, 2, Flag::below_loq}, {380, {}}}, false, Verdict::insufficient},
        LoqCase{"too high to say", agent(10), {{480, 11, Flag::below_loq}}, false, Verdict::insufficient},
        LoqCase{"too high for 15 min", agent(10, 12), {{15, 13, Flag::below_loq}}, false, Verdict::insufficient},
        LoqCase{"some of it", agent(10), {{240, .2, Flag::below_loq}, {240, 1}}, true, Verdict::compliant},
        LoqCase{"MAC above it", mac(10), {{480, 2, Flag::below_loq}}, false, Verdict::compliant},
        LoqCase{"MAC below it", mac(10), {{480, 20, Flag::below_loq}}, false, Verdict::insufficient},
        LoqCase{"MAC below some", mac(10), {{9, 20, Flag::below_loq}, {9, 1}}, true, Verdict::insufficient},
        LoqCase{"noise", noise(), {{480, 40, Flag::below_loq}}, false, Verdict::compliant}));

TEST(Evaluation, TheQuantificationLimitItselfEntersTheSum) {  // GBZ 331-2024 G.1.1.2 b
  const auto some = evaluate_day(agent(10), {}, std::vector<Segment>{{240, 0.2, Flag::below_loq}, {240, 1}});
  EXPECT_NEAR(*some.twa, 0.6, 1e-12);
  const auto peak = evaluate_day(agent(1), {}, std::vector<Segment>{{400, 0.1}, {16, 3.5, Flag::below_loq}});
  EXPECT_EQ(*peak.max, 0.1) << "what was not reached is no peak";
  EXPECT_EQ(peak.episodes->count, 0u);
}

TEST(Evaluation, AMacIsHeldAgainstTheGreatestValueAndNoAverageIsFormed) {  // GBZ 2.1-2019 6.3.1
  const auto e = evaluate_day(mac(10), {}, std::vector<Segment>{{470, 1}, {0.5, 10.1}, {9.5, 1}});
  EXPECT_EQ(*e.max, 10.1);
  EXPECT_NEAR(*e.ratio, 1.01, 1e-12);
  EXPECT_TRUE(e.breaches.has(Breach::mac));
  EXPECT_FALSE(e.twa || e.stel_max || e.episodes || e.rule);
  EXPECT_EQ(evaluate_day(mac(10), {}, std::vector<Segment>{{480, 10}}).verdict, Verdict::compliant);
  EXPECT_EQ(*evaluate_day(mac(10), {}, std::vector<Segment>{{0, 12}, {480, 1}}, true).max, 12)
      << "a reading at the beginning of the shift stands for no time";
}

struct StelCase {
  const char* what;
  std::vector<Segment> segments;
  double stel_max;  ///< NaN: no result
  bool breach;      ///< of a PC-STEL of 20
};
class ShortTimeMean : public testing::TestWithParam<StelCase> {};
TEST_P(ShortTimeMean, IsTheGreatestOfAnyFifteenMinutes) {
  const auto& p = GetParam();
  const auto e = evaluate_day(agent(10, 20), {}, p.segments);
  ASSERT_EQ(e.stel_max.has_value(), !std::isnan(p.stel_max)) << p.what;
  if (e.stel_max) {
    EXPECT_NEAR(*e.stel_max, p.stel_max, 1e-9) << p.what;
  }
  EXPECT_EQ(over_stel(e), p.breach) << p.what;
}
INSTANTIATE_TEST_SUITE_P(
    Gbz2_1Clause6_3_2, ShortTimeMean,
    testing::Values(StelCase{"any 15 min above it", {{60, 1}, {15, 20.1}, {60, 1}}, 20.1, true},
                    StelCase{"equal complies", {{60, 1}, {15, 20}, {60, 1}}, 20, false},
                    StelCase{"not clock quarters", {{7, 1}, {15, 20.1}, {60, 1}}, 20.1, true},
                    StelCase{"with what was beside it", {{60, 1}, {5, 34}, {60, 1}}, 12, false},
                    StelCase{"GBZ 159: shorter, the rest not exposed", {{10, 15}}, 10, false},
                    StelCase{"the rest not exposed, said so", {{10, 15}, {50, {}, none, false}}, 10, false},
                    StelCase{"75 % of a window are enough", {{11.25, 16}, {60, {}}}, 16, false},
                    StelCase{"less are not", {{11.2, 16}, {60, {}}}, no_value, false},
                    StelCase{"unless they prove it", {{11.2, 30}, {60, {}}}, no_value, true},
                    StelCase{
                        "where the coverage ends", {{60, {}}, {5, 5}, {6.25, 20}, {60, {}}}, 150.0 / 11.25, false}));

struct StretchCase {
  const char* what;
  bool momentary;
  std::vector<Segment> segments;  ///< of an agent with a PC-TWA of 10 and no PC-STEL
  Episodes episodes;
};
class Stretches : public testing::TestWithParam<StretchCase> {};
TEST_P(Stretches, AreCountedMeasuredAndSpaced) {
  const auto& p = GetParam();
  const auto e = evaluate_day(agent(10), {}, p.segments, p.momentary);
  EXPECT_EQ(e.episodes->count, p.episodes.count) << p.what;
  EXPECT_NEAR(e.episodes->longest_minutes, p.episodes.longest_minutes, 1e-9) << p.what;
  EXPECT_EQ(std::isnan(e.episodes->closest_minutes), std::isnan(p.episodes.closest_minutes)) << p.what;
  if (p.episodes.count > 1) {
    EXPECT_NEAR(e.episodes->closest_minutes, p.episodes.closest_minutes, 1e-9) << p.what;
  }
}
INSTANTIATE_TEST_SUITE_P(
    Gbz2_1Clause6_3_3, Stretches,
    testing::Values(StretchCase{"3 x itself is none", false, {{60, 30}}, {}},
                    StretchCase{"above is", false, {{5, 1}, {6, 31}, {4, 40}, {5, 1}}, {1, 10}},
                    StretchCase{"end to next start", false, {{5, 31}, {60, 1}, {5, 31}, {30, 1}, {5, 31}}, {3, 5, 30}},
                    StretchCase{"segments are averages", false, {{.5, 31}, {.5, 1}, {.5, 31}}, {2, .5, .5}},
                    StretchCase{
                        "readings flicker", true, {{1, 31}, {59 / 60.0, 1}, {1, 31}, {60, 1}}, {1, 2 + 59 / 60.0}},
                    StretchCase{"but for a minute", true, {{1, 31}, {1, 1}, {1, 31}, {60, 1}}, {2, 1, 1}},
                    StretchCase{"and below a minute are none", true, {{59 / 60.0, 31}, {60, 1}}, {}},
                    StretchCase{"no exposure ends it", false, {{5, 31}, {60, {}, none, false}, {5, 31}}, {2, 5, 60}},
                    StretchCase{"a gap ends it", false, {{5, 31}, {61, {}}, {5, 31}, {240, 1}}, {2, 5, 61}}));

TEST(Evaluation, AGapBetweenTwoHighValuesIsNoProofThatTheStretchWasShort) {
  std::vector<Segment> day{{8, 31}, {61, {}}, {8, 31}, {403, 1}};
  EXPECT_EQ(evaluate_day(agent(10), {}, day).verdict, Verdict::insufficient);
  day[1].value = 1;
  EXPECT_EQ(evaluate_day(agent(10), {}, day).verdict, Verdict::compliant);
}

TEST(Evaluation, ShortTimeRules) {
  const auto breaches = [](const Agent& a, std::vector<Segment> s) { return evaluate_day(a, {}, s).breaches; };
  // 6.3.2: stretches above PC-TWA, as long as C_TWA complies
  EXPECT_TRUE(breaches(agent(10, 20), {{60, 1}, {16, 11}, {60, 1}}).has(Breach::pc_stel)) << "longer than 15 min";
  EXPECT_FALSE(breaches(agent(10, 20), {{60, 1}, {15, 11}, {60, 1}, {15, 11}}).any());
  EXPECT_TRUE(breaches(agent(10, 20), {{60, 1}, {15, 11}, {59, 1}, {15, 11}}).has(Breach::pc_stel)) << "too close";
  const auto decided = breaches(agent(10, 20), {{480, 11}});
  EXPECT_TRUE(decided.has(Breach::pc_twa) && !decided.has(Breach::pc_stel)) << "the case is decided";
  // 6.3.3: 3 and 5 times where there is no PC-STEL
  std::vector<Segment> five;
  for (int i = 0; i < 5; ++i) five.insert(five.end(), {{5, 31}, {60, 1}});
  EXPECT_TRUE(breaches(agent(10), five).has(Breach::pe_3x)) << "five in a day";
  five.resize(8);
  EXPECT_FALSE(breaches(agent(10), five).any());
  EXPECT_TRUE(breaches(agent(10), {{1, 50.1}}).has(Breach::pe_5x));
  EXPECT_FALSE(breaches(agent(10), {{1, 50}}).has(Breach::pe_5x));
  EXPECT_FALSE(breaches(agent(10, 20), {{1, 51}}).has(Breach::pe_5x)) << "A.2.4.3: a PC-STEL goes before it";
}

TEST(Evaluation, NoiseByEqualEnergy) {  // GBZ 331-2024 Table G.2, GBZ 2.2-2007 11.2.1
  const auto day = [](Schedule schedule, std::vector<Segment> s) { return evaluate_day(noise(), schedule, s); };
  const auto half = day({}, {{240, 88}});
  EXPECT_NEAR(*half.lex_8h, 84.98970, 5e-6);
  EXPECT_NEAR(*half.laeq, 88, 1e-9);
  EXPECT_EQ(half.verdict, Verdict::compliant);
  EXPECT_FALSE(half.ratio || half.exposure_class || half.twa || half.stel_max || half.rule || half.lex_40h);
  EXPECT_NEAR(*day({}, {{240, 88}, {240, {}, none, false}}).lex_8h, 84.98970, 5e-6) << "quiet adds nothing";
  EXPECT_NEAR(*day({}, {{240, 85}, {240, 88}}).laeq, to_level((to_energy(85) + to_energy(88)) / 2), 1e-9);
  EXPECT_TRUE(day({}, {{480, 85.03}}).breaches.has(Breach::lex_8h)) << "judged unrounded";
  EXPECT_EQ(day({}, {{480, 85}}).verdict, Verdict::compliant);
  EXPECT_NEAR(*day({12, 5}, {{720, 85}}).lex_8h, 86.76091, 5e-6) << "longer days are in the formula";
  const auto six = day({8, 6}, {{480, 84.5}});
  EXPECT_NEAR(*six.lex_40h, 84.5 + 10 * std::log10(1.2), 1e-9);
  EXPECT_TRUE(six.breaches.has(Breach::lex_40h) && !six.breaches.has(Breach::lex_8h));
  EXPECT_EQ(day({8, 3}, {{480, 86}}).verdict, Verdict::compliant) << "three days: 83.8 over 40 h";
  const auto little = day({}, {{240, 87}, {240, {}}});
  EXPECT_FALSE(little.lex_8h);
  EXPECT_NEAR(*little.lex_8h_at_least, 87 - 10 * std::log10(2), 1e-9);
  EXPECT_EQ(little.verdict, Verdict::insufficient);
  EXPECT_TRUE(day({}, {{240, 89}, {240, {}}}).breaches.has(Breach::lex_8h)) << "proved by what there is";
}

TEST(Evaluation, ImpulsesByTheirNumber) {  // GBZ 2.2-2007 Table 10
  const auto day = [](std::size_t quiet, double peak, bool momentary = false) {
    std::vector<Segment> segments(quiet, {0.01, 110});
    segments.push_back({0.01, peak});
    return evaluate_day(impulses(), {}, segments, momentary);
  };
  EXPECT_EQ(day(99, 140).verdict, Verdict::compliant);
  EXPECT_TRUE(day(99, 140.1).breaches.has(Breach::peak));
  EXPECT_TRUE(day(100, 130.1).breaches.has(Breach::peak)) << "101 of them";
  EXPECT_TRUE(day(1000, 120.1).breaches.has(Breach::peak));
  EXPECT_EQ(day(10000, 119).verdict, Verdict::no_limit) << "nothing is set above 10,000";
  EXPECT_EQ(day(10000, 139, true).impulses, 1u) << "of readings only what can be one";
}

struct WeekCase {
  const char* what;
  Agent agent;
  bool adjust;
  std::vector<Day> days;
  double figure;
  const char* rule;
  Verdict verdict;
};
class Week : public testing::TestWithParam<WeekCase> {};
TEST_P(Week, IsJudgedByItsRule) {
  const auto& p = GetParam();
  const auto e = evaluate_week(p.agent, {.adjust = p.adjust}, p.days);
  const auto figure = p.agent.id == "noise" ? (p.days.size() == 5 ? e.lex_8h : e.lex_40h) : e.twa;
  ASSERT_TRUE(figure) << p.what;
  EXPECT_NEAR(*figure, p.figure, 1e-9) << p.what;
  EXPECT_EQ(e.rule ? name(*e.rule) : "", p.rule) << p.what;
  EXPECT_EQ(e.verdict, p.verdict) << p.what;
}
INSTANTIATE_TEST_SUITE_P(
    Gbz331, Week,
    testing::Values(
        WeekCase{"G.2", agent(10), false, {{8, 12}, {8, 8}, {8, 10}, {8, 5}, {8, 5}}, 8, "40h", Verdict::compliant},
        WeekCase{"G.2: few days", agent(10), false, {{8, 20}, {8, 20}}, 8, "40h", Verdict::compliant},
        WeekCase{"six days, not adjusted", agent(10), false, std::vector<Day>(6, {8, 9}), 10.8, "40h",
                 Verdict::exceeds},
        WeekCase{"G.8: 48 h, RF 0.78125", agent(10), true, std::vector<Day>(6, {8, 7.8}), 7.8, "week",
                 Verdict::compliant},
        WeekCase{"G.8: 60 h, RF 0.5625", agent(10), true, std::vector<Day>(6, {10, 5.7}), 5.7, "week",
                 Verdict::exceeds},
        WeekCase{"uneven, weighed",
                 agent(10),
                 true,
                 {{10, 9}, {10, 3}, {10, 5}, {6, 5}, {6, 5}, {6, 5}},
                 260 / 48.0,
                 "week",
                 Verdict::compliant},
        WeekCase{"G.1.1: long days, at most 5", agent(10), true, std::vector<Day>(4, {12, 5.1}), 5.1, "real_time",
                 Verdict::exceeds},
        WeekCase{"the worst day decides", agent(10), true, {{12, 4}, {8, 9}}, 9, "real_time", Verdict::compliant},
        WeekCase{"a short day is over 8 h", agent(10), true, {{12, 4}, {4, 19}}, 9.5, "real_time", Verdict::compliant},
        WeekCase{"a long day of a short week",
                 agent(10),
                 true,
                 {{10, 7.1}, {5, 1}, {5, 1}, {5, 1}, {5, 1}, {5, 1}},
                 7.1,
                 "real_time",
                 Verdict::exceeds},
        WeekCase{"a day not measured",
                 agent(10),
                 false,
                 {{8, 12}, {8, 8}, {8, 10}, {8, 10}, {8, {}}},
                 10,
                 "40h",
                 Verdict::compliant},
        WeekCase{"no limit", {.id = "cas:1"}, false, std::vector<Day>(5, {8, 9}), 9, "40h", Verdict::no_limit},
        WeekCase{"Table G.2: five days, the greatest",
                 noise(),
                 false,
                 {{8, 80}, {8, 85.1}, {8, 80}, {8, 80}, {8, 80}},
                 85.1,
                 "",
                 Verdict::exceeds},
        WeekCase{"six days", noise(), false, std::vector<Day>(6, {8, 84}), 84 + 10 * std::log10(1.2), "",
                 Verdict::compliant},
        WeekCase{"three long ones", noise(), false, std::vector<Day>(3, {12, 85}), 85 + 10 * std::log10(0.9), "",
                 Verdict::compliant}));

TEST(Evaluation, AWeekThatCompliesTellsOfADayThatByItselfDoesNot) {
  const auto e = evaluate_week(agent(10), {}, std::vector<Day>{{8, 20}, {8, 1}});
  EXPECT_EQ(e.verdict, Verdict::compliant);
  EXPECT_EQ(e.notes.size(), 1u);
  EXPECT_EQ(e.days.front().figure, 20);
  const auto little = evaluate_week(agent(10), {}, std::vector<Day>{{8, 9}, {8, {}}});
  EXPECT_EQ(little.verdict, Verdict::insufficient);
  EXPECT_FALSE(little.twa);
}

struct MixtureCase {
  const char* what;
  std::vector<MixturePart> parts;
  Schedule schedule;
  double twa, stel;  ///< NaN: not formed
  Verdict verdict;
};
class Mixture : public testing::TestWithParam<MixtureCase> {};
TEST_P(Mixture, AddsUp) {
  const auto& p = GetParam();
  const auto e = evaluate_mixture(p.parts, p.schedule);
  EXPECT_NEAR(e.mixture_index_twa.value_or(-1), std::isnan(p.twa) ? -1 : p.twa, 1e-12) << p.what;
  EXPECT_NEAR(e.mixture_index_stel.value_or(-1), std::isnan(p.stel) ? -1 : p.stel, 1e-12) << p.what;
  EXPECT_EQ(e.verdict, p.verdict) << p.what;
  EXPECT_EQ(e.breaches.has(Breach::mixture), std::fmax(p.twa, p.stel) > 1) << p.what;
}
INSTANTIATE_TEST_SUITE_P(
    Gbz2_1A322, Mixture,
    testing::Values(
        MixtureCase{"without a PC-STEL nothing is added",
                    {{agent(50, 100), 25, 60}, {agent(10), 4, {}}},
                    {},
                    .9,
                    .6,
                    Verdict::compliant},
        MixtureCase{"one each complies, together not",
                    {{agent(50), 30, {}}, {agent(10), 5, {}}},
                    {},
                    1.1,
                    no_value,
                    Verdict::exceeds},
        MixtureCase{"exactly 1", {{agent(50), 30, {}}, {agent(10), 4, {}}}, {}, 1, no_value, Verdict::compliant},
        MixtureCase{
            "by the short time alone", {{agent(50, 100), 5, 70}, {agent(10, 20), 1, 8}}, {}, .2, 1.1, Verdict::exceeds},
        MixtureCase{
            "one by itself", {{agent(10, 20), 1, 21}, {agent(50, 100), 1, 0.0}}, {}, .12, 1.05, Verdict::exceeds},
        MixtureCase{"reduced for 12 h",
                    {{agent(10), 3, {}}, {agent(20), 5, {}}},
                    {12, 5, true},
                    1.1,
                    no_value,
                    Verdict::exceeds},
        MixtureCase{"a figure is missing",
                    {{agent(50, 100), 5, 60}, {agent(10, 20), 1, {}}},
                    {},
                    .2,
                    .6,
                    Verdict::insufficient},
        MixtureCase{"a MAC by itself", {{agent(10), 5, {}}, {mac(1), {}, 1.1}}, {}, .5, no_value, Verdict::exceeds},
        MixtureCase{"a MAC that is kept", {{agent(10), 5, {}}, {mac(1), {}, 1}}, {}, .5, no_value, Verdict::compliant},
        MixtureCase{
            "a MAC without its figure", {{agent(10), 5, {}}, {mac(1), 1, {}}}, {}, .5, no_value, Verdict::insufficient},
        MixtureCase{"an agent without a limit",
                    {{agent(10), 5, {}}, {{.id = "cas:1"}, 9, {}}},
                    {},
                    .5,
                    no_value,
                    Verdict::no_limit},
        MixtureCase{"no excuse for the others",
                    {{agent(10), 11, {}}, {{.id = "cas:1"}, 9, {}}},
                    {},
                    1.1,
                    no_value,
                    Verdict::exceeds}));

/// A day second by second: obviously right, obviously slow.
struct Seconds {
  std::vector<double> value;  ///< NaN: a gap
  std::vector<bool> exposed;
  explicit Seconds(const std::vector<Segment>& segments) {
    for (const auto& s : segments) {
      const auto length = static_cast<std::size_t>(std::lround(s.minutes * 60));
      value.insert(value.end(), length, s.exposed ? s.value.value_or(no_value) : 0);
      exposed.insert(exposed.end(), length, s.exposed);
    }
  }
  double greatest_mean() const {
    double greatest = no_value;
    for (std::size_t end = 900; end <= value.size(); ++end) {
      double sum = 0;
      int known = 0;
      for (auto i = end - 900; i < end; ++i) {
        if (!std::isnan(value[i])) sum += value[i], ++known;
      }
      if (known >= 675 && !(sum / known <= greatest)) greatest = sum / known;
    }
    return greatest;
  }
  double twa() const {
    double sum = 0, known = 0, all = 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
      all += exposed[i] ? 1 : 0;
      if (exposed[i] && !std::isnan(value[i])) sum += value[i], ++known;
    }
    return 4 * known < 3 * all ? no_value : all > 0 ? sum / known * all / 28800 : 0;
  }
  /// `flicker`: a shorter break splits nothing, a shorter stretch is none.
  Episodes episodes(double above, std::size_t flicker) const {
    std::vector<std::pair<std::size_t, std::size_t>> found;
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (!(exposed[i] && value[i] > above)) continue;
      const bool near = !found.empty() && (i == found.back().second || i - found.back().second < flicker);
      if (!near) found.emplace_back(i, i);
      found.back().second = i + 1;
    }
    std::erase_if(found, [&](const auto& f) { return f.second - f.first < flicker; });
    Episodes e{.count = static_cast<std::uint32_t>(found.size())};
    for (std::size_t i = 0; i < found.size(); ++i) {
      e.longest_minutes = std::max(e.longest_minutes, static_cast<double>(found[i].second - found[i].first) / 60);
      if (i > 0)
        e.closest_minutes =
            std::fmin(e.closest_minutes, static_cast<double>(found[i].first - found[i - 1].second) / 60);
    }
    return e;
  }
};

void expect_equal(const Episodes& a, const Episodes& b, int trial) {
  EXPECT_EQ(a.count, b.count) << trial;
  EXPECT_NEAR(a.longest_minutes, b.longest_minutes, 1e-9) << trial;
  EXPECT_EQ(std::isnan(a.closest_minutes), std::isnan(b.closest_minutes)) << trial;
  if (!std::isnan(a.closest_minutes)) {
    EXPECT_NEAR(a.closest_minutes, b.closest_minutes, 1e-9) << trial;
  }
}

/// Stretches of `step`..20 `step`, one in eight a gap, one in twelve without exposure.
std::vector<Segment> random_day(std::mt19937& random, double step, double minutes) {
  std::vector<Segment> day;
  for (double left = minutes; left > step / 2;) {
    const double length = std::min(left, step * static_cast<double>(1 + random() % 20));
    Segment s{length, static_cast<double>(random() % 60)};
    if (random() % 8 == 0) s.value.reset();
    s.exposed = random() % 12 != 0;
    day.push_back(s);
    left -= length;
  }
  return day;
}

TEST(Evaluation, AgreesWithTheSlowOracle) {
  std::mt19937 random(5);
  for (int trial = 0; trial < 60; ++trial) {
    const auto day = random_day(random, 0.5, 120);
    const auto e = evaluate_day(agent(10, 20), {}, day);
    const Seconds slow(day);
    const double greatest = slow.greatest_mean();
    ASSERT_EQ(e.stel_max.has_value(), !std::isnan(greatest)) << trial;
    if (e.stel_max) {
      EXPECT_NEAR(*e.stel_max, greatest, 1e-9) << trial;
    }
    ASSERT_EQ(e.twa.has_value(), !std::isnan(slow.twa())) << trial;
    if (e.twa) {
      EXPECT_NEAR(*e.twa, slow.twa(), 1e-9) << trial;
    }
    expect_equal(*e.episodes, slow.episodes(10, 0), trial);
  }
}

TEST(Evaluation, CountsStretchesOfReadingsAsTheSlowOracleDoes) {
  std::mt19937 random(7);
  std::uint32_t count = 0;
  for (int trial = 0; trial < 200; ++trial) {
    const auto day = random_day(random, 0.1, 60);
    const auto e = evaluate_day(agent(10), {}, day, true);
    expect_equal(*e.episodes, Seconds(day).episodes(30, 60), trial);
    count += e.episodes->count;
  }
  EXPECT_GT(count, 200u) << "too little to compare";
}

/// One in eight below the quantification limit, one in twelve over range, gaps the instrument's fault.
void flag_some(std::mt19937& random, std::vector<Segment>& day) {
  for (auto& s : day) {
    s.exposed = true;
    s.flag = !s.value             ? Flag::device_fault
             : random() % 8 == 0  ? Flag::below_loq
             : random() % 12 == 0 ? Flag::over_range
                                  : Flag::normal;
  }
}

/// The record of live data, fed with the same stretches as readings that come every 5 s.
Exposure live_record(const Agent& a, const std::vector<Segment>& day) {
  constexpr std::chrono::seconds period{5};
  const Timestamp start{std::chrono::days(20000)};
  const auto rule = exposure_rule(a, a.unit, {"s", 2, 5});
  ExposureMeter meter({.begin = start, .end = start + std::chrono::hours(2)}, {});
  SlidingMean quarter(ste_window, period);
  auto now = start;
  for (const auto& s : day) {
    const double value = s.value.value_or(no_value);
    for (const auto end = now + std::chrono::seconds(std::lround(s.minutes * 60)); now < end; now += period) {
      if (s.averaged()) quarter.add(now, now + period, value);
      if (s.judged() && !s.averaged()) quarter.add_at_least(now, now + period, value);
      meter.add(rule, {rule.levels, now, now + period, value, s.flag, quarter.at(now + period)});
    }
  }
  return meter.record(rule, start + std::chrono::hours(2), {});
}

void expect_equal(const char* what, std::optional<double> figure, double live, double granted, int trial) {
  EXPECT_EQ(figure.has_value(), std::isfinite(live)) << what << " " << trial << ": " << figure.value_or(no_value);
  if (figure) {
    EXPECT_NEAR(*figure, live, granted) << what << " " << trial;
  }
}

TEST(Evaluation, AgreesWithTheLiveMeter) {
  std::mt19937 random(8);
  int proved_more = 0, not_reached = 0;
  for (int trial = 0; trial < 600; ++trial) {
    const auto subject = trial % 2 == 0 ? agent(10, 20) : agent(8);
    auto day = random_day(random, 1.0 / 12, 120);
    flag_some(random, day);
    const auto e = evaluate_day(subject, {2, 5}, day, true);
    const auto live = live_record(subject, day);
    if (!e.at_least) {
      expect_equal("twa", e.twa, live.twa, 1e-9, trial);
      EXPECT_EQ(e.verdict, live.verdict) << trial;
    }
    if (e.twa_at_least) {
      EXPECT_NEAR(live.twa_so_far, *e.twa_at_least, 1e-9) << trial;
    }
    expect_equal("stel_max", e.stel_max, live.stel_max, 1e-4, trial);
    expect_equal("stel_at_least", e.stel_at_least, live.stel_at_least, 1e-4, trial);
    expect_equal("max", e.max, live.max, 0, trial);
    EXPECT_NEAR(live.time.coverage(), *e.coverage, 1e-9) << trial;
    expect_equal(*e.episodes, live.episodes, trial);
    proved_more += e.stel_at_least ? 1 : 0;
    const auto greatest = std::ranges::max(day, {}, [](const Segment& s) { return s.judged() ? *s.value : 0; });
    not_reached += greatest.flag == Flag::below_loq && *greatest.value > *e.max ? 1 : 0;
  }
  EXPECT_GT(proved_more, 20);
  EXPECT_GT(not_reached, 5);
}

TEST(Evaluation, OrderAndSplittingChangeNoAverage) {
  std::mt19937 random(6);
  for (int trial = 0; trial < 50; ++trial) {
    for (const auto& subject : {agent(10), noise()}) {
      auto day = random_day(random, 0.5, 480);
      const auto e = evaluate_day(subject, {}, day);
      std::vector<Segment> split;
      for (const auto& s : day) split.insert(split.end(), 2, {s.minutes / 2, s.value, s.flag, s.exposed});
      const auto same_order = evaluate_day(subject, {}, split);
      std::shuffle(split.begin(), split.end(), random);
      const auto f = evaluate_day(subject, {}, split);
      const auto figure = [](const Evaluation& x) { return x.lex_8h.value_or(x.twa.value_or(-1)); };
      EXPECT_NEAR(figure(e), figure(f), 1e-9);
      EXPECT_NEAR(*e.coverage, *f.coverage, 1e-12);
      EXPECT_NEAR(same_order.stel_max.value_or(-1), e.stel_max.value_or(-1), 1e-9);
      if (e.episodes) expect_equal(*e.episodes, *same_order.episodes, trial);
    }
  }
}

TEST(Evaluation, TheAverageOfAFullDayLiesBetweenItsValues) {
  std::mt19937 random(9);
  for (int trial = 0; trial < 50; ++trial) {
    auto day = random_day(random, 0.5, 480);
    double least = 1e9, greatest = 0;
    for (auto& s : day) {
      s = {s.minutes, s.value.value_or(3)};
      least = std::min(least, *s.value);
      greatest = std::max(greatest, *s.value);
    }
    const auto e = evaluate_day(agent(10), {}, day);
    EXPECT_GE(*e.twa, least - 1e-9);
    EXPECT_LE(*e.twa, greatest + 1e-9);
    EXPECT_LE(*e.twa, *e.stel_max + 1e-9);
    EXPECT_LE(*e.stel_max, greatest + 1e-9);
    const auto n = evaluate_day(noise(), {}, day);
    EXPECT_LE(*n.lex_8h, greatest + 1e-9) << "equal energy lies between as well";
    EXPECT_GE(*n.lex_8h, *e.twa - 1e-9) << "and never below the mean of the levels";
  }
}

TEST(Evaluation, AGapAtTheEndNeverTakesAwayWhatWasProvedAndNeverClears) {
  std::mt19937 random(10);
  int was_compliant = 0;
  for (int trial = 0; trial < 400; ++trial) {
    const auto subject = agent(8 + static_cast<double>(random() % 60), trial % 2 == 0 ? no_value : 90);
    auto day = random_day(random, 2, 60 + static_cast<double>(random() % 300));
    const auto before = evaluate_day(subject, {}, day);
    day.push_back({static_cast<double>(1 + random() % 60), {}});
    const auto after = evaluate_day(subject, {}, day);
    const auto proven = [](const Evaluation& e) { return e.twa_at_least.value_or(e.twa.value_or(0)); };
    EXPECT_GE(proven(after), proven(before) - 1e-9) << trial;
    if (before.breaches.has(Breach::pc_twa) && after.twa) {
      EXPECT_TRUE(after.breaches.has(Breach::pc_twa)) << trial;
    }
    for (const auto breach : {Breach::pe_3x, Breach::pe_5x}) {
      if (before.breaches.has(breach)) {
        EXPECT_TRUE(after.breaches.has(breach)) << trial;
      }
    }
    if (before.verdict != Verdict::compliant) {
      EXPECT_NE(after.verdict, Verdict::compliant) << trial;
    }
    was_compliant += before.verdict == Verdict::compliant ? 1 : 0;
  }
  EXPECT_GT(was_compliant, 20);
  EXPECT_LT(was_compliant, 380);
}

/// Time of which nothing is known, put anywhere into a day: the dose that was proved stays proved. What a mean of 15
/// min or an unbroken stretch proved may fall apart into "insufficient", but not into "compliant"; only stretches that
/// were too close lie further apart now.
TEST(Evaluation, AGapAnywhereNeverMakesADayCompliant) {
  std::mt19937 random(11);
  int exceeded = 0, fell_apart = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    const auto subject = agent(8 + static_cast<double>(random() % 60), trial % 2 == 0 ? no_value : 90);
    auto day = random_day(random, 2, 60 + static_cast<double>(random() % 300));
    const auto before = evaluate_day(subject, {}, day);
    const auto place = day.begin() + static_cast<std::ptrdiff_t>(random() % day.size());
    const double first = place->minutes * static_cast<double>(random() % 4) / 4;
    if (first > 0) {
      place->minutes -= first;
      const Segment begin{first, place->value, place->flag, place->exposed};
      day.insert(day.insert(place, begin) + 1, {static_cast<double>(1 + random() % 60), {}});
    } else {
      day.insert(place, {static_cast<double>(1 + random() % 60), {}});
    }
    const auto after = evaluate_day(subject, {}, day);
    const auto proven = [](const Evaluation& e) { return e.twa_at_least.value_or(e.twa.value_or(0)); };
    EXPECT_GE(proven(after), proven(before) - 1e-9) << trial;
    for (const auto breach : {Breach::pc_twa, Breach::pe_5x}) {
      const bool judged = breach != Breach::pc_twa || after.twa;
      if (before.breaches.has(breach) && judged) {
        EXPECT_TRUE(after.breaches.has(breach)) << trial;
      }
    }
    if (before.verdict != Verdict::compliant && !(before.episodes->closest_minutes < 60)) {
      EXPECT_NE(after.verdict, Verdict::compliant) << trial;
    }
    exceeded += before.verdict == Verdict::exceeds ? 1 : 0;
    fell_apart += before.verdict == Verdict::exceeds && after.verdict == Verdict::insufficient ? 1 : 0;
  }
  EXPECT_GT(exceeded, 200);
  EXPECT_GT(fell_apart, 0);
}

}  // namespace evaluation_test
}  // namespace hazgate::core
