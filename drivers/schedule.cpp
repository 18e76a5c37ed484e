#include "drivers/schedule.hpp"

#include <algorithm>

namespace hazgate::modbus {
namespace {

constexpr milliseconds first_round{1000};
constexpr milliseconds longest_back_off{60000};
constexpr milliseconds too_soon{500};

milliseconds on_tick(milliseconds t) { return t - t % tick_length; }

}  // namespace

milliseconds phase_of(std::uint32_t index, milliseconds period) {
  // Fractional part of index / golden ratio, in 32-bit fixed point: 2^32 / 1.618… = 2654435769.
  const auto fraction = static_cast<std::uint32_t>(index * 2654435769u);
  return on_tick(milliseconds(
      static_cast<std::int64_t>(static_cast<double>(fraction) / 4294967296.0 * static_cast<double>(period.count()))));
}

milliseconds back_off(int failures) {
  const int doublings = std::clamp(failures - 1, 0, 6);
  return std::min(milliseconds(1000 << doublings), longest_back_off);
}

Schedule::Schedule(std::span<const Timing> devices, Clock::time_point start) {
  for (const Timing& device : devices) {
    const milliseconds period = std::max(device.period, tick_length);
    const auto phase = phase_of(device.index, period);
    const auto first = std::min(phase, phase_of(device.index, first_round));
    entries_.push_back({.grid = start + phase - period, .due = start + first, .asked = {}, .period = period});
  }
  find_next();
}

Clock::time_point Schedule::after(const Entry& entry, Clock::time_point moment) {
  if (moment < entry.grid) return entry.grid;
  return entry.grid + ((moment - entry.grid) / entry.period + 1) * entry.period;
}

void Schedule::find_next() {
  next_ = Clock::time_point::max();
  for (const Entry& entry : entries_) next_ = std::min(next_, entry.due);
}

void Schedule::take(Clock::time_point now, bool held, std::vector<Due>& due) {
  if (now < next_) return;
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    if (entry.due > now) continue;
    auto next = after(entry, now);
    const auto missed = static_cast<std::uint64_t>((next - entry.due - Clock::duration(1)) / entry.period);
    if (held) {
      counts_.held_back += 1 + missed;
    } else if (entry.under_way) {
      counts_.skipped += 1 + missed;
    } else {
      counts_.skipped += missed;
      entry.under_way = true;
      entry.asked = entry.due + missed * entry.period;
      due.push_back({.device = i, .at = entry.asked});
    }
    // An extra poll, off the grid, stands for the grid's own that would come right after it.
    const bool extra = (entry.due - entry.grid) % entry.period != Clock::duration(0);
    if (extra && next - now < std::min(too_soon, entry.period / 2)) next += entry.period;
    entry.due = next;
    entry.grid = next - entry.period;
  }
  find_next();
}

void Schedule::answered(std::uint32_t device) {
  entries_[device].under_way = false;
  entries_[device].failures = 0;
}

void Schedule::failed(std::uint32_t device, Clock::time_point now) {
  Entry& entry = entries_[device];
  entry.under_way = false;
  ++entry.failures;
  const auto earliest = std::max(entry.asked + entry.period, now + back_off(entry.failures));
  entry.due = std::max(entry.due, after(entry, earliest - Clock::duration(1)));
  find_next();
}

void Schedule::not_asked(std::uint32_t device) { entries_[device].under_way = false; }

void Schedule::all_due(Clock::time_point now) {
  for (Entry& entry : entries_) {
    if (!entry.under_way) entry.due = now;
  }
  find_next();
}

}  // namespace hazgate::modbus
