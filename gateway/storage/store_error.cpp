#include "storage/store_error.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>

namespace hazgate::storage {

namespace fs = std::filesystem;

namespace {
/// The index of the log grows by so much at once; less than that is a full disk to SQLite.
constexpr std::uint64_t least_free_bytes = 32U << 10U;

bool is_full(const fs::path& folder) {
  struct statvfs disk {};
  return ::statvfs(folder.c_str(), &disk) == 0 && std::uint64_t{disk.f_bavail} * disk.f_frsize < least_free_bytes;
}

bool is_refused(const fs::path& path, int mode) { return ::access(path.c_str(), mode) != 0 && errno == EACCES; }

/// Also who only reads a store writes beside it: the log's index is shared.
bool is_refused(const fs::path& file) {
  if (is_refused(file.parent_path(), W_OK | X_OK) || is_refused(file, R_OK)) return true;
  return is_refused(file.string() + "-wal", R_OK) || is_refused(file.string() + "-shm", R_OK | W_OK);
}

std::string_view advice(StoreCause cause) {
  switch (cause) {
    case StoreCause::full:
      return "free some space on that disk";
    case StoreCause::io:
      return "see the disk, its mount and the kernel's log";
    case StoreCause::busy:
      return "another program is writing to the file, close it";
    case StoreCause::damaged:
      return "move the file away, do not delete it: `sqlite3 FILE .recover` rescues what can be read";
    case StoreCause::newer_schema:
      return "install that version of hazgate again, or set another data_dir";
    case StoreCause::older_schema:
      return "start `hazgate run` of this version on it once, or on a copy";
    case StoreCause::in_use:
      return "stop the other hazgate first, or set another data_dir";
    case StoreCause::not_permitted:
      return "give this user the right to read and write there, run as the user who owns it, or set another data_dir";
    case StoreCause::bug:
      return "please report this";
  }
  return {};
}
}  // namespace

StoreCause cause_of(int code, const fs::path& file) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return StoreCause::full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return StoreCause::busy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return StoreCause::damaged;
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      if (!file.empty() && is_refused(file)) return StoreCause::not_permitted;
      [[fallthrough]];
    case SQLITE_IOERR:
      return !file.empty() && is_full(file.parent_path()) ? StoreCause::full : StoreCause::io;
    case SQLITE_NOMEM:
    case SQLITE_PROTOCOL:
      return StoreCause::io;
    default:
      return StoreCause::bug;
  }
}

StoreCause cause_of_errno(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return StoreCause::full;
    case EIO:
    case EMFILE:
    case ENFILE:
    case EROFS:
      return StoreCause::io;
    default:
      return StoreCause::not_permitted;
  }
}

StoreError store_error(StoreCause cause, std::string_view what, std::string_view reason, std::string_view remedy) {
  return {cause, fmt::format("cannot {}: {}; {}", what, reason, remedy)};
}

StoreError store_error(StoreCause cause, std::string_view what, std::string_view reason) {
  return store_error(cause, what, reason, advice(cause));
}

StoreError sqlite_error(const SQLite::Exception& error, std::string_view what, const fs::path& file) {
  const auto cause = cause_of(error.getErrorCode(), file);
  if (cause == cause_of(error.getErrorCode())) return store_error(cause, what, error.what());
  const std::string_view why = cause == StoreCause::full ? "no space is left on its disk" : "permission denied";
  return store_error(cause, what, fmt::format("{} ({})", why, error.what()));
}

}  // namespace hazgate::storage
