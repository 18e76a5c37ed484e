// One SQLite file: open, migrate, transactions. The only owner of the connection; lives on the store's thread.
#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

namespace SQLite {
class Database;
class Transaction;
}  // namespace SQLite

namespace hazgate::storage {

class FileLock;

/// Why the store could not do it, and so what the caller does next.
enum class StoreCause {
  full,           ///< no space left: keep the batch, try again
  io,             ///< the disk refuses (unplugged, read-only now): keep the batch, try again
  busy,           ///< another program is writing (a backup, a shell): try again
  damaged,        ///< not a database, or its pages are broken: set_aside(), begin a new file
  newer_schema,   ///< written by a newer hazgate: cannot start
  older_schema,   ///< written by an older hazgate: cannot be read before a gateway has brought it forward
  in_use,         ///< another hazgate runs on this file: cannot start
  not_permitted,  ///< no right to read or write it: cannot start
  bug             ///< SQLite refused a statement of ours
};

/// Everything that this room throws for the disk's sake. The text is one sentence with what to do.
struct StoreError : std::runtime_error {
  StoreError(StoreCause why, const std::string& text) : std::runtime_error(text), cause(why) {}
  /// The same batch may well be stored later, in a new transaction.
  bool worth_retry() const { return cause == StoreCause::full || cause == StoreCause::io || cause == StoreCause::busy; }
  StoreCause cause;
};

class Database {
 public:
  /// Creates the file (0600) and its folder (0700) when absent; WAL, synchronous=FULL; migrates forward; refuses a
  /// newer schema, a damaged file, and a second process. After an unclean end the file is checked first.
  /// `held`: the lock, where the caller has it already and keeps it. Throws StoreError.
  explicit Database(const std::filesystem::path& file, std::shared_ptr<FileLock> held = {});
  /// The file of a gateway that may be running, or a copy of one: nothing is created, migrated or written, and it is
  /// not taken from anybody. Refuses what the other one refuses, and an older schema. Throws StoreError.
  static Database to_read(const std::filesystem::path& file);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  SQLite::Database& handle() { return *handle_; }
  /// From any thread: the statement that runs now ends with an error.
  void interrupt() noexcept;
  int schema_version() const;
  /// All of it up to 64 MiB, else all but its large tables. Throws StoreError for what is broken.
  void check();
  /// Pages in the write-ahead log as of the last commit, those that a reader keeps from being folded included; less
  /// what was folded since.
  int log_pages() const { return log_pages_; }
  /// Brings them into the file, as far as readers let it. A commit does so by itself only when there are very many: it
  /// takes several times as long as the commit, and what has to be known at once should not wait for it.
  void fold_log() noexcept;

 private:
  struct ForReading {};
  Database(const std::filesystem::path& file, ForReading);
  void count_log_pages();
  std::shared_ptr<FileLock> lock_;  ///< outlives the connection
  std::unique_ptr<SQLite::Database> handle_;
  int log_pages_ = 0;
};

/// Rolls back unless committed. Both constructor and commit() throw StoreError; after one, and after any throw between
/// them, nothing of the transaction is on disk: tell Outbox::rolled_back() and bring the same batch again.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  void commit();

 private:
  const std::filesystem::path file_;  ///< where to look for the cause of an error
  std::unique_ptr<SQLite::Transaction> transaction_;
};

/// Renames a damaged file and what belongs to it to "<file>.damaged-<UTC time>", never over another one. No Database
/// may be open on it. Returns the new name; throws StoreError when the folder does not allow it. `held`: as of
/// Database.
std::filesystem::path set_aside(const std::filesystem::path& file, std::shared_ptr<FileLock> held = {});

}  // namespace hazgate::storage
