// The sections of a report as tables: what its forms for spreadsheets write, with every figure exact.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "records/report.hpp"
#include "records/table_file.hpp"

namespace hazgate::records {

struct SheetColumn {
  std::string_view title;
  int width = 12;  ///< in characters
};

/// One form of the tables. Cells come row by row, as many as there are columns, except where a sentence says that there
/// is nothing.
class TableForm {
 public:
  TableForm() = default;
  TableForm(const TableForm&) = delete;
  TableForm& operator=(const TableForm&) = delete;
  virtual ~TableForm() = default;

  virtual void begin(std::string_view title, std::span<const SheetColumn> columns) = 0;
  virtual void text(std::string_view value) = 0;
  virtual void number(double value) = 0;        ///< empty when not finite
  virtual void day(std::string_view date) = 0;  ///< "2026-11-27"
  virtual void end_row() = 0;
  virtual void end() = 0;
};

/// A table of texts, as it is.
struct SheetOfText {
  std::string title;
  const Table& table;
};

void write_tables(const SheetOfText& sheet, TableForm& form);
void write_tables(const Report& report, TableForm& form);
void write_tables(const ParkReport& report, TableForm& form);

}  // namespace hazgate::records
