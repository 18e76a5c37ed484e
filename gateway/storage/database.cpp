#include "storage/database.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <utility>
#include <vector>

#include "storage/connection.hpp"
#include "storage/file_lock.hpp"
#include "storage/migrate.hpp"
#include "storage/store_error.hpp"

namespace hazgate::storage {

namespace fs = std::filesystem;

namespace {
/// A whole check reads the whole file: up to this size it takes a fraction of a second.
constexpr std::uintmax_t whole_check_bytes = 64U << 20U;
/// An older hazgate's file of up to this size is written anew at start, a fraction of a second, so that it can shrink
/// later; a larger one only uses its free pages again.
constexpr std::uintmax_t conversion_bytes = 32U << 20U;
/// Then a commit folds the log itself: whoever should have done so had no time, and the log must not grow for ever.
constexpr int most_log_pages = 1000;

// A clean close folds the WAL into the file and deletes it.
bool closed_uncleanly(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file.string() + "-wal", error);
  return !error && size > 0;
}

std::unique_ptr<SQLite::Database> connect_to_write(const fs::path& file) {
  auto handle = connect(file, Access::write);
  // Before the first page; one that is there would be written to, though it may have to be refused.
  if (handle->execAndGet("PRAGMA page_count").getInt() == 0) handle->exec("PRAGMA auto_vacuum=INCREMENTAL");
  write_ahead(*handle);
  // Gives back what a long reader let the WAL grow to.
  handle->exec("PRAGMA journal_size_limit=16777216");
  // Debian's SQLite overwrites what is deleted, which writes each delivered message twice; they are no secret.
  // A page cache of 1 MiB is enough for rows that are appended and soon deleted.
  handle->exec("PRAGMA secure_delete=OFF; PRAGMA cache_size=-1024");
  return handle;
}

void expect_ok(SQLite::Database& handle, const std::string& check) {
  const std::string verdict = handle.execAndGet(check).getString();
  if (verdict != "ok") {
    throw store_error(StoreCause::damaged, fmt::format("use '{}'", handle.getFilename()), verdict);
  }
}

// Large tables of a large file are left out: a gateway that watches people must be back within seconds. What is broken
// there shows when it is read, as StoreCause::damaged.
void check_pages(SQLite::Database& handle, const fs::path& file) {
  if (fs::file_size(file) <= whole_check_bytes) return expect_ok(handle, "PRAGMA quick_check(1)");
  std::vector<std::string> tables{"sqlite_schema"};
  SQLite::Statement small(handle,
                          "SELECT name FROM sqlite_schema WHERE type='table' "
                          "AND name NOT IN ('frame', 'alarm_history', 'exposure', 'outbox', 'stretch', 'chunk', "
                          "'minute_roll_up', 'hour_roll_up', 'recent_roll_up')");
  while (small.executeStep()) tables.push_back(small.getColumn(0).getString());
  for (const auto& table : tables) expect_ok(handle, fmt::format("PRAGMA quick_check(\"{}\")", table));
}

void convert_if_small(SQLite::Database& handle, const fs::path& file) {
  if (handle.execAndGet("PRAGMA auto_vacuum").getInt() == 2 || fs::file_size(file) > conversion_bytes) return;
  try {
    handle.exec("PRAGMA auto_vacuum=INCREMENTAL; VACUUM");
  } catch (const SQLite::Exception&) {  // no room for a copy: it stays as it is
  }
}
}  // namespace

Database::Database(const fs::path& file, std::shared_ptr<FileLock> held) : lock_(std::move(held)) {
  const fs::path path = fs::absolute(file);
  if (!lock_) lock_ = std::make_shared<FileLock>(path);
  FileLock::make_file(path);
  const bool unclean = closed_uncleanly(path);
  handle_ = in_store(fmt::format("open '{}'", path.string()), path, [&] {
    auto handle = connect_to_write(path);
    if (unclean) check_pages(*handle, path);
    migrate(*handle);
    convert_if_small(*handle, path);
    return handle;
  });
  count_log_pages();
}

Database::Database(const fs::path& file, ForReading) {
  const fs::path path = fs::absolute(file);
  const std::string what = fmt::format("open '{}'", path.string());
  std::error_code error;
  if (!fs::is_regular_file(path, error)) {
    if (error == std::errc::permission_denied) throw store_error(StoreCause::not_permitted, what, error.message());
    throw store_error(StoreCause::not_permitted, what, "there is no such file",
                      "name the store of a gateway, which is hazgate.sqlite in its data_dir");
  }
  handle_ = in_store(what, path, [&] {
    auto handle = connect(path, Access::read);
    expect_newest_schema(*handle);
    return handle;
  });
}

Database Database::to_read(const fs::path& file) { return {file, ForReading{}}; }

Database::~Database() = default;

void Database::check() {
  const fs::path file = handle_->getFilename();
  in_store(fmt::format("check '{}'", file.string()), file, [&] { check_pages(*handle_, file); });
}

void Database::interrupt() noexcept { sqlite3_interrupt(handle_->getHandle()); }

/// In place of SQLite's own hook, which would fold the log within the commit that fills it.
void Database::count_log_pages() {
  const auto on_commit = [](void* self, sqlite3*, const char*, int pages) {
    auto& database = *static_cast<Database*>(self);
    database.log_pages_ = pages;
    if (pages >= most_log_pages) database.fold_log();
    return SQLITE_OK;
  };
  sqlite3_wal_hook(handle_->getHandle(), on_commit, this);
}

/// What it could not do, the next one does. As in SQLite's own hook an error is no error of the commit before.
void Database::fold_log() noexcept {
  int pages = 0, folded = 0;
  const int result =
      sqlite3_wal_checkpoint_v2(handle_->getHandle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &pages, &folded);
  if (result == SQLITE_OK) log_pages_ = pages - folded;
}

int Database::schema_version() const { return storage::schema_version(*handle_); }

Transaction::Transaction(Database& database) : file_(database.handle().getFilename()) {
  in_store("begin a transaction", file_, [&] {
    // The write lock at once: a transaction that began as a reader could not be retried by waiting.
    transaction_ = std::make_unique<SQLite::Transaction>(database.handle(), SQLite::TransactionBehavior::IMMEDIATE);
  });
}

Transaction::~Transaction() = default;

void Transaction::commit() {
  in_store("commit", file_, [&] { transaction_->commit(); });
}

}  // namespace hazgate::storage
