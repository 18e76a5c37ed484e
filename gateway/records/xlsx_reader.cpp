#include "records/xlsx_reader.hpp"

#include <expat.h>
#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "core/utf8.hpp"
#include "records/encoding.hpp"

namespace hazgate::records {

namespace {

struct ZipDiscard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct ZipFileClose {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
struct ParserFree {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};

const Text no_workbook{"这不是 .xlsx 工作簿；请在表格软件中另存为 .xlsx 或“CSV UTF-8”。",
                       "This is no .xlsx workbook; save it in a spreadsheet as .xlsx or as \"CSV UTF-8\"."};
const Text cut_short{"文件已损坏或不完整；请重新复制或下载，在表格软件中打开后另存为 .xlsx。",
                     "The file is damaged or cut short; copy it again, open it in a spreadsheet and save it as .xlsx."};
const Text odd_parts{
    "工作簿内部有重复或路径异常的文件；请在表格软件中打开后另存为新的 .xlsx。",
    "Within the workbook are files twice or with an odd path; open it in a spreadsheet and save it as a "
    "new .xlsx."};
const Text too_many_parts{"工作簿的组成部分过多；请只保留需要的工作表后另存为 .xlsx。",
                          "The workbook has too many parts; keep only the sheet needed and save it as .xlsx."};
const Text too_intricate{"工作簿的内部结构过于复杂；请把数据复制到新的工作簿后另存为 .xlsx。",
                         "The workbook is too intricate within; copy the values into a new one and save it as .xlsx."};
const Text has_doctype{"工作簿内有 DOCTYPE 声明，不安全，不予读取；请把数据复制到新的工作簿后另存为 .xlsx。",
                       "The workbook has a DOCTYPE, which is not safe; copy the values into a new one and save it as "
                       ".xlsx."};

/// What expat holds on this thread. Names, depth and attributes without end would otherwise grow beyond the text
/// itself.
thread_local std::size_t expat_bytes = 0;
constexpr std::size_t most_expat_bytes = 4 << 20;
constexpr std::size_t block_head = alignof(std::max_align_t);

std::size_t size_of_block(const char* head) {
  std::size_t size = 0;
  std::memcpy(&size, head, sizeof size);
  return size;
}

void* bounded_realloc(void* block, std::size_t size) {
  char* old = block != nullptr ? static_cast<char*>(block) - block_head : nullptr;
  const std::size_t old_size = old != nullptr ? size_of_block(old) : 0;
  if (size > most_expat_bytes || expat_bytes - old_size + size > most_expat_bytes) return nullptr;
  auto* head = static_cast<char*>(std::realloc(old, size + block_head));
  if (head == nullptr) return nullptr;
  std::memcpy(head, &size, sizeof size);
  expat_bytes += size - old_size;
  return head + block_head;
}

void* bounded_malloc(std::size_t size) { return bounded_realloc(nullptr, size); }

void bounded_free(void* block) {
  if (block == nullptr) return;
  char* head = static_cast<char*>(block) - block_head;
  expat_bytes -= size_of_block(head);
  std::free(head);
}

/// Foreign words within a sentence of ours.
std::string quotable(std::string_view text) {
  std::string quoted{text.substr(0, 40)};
  std::ranges::replace_if(
      quoted, [](char c) { return c < ' ' || c > '~'; }, '?');
  return quoted;
}

/// Names with their prefixes; none of those that are asked for is there in two namespaces.
class Attributes {
 public:
  explicit Attributes(const char** list) : list_{list} {}
  /// Empty: not there.
  std::string_view operator[](std::string_view name) const {
    return find([&](std::string_view each) { return each == name; });
  }
  /// r:id, whatever the prefix is.
  std::string_view relationship() const {
    return find([](std::string_view each) { return each.ends_with(":id"); });
  }

 private:
  template <class Wanted>
  std::string_view find(Wanted wanted) const {
    for (const char** at = list_; *at != nullptr; at += 2) {
      if (wanted(at[0])) return at[1];
    }
    return {};
  }
  const char** list_;
};

/// What one part of a workbook says; elements come without their prefix.
class PartReader {
 public:
  explicit PartReader(TableBuilder& table) : table_{table} {}
  PartReader(const PartReader&) = delete;
  PartReader& operator=(const PartReader&) = delete;
  virtual ~PartReader() = default;
  virtual void begin(std::string_view element, Attributes attributes) = 0;
  virtual void end(std::string_view) {}
  virtual void text(std::string_view) {}
  TableBuilder& table() { return table_; }

 protected:
  /// One byte more than a cell may have is kept, so that it is seen to be too long.
  void append(std::string& to, std::string_view text) {
    const std::size_t most = table_.limits().cell_bytes + 1;
    if (to.size() < most) to.append(text.substr(0, most - to.size()));
  }

 private:
  TableBuilder& table_;
};

class XmlParser {
 public:
  XmlParser(PartReader& reader, const std::string& part)
      : reader_{reader}, part_{part}, parser_{XML_ParserCreate_MM(nullptr, &memory, nullptr)} {
    if (!parser_) return;
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), on_begin, on_end);
    XML_SetCharacterDataHandler(parser_.get(), on_text);
    XML_SetStartDoctypeDeclHandler(parser_.get(), on_doctype);
  }
  XmlParser(const XmlParser&) = delete;
  XmlParser& operator=(const XmlParser&) = delete;

  /// Null: refused.
  void* space(int size) {
    void* buffer = parser_ ? XML_GetBuffer(parser_.get(), size) : nullptr;
    if (buffer == nullptr) reader_.table().refuse(0, too_intricate);
    return buffer;
  }
  /// 0 bytes: the end.
  void commit(int size) {
    const bool good = XML_ParseBuffer(parser_.get(), size, size == 0) == XML_STATUS_OK;
    if (good || reader_.table().refused()) return;
    const auto error = XML_GetErrorCode(parser_.get());
    if (error == XML_ERROR_NO_MEMORY) return reader_.table().refuse(0, too_intricate);
    reader_.table().refuse(
        0, {fmt::format("工作簿内的 {} 已损坏；请在表格软件中打开后另存为 .xlsx。", quotable(part_)),
            fmt::format("{} within the workbook is damaged ({}); open it in a spreadsheet and save it as .xlsx.",
                        quotable(part_), XML_ErrorString(error))});
  }

 private:
  static constexpr XML_Memory_Handling_Suite memory{bounded_malloc, bounded_realloc, bounded_free};

  static std::string_view local(std::string_view name) { return name.substr(name.rfind(':') + 1); }

  void stop_if_refused() {
    if (reader_.table().refused()) XML_StopParser(parser_.get(), XML_FALSE);
  }

  // They come from C, so nothing is thrown through them: out of memory ends the program.
  static void on_begin(void* self, const char* name, const char** attributes) noexcept {
    auto& parser = *static_cast<XmlParser*>(self);
    parser.reader_.begin(local(name), Attributes{attributes});
    parser.stop_if_refused();
  }
  static void on_end(void* self, const char* name) noexcept {
    auto& parser = *static_cast<XmlParser*>(self);
    parser.reader_.end(local(name));
    parser.stop_if_refused();
  }
  static void on_text(void* self, const char* text, int size) noexcept {
    static_cast<XmlParser*>(self)->reader_.text({text, static_cast<std::size_t>(size)});
  }
  static void on_doctype(void* self, const char*, const char*, const char*, int) noexcept {
    auto& parser = *static_cast<XmlParser*>(self);
    parser.reader_.table().refuse(0, has_doctype);
    parser.stop_if_refused();
  }

  PartReader& reader_;
  const std::string& part_;
  std::unique_ptr<std::remove_pointer_t<XML_Parser>, ParserFree> parser_;
};

std::string lower_case(std::string_view text) {
  std::string result{text};
  std::ranges::transform(result, result.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  return result;
}

/// Nothing but names between single slashes; one at the end is a folder's.
bool is_plain_path(std::string_view path) {
  if (path.empty() || path.find_first_of("\\:") != std::string_view::npos) return false;
  if (path.ends_with('/')) path.remove_suffix(1);
  for (bool more = true; more;) {
    const auto slash = std::min(path.find('/'), path.size());
    const auto name = path.substr(0, slash);
    if (name.empty() || name == "." || name == ".." || !core::is_one_line(name)) return false;
    more = slash < path.size();
    path.remove_prefix(more ? slash + 1 : slash);
  }
  return true;
}

/// The files of a workbook, and how much of them has been unpacked.
class Package {
 public:
  Package(std::string_view bytes, TableBuilder& table) : table_{table} {
    if (has_too_many_entries(bytes)) {
      table_.refuse(0, too_many_parts);
      return;
    }
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, nullptr);
    archive_.reset(source != nullptr ? zip_open_from_source(source, ZIP_RDONLY, nullptr) : nullptr);
    if (!archive_) zip_source_free(source);
    archive_ ? list_parts() : table_.refuse(0, cut_short);
  }

  /// False: refused.
  bool read(const std::string& part, PartReader& reader) {
    const auto file = open(part);
    if (!file) return false;
    XmlParser parser{reader, part};
    for (int size = 1; size > 0 && !table_.refused();) {
      constexpr int chunk = 64 << 10;
      void* space = parser.space(chunk);
      if (space == nullptr) return false;
      size = static_cast<int>(zip_fread(file.get(), space, chunk));
      if (size < 0 || !within_limit(static_cast<std::size_t>(size))) break;
      parser.commit(size);
    }
    if (zip_error_code_zip(zip_file_get_error(file.get())) != ZIP_ER_OK) table_.refuse(0, cut_short);
    return !table_.refused();
  }

 private:
  /// Each entry of the directory begins with these bytes; libzip would hold all of them before the first is looked at.
  bool has_too_many_entries(std::string_view bytes) const {
    std::size_t found = 0;
    for (auto at = bytes.find("PK\1\2"); at != std::string_view::npos; at = bytes.find("PK\1\2", at + 4)) ++found;
    return found > table_.limits().parts;
  }

  void list_parts() {
    const auto count = zip_get_num_entries(archive_.get(), 0);
    for (zip_int64_t i = 0; i < count; ++i) {
      const char* name = zip_get_name(archive_.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
      const bool good = name != nullptr && is_plain_path(name);
      if (!good || !parts_.emplace(lower_case(name), i).second) return table_.refuse(0, odd_parts);
    }
  }

  std::unique_ptr<zip_file_t, ZipFileClose> open(const std::string& part) {
    const auto entry = parts_.find(lower_case(part));
    zip_stat_t stat{};
    if (entry == parts_.end() || zip_stat_index(archive_.get(), entry->second, 0, &stat) != 0) {
      table_.refuse(0, no_workbook);
      return {};
    }
    if (stat.encryption_method != ZIP_EM_NONE) {
      table_.refuse(0, {"文件已加密；请取消密码后重新保存为 .xlsx。",
                        "The file is encrypted; remove its password and save it as .xlsx."});
      return {};
    }
    // Others are no part of the standard, and one asks for gigabytes to unpack.
    const bool usual = stat.comp_method == ZIP_CM_STORE || stat.comp_method == ZIP_CM_DEFLATE;
    std::unique_ptr<zip_file_t, ZipFileClose> file{usual ? zip_fopen_index(archive_.get(), entry->second, 0) : nullptr};
    if (!file) table_.refuse(0, cut_short);
    return file;
  }

  bool within_limit(std::size_t size) {
    unpacked_ += size;
    const std::size_t most = table_.limits().unpacked_bytes;
    if (unpacked_ <= most) return true;
    table_.refuse(
        0, {fmt::format("解压后超过 {} MiB；请只保留需要的工作表后另存为 .xlsx。", most >> 20),
            fmt::format("Unpacks to more than {} MiB; keep only the sheet needed and save it as .xlsx.", most >> 20)});
    return false;
  }

  TableBuilder& table_;
  std::unique_ptr<zip_t, ZipDiscard> archive_;
  std::map<std::string, zip_uint64_t> parts_;  ///< their names are equal whatever the case
  std::size_t unpacked_ = 0;
};

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
