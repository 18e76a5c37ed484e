#include "records/report_xlsx.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <map>
#include <sstream>

#include "example_report.hpp"
#include "support/process.hpp"

namespace hazgate::records {
namespace report_xlsx_test {
namespace {
using namespace test;
using hazgate::test::answer_of;
using hazgate::test::TemporaryFolder;
using testing::ElementsAre;

/// What another program finds in the workbook: a line for each cell, "sheet|A1|type|value", and one for each sheet.
constexpr const char* reader = R"(
import sys, openpyxl, datetime
book = openpyxl.load_workbook(sys.argv[1])
for sheet in book:
    bold = all(c.font.b for c in sheet[1] if c.value is not None)
    print(f"{sheet.title}|sheet|{sheet.freeze_panes} {sheet.auto_filter.ref} {bold}|{sheet.max_row}")
    for row in sheet.iter_rows():
        for c in row:
            if c.value is None: continue
            value = c.value.date().isoformat() if isinstance(c.value, datetime.datetime) else c.value
            value = repr(float(value)) if c.data_type == 'n' else str(value).replace('\n', '\\n')
            print(f"{sheet.title}|{c.coordinate}|{c.data_type}|{value}")
)";

struct Cell {
  std::string type, value;
  bool operator==(const Cell&) const = default;
};
void PrintTo(const Cell& cell, std::ostream* out) { *out << cell.type << '|' << cell.value; }

struct Book {
  std::vector<std::string> sheets;
  std::map<std::string, Cell> cells;  ///< by "sheet|A1"
  Cell at(const std::string& place) const {
    const auto found = cells.find(place);
    return found == cells.end() ? Cell{} : found->second;
  }
  double number(const std::string& place) const {
    const auto cell = at(place);
    return cell.type == "n" ? std::strtod(cell.value.c_str(), nullptr) : core::no_value;
  }
};

Book read_back(const std::string& bytes) {
  const TemporaryFolder folder;
  const auto file = folder.write("report.xlsx", bytes);
  const auto answer = answer_of({"/usr/bin/python3", "-c", reader, file.string()});
  EXPECT_EQ(answer.code, 0) << answer.text.substr(0, 2000);
  Book book;
  std::istringstream lines(answer.text);
  for (std::string line; std::getline(lines, line);) {
    const auto a = line.find('|'), b = line.find('|', a + 1), c = line.find('|', b + 1);
    if (c == std::string::npos) continue;
    if (line.substr(a + 1, b - a - 1) == "sheet") book.sheets.push_back(line.substr(0, a));
    book.cells[line.substr(0, b)] = {line.substr(b + 1, c - b - 1), line.substr(c + 1)};
  }
  return book;
}

struct ReportXlsx : testing::Test {
  static void SetUpTestSuite() {
    chinese = read_back(report_xlsx(example_report()).value());
    english = read_back(report_xlsx(example_report("en")).value());
  }
  static inline Book chinese, english;
};

TEST_F(ReportXlsx, HasASheetForEachSectionInOrder) {
  EXPECT_THAT(chinese.sheets, ElementsAre("概况", "工作场所（岗位）", "危害因素及其限值", "各班接触水平",
                                          "各测点有效数据", "超标记录（台账）", "台账末端签名", "检测与评价", "样品",
                                          "岗位判定与分级", "合格率", "缺测及其原因", "报警及处置"));
  EXPECT_EQ(english.sheets.size(), chinese.sheets.size());
  EXPECT_EQ(english.sheets[3], "Exposure by shift");
}

TEST_F(ReportXlsx, HasAHeadThatStaysAndFilters) {
  EXPECT_EQ(chinese.at("各班接触水平|sheet"), (Cell{"A2 A1:V8 True", "8"}));
  EXPECT_EQ(chinese.at("各班接触水平|A1"), (Cell{"s", "日期"}));
  EXPECT_EQ(chinese.at("缺测及其原因|sheet"), (Cell{"A2 A1:H3 True", "3"}));
}

TEST_F(ReportXlsx, HasTheExactFigureOfEachShiftAsANumber) {
  const auto exposures = example_exposures();
  for (std::size_t i = 0; i < exposures.size(); ++i) {
    const auto row = std::to_string(i + 2);
    const auto& e = exposures[i].figures;
    const double decides = std::isfinite(e.twa) ? e.twa : e.twa_so_far;
    EXPECT_TRUE(core::same(chinese.number("各班接触水平|H" + row), decides)) << row;
    EXPECT_TRUE(core::same(chinese.number("各班接触水平|R" + row), e.stel_max)) << row;
    EXPECT_TRUE(core::same(chinese.number("各班接触水平|O" + row), e.time.coverage())) << row;
    EXPECT_EQ(chinese.at("各班接触水平|A" + row), (Cell{"d", exposures[i].day}));
  }
  // One digit more than the library would write.
  EXPECT_EQ(chinese.at("各班接触水平|H3").value, "0.30000000000000004");
}

TEST_F(ReportXlsx, KeepsTextsAsTextsAndHasNoFormula) {
  for (const auto& [place, cell] : chinese.cells) EXPECT_NE(cell.type, "f") << place;
  EXPECT_EQ(chinese.at("工作场所（岗位）|B2"), (Cell{"s", std::string(hostile_script)}));
  EXPECT_EQ(chinese.at("检测与评价|U4"), (Cell{"s", std::string(hostile_formula)}));
  EXPECT_EQ(chinese.at("检测与评价|G2").value, "个体 " + std::string(hostile_quotes));
  EXPECT_EQ(chinese.at("报警及处置|Q2"), (Cell{"s", R"( =HYPERLINK("x"))"}));
  EXPECT_EQ(chinese.at("报警及处置|O2"), (Cell{"s", "@wang"}));
}

TEST_F(ReportXlsx, HasTheSignedHead) {
  EXPECT_EQ(english.at("Signed end of the ledger|A5"), (Cell{"s", "Signature (Ed25519)"}));
  EXPECT_EQ(english.at("Signed end of the ledger|B5").value, std::string(128, 'd'));
}

TEST(ReportXlsxOf, HostileTextEverywhereIsReadable) {
  auto r = example_report();
  const std::string bad = "=1+1\x01\x1F \xFF ]]> </t></is> _x000D_ " + very_long_chinese();
  r.enterprise_name = r.area = r.exposures[0].shift = r.exposures[0].limit_source = bad;
  r.workplaces[0].name = std::string(40'000, 'x');
  const auto book = read_back(report_xlsx(r).value());
  EXPECT_EQ(book.at("各班接触水平|B2").type, "s");
  EXPECT_THAT(book.at("各班接触水平|B2").value, testing::StartsWith("=1+1 \uFFFD ]]> </t></is> "));
  EXPECT_EQ(book.at("工作场所（岗位）|B2").value.size(), 32'767u);
}

TEST(ReportXlsxOf, ALongPeriodHasEveryShift) {
  auto r = example_report("en");
  r.exposures = many_exposures(100, 10);
  const auto book = read_back(report_xlsx(r).value());
  for (std::size_t i = 0; i < r.exposures.size(); ++i)
    ASSERT_EQ(book.number("Exposure by shift|H" + std::to_string(i + 2)), r.exposures[i].figures.twa);
  EXPECT_EQ(book.at("Exposure by shift|sheet").value, "3001");
}

TEST(ReportXlsxOf, NothingSaysSo) {
  const auto book = read_back(report_xlsx(Report{.language = "en"}).value());
  EXPECT_EQ(book.at("Exposure by shift|A2").value, "No record of a shift in this period: no shift was measured.");
  EXPECT_EQ(book.sheets.size(), 13u);
  EXPECT_EQ(read_back(report_xlsx(ParkReport{}).value()).at("各用人单位（差者在前）|A2").value, "没有用人单位。");
}

TEST(ReportXlsxOf, TheParkHasExactFigures) {
  const auto book = read_back(report_xlsx(example_park("en")).value());
  EXPECT_THAT(book.sheets, ElementsAre("Overview", "Enterprises, the worst first", "The park by month"));
  EXPECT_EQ(book.at("Enterprises, the worst first|B2"), (Cell{"s", std::string(hostile_script)}));
  EXPECT_EQ(book.at("Enterprises, the worst first|C2"), (Cell{"s", std::string(hostile_formula)}));
  EXPECT_EQ(book.number("Enterprises, the worst first|O2"), 0.1 + 0.2);
  EXPECT_EQ(book.number("Enterprises, the worst first|D2"), 2.0 / 3);
  EXPECT_EQ(book.at("Enterprises, the worst first|D3"), Cell{}) << "nothing was judged, that is no rate of 0";
}

/// So many more files may be opened.
class FewFiles {
 public:
  explicit FewFiles(int more) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int next = dup(0);
    close(next);
    auto few = before_;
    few.rlim_cur = static_cast<rlim_t>(next) + static_cast<rlim_t>(more);
    setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewFiles() { setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

std::ptrdiff_t open_files() {
  using Files = std::filesystem::directory_iterator;
  return std::distance(Files("/proc/self/fd"), Files());
}

TEST(ReportXlsxOf, AMachineThatOpensNoMoreFilesIsAnErrorAndLeavesNoneOpen) {
  const auto report = example_report();
  const auto whole = report_xlsx(report).value().size();
  const auto before = open_files();
  int failed = 0;
  for (int more = 0; more < 40; ++more) {
    const auto made = [&] {
      const FewFiles few(more);
      return report_xlsx(report);
    }();
    failed += made.has_error() ? 1 : 0;
    if (made.has_error()) {
      EXPECT_EQ(made.error(), boost::system::errc::too_many_files_open) << made.error().message();
    } else {
      EXPECT_NEAR(static_cast<double>(made->size()), static_cast<double>(whole), 16)
          << "but for the time in it: " << more;
    }
    EXPECT_EQ(open_files(), before) << more;
  }
  EXPECT_GT(failed, 5);
  EXPECT_LT(failed, 40);
}

}  // namespace
}  // namespace report_xlsx_test
}  // namespace hazgate::records
