#include "settings/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/time_text.hpp"
#include "settings/load.hpp"
#include "settings/simulation_recording.hpp"
#include "settings/words.hpp"

namespace hazgate::settings {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr Range<milliseconds> any_duration{milliseconds(0), std::chrono::hours(24 * 366)};
constexpr double longest_recording_s = 10 * 366 * 86400.0;

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
  const Settings& settings;
  std::vector<modbus::SimulatedBus> buses;
  std::map<std::string, modbus::SimulatedDevice*> devices;
  std::map<std::string, std::size_t> points;
  std::set<std::size_t> played;  ///< points
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

Stage set_up(const Settings& settings) {
  Stage stage{.settings = settings, .buses = {}, .devices = {}, .points = {}, .played = {}};
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

/// What of a recording is played, when, and how a value is changed.
struct Playing {
  double scale = 1, offset = 0;
  double start = 0;              ///< s into the recording
  std::optional<double> length;  ///< recorded seconds
  double rate = 1;               ///< recorded seconds a second
  double from = 0;               ///< s after the start of the simulation
};

Playing read_playing(TomlReader& play) {
  const auto seconds = [&](const char* key) -> std::optional<double> {
    const auto read = play.duration(key, any_duration);
    return read ? std::optional(std::chrono::duration<double>(*read).count()) : std::nullopt;
  };
  Playing how{.scale = play.number("scale").value_or(1),
              .offset = play.number("offset").value_or(0),
              .start = seconds("start").value_or(0),
              .length = seconds("for"),
              .rate = play.number("rate").value_or(1),
              .from = seconds("from").value_or(0)};
  if (how.rate <= 0) play.problem("rate", "must be greater than 0");
  if (how.length == 0) play.problem("for", "must be greater than 0");
  return how;
}

/// The value that stands at the start is the first.
void cut(Series& series, const Playing& how) {
  auto& [seconds, values] = series;
  auto first = std::ranges::upper_bound(seconds, how.start) - seconds.begin();
  first = std::max<std::ptrdiff_t>(first - 1, 0);
  if (how.length) {
    const auto end = std::ranges::lower_bound(seconds, how.start + *how.length) - seconds.begin();
    seconds.resize(static_cast<std::size_t>(end));
    values.resize(static_cast<std::size_t>(end));
  }
  seconds.erase(seconds.begin(), seconds.begin() + first);
  values.erase(values.begin(), values.begin() + first);
  for (auto& second : seconds) second = std::max(0.0, second - how.start) / how.rate;
}

/// `key` names the point, for messages.
void add_track(TomlReader& play, const char* key, std::size_t point, Series series, const Playing& how, Stage& stage) {
  const auto& id = stage.settings.site.points[point].id;
  if (!stage.played.insert(point).second) play.problem(key, fmt::format("{} is played already", in_quotes(id)));
  if (how.rate <= 0 || how.length == 0) return;
  if (how.start > series.seconds.back()) {
    play.problem("start", fmt::format("is after the end of the recording, which lasts {:g} s", series.seconds.back()));
    return;
  }
  const auto device_index = stage.settings.site.points[point].device;
  const auto& site_device = stage.settings.site.devices[core::at(device_index)];
  const auto& measures = stage.settings.profiles[core::at(device_index)].measures;
  const auto place = point - core::at(site_device.first_point);
  if (place >= measures.size()) {
    play.problem(key, fmt::format("{} is derived from other points; no register has it", in_quotes(id)));
    return;
  }
  cut(series, how);
  if (series.seconds.back() > longest_recording_s) {
    play.problem(key,
                 fmt::format("lasts {:g} s, longer than ten years; is its time in seconds?", series.seconds.back()));
    return;
  }
  for (auto& value : series.values) value = value * how.scale + how.offset;
  const auto& measure = measures[place];
  stage.devices.at(site_device.id)
      ->tracks.push_back({.channel = measure.channel,
                          .scale = measure.scale,
                          .offset = measure.offset,
                          .from = how.from,
                          .seconds = std::move(series.seconds),
                          .values = std::move(series.values)});
}

void play_point(TomlReader& play, Recordings& recordings, Stage& stage) {
  play.require("point");
  const auto point = play.text("point");
  const auto how = read_playing(play);
  auto series = recordings.read(play);
  play.finish();
  if (!point) return;
  const auto found = stage.points.find(*point);
  if (found == stage.points.end()) {
    play.problem("point", fmt::format("{} is not a point of the configuration{}", in_quotes(*point),
                                      hint(*point, keys(stage.points))));
    return;
  }
  if (series) add_track(play, "point", found->second, std::move(*series), how, stage);
}

/// A VOC station: each compound of the list on the measure that has it.
void play_device(TomlReader& play, Recordings& recordings, Stage& stage) {
  play.require("compounds");
  const auto id = play.text("device");
  const auto how = read_playing(play);
  auto compounds = recordings.read_compounds(play);
  play.finish();
  if (!id) return;
  const auto device = std::ranges::find(stage.settings.site.devices, *id, &core::Device::id);
  if (device == stage.settings.site.devices.end()) {
    play.problem("device", fmt::format("{} is not a device of the configuration{}", in_quotes(*id),
                                       hint(*id, keys(stage.devices))));
    return;
  }
  const auto number = static_cast<std::size_t>(device - stage.settings.site.devices.begin());
  const auto& measures = stage.settings.profiles[number].measures;
  for (auto& [cas, series] : compounds) {
    const auto measure = std::ranges::find(measures, cas, &modbus::Measure::compound);
    if (measure == measures.end()) {
      play.problem("compounds", fmt::format("{} is no compound of {}", in_quotes(cas), in_quotes(*id)));
      continue;
    }
    const auto place = static_cast<std::size_t>(measure - measures.begin());
    add_track(play, "device", core::at(device->first_point) + place, std::move(series), how, stage);
  }
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

/// `fill` reads what else stands in the file.
template <class Fill>
Problems read_file(const fs::path& file, Stage& stage, Fill fill) {
  Problems problems;
  const auto text = read_text(file, problems);
  const auto document = text ? parse_toml(*text, file.string(), problems) : std::nullopt;
  if (!document) return problems;
  const Report report{file.string(), problems};
  TomlReader root(*document, {1, 1}, "", report);
  Recordings recordings(file.parent_path(), problems);
  for (auto& play : root.tables("play")) {
    play.has("device") ? play_device(play, recordings, stage) : play_point(play, recordings, stage);
  }
  fill(root);
  root.finish();
  return problems;
}

}  // namespace

boost::system::result<std::vector<modbus::SimulatedBus>, Problems> load_simulation(const fs::path& config,
                                                                                   const fs::path& data_dir) {
  const auto settings = load(config);
  if (settings.has_error()) return settings.error();
  auto stage = set_up(*settings);
  auto problems = read_file(data_dir / "simulation.toml", stage, [&](TomlReader& root) {
    root.note("from");  // a replay of the same file asks for it
    for (auto& fault : root.tables("fault")) read_fault(fault, stage);
  });
  if (!problems.empty()) return problems;
  return std::move(stage.buses);
}

boost::system::result<Playback, Problems> load_playback(const Settings& settings, const fs::path& file) {
  auto stage = set_up(settings);
  std::optional<core::Timestamp> from;
  auto problems = read_file(file, stage, [&](TomlReader& root) {
    root.require("from", "is required: when the recordings begin, such as \"2026-11-23T08:00:00+08:00\"");
    root.require("play", "is required: [[play]], which recording plays on which point");
    root.note("fault");
    if (root.has("fault")) root.problem("fault", "is for hazgate simulate; a replay has no line to disturb");
    const auto text = root.text("from");
    if (!text) return;
    from = core::time_from(*text);
    if (!from)
      root.problem("from", fmt::format("{} is no time; expected RFC 3339 such as \"2026-11-23T08:00:00+08:00\"",
                                       in_quotes(*text)));
  });
  if (!problems.empty()) return problems;
  return Playback{.from = *from, .buses = std::move(stage.buses)};
}

}  // namespace hazgate::settings
