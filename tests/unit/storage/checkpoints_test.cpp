#include "storage/checkpoints.hpp"

#include <gmock/gmock.h>

#include <span>

#include "example_store.hpp"

namespace hazgate::storage {
namespace {
using namespace test;
using testing::ElementsAre;

std::vector<std::byte> bytes(std::string_view text) {
  const auto view = std::as_bytes(std::span(text));
  return {view.begin(), view.end()};
}

std::string told(const Checkpoint& c) {
  const std::string state(reinterpret_cast<const char*>(c.state.data()), c.state.size());
  return c.subject + " v" + std::to_string(c.version) + " frame " + std::to_string(c.frame) + " at " +
         std::to_string(c.at.time_since_epoch().count()) + " '" + state + "'";
}

struct CheckpointsOnDisk : testing::Test {
  void save(const std::string& kind, const Checkpoint& checkpoint, bool keep = true) {
    Database database(folder.file);
    Checkpoints checkpoints(database, kind);
    Transaction transaction(database);
    checkpoints.save(checkpoint);
    if (keep) transaction.commit();
  }
  std::vector<std::string> loaded(const std::string& kind) {
    Database database(folder.file);
    std::vector<std::string> found;
    for (const auto& checkpoint : Checkpoints(database, kind).load_all()) found.push_back(told(checkpoint));
    return found;
  }

  Folder folder;
  Checkpoint dust{.subject = "dust-1", .version = 3, .frame = 1LL << 40, .at = time(-7), .state = bytes("a\0b")};
};

TEST_F(CheckpointsOnDisk, ComeBackWithEveryBitAndOfTheirKindAlone) {
  const std::string_view hostile("\0\xff'\n", 4);
  save("exposure", {.subject = "voc-1", .version = 0xffff'ffff, .frame = 2, .at = time(1), .state = bytes(hostile)});
  save("exposure", {.subject = "dust-1", .version = 0, .frame = 1, .at = time(0), .state = {}});
  save("baseline", dust);
  EXPECT_THAT(loaded("exposure"), ElementsAre("dust-1 v0 frame 1 at 0 ''",
                                              "voc-1 v4294967295 frame 2 at 1 '" + std::string(hostile) + "'"));
  EXPECT_THAT(loaded("baseline"), ElementsAre(told(dust)));
}

TEST_F(CheckpointsOnDisk, TakeThePlaceOfTheOneBefore) {
  save("exposure", dust);
  auto newer = dust;
  newer = {.subject = "dust-1", .version = 4, .frame = dust.frame + 1, .at = time(8), .state = bytes("longer than it")};
  save("exposure", newer);
  EXPECT_THAT(loaded("exposure"), ElementsAre(told(newer)));
  save("exposure", dust, false);
  EXPECT_THAT(loaded("exposure"), ElementsAre(told(newer)));
}

TEST_F(CheckpointsOnDisk, AreRemovedOneByOne) {
  save("exposure", dust);
  save("baseline", dust);
  auto other = dust;
  other.subject = "gone";
  save("exposure", other);
  {
    Database database(folder.file);
    Checkpoints checkpoints(database, "exposure");
    checkpoints.remove("gone");
    checkpoints.remove("never there");
  }
  EXPECT_THAT(loaded("exposure"), ElementsAre(told(dust)));
  EXPECT_THAT(loaded("baseline"), ElementsAre(told(dust)));
}

}  // namespace
}  // namespace hazgate::storage
