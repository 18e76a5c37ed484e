#include "core/exposures.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "core/fingerprint.hpp"

namespace hazgate::core {

namespace {
constexpr Duration projection_window = std::chrono::minutes(30);
bool alike(const ShiftWatch& a, const ShiftWatch& b) {
  const auto& [x, y] = std::tie(a.rule, b.rule);
  return a.shift == b.shift && x.levels == y.levels && x.rule == y.rule && x.impulses == y.impulses &&
         same(x.hours, y.hours) && same(x.week_hours, y.week_hours) && same(x.limit, y.limit) && same(x.mac, y.mac) &&
         same(x.pc_stel, y.pc_stel) && same(x.episode_above, y.episode_above);
}
constexpr Duration projection_step = std::chrono::minutes(1);  // a forecast needs no finer one
constexpr Duration longest_slew = std::chrono::minutes(1);     // a clock that goes back by more was set back
constexpr Duration snapshot_interval = std::chrono::minutes(1), first_snapshots = std::chrono::seconds(10);

/// A part of `interval`, other for each point: golden ratio steps spread any number of them evenly.
Duration phase_of(PointIndex first, Duration interval) {
  const auto fraction = static_cast<std::uint32_t>(at(first) * 2654435769U);
  return Duration{static_cast<Duration::rep>(static_cast<double>(interval.count()) * fraction / 4294967296.0)};
}

/// The next moment of the points' own second of the minute.
Timestamp next_snapshot(PointIndex first, Timestamp now) {
  const auto phase = phase_of(first, snapshot_interval);
  const auto minutes = (now.time_since_epoch() - phase) / snapshot_interval;
  return Timestamp{(minutes + 1) * snapshot_interval + phase};
}
}  // namespace

std::uint32_t Exposures::watch_number(const ShiftWatch& watch) {
  auto found = std::ranges::find_if(watches_, [&](const ShiftWatch& other) { return alike(watch, other); });
  if (found == watches_.end()) found = watches_.insert(found, watch);
  return static_cast<std::uint32_t>(found - watches_.begin());
}

void Exposures::watch(std::span<const ShiftWatch> shifts, Duration period) {
  Subject subject{.first_slot = static_cast<std::uint32_t>(slots_.size()),
                  .slots = static_cast<std::uint16_t>(shifts.size())};
  for (const auto& shift : shifts) slots_.push_back({.watch = watch_number(shift), .window = {}, .week = {}});
  const auto judged = [](const ShiftWatch& shift) { return std::isfinite(shift.rule.limit); };
  if (std::ranges::any_of(shifts, judged)) {
    subject.half_hour =
        static_cast<std::int32_t>(half_hours_.add(projection_window, std::max(period, projection_step)));
  }
  if (!shifts.empty()) subject.levels = shifts.front().rule.levels;
  subjects_.push_back(subject);
}

void Exposures::mix(std::span<const std::vector<PointIndex>> agents) {
  for (const auto& points : agents) {
    for (const auto point : points) {
      auto& subject = subjects_[at(point)];
      subject.mixture = static_cast<std::int32_t>(mixtures_.size());
      subject.first_closed = static_cast<std::int32_t>(closed_.size());
      closed_.resize(closed_.size() + subject.slots);
    }
  }
  mixtures_.emplace_back(agents.begin(), agents.end());
}

/// Points at one workplace have the same shifts, each at the same place.
ExposureMeter::Part Exposures::part_of(PointIndex point, std::size_t place, const ShiftWindow& window,
                                       Timestamp now) const {
  const auto& subject = subjects_[at(point)];
  if (place >= subject.slots) return {};
  const auto& closed = closed_[static_cast<std::size_t>(subject.first_closed) + place];
  if (closed.begin == window.begin) return closed.part;
  const auto& slot = slots_of(subject)[place];
  return slot.meter != none && slot.window == window ? meter_of(slot).part(rule_of(slot), now) : ExposureMeter::Part{};
}

ExposureMeter::Part Exposures::mixture_part(const Mixture& mixture, std::size_t place, const ShiftWindow& window,
                                            Timestamp now) const {
  ExposureMeter::Part sum{.proven = true};
  for (const auto& points : mixture) {
    double greatest = 0;
    for (const auto point : points) {
      const auto part = part_of(point, place, window, now);
      greatest = std::max(greatest, part.ratio);
      sum.proven = sum.proven && part.proven;
    }
    sum.ratio += greatest;
  }
  return sum;
}

/// Each agent complies by itself and all of them together.                              GBZ 2.1-2019 A.3.2.2
void Exposures::judge_mixture(const Mixture& mixture, std::size_t place, Exposure& e) const {
  const auto index = mixture_part(mixture, place, e.window, e.at);
  e.mixture_index = index.ratio;
  if (exceeds(index.ratio, 1)) {
    e.breaches.add(Breach::mixture);
    e.verdict = Verdict::exceeds;
  } else if (!index.proven && e.verdict == Verdict::compliant) {
    e.verdict = Verdict::insufficient;
  }
}

double Exposures::mixture_index(PointIndex point, Timestamp now) const {
  const auto& subject = subjects_[at(point)];
  const auto& mixture = mixtures_[static_cast<std::size_t>(subject.mixture)];
  const auto slots = slots_of(subject);
  double greatest = 0;
  for (std::size_t place = 0; place < slots.size(); ++place) {
    if (slots[place].meter != none)
      greatest = std::max(greatest, mixture_part(mixture, place, slots[place].window, now).ratio);
  }
  return greatest;
}

WindowMean Exposures::half_hour(const Subject& subject, Timestamp now) const {
  return subject.half_hour == none ? WindowMean{} : half_hours_[static_cast<std::size_t>(subject.half_hour)].at(now);
}

Exposure Exposures::record(const Slot& slot, PointIndex point, Timestamp now, const WindowMean& half_hour) const {
  const auto& watch = watches_[slot.watch];
  auto record = meter_of(slot).record(watch.rule, now, half_hour);
  record.point = point;
  record.shift = watch.shift;
  const auto& subject = subjects_[at(point)];
  if (subject.mixture == none) return record;
  const auto place = static_cast<std::size_t>(&slot - &slots_[subject.first_slot]);
  judge_mixture(mixtures_[static_cast<std::size_t>(subject.mixture)], place, record);
  return record;
}

void Exposures::begin(Slot& slot) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::int32_t>(meters_.size()));
    meters_.emplace_back();
  }
  slot.meter = free_.back();
  free_.pop_back();
  meter_of(slot) = ExposureMeter(slot.window, slot.week);
}

void Exposures::release(Slot& slot) {
  if (slot.meter != none) free_.push_back(slot.meter);
  slot.meter = none;
}

/// The shift is over; the reading that tells so still stands for its last part.
void Exposures::finish(Slot& slot, const Subject& subject, PointIndex point, const Stay& stay) {
  const auto& rule = rule_of(slot);
  auto& meter = meter_of(slot);
  meter.add(rule, stay);
  finals_.push_back(record(slot, point, slot.window.end, {}));
  if (subject.first_closed != none) {
    const auto place = static_cast<std::size_t>(&slot - &slots_[subject.first_slot]);
    closed_[static_cast<std::size_t>(subject.first_closed) + place] = {slot.window.begin,
                                                                       meter.part(rule, slot.window.end)};
  }
  slot.week = meter.week_after(rule);
  release(slot);
}

/// Moves the point's shifts on to the one that the reading belongs to; what ends on the way is recorded.
void Exposures::follow(Subject& subject, PointIndex point, const Stay& stay) {
  subject.due = Timestamp::max();
  for (auto& slot : slots_of(subject)) {
    // Set back to before its shift, the clock would count nothing until it comes there again. What the shift has met is
    // none of its own; its record is not final, and the true one takes its place.
    if (stay.from > stay.to && slot.window.begin - stay.to > longest_slew) {
      release(slot);
      slot.window = {};
    }
    if (slot.meter != none && stay.to >= slot.window.end) finish(slot, subject, point, stay);
    if (slot.meter == none) {
      // Asked once a shift: as long as the next one has not begun, its window is known.
      if (stay.to >= slot.window.end) slot.window = calendar_(watches_[slot.watch].shift, stay.to);
      if (stay.to > slot.window.begin) begin(slot);
    }
    subject.due = std::min(subject.due, slot.meter == none ? slot.window.begin : slot.window.end);
  }
}

void Exposures::join(ShiftState& state, const ExposureRule& rule, const ExposureMeter& meter, Timestamp now,
                     const WindowMean& half_hour) {
  state.short_time_broken |= meter.short_time_broken(rule);
  if (!std::isfinite(rule.limit)) return;
  const auto figure = meter.figure(rule, now, half_hour);
  // Held against the limit as printed, so that one set point serves shifts of every length.
  const double scale = rule.levels ? 1 : 1 / rule.reduction_factor;
  const double so_far = figure.so_far * scale;
  if (so_far > state.so_far) {
    state.so_far = so_far;
    state.at_least = figure.at_least;
    state.reduction_factor = rule.reduction_factor;
  }
  if (!(figure.projected * scale <= state.projected)) state.projected = figure.projected * scale;
}

ShiftState Exposures::on_reading(Timestamp from, const Reading& reading, const WindowMean& c_ste) {
  ShiftState state;
  auto& subject = subjects_[at(reading.point)];
  if (subject.slots == 0) return state;
  const Stay stay(subject.levels, from, reading.at, reading.value, reading.flag, c_ste);
  if (subject.half_hour != none && enters_averages(reading.flag))
    half_hours_[static_cast<std::size_t>(subject.half_hour)].add(from, reading.at, stay.rate);
  if (reading.at >= subject.due || from > reading.at) follow(subject, reading.point, stay);
  const auto recent = half_hour(subject, reading.at);
  for (const auto& slot : slots_of(subject)) {
    if (slot.meter == none) continue;
    const auto& rule = rule_of(slot);
    auto& meter = meter_of(slot);
    meter.add(rule, stay);
    join(state, rule, meter, reading.at, recent);
  }
  return state;
}

void Exposures::snapshot(PointIndex point, Timestamp now, std::vector<Exposure>& out) const {
  const auto& subject = subjects_[at(point)];
  const auto recent = half_hour(subject, now);
  for (const auto& slot : slots_of(subject)) {
    if (slot.meter != none && now < slot.window.end) out.push_back(record(slot, point, now, recent));
  }
}

double Exposures::coverage(PointIndex point, Timestamp now) const {
  double least = no_value;
  for (const auto& slot : slots_of(subjects_[at(point)])) {
    if (slot.meter == none) continue;
    const auto share = meter_of(slot).record(rule_of(slot), now, {}).time.coverage();
    least = std::isnan(least) ? share : std::min(least, share);
  }
  return least;
}

void Exposures::take(PointIndex first, std::uint32_t points, Timestamp now, std::vector<Exposure>& out) {
  if (!finals_.empty()) {
    out.insert(out.end(), finals_.begin(), finals_.end());
    finals_.clear();
  }
  if (points == 0) return;
  auto& next = subjects_[at(first)].next_snapshot;
  if (next == Timestamp{}) next = std::min(next_snapshot(first, now), now + phase_of(first, first_snapshots));
  if (now < next && next - now <= snapshot_interval) return;
  next = next_snapshot(first, now);
  for (std::uint32_t i = 0; i < points; ++i) snapshot(PointIndex{static_cast<std::uint32_t>(at(first) + i)}, now, out);
}

std::uint64_t Exposures::fingerprint(PointIndex point) const {
  const auto& subject = subjects_[at(point)];
  Fingerprint print;
  for (const auto& slot : slots_of(subject)) {
    const auto& [shift, rule] = watches_[slot.watch];
    print.add(shift).add(rule.rule).add(rule.hours).add(rule.judged_hours()).add(rule.limit).add(rule.episode_above);
  }
  return print.add(subject.mixture != none).add(sizeof(ExposureMeter)).value();
}

void Exposures::save(PointIndex point, StateWriter& to) const {
  const auto& subject = subjects_[at(point)];
  for (const auto& slot : slots_of(subject)) {
    to.put(slot.window);
    to.put(slot.week.week);
    to.put(slot.week.dose);
    to.put(static_cast<std::uint8_t>(slot.meter != none));
    if (slot.meter != none) to.put(meter_of(slot));
  }
  if (subject.first_closed != none)
    to.put(std::span(closed_).subspan(static_cast<std::size_t>(subject.first_closed), subject.slots));
  if (subject.half_hour != none) half_hours_[static_cast<std::size_t>(subject.half_hour)].save(to);
}

void Exposures::load(PointIndex point, StateReader& from) {
  auto& subject = subjects_[at(point)];
  for (auto& slot : slots_of(subject)) {
    release(slot);
    std::uint8_t lasts = 0;
    from.get(slot.window);
    from.get(slot.week.week);
    from.get(slot.week.dose);
    from.get(lasts);
    if (lasts == 0) continue;
    begin(slot);
    from.get(meter_of(slot));
  }
  if (subject.first_closed != none)
    from.get(std::span(closed_).subspan(static_cast<std::size_t>(subject.first_closed), subject.slots));
  if (subject.half_hour != none) half_hours_[static_cast<std::size_t>(subject.half_hour)].load(from);
  subject.due = {};  // what begins or ends next is looked up with the first reading
}

}  // namespace hazgate::core
