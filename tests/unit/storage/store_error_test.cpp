#include "storage/store_error.hpp"

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "example_store.hpp"

namespace hazgate::storage {
namespace {
using namespace test;
using testing::HasSubstr;
namespace fs = std::filesystem;

/// A disk without a free block that every Linux has.
const fs::path on_full_disk = "/proc/hazgate.sqlite";

TEST(StoreErrors, CallAFullDiskByItsNameThoughSqliteDoesNot) {
  const Folder folder;
  const auto here = folder.folder.path() / "hazgate.sqlite";
  EXPECT_EQ(cause_of(SQLITE_IOERR_SHMSIZE, on_full_disk), StoreCause::full);
  EXPECT_EQ(cause_of(SQLITE_IOERR_SHMSIZE, here), StoreCause::io);
  EXPECT_EQ(cause_of(SQLITE_IOERR_SHMSIZE), StoreCause::io);
  EXPECT_EQ(cause_of(SQLITE_CORRUPT, on_full_disk), StoreCause::damaged);
  const auto error = sqlite_error(SQLite::Exception("disk I/O error", SQLITE_IOERR), "open 'x'", on_full_disk);
  EXPECT_STREQ(error.what(),
               "cannot open 'x': no space is left on its disk (disk I/O error); free some space on that disk");
  EXPECT_TRUE(error.worth_retry());
}

/// What reading the store of another user says, or nothing.
std::string said_to_another_user(const fs::path& file) {
  int pipe[2] = {};
  EXPECT_EQ(::pipe(pipe), 0);
  if (::fork() == 0) {
    std::string said;
    // Root may do everything: the claim is about users.
    if (::getuid() == 0 && ::setuid(65534) != 0) ::_exit(3);
    try {
      Database::to_read(file);
    } catch (const StoreError& error) {
      said = (error.cause == StoreCause::not_permitted ? "not permitted: " : "else: ") + std::string(error.what());
    } catch (const std::exception& error) {
      said = std::string("no StoreError: ") + error.what();
    }
    ::_exit(::write(pipe[1], said.data(), said.size()) < 0 ? 1 : 0);
  }
  ::close(pipe[1]);
  std::string said(1000, '\0');
  said.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(pipe[0], said.data(), said.size()))));
  ::close(pipe[0]);
  ::wait(nullptr);
  return said;
}

TEST(StoreErrors, TellAnotherUserThatARightIsMissing) {
  if (::getuid() != 0) GTEST_SKIP() << "only root has another user at hand";
  const Folder folder;
  { const Database database(folder.file); }
  fs::permissions(folder.folder.path(), fs::perms(0755));
  const auto expect_refusal = [&](const char* what) {
    const auto said = said_to_another_user(folder.file);
    EXPECT_THAT(said, testing::StartsWith("not permitted: ")) << what;
    EXPECT_THAT(said, HasSubstr("ermission denied")) << what;
    EXPECT_THAT(said, HasSubstr("run as the user who owns it")) << what;
  };
  expect_refusal("the folder, 0700");
  fs::permissions(folder.file.parent_path(), fs::perms(0755));
  expect_refusal("the file, 0600");
  fs::permissions(folder.file, fs::perms(0644));
  expect_refusal("no index of the log can be made");
}

TEST(StoreErrors, TellWhatToDoWhereThereIsNoStore) {
  try {
    Database::to_read("/nowhere/hazgate.sqlite");
    FAIL();
  } catch (const StoreError& error) {
    EXPECT_STREQ(error.what(),
                 "cannot open '/nowhere/hazgate.sqlite': there is no such file; name the store of a gateway, which is "
                 "hazgate.sqlite in its data_dir");
  }
}

}  // namespace
}  // namespace hazgate::storage
