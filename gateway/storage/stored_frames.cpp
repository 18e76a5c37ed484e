#include "storage/stored_frames.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <memory>
#include <queue>

#include "storage/chunk_codec.hpp"
#include "storage/columns.hpp"
#include "storage/frame_blob.hpp"
#include "storage/roll_up.hpp"
#include "storage/store_error.hpp"

namespace hazgate::storage {

namespace {

using Visit = std::function<void(const StoredFrame&)>;

/// A stretch that is being read, at its next frame.
class OpenStretch {
 public:
  /// Empty where one of its blobs cannot be understood.
  static std::unique_ptr<OpenStretch> read(const Layout& layout, std::int64_t id, std::size_t frames,
                                           std::span<const std::byte> moments, SQLite::Statement& chunk) {
    auto when = moments_from(moments, frames);
    if (!when) return nullptr;
    auto stretch = std::make_unique<OpenStretch>(layout, std::move(*when));
    for (std::size_t place = 0; place < layout.columns.size(); ++place) {
      const auto samples = static_cast<std::size_t>(
          std::ranges::count_if(stretch->moments_.counts, [&](auto count) { return count > place; }));
      Use use(chunk);
      use->bind(1, id + static_cast<std::int64_t>(place));
      auto column = use->executeStep() ? column_from(ColumnReader(*use).bytes(), samples) : std::nullopt;
      if (!column) return nullptr;
      stretch->columns_.push_back(std::move(*column));
    }
    return stretch;
  }
  OpenStretch(const Layout& layout, Moments moments)
      : layout_(layout), moments_(std::move(moments)), taken_(layout.columns.size()) {}

  bool at_end() const { return next_ == moments_.ids.size(); }
  std::int64_t next_id() const { return moments_.ids[next_]; }
  /// The next frame's samples go to `samples`, which the frame refers to.
  StoredFrame take(std::vector<core::Sample>& samples) {
    samples.clear();
    for (std::size_t place = 0; place < moments_.counts[next_] && place < columns_.size(); ++place)
      samples.push_back(columns_[place][taken_[place]++]);
    const auto& beats = moments_.heartbeats;
    const bool beats_now = beat_ < beats.size() && beats[beat_].first == next_;
    const StoredFrame frame{.id = moments_.ids[next_],
                            .device_id = layout_.device,
                            .columns = layout_.columns,
                            .at = core::Timestamp(core::Duration(moments_.times[next_])),
                            .samples = samples,
                            .heartbeat = beats_now ? std::optional(beats[beat_].second) : std::nullopt};
    beat_ += beats_now ? 1 : 0;
    ++next_;
    return frame;
  }

 private:
  const Layout& layout_;
  Moments moments_;
  std::vector<SampleColumn> columns_;
  std::vector<std::size_t> taken_;  ///< of each column
  std::size_t next_ = 0, beat_ = 0;
};

/// Of a few hours SQLite shall find the stretches by hour and sort them; of all of them it shall not (the +).
///
/// Stretches of several devices overlap: of those that are open the frame with the least id comes next, and a stretch
/// is opened when it is its turn.
class StretchReader {
 public:
  StretchReader(SQLite::Database& database, const Layouts& layouts, const WantedFrames& wanted)
      : layouts_(layouts),
        wanted_(wanted),
        stretches_(database, fmt::format("SELECT id, layout, frames, moments FROM stretch WHERE {}hour BETWEEN ? AND ? "
                                         "AND id < ? ORDER BY first_frame",
                                         wanted.first_hour == WantedFrames{}.first_hour ? "+" : "")),
        chunk_(database, "SELECT samples FROM chunk WHERE id=?") {}

  std::uint64_t read(const Compacted& mark, const Visit& visit) {
    if (wanted_.after >= mark.frame) return 0;
    stretches_.bind(1, wanted_.first_hour);
    stretches_.bind(2, wanted_.last_hour);
    stretches_.bind(3, mark.next_stretch);
    SQLite::Statement& next = stretches_;
    while (next.executeStep()) open(next, visit);
    give_before(std::numeric_limits<std::int64_t>::max(), visit);
    return damaged_;
  }

 private:
  void open(SQLite::Statement& row, const Visit& visit) {
    ColumnReader from(row);
    const auto id = from.number();
    const auto* layout = layouts_.find(from.number());
    const auto frames = static_cast<std::size_t>(from.number());
    const auto blob = from.bytes();
    if (layout != nullptr && !wanted_.layout(*layout)) return;
    auto stretch = layout != nullptr ? OpenStretch::read(*layout, id, frames, blob, chunk_) : nullptr;
    if (!stretch) {
      damaged_ += frames;
      return;
    }
    if (stretch->at_end()) return;
    give_before(stretch->next_id(), visit);
    const auto first = stretch->next_id();
    open_.emplace(first, std::shared_ptr<OpenStretch>(std::move(stretch)));
  }
  void give_before(std::int64_t id, const Visit& visit) {
    while (!open_.empty() && open_.top().first < id) {
      auto [least, stretch] = open_.top();
      open_.pop();
      const StoredFrame frame = stretch->take(samples_);
      if (frame.id > wanted_.after) visit(frame);
      if (!stretch->at_end()) open_.emplace(stretch->next_id(), std::move(stretch));
    }
  }

  using Turn = std::pair<std::int64_t, std::shared_ptr<OpenStretch>>;
  struct Later {
    bool operator()(const Turn& a, const Turn& b) const { return a.first > b.first; }
  };
  const Layouts& layouts_;
  const WantedFrames& wanted_;
  SQLite::Statement stretches_, chunk_;
  std::priority_queue<Turn, std::vector<Turn>, Later> open_;
  std::vector<core::Sample> samples_;
  std::uint64_t damaged_ = 0;
};

/// Frames that are not compacted yet.
std::uint64_t read_rows(SQLite::Database& database, const Layouts& layouts, const WantedFrames& wanted,
                        const Compacted& mark, const Visit& visit) {
  std::uint64_t damaged = 0;
  std::vector<core::Sample> samples;
  SQLite::Statement rows(database, "SELECT id, layout, at, samples FROM frame WHERE id>? ORDER BY id");
  rows.bind(1, std::max(wanted.after, mark.frame));
  while (rows.executeStep()) {
    ColumnReader from(rows);
    const auto id = from.number();
    const auto* layout = layouts.find(from.number());
    const auto at = from.number();
    const auto hour = whole(at, micros_an_hour);
    if (hour < wanted.first_hour || hour > wanted.last_hour) continue;
    if (layout != nullptr && !wanted.layout(*layout)) continue;
    const auto view = layout != nullptr ? FrameView::parse(from.bytes(), layout->columns.size()) : std::nullopt;
    if (!view) {
      ++damaged;
      continue;
    }
    samples.clear();
    for (std::size_t place = 0; place < view->size(); ++place) samples.push_back((*view)[place]);
    visit({.id = id,
           .device_id = layout->device,
           .columns = layout->columns,
           .at = core::Timestamp(core::Duration(at)),
           .samples = samples,
           .heartbeat = view->heartbeat()});
  }
  return damaged;
}

std::uint64_t unreadable_frames(SQLite::Database& database, const Layouts& layouts, const WantedFrames& wanted,
                                const Compacted& mark) {
  SQLite::Statement rows(database, "SELECT at, layout FROM unreadable_frame WHERE id>? AND id<=?");
  rows.bind(1, wanted.after);
  rows.bind(2, mark.frame);
  std::uint64_t count = 0;
  while (rows.executeStep()) {
    const auto hour = whole(rows.getColumn(0).getInt64(), micros_an_hour);
    const auto* layout = layouts.find(rows.getColumn(1).getInt64());
    const bool meant = layout == nullptr || wanted.layout(*layout);
    if (meant && hour >= wanted.first_hour && hour <= wanted.last_hour) ++count;
  }
  return count;
}

}  // namespace

Compacted compacted(SQLite::Database& database) {
  SQLite::Statement row(database, "SELECT frame, next_stretch, rolled_up FROM compacted");
  row.executeStep();
  ColumnReader from(row);
  return {.frame = from.number(), .next_stretch = from.number(), .rolled_up = from.number()};
}

std::uint64_t for_each_stored_frame(SQLite::Database& database, const WantedFrames& wanted, const Visit& visit) {
  // What is compacted while this goes on would be met twice, or not at all.
  std::optional<SQLite::Transaction> snapshot;
  if (sqlite3_get_autocommit(database.getHandle()) != 0) snapshot.emplace(database);
  const Compacted mark = compacted(database);
  const Layouts layouts(database);
  auto damaged = unreadable_frames(database, layouts, wanted, mark);
  damaged += StretchReader(database, layouts, wanted).read(mark, visit);
  return wanted.uncompacted ? damaged + read_rows(database, layouts, wanted, mark, visit) : damaged;
}

std::uint64_t for_each_frame(Database& database, const WantedFrames& wanted, const Visit& visit) {
  return in_store("read the readings", [&] { return for_each_stored_frame(database.handle(), wanted, visit); });
}

std::vector<HourWithFrames> hours_with_frames(Database& database) {
  return in_store("read the readings", [&] {
    auto& handle = database.handle();
    const SQLite::Transaction snapshot(handle);
    std::map<std::int64_t, bool> hours;
    SQLite::Statement next(handle, "SELECT min(hour) FROM stretch WHERE hour>?");
    for (auto hour = std::numeric_limits<std::int64_t>::min();;) {
      Use use(next);
      use->bind(1, hour);
      use->executeStep();
      if (use->getColumn(0).isNull()) break;
      hour = use->getColumn(0).getInt64();
      hours[hour] = false;
    }
    SQLite::Statement rows(handle, "SELECT at FROM frame WHERE id > (SELECT frame FROM compacted)");
    while (rows.executeStep()) hours[whole(rows.getColumn(0).getInt64(), micros_an_hour)] = true;
    SQLite::Statement unreadable(handle, "SELECT at FROM unreadable_frame WHERE id <= (SELECT frame FROM compacted)");
    while (unreadable.executeStep())
      hours.try_emplace(whole(unreadable.getColumn(0).getInt64(), micros_an_hour), false);
    std::vector<HourWithFrames> found;
    found.reserve(hours.size());
    for (const auto& [number, uncompacted] : hours) found.push_back({number, uncompacted});
    return found;
  });
}

std::vector<std::string> stored_points(Database& database) {
  return in_store("read the points", [&] {
    std::vector<std::string> points;
    SQLite::Statement rows(database.handle(), "SELECT DISTINCT point FROM layout_point ORDER BY point");
    while (rows.executeStep()) points.push_back(rows.getColumn(0).getString());
    return points;
  });
}

}  // namespace hazgate::storage
