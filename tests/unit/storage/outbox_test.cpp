#include "storage/outbox.hpp"

#include <gmock/gmock.h>

#include "example_store.hpp"

namespace hazgate::storage {
namespace {
using namespace test;
using testing::ElementsAre;

std::vector<std::string> payloads(const std::vector<OutboxRow>& rows) {
  std::vector<std::string> found;
  for (const auto& row : rows) found.push_back(row.payload);
  return found;
}

struct OutboxOnDisk : testing::Test {
  Folder folder;
};

TEST_F(OutboxOnDisk, GivesRowsBackWholeAndByLaneInOrder) {
  Database database(folder.file);
  Outbox outbox(database);
  const std::string bytes("\0\xff{}", 4);
  outbox.append(Lane::readings, false, "r", "r1");
  const auto id = outbox.append(Lane::alarm, true, "a/7", bytes);
  outbox.append(Lane::readings, false, "r", "");
  const auto alarms = outbox.owed(Lane::alarm, 0, 10);
  ASSERT_EQ(alarms.size(), 1U);
  EXPECT_EQ(alarms[0].id, id);
  EXPECT_EQ(alarms[0].lane, Lane::alarm);
  EXPECT_TRUE(alarms[0].retain);
  EXPECT_EQ(alarms[0].topic, "a/7");
  EXPECT_EQ(alarms[0].payload, bytes);
  EXPECT_THAT(payloads(outbox.owed(Lane::readings, 0, 10)), ElementsAre("r1", ""));
}

TEST_F(OutboxOnDisk, IsReadInPiecesAfterAnId) {
  Database database(folder.file);
  Outbox outbox(database);
  for (const char* payload : {"1", "2", "3", "4"}) outbox.append(Lane::readings, false, "r", payload);
  const auto first = outbox.owed(Lane::readings, 0, 3);
  EXPECT_THAT(payloads(first), ElementsAre("1", "2", "3"));
  EXPECT_THAT(payloads(outbox.owed(Lane::readings, first.back().id, 3)), ElementsAre("4"));
}

TEST_F(OutboxOnDisk, NeverGivesAnIdTwiceNotEvenAfterARestart) {
  std::int64_t last = 0;
  for (int start = 0; start < 3; ++start) {
    Database database(folder.file);
    Outbox outbox(database);
    const std::int64_t id = outbox.append(Lane::alarm, false, "t", "p");
    EXPECT_GT(id, last);
    last = id;
    outbox.remove(std::vector{id});
  }
}

TEST_F(OutboxOnDisk, CountsEachStreamOnItsOwnAcrossRestarts) {
  for (std::uint64_t start = 0; start < 3; ++start) {
    Database database(folder.file);
    Outbox outbox(database);
    EXPECT_EQ(outbox.next_seq("acme/alarm"), start + 1);
    EXPECT_EQ(outbox.next_seq("acme/readings"), 2 * start + 1);
    EXPECT_EQ(outbox.next_seq("acme/readings"), 2 * start + 2);
  }
}

TEST_F(OutboxOnDisk, KnowsItsDepthInRowsAndPayloadBytes) {
  std::vector<std::int64_t> ids;
  {
    Database database(folder.file);
    Outbox outbox(database);
    for (const char* payload : {"12345", "ä", ""}) ids.push_back(outbox.append(Lane::alarm, false, "t", payload));
    EXPECT_EQ(outbox.depth().rows, 3U);
    EXPECT_EQ(outbox.depth().bytes, 7U);
  }
  Database database(folder.file);
  Outbox outbox(database);
  EXPECT_EQ(outbox.depth().rows, 3U);
  EXPECT_EQ(outbox.depth().bytes, 7U);
  outbox.remove(std::vector{ids[0], ids[0], std::int64_t{999}});
  EXPECT_EQ(outbox.depth().rows, 2U);
  EXPECT_EQ(outbox.depth().bytes, 2U);
}

TEST_F(OutboxOnDisk, GivesBackTheFramesOfAMessageAndTellsOtherBytesApart) {
  const FramesOwed message{.gateway = "gw", .seq = 7, .sent_at = time(-1), .frames = {1, 1LL << 40, -3}};
  std::int64_t id = 0;
  {
    Database database(folder.file);
    id = Outbox(database).append("r", message, 5000);
  }
  Database database(folder.file);
  Outbox outbox(database);
  EXPECT_EQ(outbox.depth().bytes, 5000U);
  const auto owed = outbox.owed(Lane::readings, 0, 10);
  ASSERT_EQ(owed.size(), 1U);
  EXPECT_EQ(owed[0].frames, message);
  EXPECT_EQ(owed[0].payload, "");
  database.handle().exec("UPDATE outbox SET payload=x'0102030405060708'");
  outbox.append(Lane::readings, false, "r", "behind it");
  const auto damaged = outbox.owed(Lane::readings, 0, 10);
  ASSERT_EQ(damaged.size(), 2U);
  EXPECT_TRUE(damaged[0].damaged);
  EXPECT_FALSE(damaged[1].damaged);
  outbox.remove(std::vector{damaged[1].id});
  outbox.remove(std::vector{id});
  EXPECT_EQ(outbox.depth().bytes, 0U);
}

TEST_F(OutboxOnDisk, TakesNumbersAndDepthBackWithARollback) {
  Database database(folder.file);
  Outbox outbox(database);
  const auto kept = outbox.append(Lane::alarm, false, "t", "kept");
  EXPECT_EQ(outbox.next_seq("s"), 1U);
  {
    const Transaction lost(database);
    EXPECT_EQ(outbox.next_seq("s"), 2U);
    outbox.append(Lane::alarm, false, "t", "lost with it");
    outbox.remove(std::vector{kept});
  }
  outbox.rolled_back();
  EXPECT_EQ(outbox.depth().rows, 1U);
  EXPECT_EQ(outbox.depth().bytes, 4U);
  EXPECT_EQ(outbox.next_seq("s"), 2U);
}

}  // namespace
}  // namespace hazgate::storage
