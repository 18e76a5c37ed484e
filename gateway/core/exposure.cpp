#include "core/exposure.hpp"

#include <array>

namespace hazgate::core {

bool Episodes::broken() const {
  return count > 4 || exceeds(longest_minutes, 15) || (count > 1 && exceeds(60, closest_minutes));
}

std::string_view name(Breach breach) {
  static constexpr std::array<std::string_view, 9> words{"MAC",    "PC-TWA",  "PC-STEL", "PE-3x", "PE-5x",
                                                         "LEX_8h", "LEX_40h", "MIXTURE", "PEAK"};
  return words.at(static_cast<std::size_t>(breach));
}

std::string_view name(Verdict verdict) {
  static constexpr std::array<std::string_view, 4> words{"compliant", "exceeds", "insufficient", "no_limit"};
  return words.at(static_cast<std::size_t>(verdict));
}

}  // namespace hazgate::core
