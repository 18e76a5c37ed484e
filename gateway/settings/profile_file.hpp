// One file of profiles/ to a modbus::Profile, strictly, together with what it leaves to the site.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drivers/profile.hpp"
#include "settings/toml_reader.hpp"

namespace hazgate::settings {

/// A profile and the keys that its manual leaves open (`confirm`): the site must state them, nobody guesses.
struct ProfileFile {
  modbus::Profile profile;
  std::vector<std::string> open;                          ///< of "word_order", "address_base": stated at the [[device]]
  std::vector<std::vector<std::string>> open_in_measure;  ///< same order as the measures: stated in [[device.point]]
  std::vector<std::string> measure_names;                 ///< what people read, may be empty
  std::vector<std::string> expect_ids;                    ///< same order as the expects; may be empty
  std::vector<bool> open_expects;                         ///< `equals` is stated in [[device.expect]]
};

/// What [[measure]] and [[device.point]] may both say. A value that is absent leaves the measure as it is.
void read_measure_values(TomlReader& reader, modbus::Measure& measure, std::string& name);

/// Of a measure with its overrides: unit and agent present, min below max, scale not 0.
void check_measure(const TomlReader& reader, const modbus::Measure& measure);

/// `stem` is the name of the file without .toml, which `profile` must repeat. Empty when anything is wrong.
std::optional<ProfileFile> parse_profile(std::string_view text, const std::string& file, const std::string& stem,
                                         Problems& problems);

}  // namespace hazgate::settings
