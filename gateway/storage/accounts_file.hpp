// The connection behind Accounts, for the files of this room that ask and change it.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <SQLiteCpp/Savepoint.h>

#include <type_traits>

#include "storage/accounts.hpp"

namespace hazgate::storage {

struct Accounts::Impl {
  explicit Impl(const std::filesystem::path& path) : file(std::filesystem::absolute(path)) {}
  const std::filesystem::path file;
  std::unique_ptr<SQLite::Database> handle;
  bool inside = false;  ///< of together()

  void open();
  StoreError error(const SQLite::Exception& error, std::string_view what) const;

  template <class Work>
  std::invoke_result_t<Work> run(std::string_view what, Work work) {
    try {
      return work();
    } catch (const SQLite::Exception& error) {
      throw this->error(error, what);
    }
  }
  /// In a transaction of its own, or as one part of together().
  template <class Work>
  std::invoke_result_t<Work> write(std::string_view what, Work work) {
    return run(what, [&] {
      if (inside) {
        SQLite::Savepoint part(*handle, "part");
        auto result = work();
        part.release();
        return result;
      }
      // The write lock at once: a transaction that began as a reader could not wait for it.
      SQLite::Transaction whole(*handle, SQLite::TransactionBehavior::IMMEDIATE);
      auto result = work();
      whole.commit();
      return result;
    });
  }
  // Inside write() or run():
  std::optional<User> user(std::string_view name);
  AccountOutcome change(const User& was, const UserChange& change, core::Timestamp at);
  std::size_t end_sessions(std::string_view user);
};

}  // namespace hazgate::storage
