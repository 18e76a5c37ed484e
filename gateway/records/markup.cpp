#include "records/markup.hpp"

#include <fmt/format.h>

#include <cmath>

#include "feed/alarm_text.hpp"
#include "records/cell.hpp"
#include "records/report_figures.hpp"

namespace hazgate::records {

namespace {

constexpr std::string_view common_style = R"(
*{box-sizing:border-box}
html{font-family:"Noto Sans CJK SC","WenQuanYi Micro Hei","Microsoft YaHei","SimSun",sans-serif;font-size:14px;line-height:1.45;color:#111;background:#fff}
body{margin:0 auto;max-width:1100px;padding:16px}
h1{font-size:1.9em;line-height:1.25;margin:0 0 .2em}
h2{font-size:1.3em;margin:1.6em 0 .5em;padding-bottom:.15em;border-bottom:2px solid #111;break-after:avoid}
h3{font-size:1.08em;margin:1.2em 0 .4em;break-after:avoid}
p{margin:.4em 0}
.lead{font-size:1.35em;margin:0 0 1em}
.scroll{overflow-x:auto}
.data{width:100%;min-width:900px;table-layout:fixed;border-collapse:separate;border-spacing:0;margin:.4em 0}
.data th{text-align:left;vertical-align:bottom;font-weight:bold;border-bottom:1.5px solid #111;padding:.3em .4em;background:#e8eef2}
.data td{vertical-align:top;border-bottom:1px solid #999;padding:.3em .4em;overflow-wrap:anywhere}
.data thead{display:table-header-group}
.data tr{break-inside:avoid}
.n{font-variant-numeric:tabular-nums}
.facts{break-inside:avoid;border-collapse:separate;border-spacing:0;margin:.4em 0;width:100%;table-layout:fixed}
.facts th{width:24%;text-align:left;vertical-align:top;font-weight:normal;color:#444;padding:.15em .8em .15em 0}
.facts td{vertical-align:top;padding:.15em 0;overflow-wrap:anywhere}
.small{display:block;font-size:.86em;color:#444}
.hash{font-family:"DejaVu Sans Mono",monospace;font-size:.8em;overflow-wrap:anywhere}
.exceeds{font-weight:bold;border:1.5px solid #111;padding:0 .3em;display:inline-block}
.insufficient{border:1px dashed #111;padding:0 .3em;display:inline-block}
.glance{list-style:none;margin:.4em 0;padding:0}
.glance li{display:inline-block;vertical-align:top;width:23.5%;min-width:150px;border:1px solid #999;padding:.4em .6em;margin:0 .3% .5em 0}
.glance b{display:block;font-size:1.45em;line-height:1.3;overflow-wrap:anywhere}
.notes{border-left:4px solid #111;padding:.1em .9em;margin:.8em 0;break-inside:avoid}
.contents{columns:2;margin:.4em 0;padding-left:1.6em}
.contents a{color:inherit}
article{border:1px solid #999;padding:.2em .9em .5em;margin:.9em 0;box-decoration-break:clone}
.bar{display:block;width:100%;max-width:110px;height:7px;margin-top:3px}
.sign{width:100%;table-layout:fixed;border-collapse:separate;border-spacing:1.2em 0;margin-top:2.4em;break-inside:avoid}
.sign td{vertical-align:bottom;border-bottom:1px solid #111;height:3.4em;padding:.2em 0}
@media print{
html{font-size:8.6pt;line-height:1.35}
body{max-width:none;padding:0}
.scroll{overflow:visible}
.data{min-width:0}
.cover{break-after:page}
.glance li{min-width:0}
}
)";

/// Margins of a sheet, and its number; `page_number` is the value of CSS content.
std::string page_style(std::string_view page_number) {
  return fmt::format(
      "@page{{size:A4;margin:16mm 14mm 18mm;@bottom-center{{font:8pt \"Noto Sans CJK SC\",\"WenQuanYi Micro "
      "Hei\",\"Microsoft YaHei\",\"SimSun\",sans-serif;content:{}}}}}\n",
      page_number);
}

}  // namespace

std::string report_style(std::string_view language) {
  std::string style = page_style(language == "en" ? R"("Page " counter(page) " / " counter(pages))"
                                                  : R"("第 " counter(page) " / " counter(pages) " 页")");
  style += common_style;
  for (int percent = 4; percent <= 60; ++percent) style += fmt::format(".w{}{{width:{}%}}", percent, percent);
  return style + "\n";
}

Markup& Markup::text(std::string_view text) {
  append_markup_text(out_, text);
  return *this;
}

Markup& Markup::raw_word(const Word& word) { return text(say_(word)); }

Markup& Markup::figure(double value, double limit, std::string_view unit, std::string_view before) {
  if (!std::isfinite(value)) return text("—");
  raw("<data value=\"").raw(exact(value)).raw("\">").text(before).raw(feed::rounded(value, limit)).raw("</data>");
  const auto shown = unit_text(unit);
  return shown.empty() ? *this : text("\u00A0").text(shown);
}

Markup& Markup::share(double value) {
  if (!std::isfinite(value)) return text("—");
  return raw("<data value=\"").raw(exact(value)).raw("\">").text(percent_text(value)).raw("</data>");
}

Markup& Markup::verdict(core::Verdict verdict) {
  raw("<span class=\"").raw(core::name(verdict)).raw("\">");
  return text(verdict_word(verdict)).raw("</span>");
}

Markup& Markup::rate(const PassRate& rate) {
  const auto share = rate.rate();
  if (!share) return text(words::no_rate);
  this->share(*share);
  text(fmt::format("  ({}/{})", rate.compliant, rate.judged()));
  return raw(
      fmt::format("<svg class=\"bar\" viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
                  "<rect width=\"100\" height=\"8\" fill=\"#ddd\"/>"
                  "<rect width=\"{:.1f}\" height=\"8\" fill=\"#444\"/></svg>",
                  *share * 100));
}

Markup& Markup::open_table(Head head) {
  raw("<div class=\"scroll\"><table class=\"data\"><colgroup>");
  for (const auto& [word, width] : head) raw(fmt::format("<col class=\"w{}\"/>", width));
  raw("</colgroup><thead><tr>");
  for (const auto& [word, width] : head) raw("<th scope=\"col\">").text(word).raw("</th>");
  return raw("</tr></thead><tbody>\n");
}

Markup& Markup::small(std::string_view text) {
  if (text.empty()) return *this;
  return raw("<span class=\"small\">").text(text).raw("</span>");
}

Markup& Markup::paragraph(std::string_view text) { return raw("<p>").text(text).raw("</p>\n"); }

Markup& Markup::fact(const Word& name, std::string_view text) {
  if (text.empty()) return *this;
  return raw("<tr><th scope=\"row\">").text(say_(name)).raw("</th><td>").text(text).raw("</td></tr>\n");
}

Markup& Markup::glance(const Word& name, std::string_view figure) {
  return raw("<li><b>").text(figure).raw("</b>").text(name).raw("</li>\n");
}

std::string Markup::document(std::string_view title) {
  std::string page = "<!DOCTYPE html>\n<html lang=\"";
  page += say_.english() ? "en" : "zh-CN";
  page += "\">\n<head>\n<meta charset=\"utf-8\"/>\n";
  page += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>";
  append_markup_text(page, title);
  page += "</title>\n<style>" + report_style(say_.english() ? "en" : "zh") + "</style>\n</head>\n<body>\n";
  page += out_;
  page += "</body>\n</html>\n";
  return page;
}

}  // namespace hazgate::records
