#include "storage/assessments.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>

#include "unit/storage/example_store.hpp"

namespace hazgate::storage::assessments_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

core::Assessment example(std::int32_t day = 20'400) {
  core::Assessment a;
  a.at = core::Timestamp(std::chrono::hours(1));
  a.by = "chen";
  a.origin = "lab.csv";
  a.enterprise = "acme";
  a.workplace = "mixing";
  a.group = "painters";
  a.laboratory = "实验室";
  a.report_no = "JC-1";
  a.method = "GBZ/T 300.66-2017";
  a.agent = "cas:71-43-2";
  a.subject_kind = core::SubjectKind::person;
  a.subject = "张三";
  a.day = day;
  a.shift_hours = 12;
  a.days_per_week = 6;
  a.exposure_hours = 7.5;
  a.sio2_percent = 12;
  a.work_class = "II";
  a.toxicity = "high";
  a.note = "two\nlines";
  a.attachments = {{std::string(64, 'a'), "report.pdf"}};
  a.samples = {{.begin_minute = 480,
                .end_minute = 720,
                .result = "1.20",
                .unit = core::Unit::ppm,
                .value = 3.9,
                .volume_l = 12.5,
                .stands_for_minutes = 300.0},
               {.begin_minute = 1380, .end_minute = 1500, .result = "<0.30", .value = 0.3, .below_loq = true}};
  return a;
}

class AssessmentsStore : public testing::Test {
 protected:
  std::uint64_t add(const core::Assessment& a) {
    Transaction transaction(database);
    const auto number = assessments.add(a);
    transaction.commit();
    return number;
  }
  CorrectionFault correct(const core::Assessment& a) {
    Transaction transaction(database);
    const auto fault = assessments.correct(a);
    transaction.commit();
    return fault;
  }
  test::Folder folder;
  Database database{folder.file};
  Assessments assessments{database};
};

TEST_F(AssessmentsStore, GiveBackWhatWasEnteredToTheLastField) {
  auto a = example();
  a.number = add(a);
  EXPECT_THAT(assessments.versions(a.number), ElementsAre(a));
}

TEST_F(AssessmentsStore, KeepEveryVersionAndCountTheNewest) {
  auto a = example();
  a.number = add(a);
  auto corrected = a;
  corrected.why = "typing error";
  corrected.samples[0].result = "1.02";
  EXPECT_EQ(correct(corrected), CorrectionFault::none);
  EXPECT_EQ(correct(corrected), CorrectionFault::changed_since) << "version 1 is not the newest any more";
  corrected.number = 99;
  EXPECT_EQ(correct(corrected), CorrectionFault::not_there);
  const auto versions = assessments.versions(a.number);
  ASSERT_THAT(versions, SizeIs(2));
  EXPECT_EQ(versions[0], a);
  EXPECT_EQ(versions[1].version, 2U);
  const auto page = assessments.newest({.first_day = 0, .last_day = 30'000});
  ASSERT_THAT(page.assessments, SizeIs(1));
  EXPECT_EQ(page.assessments[0].samples[0].result, "1.02");
}

TEST_F(AssessmentsStore, AreNeitherChangedNorDeleted) {
  add(example());
  for (const char* sql :
       {"UPDATE assessment SET note=''", "DELETE FROM assessment", "UPDATE assessment_sample SET value=0",
        "DELETE FROM assessment_sample", "UPDATE assessment_file SET file=''", "DELETE FROM assessment_file"})
    EXPECT_THROW(database.handle().exec(sql), SQLite::Exception) << sql;
}

TEST_F(AssessmentsStore, AreFoundByDayPlaceAndAgentAndWithdrawnOnesOnlyWhereAskedFor) {
  auto first = example(100), second = example(200), others = example(150);
  first.number = add(first);
  second.workplace = "packing";
  add(second);
  others.enterprise = "other";
  add(others);
  const auto found = [&](const AssessmentFilter& filter) {
    std::vector<std::int32_t> days;
    for (const auto& a : assessments.newest(filter).assessments) days.push_back(a.day);
    return days;
  };
  EXPECT_THAT(found({.first_day = 100, .last_day = 200}), ElementsAre(200, 150, 100));
  EXPECT_THAT(found({.enterprise = "acme", .first_day = 100, .last_day = 199}), ElementsAre(100));
  EXPECT_THAT(found({.workplace = "packing", .first_day = 0, .last_day = 999}), ElementsAre(200));
  EXPECT_THAT(found({.agent = "noise", .first_day = 0, .last_day = 999}), IsEmpty());
  first.withdrawn = true;
  ASSERT_EQ(correct(first), CorrectionFault::none);
  EXPECT_THAT(found({.enterprise = "acme", .first_day = 0, .last_day = 999}), ElementsAre(200));
  EXPECT_THAT(found({.enterprise = "acme", .first_day = 0, .last_day = 999, .withdrawn = true}), ElementsAre(200, 100));
  EXPECT_TRUE(assessments.newest({.first_day = 0, .last_day = 999, .limit = 1}).more);
}

TEST_F(AssessmentsStore, KeepFilesForTheEnterpriseThatBroughtThem) {
  const StoredFile file{.hash = std::string(64, 'b'),
                        .enterprise = "acme",
                        .file = "report.pdf",
                        .by = "chen",
                        .at = core::Timestamp(std::chrono::hours(2)),
                        .bytes = std::string("%PDF-\0\xff", 7)};
  Transaction transaction(database);
  assessments.keep(file);
  assessments.keep(file);
  transaction.commit();
  ASSERT_TRUE(assessments.file(file.hash, "acme"));
  EXPECT_EQ(assessments.file(file.hash, "acme")->bytes, file.bytes);
  EXPECT_FALSE(assessments.file(file.hash, "other"));
  EXPECT_FALSE(assessments.has_file(file.hash, "other"));
  EXPECT_EQ(assessments.bytes_of("acme"), 7U);
}

TEST_F(AssessmentsStore, TellTheLatestOfWhatWasDone) {
  DutyDone done{.by = "chen",
                .kind = "calibration",
                .enterprise = "acme",
                .workplace = {},
                .device = "dust-1",
                .agent = {},
                .day = 100,
                .note = {}};
  Transaction transaction(database);
  assessments.done(done);
  done.day = 300;
  assessments.done(done);
  done.day = 200;
  assessments.done(done);
  transaction.commit();
  ASSERT_THAT(assessments.last_done("acme"), SizeIs(1));
  EXPECT_EQ(assessments.last_done("acme")[0].day, 300);
  EXPECT_THAT(assessments.last_done("other"), IsEmpty());
}

}  // namespace
}  // namespace hazgate::storage::assessments_test
