#include "storage/accounts.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <algorithm>

#include "storage/accounts_file.hpp"
#include "storage/columns.hpp"

namespace hazgate::storage {

namespace {
constexpr std::size_t longest_name = 64;
constexpr const char* user_columns =
    "SELECT name, role, enterprise, password, disabled, created_at, changed_at, last_sign_in_at FROM user ";

User read_user(SQLite::Statement& row) {
  ColumnReader from(row);
  User user;
  user.name = from.text();
  user.role = from.word(core::role_from);
  user.enterprise = from.text();
  user.password = from.text();
  user.disabled = from.number() != 0;
  user.created_at = from.time().value_or(core::Timestamp{});
  user.changed_at = from.time().value_or(core::Timestamp{});
  user.last_sign_in_at = from.time();
  return user;
}

bool other_admin(SQLite::Database& handle, std::string_view name) {
  SQLite::Statement row(handle, "SELECT 1 FROM user WHERE role = 'admin' AND NOT disabled AND name <> ?");
  bind_text(row, 1, name);
  return row.executeStep();
}

bool fits(core::Role role, std::string_view enterprise) {
  return (role == core::Role::enterprise) != enterprise.empty();
}
}  // namespace

bool is_user_name(std::string_view name) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (name.empty() || name.size() > longest_name || !plain(name.front())) return false;
  return std::ranges::all_of(name, [&](char c) { return plain(c) || c == '.' || c == '_' || c == '-'; });
}

AccountOutcome Accounts::add_user(const User& user) {
  if (!is_user_name(user.name)) return AccountOutcome::bad_name;
  if (!fits(user.role, user.enterprise)) return AccountOutcome::bad_enterprise;
  return impl_->write("add a user", [&] {
    if (impl_->user(user.name)) return AccountOutcome::name_taken;
    SQLite::Statement row(*impl_->handle, "INSERT INTO user VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    ColumnWriter to(row);
    to.word(user.name);
    to.word(core::name(user.role));
    to.word(user.enterprise);
    to.word(user.password);
    to.number(user.disabled ? 1 : 0);
    to.time(user.created_at);
    to.time(user.changed_at);
    to.time(user.last_sign_in_at);
    row.exec();
    return AccountOutcome::done;
  });
}

std::optional<User> Accounts::user(std::string_view name) {
  return impl_->run("read a user", [&] { return impl_->user(name); });
}

std::vector<User> Accounts::users() {
  return impl_->run("read the users", [&] {
    SQLite::Statement rows(*impl_->handle, fmt::format("{}ORDER BY name", user_columns));
    std::vector<User> users;
    while (rows.executeStep()) users.push_back(read_user(rows));
    return users;
  });
}

AccountOutcome Accounts::set_password(std::string_view name, std::string_view password, core::Timestamp at) {
  return impl_->write("change a password", [&] {
    SQLite::Statement row(*impl_->handle, "UPDATE user SET password = ?, changed_at = ? WHERE name = ?");
    ColumnWriter to(row);
    to.word(password);
    to.time(at);
    to.word(name);
    if (row.exec() == 0) return AccountOutcome::unknown_user;
    impl_->end_sessions(name);
    return AccountOutcome::done;
  });
}

std::optional<User> Accounts::Impl::user(std::string_view name) {
  SQLite::Statement row(*handle, fmt::format("{}WHERE name = ?", user_columns));
  bind_text(row, 1, name);
  return row.executeStep() ? std::optional(read_user(row)) : std::nullopt;
}

AccountOutcome Accounts::Impl::change(const User& was, const UserChange& change, core::Timestamp at) {
  User is = was;
  is.role = change.role.value_or(was.role);
  if (is.role != core::Role::enterprise) is.enterprise.clear();
  is.enterprise = change.enterprise.value_or(is.enterprise);
  is.disabled = change.disabled.value_or(was.disabled);
  if (!fits(is.role, is.enterprise)) return AccountOutcome::bad_enterprise;
  const auto manages = [](const User& user) { return user.role == core::Role::admin && !user.disabled; };
  if (manages(was) && !manages(is) && !other_admin(*handle, was.name)) return AccountOutcome::last_admin;
  SQLite::Statement row(*handle,
                        "UPDATE user SET role = ?, enterprise = ?, disabled = ?, changed_at = ? WHERE name = ?");
  ColumnWriter to(row);
  to.word(core::name(is.role));
  to.word(is.enterprise);
  to.number(is.disabled ? 1 : 0);
  to.time(at);
  to.word(is.name);
  row.exec();
  if (is.disabled || is.role != was.role || is.enterprise != was.enterprise) end_sessions(is.name);
  return AccountOutcome::done;
}

AccountOutcome Accounts::change(std::string_view name, const UserChange& change, core::Timestamp at) {
  return impl_->write("change a user", [&] {
    const auto was = impl_->user(name);
    return was ? impl_->change(*was, change, at) : AccountOutcome::unknown_user;
  });
}

}  // namespace hazgate::storage
