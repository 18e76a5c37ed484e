// Evaluate: the exposure rules as a command, JSON in and JSON out, for laboratories, auditors and tests.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "settings/limit_table.hpp"

namespace hazgate::app {

/// Where the input is wrong and what would be right, in one line.
struct BadInput : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Input beyond this is refused: it holds a million readings.
inline constexpr std::size_t most_input = 128U << 20U;

/// One object in, one object out. Throws BadInput.
std::string evaluate(std::string_view json, const settings::LimitTable& limits);

}  // namespace hazgate::app
