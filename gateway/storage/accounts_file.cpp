#include "storage/accounts_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

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

/// For this gateway's eyes only. Made by root, it goes to whom the folder belongs to, as SQLite does with the log: the
/// gateway, which is not root, must be able to open it. Through the descriptor: a link does not lead root elsewhere.
void make_private(const fs::path& file) {
  FileLock::make_folder_of(file);
  FileLock::make_file(file);
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  struct stat own {};
  struct stat folder {};
  if (::fstat(descriptor, &own) == 0 && ::stat(file.parent_path().c_str(), &folder) == 0) {
    const bool new_one_of_root = ::geteuid() == 0 && own.st_size == 0 && own.st_uid != folder.st_uid;
    const bool kept = !new_one_of_root || ::fchown(descriptor, folder.st_uid, folder.st_gid) == 0;
    const bool hidden = (own.st_mode & 077U) == 0 || ::fchmod(descriptor, 0600) == 0;
    static_cast<void>(kept && hidden);  // not ours to change: whether it can be used shows when it is opened
  }
  if (descriptor >= 0) ::close(descriptor);
}
}  // namespace

void Accounts::Impl::open() {
  make_private(file);
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
