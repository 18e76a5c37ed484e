// A store that is damaged when the gateway starts: it is set aside, and what can be read of it goes on in a new one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace hazgate::storage {

class FileLock;

struct Rescue {
  std::filesystem::path aside;  ///< where the damaged file is now
  std::string why;              ///< what was found
  std::uint64_t rows = 0;       ///< that came along: alarms, exposures, numbers, messages owed
  bool numbers_lost = false;  ///< some last numbers could not be read: all new ones begin far above any that was given
};

/// Checks the file whole up to 64 MiB, beyond that all but its large tables. None when it is good, or is not there yet.
/// Damaged, it is renamed (never deleted) and a new one begun with every row that can still be read, but for readings,
/// the figures of minutes and hours made of them, and what refers to them: those stay in the renamed file. Exposures
/// are final until retention moves again. Throws StoreError for everything else that is in the way.
///
/// No number is given twice: where the last ones cannot be read, streams and alarms go on from the milliseconds since
/// 1970, which no count reaches. A subscriber sees a hole, and not an old number with a new content.
/// `held`: as of Database.
std::optional<Rescue> rescue(const std::filesystem::path& file, const std::shared_ptr<FileLock>& held = {});

}  // namespace hazgate::storage
