#include "core/exposures.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "core/fingerprint.hpp"

namespace hazgate::core {

namespace {
constexpr Duration projection_window = std::chrono::minutes(30);
bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }
bool same(const ShiftWatch& a, const ShiftWatch& b) {
  const auto& [x, y] = std::tie(a.rule, b.rule);
  return a.shift == b.shift && x.levels == y.levels && x.rule == y.rule && x.impulses == y.impulses &&
         same(x.hours, y.hours) && same(x.week_hours, y.week_hours) && same(x.limit, y.limit) && same(x.mac, y.mac) &&
         same(x.pc_stel, y.pc_stel) && same(x.episode_above, y.episode_above);
}
constexpr Duration projection_step = std::chrono::minutes(1);  // a forecast needs no finer one
}  // namespace

std::uint32_t Exposures::watch_number(const ShiftWatch& watch) {
  auto found = std::ranges::find_if(watches_, [&](const ShiftWatch& other) { return same(watch, other); });
  if (found == watches_.end()) found = watches_.insert(found, watch);
  return static_cast<std::uint32_t>(found - watches_.begin());
}

void Exposures::watch(std::span<const ShiftWatch> shifts, Duration period, WorkplaceIndex workplace) {
  Subject subject{.first_meter = static_cast<std::uint32_t>(meters_.size()),
                  .meters = static_cast<std::uint16_t>(shifts.size())};
  for (const auto& shift : shifts) meters_.push_back({.meter = {}, .watch = watch_number(shift)});
  const auto judged = [](const ShiftWatch& shift) { return std::isfinite(shift.rule.limit); };
  if (std::ranges::any_of(shifts, judged)) {
    subject.half_hour = static_cast<std::int32_t>(half_hours_.size());
    half_hours_.emplace_back(projection_window, std::max(period, projection_step));
  }
  if (!shifts.empty()) subject.levels = shifts.front().rule.levels;
  if (!shifts.empty()) {
    workplaces_.resize(std::max(workplaces_.size(), core::at(workplace) + 1));
    workplaces_[core::at(workplace)].points.push_back(PointIndex{static_cast<std::uint32_t>(subjects_.size())});
  }
  subjects_.push_back(subject);
}

void Exposures::mix(std::span<const std::vector<PointIndex>> agents) {
  bool leads = true;
  for (const auto& points : agents) {
    for (const auto point : points) {
      auto& subject = subjects_[at(point)];
      subject.mixture = static_cast<std::int32_t>(mixtures_.size());
      subject.leads = std::exchange(leads, false);
    }
  }
  mixtures_.emplace_back(agents.begin(), agents.end());
}

/// Points at one workplace have the same shifts, each at the same place.
ExposureMeter::Part Exposures::part_of(PointIndex point, std::size_t place, const ShiftWindow& window,
                                       Timestamp now) const {
  const auto& subject = subjects_[at(point)];
  if (place >= subject.meters) return {};
  const auto& m = meters_[subject.first_meter + place];
  if (m.closed_begin == window.begin) return m.closed;
  return m.open && m.meter.window() == window ? m.meter.part(watches_[m.watch].rule, now) : ExposureMeter::Part{};
}

ExposureMeter::Part Exposures::mixture_index(const Mixture& mixture, std::size_t place, const ShiftWindow& window,
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
  const auto index = mixture_index(mixture, place, e.window, e.at);
  e.mixture_index = index.ratio;
  if (exceeds(index.ratio, 1)) {
    e.breaches.add(Breach::mixture);
    e.verdict = Verdict::exceeds;
  } else if (!index.proven && e.verdict == Verdict::compliant) {
    e.verdict = Verdict::insufficient;
  }
}

/// Of shifts that overlap the greatest.
double Exposures::leading_index(const Subject& subject, Timestamp now) const {
  double greatest = 0;
  for (std::size_t place = 0; place < subject.meters; ++place) {
    const auto& m = meters_[subject.first_meter + place];
    if (!m.open) continue;
    const auto& mixture = mixtures_[static_cast<std::size_t>(subject.mixture)];
    greatest = std::max(greatest, mixture_index(mixture, place, m.meter.window(), now).ratio);
  }
  return greatest;
}

WindowMean Exposures::half_hour(const Subject& subject, Timestamp now) const {
  return subject.half_hour < 0 ? WindowMean{} : half_hours_[static_cast<std::size_t>(subject.half_hour)].at(now);
}

Exposure Exposures::record(const Meter& m, PointIndex point, Timestamp now, const WindowMean& half_hour) const {
  const auto& watch = watches_[m.watch];
  auto record = m.meter.record(watch.rule, now, half_hour);
  record.point = point;
  record.shift = watch.shift;
  const auto& subject = subjects_[at(point)];
  if (subject.mixture < 0) return record;
  const auto place = static_cast<std::size_t>(&m - &meters_[subject.first_meter]);
  judge_mixture(mixtures_[static_cast<std::size_t>(subject.mixture)], place, record);
  return record;
}

/// Moves the meter on to the shift that `reading` belongs to; what ends on the way is recorded.
void Exposures::follow(Meter& m, PointIndex point, Timestamp from, const Reading& reading) {
  const auto& watch = watches_[m.watch];
  if (m.open && reading.at >= m.meter.window().end) {
    m.meter.add(watch.rule, from, reading.at, reading.value, reading.flag, no_value);
    finals_.push_back(record(m, point, m.meter.window().end, {}));
    m.closed_begin = m.meter.window().begin;
    m.closed = m.meter.part(watch.rule, m.meter.window().end);
    m.meter.close(watch.rule);
    m.open = false;
  }
  if (m.open) return;
  // Asked once a shift: as long as the next one has not begun, its window is already in the meter.
  if (reading.at >= m.meter.window().end) m.meter.open(calendar_(watch.shift, reading.at));
  m.open = reading.at > m.meter.window().begin;
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

ShiftState Exposures::on_reading(Timestamp from, const Reading& reading, double c_ste) {
  ShiftState state;
  const auto& subject = subjects_[at(reading.point)];
  if (subject.half_hour >= 0 && enters_averages(reading.flag)) {
    half_hours_[static_cast<std::size_t>(subject.half_hour)].add(
        from, reading.at, subject.levels ? to_energy(reading.value) : reading.value);
  }
  const auto recent = half_hour(subject, reading.at);
  for (auto& m : std::span(meters_).subspan(subject.first_meter, subject.meters)) {
    follow(m, reading.point, from, reading);
    if (!m.open) continue;
    const auto& rule = watches_[m.watch].rule;
    m.meter.add(rule, from, reading.at, reading.value, reading.flag, c_ste);
    join(state, rule, m.meter, reading.at, recent);
  }
  if (subject.leads) state.mixture = leading_index(subject, reading.at);
  return state;
}

void Exposures::snapshot(PointIndex point, Timestamp now, std::vector<Exposure>& out) const {
  const auto& subject = subjects_[at(point)];
  const auto recent = half_hour(subject, now);
  for (const auto& m : std::span(meters_).subspan(subject.first_meter, subject.meters)) {
    if (m.open && now < m.meter.window().end) out.push_back(record(m, point, now, recent));
  }
}

void Exposures::take(WorkplaceIndex workplace, Timestamp now, std::vector<Exposure>& out) {
  if (!finals_.empty()) {
    out.insert(out.end(), finals_.begin(), finals_.end());
    finals_.clear();
  }
  if (at(workplace) >= workplaces_.size()) return;
  auto& here = workplaces_[at(workplace)];
  const auto minute = now.time_since_epoch() / std::chrono::minutes(1);
  if (std::exchange(here.minute, minute) == minute) return;
  for (const auto point : here.points) snapshot(point, now, out);
}

std::uint64_t Exposures::fingerprint(PointIndex point) const {
  const auto& subject = subjects_[at(point)];
  Fingerprint print;
  for (const auto& m : std::span(meters_).subspan(subject.first_meter, subject.meters)) {
    const auto& [shift, rule] = watches_[m.watch];
    print.add(shift).add(rule.rule).add(rule.hours).add(rule.judged_hours()).add(rule.limit).add(rule.episode_above);
  }
  return print.add(sizeof(Meter)).value();
}

void Exposures::save(PointIndex point, StateWriter& to) const {
  const auto& subject = subjects_[at(point)];
  to.put(std::span(meters_).subspan(subject.first_meter, subject.meters));
  if (subject.half_hour >= 0) half_hours_[static_cast<std::size_t>(subject.half_hour)].save(to);
}

void Exposures::load(PointIndex point, StateReader& from) {
  const auto& subject = subjects_[at(point)];
  for (auto& m : std::span(meters_).subspan(subject.first_meter, subject.meters)) {
    const auto watch = m.watch;
    from.get(m);
    m.watch = watch;
  }
  if (subject.half_hour >= 0) half_hours_[static_cast<std::size_t>(subject.half_hour)].load(from);
}

}  // namespace hazgate::core
