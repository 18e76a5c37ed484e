#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "storage/accounts_file.hpp"
#include "storage/columns.hpp"

namespace hazgate::storage {

namespace {
constexpr const char* session_columns =
    "SELECT token_hash, user, created_at, expires_at, seen_at, address, csrf FROM session ";

Session read_session(SQLite::Statement& row) {
  ColumnReader from(row);
  Session session;
  const auto hash = from.bytes();
  std::ranges::copy(hash.first(std::min(hash.size(), session.token_hash.size())), session.token_hash.begin());
  session.user = from.text();
  session.created_at = from.time().value_or(core::Timestamp{});
  session.expires_at = from.time().value_or(core::Timestamp{});
  session.seen_at = from.time().value_or(core::Timestamp{});
  session.address = from.text();
  session.csrf = from.text();
  return session;
}

AuditEntry read_entry(SQLite::Statement& row) {
  ColumnReader from(row);
  AuditEntry entry;
  entry.id = from.number();
  entry.at = from.time().value_or(core::Timestamp{});
  entry.user = from.text();
  entry.address = from.text();
  entry.action = from.text();
  entry.detail = from.text();
  return entry;
}
}  // namespace

std::size_t Accounts::Impl::end_sessions(std::string_view user) {
  SQLite::Statement end(*handle, "DELETE FROM session WHERE user = ?");
  bind_text(end, 1, user);
  return static_cast<std::size_t>(end.exec());
}

AccountOutcome Accounts::add_session(const Session& session, std::string_view verified) {
  return impl_->write("add a session", [&] {
    const auto user = impl_->user(session.user);
    if (!user || user->disabled || user->password != verified) return AccountOutcome::unknown_user;
    SQLite::Statement row(*impl_->handle, "INSERT INTO session VALUES (?, ?, ?, ?, ?, ?, ?)");
    ColumnWriter to(row);
    to.kept_bytes(session.token_hash);
    to.word(session.user);
    to.time(session.created_at);
    to.time(session.expires_at);
    to.time(session.seen_at);
    to.word(session.address);
    to.word(session.csrf);
    row.exec();
    SQLite::Statement seen(*impl_->handle, "UPDATE user SET last_sign_in_at = ? WHERE name = ?");
    ColumnWriter at(seen);
    at.time(session.created_at);
    at.word(session.user);
    seen.exec();
    return AccountOutcome::done;
  });
}

std::optional<Session> Accounts::session(const TokenHash& token_hash) {
  return impl_->run("read a session", [&] {
    SQLite::Statement row(*impl_->handle, fmt::format("{}WHERE token_hash = ?", session_columns));
    ColumnWriter(row).kept_bytes(token_hash);
    return row.executeStep() ? std::optional(read_session(row)) : std::nullopt;
  });
}

std::vector<Session> Accounts::sessions() {
  return impl_->run("read the sessions", [&] {
    SQLite::Statement rows(*impl_->handle, fmt::format("{}ORDER BY created_at, token_hash", session_columns));
    std::vector<Session> sessions;
    while (rows.executeStep()) sessions.push_back(read_session(rows));
    return sessions;
  });
}

bool Accounts::touch(const TokenHash& token_hash, core::Timestamp seen_at, core::Timestamp expires_at) {
  return impl_->write("note that a session is used", [&] {
    SQLite::Statement row(*impl_->handle, "UPDATE session SET seen_at = ?, expires_at = ? WHERE token_hash = ?");
    ColumnWriter to(row);
    to.time(seen_at);
    to.time(expires_at);
    to.kept_bytes(token_hash);
    return row.exec() == 1;
  });
}

bool Accounts::end_session(const TokenHash& token_hash) {
  return impl_->write("end a session", [&] {
    SQLite::Statement row(*impl_->handle, "DELETE FROM session WHERE token_hash = ?");
    ColumnWriter(row).kept_bytes(token_hash);
    return row.exec() == 1;
  });
}

std::size_t Accounts::end_sessions(std::string_view user) {
  return impl_->write("end a user's sessions", [&] { return impl_->end_sessions(user); });
}

std::size_t Accounts::remove_expired(core::Timestamp now) {
  return impl_->write("remove what has expired", [&] {
    SQLite::Statement row(*impl_->handle, "DELETE FROM session WHERE expires_at <= ?");
    ColumnWriter(row).time(now);
    return static_cast<std::size_t>(row.exec());
  });
}

std::int64_t Accounts::audit(const AuditEntry& entry) {
  return impl_->write("audit", [&] {
    SQLite::Statement row(*impl_->handle,
                          "INSERT INTO audit (at, user, address, action, detail) VALUES (?, ?, ?, ?, ?)");
    ColumnWriter to(row);
    to.time(entry.at);
    to.word(entry.user);
    to.word(entry.address);
    to.word(entry.action);
    to.word(entry.detail);
    row.exec();
    return impl_->handle->getLastInsertRowid();
  });
}

std::vector<AuditEntry> Accounts::audit_page(std::optional<std::int64_t> before, std::size_t limit) {
  return impl_->run("read the audit", [&] {
    SQLite::Statement rows(*impl_->handle,
                           "SELECT id, at, user, address, action, detail FROM audit "
                           "WHERE id < ? ORDER BY id DESC LIMIT ?");
    ColumnWriter to(rows);
    to.number(before.value_or(std::numeric_limits<std::int64_t>::max()));
    to.number(static_cast<std::int64_t>(limit));
    std::vector<AuditEntry> page;
    while (rows.executeStep()) page.push_back(read_entry(rows));
    return page;
  });
}

}  // namespace hazgate::storage
