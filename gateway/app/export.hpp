// Export: what a store holds, for spreadsheets and programs; beside a running gateway, which waits for nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/reading.hpp"

namespace hazgate::app {

enum class ExportFormat { csv, jsonl };

struct ExportOptions {
  std::filesystem::path store;
  std::set<std::string> points;             ///< all where it names none
  std::optional<core::Timestamp> from, to;  ///< [from, to)
  ExportFormat format = ExportFormat::csv;
};

struct ExportSummary {
  std::uint64_t readings = 0;
  std::string why_none;                    ///< where there are no readings
  std::uint64_t damaged_frames = 0;        ///< could not be understood, and are missing
  std::vector<std::string> damaged_hours;  ///< in which those are: when they begin, RFC 3339
};

/// What is read is good, but it cannot be written.
struct OutputFailed : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Hour by hour in order of arrival, so that `hazgate replay` takes the CSV. CSV: t,point,value,unit,flag; a value that
/// is not there is empty. JSON Lines: the same as members, null. Times are RFC 3339 in UTC with milliseconds, values
/// the shortest digits that read back as the same double. `progress` hears from time to time which part is done, 0
/// to 1. Throws storage::StoreError, OutputFailed, and std::runtime_error where a point is unknown.
ExportSummary export_readings(const ExportOptions& options, std::ostream& out,
                              const std::function<void(double)>& progress);
/// Into a new file, which has its name when it is whole, and never takes the place of something. What `progress` throws
/// ends it, as every failure does, and nothing of the file stays.
ExportSummary export_to_file(const ExportOptions& options, const std::filesystem::path& file,
                             const std::function<void(double)>& progress);

/// One line a few seconds, once it has taken two; for progress functions.
class ProgressLine {
 public:
  ProgressLine(std::ostream& to, std::string what);
  void operator()(double part);

 private:
  std::ostream& to_;
  std::string what_;
  core::Timestamp next_;
};

}  // namespace hazgate::app
