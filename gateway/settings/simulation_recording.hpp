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
  std::vector<double> seconds, values;  ///< ascending, from 0; NaN where a row has no value
};

/// Seconds since some fixed moment: a plain number, or "YYYY-MM-DD HH:MM[:SS]" with a blank or T between. A zone (Z) is
/// allowed and not looked at: only differences count.
std::optional<double> seconds_of_recording(std::string_view text);

/// The series of one compound, by the CAS number that a profile's measure has.
struct CompoundSeries {
  std::string cas;
  Series series;
};

/// Files of one folder, each parsed once however many columns are played. Problems are reported at the key of the
/// [[play]], or at the line of the file.
class Recordings {
 public:
  Recordings(std::filesystem::path folder, Problems& problems);

  /// The series that the keys file, column, and time or interval of a [[play]] name.
  std::optional<Series> read(TomlReader& play);
  /// The series of all columns that the key compounds names: a CSV file with column and cas; a row without a cas is
  /// none of them.
  std::vector<CompoundSeries> read_compounds(TomlReader& play);

 private:
  /// Where the rows of a file stand in time; without a time column row n is n intervals late.
  struct Rows {
    const CsvTable* table = nullptr;
    std::optional<std::size_t> time;
    double interval = 0;
  };
  const CsvTable* table(const std::string& key, TomlReader& play);
  std::optional<Rows> rows(TomlReader& play);
  std::optional<Series> series(const Rows& rows, std::size_t column);
  bool take(const Rows& rows, std::size_t index, std::size_t column, Series& series);

  std::filesystem::path folder_;
  Problems& problems_;
  std::map<std::string, std::optional<CsvTable>> tables_;
};

}  // namespace hazgate::settings
