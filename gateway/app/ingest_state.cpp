// What Ingest holds, as bytes for a checkpoint and back.
#include <algorithm>
#include <numeric>

#include "app/ingest.hpp"

namespace hazgate::app {

namespace {

constexpr core::Duration checkpoint_interval = std::chrono::minutes(1);

/// Of each device the least one among those that are judged together with it.
std::vector<std::size_t> leaders(const settings::Settings& settings) {
  std::vector<std::size_t> leader(settings.devices.size());
  std::iota(leader.begin(), leader.end(), 0);
  const auto join = [&](core::PointIndex a, core::PointIndex b) {
    const auto device = [&](core::PointIndex p) { return core::at(settings.site.points[core::at(p)].device); };
    const auto [least, other] = std::minmax({leader[device(a)], leader[device(b)]});
    std::ranges::replace(leader, other, least);
  };
  // A silent line is judged by all that hang on it, and a point of one silences others.
  for (const auto& device : settings.site.devices) {
    const auto same_bus = std::ranges::find(settings.site.devices, device.bus, &core::Device::bus);
    if (device.point_count > 0 && same_bus->point_count > 0) join(same_bus->first_point, device.first_point);
  }
  for (const auto& check : settings.cross_checks) join(check.points[0], check.points[1]);
  for (const auto& mixture : settings.mixtures)
    for (const auto& agent : mixture.agents)
      for (const auto point : agent) join(mixture.agents.front().front(), point);
  return leader;
}

}  // namespace

void Ingest::take_turns() {
  const auto leader = leaders(settings_);
  const auto led_by = [&](const Turn& turn) { return leader[core::at(turn.device)]; };
  for (std::uint32_t i = 0; i < devices_.size(); ++i) turns_.push_back({.device = core::DeviceIndex{i}});
  std::ranges::stable_sort(turns_, {}, led_by);
  for (std::size_t i = 0; i + 1 < turns_.size(); ++i) turns_[i].with_next = led_by(turns_[i]) == led_by(turns_[i + 1]);
}

void Ingest::save(core::DeviceIndex device, std::vector<std::byte>& to) const {
  const auto& d = settings_.site.devices[core::at(device)];
  core::StateWriter writer(to);
  writer.put(devices_[core::at(device)]);
  for (std::uint32_t i = 0; i < d.point_count; ++i) writer.put(points_[core::at(d.first_point) + i].quality);
  for (std::uint32_t i = 0; i < d.point_count; ++i)
    writer.put(static_cast<std::uint8_t>(points_[core::at(d.first_point) + i].low_coverage));
  save_suppressions(device, writer);
  save_checks(device, writer);
  monitor_.save(device, d.first_point, d.point_count, to);
}

/// Each with its identity and length: when a check comes, goes or changes, all else is still read.
void Ingest::save_checks(core::DeviceIndex device, core::StateWriter& to) const {
  std::vector<const Check*> mine;
  for (const auto number : checks_of_[core::at(device)])
    if (judges(device, checks_[number])) mine.push_back(&checks_[number]);
  to.put(mine.size());
  for (const auto* check : mine) {
    std::vector<std::byte> state;
    core::StateWriter writer(state);
    check->state.save(writer);
    to.put(check->identity);
    to.put(state.size());
    to.put(std::span<const std::byte>(state));
  }
}

std::vector<Ingest::SavedCheck> Ingest::saved_checks(core::StateReader& from) {
  std::vector<SavedCheck> checks;
  std::size_t count = 0;
  from.get(count);
  for (std::size_t i = 0; i < count && from.good(); ++i) {
    SavedCheck saved;
    std::size_t size = 0;
    from.get(saved.identity);
    from.get(size);
    saved.state = from.take(size);
    checks.push_back(saved);
  }
  return checks;
}

/// Each with its identity: when a rule comes, goes or changes, all else is still read.
void Ingest::save_suppressions(core::DeviceIndex device, core::StateWriter& to) const {
  to.put(static_cast<std::uint64_t>(std::ranges::count(suppressions_, device, &Suppression::device)));
  for (const auto& suppression : suppressions_)
    if (suppression.device == device) to.put(SavedSuppression{suppression.identity, suppression.holds ? 1U : 0U});
}

void Ingest::load_suppressions(core::DeviceIndex device, std::span<const SavedSuppression> saved) {
  for (auto& suppression : suppressions_) {
    if (suppression.device != device) continue;
    const auto found = std::ranges::find(saved, suppression.identity, &SavedSuppression::identity);
    suppression.holds = found != saved.end() && found->holds != 0;
  }
  for (const auto& suppress : settings_.suppress)
    for (const auto point : suppress.points) monitor_.suppress(point, is_suppressed(point), {});
}

void Ingest::load_check(const SavedCheck& saved) {
  for (auto& check : checks_)
    if (check.identity == saved.identity) check.state.load(saved.state);
}

bool Ingest::load(core::DeviceIndex device, std::span<const std::byte> state) {
  const auto& d = settings_.site.devices[core::at(device)];
  core::StateReader reader(state);
  DeviceState mine;
  std::vector<core::QualityState> qualities(d.point_count);
  reader.get(mine);
  reader.get(std::span(qualities));
  std::vector<std::uint8_t> low(d.point_count);
  reader.get(std::span(low));
  std::uint64_t suppressions = 0;
  reader.get(suppressions);
  std::vector<SavedSuppression> saved_suppressions;
  for (std::uint64_t i = 0; i < suppressions && reader.good(); ++i) reader.get(saved_suppressions.emplace_back());
  const auto checks = saved_checks(reader);
  const auto sensible = [&](const Cause& cause) {
    return core::doubt_of_sample(static_cast<std::uint8_t>(cause.doubt)) &&
           (cause.place == 0 || cause.place < d.point_count);
  };
  if (!reader.good() || !sensible(mine.told) || !sensible(mine.last) ||
      !monitor_.load(device, d.first_point, d.point_count, reader.rest()))
    return false;
  devices_[core::at(device)] = mine;
  for (std::uint32_t i = 0; i < d.point_count; ++i) points_[core::at(d.first_point) + i].quality = qualities[i];
  for (std::uint32_t i = 0; i < d.point_count; ++i) {
    auto& point = points_[core::at(d.first_point) + i];
    low_coverage_ -= point.low_coverage ? 1 : 0;
    point.low_coverage = low[i] != 0;
    low_coverage_ += point.low_coverage ? 1 : 0;
  }
  load_suppressions(device, saved_suppressions);
  for (const auto& saved : checks) load_check(saved);
  return true;
}

/// As on_outcome() left it when it brought these samples.
void Ingest::recall_quality(core::DeviceIndex device, core::Timestamp at, std::span<const core::Sample> samples) {
  const auto& d = settings_.site.devices[core::at(device)];
  for (std::size_t i = 0; i < samples.size(); ++i) {
    auto& point = points_[core::at(d.first_point) + i];
    const auto& sample = samples[i];
    if (core::of_whole_device(sample.doubt)) {
      point.quality = {};
    } else {
      core::judge_quality(point.quality, rules_[point.rule], at, sample.value);
    }
  }
}

void Ingest::catch_up(core::DeviceIndex device, core::Timestamp at, std::span<const core::Sample> samples,
                      std::optional<double> heartbeat) {
  if (!samples.empty() && !core::of_failed_poll(samples.front().doubt)) {
    on_answer(core::at(device), true, at);  // whether it was away, the times say
    if (heartbeat) follow_heartbeat(devices_[core::at(device)], *heartbeat, at);
    recall_quality(device, at, samples);
  }
  core::Batch stored_already;
  monitor_.catch_up(true);
  on_frame(device, at, samples, stored_already);
  monitor_.catch_up(false);
}

void Ingest::add_checkpoints(core::Timestamp now, core::Batch& batch) {
  if (turns_.empty()) return;
  const core::Duration pace = checkpoint_interval / static_cast<std::int64_t>(turns_.size());
  // After a step of the clock, or a long pause, a new round begins: none is left out, and none comes in a burst.
  if (now < checkpoint_due_ - checkpoint_interval || now > checkpoint_due_ + checkpoint_interval) checkpoint_due_ = now;
  for (bool with_last = false; with_last || checkpoint_due_ <= now;) {
    const auto& turn = turns_[next_checkpoint_];
    batch.checkpoints.push_back({.device = turn.device, .at = now, .state = {}});
    save(turn.device, batch.checkpoints.back().state);
    next_checkpoint_ = (next_checkpoint_ + 1) % turns_.size();
    checkpoint_due_ += std::max(pace, core::Duration{1});
    with_last = turn.with_next;
  }
}

}  // namespace hazgate::app
