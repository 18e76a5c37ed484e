// Values as columns and back, one after the other: words for words, NULL for what is not there.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/reading.hpp"
#include "storage/statement.hpp"
#include "storage/store_error.hpp"

namespace hazgate::storage {

/// The one of `all` that core::name() calls so.
template <const auto& all>
auto among(std::string_view word) {
  const auto found = std::ranges::find_if(all, [&](const auto value) { return name(value) == word; });
  return found == all.end() ? std::nullopt : std::optional(*found);
}

/// What `from` makes of the word. Throws StoreError (damaged) for one that no hazgate wrote.
template <class From>
auto our_word(std::string_view word, From from) {
  if (const auto value = from(word)) return *value;
  throw store_error(StoreCause::damaged, "read the store", fmt::format("'{}' is no word of ours", word));
}

/// Binds parameters 1, 2, 3 …
class ColumnWriter {
 public:
  explicit ColumnWriter(SQLite::Statement& statement) : statement_(statement) {}
  void number(std::int64_t value) { statement_.bind(++column_, value); }
  void word(std::string_view text) { bind_text(statement_, ++column_, text); }
  /// Not copied: `text` must outlive the use of the statement.
  void kept_text(const std::string& text) { statement_.bindNoCopy(++column_, text); }
  /// Nor these.
  void kept_bytes(std::span<const std::byte> bytes) {
    bind_bytes(statement_, ++column_, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  void nothing() { statement_.bind(++column_); }
  void figure(double value) {
    if (std::isnan(value)) return nothing();
    statement_.bind(++column_, value);
  }
  void time(std::optional<core::Timestamp> at) {
    if (!at) return nothing();
    number(static_cast<std::int64_t>(at->time_since_epoch().count()));
  }

 private:
  SQLite::Statement& statement_;
  int column_ = 0;
};

/// Reads columns 0, 1, 2 …
class ColumnReader {
 public:
  explicit ColumnReader(SQLite::Statement& statement) : statement_(statement) {}
  std::int64_t number() { return next().getInt64(); }
  /// Valid until the statement moves on.
  std::string_view text() {
    const SQLite::Column column = next();
    const char* first = column.getText();
    return {first, static_cast<std::size_t>(column.getBytes())};
  }
  /// Valid until the statement moves on.
  std::span<const std::byte> bytes() {
    const SQLite::Column column = next();
    const auto* first = static_cast<const std::byte*>(column.getBlob());
    return {first, static_cast<std::size_t>(column.getBytes())};
  }
  double figure() {
    const SQLite::Column column = next();
    return column.isNull() ? core::no_value : column.getDouble();
  }
  std::optional<core::Timestamp> time() {
    const SQLite::Column column = next();
    if (column.isNull()) return std::nullopt;
    return core::Timestamp(core::Duration(column.getInt64()));
  }
  template <class From>
  auto word(From from) {
    return our_word(text(), from);
  }

 private:
  SQLite::Column next() { return statement_.getColumn(column_++); }

  SQLite::Statement& statement_;
  int column_ = 0;
};

}  // namespace hazgate::storage
