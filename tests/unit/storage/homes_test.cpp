#include "storage/homes.hpp"

#include <gtest/gtest.h>

#include "unit/storage/example_store.hpp"

namespace hazgate::storage {
namespace homes_test {
using namespace test;

class HomesOnDisk : public testing::Test, public Folder {
 protected:
  HomesOnDisk() {
    site.enterprises.push_back({.id = "beta"});
    site.workplaces.push_back({.id = "melt", .enterprise = core::EnterpriseIndex{1}});
  }
  void go(core::PointIndex point, std::uint32_t workplace) {
    site.points[core::at(point)].workplace = core::WorkplaceIndex{workplace};
  }
  std::size_t note(std::int64_t now) {
    Transaction transaction(database);
    const auto moved = note_homes(database, site, time(now));
    transaction.commit();
    return moved;
  }
  std::string at(core::PointIndex point, std::int64_t when) {
    const auto home = Moves(database, site).at(point, time(when));
    return home.enterprise + "/" + home.workplace;
  }
  core::Site site = example_site();
  Database database{file};
  static constexpr core::PointIndex pm10{0}, benzene{1};
};

TEST_F(HomesOnDisk, OfAPointThatNeverMovedIsTheSitesAndAlwaysWas) {
  EXPECT_EQ(at(pm10, 5), "acme/paint") << "nothing was noted yet";
  EXPECT_EQ(note(100), 0U);
  EXPECT_EQ(note(200), 0U);
  EXPECT_EQ(at(pm10, 5), "acme/paint");
  EXPECT_TRUE(Moves(database, site).was_of(pm10, "acme", time(0), time(900)));
  EXPECT_FALSE(Moves(database, site).was_of(pm10, "beta", time(0), time(900)));
}

TEST_F(HomesOnDisk, ChangeWhenAPointMovesAndBack) {
  note(100);
  go(pm10, 1);
  EXPECT_EQ(note(200), 1U);
  go(pm10, 0);
  EXPECT_EQ(note(300), 1U);
  for (const auto& [when, home] :
       {std::pair(0, "acme/paint"), std::pair(199, "acme/paint"), std::pair(200, "beta/melt"),
        std::pair(299, "beta/melt"), std::pair(300, "acme/paint")})
    EXPECT_EQ(at(pm10, when), home) << when;
  EXPECT_EQ(at(benzene, 250), "acme/paint") << "it stayed";
  const Moves moves(database, site);
  EXPECT_TRUE(moves.was_of(pm10, "acme", time(0), time(200)));
  EXPECT_FALSE(moves.was_of(pm10, "acme", time(150), time(350))) << "it was away in between";
  EXPECT_FALSE(moves.was_of(pm10, "acme", time(199), time(201)));
  EXPECT_TRUE(moves.was_of(pm10, "beta", time(200), time(300)));
}

TEST_F(HomesOnDisk, OfAWorkplaceThatGoesToAnotherEnterpriseChangeWithIt) {
  note(100);
  site.workplaces[0].enterprise = core::EnterpriseIndex{1};
  EXPECT_EQ(note(200), 4U);
  EXPECT_EQ(at(pm10, 199), "acme/paint");
  EXPECT_EQ(at(pm10, 200), "beta/paint");
}

TEST_F(HomesOnDisk, StandInTheirOrderAlsoWhereTheClockWasSetBack) {
  note(100);
  go(pm10, 1);
  note(500);
  go(pm10, 0);
  note(300);
  EXPECT_EQ(at(pm10, 500), "beta/melt");
  EXPECT_EQ(at(pm10, 501), "acme/paint");
}

}  // namespace homes_test
}  // namespace hazgate::storage
