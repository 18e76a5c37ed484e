#include "storage/history.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <algorithm>

#include "core/units.hpp"
#include "storage/chunk_codec.hpp"
#include "storage/columns.hpp"
#include "storage/frame_blob.hpp"
#include "storage/store_error.hpp"
#include "storage/stored_frames.hpp"

namespace hazgate::storage {

namespace {

constexpr std::int64_t longest = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t most_bytes_of_minutes = 1U << 16U;

std::int64_t micros_of(core::Timestamp at) { return at.time_since_epoch().count(); }
core::Timestamp time_of(std::int64_t micros) { return core::Timestamp(core::Duration(micros)); }

/// A point as one layout has it.
struct PlaceOfPoint {
  std::int64_t layout = 0, place = 0;
  std::string unit;
};

/// [from, to), microseconds.
struct Span {
  std::int64_t from = 0, to = 0;
  bool has(std::int64_t at) const { return at >= from && at < to; }
  std::int64_t first_hour() const { return whole(from, micros_an_hour); }
  std::int64_t last_hour() const { return whole(to - 1, micros_an_hour); }
};

class Buckets {
 public:
  Buckets(Span span, std::size_t count, bool levels)
      : span_(span), width_((span.to - span.from - 1) / static_cast<std::int64_t>(count) + 1) {
    sums_.assign(count, RollUpSum(levels));
  }
  std::int64_t width() const { return width_; }
  template <class... Figures>
  void add(std::int64_t at, const Figures&... figures) {
    if (span_.has(at)) sums_.at(static_cast<std::size_t>((at - span_.from) / width_)).add(figures...);
  }
  std::vector<RollUp> get() const {
    std::vector<RollUp> figures;
    for (const auto& sum : sums_) figures.push_back(sum.get());
    return figures;
  }

 private:
  Span span_;
  std::int64_t width_;
  std::vector<RollUpSum> sums_;
};

struct TimedSample {
  std::int64_t at = 0;
  core::Sample sample;
};

}  // namespace

struct History::Impl {
  explicit Impl(SQLite::Database& database)
      : handle(database),
        places(database, "SELECT layout, place, unit FROM layout_point WHERE point=? ORDER BY layout"),
        stretches(database,
                  "SELECT id, frames, moments FROM stretch WHERE layout=? AND hour=? AND id<? ORDER BY first_frame"),
        next_hour(database, "SELECT min(hour) FROM stretch WHERE layout=? AND hour>=? AND id<?"),
        chunk(database, "SELECT samples FROM chunk WHERE id=?"),
        minutes(database,
                "SELECT minutes FROM minute_roll_up WHERE layout=? AND place=? AND hour BETWEEN ? AND ? AND stretch<?"),
        hours(database,
              "SELECT hour, least, mean, greatest, counted, others, worst FROM hour_roll_up WHERE layout=? AND place=? "
              "AND hour BETWEEN ? AND ? AND stretch<?"),
        oldest_stretch(database, "SELECT min(hour) FROM stretch"),
        recent_after(database, "SELECT min(upto) FROM recent_roll_up WHERE upto>?"),
        recent(database, "SELECT frames, minutes FROM recent_roll_up WHERE upto=? AND layout=?"),
        frame(database, "SELECT at, samples FROM frame WHERE id=? AND layout=?"),
        frames_after(database, "SELECT at, samples FROM frame WHERE id>? AND layout=?") {}

  std::vector<PlaceOfPoint> places_of(std::string_view point) {
    Use use(places);
    bind_text(*use, 1, point);
    std::vector<PlaceOfPoint> found;
    while (use->executeStep()) {
      ColumnReader from(*use);
      found.push_back({from.number(), from.number(), std::string(from.text())});
    }
    return found;
  }

  /// Minutes and readings that are not compacted yet. `minute` is called for what is rolled up, or, where readings are
  /// asked for, each frame by itself.
  template <class TakeMinute, class TakeSample>
  void tail(const PlaceOfPoint& of, Span span, const Compacted& mark, bool as_readings, TakeMinute take_minute,
            TakeSample take_sample) {
    for (std::int64_t upto = mark.frame; upto < mark.rolled_up;) {
      {
        Use next(recent_after);
        next->bind(1, upto);
        next->executeStep();
        if (next->getColumn(0).isNull()) break;
        upto = next->getColumn(0).getInt64();
      }
      Use row(recent);
      row->bind(1, upto);
      row->bind(2, of.layout);
      if (!row->executeStep()) continue;
      ColumnReader from(*row);
      const auto ids = from.bytes();
      const auto found = minutes_of_point(from.bytes(), static_cast<std::size_t>(of.place));
      if (!found) {
        ++damaged;
        continue;
      }
      if (!as_readings) {
        for (const Minute& minute : *found) take_minute(minute.number * micros_a_minute, minute.figures);
        continue;
      }
      const bool meant = std::ranges::any_of(*found, [&](const Minute& minute) {
        const auto begin = minute.number * micros_a_minute;
        return begin < span.to && begin + micros_a_minute > span.from;
      });
      if (meant) frames_by_id(of, ids_from(ids), take_sample);
    }
    frames_behind(of, std::max(mark.frame, mark.rolled_up), take_sample);
  }
  template <class Take>
  void frames_by_id(const PlaceOfPoint& of, const std::optional<std::vector<std::int64_t>>& ids, Take take) {
    if (!ids) ++damaged;
    for (const auto id : ids.value_or(std::vector<std::int64_t>{})) {
      Use use(frame);
      use->bind(1, id);
      use->bind(2, of.layout);  // a wrong value is worse than none
      if (!use->executeStep()) continue;
      ColumnReader from(*use);
      const auto at = from.number();
      give(of, at, from.bytes(), take);
    }
  }
  template <class Take>
  void frames_behind(const PlaceOfPoint& of, std::int64_t id, Take take) {
    Use use(frames_after);
    use->bind(1, id);
    use->bind(2, of.layout);
    while (use->executeStep()) {
      ColumnReader from(*use);
      const auto at = from.number();
      give(of, at, from.bytes(), take);
    }
  }
  template <class Take>
  void give(const PlaceOfPoint& of, std::int64_t at, std::span<const std::byte> samples, Take take) {
    const auto view = FrameView::parse(samples, most_frames_a_stretch);
    if (view && static_cast<std::size_t>(of.place) < view->size())
      take(at, (*view)[static_cast<std::size_t>(of.place)]);
  }

  template <class Take>
  void hour_of_readings(const PlaceOfPoint& of, std::int64_t hour, const Compacted& mark, Take take) {
    Use use(stretches);
    use->bind(1, of.layout);
    use->bind(2, hour);
    use->bind(3, mark.next_stretch);
    while (use->executeStep()) {
      ColumnReader from(*use);
      const auto id = from.number();
      const auto frames = static_cast<std::size_t>(from.number());
      if (!stretch_of_readings(of, id, moments_from(from.bytes(), frames), take)) ++damaged;
    }
  }
  template <class Take>
  bool stretch_of_readings(const PlaceOfPoint& of, std::int64_t id, const std::optional<Moments>& moments, Take take) {
    if (!moments) return false;
    const auto place = static_cast<std::uint64_t>(of.place);
    const auto samples =
        static_cast<std::size_t>(std::ranges::count_if(moments->counts, [&](auto count) { return count > place; }));
    Use use(chunk);
    use->bind(1, id + of.place);
    const auto column = use->executeStep() ? column_from(ColumnReader(*use).bytes(), samples) : std::nullopt;
    if (!column) return false;
    for (std::size_t i = 0, taken = 0; i < moments->times.size(); ++i)
      if (moments->counts[i] > place) take(moments->times[i], (*column)[taken++]);
    return true;
  }

  std::optional<std::int64_t> hour_from(const PlaceOfPoint& of, std::int64_t hour, const Compacted& mark) {
    Use use(next_hour);
    use->bind(1, of.layout);
    use->bind(2, hour);
    use->bind(3, mark.next_stretch);
    use->executeStep();
    if (use->getColumn(0).isNull()) return std::nullopt;
    return use->getColumn(0).getInt64();
  }

  static void bind_series(SQLite::Statement& statement, const PlaceOfPoint& of, std::int64_t first, std::int64_t last,
                          const Compacted& mark) {
    statement.bind(1, of.layout);
    statement.bind(2, of.place);
    statement.bind(3, first);
    statement.bind(4, last);
    statement.bind(5, mark.next_stretch);
  }
  void add_minutes(const PlaceOfPoint& of, Span span, const Compacted& mark, Buckets& to) {
    Use use(minutes);
    bind_series(*use, of, span.first_hour(), span.last_hour(), mark);
    while (use->executeStep()) {
      const auto bytes = unpacked(ColumnReader(*use).bytes(), most_bytes_of_minutes);
      const auto found = bytes ? minutes_from(*bytes) : std::nullopt;
      if (!found) ++damaged;
      for (const Minute& minute : found.value_or(std::vector<Minute>{}))
        to.add(minute.number * micros_a_minute, minute.figures);
    }
  }
  void add_hours(const PlaceOfPoint& of, Span span, std::int64_t last, const Compacted& mark, Buckets& to) {
    Use use(hours);
    bind_series(*use, of, span.first_hour(), std::min(last, span.last_hour()), mark);
    while (use->executeStep()) {
      ColumnReader from(*use);
      const auto hour = from.number();
      RollUp figures{.least = from.figure(), .mean = from.figure(), .greatest = from.figure()};
      figures.counted = static_cast<std::uint64_t>(from.number());
      figures.others = static_cast<std::uint64_t>(from.number());
      const auto flag = from.text();
      figures.worst = flag.size() == 1 ? core::flag_from(flag[0]).value_or(core::Flag::normal) : core::Flag::normal;
      to.add(hour * micros_an_hour, figures);
    }
  }
  /// Hours whose readings are gone begin before this one.
  std::int64_t oldest_hour() {
    Use use(oldest_stretch);
    use->executeStep();
    return use->getColumn(0).isNull() ? longest : use->getColumn(0).getInt64();
  }

  void add_all(const PlaceOfPoint& of, Span span, Buckets& to) {
    const Compacted mark = compacted(handle);
    const auto add = [&](std::int64_t at, const auto& figures) { to.add(at, figures); };
    const auto add_sample = [&](std::int64_t at, const core::Sample& s) { to.add(at, s.value, s.flag); };
    const bool readings = to.width() < micros_a_minute, by_hour = to.width() >= 2 * micros_an_hour;
    add_hours(of, span, by_hour ? longest : oldest_hour() - 1, mark, to);
    if (readings) {
      for (auto hour = hour_from(of, span.first_hour(), mark); hour && *hour <= span.last_hour();
           hour = hour_from(of, *hour + 1, mark))
        hour_of_readings(of, *hour, mark, add_sample);
    } else if (!by_hour) {
      add_minutes(of, span, mark, to);
    }
    // A reading behind the last whole minute belongs where its minute begins, as the others do.
    tail(of, span, mark, readings, add, [&](std::int64_t at, const core::Sample& s) {
      add_sample(readings ? at : whole(at, micros_a_minute) * micros_a_minute, s);
    });
  }

  /// The next hour of any of these that is compacted, from `hour` on.
  std::optional<std::int64_t> earliest_hour(std::span<const PlaceOfPoint> all, std::int64_t hour,
                                            const Compacted& mark) {
    std::optional<std::int64_t> next;
    for (const auto& place : all)
      if (const auto found = hour_from(place, hour, mark)) next = std::min(next.value_or(*found), *found);
    return next;
  }
  std::vector<PointReading> ordered(std::string_view point, const Span& span, std::size_t enough);

  SQLite::Database& handle;
  SQLite::Statement places, stretches, next_hour, chunk, minutes, hours, oldest_stretch, recent_after, recent, frame,
      frames_after;
  std::uint64_t damaged = 0;
};

namespace {
/// Several statements see one state of the store.
class Snapshot {
 public:
  explicit Snapshot(SQLite::Database& database) {
    if (sqlite3_get_autocommit(database.getHandle()) != 0) transaction_.emplace(database);
  }

 private:
  std::optional<SQLite::Transaction> transaction_;
};
}  // namespace

History::History(Database& database) {
  in_store("read the history", [&] { impl_ = std::make_unique<Impl>(database.handle()); });
}

History::~History() = default;

std::optional<Series> History::buckets(std::string_view point, core::Timestamp from, core::Timestamp to,
                                       std::size_t count) {
  if (to <= from || count == 0 || count > most_buckets) throw std::invalid_argument("no such buckets");
  return in_store("read the history", [&]() -> std::optional<Series> {
    const Snapshot snapshot(impl_->handle);
    const auto places = impl_->places_of(point);
    if (places.empty()) return std::nullopt;
    const Span span{micros_of(from), micros_of(to)};
    const auto& unit = places.back().unit;
    const auto known = core::unit_from(unit);
    Buckets sums(span, count, known && core::is_level(*known));
    for (const auto& place : places)
      if (place.unit == unit) impl_->add_all(place, span, sums);
    return Series{.unit = unit, .width = core::Duration(sums.width()), .buckets = sums.get()};
  });
}

namespace {
std::uint64_t at_time(std::span<const PointReading> readings, core::Timestamp at) {
  return static_cast<std::uint64_t>(std::ranges::count(readings, at, &PointReading::at));
}

/// The first `most` of what is in order of time, without the first `given` of the time `after->at`.
ReadingsPage page_of(std::vector<PointReading> ordered, std::size_t most, const std::optional<ReadingsCursor>& after) {
  const auto first = after ? std::min(after->given, at_time(ordered, after->at)) : 0;
  ordered.erase(ordered.begin(), ordered.begin() + static_cast<std::ptrdiff_t>(first));
  ReadingsPage page;
  if (ordered.size() > most) {
    const auto last = most == 0 ? ordered.front().at : ordered[most - 1].at;
    ordered.resize(most);
    page.next = {last, at_time(ordered, last) + (after && after->at == last ? after->given : 0)};
  }
  page.readings = std::move(ordered);
  return page;
}
}  // namespace

/// Of [span) in order of time, more than `enough` or all there is: hour by hour; of the tail, which is not compacted,
/// what belongs before the next of them.
std::vector<PointReading> History::Impl::ordered(std::string_view point, const Span& span, std::size_t enough) {
  const Compacted mark = compacted(handle);
  const auto all = places_of(point);
  const auto into = [&](std::vector<PointReading>& list, const PlaceOfPoint& place) {
    return [&list, &place, span](std::int64_t at, const core::Sample& sample) {
      if (span.has(at)) list.push_back({time_of(at), sample, place.unit});
    };
  };
  std::vector<PointReading> found, recently;
  for (const auto& place : all)
    tail(
        place, span, mark, true, [](std::int64_t, const RollUp&) {}, into(recently, place));
  std::ranges::stable_sort(recently, {}, &PointReading::at);
  auto from_tail = recently.begin();
  const auto take_tail_before = [&](std::int64_t hour) {
    for (; from_tail != recently.end() && micros_of(from_tail->at) < hour * micros_an_hour; ++from_tail)
      found.push_back(*from_tail);
  };
  for (auto hour = earliest_hour(all, span.first_hour(), mark);
       hour && *hour <= span.last_hour() && found.size() <= enough; hour = earliest_hour(all, *hour + 1, mark)) {
    const auto sorted = static_cast<std::ptrdiff_t>(found.size());
    for (const auto& place : all) hour_of_readings(place, *hour, mark, into(found, place));
    take_tail_before(*hour + 1);
    std::stable_sort(found.begin() + sorted, found.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
  }
  if (found.size() <= enough) found.insert(found.end(), from_tail, recently.end());
  return found;
}

ReadingsPage History::readings(std::string_view point, core::Timestamp from, core::Timestamp to, std::size_t most,
                               std::optional<ReadingsCursor> after) {
  return in_store("read the history", [&] {
    const Snapshot snapshot(impl_->handle);
    const Span span{micros_of(after ? after->at : from), micros_of(to)};
    return page_of(impl_->ordered(point, span, most + (after ? after->given : 0)), most, after);
  });
}

std::uint64_t History::damaged() const { return impl_->damaged; }

}  // namespace hazgate::storage
