// What compaction and retention change in the store, in steps that are short enough to go between the commits of a
// running gateway. Each belongs into a transaction of its own; a kill between two of them leaves a store that reads the
// same.
#pragma once

#include <cstdint>
#include <optional>

#include "storage/compaction.hpp"
#include "storage/database.hpp"

namespace hazgate::storage {

/// Stretches that a kill left unfinished go, a few a call; true while there may be more. Before the first of an hour.
bool drop_unfinished(Database& database);
void store(Database& database, const Stretch& stretch);
void store(Database& database, const UnreadableFrame& frame);
/// From this moment on the range is read from its stretches: with the last of them.
void finish(Database& database, const FrameRange& range);
void store(Database& database, const RecentMinute& minute);

/// Frames up to this id are compacted and owed to nobody: they may go. Cheap however much is owed.
std::int64_t frames_to_drop(Database& database);
/// At most so many ids a call; true while there are more.
bool drop_frames(Database& database, std::int64_t upto, std::int64_t most);
/// Figures of minutes whose hour is compacted, a minute a call; true while there are more.
bool drop_recent(Database& database);

/// The clock of retention as it was last stored; of a store that is older than that clock its newest reading. None in
/// one that is younger than a day. On any connection.
struct KeptClock {
  core::Timestamp at;
  core::Duration ran{};
};
std::optional<KeptClock> retention_clock(Database& database);
void store(Database& database, const KeptClock& clock);

/// Is there a stretch of an hour before `hour`? On any connection.
bool has_readings_before(Database& database, std::int64_t hour);
/// Stretches, chunks and minutes of hours before `hour`, about so many chunks a call; true while there are more.
bool drop_readings(Database& database, std::int64_t hour, std::size_t most_chunks);
/// Figures of hours before `hour`, of the points behind `after`, so many points a call; where to go on, or empty.
struct PointOfLayout {
  std::int64_t layout = 0, place = -1;
};
std::optional<PointOfLayout> drop_hours(Database& database, std::int64_t hour, PointOfLayout after, int points);
/// Exposures whose shift ended before `since`, so many a call; true while there are more. The only way for a final
/// record to go.
bool drop_exposures(Database& database, core::Timestamp since, int most);
/// Free pages beyond `spare` and a `part`-th of all; none in a file that an older hazgate has begun and that was too
/// large to be converted: it cannot shrink, and only takes them again.
std::int64_t free_pages(Database& database, std::int64_t spare, std::int64_t part);
/// Gives so many back to the file system, at most `most` a call; true while there are more.
bool drop_free_pages(Database& database, std::int64_t pages, int most);

}  // namespace hazgate::storage
