// A report: what an enterprise shows at an inspection for one period, and what a park's operator sees of all of them.
// Values only: where they come from is known outside, and every form of the same report shows the same figures.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/assessment.hpp"
#include "core/exposure.hpp"
#include "core/reading.hpp"
#include "records/text.hpp"

namespace hazgate::records {

/// A moment as a report shows it: "2026-11-27 08:00:00" in the site's time, made outside.
using LocalTime = std::string;
/// "2026-11-27"
using LocalDate = std::string;

struct ReportAgent {
  std::string id;
  Text name;
  struct LimitRow {
    std::string kind;  ///< "PC-TWA"
    double value{};
    std::string unit, source;
  };
  std::vector<LimitRow> limits;  ///< none: there is no limit in law
};

struct ReportWorkplace {
  std::string id, name;
  std::vector<std::string> shifts;  ///< "day 08:00, 8 h"
  std::vector<std::string> points;  ///< "dust-1.pm_a (cas:…)"
  std::vector<std::string> agents;  ///< ids into ReportContent::agents
};

/// One final record of a shift; figures exactly as page and feed have them.
struct ReportExposure {
  LocalDate day;
  std::string shift, workplace, point, agent, unit;
  core::Exposure figures;  ///< as page and feed tell them (feed::as_told); `point` and `shift` in it mean nothing here
  std::string limit_source;
};

/// A record of the ledger.
struct ReportExceedance {
  std::uint64_t seq = 0;
  LocalTime at;
  std::string hash, kind;  ///< kind of record: "exceedance", …
  std::string workplace, point, agent, limit_kind, limit_source, unit;
  std::optional<double> limit, value;
  LocalTime since;
  bool over = false, at_least = false;
};

struct ReportHead {
  std::uint64_t seq = 0;
  std::string hash, signature, key_id;
  LocalTime at;
};

struct ReportAssessment {
  core::Assessment assessment;
  core::AssessmentJudgement judgement;
  LocalDate day;
  std::string workplace_name;
  Text agent_name;
  std::string unit;
};

/// The highest result of each post and agent counts.                                        GBZ 331-2024 5.2.7.1
struct ReportPost {
  std::string workplace, workplace_name, agent, unit;
  Text agent_name;
  std::size_t results = 0, compliant = 0, exceeds = 0, insufficient = 0, no_limit = 0;
  core::Verdict verdict = core::Verdict::no_limit;
  double highest_ratio = core::no_value;
  std::string highest;  ///< the decisive figure in words: "C_TWA 3.45 mg/m3 > 3 (PC-TWA)"
  struct Grade {
    std::string grade, source;  ///< "II"
    char confidence = 'B';
    bool provisional = false;
  };
  std::optional<Grade> grade;
};

struct ReportGap {
  LocalTime from, to;  ///< `to` empty: it lasts
  std::string workplace, device, reason, kind;
  Text text;
  double hours = 0;  ///< within the period
};

struct ReportAlarm {
  std::string id, subject, workplace, agent, level, state, unit;
  Text text;
  std::optional<double> value, peak, limit;
  LocalTime detected, warned, confirmed, disposed;  ///< empty: not reached
  std::string acknowledged_by, disposed_by, disposal;
};

/// Of all shifts of one point.
struct ReportCoverage {
  std::string point, workplace;
  std::size_t shifts = 0, compliant = 0, exceeds = 0, insufficient = 0, no_limit = 0;
  double measured_h = 0, elapsed_h = 0;
  double coverage() const { return elapsed_h > 0 ? measured_h / elapsed_h : 0; }
};

/// Passed of judged ones; none judged: no rate.                                                           检测合格率
struct PassRate {
  std::size_t compliant = 0, exceeds = 0, insufficient = 0, no_limit = 0;
  std::size_t judged() const { return compliant + exceeds; }
  std::optional<double> rate() const {
    if (judged() == 0) return std::nullopt;
    return static_cast<double>(compliant) / static_cast<double>(judged());
  }
  void count(core::Verdict verdict);
};

struct Report {
  std::string language = "zh";
  std::string site, gateway, version, enterprise, enterprise_name, area;
  LocalDate from, to;  ///< both included
  LocalTime made_at;
  std::string made_by, timezone;
  std::vector<ReportWorkplace> workplaces;
  std::vector<ReportAgent> agents;
  std::vector<ReportExposure> exposures;  ///< by day, workplace, point
  std::vector<ReportCoverage> coverage;
  std::vector<ReportExceedance> exceedances;
  std::optional<ReportHead> head;  ///< the newest signed end of the chain
  std::vector<ReportAssessment> assessments;
  std::vector<ReportPost> posts;
  PassRate shift_rate, assessment_rate, post_rate;
  std::vector<ReportGap> gaps;
  std::vector<ReportAlarm> alarms;
  std::vector<Text> notes;  ///< what a reader has to know: what was left out, what is not signed
};

/// The park: one row an enterprise, the worst first.
struct ParkReport {
  std::string language = "zh", site, gateway, version, made_by, timezone;
  LocalDate from, to;
  LocalTime made_at;
  struct Row {
    std::string enterprise, name, area;
    PassRate assessments, shifts;
    std::size_t alarms = 0, exceed_alarms = 0, danger_alarms = 0, missed_targets = 0, exceedances = 0;
    double coverage = 0;  ///< 0..1
    double median_dispose_h = core::no_value;
    double worst_ratio = core::no_value;
  };
  std::vector<Row> rows;
  struct Month {
    std::string month;  ///< "2026-11"
    PassRate assessments, shifts;
    std::size_t alarms = 0, exceedances = 0;
  };
  std::vector<Month> months;  ///< of the whole park, in order
};

}  // namespace hazgate::records
