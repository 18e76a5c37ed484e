// Compaction, the part that reads: an hour that has ended becomes stretches, a minute that has ended becomes figures.
// On a connection of its own, so that nobody waits for it; what it makes is stored in small steps
// (storage/history_steps.hpp).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/chunk_codec.hpp"
#include "storage/database.hpp"
#include "storage/roll_up.hpp"

namespace hazgate::storage {

/// Ids of frames.
struct FrameRange {
  std::int64_t after = 0, upto = 0;
  friend bool operator==(const FrameRange&, const FrameRange&) = default;
};

/// The frames of one device within one hour, and all that is stored of them.
struct Stretch {
  struct PointPart {
    std::vector<std::byte> samples, minutes;
    RollUp hour;
  };
  std::int64_t layout = 0, hour = 0, first_frame = 0, frames = 0;
  std::vector<std::byte> moments;
  std::vector<PointPart> points;
  std::size_t bytes() const;
};

struct UnreadableFrame {
  std::int64_t id = 0, layout = 0, at = 0;
  std::vector<std::byte> samples;
};

/// One minute of every device that told something.
struct RecentMinute {
  struct Row {
    std::int64_t layout = 0;
    std::vector<std::byte> frames, minutes;
  };
  FrameRange range;
  std::vector<Row> rows;
};

class Compactor {
 public:
  /// What the raw numbers of a point were made values with; for a point of the past anything.
  using ScaleOf = std::function<Scale(std::string_view point)>;
  Compactor(Database& database, ScaleOf scale_of);
  ~Compactor();

  /// The oldest frames that are not compacted, up to the end of their hour; none before that is over for `settle`, nor
  /// while one of them is behind `most` (the least checkpoint: a restart reads on from there). A frame that says it
  /// comes from the future is taken as it is.
  std::optional<FrameRange> hour_to_compact(core::Timestamp now, std::int64_t most);
  /// Reads the range several times over, with a few MiB in memory at a time.
  void compact(const FrameRange& range, const std::function<void(Stretch)>& stretch,
               const std::function<void(UnreadableFrame)>& unreadable);
  /// The oldest minute that is neither compacted nor rolled up, likewise; until then its frames themselves are read.
  std::optional<RecentMinute> minute_to_roll_up(core::Timestamp now);

  static constexpr core::Duration settle = std::chrono::minutes(5), minute_settles = std::chrono::seconds(15);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hazgate::storage
