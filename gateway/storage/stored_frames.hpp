// Stored frames in the order in which they arrived, whether they stand as frames or in the chunks of their hour.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/reading.hpp"
#include "storage/database.hpp"
#include "storage/layouts.hpp"

namespace hazgate::storage {

/// What counts as compacted; from one transaction with what is read beside it.
struct Compacted {
  std::int64_t frame = 0;         ///< frames up to this id stand in stretches
  std::int64_t next_stretch = 0;  ///< stretches from this id on are unfinished
  std::int64_t rolled_up = 0;     ///< frames behind `frame`, up to this id, are in recent_roll_up
};
Compacted compacted(SQLite::Database& database);

/// A stored frame as it comes back; valid during the visit.
struct StoredFrame {
  std::int64_t id;
  std::string_view device_id;
  std::span<const Layout::Column> columns;  ///< what the samples are; there may be fewer samples than columns
  core::Timestamp at;
  std::span<const core::Sample> samples;
  std::optional<double> heartbeat;
};

struct WantedFrames {
  std::int64_t after = std::numeric_limits<std::int64_t>::min();       ///< frames with a greater id
  std::int64_t first_hour = std::numeric_limits<std::int64_t>::min();  ///< since 1970, UTC
  std::int64_t last_hour = std::numeric_limits<std::int64_t>::max();   ///< included
  bool uncompacted = true;                                             ///< also those that are not compacted yet
  std::function<bool(const Layout&)> layout = [](const Layout&) { return true; };  ///< is its device wanted?
};

/// Shows each frame that is wanted and can be understood; gives the number of those that cannot. In memory are the
/// stretches that overlap: one hour of the devices that are wanted. One snapshot of the store: what is committed
/// meanwhile is not seen. `visit` must not append. Throws SQLite::Exception.
std::uint64_t for_each_stored_frame(SQLite::Database& database, const WantedFrames& wanted,
                                    const std::function<void(const StoredFrame&)>& visit);

/// The same for who has no statement of its own to run. Throws StoreError.
std::uint64_t for_each_frame(Database& database, const WantedFrames& wanted,
                             const std::function<void(const StoredFrame&)>& visit);

struct HourWithFrames {
  std::int64_t number = 0;   ///< since 1970, UTC
  bool uncompacted = false;  ///< some of its frames are not compacted yet
};
/// In order of time, also those of which no frame can be understood. Throws StoreError.
std::vector<HourWithFrames> hours_with_frames(Database& database);
/// Every point of which something may be stored, each once. Throws StoreError.
std::vector<std::string> stored_points(Database& database);

}  // namespace hazgate::storage
