#include "storage/ledger.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>

#include "storage/columns.hpp"
#include "storage/store_error.hpp"

namespace hazgate::storage {

namespace {
constexpr const char* row_columns = "SELECT enterprise, seq, at, hash, record, head FROM ledger ";
constexpr const char* open_columns = "point, basis, limit_kind, level, enterprise, workplace, seq, since";

LedgerRow read_row(SQLite::Statement& statement) {
  ColumnReader from(statement);
  LedgerRow row;
  row.enterprise = from.text();
  row.seq = static_cast<std::uint64_t>(from.number());
  row.at = from.time().value_or(core::Timestamp{});
  row.hash = from.text();
  row.record = from.text();
  row.head = from.text();
  return row;
}

OpenExceedance read_open(SQLite::Statement& statement) {
  ColumnReader from(statement);
  OpenExceedance open;
  open.point = from.text();
  open.basis = from.word(core::basis_from);
  open.limit = from.word(among<core::all_limit_kinds>);
  open.level = from.word(core::level_from);
  open.enterprise = from.text();
  open.workplace = from.text();
  open.seq = static_cast<std::uint64_t>(from.number());
  open.since = from.time().value_or(core::Timestamp{});
  return open;
}
}  // namespace

struct Ledger::Impl {
  explicit Impl(SQLite::Database& database)
      : handle(database),
        insert(database, "INSERT INTO ledger (enterprise, seq, at, hash, record, head) VALUES (?,?,?,?,?,?)"),
        behind(database, std::string(row_columns) + "WHERE enterprise=? AND seq>? ORDER BY seq LIMIT ?"),
        begin(database, std::string("INSERT INTO exceedance_open (") + open_columns +
                            ") VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING"),
        end(database, std::string("DELETE FROM exceedance_open WHERE point=? AND basis=? AND limit_kind=? AND level=? "
                                  "RETURNING ") +
                          open_columns) {}
  SQLite::Database& handle;
  SQLite::Statement insert, behind, begin, end;
};

Ledger::Ledger(Database& database) {
  in_store("read the ledger", [&] { impl_ = std::make_unique<Impl>(database.handle()); });
}

Ledger::~Ledger() = default;

void Ledger::append(const LedgerRow& row) {
  in_store("add to the ledger", [&] {
    Use insert(impl_->insert);
    ColumnWriter to(*insert);
    to.kept_text(row.enterprise);
    to.number(static_cast<std::int64_t>(row.seq));
    to.time(row.at);
    to.kept_text(row.hash);
    to.kept_text(row.record);
    to.kept_text(row.head);
    insert->exec();
  });
}

std::vector<LedgerRow> Ledger::ends() {
  return in_store("read the ledger", [&] {
    // A chain a step in the index, not the whole table.
    SQLite::Statement select(
        impl_->handle,
        "WITH RECURSIVE chain(name) AS (SELECT min(enterprise) FROM ledger UNION ALL SELECT (SELECT "
        "min(enterprise) FROM ledger WHERE enterprise > name) FROM chain WHERE name IS NOT NULL) " +
            std::string(row_columns) +
            "JOIN chain ON enterprise = name WHERE seq = (SELECT max(seq) FROM ledger WHERE "
            "enterprise = name)");
    std::vector<LedgerRow> rows;
    while (select.executeStep()) rows.push_back(read_row(select));
    return rows;
  });
}

std::vector<LedgerRow> Ledger::after(std::string_view enterprise, std::uint64_t after, std::size_t limit) {
  return in_store("read the ledger", [&] {
    Use select(impl_->behind);
    bind_text(*select, 1, enterprise);
    select->bind(2, static_cast<std::int64_t>(std::min<std::uint64_t>(after, INT64_MAX)));
    select->bind(3, static_cast<std::int64_t>(limit));
    std::vector<LedgerRow> rows;
    while (select->executeStep()) rows.push_back(read_row(*select));
    return rows;
  });
}

void Ledger::for_each(const std::function<void(const LedgerRow&)>& visit, std::string_view enterprise) {
  in_store("read the ledger", [&] {
    const char* only = enterprise.empty() ? "" : "WHERE enterprise=? ";
    SQLite::Statement select(impl_->handle, std::string(row_columns) + only + "ORDER BY enterprise, seq");
    if (!enterprise.empty()) bind_text(select, 1, enterprise);
    while (select.executeStep()) visit(read_row(select));
  });
}

bool Ledger::open(const OpenExceedance& exceedance) {
  return in_store("record an exceedance", [&] {
    Use insert(impl_->begin);
    ColumnWriter to(*insert);
    to.word(exceedance.point);
    to.word(core::name(exceedance.basis));
    to.word(core::name(exceedance.limit));
    to.word(core::name(exceedance.level));
    to.word(exceedance.enterprise);
    to.word(exceedance.workplace);
    to.number(static_cast<std::int64_t>(exceedance.seq));
    to.time(exceedance.since);
    return insert->exec() == 1;
  });
}

std::optional<OpenExceedance> Ledger::close(std::string_view point, core::Basis basis, core::LimitKind limit,
                                            core::Level level) {
  return in_store("end an exceedance", [&]() -> std::optional<OpenExceedance> {
    Use erase(impl_->end);
    ColumnWriter to(*erase);
    to.word(point);
    to.word(core::name(basis));
    to.word(core::name(limit));
    to.word(core::name(level));
    if (!erase->executeStep()) return std::nullopt;
    auto found = read_open(*erase);
    while (erase->executeStep()) {
    }
    return found;
  });
}

std::vector<OpenExceedance> Ledger::open_ones() {
  return in_store("read the open exceedances", [&] {
    SQLite::Statement select(impl_->handle, std::string("SELECT ") + open_columns + " FROM exceedance_open");
    std::vector<OpenExceedance> open;
    while (select.executeStep()) open.push_back(read_open(select));
    return open;
  });
}

}  // namespace hazgate::storage
