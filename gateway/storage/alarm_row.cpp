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
using core::LimitKind;

constexpr std::array<std::string_view, 2> subject_names{"point", "device"};
constexpr std::array limit_kinds{LimitKind::mac,    LimitKind::pc_twa,  LimitKind::pc_stel,
                                 LimitKind::pe,     LimitKind::lex_8h,  LimitKind::wbgt,
                                 LimitKind::action, LimitKind::mixture, LimitKind::site};

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
  bind_usual(writer, alarm.usual);
  writer.word(contributors_text(alarm.contributors));
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
  alarm.usual = read_usual(reader);
  alarm.contributors = reader.word(contributors_from);
  return row;
}

}  // namespace hazgate::storage
