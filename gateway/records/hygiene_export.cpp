#include "records/hygiene_export.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "records/cell.hpp"
#include "records/report_figures.hpp"

namespace hazgate::records {

namespace {

std::string field(std::string_view text) {
  std::string out;
  append_csv_text(out, text);
  return out;
}

}  // namespace

std::string expostats_text(std::span<const HygieneResult> results) {
  std::string text;
  for (const auto& result : results)
    text += fmt::format("{}{}\r\n", result.value.below_loq ? "<" : "", exact(result.value.value));
  return text;
}

std::string ihstat_csv(const HygieneGroup& group, std::span<const HygieneResult> results) {
  auto text = fmt::format("\xEF\xBB\xBFOEL,{},{}\r\nSample data,Remark\r\n",
                          exact(group.limit.value_or(core::no_value)), field(group.unit));
  for (const auto& [date, subject, value] : results) {
    if (value.below_loq) {
      text += fmt::format("{},below LOQ {}: LOQ / sqrt 2 stands for it\r\n", exact(value.value / std::numbers::sqrt2),
                          exact(value.value));
    } else {
      text += fmt::format("{},\r\n", exact(value.value));
    }
  }
  return text;
}

std::string en689_csv(const HygieneGroup& group, std::span<const HygieneResult> results) {
  std::string text = "\xEF\xBB\xBFSEG,Agent,OELV,Unit,Date,Worker or place,Result,LOQ,I = E / OELV\r\n";
  for (const auto& [date, subject, value] : results) {
    const auto index = group.limit ? fmt::format("{}{}", value.below_loq ? "<" : "", exact(value.value / *group.limit))
                                   : std::string();
    text += fmt::format("{},{},{},{},{},{},{}{},{},{}\r\n", field(group.name), field(group.agent),
                        exact(group.limit.value_or(core::no_value)), field(group.unit), date, field(subject),
                        value.below_loq ? "<" : "", exact(value.value),
                        value.below_loq ? exact(value.value) : std::string(), index);
  }
  return text;
}

}  // namespace hazgate::records
