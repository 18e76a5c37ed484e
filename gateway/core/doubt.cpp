#include "core/doubt.hpp"

#include <algorithm>
#include <array>

namespace hazgate::core {

namespace {
constexpr std::array<std::string_view, 15> names{
    "none",    "below_range", "error_value",   "not_a_number", "rate",    "stuck",          "device_state", "heartbeat",
    "warm_up", "no_answer",   "no_connection", "garbled",      "refused", "wrong_identity", "disagreement"};
static_assert(names.size() == static_cast<std::size_t>(Doubt::disagreement) + 1);
}  // namespace

std::string_view name(Doubt doubt) { return names[static_cast<std::size_t>(doubt)]; }

std::optional<Doubt> doubt_from(std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Doubt>(found - names.begin());
}

std::optional<Doubt> doubt_of_sample(std::uint8_t number) {
  const bool known = number < names.size() && static_cast<Doubt>(number) != Doubt::disagreement;
  return known ? std::optional(static_cast<Doubt>(number)) : std::nullopt;
}

}  // namespace hazgate::core
