// The schema of a file, brought forward one numbered step at a time.
#pragma once

#include <span>
#include <string_view>

namespace SQLite {
class Database;
}

namespace hazgate::storage {

struct Migration {
  int number;
  const char* sql;
};

/// A kind of file of ours. None is ever taken for another one.
struct Schema {
  int application_id;       ///< `file` and other programs tell ours from other databases by it
  std::string_view what;    ///< "a store of readings"
  std::string_view remedy;  ///< for who came with a file of another kind
  std::span<const Migration> migrations;
};
extern const Schema readings_schema;  ///< "hzgt"
extern const Schema accounts_schema;  ///< "hzga"

/// The newest schema that this program knows.
int newest_schema(const Schema& schema = readings_schema);
int schema_version(SQLite::Database& database);
/// Throws StoreError for a newer schema, another kind of file of ours, or another program's. Nothing is written.
void expect_ours(SQLite::Database& database, const Schema& schema);
/// Applies what is missing, each step in a transaction of its own: a crash in between leaves a whole older schema.
/// Nobody else migrates meanwhile. Throws StoreError like expect_ours(), SQLite::Exception for the disk's troubles.
void migrate(SQLite::Database& database, const Schema& schema = readings_schema);
/// For who may not write: throws StoreError like migrate(), and for an older schema.
void expect_newest_schema(SQLite::Database& database, const Schema& schema = readings_schema);

}  // namespace hazgate::storage
