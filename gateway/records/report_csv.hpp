// A report as CSV, for spreadsheets.
#pragma once

#include <string>

#include "records/report.hpp"

namespace hazgate::records {

/// UTF-8 with a byte order mark, lines end with CRLF. One table a section: a line with its heading, a line with the
/// names of the columns, its rows, an empty line. Figures have the shortest digits that read back as the same double.
std::string report_csv(const Report& report);
std::string report_csv(const ParkReport& report);

}  // namespace hazgate::records
