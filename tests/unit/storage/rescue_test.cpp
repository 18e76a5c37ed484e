#include "storage/rescue.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "example_store.hpp"
#include "storage/alarms.hpp"
#include "storage/outbox.hpp"

namespace hazgate::storage {
namespace {
using namespace test;
using testing::HasSubstr;
namespace fs = std::filesystem;

std::string content(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void overwrite(const fs::path& file, std::streamoff at, const std::string& bytes) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(at);
  stream << bytes;
}

struct StoreRescue : testing::Test {
  Folder folder;
  core::Site site = example_site();

  /// Forty messages of a stream, seven alarms, forty messages owed.
  void fill() {
    Database database(folder.file);
    Alarms alarms(database, site);
    Outbox outbox(database);
    Transaction transaction(database);
    for (int i = 0; i < 40; ++i) {
      const auto seq = outbox.next_seq("stream");
      outbox.append(Lane::alarm, true, "alarm", std::to_string(seq) + std::string(2000, '.'));
    }
    for (std::uint64_t number = 1; number <= 7; ++number)
      alarms.save({.number = number, .state = core::AlarmState::unacknowledged});
    transaction.commit();
  }
  std::int64_t page_of(const std::string& table) {
    Database database(folder.file);
    return ask(database, "SELECT rootpage FROM sqlite_schema WHERE name='" + table + "'");
  }
  void break_page_of(const std::string& table) {
    overwrite(folder.file, (page_of(table) - 1) * 4096, std::string(4096, '\xa5'));
  }
  struct Numbers {
    std::uint64_t seq, fresh_seq, alarm, owed;
  };
  Numbers numbers() {
    Database database(folder.file);
    Outbox outbox(database);
    return {outbox.next_seq("stream"), outbox.next_seq("a new one"), Alarms(database, site).last_number(),
            outbox.depth().rows};
  }
};

constexpr std::uint64_t far_above = 1'700'000'000'000;  // milliseconds since 1970, in 2023

TEST_F(StoreRescue, LeavesAGoodOneAloneAndMakesNone) {
  EXPECT_FALSE(rescue(folder.file));
  EXPECT_FALSE(fs::exists(folder.file));
  fill();
  const auto before = content(folder.file);
  EXPECT_FALSE(rescue(folder.file));
  EXPECT_EQ(content(folder.file), before);
  EXPECT_EQ(numbers().seq, 41U);
}

TEST_F(StoreRescue, GoesOnFarAboveWhereNothingCanBeRead) {
  fill();
  overwrite(folder.file, 0, std::string(100, '\xa5'));
  const auto damaged = content(folder.file);
  const auto rescued = rescue(folder.file);
  ASSERT_TRUE(rescued);
  EXPECT_TRUE(rescued->numbers_lost);
  EXPECT_EQ(content(rescued->aside), damaged) << "kept as it was";
  const auto [seq, fresh_seq, alarm, owed] = numbers();
  EXPECT_GT(seq, far_above);
  EXPECT_GT(fresh_seq, far_above);
  EXPECT_GT(alarm, far_above);
  EXPECT_FALSE(rescue(folder.file)) << "once";
}

TEST_F(StoreRescue, OfABrokenTableKeepsEverythingElseAndItsNumbers) {
  fill();
  break_page_of("outbox");
  const auto damaged = content(folder.file);
  const auto rescued = rescue(folder.file);
  ASSERT_TRUE(rescued);
  EXPECT_THAT(rescued->why, HasSubstr(folder.file.string()));
  EXPECT_FALSE(rescued->numbers_lost);
  EXPECT_EQ(content(rescued->aside), damaged);
  const auto [seq, fresh_seq, alarm, owed] = numbers();
  EXPECT_EQ(seq, 41U);
  EXPECT_EQ(fresh_seq, 1U);
  EXPECT_EQ(alarm, 7U);
  EXPECT_EQ(owed, 0U);
}

TEST_F(StoreRescue, WithBrokenNumbersKeepsAlarmsAndMessagesOwed) {
  fill();
  break_page_of("sequence");
  const auto rescued = rescue(folder.file);
  ASSERT_TRUE(rescued);
  EXPECT_TRUE(rescued->numbers_lost);
  const auto [seq, fresh_seq, alarm, owed] = numbers();
  EXPECT_GT(seq, far_above);
  EXPECT_GT(alarm, far_above);
  EXPECT_EQ(owed, 40U);
  Database database(folder.file);
  EXPECT_EQ(ask(database, "SELECT count(*) FROM alarm"), 7);
}

TEST_F(StoreRescue, OfOneThatWasCutShortGivesNoNumberTwice) {
  fill();
  for (const auto part : {2, 10, 60}) {
    const auto size = fs::file_size(folder.file);
    fs::resize_file(folder.file, std::min<std::uintmax_t>(size * static_cast<unsigned>(part) / 100, size - 1));
    ASSERT_TRUE(rescue(folder.file)) << part;
    const auto [seq, fresh_seq, alarm, owed] = numbers();
    EXPECT_TRUE(seq > far_above || seq >= 41U) << seq;
    EXPECT_TRUE(alarm > far_above || alarm >= 7U) << alarm;
  }
}

TEST_F(StoreRescue, OfAGoodFileWithAGarbledLogGoesOnFromTheFile) {
  fill();
  std::ofstream(folder.file.string() + "-wal") << std::string(8192, '\xa5');
  EXPECT_FALSE(rescue(folder.file));
  EXPECT_EQ(numbers().seq, 41U);
}

TEST_F(StoreRescue, DoesNotTouchOneOfANewerVersionOrOfAnotherProgram) {
  fill();
  { Database(folder.file).handle().exec("PRAGMA user_version=99"); }
  const auto before = content(folder.file);
  EXPECT_THROW(rescue(folder.file), StoreError);
  EXPECT_EQ(content(folder.file), before) << "byte for byte";
  EXPECT_FALSE(fs::exists(folder.file.string() + "-wal"));
}

}  // namespace
}  // namespace hazgate::storage
