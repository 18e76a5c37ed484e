// The law's cases as a table, and an oracle that knows nothing but seconds.
#include "core/evaluation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/exposure_meter.hpp"

namespace hazgate::core {
namespace {

Agent agent(double pc_twa, double pc_stel = no_value) {
  Agent a{.id = "cas:0-00-0"};
  a.limits.push_back({LimitKind::pc_twa, pc_twa, Unit::mg_per_m3, "table"});
  if (std::isfinite(pc_stel)) a.limits.push_back({LimitKind::pc_stel, pc_stel, Unit::mg_per_m3, "table"});
  return a;
}
Agent mac(double value) { return {.id = "cas:0-00-1", .limits = {{LimitKind::mac, value, Unit::mg_per_m3, "table"}}}; }
Agent noise() { return {.id = "noise", .limits = {{LimitKind::lex_8h, 85, Unit::db_a, "table"}}, .unit = Unit::db_a}; }

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
}
INSTANTIATE_TEST_SUITE_P(
    Gbz, DayOfTwa,
    testing::Values(
        DayCase{"A.2.2.2 formula A.1", {}, {{180, 12}, {60, 0.0}, {240, 5}}, 7, 10, TwaRule::h8, Verdict::compliant},
        DayCase{"6.3: equal complies", {}, {{480, 10}}, 10, 10, TwaRule::h8, Verdict::compliant},
        DayCase{"less than 8 h is divided by 8", {6, 5}, {{360, 12}}, 9, 10, TwaRule::h8, Verdict::compliant},
        DayCase{"time without exposure is 0",
                {},
                {{240, 12}, {240, {}, Flag::normal, false}},
                6,
                10,
                TwaRule::h8,
                Verdict::compliant},
        DayCase{"a gap is the mean of the rest", {}, {{420, 9}, {60, {}}}, 9, 10, TwaRule::h8, Verdict::compliant},
        DayCase{
            "A.5: 12 h, real time, RF 0.5", {12, 4, true}, {{720, 5.5}}, 5.5, 5, TwaRule::real_time, Verdict::exceeds},
        DayCase{"A.7.4: 12 h, not adjusted: / 8", {12, 4}, {{720, 5}}, 7.5, 10, TwaRule::h8, Verdict::compliant},
        DayCase{
            "A.6: 48 h a week, RF 0.78125", {8, 6, true}, {{480, 7.8}}, 7.8, 7.8125, TwaRule::week, Verdict::compliant},
        DayCase{"A.7.4: 48 h a week, not adjusted: / 8", {8, 6}, {{480, 9}}, 9, 10, TwaRule::h8, Verdict::compliant}));

TEST(Evaluation, TooLittleMeasuredGivesNoFigureButItsProof) {
  const auto unknown = evaluate_day(agent(10), {}, std::vector<Segment>{{300, 9}, {180, {}}});
  EXPECT_FALSE(unknown.twa);
  EXPECT_EQ(unknown.verdict, Verdict::insufficient);
  const auto proven = evaluate_day(agent(10), {}, std::vector<Segment>{{300, 17}, {180, {}}});
  EXPECT_NEAR(*proven.twa_at_least, 10.625, 1e-12);
  EXPECT_EQ(proven.verdict, Verdict::exceeds) << "what was measured suffices";
}

TEST(Evaluation, OverRangeIsNeverCompliant) {
  const std::vector<Segment> day{{470, 1}, {10, 2, Flag::over_range}};
  const auto e = evaluate_day(agent(10), {}, day);
  EXPECT_TRUE(e.at_least);
  EXPECT_EQ(e.verdict, Verdict::insufficient);
  EXPECT_EQ(evaluate_day(mac(1.5), {}, day).verdict, Verdict::exceeds);
}

TEST(Evaluation, BelowTheQuantificationLimitThereIsNoNumber) {  // GBZ 331-2024 G.1.1.2 b
  const auto all = evaluate_day(agent(10), {}, std::vector<Segment>{{480, 0.2, Flag::below_loq}});
  EXPECT_FALSE(all.twa);
  EXPECT_EQ(*all.below, 0.2);
  EXPECT_EQ(all.verdict, Verdict::compliant);
  const auto some = evaluate_day(agent(10), {}, std::vector<Segment>{{240, 0.2, Flag::below_loq}, {240, 1}});
  EXPECT_NEAR(*some.twa, 0.6, 1e-12) << "the limit itself enters the sum";
}

TEST(Evaluation, ShortTimeRules) {
  const auto breaches = [](const Agent& a, std::vector<Segment> s) { return evaluate_day(a, {}, s).breaches; };
  // 6.3.2: C_STE over 15 min, a shorter one with what was measured beside it
  EXPECT_TRUE(breaches(agent(10, 20), {{60, 1}, {15, 20.1}, {60, 1}}).has(Breach::pc_stel));
  EXPECT_NEAR(*evaluate_day(agent(10, 20), {}, std::vector<Segment>{{60, 1}, {5, 34}, {60, 1}}).stel_max, 12, 1e-9);
  EXPECT_NEAR(*evaluate_day(agent(10, 20), {}, std::vector<Segment>{{10, 15}}).stel_max, 10, 1e-9);
  EXPECT_TRUE(breaches(agent(10, 20), {{60, 1}, {16, 11}, {60, 1}}).has(Breach::pc_stel)) << "longer than 15 min";
  EXPECT_FALSE(breaches(agent(10, 20), {{60, 1}, {15, 11}, {60, 1}, {15, 11}}).any());
  EXPECT_TRUE(breaches(agent(10, 20), {{60, 1}, {15, 11}, {59, 1}, {15, 11}}).has(Breach::pc_stel)) << "too close";
  // 6.3.3: 3 and 5 times where there is no PC-STEL
  std::vector<Segment> five;
  for (int i = 0; i < 5; ++i) five.insert(five.end(), {{5, 31}, {60, 1}});
  EXPECT_TRUE(breaches(agent(10), five).has(Breach::pe_3x)) << "five in a day";
  five.resize(8);
  EXPECT_FALSE(breaches(agent(10), five).any());
  EXPECT_TRUE(breaches(agent(10), {{1, 50.1}}).has(Breach::pe_5x));
  EXPECT_FALSE(breaches(agent(10), {{1, 50}}).has(Breach::pe_5x));
  // one hour or less: no TWA judgement
  EXPECT_EQ(*evaluate_day(agent(10), {1, 5}, std::vector<Segment>{{60, 25}}).rule, TwaRule::none);
}

TEST(Evaluation, NoiseByEqualEnergy) {  // GBZ 331-2024 Table G.2, GBZ 2.2-2007 11.2.1
  EXPECT_NEAR(*evaluate_day(noise(), {}, std::vector<Segment>{{240, 88}}).lex_8h, 84.99, 0.005);
  EXPECT_EQ(evaluate_day(noise(), {}, std::vector<Segment>{{240, 88}}).verdict, Verdict::compliant);
  const auto six = evaluate_day(noise(), {8, 6}, std::vector<Segment>{{480, 84.5}});
  EXPECT_NEAR(*six.lex_40h, 84.5 + 10 * std::log10(1.2), 1e-9);
  EXPECT_TRUE(six.breaches.has(Breach::lex_40h));
  const auto week = evaluate_week(noise(), {}, std::vector<Day>{{8, 84}, {8, 84}, {8, 84}, {8, 84}, {8, 84}, {8, 84}});
  EXPECT_NEAR(*week.lex_40h, 84 + 10 * std::log10(1.2), 1e-9);
}

TEST(Evaluation, MixturesAddUp) {  // GBZ 2.1-2019 A.3.2.2
  const auto e = evaluate_mixture(std::vector<MixturePart>{{agent(50, 100), 25, 60}, {agent(10), 4, {}}});
  EXPECT_NEAR(*e.mixture_index_twa, 0.9, 1e-12);
  EXPECT_NEAR(*e.mixture_index_stel, 0.6, 1e-12) << "without a PC-STEL nothing is added";
  EXPECT_EQ(e.verdict, Verdict::compliant);
  EXPECT_TRUE(evaluate_mixture(std::vector<MixturePart>{{agent(50), 30, {}}, {agent(10), 5, {}}})
                  .breaches.has(Breach::mixture));
}

/// A day second by second: obviously right, obviously slow.
struct Seconds {
  std::vector<double> value;  ///< NaN: a gap
  explicit Seconds(const std::vector<Segment>& segments) {
    for (const auto& s : segments) {
      value.insert(value.end(), static_cast<std::size_t>(std::lround(s.minutes * 60)), s.value.value_or(no_value));
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
};

std::vector<Segment> random_day(std::mt19937& random) {
  std::vector<Segment> day;
  for (double left = 120; left > 0;) {
    const double minutes = std::min(left, 0.5 + static_cast<double>(random() % 40) / 2);
    const bool gap = random() % 8 == 0;
    day.push_back({minutes, gap ? std::nullopt : std::optional(static_cast<double>(random() % 60))});
    left -= minutes;
  }
  return day;
}

TEST(Evaluation, AgreesWithTheSlowOracleAndTheMeter) {
  std::mt19937 random(5);
  for (int trial = 0; trial < 40; ++trial) {
    const auto day = random_day(random);
    const auto e = evaluate_day(agent(10, 20), {2, 5}, day);
    const Seconds slow(day);
    const double greatest = slow.greatest_mean();
    ASSERT_EQ(e.stel_max.has_value(), !std::isnan(greatest)) << trial;
    if (e.stel_max) {
      EXPECT_NEAR(*e.stel_max, greatest, 1e-9) << trial;
    }
    double dose = 0;
    for (const double v : slow.value) dose += std::isnan(v) ? 0 : v;
    // the meter of live data, fed once a second
    const Timestamp start{std::chrono::days(20000)};
    const auto rule = exposure_rule(agent(10, 20), Unit::mg_per_m3, {"s", 2, 5});
    ExposureMeter meter;
    meter.open({.begin = start, .end = start + std::chrono::hours(2)});
    for (std::size_t i = 0; i < slow.value.size(); ++i) {
      if (std::isnan(slow.value[i])) continue;
      const auto from = start + std::chrono::seconds(i);
      meter.add(rule, from, from + std::chrono::seconds(1), slow.value[i], Flag::normal, no_value);
    }
    const auto live = meter.record(rule, start + std::chrono::hours(2), {});
    EXPECT_NEAR(live.twa_so_far, dose / 3600 / 8, 1e-9) << trial;
    EXPECT_EQ(std::isfinite(live.twa), e.twa.has_value()) << trial;
    if (e.twa) {
      EXPECT_NEAR(live.twa, *e.twa, 1e-9) << trial;
    }
    EXPECT_NEAR(live.max, *e.max, 0) << trial;
  }
}

TEST(Evaluation, OrderAndSplittingChangeNoAverage) {
  std::mt19937 random(6);
  for (int trial = 0; trial < 50; ++trial) {
    auto day = random_day(random);
    const auto e = evaluate_day(agent(10), {}, day);
    std::vector<Segment> split;
    for (const auto& s : day) split.insert(split.end(), 2, {s.minutes / 2, s.value});
    std::shuffle(split.begin(), split.end(), random);
    const auto f = evaluate_day(agent(10), {}, split);
    ASSERT_EQ(e.twa.has_value(), f.twa.has_value());
    if (e.twa) {
      EXPECT_NEAR(*e.twa, *f.twa, 1e-9);
    }
    EXPECT_NEAR(*e.coverage, *f.coverage, 1e-12);
  }
}

}  // namespace
}  // namespace hazgate::core
