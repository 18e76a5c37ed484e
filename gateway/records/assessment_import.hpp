// Assessments as tables: a laboratory's file to assessments with every wrong line told, and back.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "records/assessment_entry.hpp"
#include "records/table_file.hpp"

namespace hazgate::records {

struct Imported {
  core::Assessment assessment;
  std::vector<std::uint32_t> lines;  ///< of the file, one a sample
};
struct Import {
  std::size_t rows = 0;
  std::vector<Imported> good;          ///< in the order of the file
  std::size_t bad = 0;                 ///< assessments with a fault in some line
  std::vector<TableProblem> problems;  ///< by line; at most `most_problems`
  std::size_t more_problems = 0;
  static constexpr std::size_t most_problems = 200;
  void fault(TableProblem problem);
};

/// One row a sample; rows of equal report_no, workplace, agent, date, subject_kind and subject are one assessment. A
/// column is named by its word, in Chinese or in English; what is left out is empty.
Import import_assessments(const TableRead& file, const AssessmentEntry& entry, const EntryContext& context);

/// The same assessment came before: of two that have this in common one is a double entry.
std::string identity(const core::Assessment& assessment);

/// As it is imported: one row a sample, figures as they were entered.
Table assessment_table(std::span<const core::Assessment> assessments, bool chinese);
/// The columns with an example of each kind of sampling, for the workplace given.
Table template_table(const std::string& workplace, bool chinese);

}  // namespace hazgate::records
