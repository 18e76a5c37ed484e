#include "storage/outbox.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <limits>
#include <optional>

#include "storage/statement.hpp"
#include "storage/store_error.hpp"

namespace hazgate::storage {

struct Outbox::Impl {
  explicit Impl(SQLite::Database& database)
      : handle(database),
        // The number lives in the file alone: rolled back with it, and no cache can disagree.
        next(database,
             // Of a store whose numbers were lost the stream '' says above which all new ones begin (storage/rescue).
             "INSERT INTO sequence (stream, last) "
             "VALUES (?, 1 + coalesce((SELECT last FROM sequence WHERE stream=''), 0)) "
             "ON CONFLICT (stream) DO UPDATE SET last=last+1 RETURNING last"),
        insert(database, "INSERT INTO outbox (lane, retain, topic, payload, text_bytes) VALUES (?,?,?,?,?)"),
        erase(database, "DELETE FROM outbox WHERE id=? RETURNING coalesce(text_bytes, length(payload))"),
        select(database,
               "SELECT id, retain, topic, payload, text_bytes FROM outbox WHERE lane=? AND id>? ORDER BY id LIMIT ?") {
    read_depth();
  }

  void read_depth() {
    SQLite::Statement all(handle,
                          "SELECT count(*), coalesce(sum(coalesce(text_bytes, length(payload))), 0) FROM outbox");
    all.executeStep();
    depth = {.rows = static_cast<std::uint64_t>(all.getColumn(0).getInt64()),
             .bytes = static_cast<std::uint64_t>(all.getColumn(1).getInt64())};
    depth_is_known = true;
  }
  void read_depth_if_unknown() {
    if (!depth_is_known) read_depth();
  }

  std::int64_t append(Lane lane, bool retain, std::string_view topic, std::string_view payload,
                      std::optional<std::size_t> text_bytes) {
    read_depth_if_unknown();
    Use use(insert);
    use->bind(1, static_cast<int>(lane));
    use->bind(2, retain ? 1 : 0);
    bind_text(*use, 3, topic);
    bind_bytes(*use, 4, payload);
    if (text_bytes) {
      use->bind(5, static_cast<std::int64_t>(*text_bytes));
    } else {
      use->bind(5);
    }
    use->exec();
    depth.rows += 1;
    depth.bytes += text_bytes.value_or(payload.size());
    return static_cast<std::int64_t>(handle.getLastInsertRowid());
  }

  void remove(std::int64_t id) {
    Use use(erase);
    use->bind(1, id);
    while (use->executeStep()) {
      depth.rows -= 1;
      depth.bytes -= static_cast<std::uint64_t>(use->getColumn(0).getInt64());
    }
  }

  SQLite::Database& handle;
  SQLite::Statement next, insert, erase, select;
  OutboxDepth depth;
  bool depth_is_known = false;
};

Outbox::Outbox(Database& database) {
  in_store("read the outbox", [&] { impl_ = std::make_unique<Impl>(database.handle()); });
}

Outbox::~Outbox() = default;

std::uint64_t Outbox::next_seq(std::string_view stream) {
  return in_store("give a sequence number", [&] {
    Use next(impl_->next);
    bind_text(*next, 1, stream);
    next->executeStep();
    return static_cast<std::uint64_t>(next->getColumn(0).getInt64());
  });
}

std::int64_t Outbox::append(Lane lane, bool retain, std::string_view topic, std::string_view payload) {
  return in_store("add to the outbox", [&] { return impl_->append(lane, retain, topic, payload, std::nullopt); });
}

std::int64_t Outbox::append(std::string_view topic, const FramesOwed& message, std::size_t text_bytes) {
  return in_store("add to the outbox",
                  [&] { return impl_->append(Lane::readings, false, topic, encode(message), text_bytes); });
}

void Outbox::remove(std::span<const std::int64_t> ids) {
  in_store("remove from the outbox", [&] {
    impl_->read_depth_if_unknown();
    const bool own = sqlite3_get_autocommit(impl_->handle.getHandle()) != 0;
    std::optional<SQLite::Transaction> transaction;
    if (own) transaction.emplace(impl_->handle, SQLite::TransactionBehavior::IMMEDIATE);
    try {
      for (const std::int64_t id : ids) impl_->remove(id);
      if (transaction) transaction->commit();
    } catch (const SQLite::Exception&) {
      transaction.reset();
      if (own) rolled_back();
      throw;
    }
  });
}

void Outbox::rolled_back() noexcept {
  // Called because the disk is in trouble: it may not answer this either.
  impl_->depth_is_known = false;
  try {
    impl_->read_depth_if_unknown();
  } catch (const SQLite::Exception&) {
    return;
  }
}

std::vector<OutboxRow> Outbox::owed(Lane lane, std::int64_t after, std::size_t limit) {
  return in_store("read the outbox", [&] {
    Use select(impl_->select);
    select->bind(1, static_cast<int>(lane));
    select->bind(2, after);
    select->bind(3, static_cast<std::int64_t>(std::min<std::size_t>(limit, std::numeric_limits<int>::max())));
    std::vector<OutboxRow> rows;
    while (select->executeStep()) {
      const SQLite::Column column = select->getColumn(3);
      const std::string_view payload(static_cast<const char*>(column.getBlob()),
                                     static_cast<std::size_t>(column.getBytes()));
      OutboxRow row{.id = select->getColumn(0).getInt64(),
                    .lane = lane,
                    .retain = select->getColumn(1).getInt() != 0,
                    .topic = select->getColumn(2).getString(),
                    .payload = {},
                    .frames = {}};
      if (select->getColumn(4).isNull()) {
        row.payload = payload;
      } else {
        row.frames = frames_owed_from(payload);
        row.damaged = !row.frames;
      }
      rows.push_back(std::move(row));
    }
    return rows;
  });
}

std::optional<std::int64_t> Outbox::oldest() {
  return in_store("read the outbox", [&]() -> std::optional<std::int64_t> {
    SQLite::Statement row(impl_->handle, "SELECT min(id) FROM outbox");
    if (!row.executeStep() || row.isColumnNull(0)) return std::nullopt;
    return row.getColumn(0).getInt64();
  });
}

OutboxDepth Outbox::depth() const { return impl_->depth; }

}  // namespace hazgate::storage
