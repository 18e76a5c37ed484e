#include "records/table_file.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "records/encoding.hpp"
#include "tests/fuzz/table_file_fuzz.cpp"  // the very door that is fuzzed

namespace hazgate::records::table_file_test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using namespace std::string_literals;

auto row(std::uint32_t line, const std::vector<std::string>& cells) {
  return AllOf(Field("line", &TableRow::line, line), Field("cells", &TableRow::cells, cells));
}

auto problem_at(std::uint32_t line, const std::string& column, const std::string& words) {
  const auto text = AllOf(Field("zh", &Text::zh, Not(IsEmpty())), Field("en", &Text::en, HasSubstr(words)));
  return AllOf(Field("line", &TableProblem::line, line), Field("column", &TableProblem::column, column),
               Field("text", &TableProblem::text, text));
}

void expect_refused(const TableRead& read, std::uint32_t line, const std::string& words) {
  EXPECT_THAT(read.table.columns, IsEmpty());
  EXPECT_THAT(read.table.rows, IsEmpty());
  ASSERT_THAT(read.problems, Not(IsEmpty()));
  EXPECT_EQ(read.problems[0].line, line);
  EXPECT_THAT(read.problems[0].text.en, HasSubstr(words));
  EXPECT_FALSE(read.problems[0].text.zh.empty());
}

TEST(TableFileCsv, ReadsWhatAChineseExcelSaves) {
  // "样品,结果" CRLF "苯,0.1" CRLF, and a four-byte character (U+3400) of GB18030
  const auto [table, problems] =
      read_table("\xD1\xF9\xC6\xB7,\xBD\xE1\xB9\xFB\r\n\xB1\xBD,0.1\r\n\x81\x39\xEE\x39,\r\n");
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_THAT(table.columns, ElementsAre("样品", "结果"));
  EXPECT_THAT(table.rows, ElementsAre(row(2, {"苯", "0.1"}), row(3, {"㐀", ""})));
}

TEST(TableFileCsv, ReadsUtf8WithAndWithoutMarkAndUtf16OfBothOrders) {
  for (const auto& bytes : {"名,值\n苯,1\n"s, "\xEF\xBB\xBF名,值\n苯,1\n"s, "\xFF\xFE\x0DT,\0<P\n\0\xEF\x82,\0\x31\0"s,
                            "\xFE\xFFT\x0D\0,P<\0\n\x82\xEF\0,\0\x31"s}) {
    const auto [table, problems] = read_table(bytes);
    EXPECT_THAT(problems, IsEmpty());
    EXPECT_THAT(table.columns, ElementsAre("名", "值"));
    EXPECT_THAT(table.rows, ElementsAre(row(2, {"苯", "1"})));
  }
}

TEST(TableFileCsv, AMarkBeforeAQuoteIsNotPartOfTheCell) {
  EXPECT_THAT(read_table("\xEF\xBB\xBF\"a\",b\n").table.columns, ElementsAre("a", "b"));
}

TEST(TableFileCsv, NamesTheLineWhereTheBytesAreNoText) {
  expect_refused(read_table("a,b\r\n1,2\r\n\xB1\xBD,\xFF\n"), 3, "neither UTF-8 nor GB18030");
  expect_refused(read_table("\xFF\xFE\x61\0\n\0\x00\xD8\x61\0"s), 2, "not UTF-16");
  expect_refused(read_table("\xFE\xFF\0a\0\n\0"s), 2, "not UTF-16");
}

TEST(TableFileCsv, DoesNotTakeDamagedUtf8ForGb18030) {
  const auto broken = "样品编号,检测结果\n苯,甲苯\n"s + "\xE8\x8B\n";
  expect_refused(read_table(broken), 3, "not UTF-8");
  // Characters of GB18030 of which by chance five are UTF-8 and one is not.
  EXPECT_THAT(read_table("\xC4\xA3\xC4\xA3\xC4\xA3\xC4\xA3\xC4\xA3\xC4\x40\n").table.columns,
              ElementsAre("模模模模模腀"));
}

TEST(TableFileCsv, GuessesTheSeparatorFromTheHeaderOutsideItsQuotes) {
  EXPECT_THAT(read_table("a;b\n1,5;2,5\n").table.rows, ElementsAre(row(2, {"1,5", "2,5"})));
  EXPECT_THAT(read_table("a\tb\n1;5\t2,5\n").table.rows, ElementsAre(row(2, {"1;5", "2,5"})));
  EXPECT_THAT(read_table("\"a;b;c\",d\n1;5,2\n").table.columns, ElementsAre("a;b;c", "d"));
  EXPECT_THAT(read_table(";;a,b\n").table.columns, ElementsAre("", "", "a,b"));
  EXPECT_THAT(read_table("\n;;\na;b,c;d\n1;2;3\n").table.rows, ElementsAre(row(4, {"1", "2", "3"})));
}

TEST(TableFileCsv, AnyEndOfLineEndsOneAndIsCounted) {
  EXPECT_THAT(read_table("a\r1\r\r\n2\n\n3").table.rows, ElementsAre(row(2, {"1"}), row(4, {"2"}), row(6, {"3"})));
}

TEST(TableFileCsv, QuotesHoldSeparatorsQuotesAndEndsOfLines) {
  const auto [table, problems] = read_table("a,b\n\"1,\"\"2\"\"\",\"x\r\ny\rz\"\n3,4\n");
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_THAT(table.rows, ElementsAre(row(2, {"1,\"2\"", "x\ny\nz"}), row(5, {"3", "4"})));
}

TEST(TableFileCsv, AnOpenQuoteNamesTheLineWhereItBegan) {
  expect_refused(read_table("a,b\n1,2\n3,\"4\n5,6\n7,8\n"), 3, "never ends");
}

TEST(TableFileCsv, WrongQuotesSpoilTheirRowOnly) {
  const auto [table, problems] = read_table("a,b\n1,5\" pipe\n\"2\"x,3\n\"4\" ,5\n");
  EXPECT_THAT(problems, ElementsAre(problem_at(2, "b", "quote within"), problem_at(3, "a", "after its closing quote")));
  EXPECT_THAT(table.rows, ElementsAre(row(4, {"4", "5"})));
}

TEST(TableFileCsv, MissingCellsAreEmptyAndSuperfluousOnesAProblem) {
  const auto [table, problems] = read_table("a,b,,\n1\n2,3,,,,,\n4,5,,6\n,,,\n , \n");
  EXPECT_THAT(table.columns, ElementsAre("a", "b"));
  EXPECT_THAT(table.rows, ElementsAre(row(2, {"1", ""}), row(3, {"2", "3"})));
  EXPECT_THAT(problems, ElementsAre(problem_at(4, "D", "no name")));
}

TEST(TableFileCsv, AColumnWithoutANameKeepsItsPlaceAndHasNoValue) {
  const auto [table, problems] = read_table("a,,c\n1,,2\n3,x,4\n");
  EXPECT_THAT(table.columns, ElementsAre("a", "", "c"));
  EXPECT_THAT(table.rows, ElementsAre(row(2, {"1", "", "2"})));
  EXPECT_THAT(problems, ElementsAre(problem_at(3, "B", "no name")));
}

TEST(TableFileCsv, TrimsEveryKindOfWhiteSpace) {
  EXPECT_THAT(read_table("a\n \u3000\u00A0\t\uFEFFx y\u3000\u200B \n").table.rows, ElementsAre(row(2, {"x y"})));
}

TEST(TableFileCsv, ControlCharactersAreAProblemAndANulRefusesTheFile) {
  const auto [table, problems] = read_table("a,b\n1,\x07\n2,\u202E3\n4,\u0085x\n5,\u20275\n");
  EXPECT_THAT(problems,
              ElementsAre(problem_at(2, "b", "U+0007"), problem_at(3, "b", "U+202E"), problem_at(4, "b", "U+0085")));
  EXPECT_THAT(table.rows, ElementsAre(row(5, {"5", "\u20275"})));
  expect_refused(read_table("a,b\n1,\0\n"s), 2, "NUL");
}

TEST(TableFileCsv, KeepsFormulasAsTheText) {
  EXPECT_THAT(read_table("a\n=1+1\n@x\n").table.rows, ElementsAre(row(2, {"=1+1"}), row(3, {"@x"})));
}

TEST(TableFileCsv, AHeaderThatIsOfNoUseRefusesTheFile) {
  expect_refused(read_table(""), 0, "empty");
  expect_refused(read_table("\xEF\xBB\xBF \r\n,,\n"), 0, "empty");
  expect_refused(read_table("\na,b,a\n1,2,3\n"), 2, "\"a\" is there twice");
  expect_refused(read_table("a,b\x01\n1,2\n"), 1, "U+0001");
}

TEST(TableFile, OtherKindsOfFilesAreNamed) {
  const auto compound = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"s;
  expect_refused(read_table(compound), 0, ".xls)");
  expect_refused(read_table(compound + "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"s), 0, "encrypted");
  expect_refused(read_table("%PDF-1.7\n"), 0, "PDF");
  expect_refused(read_table("\xEF\xBB\xBF\n<html>a,b"), 0, "web page");
  EXPECT_THAT(read_table("PK,b\n1,2\n").table.columns, ElementsAre("PK", "b"));
}

TEST(TableFileLimits, HoldAtTheirValueAndRefuseBeyond) {
  EXPECT_THAT(read_table("a\n1\n2\n", {.rows = 2}).table.rows, SizeIs(2));
  expect_refused(read_table("a\n1\n\n2\n\n3\n", {.rows = 2}), 6, "more than 2 rows");
  EXPECT_THAT(read_table("a,b,,\n1,2,,\n", {.columns = 2}).table.rows, SizeIs(1));
  expect_refused(read_table("a,b\n1,2,3\n", {.columns = 2}), 2, "more than 2 columns");
  EXPECT_THAT(read_table("a\n1\n", {.bytes = 4}).table.rows, SizeIs(1));
  expect_refused(read_table("a\n1\n", {.bytes = 3}), 0, "larger than 3 B");
  EXPECT_THAT(read_table("a\n12\n", {.text_bytes = 3}).table.rows, SizeIs(1));
  expect_refused(read_table("a\n12\n", {.text_bytes = 2}), 2, "more than 2 B");
  EXPECT_THAT(read_table("a\n\" 12\"\n123\n", {.cell_bytes = 2}).problems,
              ElementsAre(problem_at(3, "a", "longer than 2 B")));
}

TEST(TableFileLimits, ProblemsBeyondTheListAreCounted) {
  const auto [table, problems] = read_table("a\n\x01\n\x01\n\x01\n\x01\n", {.problems = 2});
  EXPECT_THAT(problems,
              ElementsAre(problem_at(2, "a", "U+0001"), problem_at(3, "a", "U+0001"), problem_at(0, "", "2 more")));
  EXPECT_THAT(read_table("a\n\x01\n\x01\n", {.problems = 2}).problems, SizeIs(2));
}

TEST(TableFileLimits, AFileThatIsRefusedSaysSoFirst) {
  const auto read = read_table("a\n\x01\n\"", {.problems = 2});
  expect_refused(read, 3, "never ends");
  EXPECT_THAT(read.problems, SizeIs(2));
}

TEST(Encoding, NumbersAreWhatASpreadsheetShows) {
  EXPECT_EQ(number_text(0.10000000000000001), "0.1");
  EXPECT_EQ(number_text(0.1 + 0.2), "0.3");
  EXPECT_EQ(number_text(-0.0), "0");
  EXPECT_EQ(number_text(1e-7), "0.0000001");
  EXPECT_EQ(number_text(1e-10), "1e-10");
  EXPECT_EQ(number_text(-1234.5), "-1234.5");
  EXPECT_EQ(number_text(9007199254740991), "9007199254740991");
  EXPECT_EQ(number_text(123456789012345678), "123456789012346000");
  EXPECT_EQ(number_text(1e20), "100000000000000000000");
  EXPECT_EQ(number_text(1e21), "1e+21");
}

TEST(Encoding, FormatsOfTimesAreToldFromThoseOfNumbers) {
  for (const char* numbers : {"General", "0.00", "0.00E+00", "#,##0.00_ ;[Red]-#,##0.00", "0.0\"mg/m\"", "0\\d", "@",
                              "[$-804]0", "0;yyyy", "[Blue]0_s", "G/通用格式", "0*y", "[>=100]0", "\"", "["})
    EXPECT_EQ(time_format(numbers), TimeFormat{}) << numbers;
  for (const char* dates : {"yyyy-mm-dd", "d/m/yy", "mmm", "[$-F800]dddd\\, mmmm dd", "yyyy\"年\"m\"月\";@", "YYYY"})
    EXPECT_EQ(time_format(dates), TimeFormat{.date = true}) << dates;
  EXPECT_EQ(time_format("h:mm AM/PM"), (TimeFormat{.clock = true}));
  EXPECT_EQ(time_format("mm:ss.0"), (TimeFormat{.clock = true, .seconds = true}));
  EXPECT_EQ(time_format("[h]:mm:ss"), (TimeFormat{.clock = true, .seconds = true, .elapsed = true}));
  EXPECT_EQ(time_format("[mm]"), (TimeFormat{.clock = true, .elapsed = true}));
  EXPECT_EQ(time_format("yyyy-mm-dd hh:mm"), (TimeFormat{.date = true, .clock = true}));
}

TEST(Encoding, BuiltInFormatsOfTimesIncludeThoseOfChina) {
  std::string kinds;
  for (std::uint32_t id = 0; id < 60; ++id) {
    const auto format = builtin_time_format(id);
    kinds += format.date && format.clock ? 'b' : format.date ? 'd' : format.seconds ? 's' : format.clock ? 'c' : '.';
  }
  EXPECT_EQ(kinds, "..............ddddcscsb....dddddcscsd........sss..dddddccdd.");
}

TEST(Encoding, DaysAreCountedAsExcelDoesWithItsDayThatNeverWas) {
  const auto day = [](double serial, DateSystem system = DateSystem::from_1900) {
    return time_text(serial, {.date = true}, system).value_or("none");
  };
  EXPECT_EQ(day(0), "none");
  EXPECT_EQ(day(1), "1900-01-01");
  EXPECT_EQ(day(59), "1900-02-28");
  EXPECT_EQ(day(60), "none");
  EXPECT_EQ(day(61), "1900-03-01");
  EXPECT_EQ(day(46082), "2026-03-01");
  EXPECT_EQ(day(2958465), "9999-12-31");
  EXPECT_EQ(day(2958466), "none");
  EXPECT_EQ(day(-1), "none");
  EXPECT_EQ(day(0, DateSystem::from_1904), "1904-01-01");
  EXPECT_EQ(day(60, DateSystem::from_1904), "1904-03-01");
  EXPECT_EQ(day(44620, DateSystem::from_1904), "2026-03-01");
  EXPECT_EQ(day(2958465, DateSystem::from_1904), "none");
}

TEST(Encoding, ClocksAreRoundedToTheSecondAndCutToWhatIsShown) {
  const auto clock = [](double serial, TimeFormat format) { return time_text(serial, format, DateSystem::from_1900); };
  EXPECT_EQ(clock(0.354166666666667, {.clock = true}), "08:30");
  EXPECT_EQ(clock(0.354166666666666, {.clock = true}), "08:30");  // a hair before
  EXPECT_EQ(clock(8.5 / 24 + 59.0 / 86400, {.clock = true}), "08:30");
  EXPECT_EQ(clock(8.5 / 24 + 59.0 / 86400, {.clock = true, .seconds = true}), "08:30:59");
  EXPECT_EQ(clock(8.5 / 24, {.clock = true, .seconds = true}), "08:30");
  EXPECT_EQ(clock(1.5, {.clock = true}), "12:00");
  EXPECT_EQ(clock(1.5, {.clock = true, .elapsed = true}), "36:00");
  EXPECT_EQ(clock(46082.9999999999, {.date = true, .clock = true}), "2026-03-02 00:00");
}

TEST(TableFile, TheCorpusOfHostileBytesDoesNoHarm) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SOURCE_DIR "/tests/fuzz/corpus/table_file")) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::vector<std::uint8_t> bytes((std::istreambuf_iterator<char>(file)), {});
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    ++files;
  }
  EXPECT_GE(files, 15u);
}

}  // namespace
}  // namespace hazgate::records::table_file_test
