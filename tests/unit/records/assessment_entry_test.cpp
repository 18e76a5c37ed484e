#include "records/assessment_entry.hpp"

#include <gmock/gmock.h>

#include "unit/records/example_entry.hpp"

namespace hazgate::records::assessment_entry_test {
namespace {

using test::example_words;
using test::ExampleEntry;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class EnterAssessment : public testing::Test, public ExampleEntry {
 protected:
  std::vector<std::string> faults(const AssessmentWords& words) const {
    std::vector<std::string> fields;
    for (const auto& fault : entry.enter(words, context).faults) fields.push_back(fault.field);
    return fields;
  }
  std::vector<std::string> faults(const std::string& field, const std::string& word) const {
    auto words = example_words();
    words.fields[field] = word;
    return faults(words);
  }
  std::vector<std::string> sample_faults(const std::string& field, const std::string& word) const {
    auto words = example_words();
    words.samples[0][field] = word;
    return faults(words);
  }
};

TEST_F(EnterAssessment, ReadsWordsIntoFigures) {
  const auto entered = entry.enter(example_words(), context);
  ASSERT_TRUE(entered.assessment) << entered.faults.front().field << ": " << entered.faults.front().text.en;
  const auto& a = *entered.assessment;
  EXPECT_EQ(a.enterprise, "acme");
  EXPECT_EQ(a.workplace, "mixing");
  EXPECT_EQ(a.agent, "cas:71-43-2");
  EXPECT_EQ(date_word(a.day), "2026-11-20");
  ASSERT_THAT(a.samples, SizeIs(2));
  EXPECT_EQ(a.samples[0].result, "1.20");
  EXPECT_DOUBLE_EQ(a.samples[0].value, 1.2);
  EXPECT_EQ(a.samples[1].begin_minute, 22 * 60);
  EXPECT_EQ(a.samples[1].end_minute, 30 * 60) << "06:00 after 22:00 is the next day";
  EXPECT_TRUE(a.samples[1].below_loq);
}

TEST_F(EnterAssessment, TakesChineseNamesOfPlaceAgentAndKind) {
  auto words = example_words();
  words.fields["workplace"] = "混合车间";
  words.fields["agent"] = "苯";
  words.fields["subject_kind"] = "个体";
  words.fields["date"] = "2026年11月20日";
  words.fields["work_class"] = "Ⅱ";
  const auto entered = entry.enter(words, context);
  ASSERT_TRUE(entered.assessment);
  EXPECT_EQ(entered.assessment->workplace, "mixing");
  EXPECT_EQ(entered.assessment->agent, "cas:71-43-2");
  EXPECT_EQ(entered.assessment->subject_kind, core::SubjectKind::person);
  EXPECT_EQ(entered.assessment->work_class, "II");
}

TEST_F(EnterAssessment, ConvertsVolumeFractionsAtTwentyDegrees) {  // ppm M / 24.05, GBZ 2.1-2019 A.2.6
  auto words = example_words();
  words.samples[0]["unit"] = "ppm";
  const auto entered = entry.enter(words, context);
  ASSERT_TRUE(entered.assessment);
  EXPECT_NEAR(entered.assessment->samples[0].value, 1.2 * 78.114 / 24.05, 1e-3);
  EXPECT_EQ(entered.assessment->samples[0].result, "1.20");
  EXPECT_EQ(entered.assessment->samples[0].unit, core::Unit::ppm);
}

TEST_F(EnterAssessment, TellsEveryFaultWithItsField) {
  EXPECT_THAT(faults("date", "2026-02-30"), ElementsAre("date"));
  EXPECT_THAT(faults("date", "2026-11-28"), ElementsAre("date")) << "after today";
  EXPECT_THAT(faults("workplace", "mixng"), ElementsAre("workplace"));
  EXPECT_THAT(faults("agent", "cas:71-43-3"), ElementsAre("agent"));
  EXPECT_THAT(faults("agent", "noise:peak"), ElementsAre("agent"));
  EXPECT_THAT(faults("laboratory", ""), ElementsAre("laboratory"));
  EXPECT_THAT(faults("laboratory", "two\nlines"), ElementsAre("laboratory"));
  EXPECT_THAT(faults("shift_hours", "25"), ElementsAre("shift_hours"));
  EXPECT_THAT(faults("exposure_hours", "9"), ElementsAre("exposure_hours")) << "longer than the shift";
  EXPECT_THAT(faults("sio2_percent", "12"), ElementsAre("sio2_percent")) << "benzene is no dust";
  EXPECT_THAT(faults("toxicity", "deadly"), ElementsAre("toxicity"));
  EXPECT_THAT(faults("subject_kind", "both"), ElementsAre("subject_kind"));
  EXPECT_THAT(sample_faults("result", "1,20"), ElementsAre("samples[0].result"));
  EXPECT_THAT(sample_faults("result", "0"), ElementsAre("samples[0].result"));
  EXPECT_THAT(sample_faults("result", "-1"), ElementsAre("samples[0].result"));
  EXPECT_THAT(sample_faults("result", "ND"), ElementsAre("samples[0].result"));
  EXPECT_THAT(sample_faults("unit", "dB(A)"), ElementsAre("samples[0].unit"));
  EXPECT_THAT(sample_faults("start", "25:00"), ElementsAre("samples[0].start"));
  EXPECT_THAT(sample_faults("end", "22:30"), ElementsAre("samples")) << "overlaps the next";
  EXPECT_THAT(sample_faults("volume_l", "-1"), ElementsAre("samples[0].volume_l"));
  auto several = example_words();
  several.fields["date"] = "x";
  several.samples[1]["result"] = "";
  EXPECT_THAT(faults(several), ElementsAre("date", "samples[1].result"));
  several.samples.clear();
  EXPECT_THAT(faults(several), ElementsAre("date", "samples"));
}

TEST_F(EnterAssessment, KnowsNoPlaceOfAnotherEnterprise) {
  context.enterprise = core::EnterpriseIndex{1};
  EXPECT_THAT(faults(example_words()), ElementsAre("workplace"));
  const auto told = entry.enter(example_words(), context).faults.front().text.en;
  EXPECT_EQ(told.find("mixing"), told.rfind("mixing")) << "it is repeated, and no other is named: " << told;
}

TEST_F(EnterAssessment, JudgesADustWithTenPerCentAsSilica) {  // GBZ 2.1-2019 Table 2, footnote
  auto words = example_words();
  words.fields["agent"] = "dust:49:total";
  words.fields["sio2_percent"] = "10";
  for (auto& sample : words.samples) sample["unit"] = "mg/m3";
  const auto entered = entry.enter(words, context);
  ASSERT_TRUE(entered.assessment);
  EXPECT_EQ(entry.judged_as(*entered.assessment).id, "dust:40-1:total");
  EXPECT_EQ(entry.judged_as(*entered.assessment).limits.at(0).value, 1);
}

TEST(LabResult, IsANumberOrBelowOne) {
  EXPECT_DOUBLE_EQ(lab_result("1.20")->value, 1.2);
  for (const auto* below : {"<0.3", "< 0.3", "＜0.3"}) {
    ASSERT_TRUE(lab_result(below)) << below;
    EXPECT_TRUE(lab_result(below)->below_loq);
    EXPECT_DOUBLE_EQ(lab_result(below)->value, 0.3);
  }
  for (const auto* no : {"", "<", "1 2", "0x10", "nan", "inf", "1e999", "1.2.3", "+1", "<<1"})
    EXPECT_FALSE(lab_result(no)) << no;
}

TEST(LocalDate, IsReadInTheFormsThatPeopleType) {
  for (const auto* word : {"2026-11-20", "2026/11/20", "2026.11.20", "2026年11月20日"}) {
    ASSERT_TRUE(local_date(word)) << word;
    EXPECT_EQ(date_word(*local_date(word)), "2026-11-20") << word;
  }
  EXPECT_EQ(date_word(local_date("2026/1/5").value_or(0)), "2026-01-05");
  for (const auto* no : {"", "2026", "20-11-2026", "2026-13-01", "2026-11-31", "2026-11-20x", "2026-11", "2026--1-1"})
    EXPECT_FALSE(local_date(no)) << no;
}

}  // namespace
}  // namespace hazgate::records::assessment_entry_test
