#include "storage/file_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

#include "storage/store_error.hpp"

namespace hazgate::storage {

namespace {
[[noreturn]] void fail(const std::string& what, int error) {
  throw store_error(cause_of_errno(error), what, std::generic_category().message(error));
}

void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return;
  std::filesystem::create_directories(folder.parent_path(), error);
  if (error) fail(fmt::format("make the folder '{}'", folder.parent_path().string()), error.value());
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    fail(fmt::format("make the folder '{}'", folder.string()), errno);
  }
}

int open_private(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) fail(fmt::format("open '{}' for writing", file.string()), errno);
  return descriptor;
}

std::string owner_named_in(int descriptor) {
  std::array<char, 24> text{};
  const auto size = ::pread(descriptor, text.data(), text.size(), 0);
  std::string digits;
  for (ssize_t i = 0; i < size && text[i] >= '0' && text[i] <= '9'; ++i) digits += text[i];
  return digits.empty() ? "another process" : "process " + digits;
}
}  // namespace

FileLock::FileLock(const std::filesystem::path& file, std::string_view note) {
  make_folder_of(file);
  const int descriptor = open_private(file.string() + ".lock");
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const std::string owner = owner_named_in(descriptor);
    ::close(descriptor);
    throw store_error(StoreCause::in_use, fmt::format("open '{}'", file.string()), owner + " uses it");
  }
  descriptor_ = descriptor;
  // The number is only for the message above; that it cannot be written (disk full) is no reason not to start.
  const std::string own = fmt::format("{:<20}\n{}\n", ::getpid(), note);
  if (::pwrite(descriptor, own.data(), own.size(), 0) < 0 ||
      ::ftruncate(descriptor, static_cast<off_t>(own.size())) < 0)
    errno = 0;
  try {
    make_file(file);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

// SQLite would create it by the umask; -wal and -shm take their mode from it.
void FileLock::make_file(const std::filesystem::path& file) { ::close(open_private(file)); }

void FileLock::make_folder_of(const std::filesystem::path& file) { make_folder(file.parent_path()); }

FileLock::~FileLock() { ::close(descriptor_); }

}  // namespace hazgate::storage
