#include <gmock/gmock.h>

#include "app/record_source.hpp"
#include "feed/exposure_payload.hpp"
#include "storage/homes.hpp"
#include "storage/readings.hpp"
#include "support/process.hpp"

namespace hazgate::app::report_source_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr std::int32_t day = 20'766;  // 2026-11-09

settings::Settings two_enterprises(const std::filesystem::path& folder) {
  settings::Settings settings;
  settings.gateway.data_dir = folder;
  settings::Problems problems;
  settings.limits = settings::LimitTable::read({SOURCE_DIR "/config"}, problems);
  settings.duties = settings::DutyTable::read({SOURCE_DIR "/config"}, problems);
  settings.shifts = {{.id = "day"}};
  auto& site = settings.site;
  site.gateway_id = "gw";
  site.shifts = {{.id = "day"}};
  site.enterprises = {{.id = "acme", .name = "", .area = ""}, {.id = "other", .name = "", .area = ""}};
  site.agents = {*settings.limits.agent("cas:71-43-2")};
  for (std::uint32_t i = 0; i < 2; ++i) {
    const auto number = std::to_string(i);
    site.workplaces.push_back(
        {.id = "post-" + number, .name = "", .enterprise = core::EnterpriseIndex{i}, .shifts = {core::ShiftIndex{0}}});
    site.devices.push_back({.id = "gas-" + number,
                            .workplace = core::WorkplaceIndex{i},
                            .first_point = core::PointIndex{i},
                            .point_count = 1});
    site.points.push_back({.id = "gas-" + number + ".benzene",
                           .device = core::DeviceIndex{i},
                           .workplace = core::WorkplaceIndex{i},
                           .agent = core::AgentIndex{0}});
  }
  return settings;
}

class ReportOutOfTheStore : public testing::Test {
 protected:
  ReportOutOfTheStore() {
    storage::Database database(file);
    storage::Exposures exposures(database, settings.site);
    const storage::Assessments assessments(database);
    storage::Transaction transaction(database);
    storage::note_homes(database, settings.site, core::Timestamp{});
    for (std::uint32_t point = 0; point < 2; ++point) exposures.save(shift(point, 1.23456789));
    for (const auto* workplace : {"post-0", "post-1"}) {
      auto a = test(workplace, 2);
      a.number = assessments.add(a);
      a.samples[0] = sample(3.5);
      a.why = "typing error";
      assessments.correct(a);
    }
    auto withdrawn = test("post-0", 1);
    withdrawn.subject = "point 2";
    withdrawn.number = assessments.add(withdrawn);
    withdrawn.withdrawn = true;
    assessments.correct(withdrawn);
    transaction.commit();
  }
  static core::Exposure shift(std::uint32_t point, double twa) {
    const core::Timestamp begin{std::chrono::days(day) + std::chrono::hours(8)};
    core::Exposure e{.point = core::PointIndex{point}};
    e.window = {.begin = begin, .end = begin + std::chrono::hours(8), .day = day, .week = day};
    e.at = e.window.end;
    e.final = true;
    e.limit = 3;
    e.twa = e.twa_so_far = e.mean = twa;
    e.time.measured = 28'800;
    e.verdict = core::Verdict::compliant;
    return e;
  }
  static core::LabSample sample(double value) {
    return {.begin_minute = 480, .end_minute = 960, .result = std::to_string(value), .value = value};
  }
  static core::Assessment test(const std::string& workplace, double value) {
    core::Assessment a;
    a.enterprise = workplace == "post-0" ? "acme" : "other";
    a.workplace = workplace;
    a.agent = "cas:71-43-2";
    a.subject = "point 1";
    a.day = day;
    a.samples = {sample(value)};
    return a;
  }
  records::Report report(const std::string& enterprise) {
    Past past(file, settings.site);
    return RecordSource(settings).report(past, enterprise, {day, day}, [] {});
  }

  hazgate::test::TemporaryFolder folder;
  settings::Settings settings = two_enterprises(folder.path());
  std::filesystem::path file = folder.path() / "hazgate.sqlite";
};

TEST_F(ReportOutOfTheStore, HasTheFiguresOfTheFeedToTheLastDigit) {
  const auto exposures = report("acme").exposures;
  ASSERT_THAT(exposures, SizeIs(1));
  EXPECT_EQ(exposures[0].figures.twa, 1.23457);
  feed::JsonWriter json;
  json.open();
  feed::append_exposure(json, settings.site, shift(0, 1.23456789));
  EXPECT_THAT(json.close().take(), HasSubstr(R"("twa":1.23457,)"));
}

TEST_F(ReportOutOfTheStore, CountsTheNewestVersionsAndKeepsTheOthersOnShow) {
  const auto made = report("acme");
  std::vector<std::string> shown;
  for (const auto& one : made.assessments)
    shown.push_back(one.assessment.subject + " v" + std::to_string(one.assessment.version));
  EXPECT_THAT(shown, testing::UnorderedElementsAre("point 1 v1", "point 1 v2", "point 2 v1", "point 2 v2"));
  EXPECT_EQ(made.assessment_rate.exceeds, 1U);
  EXPECT_EQ(made.assessment_rate.compliant, 0U) << "what was corrected or withdrawn counts no more";
  ASSERT_THAT(made.posts, SizeIs(1));
  EXPECT_EQ(made.posts[0].verdict, core::Verdict::exceeds);
}

TEST_F(ReportOutOfTheStore, HasNothingOfAnotherEnterprise) {
  const auto made = report("other");
  ASSERT_THAT(made.exposures, SizeIs(1));
  EXPECT_EQ(made.exposures[0].point, "gas-1.benzene");
  for (const auto& one : made.assessments) EXPECT_EQ(one.assessment.enterprise, "other");
  std::vector<std::string> places;
  for (const auto& place : made.workplaces) places.push_back(place.id);
  EXPECT_THAT(places, ElementsAre("post-1"));
}

/// The laboratory found 3.5 mg/m3 from 08:00 to 16:00; before that the instrument shows what belongs to nobody's
/// sample.
class BesideTheLaboratory : public ReportOutOfTheStore {
 protected:
  BesideTheLaboratory() {
    settings.site.points[0].unit = core::Unit::mg_per_m3;
    settings.site.devices[0].period = std::chrono::minutes(1);
  }
  /// An instrument that shows `value` for so many minutes of the sample.
  Comparison with(double value, int minutes) {
    storage::Database database(file);
    storage::Readings readings(database, settings.site);
    core::Batch batch;
    const auto morning = RecordSource(settings).midnight(day) + std::chrono::hours(8);
    for (int minute = -60; minute < minutes; ++minute) {
      batch.frames.push_back({.device = core::DeviceIndex{0},
                              .at = morning + std::chrono::minutes(minute),
                              .first = static_cast<std::uint32_t>(batch.samples.size()),
                              .count = 1});
      batch.samples.push_back({minute < 0 ? 99 : value});
    }
    storage::Transaction transaction(database);
    readings.append(batch);
    transaction.commit();
    Past past(file, settings.site);
    const RecordSource record(settings);
    const auto results = record.assessments(past, "acme", {day, day});
    return record.compare(past, record.posts(results).at(0));
  }
};

TEST_F(BesideTheLaboratory, WantsCalibrationAboveThirtyPercent) {
  const auto found = with(2.4, 480);
  ASSERT_THAT(found.pairs, SizeIs(1));
  EXPECT_DOUBLE_EQ(found.pairs[0].laboratory, 3.5);
  EXPECT_NEAR(found.pairs[0].online, 2.4, 1e-9);
  EXPECT_DOUBLE_EQ(found.pairs[0].coverage, 1);
  EXPECT_NEAR(found.mean_relative, (2.4 - 3.5) / 3.5, 1e-9) << "31 %";
  EXPECT_TRUE(found.calibrate);
}

TEST_F(BesideTheLaboratory, IsContentBelow) { EXPECT_FALSE(with(2.5, 480).calibrate) << "29 %"; }

TEST_F(BesideTheLaboratory, ComparesNothingBelowThreeQuartersOfTheSample) {
  EXPECT_THAT(with(2.4, 359).pairs, testing::IsEmpty());
}

/// Benzene asks for none, hydrogen sulfide beside it in the same instrument does.
TEST_F(ReportOutOfTheStore, CalibrationGoesByTheFirstPointOfAnInstrumentThatHasARule) {
  folder.write("limits/duties.csv",
               "kind,agent,when,months,source,confidence,remark\ncalibration,cas:71-43-2,,none,test,A,\ncalibration,*,,"
               "12,test,A,\n");
  settings::Problems problems;
  settings.duties = settings::DutyTable::read({folder.path().string()}, problems);
  ASSERT_TRUE(problems.empty());
  settings.site.agents.push_back(*settings.limits.agent("cas:7783-06-4"));
  settings.site.points.push_back({.id = "gas-1.h2s",
                                  .device = core::DeviceIndex{1},
                                  .workplace = core::WorkplaceIndex{1},
                                  .agent = core::AgentIndex{1}});
  Past past(file, settings.site);
  std::vector<std::string> calibrated;
  for (const auto& duty : RecordSource(settings).duties(past, {}, day)) calibrated.push_back(duty.device);
  EXPECT_THAT(calibrated, ElementsAre("gas-1"));
}

TEST_F(ReportOutOfTheStore, KnowsWhatIsOverdueAndWhichOneTheLongest) {
  Past past(file, settings.site);
  const RecordSource record(settings);
  const auto on = [&](std::int32_t today) { return RecordSource::overdue(record.duties(past, {}, today)); };
  EXPECT_EQ(on(day).count, 0U) << "what was never done is not overdue";
  const auto later = on(day + 800);
  EXPECT_EQ(later.count, 2U) << "a test at each post";
  EXPECT_THAT(later.longest, testing::StartsWith("test of cas:71-43-2 at post-0, due 20"));
}

TEST_F(ReportOutOfTheStore, OfTheParkRanksTheEnterprises) {
  Past past(file, settings.site);
  const auto park = RecordSource(settings).park(past, {day, day}, [] {});
  ASSERT_THAT(park.rows, SizeIs(2));
  EXPECT_EQ(park.rows[0].assessments.exceeds, 1U);
  ASSERT_THAT(park.months, SizeIs(1));
  EXPECT_EQ(park.months[0].month, "2026-11");
  EXPECT_EQ(park.months[0].assessments.exceeds, 2U);
}

}  // namespace
}  // namespace hazgate::app::report_source_test
