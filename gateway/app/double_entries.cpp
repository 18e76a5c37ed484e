#include "app/double_entries.hpp"

#include <fmt/format.h>

#include <vector>

namespace hazgate::app {

std::optional<std::uint64_t> same_one(const storage::Assessments& store, const core::Assessment& a) {
  const auto page = store.newest(
      {.enterprise = a.enterprise, .workplace = a.workplace, .agent = a.agent, .first_day = a.day, .last_day = a.day});
  for (const auto& other : page.assessments)
    if (other.number != a.number && records::identity(other) == records::identity(a)) return other.number;
  return std::nullopt;
}

records::Text already_there(std::uint64_t number) {
  return {
      fmt::format("同一检测（岗位、危害因素、日期、对象、报告编号相同）已存为 {} 号；请更正那一条", number),
      fmt::format("the same assessment (workplace, agent, date, subject, report number) is no. {}; correct that one",
                  number)};
}

void leave_out_doubles(const storage::Assessments& store, records::Import& import) {
  std::erase_if(import.good, [&](const records::Imported& one) {
    const auto other = same_one(store, one.assessment);
    if (!other) return false;
    import.fault({.line = one.lines.front(), .column = {}, .text = already_there(*other)});
    ++import.bad;
    return true;
  });
}

}  // namespace hazgate::app
