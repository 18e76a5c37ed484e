// A file that somebody uploads. What begins with "parts\n" is the workbook, styles, shared strings and sheet of an
// .xlsx, with a NUL between them: no mutation of a packed file would get past its checksums. Built with
// -fsanitize=fuzzer, and compiled into the unit tests that replay the corpus.
#include <zip.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/utf8.hpp"
#include "records/encoding.hpp"
#include "records/table_file.hpp"

namespace hazgate::records::table_file_fuzz {

inline void add_part(zip_t* archive, const std::string& name, std::string_view text) {
  zip_source_t* source = zip_source_buffer(archive, text.data(), text.size(), 0);
  const auto index = zip_file_add(archive, name.c_str(), source, 0);
  if (index < 0) std::abort();
  zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0);
}

inline std::string packed(std::string_view parts) {
  constexpr std::string_view root = R"(<a><Relationship Id="a" Type="/officeDocument" Target="w"/></a>)";
  constexpr std::string_view others =
      R"(<a><Relationship Id="a" Type="/worksheet" Target="a"/><Relationship Id="b" Type="/styles" Target="b"/>)"
      R"(<Relationship Id="c" Type="/sharedStrings" Target="c"/></a>)";
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  zip_source_keep(target);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, nullptr);
  add_part(archive, "_rels/.rels", root);
  add_part(archive, "_rels/w.rels", others);
  for (const char* name : {"w", "b", "c", "a"}) {
    const auto end = std::min(parts.find('\0'), parts.size());
    add_part(archive, name, parts.substr(0, end));
    parts.remove_prefix(std::min(end + 1, parts.size()));
  }
  if (zip_close(archive) != 0) std::abort();
  std::string bytes;
  std::array<char, 4096> some{};
  zip_source_open(target);
  for (zip_int64_t size = 1; size > 0;) {
    size = zip_source_read(target, some.data(), some.size());
    if (size > 0) bytes.append(some.data(), static_cast<std::size_t>(size));
  }
  zip_source_close(target);
  zip_source_free(target);
  return bytes;
}

inline void expect(bool promise) {
  if (!promise) std::abort();
}

inline void read_and_check(std::string_view bytes) {
  const TableLimits limits{.bytes = 1 << 20,
                           .rows = 50,
                           .columns = 8,
                           .cell_bytes = 100,
                           .text_bytes = 4'000,
                           .unpacked_bytes = 1 << 18,
                           .shared_strings = 100,
                           .parts = 20,
                           .problems = 10};
  const auto [table, problems] = read_table(bytes, limits);
  expect(!table.columns.empty() || (table.rows.empty() && !problems.empty()));
  expect(table.columns.size() <= limits.columns && table.rows.size() <= limits.rows);
  expect(problems.size() <= limits.problems + 2);
  std::uint32_t line = 0;
  std::size_t text = 0;
  for (const TableRow& row : table.rows) {
    expect(row.line > line && row.cells.size() == table.columns.size());
    line = row.line;
    for (const std::string& cell : row.cells) {
      expect(core::is_utf8(cell) && trimmed(cell) == cell && !unwanted_character(cell));
      expect(cell.size() <= limits.cell_bytes && (text += cell.size()) <= limits.text_bytes);
    }
  }
  for (const TableProblem& problem : problems)
    expect(core::is_utf8(problem.text.zh) && core::is_utf8(problem.text.en) && core::is_utf8(problem.column));
}

}  // namespace hazgate::records::table_file_fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hazgate::records::table_file_fuzz;
  std::string_view bytes{reinterpret_cast<const char*>(data), size};
  constexpr std::string_view parts = "parts\n";
  read_and_check(bytes.starts_with(parts) ? packed(bytes.substr(parts.size())) : std::string{bytes});
  return 0;
}
