// An assessment: what a laboratory measured at a post on one day, for one person or at one fixed point, and what the
// law says of it. It is judged by the engine that judges live data.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/evaluation.hpp"

namespace hazgate::core {

enum class SubjectKind : std::uint8_t { person, fixed };
inline constexpr std::array all_subject_kinds{SubjectKind::person, SubjectKind::fixed};
std::string_view name(SubjectKind kind);  ///< "person", "fixed"

/// One sample, in the order of time.
struct LabSample {
  int begin_minute = 0, end_minute = 0;  ///< of the local day; the end may lie behind midnight, up to 24 h after begin
  std::string result;                    ///< as the laboratory wrote it, "1.20" or "<0.30", in `unit`
  Unit unit = Unit::mg_per_m3;
  double value = no_value;  ///< in the agent's unit; the quantification limit where it lies below
  bool below_loq = false;
  std::optional<double> volume_l;            ///< of air
  std::optional<double> stands_for_minutes;  ///< T_i: how much of the exposure has this result  GBZ 2.1-2019 A.2.2.2
  int minutes() const { return end_minute - begin_minute; }
  friend bool operator==(const LabSample&, const LabSample&) = default;
};

/// A file that proves it: the laboratory's report.
struct Attachment {
  std::string hash;  ///< SHA-256, 64 hex digits
  std::string file;  ///< the name that it had
  friend bool operator==(const Attachment&, const Attachment&) = default;
};

struct Assessment {
  std::uint64_t number = 0;   ///< given by the store; the same for all versions
  std::uint32_t version = 1;  ///< a correction is the next one
  Timestamp at;               ///< when it was entered
  std::string by, why;        ///< who, and the reason of a correction
  std::string origin;         ///< "form", or the name of the imported file
  bool withdrawn = false;     ///< it counts no more

  std::string enterprise, workplace;  ///< ids
  std::string group;                  ///< similarly exposed group; empty: the workplace
  std::string laboratory, report_no, method;
  std::string agent;  ///< word of the configuration, cas:71-43-2
  SubjectKind subject_kind = SubjectKind::fixed;
  std::string subject;   ///< the person, or the fixed point
  std::int32_t day = 0;  ///< local date of sampling, days since 1970-01-01
  double shift_hours = 8, days_per_week = 5;
  std::optional<double> exposure_hours;  ///< Td, where it is not the whole shift
  std::optional<double> sio2_percent;    ///< free SiO2 of a dust
  std::string work_class, toxicity;      ///< "I".."IV"; "light", "moderate", "high", "extreme": for the grading
  std::string note;
  std::vector<Attachment> attachments;
  std::vector<LabSample> samples;

  double exposed_hours() const { return exposure_hours.value_or(shift_hours); }
  const std::string& group_or_workplace() const { return group.empty() ? workplace : group; }
  friend bool operator==(const Assessment&, const Assessment&) = default;
};

/// Sampling of at most 15 min is short, and its result a C_STE, a C_PE or a C_ME.                        GBZ 159 3.13
inline constexpr int longest_short_sample = 15;

/// What a reader of the verdict has to know.
enum class AssessmentNote : std::uint8_t {
  stel_not_measured,   ///< there is a PC-STEL, and no short sample
  peak_not_measured,   ///< the peak rule applies, and there is no short sample
  sampled_too_little,  ///< less than 25 % (fixed) or 50 % (person) of the exposure
  too_few_short,       ///< short samples alone, and not two of them at least 1 h apart
  short_exposure,      ///< at most 1 h a day: no TWA is judged
  loq_too_high,        ///< the quantification limit lies above what it should prove
  peaks_counted,       ///< 3 PC-TWA was passed, not too often and not too long
  stretches_broken,    ///< above PC-TWA (3 PC-TWA where there is no PC-STEL) too long, too often, or too soon again
  week_assumed         ///< every day of the week is taken to be like this one
};
inline constexpr std::array all_assessment_notes{
    AssessmentNote::stel_not_measured, AssessmentNote::peak_not_measured, AssessmentNote::sampled_too_little,
    AssessmentNote::too_few_short,     AssessmentNote::short_exposure,    AssessmentNote::loq_too_high,
    AssessmentNote::peaks_counted,     AssessmentNote::stretches_broken,  AssessmentNote::week_assumed};
std::string_view name(AssessmentNote note);

/// One figure held against one limit. All in the agent's unit.
struct LimitLine {
  LimitKind kind{};
  std::string_view figure_name;     ///< "C_TWA", "C_STE", "C_PE", "C_ME", "L_EX,8h", "L_EX,40h", "WBGT"
  double figure = no_value;         ///< NaN where there is none
  bool at_least = false;            ///< the true figure is not below it
  bool below_loq = false;           ///< `figure` is the quantification limit that was not reached
  double limit = no_value;          ///< as it applies: PC-TWA * RF, 3 PC-TWA
  double printed_limit = no_value;  ///< as the table has it: what a figure is rounded by
  Verdict verdict = Verdict::insufficient;
  std::string source;       ///< of the limit
  std::string_view clause;  ///< by which it is judged
  double ratio() const { return below_loq ? no_value : figure / limit; }
};

struct AssessmentJudgement {
  Verdict verdict = Verdict::no_limit;
  std::vector<LimitLine> lines;
  std::vector<AssessmentNote> notes;
  Breaches breaches;
  double average = no_value;      ///< C_TWA, L_EX,8h or WBGT; NaN where all lies below the quantification limit
  double average_loq = no_value;  ///< that limit, where it does
  double short_time = no_value;   ///< greatest C_STE, C_PE or C_ME of short samples
  double ratio = no_value;        ///< greatest figure / its limit; NaN for levels and heat
  std::optional<ExposureClass> exposure_class;
  TwaRule rule = TwaRule::h8;
  double reduction_factor = 1;
  double sampled_share = 0;  ///< 0..1 of the exposure
};

/// `agent`: what it is judged as (a dust with its silica already). Averages count the whole exposure: a sample stands
/// for its `stands_for_minutes`, the others share the rest by their length. Short samples are the short-time figures;
/// the average is theirs only where there is no longer one.          GBZ 2.1-2019 6.3, A.2; GBZ 331-2024 5.2.6.2.3, G.1
AssessmentJudgement judge(const Assessment& assessment, const Agent& agent);

}  // namespace hazgate::core
