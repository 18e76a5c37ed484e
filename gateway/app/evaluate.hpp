// Evaluate: the exposure rules as a command, JSON in and JSON out, for laboratories, auditors and tests.
#pragma once

#include <istream>
#include <string>
#include <string_view>

#include "app/evaluate_input.hpp"
#include "settings/limit_table.hpp"

namespace hazgate::app {

/// One object in, one object out, without a line's end. Throws BadInput.
std::string evaluate(std::string_view json, const settings::LimitTable& limits);
std::string evaluate(std::istream& json, const settings::LimitTable& limits);

}  // namespace hazgate::app
