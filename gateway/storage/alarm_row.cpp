#include "storage/alarm_row.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/units.hpp"
#include "storage/columns.hpp"

namespace hazgate::storage {

namespace {
core::Limit read_limit(ColumnReader& reader) {
  core::Limit limit;
  limit.kind = reader.word(among<core::all_limit_kinds>);
  limit.value = reader.figure();
  limit.unit = reader.word(core::unit_from);
  limit.source = reader.text();
  return limit;
}
std::string contributors_text(const std::vector<core::Contributor>& contributors) {
  std::string text;
  for (const auto& c : contributors) text += fmt::format("{}{}={}", text.empty() ? "" : " ", c.compound, c.share);
  return text;
}

/// None for a text that no hazgate wrote.
std::optional<std::vector<core::Contributor>> contributors_from(std::string_view text) {
  std::vector<core::Contributor> out;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    core::Contributor one{.compound = std::string(part.substr(0, equals))};
    const auto* end = part.data() + part.size();
    const auto read = std::from_chars(part.data() + equals + 1, end, one.share);
    if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
    out.push_back(std::move(one));
  }
  return out;
}

void bind_usual(ColumnWriter& writer, const std::optional<core::Usual>& usual) {
  writer.figure(usual ? usual->median : core::no_value);
  writer.figure(usual ? usual->z : core::no_value);
}

std::optional<core::Usual> read_usual(ColumnReader& reader) {
  const core::Usual usual{.median = reader.figure(), .z = reader.figure()};
  return std::isnan(usual.median) ? std::nullopt : std::optional(usual);
}

/// Persons and handling: what ISA-18.2 and the four stamps add to the condition.
void bind_handling(ColumnWriter& writer, const core::Alarm& a) {
  writer.word(core::name(a.detected_by));
  writer.word(core::name(a.warned_by));
  writer.word(a.confirmed_by);
  writer.word(a.disposed_by);
  writer.word(core::name(a.verdict));
  writer.word(a.verdict_by);
  writer.word(a.measure);
  writer.number(a.disposal_owed ? 1 : 0);
  writer.time(a.warn_due_at);
  writer.time(a.confirm_due_at);
  writer.time(a.dispose_due_at);
  writer.number(a.warn_missed ? 1 : 0);
  writer.number(a.confirm_missed ? 1 : 0);
  writer.number(a.dispose_missed ? 1 : 0);
  writer.number(a.escalations);
  writer.number(a.acknowledged ? 1 : 0);
  writer.number(a.latched ? 1 : 0);
  writer.time(a.acknowledged_at);
  writer.word(a.acknowledged_by);
  writer.time(a.shelved_until);
  writer.word(core::name(a.shelved_at_level));
  writer.number(a.suppressed ? 1 : 0);
  writer.number(a.out_of_service ? 1 : 0);
  writer.time(a.realarm_at);
  writer.number(a.annunciations);
  writer.number(a.activations);
  writer.time(a.activated_at);
  writer.time(a.activated_before_at);
  writer.number(a.chattering ? 1 : 0);
  writer.time(a.quiet_since);
  writer.word(core::name(a.change));
  writer.word(a.changed_by);
  writer.word(a.note);
}

void read_handling(ColumnReader& reader, core::Alarm& a) {
  a.detected_by = reader.word(core::basis_from);
  a.warned_by = reader.word(core::basis_from);
  a.confirmed_by = reader.text();
  a.disposed_by = reader.text();
  a.verdict = reader.word(core::verdict_from);
  a.verdict_by = reader.text();
  a.measure = reader.text();
  a.disposal_owed = reader.number() != 0;
  a.warn_due_at = reader.time();
  a.confirm_due_at = reader.time();
  a.dispose_due_at = reader.time();
  a.warn_missed = reader.number() != 0;
  a.confirm_missed = reader.number() != 0;
  a.dispose_missed = reader.number() != 0;
  a.escalations = static_cast<std::uint32_t>(reader.number());
  a.acknowledged = reader.number() != 0;
  a.latched = reader.number() != 0;
  a.acknowledged_at = reader.time();
  a.acknowledged_by = reader.text();
  a.shelved_until = reader.time();
  a.shelved_at_level = reader.word(core::level_from);
  a.suppressed = reader.number() != 0;
  a.out_of_service = reader.number() != 0;
  a.realarm_at = reader.time();
  a.annunciations = static_cast<std::uint32_t>(reader.number());
  a.activations = static_cast<std::uint32_t>(reader.number());
  a.activated_at = reader.time();
  a.activated_before_at = reader.time();
  a.chattering = reader.number() != 0;
  a.quiet_since = reader.time();
  a.change = reader.word(core::change_from);
  a.changed_by = reader.text();
  a.note = reader.text();
}
}  // namespace

void bind_alarm(SQLite::Statement& statement, const core::Alarm& alarm, const AlarmPlace& place) {
  ColumnWriter writer(statement);
  writer.number(static_cast<std::int64_t>(alarm.number));
  writer.number(static_cast<std::int64_t>(alarm.revision));
  writer.word(core::name(alarm.subject));
  writer.word(place.subject);
  writer.word(place.enterprise);
  writer.word(place.workplace);
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
  bind_usual(writer, alarm.usual);
  writer.word(contributors_text(alarm.contributors));
  bind_handling(writer, alarm);
}

AlarmRow read_alarm(SQLite::Statement& statement) {
  ColumnReader reader(statement);
  AlarmRow row;
  core::Alarm& alarm = row.alarm;
  alarm.number = static_cast<std::uint64_t>(reader.number());
  alarm.revision = static_cast<std::uint64_t>(reader.number());
  alarm.subject = reader.word(core::alarm_subject_from);
  row.place.subject = reader.text();
  row.place.enterprise = reader.text();
  row.place.workplace = reader.text();
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
  alarm.usual = read_usual(reader);
  alarm.contributors = reader.word(contributors_from);
  read_handling(reader, alarm);
  return row;
}

}  // namespace hazgate::storage
