#include "storage/migrate.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include "storage/store_error.hpp"

namespace hazgate::storage {

namespace {
struct Migration {
  int number;
  const char* sql;
};
constexpr Migration migrations[] = {
#include "migrations.inc"
};

void refuse_foreign(SQLite::Database& database, int version) {
  const int id = database.execAndGet("PRAGMA application_id").getInt();
  if (id == application_id) return;
  const bool untouched =
      id == 0 && version == 0 && database.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0;
  if (untouched) return;
  throw store_error(StoreCause::not_permitted, fmt::format("use '{}'", database.getFilename()),
                    "it is the database of another program", "name a store of hazgate, or set another data_dir");
}
}  // namespace

int newest_schema() {
  int newest = 0;
  for (const auto& migration : migrations) newest = std::max(newest, migration.number);
  return newest;
}

int schema_version(SQLite::Database& database) { return database.execAndGet("PRAGMA user_version").getInt(); }

namespace {
/// The version of a file of ours that this program knows.
int known_version(SQLite::Database& database) {
  const int version = schema_version(database);
  refuse_foreign(database, version);
  if (version > newest_schema()) {
    throw store_error(StoreCause::newer_schema, fmt::format("use '{}'", database.getFilename()),
                      fmt::format("it has schema {}, written by a newer hazgate, and this one knows schemas up to {}",
                                  version, newest_schema()));
  }
  return version;
}
}  // namespace

void expect_newest_schema(SQLite::Database& database) {
  const int version = known_version(database);
  if (version == newest_schema()) return;
  throw store_error(StoreCause::older_schema, fmt::format("read '{}'", database.getFilename()),
                    fmt::format("it has schema {}, written by an older hazgate", version));
}

void migrate(SQLite::Database& database) {
  const int version = known_version(database);
  for (const auto& migration : migrations) {
    if (migration.number <= version) continue;
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    database.exec(migration.sql);
    database.exec(fmt::format("PRAGMA application_id={}", application_id));
    database.exec(fmt::format("PRAGMA user_version={}", migration.number));
    transaction.commit();
  }
}

}  // namespace hazgate::storage
