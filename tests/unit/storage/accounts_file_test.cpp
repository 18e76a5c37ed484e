// The file itself: whose it is, what it is not, who else has it open.
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "example_accounts.hpp"
#include "storage/database.hpp"

namespace hazgate::storage {
namespace {
using namespace test;
using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

unsigned mode_of(const fs::path& file) {
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 ? status.st_mode & 0777U : 0;
}
struct AccountsFile : testing::Test, AccountsFolder {
  std::optional<StoreError> refusal() const {
    return refused([&] { const Accounts accounts(file); });
  }
};

TEST_F(AccountsFile, IsMadeForItsOwnerAloneAndForPowerCuts) {
  ::umask(0);
  Accounts accounts(file);
  accounts.audit({.at = at_second(1), .user = "u", .action = "a"});
  EXPECT_EQ(mode_of(file.parent_path()), 0700U);
  EXPECT_EQ(mode_of(file), 0600U);
  EXPECT_EQ(mode_of(file.string() + "-wal"), 0600U);
  SQLite::Database other(file.string());
  EXPECT_EQ(other.execAndGet("PRAGMA application_id").getInt(), 0x687A6761);
  EXPECT_EQ(other.execAndGet("PRAGMA user_version").getInt(), 1);
  EXPECT_EQ(other.execAndGet("PRAGMA journal_mode").getString(), "wal");
  ::umask(022);
}

TEST_F(AccountsFile, ThatOthersCouldReadIsHiddenFromThem) {
  { const Accounts accounts(file); }
  fs::permissions(file, fs::perms(0644));
  const Accounts accounts(file);
  EXPECT_EQ(mode_of(file), 0600U);
}

TEST_F(AccountsFile, MadeByRootBelongsToWhomTheFolderBelongsTo) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can try";
  fs::create_directories(file.parent_path());
  constexpr unsigned somebody = 65534;
  ASSERT_EQ(::chown(file.parent_path().c_str(), somebody, somebody), 0);
  Accounts accounts(file);
  accounts.audit({.at = at_second(1), .user = "u", .action = "a"});
  for (const char* part : {"", "-wal", "-shm"}) {
    struct stat status {};
    ASSERT_EQ(::stat((file.string() + part).c_str(), &status), 0) << part;
    EXPECT_EQ(status.st_uid, somebody) << part;
  }
}

TEST_F(AccountsFile, IsNeverTakenForAStoreOfReadingsNorOneForIt) {
  { const Accounts accounts(file); }
  const auto as_readings = refused([&] { const Database database(file); });
  ASSERT_TRUE(as_readings);
  EXPECT_EQ(as_readings->cause, StoreCause::not_permitted);
  EXPECT_THAT(as_readings->what(), HasSubstr("it is a file of accounts; name a store of hazgate"));
  const auto store = file.parent_path() / "hazgate.sqlite";
  { const Database database(store); }
  const auto as_accounts = refused([&] { const Accounts accounts(store); });
  ASSERT_TRUE(as_accounts);
  EXPECT_EQ(as_accounts->cause, StoreCause::not_permitted);
  EXPECT_THAT(as_accounts->what(), HasSubstr("it is a store of readings; move that file away, do not delete it"));
}

TEST_F(AccountsFile, OfAnotherProgramIsRefusedAndNotWrittenTo) {
  fs::create_directories(file.parent_path());
  SQLite::Database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE theirs (a)");
  ASSERT_TRUE(refusal());
  EXPECT_THAT(refusal()->what(), HasSubstr("it is the database of another program"));
  EXPECT_EQ(SQLite::Database(file.string()).execAndGet("PRAGMA journal_mode").getString(), "delete");
}

TEST_F(AccountsFile, OfANewerSchemaIsRefused) {
  { const Accounts accounts(file); }
  by_hand(file, "PRAGMA user_version=99");
  const auto error = refusal();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->cause, StoreCause::newer_schema);
  EXPECT_THAT(error->what(), AllOf(HasSubstr("schema 99"), HasSubstr("up to 1")));
}

TEST_F(AccountsFile, ThatIsNoDatabaseAnyMoreIsRefusedAndStaysWhereItIs) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << std::string(8192, 'x');
  const auto error = refusal();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->cause, StoreCause::damaged);
  EXPECT_THAT(error->what(), AllOf(HasSubstr(file.string()), HasSubstr("do not delete"), HasSubstr("user add")));
  EXPECT_EQ(fs::file_size(file), 8192u);
}

TEST_F(AccountsFile, WithABrokenPageIsRefusedAlsoWhenItIsNotRead) {
  {
    Accounts accounts(file);
    for (int i = 0; i < 200; ++i)
      accounts.audit({.at = at_second(i), .user = "u", .action = "a", .detail = std::string(200, 'd')});
  }
  {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(fs::file_size(file)) - 4096);
    stream << std::string(512, '\xff');
  }
  const auto error = refusal();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->cause, StoreCause::damaged);
  EXPECT_THAT(error->what(), AllOf(HasSubstr("do not delete"), HasSubstr("hazgate user add")));
}

TEST_F(AccountsFile, OpenedAgainInTheProcessStaysWhole) {
  int start[2];
  ASSERT_EQ(::pipe(start), 0);
  const pid_t child = ::fork();  // before SQLite here knows of the file, which the child would know too
  if (child == 0) {
    char none = 0;
    const bool told = ::read(start[0], &none, 1) == 1;
    // The last one to close a file folds its log back and deletes it: this one must see that it is not the last.
    const bool good = told && !refused([&] { Accounts(file).audit({.user = "child", .action = "a"}); });
    ::_exit(good ? 0 : 1);
  }
  Accounts first(file);
  { const Accounts at_second(file); }
  EXPECT_EQ(::write(start[1], "1", 1), 1);
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  ::close(start[0]);
  ::close(start[1]);
  EXPECT_TRUE(fs::exists(file.string() + "-wal"));
  first.audit({.user = "first", .action = "a"});
  EXPECT_EQ(SQLite::Database(file.string()).execAndGet("SELECT count(*) FROM audit").getInt(), 2);
}

/// True when each of them could add a user of its own to the file that none of them found.
bool added_by_many_at_once(const fs::path& file) {
  int start[2];
  if (::pipe(start) != 0) return false;
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      char none = 0;
      ::close(start[1]);
      if (::read(start[0], &none, 1) != 0) ::_exit(2);
      const auto error = refused([&] { Accounts(file).add_user(example_user("u" + std::to_string(i))); });
      if (error) std::fprintf(stderr, "%s\n", error->what());
      ::_exit(error ? 1 : 0);
    }
    children.push_back(child);
  }
  ::close(start[0]);
  ::close(start[1]);
  bool good = true;
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    good = good && status == 0;
  }
  return good && Accounts(file).users().size() == children.size();
}

TEST_F(AccountsFile, IsMadeByManyProcessesAtOnceAndByEachStepOnce) {
  fs::create_directories(file.parent_path());
  for (int round = 0; round < 10; ++round)
    EXPECT_TRUE(added_by_many_at_once(file.string() + std::to_string(round))) << round;
}

}  // namespace
}  // namespace hazgate::storage
