#include "app/readings_messages.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>

#include <fstream>

#include "storage/database.hpp"
#include "support/process.hpp"

namespace hazgate::app {
namespace readings_messages_test {

using core::Flag;
using std::chrono::microseconds;
using testing::HasSubstr;
using testing::Not;
const core::Timestamp start{std::chrono::days(20000) + microseconds(123456)};

/// Two workplaces with a device each.
core::Site example_site() {
  core::Site site{.gateway_id = "gw", .site_id = "park"};
  site.enterprises.push_back({.id = "e"});
  site.workplaces = {{.id = "喷漆"}, {.id = "w2"}};
  const auto device = [](const char* id, std::uint32_t first, std::uint32_t count, std::uint32_t workplace) {
    return core::Device{.id = id,
                        .workplace = core::WorkplaceIndex{workplace},
                        .first_point = core::PointIndex{first},
                        .point_count = count};
  };
  site.devices = {device("a", 0, 2, 0), device("b", 2, 1, 1)};
  const auto point = [](const char* id, std::uint32_t of, std::uint32_t workplace, core::Unit unit) {
    return core::Point{
        .id = id, .device = core::DeviceIndex{of}, .workplace = core::WorkplaceIndex{workplace}, .unit = unit};
  };
  site.points = {point("a.\"dust\"", 0, 0, core::Unit::mg_per_m3), point("a.noise", 0, 0, core::Unit::db_a),
                 point("b.voc", 1, 1, core::Unit::ppb)};
  return site;
}

void add(core::Batch& batch, std::uint32_t device, core::Timestamp at, std::vector<core::Sample> samples) {
  batch.frames.push_back({.device = core::DeviceIndex{device},
                          .at = at,
                          .first = static_cast<std::uint32_t>(batch.samples.size()),
                          .count = static_cast<std::uint32_t>(samples.size())});
  batch.samples.insert(batch.samples.end(), samples.begin(), samples.end());
}

struct Store {
  explicit Store(const test::TemporaryFolder& folder, const core::Site& site)
      : database(folder.path() / "s.sqlite"),
        readings(database, site),
        outbox(database),
        messages(site, readings, outbox) {}

  std::vector<storage::OutboxRow> owe(const core::Batch& batch) {
    std::vector<storage::OutboxRow> rows;
    storage::Transaction transaction(database);
    messages.owe(batch, readings.append(batch), start, rows);
    transaction.commit();
    return rows;
  }
  std::vector<storage::OutboxRow> owed() { return outbox.owed(storage::Lane::readings, 0, 100); }

  storage::Database database;
  storage::Readings readings;
  storage::Outbox outbox;
  ReadingsMessages messages;
};

struct ReadingsMessagesOnDisk : testing::Test {
  test::TemporaryFolder folder;
  core::Site site = example_site();
  core::Batch batch = mixed();

  static core::Batch mixed() {
    core::Batch batch;
    add(batch, 0, start, {});  // a poll of states only
    add(batch, 0, start, {{0.1 + 0.2, Flag::normal}, {85.04, Flag::over_range}});
    add(batch, 1, start + microseconds(1), {{1e-7, Flag::below_loq}});
    add(batch, 1, start + microseconds(2), {});
    add(batch, 0, start + microseconds(3), {{core::no_value, Flag::link_lost}, {-0.0, Flag::calibrating}});
    add(batch, 1, start + microseconds(4), {{123456.789, Flag::normal}});
    return batch;
  }
};

TEST_F(ReadingsMessagesOnDisk, GoOutLaterToTheLetterAsTheyWouldHaveAtOnce) {
  std::vector<storage::OutboxRow> fresh;
  {
    Store store(folder, site);
    fresh = store.owe(batch);
    for (auto& row : store.owe(batch)) fresh.push_back(row);
  }
  // Meanwhile the configuration has lost one device and gives the other's point another unit.
  auto other = site;
  other.points[2].unit = core::Unit::mg_per_m3;
  other.devices[0].point_count = 0;
  other.gateway_id = "another";
  Store store(folder, other);
  const auto owed = store.owed();
  ASSERT_EQ(owed.size(), 4U);
  ASSERT_EQ(fresh.size(), 4U);
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < owed.size(); ++i) {
    EXPECT_EQ(owed[i].id, fresh[i].id);
    EXPECT_EQ(owed[i].topic, fresh[i].topic);
    ASSERT_TRUE(owed[i].frames);
    EXPECT_EQ(store.messages.text_of(*owed[i].frames), fresh[i].payload);
    bytes += fresh[i].payload.size();
  }
  EXPECT_THAT(fresh[0].payload, HasSubstr(R"("seq":1,"sent_at":"2024-10-04T00:00:00.123Z")"));
  EXPECT_THAT(fresh[2].payload, HasSubstr(R"("seq":2,)"));
  EXPECT_EQ(store.outbox.depth().bytes, bytes) << "what is owed is counted as it will be sent";
}

TEST_F(ReadingsMessagesOnDisk, SayHowManyPollsADamagedStoreCouldNotGiveBack) {
  Store store(folder, site);
  store.owe(batch);
  store.database.handle().exec("UPDATE frame SET samples=x'FFFF' WHERE id=1");
  const auto owed = store.owed();
  const auto damaged = store.messages.text_of(*owed[0].frames);
  EXPECT_THAT(damaged, HasSubstr(R"(],"unreadable_polls":1})"));
  EXPECT_THAT(damaged, HasSubstr(R"("flag":"C")")) << "what can be read goes out";
  EXPECT_THAT(store.messages.text_of(*owed[1].frames), Not(HasSubstr("unreadable")));
}

// A broken page of a large file shows only when it is read; what comes behind it must not wait for ever.
TEST_F(ReadingsMessagesOnDisk, GoOnBehindABrokenPage) {
  const double sign = 123456.789;
  const auto file = folder.path() / "s.sqlite";
  {
    Store store(folder, site);
    store.owe(batch);
    core::Batch many;
    for (int i = 0; i < 400; ++i) add(many, 0, start + microseconds(i), {{1, Flag::normal}, {2, Flag::normal}});
    store.owe(many);
    store.owe(batch);
  }
  std::ifstream in(file, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  constexpr std::size_t page = 4096;
  constexpr char leaf_of_a_table = 0x0D;
  auto found = bytes.find(std::string(reinterpret_cast<const char*>(&sign), sizeof sign));
  while (found != std::string::npos && bytes[found / page * page] != leaf_of_a_table)  // what a page held before
    found = bytes.find(std::string(reinterpret_cast<const char*>(&sign), sizeof sign), found + 1);
  ASSERT_NE(found, std::string::npos);
  bytes.replace(found / page * page, page, page, '\0');
  std::ofstream(file, std::ios::binary) << bytes;
  Store store(folder, site);
  const auto owed = store.owed();
  ASSERT_EQ(owed.size(), 5U);
  EXPECT_THAT(store.messages.text_of(*owed[1].frames), HasSubstr(R"("readings":[],"unreadable_polls":2})"));
  EXPECT_THAT(store.messages.text_of(*owed[4].frames), Not(HasSubstr("unreadable")));
}

TEST_F(ReadingsMessagesOnDisk, AreCutAtAThousandReadings) {
  Store store(folder, site);
  core::Batch large;
  for (int i = 0; i < 501; ++i) add(large, 0, start + microseconds(i), {{1, Flag::normal}, {2, Flag::normal}});
  const auto rows = store.owe(large);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(store.owed()[0].frames->frames.size(), 500U);
  EXPECT_EQ(store.messages.text_of(*store.owed()[1].frames), rows[1].payload);
  EXPECT_EQ(store.owed()[1].frames->seq, 2U);
}

}  // namespace readings_messages_test
}  // namespace hazgate::app
