// A compacted store reads like the one it was made of, whatever happens in between.
#include "storage/compaction.hpp"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "example_history.hpp"
#include "storage/outbox.hpp"

namespace hazgate::storage {
namespace {
using namespace test;

struct Compacting : testing::Test {
  Folder folder;
  core::Site site = example_site();
  std::optional<Database> database{std::in_place, folder.file};
  std::optional<Readings> readings{std::in_place, *database, site};

  void open_anew() {
    readings.reset();
    database.reset();
    database.emplace(folder.file);
    readings.emplace(*database, site);
  }
  std::int64_t rows(const std::string& table) { return ask(*database, "SELECT count(*) FROM " + table); }
};

TEST_F(Compacting, ChangesNothingOfWhatIsRead) {
  store_hours(*database, *readings, morning - 20 * second, morning + 3 * hour + 600 * second);
  const auto before = all_frames(*readings);
  ASSERT_GT(before.size(), 2000U);
  const auto last = readings->last_frame_id();
  keep_house(*database, time(morning + 3 * hour + 400 * second));
  EXPECT_EQ(all_frames(*readings), before);
  EXPECT_LT(rows("frame"), 250) << "the hour under way stays";
  EXPECT_GT(rows("stretch"), 6);
  EXPECT_GT(rows("recent_roll_up"), 0);
  open_anew();
  EXPECT_EQ(all_frames(*readings), before);
  EXPECT_EQ(readings->last_frame_id(), last);
  const auto some = static_cast<std::ptrdiff_t>(before.size() / 2);
  EXPECT_EQ(all_frames(*readings, std::stoll(before[static_cast<std::size_t>(some)])),
            std::vector(before.begin() + some + 1, before.end()));
  store_hours(*database, *readings, morning + 3 * hour + 600 * second, morning + 5 * hour);
  const auto longer = all_frames(*readings);
  keep_house(*database, time(morning + 7 * hour));
  EXPECT_EQ(rows("frame"), 0);
  EXPECT_EQ(rows("recent_roll_up"), 0);
  EXPECT_EQ(all_frames(*readings), longer);
  open_anew();
  EXPECT_EQ(all_frames(*readings), longer);
  store_hours(*database, *readings, morning + 7 * hour, morning + 7 * hour + second);
  EXPECT_EQ(readings->last_frame_id(), static_cast<std::int64_t>(longer.size()) + 2) << "no id is given twice";
}

/// A kill after any transaction, and then the same again from the start.
TEST_F(Compacting, MayBeKilledBetweenAnyTwoSteps) {
  store_hours(*database, *readings, morning, morning + 2 * hour);
  const auto before = all_frames(*readings);
  int steps = 0, lives = 0;
  for (bool dead = true; dead; ++lives) {
    dead = false;
    int left = lives % 7 + 1 + lives / 3;
    keep_house(*database, time(morning + 2 * hour + 120 * second), INT64_MAX, [&] {
      ++steps;
      dead = --left == 0;
      return dead;
    });
    open_anew();
    ASSERT_EQ(all_frames(*readings), before) << "life " << lives;
    ASSERT_EQ(readings->last_frame_id(), static_cast<std::int64_t>(before.size()));
  }
  EXPECT_GT(lives, 5);
  EXPECT_EQ(rows("chunk"), ask(*database,
                               "SELECT sum(c) FROM (SELECT (SELECT count(*) FROM layout_point AS p WHERE "
                               "p.layout=s.layout) AS c FROM stretch AS s)"))
      << "nothing is left of what was begun in vain";
  EXPECT_EQ(rows("chunk"), rows("hour_roll_up"));
}

[[noreturn]] void keep_house_for_ever(const std::filesystem::path& file) {
  Database database(file);
  while (true) keep_house(database, time(morning + 2 * hour + 300 * second));
}

/// The power may fail within a step as well.
TEST_F(Compacting, MayBeKilledAtAnyInstant) {
  store_hours(*database, *readings, morning, morning + 2 * hour);
  const auto before = all_frames(*readings);
  std::mt19937 random(9);
  for (int life = 0; life < 12; ++life) {
    readings.reset();
    database.reset();
    const pid_t child = ::fork();
    if (child == 0) keep_house_for_ever(folder.file);
    std::this_thread::sleep_for(std::chrono::milliseconds(5 + random() % 60 * static_cast<unsigned>(life)));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    open_anew();
    ASSERT_EQ(all_frames(*readings), before) << "life " << life;
  }
  keep_house(*database, time(morning + 2 * hour + 300 * second));
  EXPECT_EQ(rows("frame"), 0);
  EXPECT_EQ(rows("chunk"), rows("hour_roll_up"));
  EXPECT_EQ(rows("chunk"), rows("minute_roll_up"));
  EXPECT_EQ(all_frames(*readings), before);
}

TEST_F(Compacting, LeavesFramesThatARestartReadsOnFrom) {
  store_hours(*database, *readings, morning, morning + 2 * hour);
  const auto now = time(morning + 5 * hour);
  keep_house(*database, now, 100);
  EXPECT_EQ(rows("stretch"), 0) << "the checkpoint is in the first hour";
  keep_house(*database, now, 800);
  EXPECT_EQ(ask(*database, "SELECT min(id) FROM frame"), 721) << "two devices, each ten seconds, but for one hour";
}

TEST_F(Compacting, LeavesFramesThatAreOwed) {
  store_hours(*database, *readings, morning, morning + 2 * hour);
  Outbox outbox(*database);
  const auto owe = [&](std::int64_t at, std::vector<std::int64_t> frames) {
    return outbox.append("r", {.gateway = "gw", .seq = 1, .sent_at = time(at), .frames = std::move(frames)}, 500);
  };
  const auto first = owe(7, {500, 502}), second_row = owe(7, {400, 501});
  owe(8, {503, 600});
  const auto now = time(morning + 5 * hour);
  keep_house(*database, now);
  EXPECT_EQ(ask(*database, "SELECT min(id) FROM frame"), 400) << "the second row of the batch names the least";
  const auto before = all_frames(*readings);
  EXPECT_EQ(before.size(), 1440U) << "none is read twice";
  int visits = 0;
  EXPECT_TRUE(readings->with_frame(501, [&](const auto&) { ++visits; }));
  EXPECT_EQ(visits, 1);
  outbox.remove(std::vector{first, second_row});
  keep_house(*database, now);
  EXPECT_EQ(ask(*database, "SELECT min(id) FROM frame"), 503);
}

TEST_F(Compacting, KeepsWhatCannotBeUnderstood) {
  store_hours(*database, *readings, morning, morning + hour);
  database->handle().exec("UPDATE frame SET samples = x'0304' WHERE id IN (10, 20)");
  const auto before = all_frames(*readings);
  EXPECT_EQ(readings->damaged_frames(), 2U);
  keep_house(*database, time(morning + 5 * hour));
  EXPECT_EQ(all_frames(*readings), before);
  EXPECT_EQ(readings->damaged_frames(), 2U);
  EXPECT_EQ(ask(*database, "SELECT count(*) FROM unreadable_frame WHERE samples = x'0304'"), 2);
  database->handle().exec("UPDATE chunk SET samples = x'0102' WHERE id = (SELECT max(id) FROM stretch)");
  EXPECT_LT(all_frames(*readings).size(), before.size());
  EXPECT_GT(readings->damaged_frames(), 2U) << "a bad chunk costs the frames of its stretch, and they are counted";
}

/// Who exports an hour hears of it, though nothing else is left of that hour; who asks for another device does not.
TEST_F(Compacting, TellsOfAnHourOfWhichNothingCanBeUnderstood) {
  store_hours(*database, *readings, morning, morning + hour / 2);
  store_hours(*database, *readings, morning + 2 * hour, morning + 3 * hour);
  database->handle().exec("UPDATE frame SET samples = x'0304' WHERE at < " + std::to_string(morning + hour));
  const auto bad = static_cast<std::uint64_t>(ask(*database, "SELECT count(*) FROM frame WHERE samples = x'0304'"));
  const auto dust =
      static_cast<std::uint64_t>(ask(*database, "SELECT count(*) FROM frame WHERE samples = x'0304' AND layout = 1"));
  keep_house(*database, time(morning + 9 * hour));
  std::uint64_t told = 0, told_of_dust = 0;
  for (const auto& one : hours_with_frames(*database)) {
    WantedFrames wanted{.first_hour = one.number, .last_hour = one.number, .uncompacted = one.uncompacted};
    told += for_each_frame(*database, wanted, [](const auto&) {});
    wanted.layout = [](const Layout& layout) { return layout.device == "dust-1"; };
    told_of_dust += for_each_frame(*database, wanted, [](const auto&) {});
  }
  EXPECT_EQ(told, bad);
  EXPECT_EQ(told_of_dust, dust);
  EXPECT_LT(dust, bad);
}

/// A clock that was wrong by a year must not stop compaction for one.
TEST_F(Compacting, TakesFramesOfTheFutureAsTheyAre) {
  store_hours(*database, *readings, morning + 9000 * hour, morning + 9000 * hour + 100 * second);
  store_hours(*database, *readings, morning, morning + hour + 100 * second);
  const auto before = all_frames(*readings);
  keep_house(*database, time(morning + hour + 400 * second));
  EXPECT_EQ(rows("frame"), 20) << "only the hour under way";
  EXPECT_EQ(all_frames(*readings), before);
}

TEST_F(Compacting, WaitsUntilAnHourIsOver) {
  store_hours(*database, *readings, morning, morning + hour);
  keep_house(*database, time(morning + hour + 100 * second));
  EXPECT_EQ(rows("stretch"), 0);
  EXPECT_EQ(ask(*database, "SELECT rolled_up FROM compacted"), 720);
  keep_house(*database, time(morning + hour + 300 * second));
  EXPECT_EQ(rows("frame"), 0);
}

TEST_F(Compacting, OfAStoreWithoutReadingsDoesNothing) {
  keep_house(*database, time(morning));
  EXPECT_EQ(rows("stretch"), 0);
}

}  // namespace
}  // namespace hazgate::storage
