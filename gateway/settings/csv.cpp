#include "settings/csv.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace hazgate::settings {

namespace {

/// One pass over the text, a row at a time.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_{text} {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text_.starts_with(byte_order_mark)) text_.remove_prefix(byte_order_mark.size());
  }

  bool done() const { return at_ >= text_.size(); }

  /// Empty trouble: the row is good.
  CsvRow next(std::string& trouble) {
    CsvRow row{line_, {}};
    for (bool more = true; more;) {
      row.fields.push_back(at_ < text_.size() && text_[at_] == '"' ? quoted_field(trouble) : plain_field(trouble));
      more = at_ < text_.size() && text_[at_] == ',';
      if (more) ++at_;
    }
    end_line();
    return row;
  }

 private:
  std::string plain_field(std::string& trouble) {
    const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
    std::string field{text_.substr(at_, end - at_)};
    if (field.find('"') != std::string::npos) trouble = "has a quote within an unquoted field";
    at_ = end;
    return field;
  }

  std::string quoted_field(std::string& trouble) {
    std::string field;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"') {
        const bool doubled = at_ + 1 < text_.size() && text_[at_ + 1] == '"';
        if (!doubled) return after_quote(std::move(field), trouble);
        ++at_;
      }
      line_ += text_[at_] == '\n';
      field += text_[at_];
    }
    trouble = "has a quote that is never closed";
    return field;
  }

  std::string after_quote(std::string field, std::string& trouble) {
    ++at_;
    const std::size_t end = std::min(text_.find_first_of(",\r\n", at_), text_.size());
    if (end != at_) trouble = "has text after a closing quote";
    at_ = end;
    return field;
  }

  void end_line() {
    if (at_ < text_.size() && text_[at_] == '\r') ++at_;
    if (at_ < text_.size() && text_[at_] == '\n') ++at_;
    ++line_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
};

}  // namespace

std::optional<std::size_t> CsvTable::column(std::string_view name) const {
  const auto found = std::ranges::find(columns, name);
  if (found == columns.end()) return {};
  return static_cast<std::size_t>(found - columns.begin());
}

CsvTable parse_csv(std::string_view text, const std::string& file, Problems& problems) {
  CsvTable table{file, {}, {}};
  Lines lines{text};
  while (!lines.done()) {
    std::string trouble;
    CsvRow row = lines.next(trouble);
    if (row.fields.size() == 1 && row.fields[0].empty()) continue;
    if (trouble.empty() && !table.columns.empty() && row.fields.size() != table.columns.size())
      trouble = fmt::format("has {} fields; the header has {}", row.fields.size(), table.columns.size());
    if (!trouble.empty())
      problems.push_back({file, row.line, 1, fmt::format("the row {}", trouble)});
    else if (table.columns.empty())
      table.columns = std::move(row.fields);
    else
      table.rows.push_back(std::move(row));
  }
  if (table.columns.empty()) problems.push_back({file, 0, 0, "is empty; expected a header line"});
  return table;
}

}  // namespace hazgate::settings
