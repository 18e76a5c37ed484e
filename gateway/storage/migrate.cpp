#include "storage/migrate.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <algorithm>

#include "storage/store_error.hpp"

namespace hazgate::storage {

namespace {
constexpr Migration readings_migrations[] = {
#include "migrations.inc"
};
constexpr Migration accounts_migrations[] = {
#include "accounts_migrations.inc"
};
}  // namespace

constexpr Schema readings_schema{0x687A6774, "a store of readings", "name a store of hazgate, or set another data_dir",
                                 readings_migrations};
constexpr Schema accounts_schema{0x687A6761, "a file of accounts",
                                 "move that file away, do not delete it, or set another data_dir", accounts_migrations};

namespace {
std::string_view kind_of(int application_id) {
  for (const Schema* schema : {&readings_schema, &accounts_schema})
    if (schema->application_id == application_id) return schema->what;
  return "the database of another program";
}

void refuse_foreign(SQLite::Database& database, const Schema& schema, int version) {
  const int id = database.execAndGet("PRAGMA application_id").getInt();
  if (id == schema.application_id) return;
  const bool untouched =
      id == 0 && version == 0 && database.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0;
  if (untouched) return;
  throw store_error(StoreCause::not_permitted, fmt::format("use '{}'", database.getFilename()),
                    fmt::format("it is {}", kind_of(id)), schema.remedy);
}
}  // namespace

int newest_schema(const Schema& schema) { return std::ranges::max(schema.migrations, {}, &Migration::number).number; }

int schema_version(SQLite::Database& database) { return database.execAndGet("PRAGMA user_version").getInt(); }

namespace {
/// The version of a file of this kind that this program knows.
int known_version(SQLite::Database& database, const Schema& schema) {
  const int version = schema_version(database), newest = newest_schema(schema);
  refuse_foreign(database, schema, version);
  if (version > newest) {
    throw store_error(StoreCause::newer_schema, fmt::format("use '{}'", database.getFilename()),
                      fmt::format("it has schema {}, written by a newer hazgate, and this one knows schemas up to {}",
                                  version, newest));
  }
  return version;
}
}  // namespace

void expect_ours(SQLite::Database& database, const Schema& schema) { known_version(database, schema); }

void expect_newest_schema(SQLite::Database& database, const Schema& schema) {
  const int version = known_version(database, schema);
  if (version == newest_schema(schema)) return;
  throw store_error(StoreCause::older_schema, fmt::format("read '{}'", database.getFilename()),
                    fmt::format("it has schema {}, written by an older hazgate", version));
}

void migrate(SQLite::Database& database, const Schema& schema) {
  const int version = known_version(database, schema);
  for (const auto& migration : schema.migrations) {
    if (migration.number <= version) continue;
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    database.exec(migration.sql);
    database.exec(fmt::format("PRAGMA application_id={}", schema.application_id));
    database.exec(fmt::format("PRAGMA user_version={}", migration.number));
    transaction.commit();
  }
}

}  // namespace hazgate::storage
