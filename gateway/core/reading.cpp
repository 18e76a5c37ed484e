#include "core/reading.hpp"

namespace hazgate::core {

std::optional<Flag> flag_from(char letter) {
  switch (auto flag = static_cast<Flag>(letter)) {
    case Flag::normal:
    case Flag::over_range:
    case Flag::device_fault:
    case Flag::link_lost:
    case Flag::calibrating:
    case Flag::maintenance:
    case Flag::stopped:
    case Flag::by_hand:
    case Flag::below_loq:
      return flag;
  }
  return std::nullopt;
}

}  // namespace hazgate::core
