#include "records/report_html.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <set>
#include <sstream>

#include "core/alarm.hpp"
#include "core/gap.hpp"
#include "example_report.hpp"
#include "records/markup.hpp"
#include "records/park_html.hpp"
#include "records/report_figures.hpp"
#include "support/process.hpp"

namespace hazgate::records {
namespace report_html_test {
namespace {
using namespace test;
using hazgate::test::answer_of;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

/// What a strict XML parser finds: headings, figures, and everything that could act or ask elsewhere.
constexpr const char* reader = R"(
import sys, xml.etree.ElementTree as ET
root = ET.fromstring(sys.stdin.buffer.read())
for e in root.iter():
    words = ' '.join(''.join(e.itertext()).split())
    if e.tag in ('h1', 'h2', 'article'): print(e.tag + '|' + words)
    if e.tag == 'data': print('data|' + e.get('value') + '|' + words)
    if e.tag in ('script', 'link', 'img', 'iframe', 'object', 'form', 'base'): print('active|' + e.tag)
    for name, value in e.attrib.items():
        if name.startswith('on') or name in ('style', 'src') or (name == 'href' and not value.startswith('#')):
            print('active|' + name)
    if e.tag == 'tr' and e[0].tag == 'td': print('row|' + ' | '.join(' '.join(''.join(c.itertext()).split()) for c in e))
    if e.tag == 'p': print('p|' + words)
print('lang|' + root.get('lang'))
)";

struct Page {
  std::vector<std::string> headings, articles, active, rows, paragraphs;
  std::vector<std::pair<std::string, std::string>> data;  ///< exact, shown
  std::string language;
};

Page read_back(const std::string& html) {
  const auto answer = answer_of({"/usr/bin/python3", "-c", reader}, [&](auto& process) { process.write(html); });
  EXPECT_EQ(answer.code, 0) << answer.text.substr(0, 2000);
  Page page;
  std::istringstream lines(answer.text);
  for (std::string line; std::getline(lines, line);) {
    const auto bar = line.find('|');
    const auto kind = line.substr(0, bar), rest = line.substr(bar + 1);
    if (kind == "h1" || kind == "h2") page.headings.push_back(rest);
    if (kind == "article") page.articles.push_back(rest);
    if (kind == "active") page.active.push_back(rest);
    if (kind == "row") page.rows.push_back(rest);
    if (kind == "p") page.paragraphs.push_back(rest);
    if (kind == "data") page.data.emplace_back(rest.substr(0, rest.find('|')), rest.substr(rest.find('|') + 1));
    if (kind == "lang") page.language = rest;
  }
  return page;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string all;
  for (const auto& line : lines) all += line + "\n";
  return all;
}

std::set<std::string> exact_ones(const Page& page) {
  std::set<std::string> all;
  for (const auto& [exact, shown] : page.data) all.insert(exact);
  return all;
}

struct ReportHtml : testing::Test {
  static void SetUpTestSuite() {
    chinese = read_back(report_html(example_report()));
    english = read_back(report_html(example_report("en")));
  }
  static inline Page chinese, english;
};

TEST_F(ReportHtml, HasItsSectionsInOrder) {
  EXPECT_THAT(chinese.headings,
              ElementsAre("职业病危害因素监测与检测报告", "结论概览", "1. 工作场所（岗位）", "2. 危害因素及其限值",
                          "3. 各班接触水平", "4. 各测点有效数据", "5. 超标记录（台账）", "6. 检测与评价",
                          "7. 岗位判定与分级", "8. 合格率", "9. 缺测及其原因", "10. 报警及处置", "11. 签字"));
  EXPECT_EQ(english.headings.size(), chinese.headings.size());
  EXPECT_EQ(chinese.language, "zh-CN");
  EXPECT_EQ(english.language, "en");
}

TEST_F(ReportHtml, HasTheExactFigureOfEachShift) {
  for (const auto& exposure : example_exposures()) {
    const auto& e = exposure.figures;
    const double decides = std::isfinite(e.twa) ? e.twa : e.twa_so_far;
    if (std::isfinite(decides)) {
      EXPECT_THAT(chinese.data, Contains(Pair(exact(decides), testing::_)));
    }
    EXPECT_THAT(chinese.data, Contains(Pair(exact(e.time.coverage()), HasSubstr(" %"))));
  }
}

TEST_F(ReportHtml, ShowsFiguresAsThePageDoes) {
  EXPECT_THAT(chinese.data, Contains(Pair("3.3666666666666667", "3.37")));
  EXPECT_THAT(chinese.data, Contains(Pair("3.0004", "3.0004"))) << "3 would read as compliant";
  EXPECT_THAT(chinese.data, Contains(Pair("84.96", "84.96"))) << "85 would read as the limit";
  EXPECT_THAT(chinese.data, Contains(Pair("0.27999999999999997", "≥ 0.28"))) << "too little was measured";
  EXPECT_THAT(chinese.data, Contains(Pair("0.3", "<0.3"))) << "the quantification limit";
  EXPECT_THAT(chinese.data, Contains(Pair("6.003", "≥ 6.003")));
}

TEST_F(ReportHtml, SaysOfAShiftEverythingThatDecides) {
  EXPECT_THAT(
      english.rows,
      Contains(AllOf(HasSubstr("2026-11-23day"), HasSubstr("benzene"), HasSubstr("3.37 mg/m³C_TWA of the shift"),
                     HasSubstr("C_STE 6.3 mg/m³ (PC-STEL 6 mg/m³)"), HasSubstr("Mixture index 3.3 "),
                     HasSubstr("PC-TWA 3 mg/m³ · 1.12 times"), HasSubstr("Amendment 1 (2022) no. 12"),
                     HasSubstr("98 %"), HasSubstr("ExceedsC_TWA above the PC-TWA"))));
  EXPECT_THAT(english.rows, Contains(AllOf(HasSubstr("87.3 dB(A)"), HasSubstr("+2.3 dB"))));
  EXPECT_THAT(english.rows, Contains(AllOf(HasSubstr("below the quantification limit"), HasSubstr("Compliant"))));
  EXPECT_THAT(english.rows, Contains(AllOf(HasSubstr("40 %"), HasSubstr("Insufficient data to call it compliant"))));
}

TEST_F(ReportHtml, ActsNowhereAndAsksNobody) {
  EXPECT_THAT(chinese.active, ElementsAre());
  const auto html = report_html(example_report());
  EXPECT_THAT(html, Not(HasSubstr("http")));
  EXPECT_THAT(html, Not(HasSubstr("url(")));
  EXPECT_THAT(html, HasSubstr("<style>" + report_style("zh") + "</style>")) << "its hash must be known";
}

TEST_F(ReportHtml, ShowsHostileNamesAsTheyWereTyped) {
  const auto rows = joined(chinese.rows), articles = joined(chinese.articles);
  EXPECT_THAT(rows, HasSubstr(hostile_script));
  EXPECT_THAT(articles, HasSubstr(hostile_formula));
  EXPECT_THAT(articles, HasSubstr(hostile_quotes));
  auto r = example_report();
  r.enterprise_name = std::string(hostile_script) + "\x01\xFF\u202E" + very_long_chinese();
  r.language = "\"><script>";
  const auto page = read_back(report_html(r));
  EXPECT_THAT(page.active, ElementsAre());
  EXPECT_EQ(page.language, "zh-CN");
  EXPECT_THAT(joined(page.paragraphs), HasSubstr(std::string(hostile_script) + "\uFFFD" + very_long_chinese()));
}

TEST_F(ReportHtml, RoundsAnAssessmentAsTheLawDoesAndSaysWhereThatWouldDecideOtherwise) {
  ASSERT_EQ(english.articles.size(), 4u);
  EXPECT_THAT(english.articles[0], HasSubstr("C_TWA3.04 mg/m³3.0 mg/m³PC-TWA 3 mg/m³"));
  EXPECT_THAT(english.articles[0], HasSubstr("C_TWA 3.0 (rounded) does not exceed the limit, the exact figure does"));
  EXPECT_THAT(english.articles[0], Not(HasSubstr("C_STE 5.3 (rounded)")));
}

TEST_F(ReportHtml, SetsCorrectedAndWithdrawnAssessmentsApart) {
  ASSERT_EQ(english.articles.size(), 4u);
  EXPECT_THAT(english.articles[0], AllOf(HasSubstr("No. 1, version 2"), HasSubstr("Reason of the correction")));
  EXPECT_THAT(english.articles[1], HasSubstr("No. 2, version 1"));
  EXPECT_THAT(english.articles[2], HasSubstr("No. 1, version 1"));
  EXPECT_THAT(english.articles[3], AllOf(HasSubstr("No. 3, version 1"), HasSubstr("wrong meter")));
  const auto html = report_html(example_report("en"));
  const auto corrected = html.find("Versions before a correction"), withdrawn = html.find("Withdrawn results");
  EXPECT_LT(html.find("No. 2, version 1"), corrected);
  EXPECT_LT(corrected, html.find("No. 1, version 1"));
  EXPECT_LT(html.find("No. 1, version 1"), withdrawn);
  EXPECT_LT(withdrawn, html.find("No. 3, version 1"));
}

TEST_F(ReportHtml, SaysWhatAnAssessmentRestsOn) {
  EXPECT_THAT(english.articles[1], AllOf(HasSubstr("08:00–10:00 <0.30 mg/m³; 22:00–01:00 next day <0.30 mg/m³"),
                                         HasSubstr("free SiO2 23.5 %"), HasSubstr("wet suppression was on"),
                                         HasSubstr("62.5 % of the exposure was sampled"),
                                         HasSubstr("there is no short sample"), HasSubstr("PE 3 mg/m³printed 1")));
}

TEST_F(ReportHtml, HasTheLedgersNumbersHashesAndItsSignedEnd) {
  EXPECT_THAT(english.rows, Contains(AllOf(HasSubstr("41exceedancebegan"), HasSubstr(std::string(64, 'b')))));
  EXPECT_THAT(english.rows, Contains(AllOf(HasSubstr("42exceedanceis over"), HasSubstr(std::string(64, 'c')))));
  const auto html = report_html(example_report("en"));
  for (const auto& part : {std::string(128, 'd'), std::string("7f3a09c1"), std::string("hazgate verify")})
    EXPECT_THAT(html, HasSubstr(part));
  auto unsigned_one = example_report("en");
  unsigned_one.head.reset();
  EXPECT_THAT(report_html(unsigned_one), HasSubstr("The ledger has no signed end"));
}

TEST_F(ReportHtml, MarksAGradeThatIsProvisional) {
  EXPECT_THAT(chinese.rows, Contains(AllOf(HasSubstr("II 级 (暂定)"), HasSubstr("GBZ/T 229.2-2010"))));
  EXPECT_THAT(english.rows, Contains(HasSubstr("grade II (provisional)")));
  EXPECT_THAT(english.rows, Contains(HasSubstr("not graded")));
}

TEST_F(ReportHtml, HasGapsWithReasonsAndAlarmsWithTheFourTimes) {
  EXPECT_THAT(english.rows, Contains(HasSubstr("the instrument or the way to it failed")));
  EXPECT_THAT(english.rows, Contains(AllOf(HasSubstr("it lasts"), HasSubstr("no power, or the gateway was killed"))));
  EXPECT_THAT(english.rows,
              Contains(AllOf(HasSubstr("Detected 2026-11-23 09:41:00"), HasSubstr("Warned 2026-11-23 09:44:00"),
                             HasSubstr("Confirmed 2026-11-23 09:50:00"), HasSubstr("Disposed 2026-11-23 11:20:00"))));
  auto r = example_report("en");
  r.alarms[0].disposed.clear();
  EXPECT_THAT(report_html(r), HasSubstr("Disposed not reached"));
}

TEST_F(ReportHtml, HasPassRatesAtAGlance) {
  EXPECT_THAT(english.paragraphs, Contains("7 records of shifts: 3 compliant, 3 exceed, 1 with insufficient data, 0 "
                                           "without a limit."));
  EXPECT_THAT(english.rows, Contains(HasSubstr("Pass rate of shifts | 50 % (3/6)")));
  EXPECT_THAT(english.rows, Contains(HasSubstr("Pass rate of assessments | 50 % (1/2)")));
}

TEST_F(ReportHtml, HasNoChineseInEnglish) {
  for (const auto& html : {report_html(example_report("en")), report_html(example_park("en")),
                           report_html(Report{.language = "en"}), report_html(ParkReport{.language = "en"})}) {
    for (std::size_t i = 0; i < html.size(); ++i) {
      const auto byte = static_cast<unsigned char>(html[i]);
      ASSERT_FALSE(byte >= 0xE3 && byte <= 0xE9) << html.substr(i > 40 ? i - 40 : 0, 60);
    }
  }
}

TEST_F(ReportHtml, SaysInChineseWhatItSaysInEnglish) {
  EXPECT_EQ(chinese.rows.size(), english.rows.size());
  EXPECT_EQ(chinese.paragraphs.size(), english.paragraphs.size());
  EXPECT_EQ(chinese.data, english.data);
  const auto all = joined(chinese.rows) + joined(chinese.paragraphs) + joined(chinese.articles);
  for (const char* word : {"Compliant", "Exceeds", "nsufficient", "shift", "limit", "not "})
    EXPECT_THAT(all, Not(HasSubstr(word)));
}

TEST(ReportHtmlOf, NothingSaysSo) {
  const auto page = read_back(report_html(Report{.language = "en"}));
  EXPECT_THAT(page.paragraphs, Contains(HasSubstr("nothing was measured, and nothing can be judged")));
  for (const char* sentence : {"No record of a shift in this period", "No assessment in this period",
                               "No gap in this period", "No alarm in this period", "no exceedance in this period"})
    EXPECT_THAT(page.paragraphs, Contains(HasSubstr(sentence)));
  EXPECT_EQ(page.headings.size(), 13u);
  EXPECT_THAT(page.rows, Contains(HasSubstr("Pass rate of shifts | none judged")));
}

TEST(ReportHtmlOf, SoManyShiftsListsThemAll) {
  auto r = example_report("en");
  r.exposures = many_exposures(67, 10);
  r.exposures.resize(most_listed_shifts);
  const auto page = read_back(report_html(r));
  const auto shown = exact_ones(page);
  for (const auto& exposure : r.exposures) ASSERT_TRUE(shown.contains(exact(exposure.figures.twa)));
  EXPECT_THAT(joined(page.paragraphs), Not(HasSubstr("summed up")));
}

TEST(ReportHtmlOf, MoreShiftsSumsThemUpAndListsThoseThatAreNotCompliant) {
  auto r = example_report("en");
  r.exposures = many_exposures(67, 10);
  r.exposures.resize(most_listed_shifts + 1);
  r.exposures[0].figures.verdict = core::Verdict::insufficient;
  r.exposures[1].figures.verdict = core::Verdict::no_limit;
  const auto page = read_back(report_html(r));
  EXPECT_THAT(page.paragraphs,
              Contains("There are 2001 records of shifts in this period, more than 2000: here they are summed up by "
                       "point and month, and all 201 that are not compliant are listed (200 exceed, 1 with "
                       "insufficient data); the 1 without a limit are only counted. CSV and XLSX of this report have "
                       "all of them."));
  // 67 days: all of January and February, and 8 days of March, of which the last one is cut short.
  EXPECT_THAT(page.rows, Contains(HasSubstr("gas-1.benzene | 2026-01 | 93 | ")));
  EXPECT_THAT(page.rows, Contains(HasSubstr("gas-1.benzene | 2026-02 | 84 | ")));
  std::size_t listed = 0;
  for (const auto& row : page.rows) listed += row.starts_with("2026-") && row.find("C_TWA of the shift") != row.npos;
  EXPECT_EQ(listed, 201u);
  const auto shown = exact_ones(page);
  for (const auto& exposure : r.exposures) {
    if (exposure.figures.verdict == core::Verdict::exceeds) {
      ASSERT_TRUE(shown.contains(exact(exposure.figures.twa)));
    }
  }
}

TEST(ReportHtmlOf, ALongPeriodTellsTheGreatestFigureAndTheMeanCoverageOfAMonth) {
  auto r = example_report("en");
  r.exposures = many_exposures(67, 10);
  // 2.9 of a limit of 3 is more than 4 of one of 8.
  r.exposures[6].figures = eight_hours(2.9, 3, 0.87, core::Verdict::compliant);
  for (auto& exposure : r.exposures)
    if (exposure.point == "gas-3.benzene" && exposure.figures.verdict == core::Verdict::exceeds)
      exposure.figures = eight_hours(4, 8, 0.97, core::Verdict::compliant);
  const auto page = read_back(report_html(r));
  EXPECT_THAT(page.rows,
              Contains(AllOf(HasSubstr("gas-3.benzene | 2026-01 | 93 | 93 | 0 | 0 | 0 | 2.9 mg/m³0.967 times"),
                             HasSubstr(" | 96.8 %"))));
}

TEST(ReportHtmlOf, ALongPeriodWithoutExceedanceSaysSo) {
  auto r = example_report("en");
  r.exposures = many_exposures(67, 10);
  for (auto& exposure : r.exposures) exposure.figures.verdict = core::Verdict::compliant;
  EXPECT_THAT(report_html(r), HasSubstr("No shift exceeds or has insufficient data."));
}

TEST(ParkHtml, HasEachEnterpriseWithBarsBesideFigures) {
  const auto html = report_html(example_park("en"));
  const auto page = read_back(html);
  EXPECT_THAT(page.active, ElementsAre());
  EXPECT_THAT(page.headings,
              ElementsAre("Park report on occupational hazards", "Enterprises, the worst first", "The park by month"));
  EXPECT_THAT(page.rows, Contains(AllOf(HasSubstr(hostile_script), HasSubstr("66.6 % (2/3)"),
                                        HasSubstr("97.5 % (118/121)"), HasSubstr("3.3 h"))));
  EXPECT_THAT(page.rows, Contains(HasSubstr("Borealis")));
  EXPECT_THAT(page.data, Contains(Pair(exact(0.1 + 0.2), "30 %")));
  EXPECT_THAT(html, HasSubstr("width=\"66.7\""));
  EXPECT_THAT(page.rows, Contains(HasSubstr("none judged")));
}

TEST(ParkHtml, OfNothingSaysSo) {
  EXPECT_THAT(read_back(report_html(ParkReport{})).paragraphs, Contains("没有用人单位。"));
}

// ---- what the page's decisive() shows of a shift

ReportExposure shift_of(const char* agent, const char* unit, core::Exposure figures) {
  return {"2026-11-23", "day", "mill", "p", agent, unit, figures, ""};
}

TEST(ShiftFigure, IsTheGreatestReadingWhereThereIsAMac) {
  const ReportAgent agent{"mac", {}, {{"MAC", 10, "mg/m3", "T1"}}};
  core::Exposure e{.final = true, .at_least = true, .max = 12};
  const auto figure = shift_figure(shift_of("mac", "mg/m3", e), &agent, Language("en"));
  EXPECT_EQ(figure.name, "Greatest reading");
  EXPECT_EQ(figure.value, 12);
  EXPECT_EQ(figure.limit, 10);
  EXPECT_TRUE(figure.at_least);
}

TEST(ShiftFigure, IsTheShortTimeMeanWhereThatAloneIsLimited) {
  const ReportAgent agent{"stel", {}, {{"PC-STEL", 5, "mg/m3", "T1"}}};
  core::Exposure e{.final = true, .stel_max = 4, .stel_at_least = 4.5};
  auto figure = shift_figure(shift_of("stel", "mg/m3", e), &agent, Language("en"));
  EXPECT_EQ(figure.value, 4.5);
  EXPECT_TRUE(figure.at_least);
  e.stel_at_least = core::no_value;
  figure = shift_figure(shift_of("stel", "mg/m3", e), &agent, Language("en"));
  EXPECT_EQ(figure.value, 4);
  EXPECT_FALSE(figure.at_least);
}

TEST(ShiftFigure, OfAWeekIsTheWeeks) {
  const auto agent = of_law(benzene());
  core::Exposure e{.final = true, .rule = core::TwaRule::h40, .limit = 3, .twa = 1, .week = 2};
  e.time.measured = 1;
  const auto figure = shift_figure(shift_of("cas:71-43-2", "mg/m3", e), &agent, Language("en"));
  EXPECT_EQ(figure.name, "C_TWA of the week (40 h)");
  EXPECT_EQ(figure.value, 2);
  EXPECT_FALSE(figure.at_least);
}

TEST(ShiftFigure, OfHeatIsAMeanAndNoLowerBound) {
  const ReportAgent agent{"wbgt:75:III", {}, {{"WBGT", 29, "degC", "T8"}}};
  core::Exposure e{.final = true, .rule = core::TwaRule::mean, .limit = 30, .twa_so_far = 28.5};
  const auto figure = shift_figure(shift_of("wbgt:75:III", "degC", e), &agent, Language("en"));
  EXPECT_EQ(figure.name, "Mean WBGT so far");
  EXPECT_FALSE(figure.at_least);
  EXPECT_EQ(figure.limit, 30) << "as it applies, and not as it is printed";
  EXPECT_EQ(ratio_text(figure.value, figure.limit, "degC", Language("en")), "-1.5 °C");
}

TEST(ShiftFigure, OfImpulsesIsHeldAgainstWhatTheirNumberPermits) {
  const ReportAgent agent{"noise:peak", {}, {}};
  core::Exposure e{.final = true, .max = 135, .impulses = 150};
  const auto figure = shift_figure(shift_of("noise:peak", "dB(C)", e), &agent, Language("en"));
  EXPECT_EQ(figure.name, "greatest of 150 peaks");
  EXPECT_EQ(figure.limit, core::impulse_limit(150));
}

TEST(ShiftFigure, WithoutALimitIsShownAllTheSame) {
  core::Exposure e{.final = true, .twa = 1};
  e.time.measured = 1;
  const auto figure = shift_figure(shift_of("", "mg/m3", e), nullptr, Language("en"));
  EXPECT_EQ(figure.value, 1);
  EXPECT_TRUE(figure.limit_kind.empty());
  EXPECT_EQ(ratio_text(figure.value, figure.limit, "mg/m3", Language("en")), "");
}

TEST(ReportFigures, RoundPercentDown) {
  EXPECT_EQ(percent_text(0.7499), "74.9 %");
  EXPECT_EQ(percent_text(0.9999), "99.9 %");
  EXPECT_EQ(percent_text(0.29), "29 %");
  EXPECT_EQ(percent_text(0.57), "57 %");
  EXPECT_EQ(percent_text(1), "100 %");
}

TEST(ReportFigures, SayWhereTheRoundedFigureWouldExceed) {
  core::LimitLine line{.kind = core::LimitKind::pc_twa, .figure = 0.6959, .limit = 0.696, .printed_limit = 1};
  EXPECT_EQ(law_figure(line).text, "0.7");
  EXPECT_EQ(law_figure(line).remark, words::rounded_exceeds);
  line.limit = 0.8;
  EXPECT_EQ(law_figure(line).remark, std::nullopt);
}

TEST(ReportWords, NameEveryValueOfTheFeed) {
  const Language zh("zh"), en("en");
  for (const auto reason : core::all_gap_reasons)
    EXPECT_NE(gap_reason_text(core::name(reason), zh), gap_reason_text(core::name(reason), en));
  for (const auto kind : core::all_gap_kinds)
    EXPECT_NE(gap_kind_text(core::name(kind), zh), gap_kind_text(core::name(kind), en));
  for (int i = 0; i <= static_cast<int>(core::AlarmState::out_of_service); ++i) {
    const auto word = core::name(static_cast<core::AlarmState>(i));
    EXPECT_NE(state_text(word, zh), state_text(word, en));
  }
  for (int i = 0; i <= static_cast<int>(core::Level::danger); ++i) {
    const auto word = core::name(static_cast<core::Level>(i));
    EXPECT_NE(level_text(word, zh), level_text(word, en));
  }
  for (const auto note : core::all_assessment_notes) EXPECT_NE(note_word(note).zh, note_word(note).en);
  for (const auto breach : core::all_breaches) EXPECT_NE(breach_word(breach).zh, breach_word(breach).en);
  EXPECT_EQ(gap_reason_text("unheard-of", zh), "unheard-of");
}

TEST(ReportWords, OfVerdictsAndBreachesBelongToThem) {
  const Language zh("zh"), en("en");
  EXPECT_EQ(zh(verdict_word(core::Verdict::compliant)), "合格");
  EXPECT_EQ(zh(verdict_word(core::Verdict::exceeds)), "超标");
  EXPECT_EQ(zh(verdict_word(core::Verdict::insufficient)), "数据不足，不能判定合格");
  EXPECT_EQ(zh(verdict_word(core::Verdict::no_limit)), "无限值，不判定");
  core::Breaches breaches;
  breaches.add(core::Breach::mac);
  breaches.add(core::Breach::wbgt);
  EXPECT_EQ(breach_list(breaches, en), "greatest reading above the MAC; WBGT above its limit");
  EXPECT_EQ(en(note_word(core::AssessmentNote::week_assumed)), "every day of the week is taken to be like this one");
  EXPECT_EQ(grade_text("none", en), "below the lowest grade");
  EXPECT_EQ(limit_kind_text("LEX_8h", en), "L_EX,8h");
}

}  // namespace
}  // namespace report_html_test
}  // namespace hazgate::records
