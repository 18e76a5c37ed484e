#include "records/table_writer.hpp"

#include "records/cell.hpp"
#include "records/report_xlsx.hpp"

namespace hazgate::records {

namespace {

void append_row(std::string& out, const std::vector<std::string>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out += ',';
    append_csv_text(out, cells[i]);
  }
  out += "\r\n";
}

}  // namespace

std::string table_csv(const Table& table) {
  std::string out = "\xEF\xBB\xBF";
  append_row(out, table.columns);
  for (const auto& row : table.rows) append_row(out, row.cells);
  return out;
}

boost::system::result<std::string> table_xlsx(const Table& table, const std::string& sheet) {
  constexpr std::size_t longest_name = 31;
  return report_xlsx(SheetOfText{.title = sheet.substr(0, longest_name), .table = table});
}

}  // namespace hazgate::records
