#include "records/table_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <variant>

#include "records/encoding.hpp"
#include "records/xlsx_reader.hpp"

namespace hazgate::records {

namespace {

/// "A", "Z", "AA": as a spreadsheet calls a column.
std::string letters_of(std::size_t column) {
  std::string letters;
  for (std::size_t left = column + 1; left > 0; left = (left - 1) / 26)
    letters.insert(letters.begin(), static_cast<char>('A' + (left - 1) % 26));
  return letters;
}

std::string size_text(std::size_t bytes) {
  return bytes >= 1 << 20 ? fmt::format("{} MiB", bytes >> 20) : fmt::format("{} B", bytes);
}

Text unwanted_text(const std::string& character) {
  return {fmt::format("含有不可见的控制字符 {}；请清空该单元格后重新键入。", character),
          fmt::format("Has the invisible control character {}; empty the cell and type its text anew.", character)};
}

Text too_long_text(std::size_t limit) {
  return {fmt::format("单元格内容超过 {}；请缩短。", size_text(limit)),
          fmt::format("The cell is longer than {}; shorten it.", size_text(limit))};
}

/// RFC 4180, with its separator guessed, any ends of lines, and any number of cells in a row. settings/csv knows commas
/// only, would hold every row of a file of any size before a limit is looked at, and speaks one language.
class CsvReader {
 public:
  CsvReader(std::string_view text, TableBuilder& table) : text_{text}, table_{table}, separator_{guess()} {
    ends_of_cell_[0] = separator_;
  }

  void read() {
    while (at_ < text_.size() && !table_.refused()) read_row();
  }

 private:
  /// Of the first line that says something; a comma when it has none of them.
  char guess() const {
    std::size_t begin = text_.find_first_not_of(" \t,;\r\n");
    begin = begin == std::string_view::npos ? 0 : begin;
    while (begin > 0 && text_[begin - 1] != '\r' && text_[begin - 1] != '\n') --begin;
    std::array<std::size_t, 3> found{};
    constexpr std::string_view separators = ",;\t";
    bool quoted = false;
    for (const char c : text_.substr(begin)) {
      if (c == '"') quoted = !quoted;
      if (quoted) continue;
      if (c == '\r' || c == '\n') break;
      if (const auto which = separators.find(c); which != std::string_view::npos) ++found[which];
    }
    return separators[static_cast<std::size_t>(std::ranges::max_element(found) - found.begin())];
  }

  void read_row() {
    table_.begin_row(line_);
    std::size_t column = 0;
    for (bool more = true; more && !table_.refused(); ++column) {
      const bool quoted = at_ < text_.size() && text_[at_] == '"';
      quoted ? read_quoted(column) : read_plain(column);
      more = at_ < text_.size() && text_[at_] == separator_;
      if (more) ++at_;
    }
    end_line();
    table_.end_row();
  }

  std::string_view to_end_of_cell() {
    const auto end = std::min(text_.find_first_of(ends_of_cell_, at_), text_.size());
    const auto text = text_.substr(at_, end - at_);
    at_ = end;
    return text;
  }

  void read_plain(std::size_t column) {
    const auto text = to_end_of_cell();
    if (text.find('"') != std::string_view::npos)
      table_.spoil(column, {"单元格中间有引号；请把整个单元格放在引号内，其中的引号写两次。",
                            "Has a quote within the cell; put the whole cell in quotes and double those within."});
    table_.add_cell(column, text);
  }

  void read_quoted(std::size_t column) {
    const auto begin_line = line_;
    std::string cell;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"' && !text_.substr(at_ + 1).starts_with('"')) {
        ++at_;
        end_quoted(column, cell);
        return;
      }
      at_ += text_[at_] == '"';
      add_within_quotes(cell);
    }
    table_.refuse(begin_line, {"从此行开始的引号没有结束；请补上或删除该引号。",
                               "A quote begins in this line and never ends; close it or remove it."});
  }

  /// Ends of lines within a cell become LF.
  void add_within_quotes(std::string& cell) {
    const bool crlf = text_.substr(at_).starts_with("\r\n");
    if (crlf) ++at_;
    const bool end = crlf || text_[at_] == '\n' || text_[at_] == '\r';
    line_ += end;
    cell += end ? '\n' : text_[at_];
  }

  void end_quoted(std::size_t column, const std::string& cell) {
    if (!trimmed(to_end_of_cell()).empty())
      table_.spoil(column, {"结束引号之后还有文字；请把整个单元格放在引号内，其中的引号写两次。",
                            "Has text after its closing quote; put the whole cell in quotes and double those within."});
    table_.add_cell(column, cell);
  }

  void end_line() {
    const bool crlf = text_.substr(at_).starts_with("\r\n");
    at_ += crlf ? 2 : 1;
    ++line_;
  }

  std::string_view text_;
  TableBuilder& table_;
  char separator_;
  std::string ends_of_cell_ = "?\r\n";
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
};

void read_csv(std::string_view bytes, TableBuilder& table) {
  const auto decoded = to_utf8(bytes);
  if (const auto* wrong = std::get_if<NotText>(&decoded)) {
    table.refuse(wrong->line, wrong->why);
    return;
  }
  const std::string_view text = std::get<std::string>(decoded);
  if (const auto nul = text.find('\0'); nul != std::string_view::npos) {
    table.refuse(line_at(text, nul), {"此行有空字符（NUL），不是文本文件；请在表格软件中另存为“CSV UTF-8”或 .xlsx。",
                                      "The line has a NUL byte, this is no text file; save it as \"CSV UTF-8\" or "
                                      "as .xlsx."});
    return;
  }
  CsvReader{text, table}.read();
}

/// Files that people take for one of the two kinds.
std::optional<Text> known_as_another_kind(std::string_view bytes) {
  constexpr std::string_view compound_file = "\xD0\xCF\x11\xE0";
  constexpr std::string_view encrypted{"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0", 32};
  if (bytes.starts_with(compound_file) && bytes.find(encrypted) != std::string_view::npos)
    return Text{"文件已加密；请在表格软件中取消密码后重新保存为 .xlsx。",
                "The file is encrypted; remove its password and save it as .xlsx."};
  if (bytes.starts_with(compound_file))
    return Text{"这是旧格式（.xls）文件；请在表格软件中另存为 .xlsx 或“CSV UTF-8”。",
                "This is a file of the old kind (.xls); save it as .xlsx or as \"CSV UTF-8\"."};
  if (bytes.starts_with("%PDF"))
    return Text{"这是 PDF 文件；请上传 .xlsx 或 CSV 文件。", "This is a PDF file; upload an .xlsx or CSV file."};
  if (trimmed(bytes.substr(0, 256)).starts_with('<'))
    return Text{"这是网页或 XML 文件，不是表格；请在表格软件中打开后另存为 .xlsx。",
                "This is a web page or XML, not a table; open it in a spreadsheet and save it as .xlsx."};
  return {};
}

}  // namespace

TableRead read_table(std::string_view bytes, const TableLimits& limits) {
  TableBuilder table{limits};
  if (bytes.size() > limits.bytes)
    table.refuse(0, {fmt::format("文件超过 {}；请分成几个文件。", size_text(limits.bytes)),
                     fmt::format("The file is larger than {}; split it.", size_text(limits.bytes))});
  else if (auto why = known_as_another_kind(bytes))
    table.refuse(0, *std::move(why));
  else if (bytes.starts_with("PK\3\4") || bytes.starts_with("PK\5\6"))
    read_xlsx(bytes, table);
  else
    read_csv(bytes, table);
  return std::move(table).finish();
}

void TableBuilder::begin_row(std::uint32_t line) {
  row_ = {line, {}};
  spoiled_ = false;
}

void TableBuilder::add_cell(std::size_t column, std::string_view text) {
  text = trimmed(text);
  if (text.empty() || refused()) return;
  if (column >= limits_.columns)
    return refuse(row_.line, {fmt::format("超过 {} 列；请删除多余的列。", limits_.columns),
                              fmt::format("Has more than {} columns; remove those not needed.", limits_.columns)});
  text_bytes_ += text.size();
  if (text_bytes_ > limits_.text_bytes)
    return refuse(row_.line,
                  {fmt::format("文字总量超过 {}；请分成几个文件。", size_text(limits_.text_bytes)),
                   fmt::format("All text together is more than {}; split the file.", size_text(limits_.text_bytes))});
  if (text.size() > limits_.cell_bytes) return spoil(column, too_long_text(limits_.cell_bytes));
  if (const auto character = unwanted_character(text)) return spoil(column, unwanted_text(*character));
  if (!in_header() && (column >= table_.columns.size() || table_.columns[column].empty()))
    return spoil(column, {fmt::format("第 {} 列有内容但没有列名；请填写列名或清空该单元格。", letters_of(column)),
                          fmt::format("Column {} has no name but a value here; name the column or empty the cell.",
                                      letters_of(column))});
  if (row_.cells.empty()) row_.cells.reserve(table_.columns.size());
  if (row_.cells.size() <= column) row_.cells.resize(column + 1);
  row_.cells[column] = text;
}

void TableBuilder::spoil(std::optional<std::size_t> column, Text why) {
  spoiled_ = true;
  const auto name = column ? name_of(*column) : "";
  if (in_header()) {
    if (!refused()) refusal_ = {row_.line, name, std::move(why)};
  } else if (problems_.size() < limits_.problems) {
    problems_.push_back({row_.line, name, std::move(why)});
  } else {
    ++unlisted_;
  }
}

void TableBuilder::end_row() {
  if (refused() || spoiled_ || row_.cells.empty()) return;
  if (in_header()) return take_header();
  if (table_.rows.size() == limits_.rows)
    return refuse(row_.line, {fmt::format("超过 {} 行数据；请分成几个文件。", limits_.rows),
                              fmt::format("Has more than {} rows; split the file.", limits_.rows)});
  row_.cells.resize(table_.columns.size());
  table_.rows.push_back(std::move(row_));
}

void TableBuilder::take_header() {
  for (auto name = row_.cells.begin(); name != row_.cells.end(); ++name) {
    if (name->empty() || std::find(row_.cells.begin(), name, *name) == name) continue;
    return spoil(static_cast<std::size_t>(name - row_.cells.begin()),
                 {fmt::format("列名“{}”出现两次；每个列名只能有一列。", *name),
                  fmt::format("The column name \"{}\" is there twice; each name must have one column.", *name)});
  }
  table_.columns = std::move(row_.cells);
}

void TableBuilder::refuse(std::uint32_t line, Text why) {
  if (!refused()) refusal_ = {line, "", std::move(why)};
}

std::string TableBuilder::name_of(std::size_t column) const {
  const bool named = column < table_.columns.size() && !table_.columns[column].empty();
  return named ? table_.columns[column] : letters_of(column);
}

TableRead TableBuilder::finish() && {
  if (in_header())
    refuse(0, {"文件没有内容；第一行应为列名。", "The file is empty; its first row must name the columns."});
  if (unlisted_ > 0)
    problems_.push_back({0,
                         "",
                         {fmt::format("另有 {} 处问题没有列出；请先改正以上各处。", unlisted_),
                          fmt::format("There are {} more problems; correct those above first.", unlisted_)}});
  if (!refused()) return {std::move(table_), std::move(problems_)};
  problems_.insert(problems_.begin(), *std::move(refusal_));
  return {{}, std::move(problems_)};
}

}  // namespace hazgate::records
