#include "storage/alarm_row.hpp"

#include <algorithm>
#include <array>

#include "core/units.hpp"
#include "storage/columns.hpp"

namespace hazgate::storage {

namespace {
using core::LimitKind;

constexpr std::array<std::string_view, 2> subject_names{"point", "device"};
constexpr std::array limit_kinds{LimitKind::mac,    LimitKind::pc_twa, LimitKind::pc_stel, LimitKind::pe,
                                 LimitKind::lex_8h, LimitKind::action, LimitKind::mixture, LimitKind::site};

std::optional<core::AlarmSubject> subject_from(std::string_view word) {
  const auto found = std::ranges::find(subject_names, word);
  if (found == subject_names.end()) return std::nullopt;
  return static_cast<core::AlarmSubject>(found - subject_names.begin());
}

core::Limit read_limit(ColumnReader& reader) {
  core::Limit limit;
  limit.kind = reader.word(among<limit_kinds>);
  limit.value = reader.figure();
  limit.unit = reader.word(core::unit_from);
  limit.source = reader.text();
  return limit;
}
}  // namespace

void bind_alarm(SQLite::Statement& statement, const core::Alarm& alarm, const std::string& subject) {
  ColumnWriter writer(statement);
  writer.number(static_cast<std::int64_t>(alarm.number));
  writer.number(static_cast<std::int64_t>(alarm.revision));
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
  ColumnReader reader(statement);
  AlarmRow row;
  core::Alarm& alarm = row.alarm;
  alarm.number = static_cast<std::uint64_t>(reader.number());
  alarm.revision = static_cast<std::uint64_t>(reader.number());
  alarm.subject = reader.word(subject_from);
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
