#include "settings/problem.hpp"

#include <fmt/format.h>

namespace hazgate::settings {

std::string to_string(const Problem& problem) {
  if (problem.line == 0) return fmt::format("{}: {}", problem.file, problem.text);
  if (problem.column == 0) return fmt::format("{}:{}: {}", problem.file, problem.line, problem.text);
  return fmt::format("{}:{}:{}: {}", problem.file, problem.line, problem.column, problem.text);
}

}  // namespace hazgate::settings
