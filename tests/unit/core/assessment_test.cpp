#include "core/assessment.hpp"

#include <gmock/gmock.h>

#include <cmath>

namespace hazgate::core::assessment_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using Samples = std::vector<LabSample>;

Limit limit(LimitKind kind, double value, Unit unit = Unit::mg_per_m3) { return {kind, value, unit, "a source"}; }

/// PC-TWA 3, PC-STEL 6.
const Agent benzene{.id = "cas:71-43-2", .limits = {limit(LimitKind::pc_twa, 3), limit(LimitKind::pc_stel, 6)}};
/// PC-TWA alone: 3 PC-TWA is 30, 5 PC-TWA is 50.
const Agent solvent{.id = "gbz:1", .limits = {limit(LimitKind::pc_twa, 10)}};
const Agent formaldehyde{.id = "cas:50-00-0", .limits = {limit(LimitKind::mac, 0.5)}};
const Agent noise{.id = "noise", .limits = {limit(LimitKind::lex_8h, 85, Unit::db_a)}, .unit = Unit::db_a};
const Agent unlimited{.id = "cas:1-2-3"};

LabSample sample(int begin, int end, double value, bool below_loq = false) {
  return {.begin_minute = begin, .end_minute = end, .value = value, .below_loq = below_loq};
}

Assessment at_fixed_point(Samples samples) {
  Assessment a;
  a.samples = std::move(samples);
  return a;
}
Assessment of_person(Samples samples) {
  auto a = at_fixed_point(std::move(samples));
  a.subject_kind = SubjectKind::person;
  return a;
}

const LimitLine* line(const AssessmentJudgement& judgement, LimitKind kind) {
  for (const auto& one : judgement.lines)
    if (one.kind == kind) return &one;
  return nullptr;
}

constexpr int h = 60;

TEST(JudgeAssessment, AveragesTheHoursOfTheDayByTheEngineOfLiveData) {
  const auto judged = judge(at_fixed_point({sample(8 * h, 12 * h, 2), sample(13 * h, 17 * h, 1)}), benzene);
  EXPECT_DOUBLE_EQ(judged.average, 1.5);
  EXPECT_EQ(judged.verdict, Verdict::compliant);
  EXPECT_THAT(judged.notes, ElementsAre(AssessmentNote::stel_not_measured));
  EXPECT_EQ(line(judged, LimitKind::pc_stel)->verdict, Verdict::insufficient);
  const std::array segments{Segment{.minutes = 240, .value = 2}, Segment{.minutes = 240, .value = 1}};
  EXPECT_DOUBLE_EQ(judged.average, *evaluate_day(benzene, {.hours_per_day = 8}, segments).twa);
}

TEST(JudgeAssessment, OfAPersonTakesTheResultForTheWholeExposure) {  // C Td / 8, GBZ 331-2024 G.1
  auto a = of_person({sample(8 * h, 12 * h, 4)});
  a.exposure_hours = 6;
  const auto judged = judge(a, benzene);
  EXPECT_DOUBLE_EQ(judged.average, 3);
  EXPECT_NEAR(judged.sampled_share, 4.0 / 6, 1e-12);
  EXPECT_EQ(line(judged, LimitKind::pc_twa)->verdict, Verdict::compliant) << "a value equal to its limit complies";
}

TEST(JudgeAssessment, WeighsSamplesByWhatTheyStandFor) {  // sum(C T) / 8, GBZ 2.1-2019 A.2.2.2
  auto a = at_fixed_point({sample(8 * h, 9 * h, 10), sample(10 * h, 12 * h, 1)});
  a.samples[0].stands_for_minutes = 2 * h;
  a.samples[1].stands_for_minutes = 6 * h;
  EXPECT_DOUBLE_EQ(judge(a, benzene).average, (10 * 2 + 1 * 6) / 8.0);
}

struct Share {
  SubjectKind kind;
  int minutes;
  bool enough;
};
class SampledShare : public testing::TestWithParam<Share> {};
TEST_P(SampledShare, IsAQuarterAtAPointAndHalfOfAPerson) {
  const auto [kind, minutes, enough] = GetParam();
  auto a = at_fixed_point({sample(8 * h, 8 * h + minutes, 1)});
  a.subject_kind = kind;
  const auto judged = judge(a, benzene);
  EXPECT_EQ(judged.verdict, enough ? Verdict::compliant : Verdict::insufficient);
  EXPECT_EQ(testing::Value(judged.notes, Contains(AssessmentNote::sampled_too_little)), !enough);
}
INSTANTIATE_TEST_SUITE_P(Gbz331, SampledShare,
                         testing::Values(Share{SubjectKind::fixed, 119, false}, Share{SubjectKind::fixed, 120, true},
                                         Share{SubjectKind::person, 239, false},
                                         Share{SubjectKind::person, 240, true}));

TEST(JudgeAssessment, TellsWhatIsProvedThoughTooLittleWasSampled) {
  const auto judged = judge(at_fixed_point({sample(8 * h, 9 * h, 25)}), solvent);
  EXPECT_EQ(judged.verdict, Verdict::insufficient);
  const auto proved = judge(at_fixed_point({sample(8 * h, 9 * h, 81)}), solvent);  // 81 / 8 > 10
  EXPECT_TRUE(proved.breaches.has(Breach::pc_twa));
  EXPECT_EQ(proved.verdict, Verdict::exceeds);
}

TEST(JudgeAssessment, AveragesShortSamplesOnlyWhenTwoLieAnHourApart) {
  const auto apart =
      judge(at_fixed_point({sample(9 * h, 9 * h + 15, 2), sample(10 * h + 15, 10 * h + 30, 4)}), benzene);
  EXPECT_DOUBLE_EQ(apart.average, 3);
  EXPECT_DOUBLE_EQ(apart.short_time, 4);
  EXPECT_EQ(apart.verdict, Verdict::compliant);
  const auto close = judge(at_fixed_point({sample(9 * h, 9 * h + 15, 2), sample(10 * h, 10 * h + 15, 2)}), benzene);
  EXPECT_THAT(close.notes, Contains(AssessmentNote::too_few_short));
  EXPECT_EQ(close.verdict, Verdict::insufficient);
}

TEST(JudgeAssessment, AShortSampleThatStandsForHoursMakesNoLongStretch) {
  // Above PC-TWA for 15 min twice, as GBZ 2.1-2019 6.3.2 allows it; the average is judged by itself.
  auto a = at_fixed_point({sample(9 * h, 9 * h + 15, 5), sample(14 * h, 14 * h + 15, 0.5)});
  const auto judged = judge(a, benzene);
  EXPECT_FALSE(judged.breaches.has(Breach::pc_stel));
  EXPECT_DOUBLE_EQ(judged.average, 2.75);
  EXPECT_EQ(judged.verdict, Verdict::compliant);
}

TEST(JudgeAssessment, HoldsShortSamplesAgainstThePcStel) {
  const Samples day{sample(8 * h, 12 * h, 1), sample(12 * h, 12 * h + 15, 6.1), sample(13 * h, 17 * h, 1)};
  const auto judged = judge(at_fixed_point(day), benzene);
  EXPECT_TRUE(judged.breaches.has(Breach::pc_stel));
  EXPECT_EQ(line(judged, LimitKind::pc_twa)->verdict, Verdict::compliant);
  EXPECT_EQ(line(judged, LimitKind::pc_stel)->verdict, Verdict::exceeds);
  EXPECT_EQ(judged.verdict, Verdict::exceeds);
  EXPECT_EQ(judged.exposure_class, ExposureClass::class_4);
  auto equal = day;
  equal[1].value = 6;
  EXPECT_EQ(judge(at_fixed_point(equal), benzene).verdict, Verdict::compliant);
}

TEST(JudgeAssessment, CountsPeaksAboveThreeTimesAndForbidsFive) {  // GBZ 2.1-2019 6.3.3
  const auto with_peak = [](double peak) {
    return judge(
        at_fixed_point({sample(8 * h, 12 * h, 1), sample(13 * h, 13 * h + 15, peak), sample(14 * h, 17 * h, 1)}),
        solvent);
  };
  EXPECT_THAT(with_peak(29).notes, IsEmpty());
  EXPECT_THAT(with_peak(31).notes, ElementsAre(AssessmentNote::peaks_counted));
  EXPECT_EQ(with_peak(31).verdict, Verdict::compliant);
  EXPECT_TRUE(with_peak(51).breaches.has(Breach::pe_5x));
  EXPECT_EQ(with_peak(51).verdict, Verdict::exceeds);
}

TEST(JudgeAssessment, ForbidsHoursAboveThePcTwaUnlessTheAverageHasDecidedTheCase) {  // GBZ 2.1-2019 6.3.2
  const auto of = [](double morning) {
    return judge(at_fixed_point({sample(8 * h, 12 * h, morning), sample(13 * h, 17 * h, 1)}), benzene);
  };
  const auto stretch = of(4);  // C_TWA 2.5 complies
  EXPECT_TRUE(stretch.breaches.has(Breach::pc_stel));
  EXPECT_THAT(stretch.notes, Contains(AssessmentNote::stretches_broken));
  EXPECT_EQ(line(stretch, LimitKind::pc_twa)->verdict, Verdict::compliant);
  const auto decided = of(5.5);  // C_TWA 3.25
  EXPECT_FALSE(decided.breaches.has(Breach::pc_stel));
  EXPECT_EQ(line(decided, LimitKind::pc_stel)->verdict, Verdict::insufficient);
  EXPECT_EQ(decided.verdict, Verdict::exceeds);
}

TEST(JudgeAssessment, ComparesTheGreatestWithAMac) {
  EXPECT_EQ(
      judge(at_fixed_point({sample(8 * h, 8 * h + 15, 0.5), sample(9 * h, 9 * h + 15, 0.2)}), formaldehyde).verdict,
      Verdict::compliant);
  const auto judged = judge(at_fixed_point({sample(8 * h, 8 * h + 15, 0.51)}), formaldehyde);
  EXPECT_TRUE(judged.breaches.has(Breach::mac));
  EXPECT_EQ(judged.lines.front().clause, "GBZ 2.1-2019 6.3.1");
}

TEST(JudgeAssessment, SaysLessThanTheQuantificationLimitAndNoNumber) {  // GBZ 331-2024 G.1.1.2 b
  const auto judged = judge(at_fixed_point({sample(8 * h, 12 * h, 0.3, true)}), benzene);
  EXPECT_TRUE(std::isnan(judged.average));
  EXPECT_DOUBLE_EQ(judged.average_loq, 0.3);
  EXPECT_TRUE(line(judged, LimitKind::pc_twa)->below_loq);
  EXPECT_EQ(judged.verdict, Verdict::compliant);
  const auto useless = judge(at_fixed_point({sample(8 * h, 16 * h, 4, true)}), benzene);
  EXPECT_THAT(useless.notes, Contains(AssessmentNote::loq_too_high));
  EXPECT_EQ(useless.verdict, Verdict::insufficient);
}

TEST(JudgeAssessment, ALimitNotReachedEntersTheSumAsItself) {
  const auto judged = judge(at_fixed_point({sample(8 * h, 12 * h, 0.4, true), sample(12 * h, 16 * h, 2)}), benzene);
  EXPECT_DOUBLE_EQ(judged.average, 1.2);
}

TEST(JudgeAssessment, ReducesThePcTwaForLongShiftsWhereDecided) {  // RF of 12 h: 0.5, GBZ 2.1-2019 A.5
  auto reduced = benzene;
  reduced.reduced_for_long_shifts = true;
  auto a = of_person({sample(8 * h, 20 * h, 1.6)});
  a.shift_hours = 12;
  const auto judged = judge(a, reduced);
  EXPECT_DOUBLE_EQ(line(judged, LimitKind::pc_twa)->limit, 1.5);
  EXPECT_DOUBLE_EQ(line(judged, LimitKind::pc_twa)->printed_limit, 3);
  EXPECT_EQ(judged.rule, TwaRule::real_time);
  EXPECT_EQ(judged.verdict, Verdict::exceeds);
  EXPECT_EQ(judge(a, benzene).verdict, Verdict::compliant) << "1.6 * 12 / 8 = 2.4 below 3 where it is not reduced";
}

TEST(JudgeAssessment, JudgesNoTwaForAnHourADay) {
  auto a = at_fixed_point({sample(8 * h, 8 * h + 15, 5)});
  a.exposure_hours = 1;
  const auto judged = judge(a, benzene);
  EXPECT_EQ(line(judged, LimitKind::pc_twa), nullptr);
  EXPECT_EQ(judged.verdict, Verdict::compliant);
  EXPECT_THAT(judged.notes, ElementsAre(AssessmentNote::short_exposure));
}

TEST(JudgeAssessment, AddsEnergiesOfNoise) {
  auto a = at_fixed_point({sample(8 * h, 10 * h, 80), sample(10 * h, 12 * h, 90)});
  const auto judged = judge(a, noise);
  EXPECT_NEAR(judged.average, 10 * std::log10((1e8 + 1e9) / 2), 1e-9);
  EXPECT_EQ(judged.lines.front().figure_name, "L_EX,8h");
  EXPECT_EQ(judged.verdict, Verdict::exceeds);
  a.days_per_week = 6;
  const auto week = judge(a, noise);
  EXPECT_EQ(week.lines.front().figure_name, "L_EX,40h");
  EXPECT_NEAR(week.average - judged.average, 10 * std::log10(6.0 / 5), 1e-9);
  EXPECT_THAT(week.notes, Contains(AssessmentNote::week_assumed));
}

TEST(JudgeAssessment, OfWhatHasNoLimitGivesTheAverageAndNoVerdict) {
  const auto judged = judge(at_fixed_point({sample(8 * h, 16 * h, 2)}), unlimited);
  EXPECT_EQ(judged.verdict, Verdict::no_limit);
  EXPECT_DOUBLE_EQ(judged.average, 2);
  EXPECT_THAT(judged.lines, IsEmpty());
}

}  // namespace
}  // namespace hazgate::core::assessment_test
