#include "app/replay_report.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "core/units.hpp"
#include "feed/alarm_text.hpp"
#include "feed/exposure_text.hpp"
#include "storage/exposures.hpp"

namespace hazgate::app {

namespace {

std::string clock(const core::Site& site, core::Timestamp at, const char* format) {
  const auto offset = site.utc_offset ? site.utc_offset(at) : std::chrono::seconds{0};
  return fmt::format(fmt::runtime(format), std::chrono::floor<std::chrono::seconds>(at) + offset);
}

std::string figure(double value, std::string_view unit, double limit, bool at_least) {
  if (!std::isfinite(value)) return "-";
  const auto known = core::unit_from(unit);
  return fmt::format("{}{} {}", at_least ? "≥ " : "", feed::rounded(value, limit),
                     known ? feed::pretty_unit(*known) : std::string(unit));
}

std::string line(const std::array<std::string_view, 9>& cells) {
  return fmt::format("{:<16}  {:<12}  {:<12}  {:<12}  {:<12}  {:<12}  {:<10}  {:<8}  {}\n", cells[0], cells[1],
                     cells[2], cells[3], cells[4], cells[5], cells[6], cells[7], cells[8]);
}

std::string line(const core::Site& site, const storage::StoredExposure& record) {
  const auto& e = record.figures;
  const auto unit = core::unit_from(record.unit);
  const bool level = unit && core::is_level(*unit);
  const bool whole = e.final && std::isfinite(e.twa);
  const auto average = figure(whole ? e.twa : e.twa_so_far, record.unit, e.limit, e.at_least || (e.final && !whole));
  const auto shift = clock(site, e.window.begin, "{:%Y-%m-%d} ") + std::string(record.shift);
  const auto limit = figure(e.limit, record.unit, core::no_value, false);
  const auto ste = figure(e.greatest_stel(), record.unit, core::no_value, e.at_least || std::isfinite(e.stel_at_least));
  const bool is_past = e.limit_at && *e.limit_at <= e.at;  // of an open shift it may be the forecast
  const auto passed = is_past ? clock(site, *e.limit_at, "{:%H:%M:%S}") : "-";
  const auto coverage = fmt::format("{:g} %", std::floor(e.time.coverage() * 1000) / 10);
  const auto verdict = feed::verdict_text(e);
  const auto words = verdict.zh + " " + verdict.en;
  return line({shift, record.point, level ? "-" : average, ste, level ? average : "-", limit, passed, coverage, words});
}

}  // namespace

std::string alarm_report(const core::Site& site, const core::Alarm& alarm) {
  const bool ended = alarm.level == core::Level::none;
  const auto text = feed::alarm_text(site, alarm);
  const bool chinese = site.language == "zh";
  const bool missed = alarm.change == core::Change::target_missed;
  return fmt::format(
      "{}  {:<8}  {:<13}  {:<8}  {}\n    {}\n    {}\n", clock(site, alarm.changed_at, "{:%Y-%m-%d %H:%M:%S}"),
      missed  ? "missed"
      : ended ? "returned"
              : core::name(alarm.level),
      ended ? "-" : core::name(alarm.basis), ended ? "-" : core::name(alarm.limit.kind),
      site.subject_id(alarm.subject, alarm.index), chinese ? text.zh : text.en, chinese ? text.en : text.zh);
}

std::string record_report(const std::filesystem::path& store, const core::Site& site) {
  storage::Database database(store);
  storage::Exposures exposures(database, site);
  std::string table;
  exposures.for_each(core::Timestamp::min(), core::Timestamp::max(),
                     [&](const storage::StoredExposure& record) { table += line(site, record); });
  if (table.empty()) return table;
  return line({"班次", "测点", "C_TWA/WBGT", "C_STE 最大", "L_EX,8h", "限值", "超限时刻", "覆盖率", "结论"}) +
         line({"shift", "point", "", "C_STE max", "", "limit", "passed at", "measured", "verdict"}) + table;
}

}  // namespace hazgate::app
