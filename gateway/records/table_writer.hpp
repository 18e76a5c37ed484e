// A table of texts as a file that people save: what cannot be a formula in it is none.
#pragma once

#include <boost/system/result.hpp>
#include <string>

#include "records/table_file.hpp"

namespace hazgate::records {

/// UTF-8 with a byte order mark, CRLF.
std::string table_csv(const Table& table);
/// One sheet; every cell is text, as it was entered: "1.20" keeps its nought.
boost::system::result<std::string> table_xlsx(const Table& table, const std::string& sheet);

}  // namespace hazgate::records
