// The schema of the file, brought forward one numbered step at a time.
#pragma once

namespace SQLite {
class Database;
}

namespace hazgate::storage {

/// "hzgt": `file` and other programs tell ours from other databases by it.
inline constexpr int application_id = 0x687A6774;

/// The newest schema that this program knows.
int newest_schema();
int schema_version(SQLite::Database& database);
/// Applies what is missing, each step in a transaction of its own: a crash in between leaves a whole older schema.
/// Throws StoreError for a newer schema or another program's file, SQLite::Exception for the disk's troubles.
void migrate(SQLite::Database& database);
/// For who may not write: throws StoreError like migrate(), and for an older schema.
void expect_newest_schema(SQLite::Database& database);

}  // namespace hazgate::storage
