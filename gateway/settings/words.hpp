// The small words of the configuration: ids, durations, clock times, registers; and the nearest valid one.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/profile.hpp"

namespace hazgate::settings {

/// Insertions, deletions, substitutions and swaps of neighbours that lead from a to b (bytes).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The valid word that was probably meant; empty when none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& valid);

/// `; did you mean "x"?`, or a list of what is valid while that is short, or nothing.
std::string hint(std::string_view word, const std::vector<std::string>& valid);

/// In double quotes, control characters escaped, cut to a readable length: safe for a terminal and a log line.
std::string in_quotes(std::string_view text);

/// "500ms", "1s", "10m", "2h", "90d", "10y" (of 365 days).
std::optional<std::chrono::milliseconds> duration_from(std::string_view text);

/// "08:00" to minutes of the day.
std::optional<int> minute_of_day(std::string_view text);

/// "holding 0x01FA", "input 37".
struct RegisterWord {
  modbus::Table table{};
  std::uint16_t address = 0;
};
std::optional<RegisterWord> register_from(std::string_view text);

/// Why this cannot be an id, or empty. Ids become MQTT topic levels and file words.
std::string id_trouble(std::string_view id);

}  // namespace hazgate::settings
