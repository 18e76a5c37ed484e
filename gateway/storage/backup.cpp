#include "storage/backup.hpp"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <thread>

#include "storage/new_file.hpp"
#include "storage/store_error.hpp"

namespace hazgate::storage {

namespace fs = std::filesystem;

namespace {

constexpr int pages_a_copy_step = 256;
constexpr auto between_steps = std::chrono::milliseconds(3);  // the disk is the gateway's too

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
  Database from = Database::to_read(store);
  NewFile file(to);
  in_store(fmt::format("copy '{}' to '{}'", store.string(), to.string()), fs::absolute(file.part()), [&] {
    SQLite::Database copy(file.part().string(), SQLite::OPEN_READWRITE);
    copy_pages(from.handle(), copy, progress);
    copy.exec("PRAGMA journal_mode=DELETE");  // one file, also for who may only read it
    const std::string verdict = copy.execAndGet("PRAGMA quick_check(1)").getString();
    if (verdict != "ok") throw store_error(StoreCause::damaged, fmt::format("copy '{}'", store.string()), verdict);
  });
  file.finish();
}

}  // namespace hazgate::storage
