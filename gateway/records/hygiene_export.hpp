// Results of a similar exposure group in the forms that hygienists' sheets expect.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "records/statistics.hpp"

namespace hazgate::records {

struct HygieneResult {
  std::string date, subject;
  Observation value;
};
struct HygieneGroup {
  std::string name, agent, unit;
  std::optional<double> limit;
};

/// Expostats: one result a line, "<0.3" below the quantification limit, decimal points, nothing else.
std::string expostats_text(std::span<const HygieneResult> results);
/// IHSTAT (AIHA): the limit, then a column of numbers. The sheet knows no "<": such a result stands as its limit / sqrt
/// 2, and beside it why. CSV.
std::string ihstat_csv(const HygieneGroup& group, std::span<const HygieneResult> results);
/// For a sheet of EN 689: group, limit, date, who, result, its quantification limit, and I = result / limit. CSV.
std::string en689_csv(const HygieneGroup& group, std::span<const HygieneResult> results);

}  // namespace hazgate::records
