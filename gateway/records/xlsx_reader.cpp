#include "records/xlsx_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "records/encoding.hpp"
#include "records/xlsx_package.hpp"

namespace hazgate::records {

namespace {

using namespace xlsx;

/// From a part to others, by id; those that lead out of the workbook are left out.
class RelationshipsReader : public PartReader {
 public:
  struct Relationship {
    std::string type, target;
  };

  RelationshipsReader(TableBuilder& table, std::string folder) : PartReader{table}, folder_{std::move(folder)} {}

  void begin(std::string_view element, Attributes attributes) override {
    if (element != "Relationship" || attributes["TargetMode"] == "External") return;
    const auto type = attributes["Type"];
    const auto target = attributes["Target"];
    const auto path = target.starts_with('/') ? std::string{target.substr(1)} : folder_ + std::string{target};
    Relationship relationship{std::string{type.substr(type.rfind('/') + 1)}, path};
    const bool first = relationships_.emplace(attributes["Id"], std::move(relationship)).second;
    if (!first || !is_plain_path(path)) table().refuse(0, odd_parts);
    if (relationships_.size() > table().limits().parts) table().refuse(0, too_many_parts);
  }

  /// Empty: there is none of the type.
  std::string first(std::string_view type) const {
    const auto found = std::ranges::find_if(relationships_, [&](const auto& each) { return each.second.type == type; });
    return found != relationships_.end() ? found->second.target : "";
  }
  std::string worksheet(const std::string& id) const {
    const auto found = relationships_.find(id);
    return found != relationships_.end() && found->second.type == "worksheet" ? found->second.target : "";
  }

 private:
  std::string folder_;
  std::map<std::string, Relationship> relationships_;
};

struct SheetName {
  std::string name, relationship;
};

class WorkbookReader : public PartReader {
 public:
  using PartReader::PartReader;

  void begin(std::string_view element, Attributes attributes) override {
    if (!std::exchange(begun_, true) && element != "workbook") return table().refuse(0, no_workbook);
    if (element == "workbookPr" && (attributes["date1904"] == "1" || attributes["date1904"] == "true"))
      dates = DateSystem::from_1904;
    if (element != "sheet" || attributes["state"] == "hidden" || attributes["state"] == "veryHidden") return;
    visible.push_back({std::string{attributes["name"]}, std::string{attributes.relationship()}});
    if (visible.size() > table().limits().parts) table().refuse(0, too_many_parts);
  }

  DateSystem dates = DateSystem::from_1900;
  std::vector<SheetName> visible;

 private:
  bool begun_ = false;
};

template <class Number>
std::optional<Number> parsed(std::string_view text) {
  text = trimmed(text);
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return {};
  return number;
}

/// Which cells show a time.
class StylesReader : public PartReader {
 public:
  using PartReader::PartReader;

  void begin(std::string_view element, Attributes attributes) override {
    constexpr std::size_t most = 65'490;  // cell formats of a workbook that Excel opens
    if (element == "cellXfs" || element == "numFmts") list_ = element;
    if (formats_.size() > most || own_.size() > most) return table().refuse(0, too_many_parts);
    const auto id = parsed<std::uint32_t>(attributes["numFmtId"]).value_or(0);
    if (list_ == "cellXfs" && element == "xf") formats_.push_back(id);
    if (list_ == "numFmts" && element == "numFmt") own_[id] = time_format(attributes["formatCode"]);
  }
  void end(std::string_view element) override {
    if (element == list_) list_.clear();
  }

  TimeFormat of(std::size_t style) const {
    if (style >= formats_.size()) return {};
    const auto own = own_.find(formats_[style]);
    return own != own_.end() ? own->second : builtin_time_format(formats_[style]);
  }

 private:
  std::string list_;
  std::vector<std::uint32_t> formats_;
  std::map<std::uint32_t, TimeFormat> own_;
};

/// _x000D_ is what XML cannot say.                                                              ECMA-376-1 22.4.2.4
std::string unescaped(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    std::uint8_t code = 0;
    const auto digits = text.substr(at).starts_with("_x00") ? text.substr(at + 4, 3) : "";
    const bool escaped = digits.size() == 3 && digits[2] == '_' &&
                         std::from_chars(digits.data(), digits.data() + 2, code, 16).ptr == digits.data() + 2;
    result += escaped && code < 0x80 ? static_cast<char>(code) : text[at];
    if (escaped && code < 0x80) at += 6;
  }
  return result;
}

class SharedStringsReader : public PartReader {
 public:
  using PartReader::PartReader;

  void begin(std::string_view element, Attributes) override {
    if (element == "rPh") in_reading_ = true;
    if (element == "t") in_text_ = true;
  }
  void text(std::string_view text) override {
    if (in_text_ && !in_reading_) append(current_, text);
  }
  void end(std::string_view element) override {
    if (element == "rPh") in_reading_ = false;
    if (element == "t") in_text_ = false;
    if (element != "si") return;
    bytes_ += current_.size();
    strings.push_back(unescaped(current_));
    current_.clear();
    if (strings.size() > table().limits().shared_strings || bytes_ > table().limits().text_bytes)
      table().refuse(0, {"工作簿的文字过多；请只保留需要的工作表后另存为 .xlsx。",
                         "The workbook has too much text; keep only the sheet needed and save it as .xlsx."});
  }

  std::vector<std::string> strings;

 private:
  std::string current_;
  std::size_t bytes_ = 0;
  bool in_text_ = false;
  bool in_reading_ = false;  ///< how a name is pronounced
};

struct Reference {
  std::uint32_t column = 0, row = 0;  ///< 1-based
};

/// "AB12"; empty: not a cell of a sheet.
std::optional<Reference> reference(std::string_view text) {
  const auto row = std::min(text.find_first_of("0123456789"), text.size());
  Reference at{0, parsed<std::uint32_t>(text.substr(row)).value_or(0)};
  for (const char letter : text.substr(0, row)) {
    if (letter < 'A' || letter > 'Z' || at.column > 16'384) return {};
    at.column = at.column * 26 + static_cast<std::uint32_t>(letter - 'A' + 1);
  }
  const bool within = at.column >= 1 && at.column <= 16'384 && at.row >= 1 && at.row <= 1'048'576;
  return within ? std::optional{at} : std::nullopt;
}

/// "2026-03-01T08:30:00" as the times of other cells.
std::string iso_time(std::string text, TimeFormat format) {
  std::ranges::replace(text, 'T', ' ');
  text.erase(std::min(text.find_first_of(".Z"), text.size()));
  if (std::ranges::count(text, ':') == 2 && text.ends_with(":00")) text.erase(text.size() - 3);
  if (format.date && !format.clock) text.erase(std::min<std::size_t>(text.size(), 10));
  return text;
}

/// What cells refer to.
struct Workbook {
  DateSystem dates;
  const StylesReader& styles;
  const std::vector<std::string>& strings;
};

class SheetReader : public PartReader {
 public:
  SheetReader(TableBuilder& table, const Workbook& workbook) : PartReader{table}, workbook_{workbook} {}

  void begin(std::string_view element, Attributes attributes) override {
    if (element == "sheetData") in_data_ = true;
    if (!in_data_) return;
    if (element == "row") begin_row(attributes["r"]);
    if (element == "c") begin_cell(attributes);
    if (!cell_) return;
    if (element == "f") cell_->formula = true;
    if (element == "v" && std::exchange(cell_->value, true)) refuse_place(attributes["r"]);
    if (element == "rPh") in_reading_ = true;
    in_text_ = element == "v" || (element == "t" && !in_reading_);
  }
  void text(std::string_view text) override {
    if (cell_ && in_text_) append(cell_->text, text);
  }
  void end(std::string_view element) override {
    in_text_ = false;
    if (element == "sheetData") in_data_ = false;
    if (element == "rPh") in_reading_ = false;
    if (element == "c" && cell_) end_cell();
    if (element == "row" && std::exchange(in_row_, false)) table().end_row();
  }

 private:
  struct Cell {
    std::size_t column = 0;
    std::string type, text;
    TimeFormat format;
    bool formula = false, value = false;
  };

  /// Rows, and the cells of each, come in order.
  void begin_row(std::string_view number) {
    const auto row = number.empty() ? row_ + 1 : parsed<std::uint32_t>(number).value_or(0);
    if (in_row_ || row <= row_ || row > 1'048'576) return refuse_place(std::to_string(row));
    in_row_ = true;
    row_ = row;
    columns_ = 0;
    table().begin_row(row_);
  }

  void begin_cell(Attributes attributes) {
    const auto name = attributes["r"];
    const auto at = name.empty() ? Reference{columns_ + 1, row_} : reference(name).value_or(Reference{});
    if (!in_row_ || cell_ || at.row != row_ || at.column <= columns_) return refuse_place(name);
    columns_ = at.column;
    const auto style = parsed<std::size_t>(attributes["s"]).value_or(0);
    cell_ = Cell{at.column - 1, std::string{attributes["t"]}, {}, workbook_.styles.of(style)};
  }

  void refuse_place(std::string_view place) {
    table().refuse(row_,
                   {fmt::format("此行之后的单元格位置“{}”重复、乱序或超出工作表；请在表格软件中打开后另存为 .xlsx。",
                                quotable(place)),
                    fmt::format("After this row the place \"{}\" is there twice, out of order or beyond a sheet; "
                                "open the file in a spreadsheet and save it as .xlsx.",
                                quotable(place))});
  }

  void spoil(Text why) { table().spoil(cell_->column, std::move(why)); }

  void end_cell() {
    const bool no_result = cell_->formula && (!cell_->value || (cell_->text.empty() && cell_->type != "str"));
    if (no_result)
      spoil({"公式没有保存计算结果；请在表格软件中打开并保存，或粘贴为数值。",
             "The formula has no saved result; open and save the file in a spreadsheet, or paste the value."});
    else if (!trimmed(cell_->text).empty())
      take_value();
    cell_.reset();
  }

  void take_value() {
    const auto& [column, type, text, format, formula, value] = *cell_;
    if (type == "s") return take_shared();
    if (type == "str" || type == "inlineStr") return table().add_cell(column, unescaped(text));
    if (type == "b") return table().add_cell(column, text == "1" || text == "true" ? "TRUE" : "FALSE");
    if (type == "d") return table().add_cell(column, iso_time(text, format));
    if (type.empty() || type == "n") return take_number();
    spoil({fmt::format("单元格是错误值 {}；请改正公式或清空。", quotable(trimmed(text))),
           fmt::format("The cell is an error, {}; correct its formula or empty it.", quotable(trimmed(text)))});
  }

  void take_shared() {
    const auto index = parsed<std::size_t>(cell_->text);
    if (!index || *index >= workbook_.strings.size()) return table().refuse(row_, cut_short);
    table().add_cell(cell_->column, workbook_.strings[*index]);
  }

  void take_number() {
    const auto number = parsed<double>(cell_->text);
    if (!number || !std::isfinite(*number)) return table().refuse(row_, cut_short);
    const bool is_time = cell_->format.date || cell_->format.clock;
    if (!is_time) return table().add_cell(cell_->column, number_text(*number));
    if (const auto time = time_text(*number, cell_->format, workbook_.dates))
      return table().add_cell(cell_->column, *time);
    spoil({fmt::format("单元格按日期显示，但 {} 不是日期；请改正数值或单元格格式。", number_text(*number)),
           fmt::format("The cell is shown as a date, but {} is none; correct the value or the format of the cell.",
                       number_text(*number))});
  }

  const Workbook& workbook_;
  bool in_data_ = false, in_row_ = false, in_text_ = false, in_reading_ = false;
  std::uint32_t row_ = 0, columns_ = 0;
  std::optional<Cell> cell_;
};

/// Empty: there is none.
std::string chosen_sheet(const std::vector<SheetName>& visible, const RelationshipsReader& relationships) {
  std::string chosen;
  for (const auto& [name, relationship] : visible) {
    auto part = relationships.worksheet(relationship);
    const bool named = name == "数据" || lower_case(name) == "data";
    if (!part.empty() && named) return part;
    if (chosen.empty()) chosen = part;
  }
  return chosen;
}

}  // namespace

void read_xlsx(std::string_view bytes, TableBuilder& table) {
  Package package{bytes, table};
  RelationshipsReader root{table, ""};
  if (table.refused() || !package.read("_rels/.rels", root)) return;
  const auto part = root.first("officeDocument");
  if (part.ends_with(".bin")) return table.refuse(0, no_workbook);
  WorkbookReader sheets{table};
  if (!package.read(part, sheets)) return;

  const auto slash = part.rfind('/') + 1;
  RelationshipsReader relationships{table, part.substr(0, slash)};
  if (!package.read(part.substr(0, slash) + "_rels/" + part.substr(slash) + ".rels", relationships)) return;
  const auto sheet = chosen_sheet(sheets.visible, relationships);
  if (sheet.empty())
    return table.refuse(0, {"工作簿没有可见的工作表；请取消隐藏后重新保存。",
                            "The workbook has no visible worksheet; show it and save the file again."});

  StylesReader styles{table};
  const auto styles_part = relationships.first("styles");
  if (!styles_part.empty() && !package.read(styles_part, styles)) return;
  SharedStringsReader strings{table};
  const auto strings_part = relationships.first("sharedStrings");
  if (!strings_part.empty() && !package.read(strings_part, strings)) return;
  const Workbook workbook{sheets.dates, styles, strings.strings};
  SheetReader reader{table, workbook};
  package.read(sheet, reader);
}

}  // namespace hazgate::records
