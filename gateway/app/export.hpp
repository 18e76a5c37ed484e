// Export: what a store holds, for spreadsheets and programs; beside a running gateway, which waits for nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>
#include <set>
#include <string>

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
  std::uint64_t damaged_frames = 0;  ///< could not be understood, and are missing
};

/// Hour by hour in order of arrival, so that `hazgate replay` takes the CSV. CSV: t,point,value,unit,flag; a value that
/// is not there is empty. JSON Lines: the same as members, null. Times are RFC 3339 in UTC with milliseconds, values
/// the shortest digits that read back as the same double. `progress` hears from time to time which part is done, 0
/// to 1. Throws storage::StoreError, and std::runtime_error where a point is unknown or `out` takes no more.
ExportSummary export_readings(const ExportOptions& options, std::ostream& out,
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
