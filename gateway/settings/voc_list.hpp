// config/voc116.csv as a list of compounds: what a channel of a VOC station needs to become mass and ozone.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/units.hpp"
#include "settings/csv.hpp"

namespace hazgate::settings {

struct VocCompound {
  std::string name_zh, name_en;
  std::vector<std::string> cas;  ///< several where isomers leave the column together
  core::GramPerMol molar_mass;
  std::optional<double> mir;  ///< g O3 / g; none where nobody measured one
  std::uint8_t family = 0, chemical_class = 0;
};

/// As in the list: "108-38-3/106-42-3" where isomers leave the column together.
std::string cas_text(const VocCompound& compound);

struct VocList {
  std::vector<VocCompound> compounds;
  std::vector<std::string> families, classes;  ///< what the numbers of the compounds mean

  /// From the first of the folders that has voc116.csv. That none has it is left to the LimitTable to report.
  static VocList read(const std::vector<std::filesystem::path>& folders, Problems& problems);
  /// By one of its CAS numbers, or by all of them as in the list ("108-38-3/106-42-3").
  const VocCompound* find(std::string_view cas) const;
  std::vector<std::string> cas_numbers() const;
};

}  // namespace hazgate::settings
