#include "records/report_csv.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

#include "example_report.hpp"
#include "records/cell.hpp"

namespace hazgate::records {
namespace report_csv_test {
namespace {
using namespace test;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using Row = std::vector<std::string>;

std::vector<Row> parsed(std::string_view csv) {
  std::vector<Row> rows;
  Row row;
  std::string field;
  bool quoted = false;
  for (std::size_t i = 0; i < csv.size(); ++i) {
    const char c = csv[i];
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (csv.substr(i, 2) == "\"\"") {
        field += csv[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',' || c == '\n') {
      row.push_back(std::exchange(field, {}));
      if (c == '\n') rows.push_back(std::exchange(row, {}));
    } else if (c != '\r') {
      field += c;
    }
  }
  EXPECT_FALSE(quoted);
  return rows;
}

/// The tables by their headings, in order.
struct Sheet {
  std::string title;
  std::vector<Row> rows;  ///< the first one has the names of the columns
  std::string at(std::size_t row, std::string_view column) const {
    const auto found = std::ranges::find(rows.front(), column);
    return found == rows.front().end() ? "no such column"
                                       : rows.at(row).at(static_cast<std::size_t>(found - rows.front().begin()));
  }
};

std::vector<Sheet> sheets_of(const std::string& csv) {
  std::vector<Sheet> sheets;
  bool begins = true;
  for (auto& row : parsed(std::string_view(csv).substr(3))) {
    const bool empty = row.size() == 1 && row.front().empty();
    if (begins) {
      sheets.push_back({row.front(), {}});
    } else if (!empty) {
      sheets.back().rows.push_back(std::move(row));
    }
    begins = empty;
  }
  return sheets;
}

const Sheet& named(const std::vector<Sheet>& sheets, std::string_view title) {
  const auto found = std::ranges::find(sheets, title, &Sheet::title);
  EXPECT_NE(found, sheets.end()) << title;
  return found == sheets.end() ? sheets.front() : *found;
}

std::vector<std::string> titles(const std::vector<Sheet>& sheets) {
  std::vector<std::string> list;
  for (const auto& sheet : sheets) list.push_back(sheet.title);
  return list;
}

TEST(ReportCsv, BeginsWithAByteOrderMarkAndHasTheSectionsInOrder) {
  const auto csv = report_csv(example_report());
  EXPECT_TRUE(csv.starts_with("\xEF\xBB\xBF"));
  EXPECT_THAT(titles(sheets_of(csv)), ElementsAre("概况", "工作场所（岗位）", "危害因素及其限值", "各班接触水平",
                                                  "各测点有效数据", "超标记录（台账）", "台账末端签名", "检测与评价",
                                                  "样品", "岗位判定与分级", "合格率", "缺测及其原因", "报警及处置"));
  EXPECT_THAT(
      titles(sheets_of(report_csv(example_report("en")))),
      ElementsAre("Overview", "Workplaces", "Hazards and their limits", "Exposure by shift", "Valid data of each point",
                  "Exceedances (ledger)", "Signed end of the ledger", "Assessments", "Samples",
                  "Judgement of each post", "Pass rates", "Gaps and their reasons", "Alarms and what was done"));
}

TEST(ReportCsv, EndsEachLineWithCrLf) {
  const auto csv = report_csv(example_report());
  for (auto i = csv.find('\n'); i != std::string::npos; i = csv.find('\n', i + 1)) EXPECT_EQ(csv[i - 1], '\r');
}

TEST(ReportCsv, HasAsManyCellsInEachRowAsColumns) {
  for (const char* language : {"zh", "en"}) {
    for (const auto& csv : {report_csv(example_report(language)), report_csv(example_park(language))}) {
      for (const auto& sheet : sheets_of(csv))
        for (const auto& row : sheet.rows) EXPECT_EQ(row.size(), sheet.rows.front().size()) << sheet.title;
    }
  }
}

TEST(ReportCsv, HasTheExactFigureOfEachShift) {
  const auto r = example_report();
  const auto sheets = sheets_of(report_csv(r));
  const auto& shifts = named(sheets, "各班接触水平");
  ASSERT_EQ(shifts.rows.size(), r.exposures.size() + 1);
  EXPECT_EQ(shifts.at(1, "判定值"), "3.3666666666666667");
  EXPECT_EQ(shifts.at(1, "C_STE 最大值"), "6.3");
  EXPECT_EQ(shifts.at(2, "判定值"), "0.30000000000000004");
  for (std::size_t i = 0; i < r.exposures.size(); ++i) {
    const auto& e = r.exposures[i].figures;
    const double decides = std::isfinite(e.twa) ? e.twa : e.twa_so_far;
    const auto text = shifts.at(i + 1, "判定值");
    if (std::isfinite(decides)) {
      EXPECT_EQ(std::strtod(text.c_str(), nullptr), decides);
    } else {
      EXPECT_EQ(text, "");
    }
    EXPECT_EQ(std::strtod(shifts.at(i + 1, "有效数据（0–1）").c_str(), nullptr), e.time.coverage());
    EXPECT_EQ(shifts.at(i + 1, "日期"), r.exposures[i].day);
  }
  EXPECT_EQ(shifts.at(5, "下限"), "是");
  EXPECT_EQ(shifts.at(2, "下限"), "");
}

TEST(ReportCsv, HasEveryShiftOfALongPeriod) {
  auto r = example_report();
  r.exposures = many_exposures(100, 10);
  const auto sheets = sheets_of(report_csv(r));
  const auto& shifts = named(sheets, "各班接触水平");
  ASSERT_EQ(shifts.rows.size(), 3001u);
  for (std::size_t i = 0; i < r.exposures.size(); ++i)
    ASSERT_EQ(std::strtod(shifts.rows[i + 1][7].c_str(), nullptr), r.exposures[i].figures.twa);
}

TEST(ReportCsv, LeavesNoFormulaToASpreadsheet) {
  const auto check = [](const std::string& csv) {
    for (const auto& row : parsed(std::string_view(csv).substr(3)))
      for (const auto& field : row) {
        char* end = nullptr;
        std::strtod(field.c_str(), &end);
        const bool number = !field.empty() && *end == '\0';
        EXPECT_TRUE(number || !looks_like_formula(field)) << field;
      }
  };
  auto r = example_report();
  check(report_csv(r));
  r.enterprise_name = hostile_formula;
  r.workplaces[0].name = r.exposures[0].shift = hostile_formula;
  r.agents[0].name = {std::string(hostile_formula), std::string(hostile_formula)};
  r.gaps[0].text = {"+1", "+1"};
  check(report_csv(r));
  check(report_csv(example_park()));
  EXPECT_THAT(report_csv(r), HasSubstr("\"'=cmd|' /C calc'!A0\""));
}

TEST(ReportCsv, SaysWhichAssessmentsCount) {
  const auto sheets = sheets_of(report_csv(example_report("en")));
  const auto& lines = named(sheets, "Assessments");
  std::map<std::string, std::string> standing;
  for (std::size_t i = 1; i < lines.rows.size(); ++i)
    standing[lines.at(i, "No.") + "/" + lines.at(i, "Version")] = lines.at(i, "Standing");
  EXPECT_EQ(standing,
            (std::map<std::string, std::string>{
                {"1/1", "corrected by a later version"}, {"1/2", "stands"}, {"2/1", "stands"}, {"3/1", "withdrawn"}}));
}

TEST(ReportCsv, HasNoChineseInEnglish) {
  for (const auto& csv : {report_csv(example_report("en")), report_csv(example_park("en"))}) {
    for (std::size_t i = 3; i < csv.size(); ++i) {
      const auto byte = static_cast<unsigned char>(csv[i]);
      EXPECT_FALSE(byte >= 0xE3 && byte <= 0xE9) << csv.substr(i > 40 ? i - 40 : 0, 60);
    }
  }
}

TEST(ReportCsv, OfNothingSaysSo) {
  const auto sheets = sheets_of(report_csv(Report{.language = "en"}));
  EXPECT_THAT(named(sheets, "Exposure by shift").rows,
              Contains(ElementsAre("No record of a shift in this period: no shift was measured.")));
  EXPECT_THAT(named(sheets, "Overview").rows, Contains(Contains(HasSubstr("nothing was measured"))));
  EXPECT_THAT(report_csv(ParkReport{.language = "en"}), HasSubstr("There are no enterprises."));
}

TEST(ReportCsv, OfTheParkHasExactFigures) {
  const auto sheets = sheets_of(report_csv(example_park("en")));
  const auto& rows = named(sheets, "Enterprises, the worst first");
  EXPECT_EQ(rows.at(1, "Id of the enterprise"), "acme");
  EXPECT_EQ(rows.at(1, "Valid data (0-1)"), "0.30000000000000004");
  EXPECT_EQ(rows.at(1, "Median h to disposal"), "3.3000000000000003");
  EXPECT_EQ(rows.at(1, "Pass rate of assessments"), "0.6666666666666666");
  EXPECT_EQ(rows.at(2, "Pass rate of assessments"), "") << "nothing was judged, that is no rate of 0";
  EXPECT_EQ(named(sheets, "The park by month").rows.size(), 3u);
}

TEST(PassRate, IsThatOfWhatWasJudged) {
  PassRate rate;
  EXPECT_EQ(rate.rate(), std::nullopt);
  using enum core::Verdict;
  for (const auto verdict : {compliant, compliant, compliant, exceeds, insufficient, insufficient, no_limit})
    rate.count(verdict);
  EXPECT_EQ(rate.rate(), 0.75);
  EXPECT_EQ(rate.judged(), 4u);
  EXPECT_EQ(rate.insufficient, 2u);
  EXPECT_EQ(rate.no_limit, 1u);
}

}  // namespace
}  // namespace report_csv_test
}  // namespace hazgate::records
