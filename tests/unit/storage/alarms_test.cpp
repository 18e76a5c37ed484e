#include "storage/alarms.hpp"

#include <gmock/gmock.h>

#include "example_store.hpp"

namespace hazgate::storage {
namespace {
using namespace test;
using core::AlarmState;
using testing::ElementsAre;

core::Alarm example_alarm() {
  return {.number = 7,
          .revision = 3,
          .subject = core::AlarmSubject::point,
          .index = 2,
          .level = core::Level::exceed,
          .highest = core::Level::danger,
          .state = AlarmState::acknowledged,
          .value = 0.1 + 0.2,
          .peak = 1e300,
          .at_least = true,
          .basis = core::Basis::c_ste,
          .limit = {.kind = core::LimitKind::pc_stel,
                    .value = 10.5,
                    .unit = core::Unit::mg_per_m3,
                    .source = "GBZ 2.1-2019 表1 no. 131"},
          .usual = core::Usual{.median = 0.1, .z = 12.25},
          .contributors = {{"74-84-0", 1.0 / 3}, {"108-38-3/106-42-3", 0.1}},
          .detected_at = time(1'700'000'000'000'001),
          .warned_at = time(-1),
          .confirmed_at = time(3),
          .disposed_at = time(4),
          .detected_by = core::Basis::twa_projected,
          .warned_by = core::Basis::twa,
          .confirmed_by = "auto:valid_data",
          .disposed_by = "钱",
          .verdict = core::EventVerdict::real,
          .verdict_by = "Zhao",
          .measure = "fan repaired",
          .disposal_owed = true,
          .warn_due_at = time(6),
          .confirm_due_at = time(7),
          .dispose_due_at = time(8),
          .warn_missed = true,
          .confirm_missed = true,
          .dispose_missed = true,
          .escalations = 2,
          .acknowledged = true,
          .latched = true,
          .acknowledged_at = time(9),
          .acknowledged_by = "Li",
          .shelved_until = time(10),
          .shelved_at_level = core::Level::warning,
          .suppressed = true,
          .out_of_service = true,
          .realarm_at = time(11),
          .annunciations = 5,
          .activations = 4,
          .activated_at = time(12),
          .activated_before_at = time(13),
          .chattering = true,
          .quiet_since = time(14),
          .returned_at = time(5),
          .changed_at = time(6),
          .change = core::Change::target_missed,
          .changed_by = "Li",
          .note = "confirm"};
}

core::Alarm link_alarm() {
  return {.number = 8,
          .subject = core::AlarmSubject::device,
          .index = 1,
          .level = core::Level::notice,
          .state = AlarmState::unacknowledged,
          .basis = core::Basis::link};
}

struct AlarmsOnDisk : testing::Test {
  void save(const core::Alarm& alarm) {
    Database database(folder.file);
    Alarms alarms(database, site);
    Transaction transaction(database);
    alarms.save(alarm);
    transaction.commit();
  }
  std::vector<core::Alarm> open() {
    Database database(folder.file);
    return Alarms(database, site).open();
  }
  std::int64_t ask(const std::string& sql) {
    Database database(folder.file);
    return test::ask(database, sql);
  }

  Folder folder;
  core::Site site = example_site();
};

TEST_F(AlarmsOnDisk, ComeBackWithEveryField) {
  save(example_alarm());
  save(link_alarm());
  EXPECT_THAT(open(), ElementsAre(example_alarm(), link_alarm()));
}

TEST_F(AlarmsOnDisk, KeepEachKindOfLimit) {
  for (int kind = 0; kind <= static_cast<int>(core::LimitKind::site); ++kind) {
    auto alarm = example_alarm();
    alarm.limit.kind = static_cast<core::LimitKind>(kind);
    alarm.revision += static_cast<std::uint64_t>(kind);
    save(alarm);
    EXPECT_THAT(open(), ElementsAre(alarm));
  }
}

TEST_F(AlarmsOnDisk, WithContributorsThatNobodyWroteAreReportedAsDamage) {
  for (const char* text : {"74-84-0", "74-84-0=", "74-84-0=0.5x", "74-84-0=0.5  71-43-2=0.1"}) {
    save(example_alarm());
    {
      Database database(folder.file);
      database.handle().exec(std::string("UPDATE alarm SET contributors = '") + text + "'");
    }
    EXPECT_THROW(open(), StoreError) << text;
  }
}

TEST_F(AlarmsOnDisk, StandAsTheyAreAndKeepEveryChange) {
  core::Alarm alarm = example_alarm();
  save(alarm);
  alarm.revision = 4;
  alarm.state = AlarmState::returned_unacknowledged;
  alarm.peak = core::no_value;
  save(alarm);
  EXPECT_THAT(open(), ElementsAre(alarm));
  EXPECT_EQ(ask("SELECT count(*) FROM alarm"), 1);
  EXPECT_EQ(ask("SELECT group_concat(revision, '') FROM alarm_history WHERE number=7"), 34);
}

TEST_F(AlarmsOnDisk, AreNotOpenOnceTheyHaveEnded) {
  core::Alarm alarm = example_alarm();
  save(alarm);
  alarm.state = AlarmState::normal;
  save(alarm);
  EXPECT_THAT(open(), ElementsAre(alarm)) << "its disposal is owed";
  alarm.disposal_owed = false;
  save(alarm);
  EXPECT_TRUE(open().empty());
  Database database(folder.file);
  Alarms alarms(database, site);
  EXPECT_THAT(alarms.just_ended(), ElementsAre(alarm));
  EXPECT_EQ(alarms.last_number(), 7U);
  EXPECT_EQ(alarms.last_change(), time(6));
}

TEST_F(AlarmsOnDisk, FollowTheirPointWhereverTheConfigurationPutsIt) {
  save(example_alarm());
  save(link_alarm());
  std::swap(site.devices[0], site.devices[1]);
  std::swap(site.points[0], site.points[2]);
  auto moved = example_alarm();
  auto moved_link = link_alarm();
  moved.index = 0;
  moved_link.index = 0;
  EXPECT_THAT(open(), ElementsAre(moved, moved_link));
}

TEST_F(AlarmsOnDisk, OfAPointThatIsGoneEndWhenSomebodyAsks) {
  save(example_alarm());
  save(link_alarm());
  site.points.resize(1);
  {
    Database database(folder.file);
    const auto ended = Alarms(database, site).end_removed(time(99));
    ASSERT_EQ(ended.size(), 1u);
    EXPECT_EQ(ended[0].place.workplace, "paint");
    EXPECT_EQ(ended[0].place.enterprise, "acme");
    EXPECT_EQ(ended[0].alarm.number, 7u);
  }
  EXPECT_EQ(ask("SELECT count(*) FROM alarm WHERE number = 7 AND state = 'NORM' AND disposal_owed = 0"), 1);
  EXPECT_EQ(ask("SELECT count(*) FROM alarm_history WHERE number = 7 AND changed_at = 99"), 1);
  EXPECT_THAT(open(), ElementsAre(link_alarm()));
}

TEST_F(AlarmsOnDisk, KeepWhatMovedThemInOrder) {
  core::AlarmInput done{.at = time(5), .after_frames = 0, .what = core::PersonInput{}};
  auto& person = std::get<core::PersonInput>(done.what);
  person = {.number = 7,
            .action = {.kind = core::ActionKind::shelve,
                       .by = "李伟",
                       .note = "repair",
                       .verdict = core::EventVerdict::none,
                       .duration = core::Duration(60'000'000),
                       .revision = 3},
            .refusal = core::Refusal::changed_since};
  const core::AlarmInput parked{
      .at = time(6),
      .what =
          core::PersonInput{.subject = core::AlarmSubject::point,
                            .index = 2,
                            .action = {.kind = core::ActionKind::out_of_service, .by = "Li", .note = "calibration"}}};
  const core::AlarmInput failing{.at = time(7),
                                 .what = core::ConditionInput{.subject = core::AlarmSubject::gateway,
                                                              .index = 1,
                                                              .level = core::Level::warning,
                                                              .basis = core::Basis::store,
                                                              .value = 2.5,
                                                              .since = time(4),
                                                              .why = "disk full"}};
  {
    Database database(folder.file);
    Alarms alarms(database, site);
    Transaction transaction(database);
    alarms.save(done, 41);
    alarms.save(parked, 41);
    alarms.save(failing, 42);
    transaction.commit();
  }
  EXPECT_EQ(ask("SELECT count(*) FROM alarm_input WHERE refusal = 'changed_since'"), 1);
  std::swap(site.points[0], site.points[2]);
  Database database(folder.file);
  std::vector<std::pair<std::int64_t, core::AlarmInput>> read;
  Alarms(database, site).for_each_input([&](auto after, const auto& input) { read.emplace_back(after, input); });
  ASSERT_EQ(read.size(), 3u);
  EXPECT_EQ(read[0].first, 41);
  EXPECT_EQ(read[2].first, 42);
  const auto& first = std::get<core::PersonInput>(read[0].second.what);
  EXPECT_EQ(first.number, 7u);
  EXPECT_EQ(first.action, person.action);
  const auto& second = std::get<core::PersonInput>(read[1].second.what);
  EXPECT_EQ(second.number, 0u);
  EXPECT_EQ(second.index, 0u) << "the point's place of today";
  const auto& third = std::get<core::ConditionInput>(read[2].second.what);
  EXPECT_EQ(read[2].second.at, time(7));
  EXPECT_EQ(third.level, core::Level::warning);
  EXPECT_EQ(third.basis, core::Basis::store);
  EXPECT_EQ(third.value, 2.5);
  EXPECT_EQ(third.since, time(4));
  EXPECT_EQ(third.why, "disk full");
}

TEST_F(AlarmsOnDisk, ArePagedNewestFirstAndLeaveOutWhatWasNotAskedFor) {
  for (std::uint64_t number = 1; number <= 5; ++number) {
    auto alarm = example_alarm();
    alarm.number = number;
    alarm.index = number == 3 ? 0 : 2;
    alarm.highest = number == 4 ? core::Level::notice : core::Level::exceed;
    save(alarm);
  }
  Database database(folder.file);
  Alarms alarms(database, site);
  const auto numbers = [&](const AlarmFilter& filter) {
    std::vector<std::uint64_t> found;
    for (const auto& row : alarms.page(filter).alarms) found.push_back(row.alarm.number);
    return found;
  };
  EXPECT_THAT(numbers({}), ElementsAre(5, 4, 3, 2, 1));
  EXPECT_EQ(alarms.page({}).next, std::nullopt);
  EXPECT_THAT(numbers({.limit = 2}), ElementsAre(5, 4));
  EXPECT_EQ(alarms.page({.limit = 2}).next, 4U);
  EXPECT_THAT(numbers({.before = 4, .limit = 2}), ElementsAre(3, 2));
  EXPECT_THAT(numbers({.before = std::uint64_t{1} << 63U, .limit = 2}), ElementsAre(5, 4));
  EXPECT_EQ(alarms.page({.limit = 1}).alarms.at(0).alarm.index, 2U);
  EXPECT_EQ(alarms.page({.limit = 1}).alarms.at(0).place.workplace, "paint");
  EXPECT_THAT(numbers({.least = core::Level::warning}), ElementsAre(5, 3, 2, 1));
  EXPECT_THAT(numbers({.subject = "dust-1.pm10"}), ElementsAre(3));
  EXPECT_THAT(numbers({.enterprise = "acme", .workplace = "paint"}), ElementsAre(5, 4, 3, 2, 1));
  EXPECT_THAT(numbers({.enterprise = "other"}), ElementsAre());
  EXPECT_THAT(numbers({.workplace = "' OR 1=1 --"}), ElementsAre());
  site.points[2].id = "gone";
  Alarms later(database, site);
  EXPECT_EQ(later.page({.limit = 2}).alarms.size(), 0U) << "their point is gone";
  EXPECT_EQ(later.page({.limit = 2}).next, 4U) << "and the next page is behind them";
}

TEST_F(AlarmsOnDisk, TellEveryChangeOfOne) {
  auto alarm = example_alarm();
  save(alarm);
  alarm.revision = 4;
  alarm.note = "again";
  save(alarm);
  save(link_alarm());
  Database database(folder.file);
  Alarms alarms(database, site);
  const auto found = alarms.changes_of(7);
  ASSERT_EQ(found.changes.size(), 2U);
  EXPECT_FALSE(found.more);
  EXPECT_EQ(found.changes[0].alarm.note, "confirm");
  EXPECT_EQ(found.changes[1].alarm.note, "again");
  EXPECT_EQ(alarms.changes_of(99).changes.size(), 0U);
}

TEST_F(AlarmsOnDisk, OfOneThatNeverComesToRestTellTheNewestThousandChanges) {
  Database database(folder.file);
  Alarms alarms(database, site);
  auto alarm = example_alarm();
  const auto change = [&](std::uint64_t times) {
    Transaction transaction(database);
    for (const auto last = alarm.revision + times; alarm.revision < last; ++alarm.revision) alarms.save(alarm);
    transaction.commit();
  };
  alarm.revision = 1;
  change(1000);
  EXPECT_EQ(alarms.changes_of(7).changes.size(), 1000U);
  EXPECT_FALSE(alarms.changes_of(7).more);
  change(2);
  const auto found = alarms.changes_of(7);
  EXPECT_TRUE(found.more);
  ASSERT_EQ(found.changes.size(), 1000U);
  EXPECT_EQ(found.changes.front().alarm.revision, 3U);
  EXPECT_EQ(found.changes.back().alarm.revision, 1002U);
}

/// A reload gave the device to another enterprise while its alarm stood.
TEST_F(AlarmsOnDisk, StayWithTheEnterpriseThatHadTheDevice) {
  auto alarm = example_alarm();
  save(alarm);
  auto ended = alarm;
  ended.number = 6;
  save(ended);
  site.enterprises.push_back({.id = "beta"});
  site.workplaces.push_back({.id = "melt", .enterprise = core::EnterpriseIndex{1}});
  site.points[2].workplace = core::WorkplaceIndex{1};
  {
    Database database(folder.file);
    Alarms alarms(database, site);
    EXPECT_EQ(alarms.page({.enterprise = "beta"}).alarms.size(), 0U);
    EXPECT_EQ(alarms.changes_of(7, "beta").changes.size(), 0U);
    EXPECT_EQ(alarms.page({.enterprise = "acme"}).alarms.size(), 2U);
  }
  alarm.revision = 4;
  alarm.note = "melt's";
  save(alarm);
  Database database(folder.file);
  Alarms alarms(database, site);
  const auto of_beta = alarms.changes_of(7, "beta").changes, of_acme = alarms.changes_of(7, "acme").changes;
  ASSERT_EQ(of_beta.size(), 1U);
  EXPECT_EQ(of_beta[0].alarm.note, "melt's");
  EXPECT_EQ(of_beta[0].place.workplace, "melt");
  ASSERT_EQ(of_acme.size(), 1U);
  EXPECT_EQ(of_acme[0].alarm.note, "confirm");
  EXPECT_EQ(of_acme[0].place.workplace, "paint");
  EXPECT_EQ(alarms.changes_of(7).changes.size(), 2U);
  EXPECT_EQ(alarms.page({.enterprise = "beta"}).alarms.size(), 1U);
  EXPECT_EQ(alarms.page({.enterprise = "acme"}).alarms.size(), 1U);
}

TEST_F(AlarmsOnDisk, OfAPointThatIsGoneStayButAreNotOpen) {
  save(example_alarm());
  save(link_alarm());
  site.points.resize(1);
  site.devices.resize(1);
  EXPECT_TRUE(open().empty());
  EXPECT_EQ(ask("SELECT count(*) FROM alarm"), 2);
}

TEST_F(AlarmsOnDisk, NumberFromNothingInANewFile) {
  Database database(folder.file);
  EXPECT_EQ(Alarms(database, site).last_number(), 0U);
}

TEST_F(AlarmsOnDisk, HaveAHistoryThatCannotBeRewritten) {
  save(example_alarm());
  Database database(folder.file);
  EXPECT_THROW(database.handle().exec("UPDATE alarm_history SET value=0"), SQLite::Exception);
  EXPECT_THROW(database.handle().exec("DELETE FROM alarm_history"), SQLite::Exception);
  EXPECT_THROW(database.handle().exec("DELETE FROM alarm"), SQLite::Exception);
}

TEST_F(AlarmsOnDisk, WithAWordThatNobodyWroteAreReportedAsDamage) {
  save(example_alarm());
  Database database(folder.file);
  database.handle().exec("UPDATE alarm SET basis='rumour'");
  try {
    Alarms(database, site).open();
    FAIL();
  } catch (const StoreError& error) {
    EXPECT_EQ(error.cause, StoreCause::damaged);
    EXPECT_THAT(error.what(), testing::HasSubstr("'rumour'"));
  }
}

}  // namespace
}  // namespace hazgate::storage
