// Exposures: the meters of all points, shift after shift. Readings in, figures for the alarms and records out.
#pragma once

#include <cstdint>
#include <limits>
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
  double mixture = 0;  ///< of the point that leads a mixture: sum of C_i / L_i so far    GBZ 2.1-2019 A.3.2.2
};

class Exposures {
 public:
  explicit Exposures(Calendar calendar) : calendar_(std::move(calendar)) {}

  /// The next point's shifts; several where shifts overlap.
  void watch(std::span<const ShiftWatch> shifts, Duration period, WorkplaceIndex workplace);
  /// Agents at one workplace that act alike, each with its points, of which the highest counts (GBZ 331-2024
  /// 5.2.7.1). The very first point leads: its state tells the index. After watch() of all of them; a point belongs to
  /// one mixture. Formed with PC-TWA values.
  void mix(std::span<const std::vector<PointIndex>> agents);

  /// A reading that stands for (from, reading.at]. Shifts that have ended since leave their final record.
  ShiftState on_reading(Timestamp from, const Reading& reading, double c_ste);

  /// After a poll at `workplace`: final records since the last call, and once a minute all records of the workplace as
  /// they stand. Minutes are those of the readings, so that the same readings give the same records.
  void take(WorkplaceIndex workplace, Timestamp now, std::vector<Exposure>& out);
  void forget_finals() { finals_.clear(); }

  /// Of the rules that the state of a point belongs to.
  std::uint64_t fingerprint(PointIndex point) const;
  void save(PointIndex point, StateWriter& to) const;
  void load(PointIndex point, StateReader& from);

 private:
  struct Meter {
    ExposureMeter meter;
    std::uint32_t watch = 0;  ///< into watches_
    bool open = false;
    /// Of the shift that was closed last: the others of a mixture end theirs a little later.
    Timestamp closed_begin{};
    ExposureMeter::Part closed;
  };
  struct Subject {
    std::uint32_t first_meter = 0;
    std::uint16_t meters = 0;
    std::int32_t half_hour = -1;  ///< into half_hours_
    std::int32_t mixture = -1;    ///< into mixtures_
    bool leads = false;           ///< the mixture
    bool levels = false;
  };
  struct Workplace {
    std::vector<PointIndex> points;
    std::int64_t minute = -1;  ///< of the last snapshot
  };
  std::uint32_t watch_number(const ShiftWatch& watch);
  void snapshot(PointIndex point, Timestamp now, std::vector<Exposure>& out) const;
  using Mixture = std::vector<std::vector<PointIndex>>;
  ExposureMeter::Part part_of(PointIndex point, std::size_t place, const ShiftWindow& window, Timestamp now) const;
  ExposureMeter::Part mixture_index(const Mixture& mixture, std::size_t place, const ShiftWindow& window,
                                    Timestamp now) const;
  void judge_mixture(const Mixture& mixture, std::size_t place, Exposure& e) const;
  double leading_index(const Subject& subject, Timestamp now) const;
  void follow(Meter& m, PointIndex point, Timestamp from, const Reading& reading);
  Exposure record(const Meter& m, PointIndex point, Timestamp now, const WindowMean& half_hour) const;
  WindowMean half_hour(const Subject& subject, Timestamp now) const;
  static void join(ShiftState& state, const ExposureRule& rule, const ExposureMeter& meter, Timestamp now,
                   const WindowMean& half_hour);

  Calendar calendar_;
  std::vector<Subject> subjects_;
  std::vector<Meter> meters_;
  std::vector<ShiftWatch> watches_;  ///< each distinct one once
  std::vector<SlidingMean> half_hours_;
  std::vector<Workplace> workplaces_;
  std::vector<Mixture> mixtures_;
  std::vector<Exposure> finals_;
};

}  // namespace hazgate::core
