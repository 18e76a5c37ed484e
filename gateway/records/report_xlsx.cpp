#include "records/report_xlsx.hpp"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <vector>

#include "feed/json_text.hpp"
#include "records/cell.hpp"
#include "records/report_tables.hpp"

namespace hazgate::records {

namespace {

using boost::system::error_code;

/// A sheet has 2^20 rows; what goes beyond goes on in another one.
constexpr std::uint32_t rows_of_a_sheet = 1'000'000;
constexpr std::size_t written_at_once = 1 << 16;

/// A file that has no name and lies in memory: the library wants a path.
class MemoryFile {
 public:
  MemoryFile() : fd_(memfd_create("report", MFD_CLOEXEC)) {}
  ~MemoryFile() {
    if (fd_ >= 0) close(fd_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  bool is_open() const { return fd_ >= 0; }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }
  boost::system::result<std::string> bytes() const {
    const auto size = lseek(fd_, 0, SEEK_END);
    if (size < 0) return error_code(errno, boost::system::system_category());
    std::string all(static_cast<std::size_t>(size), '\0');
    std::size_t done = 0;
    while (done < all.size()) {
      const auto count = pread(fd_, all.data() + done, all.size() - done, static_cast<off_t>(done));
      if (count <= 0) return error_code(count < 0 ? errno : EIO, boost::system::system_category());
      done += static_cast<std::size_t>(count);
    }
    return all;
  }

 private:
  int fd_;
};

/// Days since 1899-12-30, as spreadsheets count them.
std::optional<int> serial_of(std::string_view date) {
  int year = 0, month = 0, day = 0;
  const auto part = [&](std::size_t from, std::size_t length, int& value) {
    const auto* begin = date.data() + from;
    const auto [end, error] = std::from_chars(begin, begin + length, value);
    return error == std::errc{} && end == begin + length;
  };
  if (date.size() != 10 || date[4] != '-' || date[7] != '-') return std::nullopt;
  if (!part(0, 4, year) || !part(5, 2, month) || !part(8, 2, day)) return std::nullopt;
  const std::chrono::year_month_day ymd{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                        std::chrono::day{static_cast<unsigned>(day)}};
  // Before March 1900 they count a day that never was.
  if (!ymd.ok() || year < 1901) return std::nullopt;
  constexpr std::chrono::sys_days epoch{std::chrono::year{1899} / 12 / 30};
  return static_cast<int>((std::chrono::sys_days{ymd} - epoch).count());
}

std::string column_letters(std::size_t column) {
  std::string letters;
  for (auto n = column + 1; n > 0; n = (n - 1) / 26)
    letters.insert(letters.begin(), static_cast<char>('A' + (n - 1) % 26));
  return letters;
}

/// The library prints numbers with 16 digits, one less than a double may need (0.1 + 0.2 would become 0.3), and knows
/// no other way. So the heads are its own, and the rows go as they are into the file of a sheet's rows that it keeps in
/// its mode of constant memory. Texts are kept once for the whole book.
class XlsxForm : public TableForm {
 public:
  XlsxForm(lxw_workbook* book) : book_(book) {
    bold_ = workbook_add_format(book);
    format_set_bold(bold_);
    format_set_text_wrap(bold_);
    format_set_align(bold_, LXW_ALIGN_VERTICAL_TOP);
    format_set_bg_color(bold_, 0xE8EEF2);
    lxw_format* date = workbook_add_format(book);
    format_set_num_format(date, "yyyy-mm-dd");
    const auto index = lxw_format_get_xf_index(date);
    date_style_ = " s=\"" + std::to_string(index) + "\"";
  }

  void begin(std::string_view title, std::span<const SheetColumn> columns) override {
    title_ = title;
    columns_.clear();
    for (const auto& column : columns) columns_.push_back({std::string(column.title), column.width});
    part_ = 1;
    begin_sheet();
  }
  void text(std::string_view value) override {
    clean_ = cell_text(value);
    clean_.resize(cell_front(clean_).size());
    if (clean_.empty()) {
      ++column_;
      return;
    }
    const auto* shared = lxw_get_sst_index(book_->sst, clean_.c_str(), LXW_FALSE);
    if (shared == nullptr) {
      failed_ = true;
      return;
    }
    open_cell(" t=\"s\"");
    append_value(shared->index);
  }
  void number(double value) override {
    if (!std::isfinite(value)) {
      ++column_;
      return;
    }
    open_cell({});
    append_value(value);
  }
  void day(std::string_view date) override {
    const auto serial = serial_of(date);
    if (!serial) return text(date);
    open_cell(date_style_);
    append_value(*serial);
  }
  void end_row() override {
    rows_ += "</row>";
    ++row_;
    column_ = 0;
    if (rows_.size() >= written_at_once) flush();
    if (row_ <= rows_of_a_sheet) {
      open_row();
      return;
    }
    close_sheet();
    ++part_;
    begin_sheet();
  }
  void end() override { close_sheet(); }
  bool failed() const { return failed_; }

 private:
  struct OwnColumn {
    std::string title;
    int width;
    std::string letters;
  };

  void begin_sheet() {
    const auto name = part_ == 1 ? title_ : title_ + " (" + std::to_string(part_) + ")";
    sheet_ = workbook_add_worksheet(book_, name.c_str());
    failed_ = failed_ || sheet_ == nullptr;
    if (sheet_ == nullptr) return;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const auto column = static_cast<lxw_col_t>(i);
      columns_[i].letters = column_letters(i);
      worksheet_set_column(sheet_, column, column, columns_[i].width, nullptr);
      worksheet_write_string(sheet_, 0, column, columns_[i].title.c_str(), bold_);
    }
    worksheet_freeze_panes(sheet_, 1, 0);
    worksheet_set_landscape(sheet_);
    worksheet_repeat_rows(sheet_, 0, 0);
    worksheet_fit_to_pages(sheet_, 1, 0);
    lxw_worksheet_write_single_row(sheet_);
    row_ = 1;
    column_ = 0;
    open_row();
  }

  void open_row() {
    row_text_ = std::to_string(row_ + 1);
    open_at_ = rows_.size();
    rows_ += "<row r=\"" + row_text_ + "\">";
  }

  void close_sheet() {
    rows_.resize(open_at_);  // the row that was opened for more
    flush();
    if (sheet_ == nullptr) return;
    failed_ = failed_ || std::fflush(sheet_->file) != 0;  // a full disk
    const auto last = static_cast<lxw_col_t>(columns_.size() - 1);
    worksheet_autofilter(sheet_, 0, 0, row_ - 1, last);
    sheet_->dim_rowmax = row_ - 1;
  }

  void open_cell(std::string_view attributes) {
    rows_ += "<c r=\"";
    rows_ += columns_[column_].letters;
    rows_ += row_text_;
    rows_ += '"';
    rows_ += attributes;
    rows_ += '>';
    ++column_;
  }
  void append_value(double value) {
    rows_ += "<v>";
    feed::append_number(rows_, value);
    rows_ += "</v></c>";
  }

  void flush() {
    const bool written = sheet_ != nullptr && std::fwrite(rows_.data(), 1, rows_.size(), sheet_->file) == rows_.size();
    failed_ = failed_ || !written;
    rows_.clear();
    open_at_ = 0;
  }

  lxw_workbook* book_;
  lxw_worksheet* sheet_ = nullptr;
  lxw_format* bold_ = nullptr;
  std::string date_style_, title_, rows_, row_text_, clean_;
  std::vector<OwnColumn> columns_;
  std::size_t column_ = 0, open_at_ = 0;
  std::uint32_t row_ = 0;
  int part_ = 1;
  bool failed_ = false;
};

/// The files of the sheets: the library closes each where it has read it back, and leaves them open where it does not
/// come so far.
class SheetFiles {
 public:
  explicit SheetFiles(const lxw_workbook& book) {
    for (auto* sheet = STAILQ_FIRST(book.worksheets); sheet != nullptr; sheet = STAILQ_NEXT(sheet, list_pointers)) {
      const int fd = fileno(sheet->optimize_tmpfile);
      if (const auto inode = inode_of(fd)) files_.push_back({sheet->optimize_tmpfile, fd, *inode});
    }
  }
  void close_those_left() const {
    // An inode is not used again while it is open, a number of a file is.
    for (const auto& file : files_)
      if (inode_of(file.fd) == file.inode) std::fclose(file.stream);
  }

 private:
  struct Open {
    FILE* stream;
    int fd;
    ino_t inode;
  };
  static std::optional<ino_t> inode_of(int fd) {
    struct stat found {};
    return fstat(fd, &found) == 0 ? std::optional(found.st_ino) : std::nullopt;
  }

  std::vector<Open> files_;
};

struct FreeWorkbook {
  void operator()(lxw_workbook* book) const {
    const SheetFiles files(*book);
    lxw_workbook_free(book);
    files.close_those_left();
  }
};

error_code failure() { return {errno != 0 ? errno : EIO, boost::system::system_category()}; }

template <class AnyReport>
boost::system::result<std::string> xlsx_of(const AnyReport& report) {
  const MemoryFile file;
  if (!file.is_open()) return failure();
  lxw_workbook_options options{};
  options.constant_memory = LXW_TRUE;
  errno = 0;
  std::unique_ptr<lxw_workbook, FreeWorkbook> book(workbook_new_opt(file.path().c_str(), &options));
  if (book == nullptr) return failure();
  XlsxForm form(book.get());
  write_tables(report, form);
  if (form.failed()) return failure();
  const SheetFiles files(*book);
  if (workbook_close(book.release()) == LXW_NO_ERROR) return file.bytes();
  const auto why = failure();
  files.close_those_left();
  return why;
}

}  // namespace

boost::system::result<std::string> report_xlsx(const Report& report) { return xlsx_of(report); }
boost::system::result<std::string> report_xlsx(const ParkReport& report) { return xlsx_of(report); }

boost::system::result<std::string> report_xlsx(const SheetOfText& sheet) { return xlsx_of(sheet); }

}  // namespace hazgate::records
