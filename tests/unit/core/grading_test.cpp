#include "core/grading.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <ostream>

namespace hazgate::core {
namespace grading_test {

using testing::TestWithParam;
using testing::Values;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

struct ChemicalRow {
  const char* clause;
  Toxicity toxicity;
  WorkClass work;
  double ratio;
  bool raised;
  const char* grade;
  char confidence = 'B';
};
void PrintTo(const ChemicalRow& row, std::ostream* os) { *os << row.clause << ", B = " << row.ratio; }

ChemicalWork work_of(const ChemicalRow& row) { return {row.toxicity, row.work, row.ratio, row.raised}; }

class GradeOfChemicalWork : public TestWithParam<ChemicalRow> {};
TEST_P(GradeOfChemicalWork, FollowsTheIndexAndItsExceptions) {
  const auto graded = grade_chemical(work_of(GetParam()));
  ASSERT_TRUE(graded);
  EXPECT_EQ(name(graded->grade), GetParam().grade);
  EXPECT_EQ(graded->confidence, GetParam().confidence);
  EXPECT_EQ(graded->provisional, GetParam().confidence == 'C');
}
INSTANTIATE_TEST_SUITE_P(
    ByIndex, GradeOfChemicalWork,
    Values(ChemicalRow{"W_B = 0 up to half of the limit", Toxicity::extreme, WorkClass::class_4, 0.5, false, "0"},
           ChemicalRow{"nothing measured above zero", Toxicity::light, WorkClass::class_1, 0, false, "0"},
           ChemicalRow{"just above half", Toxicity::light, WorkClass::class_1, 0.5001, false, "I"},
           ChemicalRow{"G = 6", Toxicity::extreme, WorkClass::class_1, 0.75, false, "I"},
           ChemicalRow{"G = 6.008", Toxicity::extreme, WorkClass::class_1, 0.751, false, "II"},
           ChemicalRow{"G = 24", Toxicity::high, WorkClass::class_3, 3, false, "II"},
           ChemicalRow{"G = 24.008", Toxicity::high, WorkClass::class_3, 3.001, false, "III"}));
INSTANTIATE_TEST_SUITE_P(
    AboveTheLimit, GradeOfChemicalWork,
    Values(ChemicalRow{"B = 1 is no more than the limit", Toxicity::light, WorkClass::class_1, 1, false, "I"},
           ChemicalRow{"noise of a sum is not above it", Toxicity::light, WorkClass::class_1, 1 + 1e-12, false, "I"},
           ChemicalRow{"B > 1 is II at least", Toxicity::light, WorkClass::class_1, 1.01, false, "II"},
           ChemicalRow{"and may be more", Toxicity::extreme, WorkClass::class_4, 1.3, false, "III"}));
INSTANTIATE_TEST_SUITE_P(
    OneGradeUp, GradeOfChemicalWork,
    Values(ChemicalRow{"from 0", Toxicity::light, WorkClass::class_1, 0.1, true, "I", 'C'},
           ChemicalRow{"from I", Toxicity::light, WorkClass::class_1, 0.9, true, "II", 'C'},
           ChemicalRow{"from the II of B > 1", Toxicity::light, WorkClass::class_1, 1.01, true, "III", 'C'},
           ChemicalRow{"III stays, and stays as sure", Toxicity::extreme, WorkClass::class_4, 1.3, true, "III"}));

TEST(ChemicalWork, SaysWhichRuleDecided) {
  const auto source = [](double ratio, bool raised) {
    return grade_chemical({Toxicity::light, WorkClass::class_1, ratio, raised})->source;
  };
  EXPECT_EQ(source(0.9, false), "GBZ/T 229.2-2025, G = W_D W_B W_L");
  EXPECT_EQ(source(1.5, false), "GBZ/T 229.2-2025, B > 1: II at least");
  EXPECT_TRUE(source(1.5, true).starts_with("GBZ/T 229.2-2025, one grade up:"));
}

TEST(ChemicalWork, ShowsTheWeights) {
  const auto index = [](Toxicity toxicity, WorkClass work, double ratio) {
    return *grade_chemical({toxicity, work, ratio, false})->index;
  };
  EXPECT_EQ(index(Toxicity::light, WorkClass::class_1, 0.6), (GradeIndex{1, 0.6, 1}));
  EXPECT_EQ(index(Toxicity::moderate, WorkClass::class_2, 2), (GradeIndex{2, 2, 1.5}));
  EXPECT_EQ(index(Toxicity::high, WorkClass::class_3, 0.5), (GradeIndex{4, 0, 2}));
  EXPECT_EQ(index(Toxicity::extreme, WorkClass::class_4, 1), (GradeIndex{8, 1, 2.5}));
  EXPECT_DOUBLE_EQ(index(Toxicity::moderate, WorkClass::class_2, 2).g(), 6);
}

class IncompleteChemicalWork : public TestWithParam<ChemicalWork> {};
TEST_P(IncompleteChemicalWork, HasNoGrade) { EXPECT_FALSE(grade_chemical(GetParam())); }
INSTANTIATE_TEST_SUITE_P(EachPart, IncompleteChemicalWork,
                         Values(ChemicalWork{{}, WorkClass::class_2, 0.7, false},
                                ChemicalWork{Toxicity::high, {}, 0.7, false},
                                ChemicalWork{Toxicity::high, WorkClass::class_2, 0.7, {}},
                                ChemicalWork{Toxicity::high, WorkClass::class_2, {}, false},
                                ChemicalWork{Toxicity::high, WorkClass::class_2, nan, false},
                                ChemicalWork{Toxicity::high, WorkClass::class_2, infinity, false},
                                ChemicalWork{Toxicity::high, WorkClass::class_2, -0.1, false}));

struct PartRow {
  const char* part;
  std::optional<int> ToxicCategories::*category;
  int weight;
};
void PrintTo(const PartRow& row, std::ostream* os) { *os << row.part; }

class WeightInTheIndex : public TestWithParam<PartRow> {};
TEST_P(WeightInTheIndex, CountsEachStepFromTheBestCategory) {
  ToxicCategories categories{5, 5, 5, 5, 5, 5, 5, 5};
  for (int category = 5; category >= 1; --category) {
    categories.*GetParam().category = category;
    EXPECT_EQ(toxic_hazard_index(categories), GetParam().weight * (5 - category));
  }
}
TEST_P(WeightInTheIndex, AMissingOrUnknownCategoryGivesNone) {
  ToxicCategories categories{1, 1, 1, 1, 1, 1, 1, 1};
  EXPECT_EQ(toxic_hazard_index(categories), 100);
  for (const std::optional<int> category : {std::optional<int>{}, {0}, {6}}) {
    categories.*GetParam().category = category;
    EXPECT_FALSE(toxic_hazard_index(categories));
  }
}
INSTANTIATE_TEST_SUITE_P(Table1, WeightInTheIndex,  // GBZ/T 230-2025
                         Values(PartRow{"acute inhalation", &ToxicCategories::acute_inhalation, 5},
                                PartRow{"acute dermal", &ToxicCategories::acute_dermal, 2},
                                PartRow{"irritation", &ToxicCategories::irritation, 3},
                                PartRow{"sensitisation", &ToxicCategories::sensitisation, 3},
                                PartRow{"reproduction", &ToxicCategories::reproduction, 3},
                                PartRow{"carcinogenicity", &ToxicCategories::carcinogenicity, 5},
                                PartRow{"spread", &ToxicCategories::spread, 3},
                                PartRow{"accumulation", &ToxicCategories::accumulation, 1}));

struct BoundRow {
  int index;
  const char* toxicity;
};
void PrintTo(const BoundRow& row, std::ostream* os) { *os << row.index << " gives " << row.toxicity; }

class ToxicityOfAnIndex : public TestWithParam<BoundRow> {};
TEST_P(ToxicityOfAnIndex, ABoundBelongsToTheWorseClass) {
  EXPECT_EQ(name(toxicity(GetParam().index)), GetParam().toxicity);
}
INSTANTIATE_TEST_SUITE_P(Clause5_3, ToxicityOfAnIndex,  // GBZ/T 230-2025
                         Values(BoundRow{0, "light"}, BoundRow{34, "light"}, BoundRow{35, "moderate"},
                                BoundRow{49, "moderate"}, BoundRow{50, "high"}, BoundRow{64, "high"},
                                BoundRow{65, "extreme"}, BoundRow{100, "extreme"}));

struct DustRow {
  const char* clause;
  double sio2_percent;
  WorkClass work;
  double ratio;
  const char* grade;
  bool provisional;
};
void PrintTo(const DustRow& row, std::ostream* os) { *os << row.clause << ", B = " << row.ratio; }

class GradeOfDustWork : public TestWithParam<DustRow> {};
TEST_P(GradeOfDustWork, FollowsTheIndex) {
  const auto& row = GetParam();
  const auto graded = grade_dust({row.sio2_percent, row.work, row.ratio});
  ASSERT_TRUE(graded);
  EXPECT_EQ(name(graded->grade), row.grade);
  EXPECT_EQ(graded->provisional, row.provisional);
  EXPECT_EQ(graded->confidence, 'B');
  EXPECT_EQ(graded->source.find("unclear") != std::string::npos, row.provisional);
}
INSTANTIATE_TEST_SUITE_P(Table, GradeOfDustWork,
                         Values(DustRow{"W_B = 0", 90, WorkClass::class_4, 0.5, "0", true},
                                DustRow{"up to the limit: I or II", 5, WorkClass::class_1, 1, "II", true},
                                DustRow{"up to the limit: I or III", 90, WorkClass::class_4, 1, "III", true},
                                DustRow{"above the limit it is clear", 5, WorkClass::class_1, 1.01, "II", false},
                                DustRow{"G = 6", 10, WorkClass::class_2, 2, "II", false},
                                DustRow{"G = 6.003", 10, WorkClass::class_2, 2.001, "III", false},
                                DustRow{"G = 16", 81, WorkClass::class_3, 2, "III", false},
                                DustRow{"G = 16.008", 81, WorkClass::class_3, 2.001, "IV", false}));

struct SilicaRow {
  double sio2_percent, w_m;
};
void PrintTo(const SilicaRow& row, std::ostream* os) { *os << row.sio2_percent << " % gives " << row.w_m; }

class WeightOfSilica : public TestWithParam<SilicaRow> {};
TEST_P(WeightOfSilica, ItsBandsMeetAsThoseOfTheLimits) {
  EXPECT_EQ(grade_dust({GetParam().sio2_percent, WorkClass::class_1, 2})->index, (GradeIndex{GetParam().w_m, 2, 1}));
}
INSTANTIATE_TEST_SUITE_P(ByContent, WeightOfSilica,
                         Values(SilicaRow{0, 1}, SilicaRow{9.99, 1}, SilicaRow{10, 2}, SilicaRow{50, 2},
                                SilicaRow{50.01, 3}, SilicaRow{80, 3}, SilicaRow{80.01, 4}, SilicaRow{100, 4}));

class IncompleteDustWork : public TestWithParam<DustWork> {};
TEST_P(IncompleteDustWork, HasNoGrade) { EXPECT_FALSE(grade_dust(GetParam())); }
INSTANTIATE_TEST_SUITE_P(EachPart, IncompleteDustWork,
                         Values(DustWork{{}, WorkClass::class_1, 2}, DustWork{20, {}, 2},
                                DustWork{20, WorkClass::class_1, {}}, DustWork{20, WorkClass::class_1, nan},
                                DustWork{20, WorkClass::class_1, -0.1}, DustWork{nan, WorkClass::class_1, 2},
                                DustWork{-1, WorkClass::class_1, 2}, DustWork{100.1, WorkClass::class_1, 2}));

struct FigureRow {
  double figure;
  const char* grade;
};
void PrintTo(const FigureRow& row, std::ostream* os) { *os << row.figure << " gives " << row.grade; }

class GradeOfNoiseWork : public TestWithParam<FigureRow> {};
TEST_P(GradeOfNoiseWork, IsProvisionalAtAnyLevel) {  // GBZ/T 229.4-2012, own knowledge
  const auto graded = grade_noise(GetParam().figure);
  ASSERT_TRUE(graded);
  EXPECT_EQ(name(graded->grade), GetParam().grade);
  EXPECT_EQ(graded->confidence, 'C');
  EXPECT_TRUE(graded->provisional);
  EXPECT_FALSE(graded->index);
}
INSTANTIATE_TEST_SUITE_P(ByLevel, GradeOfNoiseWork,
                         Values(FigureRow{-infinity, "none"}, FigureRow{84.99, "none"}, FigureRow{85, "I"},
                                FigureRow{85 - 1e-12, "I"}, FigureRow{89.99, "I"}, FigureRow{90, "II"},
                                FigureRow{94.5, "II"}, FigureRow{95, "III"}, FigureRow{99.99, "III"},
                                FigureRow{100, "IV"}));

class ClassOfCoalDust : public TestWithParam<FigureRow> {};
TEST_P(ClassOfCoalDust, ABoundBelongsToTheClassBelow) {  // GBZ/T 342-2025 Table 1
  const auto graded = grade_coal_dust(GetParam().figure);
  ASSERT_TRUE(graded);
  EXPECT_EQ(name(graded->grade), GetParam().grade);
  EXPECT_EQ(graded->source, "GBZ/T 342-2025 Table 1");
  EXPECT_EQ(graded->confidence, 'A');
  EXPECT_FALSE(graded->provisional);
}
INSTANTIATE_TEST_SUITE_P(ByConcentration, ClassOfCoalDust,
                         Values(FigureRow{0, "I"}, FigureRow{1.25, "I"}, FigureRow{1.26, "II"}, FigureRow{2.5, "II"},
                                FigureRow{2.51, "III"}, FigureRow{6, "III"}, FigureRow{6.01, "IV"}, FigureRow{16, "IV"},
                                FigureRow{16.01, "V"}));

TEST(GradeByOneFigure, NeedsThatFigure) {
  EXPECT_FALSE(grade_noise({}));
  EXPECT_FALSE(grade_noise(nan));
  EXPECT_FALSE(grade_noise(infinity));
  EXPECT_FALSE(grade_coal_dust({}));
  EXPECT_FALSE(grade_coal_dust(nan));
  EXPECT_FALSE(grade_coal_dust(-0.1));
  EXPECT_FALSE(grade_coal_dust(infinity));
}

TEST(GradeNames, AreTheNumeralsOfTheStandards) {
  EXPECT_EQ(name(Grade::none), "none");
  EXPECT_EQ(name(Grade::grade_5), "V");
  EXPECT_EQ(name(WorkClass::class_1), "I");
  EXPECT_EQ(name(WorkClass::class_4), "IV");
}

}  // namespace grading_test
}  // namespace hazgate::core
