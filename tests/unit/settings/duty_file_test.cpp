#include "settings/duty_file.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>
#include <limits>
#include <ostream>
#include <sstream>

#include "settings/csv.hpp"
#include "settings/limit_table.hpp"
#include "settings/toml_document.hpp"

namespace hazgate::settings {
namespace duty_file_test {

using core::DutyKind;
using core::ExposureClass;
using core::Grade;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string header = "kind,agent,when,months,source,confidence,remark\n";

struct Loaded {
  DutyTable table;
  std::vector<std::string> problems;  ///< without the folder
};

class Folder {
 public:
  explicit Folder(const std::string& name)
      : path_{std::filesystem::path{testing::TempDir()} / (name + std::to_string(::getpid()))} {
    std::filesystem::create_directories(path_ / "limits");
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  void write(const std::string& text) const { std::ofstream(path_ / "limits" / "duties.csv") << text; }

 private:
  std::filesystem::path path_;
};

Loaded load_text(const std::string& text) {
  const Folder folder{"duties-"};
  folder.write(text);
  Problems problems;
  Loaded loaded{DutyTable::read({folder.path()}, problems), {}};
  for (auto& problem : problems) {
    EXPECT_EQ(problem.file, (folder.path() / "limits" / "duties.csv").string());
    problem.file = "duties.csv";
    loaded.problems.push_back(to_string(problem));
  }
  return loaded;
}
Loaded load(const std::string& rows) { return load_text(header + rows); }

std::optional<int> months(const DutyTable& table, DutyKind kind, std::string_view agent,
                          const DutyCondition& condition = {}) {
  const auto rule = table.rule(kind, agent, condition);
  return rule ? std::optional(rule->months) : std::nullopt;
}

const DutyTable& shipped() {
  static const auto table = [] {
    Problems problems;
    auto read = DutyTable::read({SOURCE_DIR "/config"}, problems);
    for (const auto& problem : problems) ADD_FAILURE() << to_string(problem);
    return read;
  }();
  return table;
}

struct ShippedRow {
  DutyKind kind;
  const char* agent;
  DutyCondition condition;
  int months;
  const char* source;
  char confidence;
};
void PrintTo(const ShippedRow& row, std::ostream* os) { *os << core::name(row.kind) << ' ' << row.agent; }

class ShippedDuty : public testing::TestWithParam<ShippedRow> {};
TEST_P(ShippedDuty, CarriesItsSource) {
  const auto& row = GetParam();
  const auto rule = shipped().rule(row.kind, row.agent, row.condition);
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->kind, row.kind);
  EXPECT_EQ(rule->months, row.months);
  EXPECT_THAT(rule->source, HasSubstr(row.source));
  EXPECT_EQ(rule->confidence, row.confidence);
}

constexpr auto test = DutyKind::test, calibration = DutyKind::calibration, surveillance = DutyKind::surveillance;
INSTANTIATE_TEST_SUITE_P(
    OfNoise, ShippedDuty,
    testing::Values(ShippedRow{surveillance, "noise", {.lex_8h = 80}, 24, "GBZ 188-2025 7.1.2.3", 'A'},
                    ShippedRow{surveillance, "noise", {.lex_8h = 84.99}, 24, "GBZ 188-2025 7.1.2.3", 'A'},
                    ShippedRow{surveillance, "noise", {.lex_8h = 85}, 12, "GBZ 188-2025 7.1.2.3", 'A'},
                    ShippedRow{surveillance, "noise", {.lex_8h = 85 - 1e-12}, 12, "GBZ 188-2025 7.1.2.3", 'A'},
                    ShippedRow{surveillance, "noise", {}, 12, "own choice", 'C'},
                    ShippedRow{surveillance, "noise:peak", {}, 12, "own choice", 'C'},
                    ShippedRow{test, "noise", {}, 12, "Order 5 (2020) Article 20", 'B'},
                    ShippedRow{calibration, "noise", {}, 12, "JJG 188-2017", 'C'}));
INSTANTIATE_TEST_SUITE_P(
    OfDust, ShippedDuty,
    testing::Values(ShippedRow{surveillance, "dust:40-1:respirable", {.grade = Grade::grade_0}, 24, "6.1.2.3", 'A'},
                    ShippedRow{surveillance, "dust:40-3:total", {.grade = Grade::grade_1}, 24, "6.1.2.3", 'A'},
                    ShippedRow{surveillance, "dust:40-1:respirable", {.grade = Grade::grade_2}, 12, "6.1.2.3", 'A'},
                    ShippedRow{surveillance, "dust:40-1:respirable", {}, 12, "A.10", 'A'},
                    ShippedRow{surveillance, "dust:23:respirable", {.grade = Grade::grade_1}, 36, "6.2.2.3", 'A'},
                    ShippedRow{surveillance, "dust:23:respirable", {.grade = Grade::grade_2}, 24, "6.2.2.3", 'A'},
                    ShippedRow{surveillance, "dust:34-1:total", {}, 12, "6.3.3.3", 'A'},
                    ShippedRow{surveillance, "dust:6:total", {.grade = Grade::grade_1}, 48, "6.4.2.3", 'A'},
                    ShippedRow{surveillance, "dust:21-2:total", {.grade = Grade::grade_4}, 24, "6.4.2.3", 'A'},
                    ShippedRow{surveillance, "dust:24:total", {.grade = Grade::grade_1}, 48, "6.5.2.3", 'A'},
                    ShippedRow{surveillance, "dust:25:total", {.grade = Grade::grade_2}, 12, "6.6.2.3", 'A'},
                    ShippedRow{surveillance, "dust:49:total", {}, 12, "own choice", 'C'},
                    ShippedRow{test, "dust:34-1:total", {}, 1, "Decree 352 (revised 2024) Article 26", 'C'},
                    ShippedRow{test, "dust:40-1:total", {}, 12, "Order 5 (2020) Article 20", 'B'},
                    ShippedRow{calibration, "dust:49:total", {}, 12, "JJG 846-2015", 'C'}));
INSTANTIATE_TEST_SUITE_P(
    OfChemicals, ShippedDuty,
    testing::Values(ShippedRow{surveillance, "cas:71-43-2", {.grade = Grade::grade_0}, 12, "5.19.2.4", 'A'},
                    ShippedRow{surveillance, "gbz:12", {}, 12, "5.19.2.4", 'A'},
                    ShippedRow{surveillance, "cas:7439-97-6", {.grade = Grade::grade_1}, 24, "5.3.2.3", 'A'},
                    ShippedRow{surveillance, "cas:7439-97-6", {}, 12, "5.3.2.3", 'A'},
                    ShippedRow{surveillance, "cas:630-08-0", {}, 36, "C.1.18, recommended", 'A'},
                    ShippedRow{surveillance, "cas:106-42-3", {}, 36, "C.1.27, recommended", 'A'},
                    ShippedRow{surveillance, "cas:67-64-1", {}, 12, "own choice", 'C'},
                    ShippedRow{surveillance, "wbgt:75:III", {}, 12, "7.3.2.3", 'A'},
                    ShippedRow{test, "cas:71-43-2", {}, 1, "highly toxic goods (2003) no. 4", 'C'},
                    ShippedRow{test, "gbz:175", {}, 1, "highly toxic goods (2003) no. 31", 'C'},
                    ShippedRow{test, "cas:108-88-3", {}, 12, "Order 5 (2020) Article 20", 'B'},
                    ShippedRow{test, "gbz:313-2", {}, 12, "Order 5 (2020) Article 20", 'B'},
                    ShippedRow{calibration, "cas:630-08-0", {}, 12, "JJG 915-2008", 'C'},
                    ShippedRow{calibration, "cas:108-88-3", {}, 12, "JJG 693-2011", 'C'},
                    ShippedRow{calibration, "none", {}, 12, "own choice", 'C'}));

TEST(ShippedDuties, BelowEightyDecibelsNobodyIsWatched) {
  EXPECT_FALSE(shipped().rule(surveillance, "noise", {.lex_8h = 79.9}));
}

TEST(ShippedDuties, APointWithoutAnAgentIsNeitherTestedNorWatched) {
  EXPECT_FALSE(shipped().rule(test, "none", {}));
  EXPECT_FALSE(shipped().rule(surveillance, "none", {}));
}

std::vector<std::string> substances_named() {
  Problems problems;
  const auto text = read_text(SOURCE_DIR "/config/limits/duties.csv", problems);
  std::vector<std::string> words;
  for (const auto& row : parse_csv(text.value_or(""), "duties.csv", problems).rows) {
    std::istringstream agents{row.fields.at(1)};
    for (std::string word; std::getline(agents, word, ';');)
      if ((word.starts_with("cas:") || word.starts_with("gbz:")) && !word.ends_with('*')) words.push_back(word);
  }
  return words;
}

// A CAS number that stands in several rows of the standard is a known one too.
TEST(ShippedDuties, NameOnlySubstancesOfTheLimitTable) {
  Problems problems;
  const auto limits = LimitTable::read({SOURCE_DIR "/config"}, problems);
  const auto named = substances_named();
  EXPECT_GT(named.size(), 200U);
  for (const auto& word : named) {
    const auto agent = limits.agent(word);
    EXPECT_THAT(agent ? "several rows" : agent.error().why, HasSubstr("several rows"));
  }
}

TEST(DutyFile, TheFirstRowThatFitsDecides) {
  const auto loaded = load(
      "test,cas:71-43-2,,1,a,C,\n"
      "test,cas:*,,6,b,C,\n"
      "test,*,,12,c,B,\n"
      "calibration,*,,24,d,A,\n");
  ASSERT_THAT(loaded.problems, IsEmpty());
  EXPECT_EQ(months(loaded.table, test, "cas:71-43-2"), 1);
  EXPECT_EQ(months(loaded.table, test, "cas:71-43-20"), 6) << "a whole word is no beginning";
  EXPECT_EQ(months(loaded.table, test, "noise"), 12);
  EXPECT_EQ(loaded.table.rule(calibration, "noise", {}), (core::DutyRule{calibration, 24, "d", 'A'}));
  EXPECT_FALSE(loaded.table.rule(surveillance, "noise", {}));
}

TEST(DutyFile, ANoneEndsTheSearch) {
  const auto loaded = load(
      "surveillance,noise,lex<80,none,a,A,\n"
      "surveillance,*,,12,b,C,\n");
  ASSERT_THAT(loaded.problems, IsEmpty());
  EXPECT_FALSE(loaded.table.rule(surveillance, "noise", {.lex_8h = 79}));
  EXPECT_EQ(months(loaded.table, surveillance, "noise", {.lex_8h = 80}), 12);
}

TEST(DutyFile, ARowMayNameSeveralAgents) {
  const auto loaded = load("test,cas:71-43-2;gbz:12;dust:40-1:*,,1,a,C,\n");
  ASSERT_THAT(loaded.problems, IsEmpty());
  EXPECT_EQ(months(loaded.table, test, "gbz:12"), 1);
  EXPECT_EQ(months(loaded.table, test, "dust:40-1:total"), 1);
  EXPECT_FALSE(loaded.table.rule(test, "dust:40-2:total", {}));
}

struct WhenRow {
  const char* when;
  DutyCondition condition;
  bool fits;
};
void PrintTo(const WhenRow& row, std::ostream* os) { *os << row.when; }

class WhenOfARow : public testing::TestWithParam<WhenRow> {};
TEST_P(WhenOfARow, ComparesWhatIsKnown) {
  const auto loaded = load(std::string{"test,*,"} + GetParam().when + ",12,a,C,\n");
  ASSERT_THAT(loaded.problems, IsEmpty());
  EXPECT_EQ(loaded.table.rule(test, "noise", GetParam().condition).has_value(), GetParam().fits);
}
INSTANTIATE_TEST_SUITE_P(
    Comparisons, WhenOfARow,
    testing::Values(WhenRow{"", {}, true}, WhenRow{"lex<85", {.lex_8h = 84.9}, true},
                    WhenRow{"lex<85", {.lex_8h = 85}, false}, WhenRow{"lex<=85", {.lex_8h = 85}, true},
                    WhenRow{"lex<=85", {.lex_8h = 85.1}, false}, WhenRow{"lex=85", {.lex_8h = 85 + 1e-12}, true},
                    WhenRow{"lex=85", {.lex_8h = 85.1}, false}, WhenRow{"lex=85", {.lex_8h = 84.9}, false},
                    WhenRow{"lex>=85", {.lex_8h = 85}, true}, WhenRow{"lex>=85", {.lex_8h = 84.9}, false},
                    WhenRow{"lex>84.5", {.lex_8h = 84.5}, false}, WhenRow{"lex>84.5", {.lex_8h = 84.6}, true}));
INSTANTIATE_TEST_SUITE_P(Figures, WhenOfARow,
                         testing::Values(WhenRow{"class>=III", {.exposure_class = ExposureClass::class_3}, true},
                                         WhenRow{"class>=III", {.exposure_class = ExposureClass::class_2}, false},
                                         WhenRow{"class=0", {.exposure_class = ExposureClass::class_0}, true},
                                         WhenRow{"grade>=II", {.grade = Grade::grade_2}, true},
                                         WhenRow{"grade>=II", {.grade = Grade::grade_1}, false},
                                         WhenRow{"grade=0", {.grade = Grade::grade_0}, true},
                                         WhenRow{"grade=0", {.grade = Grade::none}, false},
                                         WhenRow{"grade=none", {.grade = Grade::none}, true},
                                         WhenRow{"grade=V", {.grade = Grade::grade_5}, true}));
INSTANTIATE_TEST_SUITE_P(WhatIsNotKnownDoesNotFit, WhenOfARow,
                         testing::Values(WhenRow{"lex<200", {.exposure_class = ExposureClass::class_4}, false},
                                         WhenRow{
                                             "lex<=200", {.lex_8h = std::numeric_limits<double>::quiet_NaN()}, false},
                                         WhenRow{"lex<80", {.lex_8h = -std::numeric_limits<double>::infinity()}, true},
                                         WhenRow{"class>=0", {.grade = Grade::grade_1}, false},
                                         WhenRow{"grade>=0", {.exposure_class = ExposureClass::class_4}, false}));

struct WrongRow {
  const char* row;
  const char* problem;
};
void PrintTo(const WrongRow& row, std::ostream* os) { *os << row.row; }

class WrongDuty : public testing::TestWithParam<WrongRow> {};
TEST_P(WrongDuty, IsToldWithItsLineAndGivesNoRule) {
  const auto loaded = load(std::string{"test,noise,,12,a,C,\n"} + GetParam().row + "\n");
  EXPECT_THAT(loaded.problems, ElementsAre(GetParam().problem));
  EXPECT_FALSE(loaded.table.rule(test, "cas:71-43-2", {.lex_8h = 90, .grade = Grade::grade_2}));
}
INSTANTIATE_TEST_SUITE_P(
    Fields, WrongDuty,
    testing::Values(
        WrongRow{"tets,cas:71-43-2,,1,a,C,",
                 R"(duties.csv:3:1: kind: "tets" is not a kind of duty; did you mean "test"?)"},
        WrongRow{"test,cas:71-43-2;niose,,1,a,C,",
                 R"(duties.csv:3:1: agent: "niose" is not known; did you mean "noise"?)"},
        WrongRow{"test,cas:*-2,,1,a,C,", R"(duties.csv:3:1: agent: "cas:*-2" has a * that is not its end)"},
        WrongRow{
            "test,,,1,a,C,",
            "duties.csv:3:1: agent: \"\" is not known; expected an agent's id or *, none, noise, noise:peak, cas:*, "
            "gbz:*, dust:*, wbgt:*"},
        WrongRow{"test,cas:71-43-2,,0,a,C,",
                 R"(duties.csv:3:1: months: "0" is not a whole number of months from 1 to 120, nor none)"},
        WrongRow{"test,cas:71-43-2,,121,a,C,",
                 R"(duties.csv:3:1: months: "121" is not a whole number of months from 1 to 120, nor none)"},
        WrongRow{"test,cas:71-43-2,,1.5,a,C,",
                 R"(duties.csv:3:1: months: "1.5" is not a whole number of months from 1 to 120, nor none)"},
        WrongRow{"test,cas:71-43-2,,,a,C,",
                 R"(duties.csv:3:1: months: "" is not a whole number of months from 1 to 120, nor none)"},
        WrongRow{"test,cas:71-43-2,,1, ,C,", "duties.csv:3:1: source: is empty"},
        WrongRow{"test,cas:71-43-2,,1,a,D,", R"(duties.csv:3:1: confidence: "D" is not a mark; expected A, B, C)"},
        WrongRow{"test,cas:71-43-2,,1,a,,", R"(duties.csv:3:1: confidence: "" is not a mark; expected A, B, C)"}));
INSTANTIATE_TEST_SUITE_P(
    Conditions, WrongDuty,
    testing::Values(
        WrongRow{"test,cas:71-43-2,garde>=II,1,a,C,",
                 R"(duties.csv:3:1: when: "garde" is not a figure; did you mean "grade"?)"},
        WrongRow{"test,cas:71-43-2,grade,1,a,C,",
                 R"(duties.csv:3:1: when: "" is not a comparison; expected <, <=, =, >=, >)"},
        WrongRow{"test,cas:71-43-2,grade=>II,1,a,C,",
                 R"(duties.csv:3:1: when: "=>" is not a comparison; expected <, <=, =, >=, >)"},
        WrongRow{"test,cas:71-43-2,grade>=2,1,a,C,",
                 R"(duties.csv:3:1: when: "2" is not a grade; expected none, 0, I, II, III, IV, V)"},
        WrongRow{"test,cas:71-43-2,class>=V,1,a,C,",
                 R"(duties.csv:3:1: when: "V" is not a class; expected 0, I, II, III, IV)"},
        WrongRow{"test,cas:71-43-2,lex>=loud,1,a,C,", R"(duties.csv:3:1: when: "loud" is not a level in dB(A))"},
        WrongRow{"test,cas:71-43-2,lex>=inf,1,a,C,", R"(duties.csv:3:1: when: "inf" is not a level in dB(A))"},
        WrongRow{"test,cas:71-43-2,lex>=85dB,1,a,C,", R"(duties.csv:3:1: when: "85dB" is not a level in dB(A))"},
        WrongRow{"test,cas:71-43-2,lex>= 85,1,a,C,", R"(duties.csv:3:1: when: " 85" is not a level in dB(A))"}));

TEST(DutyFile, ASecondRowOfTheSameWordsIsASlip) {
  const auto loaded = load(
      "test,noise,lex>=85,12,a,C,\n"
      "test,noise,lex>=80,12,a,C,\n"
      "calibration,noise,lex>=85,12,a,C,\n"
      "test,cas:*;noise,lex>=85,6,a,C,\n");
  EXPECT_THAT(loaded.problems,
              ElementsAre("duties.csv:5:1: agent: \"noise\" has such a row already, which is used instead"));
}

TEST(DutyFile, TellsAllThatIsWrongAtOnce) {
  const auto loaded = load("tets,niose,garde>2,x,,D,\n");
  EXPECT_THAT(loaded.problems, SizeIs(6));
}

TEST(DutyFile, AColumnThatIsMissingOrUnknownIsTold) {
  const auto loaded = load_text("kind,agent,when,month,source,confidence,remark\ntest,*,,12,a,C,\n");
  EXPECT_THAT(loaded.problems, ElementsAre("duties.csv:1:1: the column months is missing",
                                           "duties.csv:1:1: \"month\" is not a column; did you mean \"months\"?"));
  EXPECT_FALSE(loaded.table.rule(test, "noise", {}));
}

TEST(DutyFile, ComesFromTheFirstFolderThatHasIt) {
  const Folder site{"duties-site-"}, share{"duties-share-"};
  share.write(header + "test,*,,36,a,C,\n");
  Problems problems;
  EXPECT_EQ(months(DutyTable::read({site.path(), share.path()}, problems), test, "noise"), 36);
  site.write(header + "test,*,,6,a,C,\n");
  EXPECT_EQ(months(DutyTable::read({site.path(), share.path()}, problems), test, "noise"), 6);
  EXPECT_THAT(problems, IsEmpty());
}

TEST(DutyFile, IsMissedWhereNoFolderHasIt) {
  Problems problems;
  EXPECT_FALSE(DutyTable::read({"/nowhere", "/nor/here"}, problems).rule(test, "noise", {}));
  ASSERT_THAT(problems, SizeIs(1));
  EXPECT_EQ(to_string(problems[0]), "limits/duties.csv: no such file in /nowhere or /nor/here");
}

}  // namespace duty_file_test
}  // namespace hazgate::settings
