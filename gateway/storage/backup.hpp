// A copy of a store while its gateway runs.
#pragma once

#include <filesystem>
#include <functional>

#include "storage/database.hpp"

namespace hazgate::storage {

/// Copies the store as it stands at this moment into a new file (0600), a MiB a step; nobody waits for it, the log of
/// the running gateway only grows until it is done. The copy is checked before it gets its name; a file of that name is
/// never written over. `progress` hears which part is done, 0 to 1. Throws StoreError.
void back_up(const std::filesystem::path& store, const std::filesystem::path& to,
             const std::function<void(double)>& progress);

}  // namespace hazgate::storage
