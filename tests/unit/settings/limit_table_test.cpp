// The tables as they lie in config/: which limits an agent word gets, and that their figures hang together.
#include "settings/limit_table.hpp"

#include <gmock/gmock.h>

#include <cmath>

#include "settings/csv.hpp"
#include "settings/toml_document.hpp"

namespace hazgate::settings {
namespace {

using core::LimitKind;
using testing::DoubleNear;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const LimitTable& table() {
  static const LimitTable read = [] {
    Problems problems;
    LimitTable t = LimitTable::read({SOURCE_DIR "/config"}, problems);
    EXPECT_THAT(problems, IsEmpty()) << to_string(problems.at(0));
    return t;
  }();
  return read;
}

core::Agent agent(std::string_view word) {
  const auto answer = table().agent(word);
  EXPECT_TRUE(answer.has_value()) << (answer ? "" : answer.error().why);
  return answer ? *answer : core::Agent{};
}
std::string trouble(std::string_view word) {
  const auto answer = table().agent(word);
  EXPECT_TRUE(answer.has_error()) << word;
  return answer ? "" : answer.error().why;
}
double limit(std::string_view word, LimitKind kind) {
  const core::Agent found = agent(word);
  const core::Limit* one = found.limit(kind);
  return one ? one->value : 0;
}

struct Case {
  const char* word;
  LimitKind kind;
  double value;
  const char* source;
};
class LimitOf : public testing::TestWithParam<Case> {};
TEST_P(LimitOf, TheAgentCarriesItsSource) {
  const core::Agent found = agent(GetParam().word);
  const core::Limit* one = found.limit(GetParam().kind);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->value, GetParam().value);
  EXPECT_EQ(one->source, GetParam().source);
}
INSTANTIATE_TEST_SUITE_P(
    LimitTable, LimitOf,
    testing::Values(
        Case{"cas:71-43-2", LimitKind::pc_stel, 6, "GBZ 2.1-2019 Amendment 1 (2022) Table 1 no. 12"},
        Case{"cas:7783-06-4", LimitKind::mac, 10, "GBZ 2.1-2019 Table 1 no. 175"},
        Case{"cas:34256-82-1", LimitKind::pc_twa, 0.12,
             "GBZ 2.1-2019 Amendment 2 (in force 2025-05-01) Table 1 no. 359"},
        Case{"cas:95-47-6", LimitKind::pc_twa, 50, "GBZ 2.1-2019 Table 1 no. 69"},  // one of several CAS of a row
        Case{"cas:106-42-3", LimitKind::pc_stel, 100,
             "GBZ 2.1-2019 Table 1 no. 69"},  // an isomer the row does not name
        Case{"gbz:33", LimitKind::pc_twa, 300, "GBZ 2.1-2019 Table 1 no. 33"},
        Case{"dust:49:total", LimitKind::pc_twa, 8, "GBZ 2.1-2019 Table 2 no. 49, total dust"},
        Case{"dust:40-1:respirable", LimitKind::pc_twa, 0.7, "GBZ 2.1-2019 Table 2 no. 40-1, respirable dust"},
        Case{"noise", LimitKind::lex_8h, 85, "GBZ 2.2-2007 11.2.1"},
        Case{"wbgt:75:III", LimitKind::wbgt, 28, "GBZ 2.2-2007 Table 8, contact time rate 75 %, work class III"}));

struct HeatRow {
  int rate;
  std::array<double, 4> classes;  ///< I to IV
};
class HeatLimit : public testing::TestWithParam<HeatRow> {};
TEST_P(HeatLimit, GoesByContactTimeRateAndWorkClassAndRisesInAHotClimate) {
  const std::array words{"I", "II", "III", "IV"};
  for (std::size_t c = 0; c < words.size(); ++c) {
    const auto found = agent("wbgt:" + std::to_string(GetParam().rate) + ":" + words[c]);
    const double printed = GetParam().classes[c];
    EXPECT_EQ(found.unit, core::Unit::degree_celsius);
    ASSERT_THAT(found.limits, SizeIs(1));
    EXPECT_EQ(found.limits[0].value, printed);
    EXPECT_EQ(in_climate(found, 29.9), found);
    for (const double hot : {30.0, 31.0}) EXPECT_EQ(in_climate(found, hot).limits[0].value, printed + 1) << hot;
    EXPECT_THAT(in_climate(found, 31).limits[0].source,
                testing::EndsWith(", 10.2.2: +1 at an outdoor ventilation of 31 degC"));
  }
}
INSTANTIATE_TEST_SUITE_P(Table8, HeatLimit,  // GBZ 2.2-2007 Table 8, 10.2.2
                         testing::Values(HeatRow{100, {30, 28, 26, 25}}, HeatRow{75, {31, 29, 28, 26}},
                                         HeatRow{50, {32, 30, 29, 28}}, HeatRow{25, {33, 32, 31, 30}}));

TEST(LimitTable, OnlyHeatRisesInAHotClimate) { EXPECT_EQ(in_climate(agent("noise"), 35), agent("noise")); }

TEST(LimitTable, AHeatThatIsNotInTheTableIsToldWhatThereIs) {
  for (const char* word :
       {"wbgt:80:III", "wbgt:75:V", "wbgt:75:3", "wbgt", "wbgt:", "wbgt:75", "wbgt::", "wbgt:075:III", "wbgt:75:III:"})
    EXPECT_THAT(trouble(word), HasSubstr("expected wbgt:<contact time rate 25|50|75|100>:<work class I|II|III|IV>"));
}

// The row of carbon monoxide depends on altitude; the bare CAS is the row below 2000 m.
TEST(LimitTable, TakesCarbonMonoxideBelow2000mUnlessARowIsNamed) {
  EXPECT_EQ(limit("cas:630-08-0", LimitKind::pc_stel), 30);
  EXPECT_EQ(limit("cas:630-08-0", LimitKind::mac), 0);
  EXPECT_EQ(limit("gbz:313-2", LimitKind::mac), 20);
  EXPECT_EQ(limit("gbz:313-3", LimitKind::mac), 15);
  EXPECT_THAT(trouble("gbz:313"), HasSubstr("expected gbz:313-1, gbz:313-2, gbz:313-3"));
}

TEST(LimitTable, KnowsASubstanceWithoutALimit) {
  const core::Agent ethane = agent("cas:74-84-0");
  EXPECT_THAT(ethane.limits, IsEmpty());
  EXPECT_THAT(ethane.molar_mass->value, DoubleNear(30.070, 1e-9));
  EXPECT_EQ(ethane.name_zh, "乙烷");
}

TEST(LimitTable, CountsThePartThatTheLimitNames) {
  EXPECT_THAT(agent("cas:74-90-8").molar_mass->value, DoubleNear(26.018, 1e-9));  // HCN as CN
  EXPECT_THAT(agent("gbz:231").molar_mass->value, DoubleNear(26.018, 1e-9));
  EXPECT_THAT(agent("cas:10102-44-0").molar_mass->value, DoubleNear(46.005, 1e-9));
}

TEST(LimitTable, GivesAFamilyOfUnlikeMassesNone) {
  EXPECT_FALSE(agent("gbz:95").molar_mass);  // NO and NO2
  EXPECT_TRUE(agent("gbz:69").molar_mass);   // xylenes
}

TEST(LimitTable, SaysWhatItHasInsteadOfGuessing) {
  EXPECT_THAT(trouble("cas:71-43-3"), HasSubstr("check digit is wrong; did you mean \"cas:71-43-2\"?"));
  EXPECT_THAT(trouble("cas:7440-50-8"), HasSubstr("expected one of gbz:282-1, gbz:282-2"));
  EXPECT_THAT(trouble("cas:14808-60-7"), HasSubstr("is a dust"));
  EXPECT_THAT(trouble("dust:49:respirable"), HasSubstr("has no respirable limit; expected \"dust:49:total\""));
  EXPECT_THAT(trouble("dust:40:total"), HasSubstr("expected dust:40-1, dust:40-2, dust:40-3"));
  EXPECT_THAT(trouble("dust:34-2:total"), HasSubstr("counts fibres"));
  EXPECT_THAT(trouble("71-43-2"), HasSubstr("did you mean \"cas:71-43-2\"?"));
  EXPECT_THAT(trouble("cas:64-17-55"), HasSubstr("check digit"));
  EXPECT_THAT(trouble("cas:57-27-2"), HasSubstr("no known molar mass"));
}

CsvTable csv(const std::string& name) {
  Problems problems;
  const std::string file = SOURCE_DIR "/config/" + name;
  CsvTable read = parse_csv(read_text(file, problems).value(), file, problems);
  EXPECT_THAT(problems, IsEmpty());
  return read;
}

TEST(LimitFiles, HoldAsManyLimitsAsTheStandard) {
  // GBZ 2.1-2019 and amendment 2: 119 PC-TWA with PC-STEL, 191 PC-TWA alone, 56 MAC, of which carbon monoxide has three
  // rows by altitude; 49 dusts.
  int both = 0, twa_only = 0, mac = 0;
  const CsvTable chemicals = csv("limits/gbz2_1_chemicals.csv");
  const auto filled = [&](const CsvRow& row, const char* column) {
    return !row.fields[*chemicals.column(column)].empty();
  };
  for (const CsvRow& row : chemicals.rows) {
    const bool stel = filled(row, "pc_stel_mg_m3"), twa = filled(row, "pc_twa_mg_m3");
    EXPECT_NE(filled(row, "mac_mg_m3"), twa) << row.fields[0];
    both += stel && twa;
    twa_only += twa && !stel;
    mac += filled(row, "mac_mg_m3");
  }
  EXPECT_EQ(both + twa_only + mac, 366);
  EXPECT_EQ(both, 119);
  EXPECT_EQ(twa_only, 191);
  EXPECT_EQ(mac, 56);
  EXPECT_THAT(csv("voc116.csv").rows, SizeIs(116));
}

/// IUPAC abridged standard atomic weights (2021).
double atomic_weight(const std::string& element) {
  static const std::map<std::string, double> weights{
      {"H", 1.008},   {"B", 10.81},   {"C", 12.011}, {"N", 14.007},  {"O", 15.999},  {"F", 18.998},  {"Si", 28.085},
      {"P", 30.974},  {"S", 32.06},   {"Cl", 35.45}, {"Fe", 55.845}, {"Ni", 58.693}, {"Ge", 72.630}, {"As", 74.922},
      {"Se", 78.971}, {"Br", 79.904}, {"I", 126.90}, {"Hg", 200.59}, {"Pb", 207.2}};
  return weights.at(element);
}
double mass_of(const std::string& formula) {
  double mass = 0;
  for (std::size_t i = 0; i < formula.size();) {
    std::string element{formula[i++]};
    while (i < formula.size() && std::islower(static_cast<unsigned char>(formula[i]))) element += formula[i++];
    int count = 0;
    while (i < formula.size() && std::isdigit(static_cast<unsigned char>(formula[i])))
      count = count * 10 + (formula[i++] - '0');
    mass += atomic_weight(element) * (count ? count : 1);
  }
  return mass;
}

class MassFile : public testing::TestWithParam<const char*> {};
TEST_P(MassFile, AgreesWithItsFormulas) {
  const CsvTable read = csv(GetParam());
  const auto field = [&](const CsvRow& row, const char* column) -> const std::string& {
    return row.fields[*read.column(column)];
  };
  for (const CsvRow& row : read.rows) {
    EXPECT_THAT(mass_of(field(row, "formula")), DoubleNear(std::stod(field(row, "molar_mass_g_mol")), 0.006))
        << field(row, "formula");
    EXPECT_TRUE(is_cas_number(field(row, "cas").substr(0, field(row, "cas").find('/')))) << field(row, "cas");
    if (!read.column("counted_as") || field(row, "counted_as").empty()) continue;
    EXPECT_THAT(mass_of(field(row, "counted_as")), DoubleNear(std::stod(field(row, "counted_g_mol")), 0.0006));
  }
}
INSTANTIATE_TEST_SUITE_P(LimitFiles, MassFile, testing::Values("limits/molar_mass.csv", "voc116.csv"));

TEST(Csv, ReadsWhatSpreadsheetsWrite) {
  Problems problems;
  const CsvTable read = parse_csv(
      "\xEF\xBB\xBF"
      "a,b\r\n\"1,\"\"x\"\"\r\ny\",\"\"\r\n\r\n,2",
      "f.csv", problems);
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_THAT(read.columns, testing::ElementsAre("a", "b"));
  ASSERT_THAT(read.rows, SizeIs(2));
  EXPECT_THAT(read.rows[0].fields, testing::ElementsAre("1,\"x\"\r\ny", ""));
  EXPECT_EQ(read.rows[1].line, 5u);
}

TEST(Csv, NamesTheLineOfEachBadRowAndKeepsTheOthers) {
  Problems problems;
  const CsvTable read = parse_csv("a,b\n1\n2,3\n\"4\"x,5\n6,7\"\n\"8,9\n", "f.csv", problems);
  ASSERT_THAT(problems, SizeIs(4));
  EXPECT_EQ(to_string(problems[0]), "f.csv:2:1: the row has 1 fields; the header has 2");
  EXPECT_EQ(to_string(problems[1]), "f.csv:4:1: the row has text after a closing quote");
  EXPECT_EQ(to_string(problems[2]), "f.csv:5:1: the row has a quote within an unquoted field");
  EXPECT_EQ(to_string(problems[3]), "f.csv:6:1: the row has a quote that is never closed");
  EXPECT_THAT(read.rows, SizeIs(1));
}

}  // namespace
}  // namespace hazgate::settings
