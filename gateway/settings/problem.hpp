// What is wrong with a configuration, all of it at once, each with its place and remedy.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hazgate::settings {

struct Problem {
  std::string file;
  std::uint32_t line = 0, column = 0;  ///< 1-based; 0 where the whole file, or the whole line, is meant
  std::string text;                    ///< key, what is wrong, what was expected, nearest valid word
  friend bool operator==(const Problem&, const Problem&) = default;
};
using Problems = std::vector<Problem>;

/// "gateway.toml:14:8: bus[0].baud: 9601 is not a baud rate; expected 1200, …"
std::string to_string(const Problem& problem);

}  // namespace hazgate::settings
