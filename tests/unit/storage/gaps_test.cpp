#include "storage/gaps.hpp"

#include <gmock/gmock.h>

#include "example_store.hpp"

namespace hazgate::storage {
namespace {
using namespace test;

class GapsOnDisk : public testing::Test {
 protected:
  void save(std::int64_t from, std::optional<std::int64_t> to, std::optional<core::DeviceIndex> device = {}) {
    Transaction transaction(database);
    gaps.save({.workplace = core::WorkplaceIndex{0},
               .device = device,
               .reason = core::GapReason::sensor,
               .from = time(from),
               .to = to ? std::optional(time(*to)) : std::nullopt,
               .detail = {},
               .left = {}});
    transaction.commit();
  }
  std::vector<std::int64_t> between(std::int64_t from, std::int64_t to, std::size_t limit = 10) {
    std::vector<std::int64_t> begins;
    for (const auto& gap : gaps.between(time(from), time(to), limit))
      begins.push_back(gap.from.time_since_epoch().count());
    return begins;
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
}

TEST_F(GapsOnDisk, ThatLastAreAmongThemUnlessTheyBeginLater) {
  save(10, 20);
  save(30, std::nullopt, core::DeviceIndex{1});
  EXPECT_THAT(between(0, 25), testing::ElementsAre(10));
  EXPECT_THAT(between(25, 90), testing::ElementsAre(30));
  EXPECT_EQ(gaps.between(time(25), time(90), 10).at(0).to, std::nullopt);
}

}  // namespace
}  // namespace hazgate::storage
