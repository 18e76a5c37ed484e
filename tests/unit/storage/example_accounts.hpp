// A file of accounts in a folder of its own, and who is in it.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "storage/accounts.hpp"
#include "support/process.hpp"

namespace hazgate::storage::test {

inline core::Timestamp at_second(int n) { return core::Timestamp(std::chrono::seconds(n)); }
inline TokenHash token(int n) {
  TokenHash hash{};
  hash.back() = static_cast<std::byte>(n);
  return hash;
}
using core::Role;

inline User example_user(std::string name, Role role = Role::site_operator) {
  return {.name = std::move(name),
          .role = role,
          .password = "hash",
          .created_at = at_second(1),
          .changed_at = at_second(1)};
}
inline Session example_session(int number, std::string user) {
  return {.token_hash = token(number),
          .user = std::move(user),
          .created_at = at_second(10),
          .expires_at = at_second(20),
          .seen_at = at_second(10),
          .address = "192.0.2.1",
          .csrf = "c"};
}
/// Past the program: as a hand with `sqlite3` would.
inline void by_hand(const std::filesystem::path& file, const std::string& sql) {
  SQLite::Database database(file.string(), SQLite::OPEN_READWRITE);
  database.exec(sql);
}
template <class Open>
std::optional<StoreError> refused(Open open) {
  try {
    open();
    return std::nullopt;
  } catch (const StoreError& error) {
    return error;
  }
}

struct AccountsFolder {
  hazgate::test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "data" / "accounts.sqlite";
};

}  // namespace hazgate::storage::test
