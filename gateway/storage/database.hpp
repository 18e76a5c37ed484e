// One SQLite file: open, migrate, transactions. The only owner of the connection; lives on the store's thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace SQLite {
class Database;
class Transaction;
}  // namespace SQLite

namespace hazgate::storage {

/// Throws StoreError with what to do next when the file cannot be used (newer schema, corrupt, no rights).
struct StoreError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Database {
 public:
  /// Creates the file and its folder (0700) when absent; WAL, synchronous=FULL; migrates forward; refuses a newer
  /// schema.
  explicit Database(const std::filesystem::path& file);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  SQLite::Database& handle() { return *handle_; }
  int schema_version() const;

 private:
  std::unique_ptr<SQLite::Database> handle_;
};

/// Rolls back unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  void commit();

 private:
  std::unique_ptr<SQLite::Transaction> transaction_;
};

}  // namespace hazgate::storage
