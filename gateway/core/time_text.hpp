// Times as files and commands write them.
#pragma once

#include <optional>
#include <string_view>

#include "core/reading.hpp"

namespace hazgate::core {

/// 2026-11-23T20:00:00[.123456](Z|+08:00).                                                                     RFC 3339
std::optional<Timestamp> time_from(std::string_view text);

}  // namespace hazgate::core
