#include "storage/ledger.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "example_store.hpp"

namespace hazgate::storage {
namespace {
using namespace test;
using testing::ElementsAre;

struct LedgerOnDisk : testing::Test {
  LedgerOnDisk() {
    Transaction transaction(database);
    for (const auto& [enterprise, seq] : {std::pair{"beta", 1U}, {"acme", 2U}, {"acme", 1U}, {"acme2", 1U}})
      ledger.append({.enterprise = enterprise, .seq = seq, .at = time(1), .hash = "", .record = "{}", .head = ""});
    transaction.commit();
  }
  std::vector<std::string> visited(std::string_view enterprise) {
    std::vector<std::string> found;
    ledger.for_each([&](const LedgerRow& row) { found.push_back(fmt::format("{} {}", row.enterprise, row.seq)); },
                    enterprise);
    return found;
  }

  Folder folder;
  Database database{folder.file};
  Ledger ledger{database};
};

TEST_F(LedgerOnDisk, IsReadChainByChain) {
  EXPECT_THAT(visited(""), ElementsAre("acme 1", "acme 2", "acme2 1", "beta 1"));
}

TEST_F(LedgerOnDisk, OfOneEnterpriseGivesItsRowsAndNoOthers) {
  EXPECT_THAT(visited("acme"), ElementsAre("acme 1", "acme 2"));
  EXPECT_THAT(visited("beta"), ElementsAre("beta 1"));
  EXPECT_THAT(visited("acme' OR 1=1 --"), ElementsAre());
}

}  // namespace
}  // namespace hazgate::storage
