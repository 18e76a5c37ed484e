#include "storage/gaps.hpp"

#include <gmock/gmock.h>

#include "example_store.hpp"

namespace hazgate::storage {
namespace {
using namespace test;

class GapsOnDisk : public testing::Test {
 protected:
  void save(std::int64_t from, std::optional<std::int64_t> to, std::optional<core::DeviceIndex> device = {},
            std::optional<core::WorkplaceIndex> workplace = core::WorkplaceIndex{0}) {
    Transaction transaction(database);
    gaps.save({.workplace = workplace,
               .device = device,
               .reason = core::GapReason::sensor,
               .from = time(from),
               .to = to ? std::optional(time(*to)) : std::nullopt,
               .detail = {},
               .left = {}});
    transaction.commit();
  }
  static std::vector<std::int64_t> begins(const GapPage& page) {
    std::vector<std::int64_t> found;
    for (const auto& [gap, enterprise] : page.gaps) found.push_back(gap.from.time_since_epoch().count());
    return found;
  }
  std::vector<std::int64_t> between(std::int64_t from, std::int64_t to, std::size_t limit = 10) {
    return begins(gaps.between({.from = time(from), .to = time(to), .limit = limit}));
  }
  GapPage of(const std::string& enterprise, const std::string& workplace = {}, std::size_t limit = 2) {
    return gaps.between(
        {.from = time(0), .to = time(1000), .limit = limit, .enterprise = enterprise, .workplace = workplace});
  }

  Folder folder;
  core::Site site = example_site();
  Database database{folder.file};
  Gaps gaps{database, site};
};

TEST_F(GapsOnDisk, AreFoundWhereTheyOverlapTheTimeThatIsAskedFor) {
  save(10, 20);
  save(30, 40);
  save(50, 60);
  EXPECT_THAT(between(0, 100), testing::ElementsAre(10, 30, 50));
  EXPECT_THAT(between(15, 35), testing::ElementsAre(10, 30));
  EXPECT_THAT(between(20, 30), testing::ElementsAre(10, 30));
  EXPECT_THAT(between(21, 29), testing::ElementsAre());
  EXPECT_THAT(between(0, 100, 2), testing::ElementsAre(30, 50)) << "the newest";
  EXPECT_TRUE(gaps.between({.from = time(0), .to = time(100), .limit = 2}).more);
  EXPECT_FALSE(gaps.between({.from = time(0), .to = time(100), .limit = 3}).more);
}

TEST_F(GapsOnDisk, ThatLastAreAmongThemUnlessTheyBeginLater) {
  save(10, 20);
  save(30, std::nullopt, core::DeviceIndex{1});
  EXPECT_THAT(between(0, 25), testing::ElementsAre(10));
  EXPECT_THAT(between(25, 90), testing::ElementsAre(30));
  EXPECT_EQ(gaps.between({.from = time(25), .to = time(90)}).gaps.at(0).gap.to, std::nullopt);
}

class GapsOfTwoEnterprises : public GapsOnDisk {
 protected:
  GapsOfTwoEnterprises() {
    site.enterprises.push_back({.id = "beta"});
    site.workplaces.push_back({.id = "melt", .enterprise = core::EnterpriseIndex{1}});
    site.workplaces.push_back({.id = "cast", .enterprise = core::EnterpriseIndex{1}});
  }
  static constexpr core::WorkplaceIndex paint{0}, melt{1}, cast{2};
};

TEST_F(GapsOfTwoEnterprises, DoNotCrowdEachOtherOut) {
  save(10, 15, {}, melt);
  save(20, 25, {}, cast);
  for (int from = 30; from < 100; from += 10) save(from, from + 5, {}, paint);
  save(100, std::nullopt, core::DeviceIndex{0}, paint);
  EXPECT_THAT(begins(of("beta")), testing::ElementsAre(10, 20));
  EXPECT_FALSE(of("beta").more);
  EXPECT_THAT(begins(of("acme")), testing::ElementsAre(90, 100));
  EXPECT_TRUE(of("acme").more);
  EXPECT_THAT(begins(of("", "melt")), testing::ElementsAre(10));
  EXPECT_THAT(begins(of("beta", "melt")), testing::ElementsAre(10));
  EXPECT_THAT(begins(of("acme", "melt")), testing::ElementsAre());
}

TEST_F(GapsOfTwoEnterprises, OfTheWholeSiteAreEachOnes) {
  save(10, 15, {}, std::nullopt);
  save(20, 25, {}, paint);
  EXPECT_THAT(begins(of("beta", "melt")), testing::ElementsAre(10));
  EXPECT_THAT(begins(of("acme")), testing::ElementsAre(10, 20));
  EXPECT_EQ(of("acme").gaps[0].enterprise, "");
  EXPECT_EQ(of("acme").gaps[1].enterprise, "acme");
}

TEST_F(GapsOfTwoEnterprises, OfAWorkplaceThatIsGoneTakeNobodysPlace) {
  save(10, 15, {}, melt);
  for (int from = 20; from < 60; from += 10) save(from, from + 5, {}, cast);
  site.workplaces.pop_back();
  EXPECT_THAT(begins(of("beta")), testing::ElementsAre(10));
  EXPECT_FALSE(of("beta").more);
}

TEST_F(GapsOfTwoEnterprises, StayWithTheEnterpriseThatHadTheWorkplace) {
  save(10, 15, {}, paint);
  site.workplaces[0].enterprise = core::EnterpriseIndex{1};
  save(20, 25, {}, paint);
  EXPECT_THAT(begins(of("acme")), testing::ElementsAre(10));
  EXPECT_THAT(begins(of("beta")), testing::ElementsAre(20));
}

}  // namespace
}  // namespace hazgate::storage
