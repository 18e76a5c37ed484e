#include "records/report_csv.hpp"

#include <cmath>

#include "feed/json_text.hpp"
#include "records/cell.hpp"
#include "records/report_tables.hpp"

namespace hazgate::records {

namespace {

class CsvForm : public TableForm {
 public:
  void begin(std::string_view title, std::span<const SheetColumn> columns) override {
    text(title);
    end_row();
    for (const auto& column : columns) text(column.title);
    end_row();
  }
  void text(std::string_view value) override {
    next_cell();
    append_csv_text(out_, value);
  }
  void number(double value) override {
    next_cell();
    if (std::isfinite(value)) feed::append_number(out_, value);
  }
  void day(std::string_view date) override { text(date); }
  void end_row() override {
    out_ += "\r\n";
    first_ = true;
  }
  void end() override { end_row(); }
  std::string take() { return std::move(out_); }

 private:
  void next_cell() {
    if (!first_) out_ += ',';
    first_ = false;
  }

  std::string out_ = "\xEF\xBB\xBF";
  bool first_ = true;
};

template <class AnyReport>
std::string csv_of(const AnyReport& report) {
  CsvForm form;
  write_tables(report, form);
  return form.take();
}

}  // namespace

std::string report_csv(const Report& report) { return csv_of(report); }
std::string report_csv(const ParkReport& report) { return csv_of(report); }

}  // namespace hazgate::records
