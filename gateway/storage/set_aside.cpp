#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <memory>

#include "storage/file_lock.hpp"
#include "storage/store_error.hpp"

namespace hazgate::storage {

namespace fs = std::filesystem;

namespace {
fs::path free_name(const fs::path& file) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const std::string name = fmt::format("{}.damaged-{:%Y%m%dT%H%M%SZ}", file.string(), fmt::gmtime(now));
  fs::path candidate = name;
  for (int i = 2; fs::exists(candidate); ++i) candidate = fmt::format("{}-{}", name, i);
  return candidate;
}
}  // namespace

fs::path set_aside(const fs::path& file, std::shared_ptr<FileLock> held) {
  if (!held) held = std::make_shared<FileLock>(fs::absolute(file));
  fs::path aside = free_name(fs::absolute(file));
  // The log first: should this be cut short, the old log never meets the new file.
  for (const char* part : {"-wal", "-shm", ""}) {
    std::error_code error;
    fs::rename(fs::absolute(file).string() + part, aside.string() + part, error);
    if (error && error != std::errc::no_such_file_or_directory) {
      throw store_error(StoreCause::not_permitted, fmt::format("set '{}' aside", file.string()), error.message());
    }
  }
  return aside;
}

}  // namespace hazgate::storage
