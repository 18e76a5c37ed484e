// A report as a workbook: one sheet a section.
#pragma once

#include <boost/system/result.hpp>
#include <filesystem>
#include <string>

#include "records/report.hpp"
#include "records/report_tables.hpp"

namespace hazgate::records {

/// The bytes of the file. Texts are texts and never formulas, figures are numbers with their exact doubles, days are
/// dates. While it is made the sheets lie in files without a name in `folder`, by default that of temporary files.
boost::system::result<std::string> report_xlsx(const Report& report, const std::filesystem::path& folder = {});
boost::system::result<std::string> report_xlsx(const ParkReport& report, const std::filesystem::path& folder = {});

boost::system::result<std::string> report_xlsx(const SheetOfText& sheet, const std::filesystem::path& folder = {});

}  // namespace hazgate::records
