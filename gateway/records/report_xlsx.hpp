// A report as a workbook: one sheet a section.
#pragma once

#include <boost/system/result.hpp>
#include <string>

#include "records/report.hpp"
#include "records/report_tables.hpp"

namespace hazgate::records {

/// The bytes of the file. Texts are texts and never formulas, figures are numbers with their exact doubles, days are
/// dates. While it is made its parts lie, not packed and the largest twice, in the folder of temporary files.
boost::system::result<std::string> report_xlsx(const Report& report);
boost::system::result<std::string> report_xlsx(const ParkReport& report);

boost::system::result<std::string> report_xlsx(const SheetOfText& sheet);

}  // namespace hazgate::records
