// A recorded series out of a CSV file.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "settings/csv.hpp"
#include "settings/toml_reader.hpp"

namespace hazgate::settings {

struct Series {
  std::vector<double> seconds, values;  ///< ascending, from 0; rows without a value are left out
};

/// Seconds since some fixed moment: a plain number, or "YYYY-MM-DD HH:MM[:SS]" with a blank or T between. A zone (Z) is
/// allowed and not looked at: only differences count.
std::optional<double> seconds_of_recording(std::string_view text);

/// Files of one folder, each parsed once however many columns are played.
class Recordings {
 public:
  Recordings(std::filesystem::path folder, Problems& problems);

  /// The series that the keys file, column, and time or interval of a [[play]] name. Problems are reported at the key,
  /// or at the line of the file.
  std::optional<Series> read(TomlReader& play);

 private:
  const CsvTable* table(const std::string& file, TomlReader& play);

  std::filesystem::path folder_;
  Problems& problems_;
  std::map<std::string, std::optional<CsvTable>> tables_;
};

}  // namespace hazgate::settings
