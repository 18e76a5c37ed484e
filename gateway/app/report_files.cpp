#include "app/report_files.hpp"

#include <fmt/format.h>

#include "app/pdf.hpp"
#include "records/park_html.hpp"
#include "records/report_csv.hpp"
#include "records/report_html.hpp"
#include "records/report_xlsx.hpp"

namespace hazgate::app {

namespace {

constexpr auto longest_pdf = std::chrono::seconds(240);

std::string html_of(const records::Report& report) { return records::report_html(report); }
std::string html_of(const records::ParkReport& report) { return records::report_html(report); }

web::Document saved(std::string bytes, std::string type, std::string name) {
  return {.body = web::bytes(std::move(bytes)),
          .content_type = std::move(type),
          .etag = {},
          .gzipped = {},
          .attachment = std::move(name)};
}

web::Refusal no_pdf(const NoPdf& why) {
  if (why.absent)
    return {.status = 501,
            .code = "no_pdf",
            .zh =
                "本机未安装 WeasyPrint，无法生成 PDF。请管理员执行 apt-get install weasyprint，或打开 HTML "
                "报告后用浏览器打印为 PDF。",
            .en =
                "WeasyPrint is not installed here, so there is no PDF: have an administrator run apt-get install "
                "weasyprint, or open the HTML report and print it to PDF in the browser."};
  return {.status = 500, .code = "pdf_failed", .zh = "PDF 生成失败：" + why.why, .en = "the PDF failed: " + why.why};
}

template <class Values>
web::Answer made(const Values& report, const ReportRequest& request, const RecordSource::GoOn& go_on) {
  const auto name = fmt::format("report-{}-{}-{}", request.enterprise.empty() ? report.site : request.enterprise,
                                report.from, report.to);
  switch (request.form) {
    case web::FileForm::csv:
      return saved(records::report_csv(report), "text/csv; charset=utf-8", name + ".csv");
    case web::FileForm::xlsx: {
      auto bytes = records::report_xlsx(report);
      if (!bytes)
        return web::Refusal{.status = 500,
                            .code = "xlsx",
                            .zh = "无法生成 XLSX：" + bytes.error().message(),
                            .en = "the XLSX could not be made: " + bytes.error().message()};
      return saved(std::move(*bytes), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                   name + ".xlsx");
    }
    case web::FileForm::pdf: {
      auto bytes = pdf_of(html_of(report), longest_pdf, go_on);
      if (!bytes) return no_pdf(bytes.error());
      return saved(std::move(*bytes), "application/pdf", name + ".pdf");
    }
    case web::FileForm::html:
    case web::FileForm::json:
      break;
  }
  return web::Document{.body = web::bytes(html_of(report)),
                       .content_type = "text/html; charset=utf-8",
                       .etag = {},
                       .gzipped = {},
                       .attachment = {},
                       .printed = true};
}

template <class Values>
void sign(Values& report, const RecordSource& source, const ReportRequest& request) {
  report.language = request.language;
  report.made_by = request.made_by;
  report.made_at = source.local_time(request.now);
}

}  // namespace

web::Answer report_file(const RecordSource& source, Past& past, const ReportRequest& request,
                        const RecordSource::GoOn& go_on) {
  if (request.enterprise.empty()) {
    auto report = source.park(past, request.days, go_on);
    sign(report, source, request);
    return made(report, request, go_on);
  }
  auto report = source.report(past, request.enterprise, request.days, go_on);
  sign(report, source, request);
  return made(report, request, go_on);
}

}  // namespace hazgate::app
