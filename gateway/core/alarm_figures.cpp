#include "core/alarm_figures.hpp"

#include <algorithm>
#include <numeric>

#include "core/alarm_life.hpp"

namespace hazgate::core {

namespace {

using TenMinutes = std::chrono::duration<std::int64_t, std::ratio<600>>;

constexpr std::int64_t windows_an_hour = 6, windows_a_day = 144;
constexpr std::int64_t windows_a_month = 30 * windows_a_day, windows_kept = 31 * windows_a_day;
constexpr std::uint64_t flood_above = 10, flood_below = 5;  // ISA-18.2, annunciations in 10 min
constexpr Duration stale_after = std::chrono::hours(24);    // ISA-18.2
constexpr std::size_t times_kept = 1000;

std::int64_t index_of(Timestamp at) { return std::chrono::floor<TenMinutes>(at.time_since_epoch()).count(); }
Timestamp start_of(std::int64_t index) { return Timestamp{TenMinutes{index}}; }

std::size_t slot_of(std::int64_t index) {
  const auto slot = index % windows_kept;
  return static_cast<std::size_t>(slot < 0 ? slot + windows_kept : slot);
}

/// Whether the change of this record told persons something, by the rules of alarm_life.
bool announced(const Alarm& a) {
  if (set_aside(a) || a.level == Level::none) return false;
  switch (a.change) {
    case Change::raised:
    case Change::rose:
    case Change::realarmed:
    case Change::unshelved:
    case Change::shelf_ended:
    case Change::put_back:
    case Change::released:
      return true;
    default:
      return false;
  }
}

/// What has come to a count; one that falls is of another history and tells nothing.
std::uint32_t grown(std::uint32_t before, std::uint32_t now) { return now > before ? now - before : 0; }

bool appeared(const std::optional<Timestamp>& before, const std::optional<Timestamp>& now) {
  return now && now != before;
}

bool asks_for_a_person(AlarmState state) {
  return state == AlarmState::unacknowledged || state == AlarmState::returned_unacknowledged ||
         state == AlarmState::latched_unacknowledged;
}

}  // namespace

double AlarmReport::share(Level level) const {
  const auto told = static_cast<double>(by_level[static_cast<std::size_t>(level)]);
  return day == 0 ? 0 : told / static_cast<double>(day);
}

std::uint64_t AlarmFigures::Window::annunciated() const {
  return std::accumulate(annunciations.begin(), annunciations.end(), std::uint64_t{0});
}

void AlarmFigures::Times::add(std::optional<Timestamp> from, Timestamp to) {
  if (!from || to < *from) return;
  if (last_.size() < times_kept) {
    last_.push_back(to - *from);
  } else {
    last_[next_] = to - *from;
    next_ = (next_ + 1) % times_kept;
  }
}

TimesTaken AlarmFigures::Times::figures() const {
  if (last_.empty()) return {};
  auto sorted = last_;
  std::ranges::sort(sorted);
  const auto n = sorted.size();
  const auto low = sorted[(n - 1) / 2], high = sorted[n / 2];
  return {.count = n, .median = low + (high - low) / 2, .p95 = sorted[(n * 95 + 99) / 100 - 1]};
}

AlarmFigures::AlarmFigures() : windows_(static_cast<std::size_t>(windows_kept)) {}

AlarmFigures::Window& AlarmFigures::window(Index index) {
  auto& slot = windows_[slot_of(index)];
  if (slot.index != index) slot = {.index = index};
  return slot;
}

const AlarmFigures::Window& AlarmFigures::look(Index index) const {
  static const Window nothing;
  const auto& slot = windows_[slot_of(index)];
  return slot.index == index ? slot : nothing;
}

AlarmFigures::Seen AlarmFigures::before_its_change(const Alarm& a) {
  Seen seen{.annunciations = a.annunciations,
            .activations = a.activations,
            .acknowledged_at = a.acknowledged_at,
            .returned_at = a.returned_at,
            .disposed_at = a.disposed_at};
  const bool disposed = a.change == Change::disposed, acknowledged = a.change == Change::acknowledged;
  if (announced(a) && a.annunciations > 0) --seen.annunciations;
  if (a.change == Change::raised && a.activations > 0) --seen.activations;
  // An acknowledgement after the first leaves the stamp of the first.
  if ((acknowledged || disposed) && a.acknowledged_at == a.changed_at) seen.acknowledged_at.reset();
  if (a.change == Change::returned) seen.returned_at.reset();
  if (disposed) seen.disposed_at.reset();
  return seen;
}

void AlarmFigures::count(const Alarm& a, const Seen& before) {
  const auto told = grown(before.annunciations, a.annunciations);
  const auto raised = grown(before.activations, a.activations);
  const bool missed = a.change == Change::target_missed;
  if (told == 0 && raised == 0 && !missed) return;  // a record that counts for nothing takes no slot from another
  auto& w = window(index_of(a.changed_at));
  w.annunciations[static_cast<std::size_t>(a.level == Level::none ? a.highest : a.level)] += told;
  w.activations += raised;
  w.warn_missed += missed && a.note == "warn";
  w.confirm_missed += missed && a.note == "confirm";
  w.dispose_missed += missed && a.note == "dispose";
}

void AlarmFigures::take_times(const Alarm& a, const Seen& before) {
  if (appeared(before.acknowledged_at, a.acknowledged_at)) to_acknowledge_.add(a.activated_at, *a.acknowledged_at);
  if (appeared(before.returned_at, a.returned_at)) to_return_.add(a.activated_at, *a.returned_at);
  if (appeared(before.disposed_at, a.disposed_at)) to_dispose_.add(a.detected_at, *a.disposed_at);
}

/// While it chatters it is counted as it stands, afterwards in the window of the end: once, however often it began.
void AlarmFigures::follow_chattering(bool chattering, Index index, Seen& seen) {
  if (chattering == seen.chattering) return;
  seen.chattering = chattering;
  if (!chattering) {
    ++window(index).chattered;
    seen.chattered_in = index;
  } else if (seen.chattered_in) {
    auto& slot = windows_[slot_of(*seen.chattered_in)];
    if (slot.index == *seen.chattered_in && slot.chattered > 0) --slot.chattered;
    seen.chattered_in.reset();
  }
}

void AlarmFigures::follow(const Alarm& a, Seen& seen) {
  follow_chattering(a.chattering && !ended(a), index_of(a.changed_at), seen);
  if (!stands(a)) {
    seen.standing_since.reset();
  } else if (!seen.standing_since) {
    seen.standing_since = a.activated_at.value_or(a.changed_at);
  }
  seen.revision = a.revision;
  seen.annunciations = a.annunciations;
  seen.activations = a.activations;
  seen.state = a.state;
  seen.acknowledged_at = a.acknowledged_at;
  seen.returned_at = a.returned_at;
  seen.disposed_at = a.disposed_at;
}

void AlarmFigures::on_change(const Alarm& a) {
  const auto known = open_.find(a.number);
  if (known != open_.end() && a.revision <= known->second.revision) return;
  auto seen = known == open_.end() ? before_its_change(a) : known->second;
  count(a, seen);
  take_times(a, seen);
  follow(a, seen);
  if (!ended(a)) {
    open_.insert_or_assign(a.number, seen);
  } else if (known != open_.end()) {
    open_.erase(known);
  }
}

void AlarmFigures::report_open(AlarmReport& report, Timestamp now) const {
  report.open = open_.size();
  auto& longest = report.longest_standing;
  for (const auto& [number, seen] : open_) {
    report.unacknowledged += asks_for_a_person(seen.state);
    report.shelved += seen.state == AlarmState::shelved;
    report.suppressed += seen.state == AlarmState::suppressed_by_design;
    report.out_of_service += seen.state == AlarmState::out_of_service;
    report.chattering += seen.chattering;
    if (!seen.standing_since) continue;
    const StandingAlarm standing{number, *seen.standing_since};
    report.stale += now - standing.since > stale_after;
    const bool longer = longest && standing.since < longest->since;
    const bool as_long = longest && standing.since == longest->since;
    if (!longest || longer || (as_long && number < longest->number)) longest = standing;
  }
}

void AlarmFigures::report_windows(AlarmReport& report, Index running) const {
  for (auto index = running - windows_a_day; index <= running; ++index) {
    const auto& w = look(index);
    const auto told = w.annunciated();
    for (std::size_t level = 0; level < w.annunciations.size(); ++level)
      report.by_level[level] += w.annunciations[level];
    report.day += told;
    if (index >= running - windows_an_hour) report.hour += told;
    if (told > report.peak) {
      report.peak = told;
      report.peak_from = start_of(index);
    }
    report.activations += w.activations;
    report.chattering += w.chattered;
    report.warn_missed += w.warn_missed;
    report.confirm_missed += w.confirm_missed;
    report.dispose_missed += w.dispose_missed;
  }
  report.this_window = look(running).annunciated();
  report.last_window = look(running - 1).annunciated();
  report.mean_per_window = static_cast<double>(report.day - report.this_window) / windows_a_day;
}

std::vector<AlarmFigures::Flood> AlarmFigures::floods(Timestamp now) const {
  const auto running = index_of(now);
  std::vector<Flood> all;
  for (auto index = running - windows_kept + 1; index <= running; ++index) {
    const auto told = look(index).annunciated();
    const bool lasts = !all.empty() && all.back().lasts;
    if (!lasts && told > flood_above) {
      all.push_back({.from = start_of(index), .to = now, .lasts = true});
    } else if (lasts && told < flood_below && index != running) {
      all.back().to = start_of(index);
      all.back().lasts = false;
    }
  }
  return all;
}

void AlarmFigures::report_floods(AlarmReport& report, Timestamp now) const {
  const auto all = floods(now);
  const auto within = [&](std::int64_t windows) {
    const auto from = start_of(index_of(now) - windows);
    FloodFigures figures;
    for (const auto& flood : all) {
      if (flood.to <= from) continue;
      ++figures.number;
      figures.duration += flood.to - std::max(flood.from, from);
    }
    figures.share = in_seconds(figures.duration) / in_seconds(now - from);
    return figures;
  };
  if (!all.empty() && all.back().lasts) report.in_flood_since = all.back().from;
  report.flood_day = within(windows_a_day);
  report.flood_month = within(windows_a_month);
}

AlarmReport AlarmFigures::report(Timestamp now) const {
  AlarmReport report;
  report_open(report, now);
  report_windows(report, index_of(now));
  report_floods(report, now);
  report.to_acknowledge = to_acknowledge_.figures();
  report.to_return = to_return_.figures();
  report.to_dispose = to_dispose_.figures();
  return report;
}

}  // namespace hazgate::core
