// Exposures: the meters of all points, shift after shift. Readings in, figures for the alarms and records out.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "core/exposure_meter.hpp"
#include "core/state_bytes.hpp"
#include "core/window.hpp"

namespace hazgate::core {

/// One shift in which a point is judged, and how.
struct ShiftWatch {
  ShiftIndex shift{};
  ExposureRule rule;
};

/// What the alarms of a point are judged by. Before and after a shift there is no dose.
struct ShiftState {
  double so_far = -std::numeric_limits<double>::infinity();     ///< in terms of the limit before its reduction
  double projected = -std::numeric_limits<double>::infinity();  ///< the same; NaN while nothing can be said
  double reduction_factor = 1;
  bool at_least = false;
  bool short_time_broken = false;
};

class Exposures {
 public:
  explicit Exposures(Calendar calendar) : calendar_(std::move(calendar)) {}

  /// Room for so many points, which have so many shifts in all.
  void reserve(std::size_t points, std::size_t shifts) {
    subjects_.reserve(points);
    slots_.reserve(shifts);
  }
  /// The next point's shifts; several where shifts overlap.
  void watch(std::span<const ShiftWatch> shifts, Duration period);
  /// Agents at one workplace that act alike, each with its points, of which the highest counts (GBZ 2.1-2019 A.3.2.2,
  /// GBZ 331-2024 5.2.7.1). The very first point leads: its alarm tells of the index. After watch() of all of them; a
  /// point belongs to one mixture. Formed with PC-TWA values.
  void mix(std::span<const std::vector<PointIndex>> agents);

  /// A reading that stands for (from, reading.at]. Shifts that have ended since leave their final record.
  ShiftState on_reading(Timestamp from, const Reading& reading, const WindowMean& c_ste);

  /// The point that leads the mixture which `point` belongs to.
  std::optional<PointIndex> leader_of(PointIndex point) const {
    const auto mixture = subjects_[at(point)].mixture;
    if (mixture == none) return {};
    return mixtures_[static_cast<std::size_t>(mixture)].front().front();
  }
  /// Sum of C_i / L_i over the shifts that are open at `point`, of which the greatest counts; 0 where none is.
  double mixture_index(PointIndex point, Timestamp now) const;

  /// Measured of what has elapsed, 0..1, of the shift that is open at `point`; NaN where none is. Of several the least.
  double coverage(PointIndex point, Timestamp now) const;

  /// After a poll of the device whose points begin at `first`: final records since the last call, and once a minute
  /// the records of its points as they stand. Minutes are those of the readings, so that the same readings give the
  /// same records; each device has its own second of the minute, and of the first ten, so that they do not come all
  /// at once.
  void take(PointIndex first, std::uint32_t points, Timestamp now, std::vector<Exposure>& out);
  void forget_finals() { finals_.clear(); }

  /// Of the rules that the state of a point belongs to.
  std::uint64_t fingerprint(PointIndex point) const;
  void save(PointIndex point, StateWriter& to) const;
  void load(PointIndex point, StateReader& from);

 private:
  static constexpr std::int32_t none = -1;
  /// One shift of one point. While it lasts it has a meter; in between only what the next one needs to know.
  struct Slot {
    std::uint32_t watch = 0;    ///< into watches_
    std::int32_t meter = none;  ///< into meters_
    ShiftWindow window;         ///< the one that lasts, or the next one
    WeekSoFar week;             ///< after the shift that was closed last
  };
  /// Of a mixture: the others end their shift a little later, and need this one's last word.
  struct Closed {
    Timestamp begin{};
    ExposureMeter::Part part;
  };
  struct Subject {
    Timestamp due{};  ///< before it none of the shifts begins or ends
    std::uint32_t first_slot = 0;
    std::uint16_t slots = 0;
    bool levels = false;
    std::int32_t half_hour = none;     ///< into half_hours_
    std::int32_t mixture = none;       ///< into mixtures_
    std::int32_t first_closed = none;  ///< into closed_, beside the slots; of a mixture only
    Timestamp next_snapshot{};         ///< of the points of the device that begin here
  };
  using Mixture = std::vector<std::vector<PointIndex>>;

  std::uint32_t watch_number(const ShiftWatch& watch);
  std::span<Slot> slots_of(const Subject& s) { return std::span(slots_).subspan(s.first_slot, s.slots); }
  std::span<const Slot> slots_of(const Subject& s) const { return std::span(slots_).subspan(s.first_slot, s.slots); }
  const ExposureRule& rule_of(const Slot& slot) const { return watches_[slot.watch].rule; }
  ExposureMeter& meter_of(const Slot& slot) { return meters_[static_cast<std::size_t>(slot.meter)]; }
  const ExposureMeter& meter_of(const Slot& slot) const { return meters_[static_cast<std::size_t>(slot.meter)]; }
  void begin(Slot& slot);
  void release(Slot& slot);
  void finish(Slot& slot, const Subject& subject, PointIndex point, const Stay& stay);
  void follow(Subject& subject, PointIndex point, const Stay& stay);
  void snapshot(PointIndex point, Timestamp now, std::vector<Exposure>& out) const;
  Exposure record(const Slot& slot, PointIndex point, Timestamp now, const WindowMean& half_hour) const;
  WindowMean half_hour(const Subject& subject, Timestamp now) const;
  static void join(ShiftState& state, const ExposureRule& rule, const ExposureMeter& meter, Timestamp now,
                   const WindowMean& half_hour);
  ExposureMeter::Part part_of(PointIndex point, std::size_t place, const ShiftWindow& window, Timestamp now) const;
  ExposureMeter::Part mixture_part(const Mixture& mixture, std::size_t place, const ShiftWindow& window,
                                   Timestamp now) const;
  void judge_mixture(const Mixture& mixture, std::size_t place, Exposure& e) const;

  Calendar calendar_;
  std::vector<Subject> subjects_;
  std::vector<Slot> slots_;
  std::vector<ExposureMeter> meters_;  ///< of the shifts that last; the free ones are listed in free_
  std::vector<std::int32_t> free_;
  std::vector<ShiftWatch> watches_;  ///< each distinct one once
  SlidingMeans half_hours_;
  std::vector<Mixture> mixtures_;
  std::vector<Closed> closed_;
  std::vector<Exposure> finals_;
};

}  // namespace hazgate::core
