#include "records/assessment_import.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "records/table_writer.hpp"
#include "unit/records/example_entry.hpp"

namespace hazgate::records::assessment_import_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string header =
    "report_no,laboratory,workplace,agent,date,subject_kind,subject,method,start,end,result,unit\r\n";

std::string row(const std::string& subject, const std::string& start, const std::string& end,
                const std::string& result) {
  return fmt::format("JC-1,Lab,mixing,cas:71-43-2,2026-11-20,person,{},GBZ/T 300.66,{},{},{},mg/m3\r\n", subject, start,
                     end, result);
}

class ImportAssessments : public testing::Test, public test::ExampleEntry {
 protected:
  Import import(const std::string& bytes) const { return import_assessments(read_table(bytes), entry, context); }
  std::vector<std::string> told(const std::string& bytes) const {
    std::vector<std::string> lines;
    for (const auto& problem : import(bytes).problems)
      lines.push_back(fmt::format("{} {}", problem.line, problem.column));
    return lines;
  }
};

TEST_F(ImportAssessments, MakesOneOfTheRowsThatBelongTogether) {
  const auto file = header + row("Li", "08:00", "12:00", "1.2") + row("Wang", "08:00", "12:00", "2") +
                    row("Li", "13:00", "17:00", "<0.3");
  const auto done = import(file);
  EXPECT_THAT(done.problems, IsEmpty());
  ASSERT_THAT(done.good, SizeIs(2));
  EXPECT_THAT(done.good[0].lines, ElementsAre(2, 4));
  EXPECT_THAT(done.good[0].assessment.samples, SizeIs(2));
  EXPECT_EQ(done.good[1].assessment.subject, "Wang");
}

TEST_F(ImportAssessments, TellsTheLineAndTheColumnOfEachFaultAndKeepsTheGood) {
  const auto file = header + row("Li", "08:00", "12:00", "1.2") + row("Wang", "08:00", "12:00", "much") +
                    row("Zhao", "8", "12:00", "2");
  EXPECT_THAT(told(file), ElementsAre("3 result", "4 start"));
  EXPECT_THAT(import(file).good, SizeIs(1));
  EXPECT_EQ(import(file).bad, 2U);
}

TEST_F(ImportAssessments, TellsWhereRowsOfOneAssessmentContradictEachOther) {
  auto other = row("Li", "13:00", "17:00", "1");
  other.replace(other.find("Lab"), 3, "Bal");
  EXPECT_THAT(told(header + row("Li", "08:00", "12:00", "1.2") + other), ElementsAre("3 laboratory"));
}

TEST_F(ImportAssessments, TakesTwoSpellingsOfOneAgentForADouble) {
  auto other = row("Li", "13:00", "17:00", "1");
  other.replace(other.find("cas:71-43-2"), 11, "苯");
  EXPECT_THAT(told(header + row("Li", "08:00", "12:00", "1.2") + other), ElementsAre("3 "));
}

TEST_F(ImportAssessments, RefusesColumnsThatAreUnknownMissingOrDouble) {
  EXPECT_THAT(told("colour," + header + "red," + row("Li", "08:00", "12:00", "1")), ElementsAre("1 colour"));
  EXPECT_THAT(told("workplace,result\r\nmixing,1\r\n"), testing::Contains("1 检测机构"));
  EXPECT_THAT(told("检测结果," + header + "1," + row("Li", "08:00", "12:00", "1")), testing::Contains("1 result"))
      << "the same by another name";
  EXPECT_THAT(import("colour," + header).problems.front().text.en, HasSubstr("report_no"));
}

TEST_F(ImportAssessments, GoesOutAndComesBackUnchanged) {
  auto words = test::example_words();
  words.fields["note"] = "=SUM(A1), \"quoted\"";
  words.fields["exposure_hours"] = "7.25";
  words.samples[0]["volume_l"] = "12.5";
  words.samples[0]["stands_for_min"] = "300";
  words.samples.push_back(
      {{"start", "2026-11-21 07:00"}, {"end", "2026-11-21 07:15"}, {"result", "0.4"}, {"unit", "ppm"}});
  const auto entered = entry.enter(words, context);
  ASSERT_TRUE(entered.assessment) << entered.faults.front().field;
  for (const bool chinese : {true, false}) {
    const auto table = assessment_table(std::span(&*entered.assessment, 1), chinese);
    for (const auto& bytes : {table_csv(table), table_xlsx(table, "assessments").value()}) {
      const auto back = import(bytes);
      EXPECT_THAT(back.problems, IsEmpty()) << back.problems.front().text.en;
      ASSERT_THAT(back.good, SizeIs(1));
      EXPECT_EQ(back.good[0].assessment, *entered.assessment);
    }
  }
}

TEST_F(ImportAssessments, TakesItsOwnTemplate) {
  for (const bool chinese : {true, false}) {
    const auto done = import(table_csv(template_table("mixing", chinese)));
    EXPECT_THAT(done.problems, IsEmpty()) << done.problems.front().text.en;
    EXPECT_THAT(done.good, SizeIs(2));
  }
}

TEST_F(ImportAssessments, DefusesFormulasInACsv) {
  auto words = test::example_words();
  words.fields["note"] = "=cmd|' /C calc'!A0";
  const auto entered = entry.enter(words, context);
  ASSERT_TRUE(entered.assessment);
  EXPECT_THAT(table_csv(assessment_table(std::span(&*entered.assessment, 1), false)), HasSubstr(",\"'=cmd|"));
}

}  // namespace
}  // namespace hazgate::records::assessment_import_test
