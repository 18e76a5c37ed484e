#include "records/report_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/exposure_rules.hpp"
#include "core/units.hpp"
#include "feed/alarm_text.hpp"
#include "feed/json_text.hpp"

namespace hazgate::records {

namespace {

constexpr std::string_view peak_agent = "noise:peak";
constexpr std::string_view peak_clause = "GBZ 2.2-2007 Table 10";

bool is_level_unit(std::string_view unit) {
  const auto known = core::unit_from(unit);
  return known && core::is_level(*known);
}

ShiftFigure of_impulses(const core::Exposure& e, const Language& say) {
  return {.name = fmt::format(fmt::runtime(say(words::of_shift_impulses)), e.impulses),
          .value = e.max,
          .at_least = e.at_least,
          .limit_kind = "PE",
          .limit_source = peak_clause,
          .limit = core::impulse_limit(e.impulses).value_or(core::no_value)};
}

/// Names of the average over the whole shift, over what there is of it, and over the week.
struct AverageNames {
  Word whole, so_far, week;
};

AverageNames average_names(const ReportExposure& exposure, const ReportAgent* agent) {
  if (find_limit(agent, "WBGT") != nullptr)
    return {words::of_shift_wbgt, words::of_shift_wbgt_so_far, words::of_shift_wbgt};
  if (is_level_unit(exposure.unit)) return {words::of_shift_lex, words::of_shift_lex_so_far, words::of_week_lex};
  return {words::of_shift_twa, words::of_shift_twa_so_far, words::of_week_twa};
}

ShiftFigure of_average(const ReportExposure& exposure, const ReportAgent* agent, const Language& say) {
  const auto& e = exposure.figures;
  const auto names = average_names(exposure, agent);
  const bool by_week = e.rule == core::TwaRule::h40 || e.rule == core::TwaRule::week;
  const bool whole = e.final && std::isfinite(e.twa);
  // With gaps a dose is a lower bound; a mean is the mean of what was measured.
  const bool gaps = e.time.coverage() < core::least_coverage || (e.final && !whole);
  ShiftFigure figure{.name = std::string(say(by_week ? names.week
                                             : whole ? names.whole
                                                     : names.so_far)),
                     .value = by_week ? e.week
                              : whole ? e.twa
                                      : e.twa_so_far,
                     .at_least = e.at_least || (gaps && e.rule != core::TwaRule::mean)};
  for (const std::string_view kind : {"PC-TWA", "LEX_8h", "WBGT"}) {
    const auto* row = find_limit(agent, kind);
    if (row == nullptr) continue;
    figure.limit_kind = row->kind;
    figure.limit = e.limit;
    figure.limit_source = exposure.limit_source.empty() ? row->source : exposure.limit_source;
  }
  return figure;
}

void hold_against(ShiftFigure& figure, const ReportAgent::LimitRow& row) {
  figure.limit_kind = row.kind;
  figure.limit_source = row.source;
  figure.limit = row.value;
}

}  // namespace

std::string exact(double value) {
  std::string text;
  if (std::isfinite(value)) feed::append_number(text, value);
  return text;
}

std::string unit_text(std::string_view unit) {
  const auto known = core::unit_from(unit);
  if (!known) return std::string(unit);
  if (*known == core::Unit::one) return {};
  if (*known == core::Unit::degree) return "°";
  if (*known == core::Unit::per_cubic_centimetre) return "1/cm³";
  return feed::pretty_unit(*known);
}

bool tells_differences(std::string_view unit) { return unit.starts_with("dB") || unit == "degC"; }

std::string percent_text(double share) {
  if (!std::isfinite(share)) return {};
  return fmt::format("{:g} %", std::floor(share * 1000 + 1e-9) / 10);
}

std::string ratio_text(double value, double limit, std::string_view unit, const Language& say) {
  if (!std::isfinite(value) || !std::isfinite(limit)) return {};
  if (tells_differences(unit)) {
    const double by = value - limit;
    return fmt::format("{}{} {}", by > 0 ? "+" : "", feed::rounded(by, 0), unit == "degC" ? "°C" : "dB");
  }
  const double ratio = value / limit;
  const auto text = ratio > 0 && ratio < 0.001 ? "< 0.001" : feed::rounded(ratio, 1);
  return fmt::format(fmt::runtime(say(words::times)), text);
}

const ReportAgent* find_agent(const Report& report, std::string_view id) {
  const auto found = std::ranges::find(report.agents, id, &ReportAgent::id);
  return found == report.agents.end() ? nullptr : &*found;
}

const ReportAgent::LimitRow* find_limit(const ReportAgent* agent, std::string_view kind) {
  if (agent == nullptr) return nullptr;
  const auto found = std::ranges::find(agent->limits, kind, &ReportAgent::LimitRow::kind);
  return found == agent->limits.end() ? nullptr : &*found;
}

ShiftFigure shift_figure(const ReportExposure& exposure, const ReportAgent* agent, const Language& say) {
  const auto& e = exposure.figures;
  if (exposure.agent == peak_agent) return of_impulses(e, say);
  auto figure = of_average(exposure, agent, say);
  if (!figure.limit_kind.empty()) return figure;
  if (const auto* mac = find_limit(agent, "MAC")) {
    figure = {.name = std::string(say(words::of_shift_max)), .value = e.max, .at_least = e.at_least};
    hold_against(figure, *mac);
  } else if (const auto* stel = find_limit(agent, "PC-STEL")) {
    figure = {.name = std::string(say(words::of_shift_stel)),
              .value = e.greatest_stel(),
              .at_least = e.at_least || std::isfinite(e.stel_at_least)};
    hold_against(figure, *stel);
  }
  return figure;
}

std::string_view no_figure_text(const ReportExposure& exposure, const Language& say) {
  return say(exposure.figures.time.below_loq > 0 ? words::below_loq : words::no_data);
}

LawFigure law_figure(const core::LimitLine& line) {
  if (!std::isfinite(line.figure) || !std::isfinite(line.printed_limit)) return {};
  const int decimals = core::reported_decimals(line.printed_limit);
  const double rounded = core::round_half_even(line.figure, decimals);
  LawFigure figure{.text = (line.below_loq ? "<" : "") + fmt::format("{:.{}f}", rounded, decimals)};
  const bool exact_exceeds = core::exceeds(line.figure, line.limit);
  const bool rounded_exceeds = core::exceeds(rounded, line.limit);
  if (line.below_loq || exact_exceeds == rounded_exceeds) return figure;
  figure.remark = exact_exceeds ? words::rounded_complies : words::rounded_exceeds;
  return figure;
}

std::vector<Standing> standings(const std::vector<ReportAssessment>& assessments) {
  std::map<std::uint64_t, std::uint32_t> newest;
  for (const auto& each : assessments) {
    auto& version = newest[each.assessment.number];
    version = std::max(version, each.assessment.version);
  }
  std::vector<Standing> list;
  list.reserve(assessments.size());
  for (const auto& each : assessments) {
    const auto& a = each.assessment;
    list.push_back(a.version < newest[a.number] ? Standing::superseded
                   : a.withdrawn                ? Standing::withdrawn
                                                : Standing::stands);
  }
  return list;
}

const Word& standing_word(Standing standing) {
  switch (standing) {
    case Standing::superseded:
      return words::superseded;
    case Standing::withdrawn:
      return words::withdrawn;
    default:
      return words::stands;
  }
}

std::string clock_text(int minute_of_day, const Language& say) {
  constexpr int day = 24 * 60;
  const int minute = ((minute_of_day % day) + day) % day;
  auto clock = fmt::format("{:02}:{:02}", minute / 60, minute % 60);
  return minute_of_day < day ? clock : fmt::format(fmt::runtime(say(words::next_day)), clock);
}

}  // namespace hazgate::records
