#include "core/units.hpp"

#include <gtest/gtest.h>

#include "core/limit.hpp"

namespace hazgate::core {
namespace {

TEST(Units, ReadEverySymbolThatTheyWrite) {
  for (int i = 0; i <= static_cast<int>(Unit::one); ++i) {
    const auto unit = static_cast<Unit>(i);
    EXPECT_EQ(unit_from(symbol(unit)), unit) << symbol(unit);
    EXPECT_NE(unit_symbols().find(symbol(unit)), std::string_view::npos) << symbol(unit);
  }
  EXPECT_FALSE(unit_from("furlong"));
}

struct Case {
  Unit from, to;
  double molar_mass, factor;
};
class Conversion : public testing::TestWithParam<Case> {};

TEST_P(Conversion, TakesValuesThereAndBack) {
  const auto [from, to, mass, factor] = GetParam();
  EXPECT_DOUBLE_EQ(conversion_factor(from, to, GramPerMol{mass}).value(), factor);
  EXPECT_DOUBLE_EQ(conversion_factor(to, from, GramPerMol{mass}).value(), 1 / factor);
}
// GBZ 2.1-2019 formula A.2: 1 ppm of benzene (78.114 g/mol) is 78.114 / 24.05 = 3.248 mg/m3.
INSTANTIATE_TEST_SUITE_P(Units, Conversion,
                         testing::Values(Case{Unit::ug_per_m3, Unit::mg_per_m3, 1, 1e-3},
                                         Case{Unit::g_per_m3, Unit::mg_per_m3, 1, 1e3},
                                         Case{Unit::ppb, Unit::ppm, 1, 1e-3},
                                         Case{Unit::percent_volume, Unit::ppm, 1, 1e4},
                                         Case{Unit::pascal, Unit::hectopascal, 1, 1e-2},
                                         Case{Unit::ppm, Unit::mg_per_m3, 78.114, 78.114 / 24.05},
                                         Case{Unit::ppb, Unit::ug_per_m3, 78.114, 78.114 / 24.05}));

TEST(Conversion, NeedsAMolarMassBetweenFractionAndMass) {
  EXPECT_FALSE(conversion_factor(Unit::ppm, Unit::mg_per_m3, {}));
}

TEST(Conversion, RefusesAnotherDimension) {
  EXPECT_FALSE(conversion_factor(Unit::db_a, Unit::mg_per_m3, GramPerMol{1}));
  EXPECT_FALSE(conversion_factor(Unit::db_c, Unit::db_a, {}));
  EXPECT_FALSE(conversion_factor(Unit::pascal, Unit::ppm, GramPerMol{1}));
  EXPECT_FALSE(conversion_factor(Unit::percent_lel, Unit::ppm, GramPerMol{1}));
}

TEST(Conversion, TakesTheMolarVolumeOfTheAmbientStateWhenAsked) {
  EXPECT_DOUBLE_EQ(*conversion_factor(Unit::ppb, Unit::ug_per_m3, GramPerMol{78.114}, ambient_molar_volume),
                   78.114 / 24.465);
}

TEST(Agent, FindsItsLimitByKind) {
  const Agent agent{
      .limits = {{LimitKind::pc_twa, 3, Unit::mg_per_m3, "a"}, {LimitKind::pc_stel, 6, Unit::mg_per_m3, "b"}}};
  ASSERT_TRUE(agent.limit(LimitKind::pc_stel));
  EXPECT_EQ(agent.limit(LimitKind::pc_stel)->value, 6);
  EXPECT_FALSE(agent.limit(LimitKind::mac));
}

}  // namespace
}  // namespace hazgate::core
