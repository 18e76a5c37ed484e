// How this room opens SQLite files, whatever is in them.
#pragma once

#include <filesystem>
#include <memory>

namespace SQLite {
class Database;
}

namespace hazgate::storage {

enum class Access { read, write };

/// One thread at a time has it; it waits up to 2 s for who else writes. Throws SQLite::Exception.
std::unique_ptr<SQLite::Database> connect(const std::filesystem::path& file, Access access);
/// WAL, and on the disk when it is committed. Throws StoreError, SQLite::Exception.
void write_ahead(SQLite::Database& handle);

}  // namespace hazgate::storage
