#include "storage/exposures.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include "example_store.hpp"

namespace hazgate::storage {
namespace {
using namespace test;
using core::Exposure;
using testing::ElementsAre;
using testing::HasSubstr;

core::Site site_with_shifts() {
  core::Site site = example_site();
  site.shifts = {{.id = "day"}, {.id = "night"}};
  site.agents.resize(1);
  site.agents[0].id = "cas:71-43-2";
  site.agents[0].limits = {{core::LimitKind::pc_stel, 6, core::Unit::mg_per_m3, "STEL's"},
                           {core::LimitKind::pc_twa, 3, core::Unit::mg_per_m3, "GBZ 2.1-2019 表1 no. 31"}};
  site.points[1].agent = core::AgentIndex{0};
  return site;
}

/// Every field has a value of its own, so that no two columns can be exchanged unseen.
Exposure full_exposure() {
  Exposure e{.point = core::PointIndex{1},
             .shift = core::ShiftIndex{1},
             .window = {.begin = time(1'000'000), .end = time(2'000'000), .day = 20'780, .week = 20'776},
             .at = time(1'500'001),
             .rule = core::TwaRule::real_time,
             .limit = 0.1 + 0.2,
             .reduction_factor = 0.5,
             .twa_so_far = 1.5,
             .twa_projected = 2.5,
             .limit_at = time(1'700'000),
             .twa = 3.5,
             .at_least = true,
             .mean = 4.5,
             .stel_max = 5.5,
             .stel_at_least = 5.75,
             .max = 6.5};
  e.stel_max_at = time(1'300'000);
  e.max_at = time(1'200'000);
  e.episodes = {.count = 7, .longest_minutes = 8.5, .closest_minutes = 9.5};
  e.impulses = 10;
  e.week = 11.5;
  e.mixture_index = 1.75;
  e.ratio = 12.5;
  e.exposure_class = core::ExposureClass::class_4;
  e.time = {13.5, 14.5, 15.5, 16.5, 17.5, 18.5, 19.5, 20.5, 21.5};
  for (const auto breach : {core::Breach::mac, core::Breach::pc_stel, core::Breach::peak}) e.breaches.add(breach);
  e.verdict = core::Verdict::exceeds;
  return e;
}

Exposure bare_exposure() {
  return {.point = core::PointIndex{3}, .window = {.begin = time(1'000'000), .end = time(3'000'000)}, .at = time(1)};
}

std::string us(core::Timestamp at) { return std::to_string(at.time_since_epoch().count()); }

std::string told(const Exposure& e) {
  const auto& t = e.time;
  return fmt::format(
      "{} {} {}-{} {} {} | {} {} {} {} {} | {} {} {} {} {} {} | {} {} {} {} | {} {} {} {} | {} {} {} | "
      "{} {} {} {} {} {} {} {} {} | {:b} {} {} {}",
      core::at(e.point), static_cast<std::uint32_t>(e.shift), us(e.window.begin), us(e.window.end), e.window.day,
      e.window.week, us(e.at), e.final, core::name(e.rule), e.limit, e.reduction_factor, e.twa_so_far, e.twa_projected,
      e.limit_at ? us(*e.limit_at) : "never", e.twa, e.at_least, e.mean, e.stel_max, us(e.stel_max_at), e.max,
      us(e.max_at), e.episodes.count, e.episodes.longest_minutes, e.episodes.closest_minutes, e.impulses, e.week,
      e.ratio, core::name(e.exposure_class), t.measured, t.below_loq, t.over_range, t.fault, t.link_lost, t.calibrating,
      t.maintenance, t.stopped, t.missing, e.breaches.bits, core::name(e.verdict), e.mixture_index, e.stel_at_least);
}

struct ExposuresOnDisk : testing::Test {
  bool save(const Exposure& exposure) {
    Database database(folder.file);
    Exposures exposures(database, site);
    Transaction transaction(database);
    const bool saved = exposures.save(exposure);
    transaction.commit();
    return saved;
  }
  std::vector<std::string> open() {
    Database database(folder.file);
    std::vector<std::string> found;
    for (const auto& exposure : Exposures(database, site).open()) found.push_back(told(exposure));
    return found;
  }
  std::vector<std::string> begun(std::int64_t from, std::int64_t to) {
    Database database(folder.file);
    std::vector<std::string> found;
    Exposures(database, site).for_each(time(from), time(to), [&](const StoredExposure& row) {
      found.push_back(fmt::format("{} {} {} [{}] {} {}", us(row.figures.window.begin), row.shift, row.point, row.agent,
                                  row.unit, row.limit_source));
    });
    return found;
  }
  std::string refusal(const std::string& sql) {
    Database database(folder.file);
    try {
      database.handle().exec(sql);
      return {};
    } catch (const SQLite::Exception& error) {
      return error.what();
    }
  }

  Folder folder;
  core::Site site = site_with_shifts();
};

TEST_F(ExposuresOnDisk, ComeBackWithEveryField) {
  save(full_exposure());
  save(bare_exposure());
  EXPECT_THAT(open(), ElementsAre(told(bare_exposure()), told(full_exposure())));
}

TEST_F(ExposuresOnDisk, KeepEachWordOfEachSetOfWords) {
  auto e = full_exposure();
  const auto comes_back = [&] {
    save(e);
    EXPECT_THAT(open(), ElementsAre(told(e)));
  };
  for (int rule = 0; rule <= static_cast<int>(core::TwaRule::mean); ++rule) {
    e.rule = static_cast<core::TwaRule>(rule);
    comes_back();
  }
  for (int c = 0; c <= static_cast<int>(core::ExposureClass::class_4); ++c) {
    e.exposure_class = static_cast<core::ExposureClass>(c);
    comes_back();
  }
  for (int verdict = 0; verdict <= static_cast<int>(core::Verdict::no_limit); ++verdict) {
    e.verdict = static_cast<core::Verdict>(verdict);
    comes_back();
  }
  for (const unsigned bits : {0U, 1U, 0b11'1111'1111U, 0b10'0000'0000U, 0b0101'0101U}) {
    e.breaches.bits = static_cast<std::uint16_t>(bits);
    comes_back();
  }
}

TEST_F(ExposuresOnDisk, AreReplacedByEachSnapshotUntilTheyAreFinalAndThenStay) {
  auto e = full_exposure();
  EXPECT_TRUE(save(e));
  e.at = time(1'600'000);
  e.twa_so_far = 1.75;
  EXPECT_TRUE(save(e));
  EXPECT_THAT(open(), ElementsAre(told(e)));
  e.final = true;
  e.twa = 2;
  EXPECT_TRUE(save(e));
  EXPECT_TRUE(open().empty());
  // What a replay after a crash brings once more: neither a snapshot nor another last word.
  auto again = e;
  again.twa = 99;
  EXPECT_FALSE(save(again));
  again.final = false;
  EXPECT_FALSE(save(again));
  EXPECT_TRUE(open().empty());
  Database database(folder.file);
  EXPECT_EQ(ask(database, "SELECT count(*) FROM exposure WHERE final=1 AND twa=2"), 1);
  EXPECT_EQ(ask(database, "SELECT count(*) FROM exposure"), 1);
}

TEST_F(ExposuresOnDisk, AreOnePerPointShiftAndWindow) {
  auto e = full_exposure();
  save(e);
  e.point = core::PointIndex{2};
  save(e);
  e.shift = core::ShiftIndex{0};
  save(e);
  e.window.begin = time(1'000'001);
  save(e);
  EXPECT_EQ(open().size(), 4U);
}

TEST_F(ExposuresOnDisk, OnceFinalCannotBeRewritten) {
  auto e = full_exposure();
  e.final = true;
  save(e);
  EXPECT_THAT(refusal("UPDATE exposure SET verdict='compliant'"), HasSubstr("kept as it is"));
  EXPECT_THAT(refusal("UPDATE exposure SET final=0"), HasSubstr("kept as it is"));
  EXPECT_THAT(refusal("DELETE FROM exposure"), HasSubstr("kept as it is"));
}

TEST_F(ExposuresOnDisk, AreReadByTheTimeTheirShiftBegins) {
  auto e = full_exposure();
  for (const int begin : {30, 10, 20}) {
    e.window.begin = time(begin);
    e.final = begin == 10;
    save(e);
  }
  e.shift = core::ShiftIndex{0};
  e.point = core::PointIndex{3};
  save(e);
  EXPECT_THAT(begun(10, 30), ElementsAre("10 night voc-1.benzene [cas:71-43-2] ppb GBZ 2.1-2019 表1 no. 31",
                                         "20 day voc-1.temperature [] degC ",
                                         "20 night voc-1.benzene [cas:71-43-2] ppb GBZ 2.1-2019 表1 no. 31"));
}

struct ExposuresOfTwoEnterprises : ExposuresOnDisk {
  static constexpr core::PointIndex pm10{0}, benzene{1}, toluene{2};
  ExposuresOfTwoEnterprises() {
    site.enterprises.push_back({.id = "beta"});
    site.workplaces.push_back({.id = "melt", .enterprise = core::EnterpriseIndex{1}});
    site.workplaces.push_back({.id = "cast", .enterprise = core::EnterpriseIndex{1}});
    site.points[core::at(benzene)].workplace = core::WorkplaceIndex{1};
    site.points[core::at(toluene)].workplace = core::WorkplaceIndex{2};
  }
  /// A shift that begins with the local day, eight hours before UTC has it.
  static Exposure on(core::PointIndex point, std::int32_t day) {
    auto e = full_exposure();
    e.point = point;
    e.window.begin = core::Timestamp(std::chrono::days(day) - std::chrono::hours(8));
    e.window.day = day;
    return e;
  }
  void save_all(const std::vector<Exposure>& exposures) {
    Database database(folder.file);
    Exposures store(database, site);
    Transaction transaction(database);
    for (const auto& e : exposures) store.save(e);
    transaction.commit();
  }
  std::vector<std::string> newest(const ExposureFilter& filter, bool more = false) {
    Database database(folder.file);
    const auto page = Exposures(database, site).newest(filter);
    EXPECT_EQ(page.more, more);
    std::vector<std::string> found;
    for (const auto& [e, home] : page.exposures)
      found.push_back(fmt::format("{} {}", e.window.day, site.points[core::at(e.point)].id));
    return found;
  }
};

TEST_F(ExposuresOfTwoEnterprises, AreThoseOfTheLocalDaysAndOfWhomIsAskedFor) {
  save_all({on(pm10, 9), on(benzene, 10), on(toluene, 10), on(pm10, 10), on(benzene, 11), on(benzene, 12)});
  EXPECT_THAT(newest({.first_day = 10, .last_day = 11}),
              ElementsAre("10 dust-1.pm10", "10 voc-1.benzene", "10 voc-1.toluene", "11 voc-1.benzene"));
  const auto both = [](ExposureFilter filter) {
    filter.first_day = 10;
    filter.last_day = 11;
    return filter;
  };
  EXPECT_THAT(newest(both({.enterprise = "acme"})), ElementsAre("10 dust-1.pm10"));
  EXPECT_THAT(newest(both({.enterprise = "beta"})),
              ElementsAre("10 voc-1.benzene", "10 voc-1.toluene", "11 voc-1.benzene"));
  EXPECT_THAT(newest(both({.workplace = "cast"})), ElementsAre("10 voc-1.toluene"));
  EXPECT_THAT(newest(both({.point = "voc-1.benzene"})), ElementsAre("10 voc-1.benzene", "11 voc-1.benzene"));
  EXPECT_THAT(newest(both({.enterprise = "acme", .point = "voc-1.benzene"})), ElementsAre());
  EXPECT_THAT(newest(both({.point = "' OR 1=1 --"})), ElementsAre());
}

TEST_F(ExposuresOfTwoEnterprises, AreTheNewestUpToTheLimitAndDoNotCrowdEachOtherOut) {
  save_all({on(benzene, 10), on(benzene, 11), on(pm10, 12), on(pm10, 13), on(pm10, 14)});
  const auto all_days = [](std::size_t limit, const char* enterprise) {
    return ExposureFilter{.first_day = 0, .last_day = 20, .limit = limit, .enterprise = enterprise};
  };
  EXPECT_THAT(newest(all_days(2, ""), true), ElementsAre("13 dust-1.pm10", "14 dust-1.pm10"));
  EXPECT_THAT(newest(all_days(2, "beta")), ElementsAre("10 voc-1.benzene", "11 voc-1.benzene"));
  EXPECT_THAT(newest(all_days(1, "beta"), true), ElementsAre("11 voc-1.benzene"));
  EXPECT_THAT(newest(all_days(3, "acme")), ElementsAre("12 dust-1.pm10", "13 dust-1.pm10", "14 dust-1.pm10"));
}

TEST_F(ExposuresOfTwoEnterprises, ComeWithEveryField) {
  save_all({on(benzene, 10)});
  Database database(folder.file);
  const auto page = Exposures(database, site).newest({.first_day = 10, .last_day = 10});
  ASSERT_EQ(page.exposures.size(), 1U);
  EXPECT_EQ(told(page.exposures[0].figures), told(on(benzene, 10)));
}

TEST_F(ExposuresOfTwoEnterprises, OfAPointOrShiftThatIsGoneTakeNobodysPlace) {
  auto by_day = on(pm10, 11);
  by_day.shift = core::ShiftIndex{0};
  save_all({by_day, on(pm10, 12), on(toluene, 13)});
  site.shifts.pop_back();
  site.points[core::at(toluene)].id = "gone";
  EXPECT_THAT(newest({.first_day = 0, .last_day = 20, .limit = 1}), ElementsAre("11 dust-1.pm10"));
}

TEST_F(ExposuresOnDisk, KeepTheWordsOfTheirDayWhenTheConfigurationChanges) {
  save(full_exposure());
  save(bare_exposure());
  site.agents[0].limits[1].source = "a later law";
  site.points[1].unit = core::Unit::mg_per_m3;
  std::swap(site.points[1], site.points[2]);
  site.points.resize(3);
  site.shifts.push_back(site.shifts[0]);
  site.shifts.erase(site.shifts.begin());
  auto moved = full_exposure();
  moved.point = core::PointIndex{2};
  moved.shift = core::ShiftIndex{0};
  EXPECT_THAT(open(), ElementsAre(told(moved)));  // the other one's point is gone
  EXPECT_THAT(begun(0, 9'000'000),
              ElementsAre("1000000 day voc-1.temperature [] degC ",
                          "1000000 night voc-1.benzene [cas:71-43-2] ppb GBZ 2.1-2019 表1 no. 31"));
}

TEST_F(ExposuresOnDisk, OfHeatNameItsLimitAndComeBack) {
  site.agents[0] = {.id = "wbgt:75:III",
                    .limits = {{core::LimitKind::wbgt, 28, core::Unit::degree_celsius, "GBZ 2.2-2007 Table 8"}}};
  site.points[1].unit = core::Unit::degree_celsius;
  auto e = bare_exposure();
  e.point = core::PointIndex{1};
  e.rule = core::TwaRule::mean;
  e.limit = 28;
  e.twa_so_far = 28.4;
  e.breaches.add(core::Breach::wbgt);
  e.verdict = core::Verdict::exceeds;
  save(e);
  EXPECT_THAT(open(), ElementsAre(told(e)));
  EXPECT_THAT(begun(0, 9'000'000), ElementsAre("1000000 day voc-1.benzene [wbgt:75:III] degC GBZ 2.2-2007 Table 8"));
}

TEST_F(ExposuresOnDisk, SayNothingWhereThereIsNothing) {
  save(bare_exposure());
  Database database(folder.file);
  for (const char* column : {"limit_value", "twa_so_far", "twa", "limit_at", "stel_max", "stel_max_at", "max_at",
                             "closest_minutes", "week", "ratio", "class", "mixture_index"}) {
    EXPECT_EQ(ask(database, fmt::format("SELECT {} IS NULL FROM exposure", column)), 1) << column;
  }
  EXPECT_EQ(ask(database, "SELECT breaches='' AND limit_source='' AND agent='' FROM exposure"), 1);
}

TEST_F(ExposuresOnDisk, WithAWordThatNobodyWroteAreReportedAsDamage) {
  save(full_exposure());
  EXPECT_EQ(refusal("UPDATE exposure SET breaches='MAC,RUMOUR'"), "");
  try {
    open();
    FAIL();
  } catch (const StoreError& error) {
    EXPECT_EQ(error.cause, StoreCause::damaged);
    EXPECT_THAT(error.what(), HasSubstr("'RUMOUR'"));
  }
}

}  // namespace
}  // namespace hazgate::storage
