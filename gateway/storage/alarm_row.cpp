#include "storage/alarm_row.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "core/units.hpp"
#include "storage/statement.hpp"
#include "storage/store_error.hpp"

namespace hazgate::storage {

namespace {
using core::LimitKind;

constexpr std::array<std::string_view, 2> subject_names{"point", "device"};
constexpr std::array limit_kinds{LimitKind::mac,    LimitKind::pc_twa, LimitKind::pc_stel, LimitKind::pe,
                                 LimitKind::lex_8h, LimitKind::action, LimitKind::mixture, LimitKind::site};

/// Writes the next column with each call.
class Writer {
 public:
  explicit Writer(SQLite::Statement& statement) : statement_(statement) {}
  void number(std::uint64_t value) { statement_.bind(++column_, static_cast<std::int64_t>(value)); }
  void word(std::string_view text) { bind_text(statement_, ++column_, text); }
  void figure(double value) {
    if (std::isnan(value)) return statement_.bind(++column_);
    statement_.bind(++column_, value);
  }
  void time(std::optional<core::Timestamp> at) {
    if (!at) return statement_.bind(++column_);
    statement_.bind(++column_, static_cast<std::int64_t>(at->time_since_epoch().count()));
  }

 private:
  SQLite::Statement& statement_;
  int column_ = 0;
};

/// Reads the next column with each call.
class Reader {
 public:
  explicit Reader(SQLite::Statement& statement) : statement_(statement) {}
  std::int64_t number() { return statement_.getColumn(column_++).getInt64(); }
  std::string text() { return statement_.getColumn(column_++).getString(); }
  double figure() {
    const SQLite::Column column = statement_.getColumn(column_++);
    return column.isNull() ? core::no_value : column.getDouble();
  }
  std::optional<core::Timestamp> time() {
    const SQLite::Column column = statement_.getColumn(column_++);
    if (column.isNull()) return std::nullopt;
    return core::Timestamp(core::Duration(column.getInt64()));
  }
  template <class Enum>
  Enum word(std::optional<Enum> (*from)(std::string_view)) {
    const std::string word = text();
    if (const auto value = from(word)) return *value;
    throw store_error(StoreCause::damaged, "read the alarms", fmt::format("'{}' is no word of ours", word));
  }

 private:
  SQLite::Statement& statement_;
  int column_ = 0;
};

template <class Enum, const auto& names>
std::optional<Enum> among(std::string_view word) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == word) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

std::optional<LimitKind> limit_kind_from(std::string_view word) {
  for (const LimitKind kind : limit_kinds) {
    if (core::name(kind) == word) return kind;
  }
  return std::nullopt;
}

core::Limit read_limit(Reader& reader) {
  core::Limit limit;
  limit.kind = reader.word(limit_kind_from);
  limit.value = reader.figure();
  limit.unit = reader.word(core::unit_from);
  limit.source = reader.text();
  return limit;
}
}  // namespace

void bind_alarm(SQLite::Statement& statement, const core::Alarm& alarm, const std::string& subject) {
  Writer writer(statement);
  writer.number(alarm.number);
  writer.number(alarm.revision);
  writer.word(subject_names[static_cast<std::size_t>(alarm.subject)]);
  writer.word(subject);
  writer.word(core::name(alarm.level));
  writer.word(core::name(alarm.highest));
  writer.word(core::name(alarm.state));
  writer.figure(alarm.value);
  writer.figure(alarm.peak);
  writer.number(alarm.at_least ? 1 : 0);
  writer.word(core::name(alarm.basis));
  writer.word(core::name(alarm.limit.kind));
  writer.figure(alarm.limit.value);
  writer.word(core::symbol(alarm.limit.unit));
  writer.word(alarm.limit.source);
  writer.time(alarm.detected_at);
  writer.time(alarm.warned_at);
  writer.time(alarm.confirmed_at);
  writer.time(alarm.disposed_at);
  writer.time(alarm.returned_at);
  writer.time(alarm.changed_at);
}

AlarmRow read_alarm(SQLite::Statement& statement) {
  Reader reader(statement);
  AlarmRow row;
  core::Alarm& alarm = row.alarm;
  alarm.number = static_cast<std::uint64_t>(reader.number());
  alarm.revision = static_cast<std::uint64_t>(reader.number());
  alarm.subject = reader.word(among<core::AlarmSubject, subject_names>);
  row.subject = reader.text();
  alarm.level = reader.word(core::level_from);
  alarm.highest = reader.word(core::level_from);
  alarm.state = reader.word(core::alarm_state_from);
  alarm.value = reader.figure();
  alarm.peak = reader.figure();
  alarm.at_least = reader.number() != 0;
  alarm.basis = reader.word(core::basis_from);
  alarm.limit = read_limit(reader);
  alarm.detected_at = reader.time().value_or(core::Timestamp{});
  alarm.warned_at = reader.time();
  alarm.confirmed_at = reader.time();
  alarm.disposed_at = reader.time();
  alarm.returned_at = reader.time();
  alarm.changed_at = reader.time().value_or(core::Timestamp{});
  return row;
}

}  // namespace hazgate::storage
