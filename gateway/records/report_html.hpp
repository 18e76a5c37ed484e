// An enterprise's report as one HTML document, for paper and screen: no script, and nothing from elsewhere.
#pragma once

#include <cstddef>
#include <string>

#include "records/report.hpp"

namespace hazgate::records {

/// Beyond so many shifts they are summed up by point and month, and only those that are not compliant are listed.
inline constexpr std::size_t most_listed_shifts = 2'000;

std::string report_html(const Report& report);

}  // namespace hazgate::records
