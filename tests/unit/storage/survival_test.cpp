// What the disk and the kernel can do to the store at any moment.
#include <gmock/gmock.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <random>

#include "example_store.hpp"
#include "storage/alarms.hpp"
#include "storage/outbox.hpp"
#include "storage/readings.hpp"

namespace hazgate::storage {
namespace {
using namespace test;

constexpr int frames_a_batch = 20;

/// Everything that one transaction of the gateway brings, numbered throughout.
struct Store {
  explicit Store(const std::filesystem::path& file)
      : database(file), readings(database, site), alarms(database, site), outbox(database) {}

  std::uint64_t commit_batch() {
    Transaction transaction(database);
    const std::uint64_t number = outbox.next_seq("batches");
    core::Batch batch;
    for (int i = 0; i < frames_a_batch; ++i) {
      add_frame(batch, 0, time(static_cast<std::int64_t>(number)), {{static_cast<double>(number), core::Flag::normal}});
    }
    readings.append(batch);
    core::Alarm alarm{.number = number, .state = core::AlarmState::unacknowledged};
    alarms.save(alarm);
    outbox.append(Lane::alarm, true, "alarm", std::to_string(number));
    transaction.commit();
    return number;
  }

  core::Site site = example_site();
  Database database;
  Readings readings;
  Alarms alarms;
  Outbox outbox;
};

/// Batches 1 to `last`, each whole, nothing more.
void expect_whole(Store& store, std::uint64_t last) {
  EXPECT_EQ(store.alarms.last_number(), last);
  EXPECT_EQ(store.alarms.open().size(), last);
  EXPECT_EQ(store.readings.count(), last * frames_a_batch);
  EXPECT_EQ(store.readings.damaged_frames(), 0U);
  EXPECT_EQ(store.outbox.depth().rows, last);
  std::uint64_t expected = 0;
  for (const auto& row : store.outbox.owed(Lane::alarm, 0, last + 1)) {
    EXPECT_EQ(row.payload, std::to_string(++expected));
  }
  EXPECT_EQ(expected, last);
}

[[noreturn]] void commit_for_ever(const std::filesystem::path& file, int to) {
  Store store(file);
  while (true) {
    const std::uint64_t number = store.commit_batch();
    if (::write(to, &number, sizeof number) != sizeof number) ::_exit(1);
  }
}

/// The last number that the child said was committed before `moment`, when it is killed.
std::uint64_t kill_at(const std::filesystem::path& file, std::chrono::microseconds moment) {
  int pipe[2];
  if (::pipe(pipe) != 0) return 0;
  const pid_t child = ::fork();
  if (child == 0) commit_for_ever(file, pipe[1]);
  ::close(pipe[1]);
  std::uint64_t last = 0;
  auto until = std::chrono::steady_clock::time_point::max();
  while (true) {
    const auto left = until - std::chrono::steady_clock::now();
    pollfd readable{.fd = pipe[0], .events = POLLIN, .revents = 0};
    const auto wait = std::chrono::duration_cast<std::chrono::nanoseconds>(left);
    const timespec limit{.tv_sec = 0, .tv_nsec = std::clamp<long>(wait.count(), 0, 999'999'999)};
    if (::ppoll(&readable, 1, last == 0 ? nullptr : &limit, nullptr) == 0) break;
    std::uint64_t number = 0;
    if (::read(pipe[0], &number, sizeof number) != sizeof number) break;
    if (last == 0) until = std::chrono::steady_clock::now() + moment;
    last = number;
  }
  ::kill(child, SIGKILL);
  std::uint64_t number = 0;
  while (::read(pipe[0], &number, sizeof number) == sizeof number) last = number;
  ::close(pipe[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
  return last;
}

TEST(StoreSurvives, KillAtAnyInstantWithEveryCommittedBatchWhole) {
  const Folder folder;
  std::mt19937 random(20190827);
  std::uniform_int_distribution<int> moment(0, 20'000);
  for (int run = 0; run < 20; ++run) {
    const std::uint64_t said = kill_at(folder.file, std::chrono::microseconds(moment(random)));
    ASSERT_GT(said, 0U);
    Store store(folder.file);
    const std::uint64_t last = store.alarms.last_number();
    // It may die between the commit and its word about it.
    EXPECT_GE(last, said);
    EXPECT_LE(last, said + 1);
    expect_whole(store, last);
  }
}

TEST(StoreSurvives, AFullDiskAndGoesOnWithTheSameBatchWhenThereIsRoom) {
  const Folder folder;
  Store store(folder.file);
  store.commit_batch();
  const auto pages = ask(store.database, "PRAGMA page_count");
  store.database.handle().exec("PRAGMA max_page_count=" + std::to_string(pages + 8));
  std::uint64_t last = 1;
  std::optional<StoreError> error;
  while (!error && last < 10'000) {
    try {
      last = store.commit_batch();
    } catch (const StoreError& full) {
      error = full;
    }
  }
  ASSERT_TRUE(error);
  EXPECT_EQ(error->cause, StoreCause::full);
  EXPECT_TRUE(error->worth_retry());
  store.outbox.rolled_back();
  expect_whole(store, last);
  EXPECT_THROW(store.commit_batch(), StoreError);
  store.outbox.rolled_back();

  store.database.handle().exec("PRAGMA max_page_count=1000000");
  EXPECT_EQ(store.commit_batch(), last + 1);
  expect_whole(store, last + 1);
}

TEST(StoreSurvives, AForeignWriterByAskingForAnotherTry) {
  const Folder folder;
  Store store(folder.file);
  store.database.handle().setBusyTimeout(0);
  SQLite::Database shell(folder.file.string(), SQLite::OPEN_READWRITE);
  shell.exec("BEGIN IMMEDIATE");
  try {
    store.commit_batch();
    FAIL();
  } catch (const StoreError& error) {
    EXPECT_EQ(error.cause, StoreCause::busy);
    EXPECT_TRUE(error.worth_retry());
  }
  shell.exec("COMMIT");
  EXPECT_EQ(store.commit_batch(), 1U);
}

}  // namespace
}  // namespace hazgate::storage
