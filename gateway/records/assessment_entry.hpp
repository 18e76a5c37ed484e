// From what a person types, or a file brings, to an assessment: read strictly, and every fault told with its field.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/assessment.hpp"
#include "core/site.hpp"
#include "records/text.hpp"
#include "settings/limit_table.hpp"

namespace hazgate::records {

struct EntryFault {
  std::string field;  ///< "date", "samples[1].result"
  Text text;
  friend bool operator==(const EntryFault&, const EntryFault&) = default;
};

/// Words by field, as they were typed; what is empty was left out.
using EntryWords = std::map<std::string, std::string, std::less<>>;
struct AssessmentWords {
  EntryWords fields;                ///< of entry_fields
  std::vector<EntryWords> samples;  ///< of sample_fields
  std::vector<core::Attachment> attachments;
};

/// A field: its word in form and API, what stands above its column, and an example.
struct EntryField {
  std::string_view word, zh, en;
  bool needed = false;
};
std::span<const EntryField> entry_fields();   ///< of the whole assessment, in the order of the columns
std::span<const EntryField> sample_fields();  ///< of each sample

struct Entered {
  std::optional<core::Assessment> assessment;  ///< none where there are faults
  std::vector<EntryFault> faults;
};

/// What a person's input is held against.
struct EntryContext {
  std::optional<core::EnterpriseIndex> enterprise;  ///< whose workplaces may be named; none: all
  std::int32_t today = 0;                           ///< local date: nothing was sampled after it
};

class AssessmentEntry {
 public:
  /// Both outlive this. `outdoor_ventilation`: design temperature of the place, degC, for the limits of heat.
  AssessmentEntry(const core::Site& site, const settings::LimitTable& limits,
                  std::optional<double> outdoor_ventilation = {})
      : site_(site), limits_(limits), outdoor_ventilation_(outdoor_ventilation) {}

  /// Number, version, who and when are left to whoever stores it.
  Entered enter(const AssessmentWords& words, const EntryContext& context) const;

  /// What it is judged as: a dust with 10 % free SiO2 or more as silica, heat in the climate of the place, reduced for
  /// long shifts where the site decided so. Without limits for an agent that the lists no longer have.
  core::Agent judged_as(const core::Assessment& assessment) const;
  core::AssessmentJudgement judge(const core::Assessment& assessment) const {
    return core::judge(assessment, judged_as(assessment));
  }

 private:
  struct Reading;
  const core::Site& site_;
  const settings::LimitTable& limits_;
  std::optional<double> outdoor_ventilation_;
};

/// "1.20", "<0.30", with a full-width "＜" as well. None for what is neither.
struct LabResult {
  double value = 0;
  bool below_loq = false;
};
std::optional<LabResult> lab_result(std::string_view text);
/// "2026-11-20", "2026/11/20", "2026.11.20", "2026年11月20日", in days since 1970-01-01.
std::optional<std::int32_t> local_date(std::string_view text);
std::string date_word(std::int32_t day);  ///< "2026-11-20"
/// Minutes of the day as "08:00"; behind midnight as of the next day.
std::string clock_word(int minute);

}  // namespace hazgate::records
