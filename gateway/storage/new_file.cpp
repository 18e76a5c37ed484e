#include "storage/new_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "storage/store_error.hpp"

namespace hazgate::storage {

namespace fs = std::filesystem;

namespace {

StoreError cannot_write(const fs::path& file, int error) {
  const auto what = fmt::format("write '{}'", file.string());
  if (error == EEXIST)
    return store_error(StoreCause::not_permitted, what, "there is such a file already",
                       "give another name, or move that file away");
  const auto reason = std::generic_category().message(error);
  if (error == ENOENT || error == ENOTDIR)
    return store_error(StoreCause::not_permitted, what, reason,
                       "make that folder first, or name a file in another one");
  const auto cause = cause_of_errno(error);
  if (cause == StoreCause::not_permitted)
    return store_error(cause, what, reason,
                       "give this user the right to write there, or name a file in another folder");
  return store_error(cause, what, reason);
}

/// Is what `descriptor` has open still the file of that name? Who held the lock before may have removed it.
bool is_still(const fs::path& file, int descriptor) {
  struct stat held {};
  struct stat named {};
  return ::fstat(descriptor, &held) == 0 && ::stat(file.c_str(), &named) == 0 && held.st_dev == named.st_dev &&
         held.st_ino == named.st_ino;
}

int lock(const fs::path& file, const fs::path& part) {
  for (;;) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) throw cannot_write(part, errno);
    // A drive without locks is no reason not to write to it.
    const bool held = ::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (!held && is_still(file, descriptor)) return descriptor;
    ::close(descriptor);
    if (held)
      throw store_error(StoreCause::in_use, fmt::format("write '{}'", part.string()),
                        "another backup or export into it is running", "wait for its end, or give another name");
  }
}

bool not_supported(int error) {
  return error == EPERM || error == ENOTSUP || error == EOPNOTSUPP || error == EINVAL || error == ENOSYS;
}

}  // namespace

int give_name(const fs::path& part, const fs::path& name, WaysToName ways) {
  if (ways.link) {
    if (::link(part.c_str(), name.c_str()) == 0) {
      ::unlink(part.c_str());
      return 0;
    }
    if (!not_supported(errno)) return errno;
  }
  if (ways.rename) {
    if (::renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, name.c_str(), RENAME_NOREPLACE) == 0) return 0;
    if (!not_supported(errno)) return errno;
  }
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(name, ignored))) return EEXIST;
  return ::rename(part.c_str(), name.c_str()) == 0 ? 0 : errno;
}

NewFile::NewFile(fs::path name)
    : name_(std::move(name)), part_(name_.string() + ".part"), lock_(part_.string() + ".lock") {
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(name_, ignored))) throw cannot_write(name_, EEXIST);
  descriptor_ = lock(lock_, part_);
  remove_part();
  const int part = ::open(part_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const int error = errno;
  if (part >= 0) {
    ::close(part);
    return;
  }
  ::unlink(lock_.c_str());
  ::close(descriptor_);
  throw cannot_write(part_, error);
}

NewFile::~NewFile() {
  remove_part();
  ::unlink(lock_.c_str());  // while it is held: whoever opened it meanwhile sees that it is gone
  ::close(descriptor_);
}

void NewFile::remove_part() noexcept {
  for (const char* end : {"", "-journal", "-wal", "-shm"}) ::unlink((part_.string() + end).c_str());
}

void NewFile::finish() {
  const int part = ::open(part_.c_str(), O_RDWR | O_CLOEXEC);
  const int written = part < 0 || ::fsync(part) != 0 ? errno : 0;
  if (part >= 0) ::close(part);
  if (written != 0 && !not_supported(written)) throw cannot_write(part_, written);
  if (const int error = give_name(part_, name_); error != 0) throw cannot_write(name_, error);
}

}  // namespace hazgate::storage
