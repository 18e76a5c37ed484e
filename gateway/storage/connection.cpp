#include "storage/connection.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include "storage/store_error.hpp"

namespace hazgate::storage {

namespace {
constexpr int busy_timeout_ms = 2000;

/// SQLite counts its memory behind a lock with each allocation, for statistics that nobody reads.
void count_no_memory() {
  static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);  // refused by one that runs already: no harm
  static_cast<void>(once);
}
}  // namespace

std::unique_ptr<SQLite::Database> connect(const std::filesystem::path& file, Access access) {
  count_no_memory();
  // One thread at a time has it: no lock around each call.
  const int flags = (access == Access::write ? SQLite::OPEN_READWRITE : SQLite::OPEN_READONLY) | SQLite::OPEN_NOMUTEX;
  auto handle = std::make_unique<SQLite::Database>(file.string(), flags, busy_timeout_ms);
  // A schema out of a tampered file runs no function with side effects, and broken cells are noticed when read.
  handle->exec("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON");
  if (access == Access::write) handle->exec("PRAGMA foreign_keys=ON");
  return handle;
}

void write_ahead(SQLite::Database& handle) {
  const std::string mode = handle.execAndGet("PRAGMA journal_mode=WAL").getString();
  if (mode != "wal")
    throw store_error(StoreCause::io, fmt::format("open '{}'", handle.getFilename()), "WAL is refused");
  handle.exec("PRAGMA synchronous=FULL");
}

}  // namespace hazgate::storage
