// Who gets what of the past, and how much of it at once.
#include "app/past_pages.hpp"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "storage/homes.hpp"
#include "storage/readings.hpp"
#include "support/process.hpp"
#include "unit/feed/example_site.hpp"

namespace hazgate::app {
namespace past_pages_test {

using namespace std::chrono_literals;
using core::EnterpriseIndex;
using core::PointIndex;
using core::WorkplaceIndex;
using test::at;
using testing::ElementsAre;
namespace json = boost::json;

/// The example site, and a second enterprise with a workplace, a device and a point of its own.
settings::Settings two_enterprises() {
  settings::Settings settings;
  auto& site = settings.site;
  site = test::example_site();
  site.shifts = {{.id = "day"}};
  site.enterprises.push_back({"beta", "Beta Foundry", ""});
  site.workplaces.push_back({"melt", "熔炼", EnterpriseIndex{1}, core::WorkplaceKind::workplace, {}});
  site.devices.push_back({"dust-1", core::BusIndex{0}, WorkplaceIndex{2}, 1s, PointIndex{3}, 1});
  site.points.push_back({.id = "dust-1.pm",
                         .device = core::DeviceIndex{2},
                         .workplace = WorkplaceIndex{2},
                         .unit = core::Unit::mg_per_m3,
                         .agent = {},
                         .name = {}});
  return settings;
}

class PastPagesTest : public testing::Test {
 protected:
  /// As the gateway stores it with the configuration as it is now.
  template <class Save>
  void store(Save save) {
    storage::Database database(file);
    storage::Transaction transaction(database);
    save(database);
    transaction.commit();
  }
  void store_alarm(const core::Alarm& alarm) {
    store([&](auto& database) { storage::Alarms(database, site).save(alarm); });
  }
  void store_gap(std::optional<WorkplaceIndex> workplace, std::chrono::seconds from) {
    store([&](auto& database) {
      storage::Gaps(database, site)
          .save({.workplace = workplace, .from = at(from), .to = at(from + 1s), .detail = {}, .left = {}});
    });
  }
  static json::value body(const web::Answer& answer) {
    if (answer.has_value()) return json::parse(*answer->body);
    ADD_FAILURE() << answer.error().en;
    return json::object{};
  }
  json::value alarms(Eyes eyes, const web::AlarmsQuery& query = {}) {
    Past past(file, site);
    return body(pages.alarms(past, eyes, query)).at("alarms");
  }
  web::Answer alarm(Eyes eyes, const std::string& id) {
    Past past(file, site);
    return pages.alarm(past, eyes, id);
  }
  json::value gaps(Eyes eyes, const web::GapsQuery& query = {}) {
    Past past(file, site);
    return body(pages.gaps(past, eyes, query, at(1h)));
  }
  json::value exposures(Eyes eyes, const web::ExposuresQuery& query) {
    Past past(file, site);
    return body(pages.exposures(past, eyes, query, at(0s)));
  }
  /// A reload gives the device of the toluene point to the other enterprise.
  void move_to_beta() {
    site.devices[0].workplace = WorkplaceIndex{2};
    for (const std::size_t point : {0U, 1U}) site.points[point].workplace = WorkplaceIndex{2};
  }
  static std::vector<std::string> words(const json::value& list, std::string_view key) {
    std::vector<std::string> found;
    for (const auto& item : list.as_array()) {
      const auto& word = item.at(key);
      found.emplace_back(word.is_null() ? "null" : std::string_view(word.as_string()));
    }
    return found;
  }

  test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "hazgate.sqlite";
  settings::Settings settings = two_enterprises();
  core::Site& site = settings.site;
  PastPages pages{settings};
  const Eyes acme = EnterpriseIndex{0}, beta = EnterpriseIndex{1}, all = std::nullopt;
};

TEST_F(PastPagesTest, AnAlarmOfADeviceThatHasMovedStaysWithWhoHadIt) {
  auto alarm_of_acme = test::toluene_alarm();
  alarm_of_acme.note = "the fan stood still";
  store_alarm(alarm_of_acme);
  move_to_beta();
  EXPECT_EQ(alarms(beta).as_array().size(), 0U);
  EXPECT_EQ(alarm(beta, "gw-01-7").error().status, 404U);
  EXPECT_EQ(alarms(acme).as_array().size(), 1U);
  const auto of_acme = body(alarm(acme, "gw-01-7"));
  EXPECT_THAT(words(of_acme.at("history"), "note"), ElementsAre("the fan stood still"));
  EXPECT_THAT(json::serialize(of_acme), testing::Not(testing::HasSubstr("melt")));
}

TEST_F(PastPagesTest, AnAlarmIsToldByThePlaceWhereItWas) {
  store_alarm(test::toluene_alarm());
  move_to_beta();
  auto later = test::toluene_alarm();
  later.number = 8;
  store_alarm(later);
  EXPECT_THAT(words(alarms(all), "enterprise"), ElementsAre("beta", "acme"));
  EXPECT_THAT(words(alarms(all), "workplace"), ElementsAre("melt", "paint"));
  EXPECT_THAT(words(alarms(all, {.enterprise = "acme"}), "id"), ElementsAre("gw-01-7"));
  EXPECT_EQ(body(alarm(all, "gw-01-7")).at("alarm").at("workplace"), "paint");
  site.workplaces[0].id = "lacquer";
  site.enterprises[0].id = "apex";
  EXPECT_THAT(words(alarms(all), "enterprise"), ElementsAre("beta", "acme")) << "both have left the site";
  EXPECT_THAT(words(alarms(all), "workplace"), ElementsAre("melt", "paint"));
}

TEST_F(PastPagesTest, OfAnAlarmThatStoodWhileItsDeviceMovedEachGetsHisPart) {
  auto standing = test::toluene_alarm();
  standing.note = "acme's";
  store_alarm(standing);
  move_to_beta();
  ++standing.revision;
  standing.note = "beta's";
  store_alarm(standing);
  const auto notes = [this](Eyes eyes) { return words(body(alarm(eyes, "gw-01-7")).at("history"), "note"); };
  EXPECT_THAT(notes(acme), ElementsAre("acme's"));
  EXPECT_THAT(notes(beta), ElementsAre("beta's"));
  EXPECT_THAT(notes(all), ElementsAre("acme's", "beta's"));
}

TEST_F(PastPagesTest, WhatIsNobodysIsForThoseWhoSeeAll) {
  auto of_bus = test::silent_device_alarm();
  of_bus.subject = core::AlarmSubject::bus;
  of_bus.index = 0;
  store_alarm(of_bus);
  EXPECT_EQ(alarms(all).as_array().size(), 1U);
  EXPECT_EQ(alarms(acme).as_array().size(), 0U);
  EXPECT_EQ(alarm(acme, "gw-01-8").error().status, 404U);
  EXPECT_EQ(body(alarm(all, "gw-01-8")).at("alarm").at("enterprise"), nullptr);
}

TEST_F(PastPagesTest, TheHistoryOfAnAlarmSaysWhenItIsNotAllOfIt) {
  auto restless = test::toluene_alarm();
  const auto change = [&](std::size_t times) {
    store([&](auto& database) {
      storage::Alarms rows(database, site);
      for (std::size_t i = 0; i < times; ++i, ++restless.revision) rows.save(restless);
    });
  };
  change(1000);
  EXPECT_EQ(body(alarm(acme, "gw-01-7")).at("more"), false);
  change(1);
  const auto told = body(alarm(acme, "gw-01-7"));
  EXPECT_EQ(told.at("more"), true);
  EXPECT_EQ(told.at("history").as_array().size(), 1000U);
  EXPECT_EQ(told.at("history").as_array().back().at("revision"), told.at("alarm").at("revision"));
}

TEST_F(PastPagesTest, GapsOfAnotherEnterpriseTakeNobodysPlace) {
  store_gap(WorkplaceIndex{2}, 1s);
  store_gap(std::nullopt, 2s);
  store([&](auto& database) {
    storage::Gaps rows(database, site);
    for (int i = 0; i < 501; ++i)
      rows.save({.workplace = WorkplaceIndex{0}, .from = at(10s), .to = at(11s), .detail = {}, .left = {}});
  });
  const auto of_beta = gaps(beta), of_acme = gaps(acme);
  EXPECT_THAT(words(of_beta.at("gaps"), "enterprise"), ElementsAre("beta", "null"));
  EXPECT_THAT(words(of_beta.at("gaps"), "workplace"), ElementsAre("melt", "null"));
  EXPECT_EQ(of_beta.at("more"), false);
  EXPECT_EQ(of_acme.at("gaps").as_array().size(), PastPages::most_gaps);
  EXPECT_EQ(of_acme.at("more"), true);
  EXPECT_THAT(words(gaps(all, {.workplace = "melt"}).at("gaps"), "workplace"), ElementsAre("melt", "null"));
}

TEST_F(PastPagesTest, AGapIsThatOfTheEnterpriseWhichHadTheWorkplace) {
  store_gap(WorkplaceIndex{0}, 1s);
  site.workplaces[0].enterprise = EnterpriseIndex{1};
  EXPECT_EQ(gaps(beta).at("gaps").as_array().size(), 0U);
  EXPECT_THAT(words(gaps(acme).at("gaps"), "enterprise"), ElementsAre("acme"));
  EXPECT_THAT(words(gaps(all).at("gaps"), "enterprise"), ElementsAre("acme"));
}

TEST_F(PastPagesTest, ExposuresAreTheNewestTwoThousandOfWhomIsAskedFor) {
  static constexpr std::int32_t day = 20'780;
  const auto shift_of = [](std::uint32_t point, std::chrono::seconds from) {
    core::Exposure e{.point = PointIndex{point}};
    e.window.begin = core::Timestamp(std::chrono::days(day)) + from;
    e.window.day = day;
    return e;
  };
  store([&](auto& database) {
    storage::Exposures rows(database, site);
    rows.save(shift_of(3, 0s));
    for (int i = 1; i <= 2001; ++i) rows.save(shift_of(0, std::chrono::seconds(i)));
  });
  const web::ExposuresQuery that_day{.from = day, .to = day};
  const auto of_acme = exposures(acme, that_day), of_beta = exposures(beta, that_day),
             of_all = exposures(all, that_day);
  EXPECT_EQ(of_acme.at("exposures").as_array().size(), 2000U);
  EXPECT_EQ(of_acme.at("more"), true);
  EXPECT_THAT(words(of_beta.at("exposures"), "point"), ElementsAre("dust-1.pm"));
  EXPECT_EQ(of_beta.at("more"), false);
  EXPECT_EQ(of_all.at("exposures").as_array().size(), 2000U);
  const auto of_melt = exposures(all, {.workplace = "melt", .from = day, .to = day});
  EXPECT_THAT(words(of_melt.at("exposures"), "enterprise"), ElementsAre("beta"));
}

/// Two shifts and two readings of the toluene point: before it went to the other enterprise, and after.
class MovedPoint : public PastPagesTest {
 protected:
  MovedPoint() {
    live(0s);
    move_to_beta();
    live(3600s);
  }
  /// A reading of 50 and a shift that begins `from`, as the gateway stores them where the point is now.
  void live(std::chrono::seconds from) {
    storage::Database database(file);
    storage::Readings readings(database, site);
    storage::Transaction transaction(database);
    storage::note_homes(database, site, at(from));
    core::Exposure shift{.point = PointIndex{0}};
    shift.window.begin = at(from);
    shift.window.day = day;
    storage::Exposures(database, site).save(shift);
    core::Batch batch;
    batch.frames.push_back({.device = core::DeviceIndex{0}, .at = at(from + 60s), .first = 0, .count = 2});
    batch.samples = {{50}, {20}};
    readings.append(batch);
    transaction.commit();
  }
  /// How many readings there are in each of two hours.
  json::value counted(Eyes eyes) {
    Past past(file, site);
    const auto answer = body(pages.readings(
        past, eyes, {.point = "voc-1.toluene", .from = at(0s), .to = at(7200s), .resolution = 2, .csv = false}));
    return answer.at("counted");
  }
  static constexpr std::int32_t day = 20'780;
  const web::ExposuresQuery that_day{.from = day, .to = day};
};

TEST_F(MovedPoint, LeavesItsShiftsWithWhoHadIt) {
  EXPECT_THAT(words(exposures(all, that_day).at("exposures"), "enterprise"), ElementsAre("acme", "beta"));
  EXPECT_THAT(words(exposures(all, that_day).at("exposures"), "workplace"), ElementsAre("paint", "melt"));
  for (const auto& [eyes, workplace] : {std::pair(acme, "paint"), std::pair(beta, "melt")})
    EXPECT_THAT(words(exposures(eyes, that_day).at("exposures"), "workplace"), ElementsAre(workplace));
  EXPECT_THAT(words(exposures(all, {.workplace = "paint", .from = day, .to = day}).at("exposures"), "enterprise"),
              ElementsAre("acme"));
}

TEST_F(MovedPoint, ShowsItsNewOwnerNothingOfBefore) {
  EXPECT_EQ(json::serialize(counted(all)), "[1,1]");
  EXPECT_EQ(json::serialize(counted(beta)), "[0,1]");
  Past past(file, site);
  EXPECT_EQ(pages.readings(past, acme, {.point = "voc-1.toluene", .from = at(0s), .to = at(1s)}).error().status, 404U)
      << "it is no point of his any more";
}

}  // namespace past_pages_test
}  // namespace hazgate::app
