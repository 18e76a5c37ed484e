#include "records/xlsx_package.hpp"

#include <expat.h>
#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <map>
#include <type_traits>

#include "core/utf8.hpp"

namespace hazgate::records::xlsx {

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

}  // namespace

std::string quotable(std::string_view text) {
  std::string quoted{text.substr(0, 40)};
  std::ranges::replace_if(
      quoted, [](char c) { return c < ' ' || c > '~'; }, '?');
  return quoted;
}

std::string lower_case(std::string_view text) {
  std::string result{text};
  std::ranges::transform(result, result.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  return result;
}

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

struct Package::Zip {
  Zip(std::string_view bytes, TableBuilder& table) : table_{table} {
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

Package::Package(std::string_view bytes, TableBuilder& table) : zip_(std::make_unique<Zip>(bytes, table)) {}
Package::~Package() = default;
bool Package::read(const std::string& part, PartReader& reader) { return zip_->read(part, reader); }

}  // namespace hazgate::records::xlsx
