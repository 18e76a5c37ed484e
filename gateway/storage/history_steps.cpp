#include "storage/history_steps.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <algorithm>

#include "storage/columns.hpp"
#include "storage/frames_owed.hpp"
#include "storage/store_error.hpp"
#include "storage/stored_frames.hpp"

namespace hazgate::storage {

namespace {

constexpr int stretches_a_step = 16;
constexpr core::Duration a_day = std::chrono::hours(24);

std::int64_t number(SQLite::Database& database, const char* sql) { return database.execAndGet(sql).getInt64(); }

/// Ids that are never given again, though their stretch may be gone.
std::int64_t next_stretch(SQLite::Database& database) {
  return number(database,
                "SELECT max((SELECT next_stretch FROM compacted), coalesce((SELECT max(id) FROM stretch), 0) + 1,"
                "coalesce((SELECT max(id) FROM chunk), 0) + 1)");
}

/// Deletes stretches that a query names: id, layout, hour and how many points, each with what belongs to it.
class Eraser {
 public:
  explicit Eraser(SQLite::Database& database)
      : stretch_(database, "DELETE FROM stretch WHERE id=?"),
        chunks_(database, "DELETE FROM chunk WHERE id>=? AND id<?"),
        minute_(database, "DELETE FROM minute_roll_up WHERE layout=? AND place=? AND hour=? AND stretch=?"),
        hour_(database, "DELETE FROM hour_roll_up WHERE layout=? AND place=? AND hour=? AND stretch=?") {}
  /// Gives the number of chunks.
  std::size_t erase(std::int64_t id, std::int64_t layout, std::int64_t hour, std::int64_t points, bool with_hour) {
    run(stretch_, id);
    run(chunks_, id, id + points);
    for (std::int64_t place = 0; place < points; ++place) {
      run(minute_, layout, place, hour, id);
      if (with_hour) run(hour_, layout, place, hour, id);
    }
    return static_cast<std::size_t>(points);
  }

 private:
  template <class... Numbers>
  static void run(SQLite::Statement& statement, Numbers... numbers) {
    Use use(statement);
    int column = 0;
    (use->bind(++column, numbers), ...);
    use->exec();
  }
  SQLite::Statement stretch_, chunks_, minute_, hour_;
};

struct Erasable {
  std::int64_t id, layout, hour, points;
};
std::vector<Erasable> erasable(SQLite::Database& database, const char* where, std::int64_t bound, int most) {
  SQLite::Statement rows(database, fmt::format("SELECT id, layout, hour, (SELECT count(*) FROM layout_point AS p WHERE "
                                               "p.layout = stretch.layout) FROM stretch WHERE {} LIMIT ?",
                                               where));
  rows.bind(1, bound);
  rows.bind(2, most);
  std::vector<Erasable> found;
  while (rows.executeStep()) {
    ColumnReader from(rows);
    found.push_back({from.number(), from.number(), from.number(), from.number()});
  }
  return found;
}

}  // namespace

bool drop_unfinished(Database& database) {
  return in_store("drop what was not finished", [&] {
    auto& handle = database.handle();
    const auto begun = erasable(handle, "id >= ?", compacted(handle).next_stretch, stretches_a_step);
    Eraser eraser(handle);
    for (const auto& one : begun) eraser.erase(one.id, one.layout, one.hour, one.points, true);
    handle.exec("DELETE FROM unreadable_frame WHERE id > (SELECT frame FROM compacted)");
    return begun.size() == stretches_a_step;
  });
}

void store(Database& database, const Stretch& stretch) {
  in_store("store readings", [&] {
    auto& handle = database.handle();
    const auto id = next_stretch(handle);
    SQLite::Statement head(handle,
                           "INSERT INTO stretch (id, layout, hour, first_frame, frames, moments) VALUES (?,?,?,?,?,?)");
    ColumnWriter to(head);
    for (const auto value : {id, stretch.layout, stretch.hour, stretch.first_frame, stretch.frames}) to.number(value);
    to.kept_bytes(stretch.moments);
    head.exec();
    SQLite::Statement chunk(handle, "INSERT INTO chunk (id, samples) VALUES (?,?)");
    SQLite::Statement minutes(handle,
                              "INSERT INTO minute_roll_up (layout, place, hour, stretch, minutes) VALUES (?,?,?,?,?)");
    SQLite::Statement hour(handle,
                           "INSERT INTO hour_roll_up (layout, place, hour, stretch, least, mean, greatest, counted, "
                           "others, worst) VALUES (?,?,?,?,?,?,?,?,?,?)");
    for (std::int64_t place = 0; const auto& point : stretch.points) {
      Use one(chunk);
      ColumnWriter samples(*one);
      samples.number(id + place);
      samples.kept_bytes(point.samples);
      one->exec();
      Use other(minutes);
      ColumnWriter figures(*other);
      for (const auto value : {stretch.layout, place, stretch.hour, id}) figures.number(value);
      figures.kept_bytes(point.minutes);
      other->exec();
      Use third(hour);
      ColumnWriter whole_hour(*third);
      for (const auto value : {stretch.layout, place, stretch.hour, id}) whole_hour.number(value);
      for (const auto value : {point.hour.least, point.hour.mean, point.hour.greatest}) whole_hour.figure(value);
      whole_hour.number(static_cast<std::int64_t>(point.hour.counted));
      whole_hour.number(static_cast<std::int64_t>(point.hour.others));
      whole_hour.word(std::string(1, static_cast<char>(point.hour.worst)));
      third->exec();
      ++place;
    }
  });
}

void store(Database& database, const UnreadableFrame& frame) {
  in_store("store readings", [&] {
    SQLite::Statement insert(database.handle(),
                             "INSERT OR REPLACE INTO unreadable_frame (id, layout, at, samples) VALUES (?,?,?,?)");
    ColumnWriter to(insert);
    for (const auto value : {frame.id, frame.layout, frame.at}) to.number(value);
    to.kept_bytes(frame.samples);
    insert.exec();
  });
}

void finish(Database& database, const FrameRange& range) {
  in_store("store readings", [&] {
    const auto next = next_stretch(database.handle());
    SQLite::Statement update(database.handle(),
                             "UPDATE compacted SET frame=?1, next_stretch=?2, rolled_up=max(rolled_up, ?1)");
    update.bind(1, range.upto);
    update.bind(2, next);
    update.exec();
  });
}

void store(Database& database, const RecentMinute& minute) {
  in_store("store figures", [&] {
    SQLite::Statement insert(database.handle(),
                             "INSERT INTO recent_roll_up (upto, layout, frames, minutes) VALUES (?,?,?,?)");
    for (const auto& row : minute.rows) {
      Use use(insert);
      ColumnWriter to(*use);
      to.number(minute.range.upto);
      to.number(row.layout);
      to.kept_bytes(row.frames);
      to.kept_bytes(row.minutes);
      use->exec();
    }
    SQLite::Statement update(database.handle(), "UPDATE compacted SET rolled_up=?");
    update.bind(1, minute.range.upto);
    update.exec();
  });
}

/// Messages of one batch stand together and have its time in common; each batch names frames behind those of the one
/// before it. So the least that is owed is in the rows of the oldest batch.
std::int64_t frames_to_drop(Database& database) {
  return in_store("read the outbox", [&] {
    auto& handle = database.handle();
    auto upto = compacted(handle).frame;
    SQLite::Statement owed(handle, "SELECT payload FROM outbox WHERE lane=1 AND text_bytes IS NOT NULL ORDER BY id");
    std::optional<core::Timestamp> batch;
    while (owed.executeStep()) {
      const auto bytes = ColumnReader(owed).bytes();
      const auto message = frames_owed_from({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
      if (!message || message->frames.empty()) continue;
      if (batch.value_or(message->sent_at) != message->sent_at) break;
      batch = message->sent_at;
      upto = std::min(upto, std::ranges::min(message->frames) - 1);
    }
    return upto;
  });
}

bool drop_frames(Database& database, std::int64_t upto, std::int64_t most) {
  return in_store("drop compacted frames", [&] {
    auto& handle = database.handle();
    const auto first = handle.execAndGet("SELECT coalesce(min(id), 0) FROM frame").getInt64();
    if (first == 0 || first > upto) return false;
    SQLite::Statement erase(handle, "DELETE FROM frame WHERE id<=?");
    erase.bind(1, std::min(upto, first + most - 1));
    erase.exec();
    return first + most <= upto;
  });
}

bool drop_recent(Database& database) {
  return in_store("drop old figures", [&] {
    auto& handle = database.handle();
    SQLite::Statement erase(handle,
                            "DELETE FROM recent_roll_up WHERE upto = (SELECT min(upto) FROM recent_roll_up) AND upto "
                            "<= (SELECT frame FROM compacted)");
    return erase.exec() > 0;
  });
}

std::optional<KeptClock> retention_clock(Database& database) {
  return in_store("read the clock of retention", [&]() -> std::optional<KeptClock> {
    SQLite::Statement select(database.handle(), "SELECT at, ran FROM retention_clock");
    if (!select.executeStep()) {
      SQLite::Statement span(
          database.handle(),
          "SELECT min(at), max(at) FROM (SELECT min(hour) * 3600000000 AS at FROM stretch UNION ALL "
          "SELECT max(hour) * 3600000000 FROM stretch UNION ALL SELECT * FROM (SELECT at FROM frame "
          "ORDER BY id LIMIT 1) UNION ALL SELECT * FROM (SELECT at FROM frame ORDER BY id DESC LIMIT 1))");
      span.executeStep();
      const core::Duration oldest(span.getColumn(0).getInt64()), newest(span.getColumn(1).getInt64());
      if (newest - oldest < a_day) return std::nullopt;
      return KeptClock{core::Timestamp(newest), a_day};
    }
    return KeptClock{core::Timestamp(core::Duration(select.getColumn(0).getInt64())),
                     core::Duration(select.getColumn(1).getInt64())};
  });
}

void store(Database& database, const KeptClock& clock) {
  in_store("store the clock of retention", [&] {
    SQLite::Statement write(database.handle(), "INSERT OR REPLACE INTO retention_clock VALUES (1, ?, ?)");
    write.bind(1, static_cast<std::int64_t>(clock.at.time_since_epoch().count()));
    write.bind(2, static_cast<std::int64_t>(clock.ran.count()));
    write.exec();
  });
}

bool has_readings_before(Database& database, std::int64_t hour) {
  return in_store("read the history", [&] {
    SQLite::Statement oldest(database.handle(), "SELECT 1 FROM stretch WHERE hour < ? LIMIT 1");
    oldest.bind(1, hour);
    return oldest.executeStep();
  });
}

bool drop_readings(Database& database, std::int64_t hour, std::size_t most_chunks) {
  return in_store("drop old readings", [&] {
    auto& handle = database.handle();
    Eraser eraser(handle);
    std::size_t chunks = 0;
    for (const auto& one : erasable(handle, "hour < ? ORDER BY hour", hour, stretches_a_step)) {
      chunks += eraser.erase(one.id, one.layout, one.hour, one.points, false);
      if (chunks >= most_chunks) return true;
    }
    return chunks > 0;
  });
}

std::optional<PointOfLayout> drop_hours(Database& database, std::int64_t hour, PointOfLayout after, int points) {
  return in_store("drop old figures", [&]() -> std::optional<PointOfLayout> {
    auto& handle = database.handle();
    SQLite::Statement next(
        handle,
        "SELECT layout, place FROM layout_point WHERE (layout, place) > (?,?) ORDER BY layout, place "
        "LIMIT ?");
    next.bind(1, after.layout);
    next.bind(2, after.place);
    next.bind(3, points);
    SQLite::Statement erase(handle, "DELETE FROM hour_roll_up WHERE layout=? AND place=? AND hour<?");
    bool any = false;
    while (next.executeStep()) {
      any = true;
      after = {.layout = next.getColumn(0).getInt64(), .place = next.getColumn(1).getInt64()};
      Use use(erase);
      use->bind(1, after.layout);
      use->bind(2, after.place);
      use->bind(3, hour);
      use->exec();
    }
    return any ? std::optional(after) : std::nullopt;
  });
}

bool drop_exposures(Database& database, core::Timestamp since, int most) {
  return in_store("drop old exposures", [&] {
    auto& handle = database.handle();
    const std::int64_t micros = since.time_since_epoch().count();
    SQLite::Statement keep(handle, "UPDATE exposure_kept SET since=max(since, ?1) WHERE since<?1");
    keep.bind(1, micros);
    keep.exec();
    SQLite::Statement erase(handle,
                            "DELETE FROM exposure WHERE rowid IN (SELECT rowid FROM exposure WHERE begin_at<?1 AND "
                            "end_at<?1 ORDER BY begin_at LIMIT ?2)");
    erase.bind(1, micros);
    erase.bind(2, most);
    return erase.exec() == most;
  });
}

std::int64_t free_pages(Database& database, std::int64_t spare, std::int64_t part) {
  return in_store("count free pages", [&] {
    auto& handle = database.handle();
    if (number(handle, "PRAGMA auto_vacuum") != 2) return std::int64_t{0};
    const auto kept = spare + number(handle, "PRAGMA page_count") / part;
    return std::max<std::int64_t>(0, number(handle, "PRAGMA freelist_count") - kept);
  });
}

bool drop_free_pages(Database& database, std::int64_t pages, int most) {
  return in_store("give free pages back", [&] {
    if (pages <= 0) return false;
    SQLite::Statement vacuum(database.handle(),
                             fmt::format("PRAGMA incremental_vacuum({})", std::min<std::int64_t>(pages, most)));
    while (vacuum.executeStep()) {
    }
    return pages > most;
  });
}

}  // namespace hazgate::storage
