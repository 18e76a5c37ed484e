// The park's report as one HTML document.
#pragma once

#include <string>

#include "records/report.hpp"

namespace hazgate::records {

std::string report_html(const ParkReport& report);

}  // namespace hazgate::records
