// The recordings of tests/data, cell by cell and as an instrument would show them.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace hazgate::test {

using Row = std::map<std::string, std::string>;

/// Each cell of a CSV file by the name of its column.
std::vector<Row> table(const std::filesystem::path& file);
/// Of a file in tests/data.
std::vector<Row> rows(const std::string& file);
/// NaN where the cell is blank.
double figure(const Row& row, const std::string& column);
/// 2019-08-12T00:00[:00[Z]], also with a blank for the T.
std::chrono::sys_seconds iso(const std::string& text);

/// What plays on an instrument: one column, and when its rows were taken.
struct Recording {
  std::string file, column;
  std::string time;  ///< column: seconds, or date and time; empty: rows come every `every` seconds
  double every = 0;
  std::string device = {};  ///< only the rows whose column "device" says so
};

struct Shown {
  std::int64_t second = 0;  ///< since the recording began
  double value = 0;         ///< NaN where the cell is blank
};
/// The instrument asked every `period` seconds: it shows its newest row, and gives no answer where that is older than
/// three periods.
std::vector<Shown> asked(const Recording& recording, std::int64_t period);

}  // namespace hazgate::test
