#include "storage/backup.hpp"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>

#include "storage/store_error.hpp"

namespace hazgate::storage {

namespace fs = std::filesystem;

namespace {

constexpr int pages_a_copy_step = 256;
constexpr auto between_steps = std::chrono::milliseconds(3);  // the disk is the gateway's too

/// Removed unless it was finished.
class PartialFile {
 public:
  explicit PartialFile(fs::path path) : path_(std::move(path)) {
    const int descriptor = ::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) {
      throw store_error(errno == ENOSPC ? StoreCause::full : StoreCause::not_permitted,
                        fmt::format("write '{}'", path_.string()), std::generic_category().message(errno));
    }
    ::close(descriptor);
  }
  ~PartialFile() {
    std::error_code ignored;
    for (const char* end : {"", "-journal", "-wal", "-shm"}) fs::remove(path_.string() + end, ignored);
  }
  PartialFile(const PartialFile&) = delete;
  PartialFile& operator=(const PartialFile&) = delete;
  const fs::path& path() const { return path_; }
  /// link() fails where a file of that name has come up meanwhile; rename() would replace it.
  void finish(const fs::path& name) {
    std::error_code error;
    fs::create_hard_link(path_, name, error);
    if (error) throw store_error(StoreCause::not_permitted, fmt::format("write '{}'", name.string()), error.message());
  }

 private:
  fs::path path_;
};

void copy_pages(SQLite::Database& from, SQLite::Database& to, const std::function<void(double)>& progress) {
  // A snapshot: without one the copy would begin anew with each commit of the gateway.
  const SQLite::Transaction snapshot(from);
  from.execAndGet("SELECT count(*) FROM sqlite_schema");
  SQLite::Backup backup(to, from);
  for (int result = SQLITE_OK; result != SQLITE_DONE;) {
    result = backup.executeStep(pages_a_copy_step);
    const auto total = std::max(1, backup.getTotalPageCount());
    progress(1 - static_cast<double>(backup.getRemainingPageCount()) / total);
    std::this_thread::sleep_for(between_steps);
  }
}

}  // namespace

void back_up(const fs::path& store, const fs::path& to, const std::function<void(double)>& progress) {
  if (fs::exists(to))
    throw store_error(StoreCause::not_permitted, fmt::format("write '{}'", to.string()),
                      "there is such a file already");
  Database from = Database::to_read(store);
  PartialFile partial(to.string() + ".part");
  in_store(fmt::format("copy '{}'", store.string()), [&] {
    SQLite::Database copy(partial.path().string(), SQLite::OPEN_READWRITE);
    copy_pages(from.handle(), copy, progress);
    copy.exec("PRAGMA journal_mode=DELETE");  // one file, also for who may only read it
    const std::string verdict = copy.execAndGet("PRAGMA quick_check(1)").getString();
    if (verdict != "ok") throw store_error(StoreCause::damaged, fmt::format("copy '{}'", store.string()), verdict);
  });
  partial.finish(to);
}

}  // namespace hazgate::storage
