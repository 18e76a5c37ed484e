#include "storage/compaction.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <limits>
#include <map>

#include "core/units.hpp"
#include "storage/columns.hpp"
#include "storage/frame_blob.hpp"
#include "storage/store_error.hpp"
#include "storage/stored_frames.hpp"

namespace hazgate::storage {

namespace {

/// In memory at a time, ten bytes each; a device with more stands alone.
constexpr std::uint64_t most_samples_a_pass = 400'000;

/// Where a reader of unit-long pieces stops: at the first frame of a later piece than the first one's, and at one of a
/// piece that is not over.
class Cut {
 public:
  Cut(std::int64_t unit, core::Timestamp over, core::Timestamp now)
      : unit_(unit), over_(whole(micros(over), unit)), future_(micros(now) + micros_an_hour) {}
  bool stops(std::int64_t at) {
    const auto piece = whole(at, unit_);
    const auto first = first_.value_or(piece);
    first_ = first;
    return piece > first || (piece >= over_ && at <= future_);
  }

 private:
  static std::int64_t micros(core::Timestamp at) { return at.time_since_epoch().count(); }
  std::int64_t unit_, over_, future_;
  std::optional<std::int64_t> first_;
};

bool is_level(const Layout::Column& column) {
  const auto unit = core::unit_from(column.unit);
  return unit && core::is_level(*unit);
}

/// The figures of one point, minute by minute.
using MinuteSums = std::map<std::int64_t, RollUpSum>;
void add_to(MinuteSums& sums, std::int64_t at, const core::Sample& sample, bool levels) {
  sums.try_emplace(whole(at, micros_a_minute), levels).first->second.add(sample.value, sample.flag);
}
std::vector<Minute> minutes_of(const MinuteSums& sums) {
  std::vector<Minute> minutes;
  for (const auto& [number, sum] : sums) minutes.push_back({number, sum.get()});
  return minutes;
}

/// The frames of one device and hour that are being gathered.
struct Gathered {
  Moments moments;
  std::vector<SampleColumn> columns;

  void add(std::int64_t id, std::int64_t at, const FrameView& frame) {
    if (const auto counter = frame.heartbeat())
      moments.heartbeats.emplace_back(static_cast<std::uint32_t>(moments.ids.size()), *counter);
    moments.ids.push_back(id);
    moments.times.push_back(at);
    moments.counts.push_back(static_cast<std::uint32_t>(frame.size()));
    for (std::size_t place = 0; place < frame.size(); ++place) columns[place].add(frame[place]);
  }
};

/// When the samples of a place came.
std::vector<std::int64_t> times_of(const Moments& moments, std::size_t place) {
  std::vector<std::int64_t> times;
  for (std::size_t i = 0; i < moments.ids.size(); ++i)
    if (moments.counts[i] > place) times.push_back(moments.times[i]);
  return times;
}

struct Row {
  std::int64_t id = 0, layout = 0, at = 0;
  std::span<const std::byte> samples;
};

struct LayoutSpan {
  std::int64_t first = std::numeric_limits<std::int64_t>::min(), last = std::numeric_limits<std::int64_t>::max();
};

}  // namespace

std::size_t Stretch::bytes() const {
  auto sum = moments.size();
  for (const auto& point : points) sum += point.samples.size() + point.minutes.size();
  return sum;
}

struct Compactor::Impl {
  Impl(Database& database, ScaleOf of)
      : handle(database.handle()),
        scale_of(std::move(of)),
        rows(handle,
             "SELECT id, layout, at, samples FROM frame WHERE id>? AND id<=? AND layout BETWEEN ? AND ? ORDER BY id"),
        last_upto(handle, "SELECT max(upto) FROM recent_roll_up WHERE upto<=?"),
        layout_reader(handle) {}

  const Layout* layout(std::int64_t number) {
    auto& found = layouts.try_emplace(number).first->second;
    if (!found) found = layout_reader.read(number);
    return found ? &*found : nullptr;
  }

  /// Until `visit` says no.
  template <class Visit>
  void for_each_row(std::int64_t after, std::int64_t upto, Visit visit, LayoutSpan span = {}) {
    Use use(rows);
    use->bind(1, after);
    use->bind(2, upto);
    use->bind(3, span.first);
    use->bind(4, span.last);
    while (use->executeStep()) {
      ColumnReader from(*use);
      if (!visit(Row{.id = from.number(), .layout = from.number(), .at = from.number(), .samples = from.bytes()}))
        return;
    }
  }

  std::optional<FrameView> view_of(const Row& row) {
    const auto* of = layout(row.layout);
    return of != nullptr ? FrameView::parse(row.samples, of->columns.size()) : std::nullopt;
  }

  std::int64_t last_of(std::int64_t after, Cut cut) {
    auto last = after;
    for_each_row(after, std::numeric_limits<std::int64_t>::max(), [&](const Row& row) {
      if (cut.stops(row.at)) return false;
      last = row.id;
      return true;
    });
    return last;
  }

  /// Devices that fit into memory together, one span a pass.
  std::vector<LayoutSpan> passes(const FrameRange& range) {
    std::map<std::int64_t, std::uint64_t> samples;
    for_each_row(range.after, range.upto, [&](const Row& row) {
      samples[row.layout] += row.samples.size() / sizeof(double) + 2;  // its moment is about as much
      return true;
    });
    std::vector<LayoutSpan> spans;
    std::uint64_t sum = most_samples_a_pass;
    for (const auto& [layout_number, many] : samples) {
      if (sum + many > most_samples_a_pass) {
        spans.push_back({.first = layout_number});
        sum = 0;
      }
      spans.back().last = layout_number;
      sum += many;
    }
    return spans;
  }

  Stretch stretch_of(std::int64_t layout_number, std::int64_t hour, const Gathered& gathered) {
    Stretch stretch{.layout = layout_number,
                    .hour = hour,
                    .first_frame = gathered.moments.ids.front(),
                    .frames = static_cast<std::int64_t>(gathered.moments.ids.size()),
                    .moments = encode_moments(gathered.moments, packer),
                    .points = {}};
    const auto& columns = layout(layout_number)->columns;
    for (std::size_t place = 0; place < columns.size(); ++place) {
      const SampleColumn& column = gathered.columns[place];
      const bool levels = is_level(columns[place]);
      const auto times = times_of(gathered.moments, place);
      MinuteSums sums;
      for (std::size_t i = 0; i < times.size(); ++i) add_to(sums, times[i], column[i], levels);
      RollUpSum hour_sum(levels);
      for (std::size_t i = 0; i < times.size(); ++i) hour_sum.add(column.values[i], column.flags[i]);
      const Scale scale = scale_of(columns[place].point);
      stretch.points.push_back({.samples = encode_column(column, scale, packer),
                                .minutes = packer.pack(encode_minutes(minutes_of(sums), scale)),
                                .hour = hour_sum.get()});
    }
    return stretch;
  }

  SQLite::Database& handle;
  ScaleOf scale_of;
  SQLite::Statement rows, last_upto;
  LayoutReader layout_reader;
  std::map<std::int64_t, std::optional<Layout>> layouts;
  Packer packer;
};

Compactor::Compactor(Database& database, ScaleOf scale_of) {
  in_store("read the readings", [&] { impl_ = std::make_unique<Impl>(database, std::move(scale_of)); });
}

Compactor::~Compactor() = default;

std::optional<FrameRange> Compactor::hour_to_compact(core::Timestamp now, std::int64_t most) {
  return in_store("read the readings", [&]() -> std::optional<FrameRange> {
    const Compacted mark = compacted(impl_->handle);
    FrameRange range{.after = mark.frame, .upto = impl_->last_of(mark.frame, {micros_an_hour, now - settle, now})};
    // A minute's figures belong to what is compacted as a whole, or not at all.
    if (range.upto < mark.rolled_up) {
      Use use(impl_->last_upto);
      use->bind(1, range.upto);
      use->executeStep();
      range.upto = use->getColumn(0).getInt64();
    }
    if (range.upto <= range.after || range.upto > most) return std::nullopt;
    return range;
  });
}

void Compactor::compact(const FrameRange& range, const std::function<void(Stretch)>& stretch,
                        const std::function<void(UnreadableFrame)>& unreadable) {
  using Place = std::pair<std::int64_t, std::int64_t>;  // layout and hour
  in_store("read the readings", [&] {
    for (const auto layouts : impl_->passes(range)) {
      std::map<Place, Gathered> gathered;
      const auto give = [&](const Place& place, const Gathered& frames) {
        stretch(impl_->stretch_of(place.first, place.second, frames));
      };
      impl_->for_each_row(
          range.after, range.upto,
          [&](const Row& row) {
            const auto frame = impl_->view_of(row);
            if (!frame) {
              unreadable({row.id, row.layout, row.at, {row.samples.begin(), row.samples.end()}});
              return true;
            }
            const Place place{row.layout, whole(row.at, micros_an_hour)};
            auto& frames = gathered[place];
            if (frames.moments.ids.size() == most_frames_a_stretch) {
              give(place, frames);
              frames = {};
            }
            frames.columns.resize(impl_->layout(row.layout)->columns.size());
            frames.add(row.id, row.at, *frame);
            return true;
          },
          layouts);
      for (const auto& [place, frames] : gathered) give(place, frames);
    }
  });
}

std::optional<RecentMinute> Compactor::minute_to_roll_up(core::Timestamp now) {
  struct OfLayout {
    std::vector<std::int64_t> ids;
    std::vector<MinuteSums> points;
  };
  return in_store("read the readings", [&]() -> std::optional<RecentMinute> {
    const Compacted mark = compacted(impl_->handle);
    const auto after = std::max(mark.frame, mark.rolled_up);
    RecentMinute minute{.range = {.after = after, .upto = after}, .rows = {}};
    Cut cut(micros_a_minute, now - minute_settles, now);
    std::map<std::int64_t, OfLayout> sums;
    impl_->for_each_row(after, std::numeric_limits<std::int64_t>::max(), [&](const Row& row) {
      if (cut.stops(row.at)) return false;
      minute.range.upto = row.id;
      const auto frame = impl_->view_of(row);
      if (!frame) return true;
      auto& of = sums[row.layout];
      const auto& columns = impl_->layout(row.layout)->columns;
      of.points.resize(columns.size());
      of.ids.push_back(row.id);
      for (std::size_t place = 0; place < frame->size(); ++place)
        add_to(of.points[place], row.at, (*frame)[place], is_level(columns[place]));
      return true;
    });
    if (minute.range.upto == after) return std::nullopt;
    for (const auto& [layout, of] : sums) {
      std::vector<std::vector<Minute>> points;
      for (const auto& point : of.points) points.push_back(minutes_of(point));
      minute.rows.push_back({.layout = layout, .frames = encode_ids(of.ids), .minutes = encode_points(points)});
    }
    return minute;
  });
}

}  // namespace hazgate::storage
