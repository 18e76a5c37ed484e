#include "settings/voc_list.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "settings/limit_files.hpp"
#include "settings/toml_document.hpp"
#include "settings/words.hpp"

namespace hazgate::settings {

namespace {

CsvTable open(const std::vector<std::filesystem::path>& folders, Problems& problems) {
  for (const auto& folder : folders) {
    const auto path = folder / "voc116.csv";
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) continue;
    const auto text = read_text(path, problems);
    return text ? parse_csv(*text, path.string(), problems) : CsvTable{};
  }
  return {};
}

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= list.size();) {
    const auto end = std::min(list.find('/', from), list.size());
    parts.emplace_back(list.substr(from, end - from));
    from = end + 1;
  }
  return parts;
}

std::uint8_t number_of(const std::string& name, std::vector<std::string>& names) {
  const auto found = std::ranges::find(names, name);
  const auto number = static_cast<std::size_t>(found - names.begin());
  if (found == names.end() && names.size() < std::numeric_limits<std::uint8_t>::max()) names.push_back(name);
  return static_cast<std::uint8_t>(std::min(number, names.size() - 1));
}

/// Zero and negative ones are real; an empty field is none.
std::optional<double> reactivity(const std::string& field, const CsvTable& csv, const CsvRow& row, Problems& problems) {
  if (field.empty()) return {};
  double value{};
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (error == std::errc{} && end == field.data() + field.size() && std::isfinite(value)) return value;
  problems.push_back({csv.file, row.line, 1, fmt::format("mir_g_o3_per_g: {} is not a number", in_quotes(field))});
  return {};
}

}  // namespace

std::string cas_text(const VocCompound& compound) { return fmt::format("{}", fmt::join(compound.cas, "/")); }

VocList VocList::read(const std::vector<std::filesystem::path>& folders, Problems& problems) {
  const CsvTable csv = open(folders, problems);
  CsvColumns columns{csv, problems};
  VocList list;
  for (const CsvRow& row : csv.rows) {
    const auto mass = columns.positive(row, "molar_mass_g_mol");
    if (!mass) continue;
    list.compounds.push_back({.name_zh = columns.text(row, "name_zh"),
                              .name_en = columns.text(row, "name_en"),
                              .cas = split(columns.text(row, "cas")),
                              .molar_mass = {*mass},
                              .mir = reactivity(columns.text(row, "mir_g_o3_per_g"), csv, row, problems),
                              .family = number_of(columns.text(row, "family"), list.families),
                              .chemical_class = number_of(columns.text(row, "chemical_class"), list.classes)});
  }
  return list;
}

const VocCompound* VocList::find(std::string_view cas) const {
  for (const VocCompound& compound : compounds)
    if (std::ranges::find(compound.cas, cas) != compound.cas.end() ||
        fmt::format("{}", fmt::join(compound.cas, "/")) == cas)
      return &compound;
  return nullptr;
}

std::vector<std::string> VocList::cas_numbers() const {
  std::vector<std::string> all;
  for (const VocCompound& compound : compounds) all.insert(all.end(), compound.cas.begin(), compound.cas.end());
  return all;
}

}  // namespace hazgate::settings
