// Tables that people upload, CSV or XLSX: hostile bytes to rows of text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "records/text.hpp"

namespace hazgate::records {

struct TableRow {
  std::uint32_t line = 0;  ///< of the CSV file where the row begins, or the row number of the sheet; 1-based
  std::vector<std::string> cells;
  friend bool operator==(const TableRow&, const TableRow&) = default;
};

/// Cells are UTF-8 without white space around them; each row has as many as there are columns. A column in the midst
/// may have no name, then no row has a value there. Empty rows, and rows with a problem, are left out.
struct Table {
  std::vector<std::string> columns;
  std::vector<TableRow> rows;
};

struct TableProblem {
  std::uint32_t line = 0;  ///< 0: the file as a whole
  std::string column;      ///< its name, or its letter in a sheet where it has none; empty: the row as a whole
  Text text;
  friend bool operator==(const TableProblem&, const TableProblem&) = default;
};

/// What one file may cost. Reading needs less than bytes * 1.5 + text_bytes * 2 + 40 B for each cell and shared string.
struct TableLimits {
  std::size_t bytes = 16 << 20;
  std::size_t rows = 20'000;
  std::size_t columns = 64;
  std::size_t cell_bytes = 4'096;
  std::size_t text_bytes = 24 << 20;       ///< all cells together; all shared strings of a workbook together
  std::size_t unpacked_bytes = 128 << 20;  ///< counted while unpacking: what a file says of itself is not believed
  std::size_t shared_strings = 500'000;
  std::size_t parts = 1'000;   ///< files, sheets and relationships within a workbook
  std::size_t problems = 200;  ///< that are listed; a last one says how many more there are
};

struct TableRead {
  Table table;  ///< empty when the file is refused: then the first problem says why
  std::vector<TableProblem> problems;
};

/// CSV or XLSX, decided by its bytes. A formula is its last result; text that looks like one stays as it is.
TableRead read_table(std::string_view bytes, const TableLimits& limits = {});

/// What the reader of a format fills, in the order of the file. Columns count from 0.
class TableBuilder {
 public:
  explicit TableBuilder(const TableLimits& limits) : limits_{limits} {}

  const TableLimits& limits() const { return limits_; }
  void begin_row(std::uint32_t line);
  void add_cell(std::size_t column, std::string_view text);
  /// The row has a problem; a header that has one is of no use, and neither is the file.
  void spoil(std::optional<std::size_t> column, Text why);
  void end_row();
  /// The file is of no use; read no further.
  void refuse(std::uint32_t line, Text why);
  bool refused() const { return refusal_.has_value(); }
  TableRead finish() &&;

 private:
  bool in_header() const { return table_.columns.empty(); }
  std::string name_of(std::size_t column) const;
  void take_header();

  TableLimits limits_;
  Table table_;
  TableRow row_;
  bool spoiled_ = false;
  std::size_t text_bytes_ = 0, unlisted_ = 0;
  std::vector<TableProblem> problems_;
  std::optional<TableProblem> refusal_;
};

}  // namespace hazgate::records
