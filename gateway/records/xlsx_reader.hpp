// A sheet of an Office Open XML workbook (ECMA-376, .xlsx). What it is packed in is xlsx_package.hpp's business.
#pragma once

#include <string_view>

#include "records/table_file.hpp"

namespace hazgate::records {

/// The first worksheet that is not hidden, or the one of them named 数据 or data. Hidden rows are rows; of merged cells
/// the first has the value. Times become "YYYY-MM-DD", "HH:MM[:SS]" or both, as their number format shows them.
void read_xlsx(std::string_view bytes, TableBuilder& table);

}  // namespace hazgate::records
