#include "storage/database.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <optional>

#include "example_store.hpp"
#include "storage/migrate.hpp"

namespace hazgate::storage {
namespace {
using namespace test;
using testing::HasSubstr;
namespace fs = std::filesystem;

std::optional<StoreError> refusal(const fs::path& file) {
  try {
    const Database database(file);
    return std::nullopt;
  } catch (const StoreError& error) {
    return error;
  }
}

unsigned mode(const fs::path& file) {
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 ? status.st_mode & 0777U : 0;
}

void overwrite(const fs::path& file, std::streamoff at, const std::string& bytes) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(at);
  stream << bytes;
}

struct DatabaseFile : testing::Test {
  Folder folder;
};

TEST_F(DatabaseFile, IsMadeForItsOwnerAloneWithTheNewestSchema) {
  Database database(folder.file);
  database.handle().exec("INSERT INTO layout (device) VALUES ('d')");
  EXPECT_EQ(database.schema_version(), newest_schema());
  EXPECT_EQ(mode(folder.file.parent_path()), 0700U);
  EXPECT_EQ(mode(folder.file), 0600U);
  EXPECT_EQ(mode(folder.file.string() + "-wal"), 0600U);
  EXPECT_EQ(ask(database, "PRAGMA application_id"), 0x687A6774);
  EXPECT_EQ(ask(database, "PRAGMA synchronous"), 2);
  EXPECT_EQ(ask(database, "PRAGMA foreign_keys"), 1);
  EXPECT_EQ(database.handle().execAndGet("PRAGMA journal_mode").getString(), "wal");
}

TEST_F(DatabaseFile, OpensAgainWithWhatWasCommittedAndNothingElse) {
  {
    Database database(folder.file);
    Transaction kept(database);
    database.handle().exec("INSERT INTO layout (device) VALUES ('kept')");
    kept.commit();
    const Transaction lost(database);
    database.handle().exec("INSERT INTO layout (device) VALUES ('lost')");
  }
  Database database(folder.file);
  EXPECT_EQ(ask(database, "SELECT count(*) FROM layout"), 1);
}

TEST_F(DatabaseFile, OfTheFirstSchemaComesForwardWithWhatItHolds) {
  fs::create_directories(folder.file.parent_path());
  {
    std::ifstream stream(SOURCE_DIR "/gateway/storage/schema/0001_store.sql");
    const std::string first(std::istreambuf_iterator<char>(stream), {});
    SQLite::Database old(folder.file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    old.exec(first);
    old.exec("PRAGMA application_id=0x687A6774; PRAGMA user_version=1; INSERT INTO sequence VALUES ('s', 41)");
  }
  Database database(folder.file);
  EXPECT_EQ(database.schema_version(), newest_schema());
  EXPECT_EQ(ask(database, "SELECT last FROM sequence"), 41);
  EXPECT_EQ(ask(database, "SELECT count(*) FROM exposure"), 0);
}

TEST_F(DatabaseFile, OfANewerHazgateIsRefusedByBothVersions) {
  { Database(folder.file).handle().exec("PRAGMA user_version=99"); }
  const auto error = refusal(folder.file);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->cause, StoreCause::newer_schema);
  EXPECT_THAT(error->what(), AllOf(HasSubstr("schema 99"), HasSubstr("up to " + std::to_string(newest_schema())),
                                   HasSubstr("hazgate.db")));
}

TEST_F(DatabaseFile, OfARunningGatewayIsReadByOthersWhoChangeNothing) {
  Database running(folder.file);
  running.handle().exec("INSERT INTO layout (device) VALUES ('dust-1')");
  auto reader = Database::to_read(folder.file);
  EXPECT_EQ(ask(reader, "SELECT count(*) FROM layout"), 1);
  EXPECT_THROW(reader.handle().exec("DELETE FROM layout"), SQLite::Exception);
  running.handle().exec("PRAGMA user_version=7");
  try {
    Database::to_read(folder.file);
    ADD_FAILURE() << "an older schema was read as if it were the newest";
  } catch (const StoreError& e) {
    EXPECT_EQ(e.cause, StoreCause::older_schema);
  }
}

TEST_F(DatabaseFile, ACommitLeavesTheLogToWhoeverHasTimeUnlessItGrowsVeryLong) {
  Database database(folder.file);
  constexpr int page = 4096;
  const auto write = [&](int pages) {
    Transaction transaction(database);
    database.handle().exec("INSERT INTO layout (device) VALUES (printf('%.*c', " + std::to_string(pages * page) +
                           ", 'x'))");
    transaction.commit();
  };
  database.fold_log();
  const auto before = fs::file_size(folder.file);
  write(300);
  EXPECT_GE(database.log_pages(), 300);
  EXPECT_EQ(fs::file_size(folder.file), before);
  database.fold_log();
  EXPECT_EQ(database.log_pages(), 0);
  EXPECT_GE(fs::file_size(folder.file), before + 300U * page);
  write(1100);
  EXPECT_EQ(database.log_pages(), 0) << "so many the commit folds itself";
  EXPECT_GE(fs::file_size(folder.file), before + 1400U * page);
}

TEST_F(DatabaseFile, OfAnotherProgramIsLeftAlone) {
  fs::create_directories(folder.file.parent_path());
  {
    SQLite::Database other(folder.file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    other.exec("CREATE TABLE theirs (x)");
  }
  const auto error = refusal(folder.file);
  ASSERT_TRUE(error);
  EXPECT_THAT(error->what(), HasSubstr("another program"));
}

TEST_F(DatabaseFile, IsUsedByOneProcessAtATime) {
  const Database database(folder.file);
  const auto error = refusal(folder.file);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->cause, StoreCause::in_use);
  EXPECT_FALSE(error->worth_retry());
  EXPECT_THAT(error->what(), HasSubstr("process " + std::to_string(::getpid())));
}

TEST_F(DatabaseFile, ThatIsNoDatabaseIsRefusedAsDamaged) {
  const auto file = folder.folder.write("hazgate.db", std::string(5000, 'x'));
  const auto error = refusal(file);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->cause, StoreCause::damaged);
  EXPECT_THAT(error->what(), HasSubstr(".recover"));
}

TEST_F(DatabaseFile, ThatWasCutShortIsRefusedAsDamaged) {
  { const Database database(folder.file); }
  fs::resize_file(folder.file, 4096 * 2 + 100);
  const auto error = refusal(folder.file);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->cause, StoreCause::damaged);
}

TEST_F(DatabaseFile, WithABrokenPageIsFoundAfterAnUncleanEnd) {
  {
    Database database(folder.file);
    Transaction transaction(database);
    for (int i = 0; i < 2000; ++i) database.handle().exec("INSERT INTO layout (device) VALUES ('device')");
    transaction.commit();
  }
  const fs::path killed = folder.folder.path() / "killed.db";
  {
    Database database(folder.file);
    const auto page = ask(database, "SELECT rootpage FROM sqlite_schema WHERE name='layout'");
    database.handle().exec("INSERT INTO layout (device) VALUES ('in the WAL')");
    fs::copy_file(folder.file, killed);
    fs::copy_file(folder.file.string() + "-wal", killed.string() + "-wal");
    overwrite(killed, (page - 1) * 4096 + 12, "\xff\xff\xff\xff");
  }
  const auto error = refusal(killed);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->cause, StoreCause::damaged) << error->what();
}

TEST_F(DatabaseFile, IsSetAsideUnderANewNameAndTheNextOneStartsEmpty) {
  const auto file = folder.folder.write("hazgate.db", std::string(5000, 'x'));
  folder.folder.write("hazgate.db-wal", "old log");
  const fs::path aside = set_aside(file);
  EXPECT_EQ(fs::file_size(aside), 5000U);
  EXPECT_EQ(fs::file_size(aside.string() + "-wal"), 7U);
  EXPECT_FALSE(refusal(file));
  EXPECT_NE(set_aside(file), aside);
}

TEST_F(DatabaseFile, IsNotSetAsideWhileItIsOpen) {
  const Database database(folder.file);
  EXPECT_THROW(set_aside(folder.file), StoreError);
}

TEST_F(DatabaseFile, InAFileInsteadOfAFolderIsRefused) {
  const auto file = folder.folder.write("data", "");
  const auto error = refusal(file / "hazgate.db");
  ASSERT_TRUE(error);
  EXPECT_EQ(error->cause, StoreCause::not_permitted);
}

TEST_F(DatabaseFile, InAFolderWithoutRightsIsRefusedWithTheReason) {
  { const Database database(folder.file); }
  fs::remove(folder.file.string() + ".lock");
  fs::permissions(folder.folder.path(), fs::perms::all);
  fs::permissions(folder.file.parent_path(),
                  fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
  const pid_t child = ::fork();
  if (child == 0) {
    // Root may do everything: the claim is about users.
    if (::getuid() == 0 && ::setuid(65534) != 0) ::_exit(3);
    const auto error = refusal(folder.file);
    const bool clear = error && error->cause == StoreCause::not_permitted &&
                       std::string(error->what()).find("Permission denied") != std::string::npos;
    ::_exit(clear ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  fs::permissions(folder.file.parent_path(), fs::perms::owner_all);
}

}  // namespace
}  // namespace hazgate::storage
