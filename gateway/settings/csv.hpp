// RFC 4180 with a header line, as spreadsheets write it: quotes, CRLF, a byte order mark.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "settings/problem.hpp"

namespace hazgate::settings {

struct CsvRow {
  std::uint32_t line = 0;  ///< where the row begins, 1-based
  std::vector<std::string> fields;
};

struct CsvTable {
  std::string file;
  std::vector<std::string> columns;
  std::vector<CsvRow> rows;  ///< each with as many fields as there are columns
  std::optional<std::size_t> column(std::string_view name) const;
};

/// Rows that do not fit are left out, each with a Problem that names its line. Blank lines are skipped.
CsvTable parse_csv(std::string_view text, const std::string& file, Problems& problems);

}  // namespace hazgate::settings
