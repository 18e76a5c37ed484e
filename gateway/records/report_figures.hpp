// Figures as a report shows them, the same in each of its forms.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "records/report.hpp"
#include "records/report_words.hpp"

namespace hazgate::records {

/// The shortest digits that read back as the same double; empty when not finite.
std::string exact(double value);
/// "mg/m³" of "mg/m3"; a number without a unit has none.
std::string unit_text(std::string_view unit);
/// A level or a temperature: a part of its limit says nothing, the difference does.
bool tells_differences(std::string_view unit);
/// Rounded down to a tenth: 74.96 % must not read as enough, nor 99.97 % as all.
std::string percent_text(double share);
/// "1.22 times", "+2.1 dB"; empty without a limit.
std::string ratio_text(double value, double limit, std::string_view unit, const Language& say);

const ReportAgent* find_agent(const Report& report, std::string_view id);
const ReportAgent::LimitRow* find_limit(const ReportAgent* agent, std::string_view kind);

/// The figure that decides a shift: what the page shows of it.
struct ShiftFigure {
  std::string name;
  double value = core::no_value;
  bool at_least = false;  ///< the true figure is not below it
  std::string_view limit_kind, limit_source;
  double limit = core::no_value;
};
ShiftFigure shift_figure(const ReportExposure& exposure, const ReportAgent* agent, const Language& say);

/// "低于最低定量浓度" or "无有效数据", where there is no figure.
std::string_view no_figure_text(const ReportExposure& exposure, const Language& say);

/// A figure as the law rounds it, half to even, with all its decimals.                           GBZ 331-2024 G.1.2
struct LawFigure {
  std::string text;
  std::optional<Word> remark;  ///< where it would be judged otherwise than the exact one
};
LawFigure law_figure(const core::LimitLine& line);

/// Of several versions of an assessment the newest counts, unless it is withdrawn.
enum class Standing { stands, superseded, withdrawn };
/// Of each assessment of the report, in its order.
std::vector<Standing> standings(const std::vector<ReportAssessment>& assessments);
const Word& standing_word(Standing standing);

/// "08:30", of the next day where it lies there.
std::string clock_text(int minute_of_day, const Language& say);

}  // namespace hazgate::records
