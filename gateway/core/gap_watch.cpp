#include "core/gap_watch.hpp"

#include <algorithm>

namespace hazgate::core {

namespace {
constexpr int longest_cover = 3;  // periods
/// A lost telegram and the pause after it take three periods, give or take the jitter of two polls: no gap of its own.
constexpr Duration jitter = std::chrono::milliseconds(500);
constexpr Duration longest_look = std::chrono::seconds(3);

/// Calibrating, under maintenance, stopped: a person's decision. Warming up is the instrument's own matter.
GapReason reason_of(std::span<const Sample> samples) {
  const bool decided = std::ranges::any_of(samples, [](const Sample& s) {
    const bool letter = s.flag == Flag::calibrating || s.flag == Flag::maintenance || s.flag == Flag::stopped;
    return letter && s.doubt != Doubt::warm_up;
  });
  return decided ? GapReason::operator_ : GapReason::sensor;
}
}  // namespace

std::string_view name(GapReason reason) {
  switch (reason) {
    case GapReason::power:
      return "power";
    case GapReason::sensor:
      return "sensor";
    case GapReason::clock:
      return "clock";
    case GapReason::operator_:
      return "operator";
    case GapReason::size:
      return "size";
  }
  return {};
}

std::string_view name(GapKind kind) { return kind == GapKind::lost ? "lost" : "thinned"; }

/// Why no poll came, or too few: asked when one has brought something again.
Gap GapWatch::unasked(const Watched& d) const {
  if (d.failed) return {.reason = *d.failed, .detail = {}};
  if (held_back_ > d.counted) return {.reason = GapReason::size, .detail = "polls were held back"};
  if (stood_still_ > d.counted) return {.reason = GapReason::power, .detail = "the gateway stood still"};
  return {.reason = GapReason::sensor, .detail = "the line was too slow"};
}

void GapWatch::on_frame(DeviceIndex device, WorkplaceIndex workplace, Duration period, Timestamp at,
                        std::span<const Sample> samples, std::vector<Gap>& out) {
  if (samples.empty()) return;
  auto& d = devices_[core::at(device)];
  const bool counts = std::ranges::any_of(samples, [](const Sample& s) { return judges_alarms(s.flag); });
  const auto tell = [&](std::optional<Timestamp> to) {
    out.push_back(
        {.workplace = workplace, .device = device, .reason = d.reason, .from = d.since, .to = to, .detail = {}});
  };
  if (counts) {
    if (d.told) {
      tell(at);
    } else if (d.counted != Timestamp{} && at - d.counted > longest_cover * period + jitter) {
      auto& gap = out.emplace_back(unasked(d));
      gap.workplace = workplace;
      gap.device = device;
      gap.from = d.counted;
      gap.to = at;
    }
    d = {.counted = at};
    return;
  }
  if (d.counted == Timestamp{} || d.counted > at) d.counted = at;
  const auto reason = reason_of(samples);
  d.failed = reason;
  if (d.told && d.reason == reason) return;
  if (d.told) {
    tell(at);
    d.since = at;
  } else if (at - d.counted > longest_cover * period) {
    d.since = d.counted;
  } else {
    return;
  }
  d.told = true;
  d.reason = reason;
  tell(std::nullopt);
}

void GapWatch::on_time(Timestamp now) {
  if (looked_ != Timestamp{} && now - looked_ > longest_look) stood_still_ = now;
  looked_ = now;
}

void GapWatch::on_step(Duration step) {
  const auto move = [step](Timestamp& moment) {
    if (moment != Timestamp{}) moment += step;
  };
  for (auto& device : devices_) move(device.counted);
  for (auto* moment : {&looked_, &stood_still_, &held_back_}) move(*moment);
}

void GapWatch::begin_run() {
  for (auto& device : devices_) {
    device.counted = {};
    device.failed.reset();
  }
  looked_ = stood_still_ = held_back_ = {};
}

void GapWatch::restore(DeviceIndex device, GapReason reason, Timestamp from) {
  devices_[core::at(device)] = {.counted = from, .since = from, .reason = reason, .told = true};
}

}  // namespace hazgate::core
