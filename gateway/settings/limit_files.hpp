// The files of limits, read strictly: a column that is missing or a figure that is none is a Problem with its line.
#pragma once

#include "settings/csv.hpp"
#include "settings/limit_table.hpp"

namespace hazgate::settings {

struct LimitTable::Files {
  const std::vector<std::filesystem::path>& folders;
  Problems& problems;
  /// The first such file; an empty table and a Problem when no folder has it.
  CsvTable open(const std::string& name) const;
};

/// One table with its columns found by name.
class CsvColumns {
 public:
  CsvColumns(const CsvTable& table, Problems& problems) : table_{table}, problems_{problems} {}
  /// Empty when the column is missing, which is reported once.
  const std::string& text(const CsvRow& row, std::string_view column);
  /// Empty for an empty field; a Problem for anything but a positive number.
  std::optional<double> positive(const CsvRow& row, std::string_view column);

 private:
  const CsvTable& table_;
  Problems& problems_;
  std::map<std::string, std::optional<std::size_t>, std::less<>> found_;
};

}  // namespace hazgate::settings
