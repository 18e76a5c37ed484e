#include "settings/limit_files.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "settings/toml_document.hpp"
#include "settings/words.hpp"

namespace hazgate::settings {

using core::Limit;
using core::LimitKind;
using core::Unit;

namespace {

std::vector<std::string> split(std::string_view list, std::string_view separators) {
  std::vector<std::string> parts;
  while (!list.empty()) {
    const auto end = std::min(list.find_first_of(separators), list.size());
    if (end > 0) parts.emplace_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return parts;
}

}  // namespace

CsvTable LimitTable::Files::open(const std::string& name) const {
  for (const auto& folder : folders) {
    std::error_code ignored;
    if (!std::filesystem::exists(folder / name, ignored)) continue;
    const auto text = read_text(folder / name, problems);
    return text ? parse_csv(*text, (folder / name).string(), problems) : CsvTable{};
  }
  std::string where;
  for (const auto& folder : folders) where += (where.empty() ? "" : " or ") + folder.string();
  problems.push_back({name, 0, 0, "no such file in " + where});
  return {};
}

const std::string& CsvColumns::text(const CsvRow& row, std::string_view column) {
  static const std::string none;
  auto found = found_.find(column);
  if (found == found_.end()) {
    found = found_.emplace(std::string{column}, table_.column(column)).first;
    if (!found->second) problems_.push_back({table_.file, 1, 1, fmt::format("the column {} is missing", column)});
  }
  return found->second ? row.fields[*found->second] : none;
}

std::optional<double> CsvColumns::positive(const CsvRow& row, std::string_view column) {
  const std::string& field = text(row, column);
  if (field.empty()) return {};
  double value{};
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error == std::errc{} && end == field.data() + field.size() && std::isfinite(value) && value > 0) return value;
  problems_.push_back(
      {table_.file, row.line, 1, fmt::format("{}: {} is not a number greater than 0", column, in_quotes(field))});
  return {};
}

LimitTable LimitTable::read(const std::vector<std::filesystem::path>& folders, Problems& problems) {
  Files files{folders, problems};
  LimitTable table;
  table.read_chemicals(files);
  table.read_dusts(files);
  table.read_voc(files);
  table.read_molar_masses(files);
  table.read_isomers(files);
  table.read_physical(files);
  return table;
}

void LimitTable::read_chemicals(Files& files) {
  const CsvTable csv = files.open("limits/gbz2_1_chemicals.csv");
  CsvColumns columns{csv, files.problems};
  for (const CsvRow& row : csv.rows) {
    Chemical chemical{columns.text(row, "no"),
                      columns.text(row, "name_zh"),
                      columns.text(row, "name_en"),
                      columns.text(row, "by_number_only"),
                      columns.text(row, "notation"),
                      split(columns.text(row, "cas"), ";/"),
                      {}};
    const std::string source = fmt::format("{} Table 1 no. {}", columns.text(row, "source"), chemical.no);
    const auto add = [&](LimitKind kind, std::string_view column) {
      if (const auto value = columns.positive(row, column))
        chemical.limits.push_back({kind, *value, Unit::mg_per_m3, source});
    };
    add(LimitKind::mac, "mac_mg_m3");
    add(LimitKind::pc_twa, "pc_twa_mg_m3");
    add(LimitKind::pc_stel, "pc_stel_mg_m3");
    for (const std::string& cas : chemical.cas) chemicals_by_cas_[cas].push_back(chemicals_.size());
    chemicals_.push_back(std::move(chemical));
  }
}

void LimitTable::read_dusts(Files& files) {
  const CsvTable csv = files.open("limits/gbz2_1_dusts.csv");
  CsvColumns columns{csv, files.problems};
  for (const CsvRow& row : csv.rows)
    dusts_.push_back({columns.text(row, "no"), columns.text(row, "name_zh"), columns.text(row, "name_en"),
                      columns.text(row, "cas"), columns.text(row, "source"),
                      columns.positive(row, "pc_twa_total_mg_m3"), columns.positive(row, "pc_twa_respirable_mg_m3")});
}

void LimitTable::read_voc(Files& files) {
  const CsvTable csv = files.open("voc116.csv");
  CsvColumns columns{csv, files.problems};
  for (const CsvRow& row : csv.rows) {
    const auto mass = columns.positive(row, "molar_mass_g_mol");
    if (!mass) continue;
    for (const std::string& cas : split(columns.text(row, "cas"), ";/"))
      substances_[cas] = {columns.text(row, "name_zh"), columns.text(row, "name_en"), {*mass}};
  }
}

void LimitTable::read_molar_masses(Files& files) {
  const CsvTable csv = files.open("limits/molar_mass.csv");
  CsvColumns columns{csv, files.problems};
  for (const CsvRow& row : csv.rows) {
    const auto mass = columns.positive(row, "molar_mass_g_mol");
    const auto counted = columns.positive(row, "counted_g_mol");
    if (mass) substances_[columns.text(row, "cas")] = {"", columns.text(row, "name_en"), {counted.value_or(*mass)}};
  }
}

void LimitTable::read_isomers(Files& files) {
  const CsvTable csv = files.open("limits/gbz2_1_voc116_crosswalk.csv");
  CsvColumns columns{csv, files.problems};
  for (const CsvRow& row : csv.rows) {
    const std::string& no = columns.text(row, "gbz2_1_no");
    if (no.empty()) continue;
    for (const std::string& cas : split(columns.text(row, "cas"), ";/")) listed_as_[cas] = no;
  }
}

void LimitTable::read_physical(Files& files) {
  const CsvTable csv = files.open("limits/gbz2_2_physical.csv");
  CsvColumns columns{csv, files.problems};
  const auto limit = [&](const CsvRow& row, LimitKind kind, Unit unit) {
    return Limit{kind, columns.positive(row, "limit_value").value_or(0), unit,
                 fmt::format("{} {}", columns.text(row, "source"), columns.text(row, "clause"))};
  };
  for (const CsvRow& row : csv.rows) {
    const std::string& id = columns.text(row, "limit_id");
    if (id == "noise_lex8h_85_5d_8h") noise_limits_.push_back(limit(row, LimitKind::lex_8h, Unit::db_a));
    if (id == "noise_work_80") noise_limits_.push_back(limit(row, LimitKind::action, Unit::db_a));
    if (const auto words = split(id, "_"); words.size() == 3 && words[0] == "wbgt" && words[1].ends_with("pct")) {
      const std::string rate = words[1].substr(0, words[1].size() - 3), &work_class = words[2];
      auto& heat = heat_[fmt::format("wbgt:{}:{}", rate, work_class)] =
          limit(row, LimitKind::wbgt, Unit::degree_celsius);
      heat.source += fmt::format(", contact time rate {} %, work class {}", rate, work_class);
    }
  }
}

}  // namespace hazgate::settings
