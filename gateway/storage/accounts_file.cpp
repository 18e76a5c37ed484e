#include "storage/accounts_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "storage/connection.hpp"
#include "storage/file_lock.hpp"
#include "storage/migrate.hpp"
#include "storage/store_error.hpp"

namespace hazgate::storage {

namespace fs = std::filesystem;

namespace {
/// A whole check takes a fraction of a second up to this size, which is decades of audit.
constexpr std::uintmax_t checked_bytes = 64U << 20U;
constexpr std::string_view begin_anew =
    "stop the gateway, move that file, its -wal and its -shm away, do not delete them, and make the users again with "
    "`hazgate user add`; `sqlite3 FILE .recover` rescues what can be read";

/// One opens at a time, also of several processes: two that make the same file write-ahead would each be refused for
/// the other one. By the folder: a lock of the file itself is SQLite's.
class OneAtATime {
 public:
  explicit OneAtATime(const fs::path& folder)
      : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    while (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) continue;  // no locks here: alone
  }
  ~OneAtATime() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OneAtATime(const OneAtATime&) = delete;
  OneAtATime& operator=(const OneAtATime&) = delete;

 private:
  int descriptor_;
};

/// By its descriptor, so that nobody can put another file under the name between the look and the change. By one that
/// is a path alone: to close an open one would drop what another connection of this process has locked in the file.
void close_to_others(const fs::path& file) {
  const int found = ::open(file.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (found < 0) return;  // whether it can be used shows when it is opened
  struct stat status {};
  if (::fstat(found, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 077U) != 0) {
    const auto itself = fmt::format("/proc/self/fd/{}", found);  // fchmod takes none that is a path alone
    static_cast<void>(::chmod(itself.c_str(), 0600));            // where it is not ours to change, it stays
  }
  ::close(found);
}

/// Made by root, it goes to whom the folder belongs to, as SQLite does with the log: the gateway, which is not root,
/// must be able to open it.
void make_private(const fs::path& file, const fs::path& folder) {
  const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  const int error = errno;
  if (made < 0) {
    if (error != EEXIST)
      throw store_error(cause_of_errno(error), fmt::format("make '{}'", file.string()),
                        std::generic_category().message(error));
    return close_to_others(file);
  }
  struct stat status {};
  if (::geteuid() == 0 && ::stat(folder.c_str(), &status) == 0 && ::fchown(made, status.st_uid, status.st_gid) != 0)
    errno = 0;
  ::close(made);
}
}  // namespace

void Accounts::Impl::open() {
  FileLock::make_folder_of(file);
  const OneAtATime alone(file.parent_path());
  make_private(file, file.parent_path());
  handle = connect(file, Access::write);
  expect_ours(*handle, accounts_schema);  // before anything is written to it
  if (fs::file_size(file) <= checked_bytes) {
    const std::string verdict = handle->execAndGet("PRAGMA quick_check(1)").getString();
    if (verdict != "ok")
      throw store_error(StoreCause::damaged, fmt::format("use '{}'", file.string()), verdict, begin_anew);
  }
  write_ahead(*handle);
  handle->exec("PRAGMA secure_delete=ON; PRAGMA wal_autocheckpoint=100; PRAGMA journal_size_limit=1048576");
  migrate(*handle, accounts_schema);
}

StoreError Accounts::Impl::error(const SQLite::Exception& error, std::string_view what) const {
  const auto cause = cause_of(error.getErrorCode(), file);
  const auto where = fmt::format("{} in '{}'", what, file.string());
  if (cause == StoreCause::damaged) return store_error(cause, where, error.what(), begin_anew);
  if (cause == StoreCause::busy)
    return store_error(cause, where, error.what(), "another program has been writing to it for 2 s; try again");
  return sqlite_error(error, where, file);
}

Accounts::Accounts(const fs::path& file) : impl_(std::make_unique<Impl>(file)) {
  impl_->run("open the accounts", [&] { impl_->open(); });
}

Accounts::~Accounts() = default;

fs::path Accounts::file_in(const fs::path& data_dir) { return data_dir / "accounts.sqlite"; }

void Accounts::together(const std::function<void()>& work) {
  impl_->write("change the accounts", [&] {
    const bool outer = std::exchange(impl_->inside, true);
    struct Back {
      bool& inside;
      bool was;
      ~Back() { inside = was; }
    } const back{impl_->inside, outer};
    work();
    return true;
  });
}

std::int64_t Accounts::change_counter() {
  return impl_->run("ask whether others have written",
                    [&] { return impl_->handle->execAndGet("PRAGMA data_version").getInt64(); });
}

}  // namespace hazgate::storage
