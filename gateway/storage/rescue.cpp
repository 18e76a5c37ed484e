#include "storage/rescue.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <vector>

#include "storage/database.hpp"
#include "storage/store_error.hpp"

namespace hazgate::storage {

namespace fs = std::filesystem;

namespace {

/// Readings, what is made of them, and what names their rows: a new file counts frames, layouts and stretches anew, and
/// an old number would name what another instrument told.
const std::set<std::string> of_frames{"frame",          "layout",       "layout_point",   "checkpoint",
                                      "alarm_input",    "compacted",    "stretch",        "chunk",
                                      "minute_roll_up", "hour_roll_up", "recent_roll_up", "unreadable_frame"};

std::optional<std::string> damage(const fs::path& file, const std::shared_ptr<FileLock>& held) {
  try {
    Database database(file, held);
    database.check();
    return std::nullopt;
  } catch (const StoreError& error) {
    if (error.cause != StoreCause::damaged) throw;
    return error.what();
  }
}

std::vector<std::string> names(SQLite::Database& database, const std::string& query) {
  std::vector<std::string> all;
  for (SQLite::Statement select(database, query); select.executeStep();) all.push_back(select.getColumn(0).getString());
  return all;
}

std::vector<std::string> columns(SQLite::Database& database, const std::string& table) {
  return names(database, fmt::format("SELECT name FROM pragma_table_info('{}')", table));
}

void bind(SQLite::Statement& insert, int place, const SQLite::Column& value) {
  if (value.isInteger()) return insert.bind(place, value.getInt64());
  if (value.isFloat()) return insert.bind(place, value.getDouble());
  if (value.isText()) return insert.bind(place, value.getString());
  if (value.isBlob()) return insert.bind(place, value.getBlob(), value.getBytes());
  insert.bind(place);
}

/// Row by row, up to the first that cannot be read. False when there was one.
bool copy(SQLite::Database& from, SQLite::Database& to, const std::string& table, std::uint64_t& rows) {
  try {
    const auto known = columns(to, table);
    auto common = columns(from, table);
    std::erase_if(common, [&](const auto& name) { return std::ranges::find(known, name) == known.end(); });
    if (common.empty()) return false;
    // A message that is made of frames is lost with them.
    const bool by_frames = std::ranges::find(common, "text_bytes") != common.end();
    SQLite::Statement select(from, fmt::format("SELECT {} FROM {}{}", fmt::join(common, ","), table,
                                               by_frames ? " WHERE text_bytes IS NULL" : ""));
    SQLite::Statement insert(to, fmt::format("INSERT OR IGNORE INTO {} ({}) VALUES ({})", table, fmt::join(common, ","),
                                             fmt::join(std::vector<std::string>(common.size(), "?"), ",")));
    while (select.executeStep()) {
      for (int i = 0; i < select.getColumnCount(); ++i) bind(insert, i + 1, select.getColumn(i));
      rows += static_cast<std::uint64_t>(insert.exec());
      insert.reset();
    }
    return from.execAndGet(fmt::format("PRAGMA quick_check(\"{}\")", table)).getString() == "ok";
  } catch (const SQLite::Exception&) {
    return false;
  }
}

/// Tables that could not be read to their end.
std::set<std::string> copy_all(const fs::path& aside, SQLite::Database& to, std::uint64_t& rows) {
  const auto tables = names(to, "SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite_%'");
  std::set<std::string> broken;
  std::optional<SQLite::Database> from;
  try {
    from.emplace(aside.string(), SQLite::OPEN_READONLY);
  } catch (const SQLite::Exception&) {
    return {tables.begin(), tables.end()};
  }
  for (const auto& table : tables)
    if (!of_frames.contains(table) && !copy(*from, to, table, rows)) broken.insert(table);
  return broken;
}

}  // namespace

std::optional<Rescue> rescue(const fs::path& file, const std::shared_ptr<FileLock>& held) {
  if (!fs::exists(file)) return std::nullopt;
  const auto why = damage(file, held);
  if (!why) return std::nullopt;
  Rescue rescued{.aside = set_aside(file, held), .why = *why};
  Database fresh(file, held);
  in_store(fmt::format("rescue '{}'", rescued.aside.string()), [&] {
    auto& to = fresh.handle();
    to.exec("PRAGMA foreign_keys=OFF");
    SQLite::Transaction transaction(to);
    const auto broken = copy_all(rescued.aside, to, rescued.rows);
    rescued.numbers_lost = broken.contains("sequence") || broken.contains("alarm");
    if (rescued.numbers_lost) {
      const auto now = std::chrono::system_clock::now().time_since_epoch();
      SQLite::Statement floor(to,
                              "INSERT OR REPLACE INTO sequence (stream, last) SELECT stream, ?1 FROM sequence UNION "
                              "SELECT '', ?1");
      floor.bind(1, static_cast<std::int64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count()));
      floor.exec();
    }
    transaction.commit();
  });
  return rescued;
}

}  // namespace hazgate::storage
