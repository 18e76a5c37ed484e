#include "settings/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "settings/load.hpp"
#include "settings/simulation_recording.hpp"
#include "settings/words.hpp"

namespace hazgate::settings {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr Range<milliseconds> any_duration{milliseconds(0), std::chrono::hours(24 * 366)};

/// What a point shows that no recording plays on: the middle of the instrument's range where that means nothing bad;
/// for a hazard a value near nothing, because half the range of a gas sensor is an alarm. A compound of a VOC station
/// is one whether it has a limit or not: what the recorded station did not look for is no mass in TVOC.
double resting_value(const modbus::Measure& measure) {
  if (measure.agent.starts_with("noise")) return 50;
  const double least = measure.min.value_or(0);
  if (measure.agent != "none" || !measure.compound.empty()) return std::max(least, 0.0) + 2 * measure.loq.value_or(0);
  if (measure.unit == "hPa") return 1013;
  if (measure.unit == "degC") return 20;
  if (measure.max) return (least + *measure.max) / 2;
  return measure.min ? least + 1 : 1;
}

/// A register value that the profile reads as "normal".
double normal_state(const modbus::StateRegister& state) {
  for (const auto& [value, letter] : state.map) {
    if (letter == 'N') return value;
  }
  std::uint32_t value = 0;
  while (state.otherwise == 'N' && state.map.contains(value)) ++value;
  return value;
}

/// The simulated device of one poll plan, everything at rest. Channels: measures, states, heartbeat.
modbus::SimulatedDevice at_rest(const modbus::DevicePlan& plan, const modbus::Profile& profile) {
  modbus::SimulatedDevice device{.id = plan.id, .unit = plan.unit};
  const auto measures = profile.measures.size(), states = profile.states.size();
  for (std::size_t i = 0; i < measures; ++i) {
    const auto& measure = profile.measures[i];
    device.constants.emplace_back(plan.channels[i], (resting_value(measure) - measure.offset) / measure.scale);
  }
  for (std::size_t i = 0; i < states; ++i) {
    device.constants.emplace_back(plan.channels[measures + i], normal_state(profile.states[i]));
  }
  for (const auto& expect : plan.expects) device.constants.emplace_back(expect.channel, expect.equals);
  if (plan.channels.size() > measures + states) device.heartbeat = plan.channels.back();
  return device;
}

modbus::SimulatedBus other_end(const BusSettings& bus) {
  modbus::SimulatedBus simulated{.id = bus.id};
  if (const auto* tcp = std::get_if<modbus::TcpLinkOptions>(&bus.link)) {
    simulated.end = modbus::SimulatedBus::TcpListener{.host = tcp->host, .port = tcp->port};
  } else {
    std::visit([&](const auto& end) { simulated.end = end; }, std::get<modbus::RtuLinkOptions>(bus.link).end);
  }
  return simulated;
}

/// Where a configured device or point is played.
struct Stage {
  Settings settings;
  std::vector<modbus::SimulatedBus> buses;
  std::map<std::string, modbus::SimulatedDevice*> devices;
  std::map<std::string, std::size_t> points;
};

void add_outputs(Stage& stage) {
  for (const auto& action : stage.settings.actions) {
    auto& devices = stage.buses[core::at(action.bus)].devices;
    auto device = std::ranges::find(devices, action.unit, &modbus::SimulatedDevice::unit);
    if (device == devices.end()) continue;
    const bool coil = action.table == modbus::Table::coil;
    const modbus::Channel output{
        .table = action.table, .address = action.address, .type = coil ? modbus::Type::bit : modbus::Type::uint16};
    device->constants.emplace_back(output, action.released);
  }
}

Stage set_up(Settings settings) {
  Stage stage{.settings = std::move(settings)};
  for (const auto& bus : stage.settings.buses) {
    stage.buses.push_back(other_end(bus));
    for (const auto& plan : bus.devices) {
      stage.buses.back().devices.push_back(at_rest(plan, stage.settings.profiles[plan.index]));
    }
  }
  add_outputs(stage);
  for (auto& bus : stage.buses) {
    for (auto& device : bus.devices) stage.devices.emplace(device.id, &device);
  }
  for (std::size_t i = 0; i < stage.settings.site.points.size(); ++i) {
    stage.points.emplace(stage.settings.site.points[i].id, i);
  }
  return stage;
}

template <class Value>
std::vector<std::string> keys(const std::map<std::string, Value>& map) {
  std::vector<std::string> all;
  all.reserve(map.size());
  for (const auto& [key, value] : map) all.push_back(key);
  return all;
}

/// The part of a series from `start` on, `rate` recorded seconds a second.
void cut(Series& series, double start, double rate) {
  const auto first = std::ranges::lower_bound(series.seconds, start) - series.seconds.begin();
  series.seconds.erase(series.seconds.begin(), series.seconds.begin() + first);
  series.values.erase(series.values.begin(), series.values.begin() + first);
  for (auto& second : series.seconds) second = (second - start) / rate;
}

void read_play(TomlReader& play, Recordings& recordings, Stage& stage, std::set<std::string>& played) {
  play.require("point");
  const auto point = play.text("point");
  const auto scale = play.number("scale").value_or(1), offset = play.number("offset").value_or(0);
  const auto start = std::chrono::duration<double>(play.duration("start", any_duration).value_or(milliseconds(0)));
  const auto rate = play.number("rate").value_or(1);
  auto series = recordings.read(play);
  play.finish();
  if (rate <= 0) play.problem("rate", "must be greater than 0");
  if (!point) return;
  const auto found = stage.points.find(*point);
  if (found == stage.points.end()) {
    play.problem("point", fmt::format("{} is not a point of the configuration{}", in_quotes(*point),
                                      hint(*point, keys(stage.points))));
    return;
  }
  if (!played.insert(*point).second) play.problem("point", fmt::format("{} is played already", in_quotes(*point)));
  if (!series || rate <= 0) return;
  if (start.count() > series->seconds.back()) {
    play.problem("start", fmt::format("is after the end of the recording, which lasts {:g} s", series->seconds.back()));
    return;
  }
  cut(*series, start.count(), rate);
  for (auto& value : series->values) value = value * scale + offset;
  const auto device_index = stage.settings.site.points[found->second].device;
  const auto& site_device = stage.settings.site.devices[core::at(device_index)];
  const auto& measures = stage.settings.profiles[core::at(device_index)].measures;
  const auto place = found->second - core::at(site_device.first_point);
  if (place >= measures.size()) {
    play.problem("point", fmt::format("{} is derived from other points; no register has it", in_quotes(*point)));
    return;
  }
  const auto& measure = measures[place];
  stage.devices.at(site_device.id)
      ->tracks.push_back({.channel = measure.channel,
                          .scale = measure.scale,
                          .offset = measure.offset,
                          .seconds = std::move(series->seconds),
                          .values = std::move(series->values)});
}

void read_fault(TomlReader& entry, Stage& stage) {
  Choices<modbus::Fault> kinds;
  for (int i = 0; i <= static_cast<int>(modbus::Fault::single_bytes); ++i) {
    const auto fault = static_cast<modbus::Fault>(i);
    kinds.emplace_back(std::string(name(fault)), fault);
  }
  bool complete = entry.require("device");
  complete = entry.require("kind") && complete;  // both are reported
  const auto device = entry.text("device");
  const auto kind = entry.choice("kind", kinds);
  modbus::FaultWindow window{.from = entry.duration("from", any_duration).value_or(milliseconds(0)),
                             .duration = entry.duration("for", any_duration),
                             .delay = entry.duration("delay", any_duration).value_or(milliseconds(700))};
  entry.finish();
  if (!complete || !device) return;
  const auto found = stage.devices.find(*device);
  if (found == stage.devices.end()) {
    entry.problem("device", fmt::format("{} is not a device of the configuration{}", in_quotes(*device),
                                        hint(*device, keys(stage.devices))));
    return;
  }
  if (!kind) return;
  window.fault = *kind;
  found->second->faults.push_back(window);
}

}  // namespace

boost::system::result<std::vector<modbus::SimulatedBus>, Problems> load_simulation(const fs::path& config,
                                                                                   const fs::path& data_dir) {
  auto loaded = load(config);
  if (loaded.has_error()) return loaded.error();
  auto stage = set_up(std::move(*loaded));
  const auto file = data_dir / "simulation.toml";
  Problems problems;
  const auto text = read_text(file, problems);
  const auto document = text ? parse_toml(*text, file.string(), problems) : std::nullopt;
  if (!document) return problems;
  const Report report{file.string(), problems};
  TomlReader root(*document, {1, 1}, "", report);
  Recordings recordings(data_dir, problems);
  std::set<std::string> played;
  for (auto& play : root.tables("play")) read_play(play, recordings, stage, played);
  for (auto& fault : root.tables("fault")) read_fault(fault, stage);
  root.finish();
  if (!problems.empty()) return problems;
  return std::move(stage.buses);
}

}  // namespace hazgate::settings
