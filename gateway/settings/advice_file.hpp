// config/advice.toml as a list: what to do first, by hazard and level.
#pragma once

#include <filesystem>
#include <vector>

#include "core/advice.hpp"
#include "settings/problem.hpp"

namespace hazgate::settings {

/// One row for each word of `for`. Strict; an entry that is wrong gives a problem and no row.
std::vector<core::Advice> read_advice(const std::filesystem::path& file, Problems& problems);

}  // namespace hazgate::settings
