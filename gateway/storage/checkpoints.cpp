#include "storage/checkpoints.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include "storage/columns.hpp"

namespace hazgate::storage {

std::int64_t least_frame(Database& database, std::string_view kind,
                         const std::function<bool(std::string_view)>& counts) {
  return in_store("read the checkpoints", [&] {
    SQLite::Statement rows(database.handle(), "SELECT subject, frame FROM checkpoint WHERE kind=?");
    bind_text(rows, 1, kind);
    auto least = std::numeric_limits<std::int64_t>::max();
    while (rows.executeStep()) {
      ColumnReader from(rows);
      if (counts(from.text())) least = std::min(least, from.number());
    }
    return least;
  });
}

struct Checkpoints::Impl {
  Impl(SQLite::Database& database, std::string which)
      : kind(std::move(which)),
        save(database,
             "INSERT INTO checkpoint (kind, subject, at, frame, version, state) VALUES (?,?,?,?,?,?) "
             "ON CONFLICT (kind, subject) DO UPDATE SET at=excluded.at, frame=excluded.frame, "
             "version=excluded.version, state=excluded.state"),
        select(database, "SELECT subject, at, frame, version, state FROM checkpoint WHERE kind=? ORDER BY subject"),
        erase(database, "DELETE FROM checkpoint WHERE kind=? AND subject=?") {}

  std::string kind;
  SQLite::Statement save, select, erase;
};

Checkpoints::Checkpoints(Database& database, std::string kind) {
  in_store("read the checkpoints", [&] { impl_ = std::make_unique<Impl>(database.handle(), std::move(kind)); });
}

Checkpoints::~Checkpoints() = default;

void Checkpoints::save(const Checkpoint& checkpoint) {
  in_store("store a checkpoint", [&] {
    Use use(impl_->save);
    ColumnWriter to(*use);
    to.kept_text(impl_->kind);
    to.kept_text(checkpoint.subject);
    to.time(checkpoint.at);
    to.number(checkpoint.frame);
    to.number(checkpoint.version);
    to.kept_bytes(checkpoint.state);
    use->exec();
  });
}

std::vector<Checkpoint> Checkpoints::load_all() {
  return in_store("read the checkpoints", [&] {
    Use rows(impl_->select);
    rows->bindNoCopy(1, impl_->kind);
    std::vector<Checkpoint> found;
    while (rows->executeStep()) {
      ColumnReader from(*rows);
      Checkpoint& checkpoint = found.emplace_back();
      checkpoint.subject = from.text();
      checkpoint.at = from.time().value_or(core::Timestamp{});
      checkpoint.frame = from.number();
      checkpoint.version = static_cast<std::uint32_t>(from.number());
      const auto state = from.bytes();
      checkpoint.state.assign(state.begin(), state.end());
    }
    return found;
  });
}

void Checkpoints::remove(std::string_view subject) {
  in_store("remove a checkpoint", [&] {
    Use erase(impl_->erase);
    erase->bindNoCopy(1, impl_->kind);
    bind_text(*erase, 2, subject);
    erase->exec();
  });
}

}  // namespace hazgate::storage
