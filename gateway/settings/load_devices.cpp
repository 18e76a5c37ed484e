// [[device]]: a profile, what the site says about it, and the points that come of both.
#include <fmt/format.h>

#include <algorithm>

#include "settings/choices.hpp"
#include "settings/load_points.hpp"
#include "settings/loading.hpp"
#include "settings/words.hpp"

namespace hazgate::settings {

using namespace std::chrono_literals;
using modbus::Channel;

namespace {

std::vector<std::string> profile_names(const Loading& loading) {
  std::set<std::string> names;
  for (const auto& folder : loading.folders) {
    std::error_code error;
    for (std::filesystem::directory_iterator at{folder / "profiles", error}, end; !error && at != end;
         at.increment(error))
      if (at->path().extension() == ".toml") names.insert(at->path().stem().string());
  }
  return {names.begin(), names.end()};
}

/// Parsed once however many devices share it; its own problems are reported with its own file.
const ProfileFile* find_profile(TomlReader& reader, Loading& loading) {
  if (!reader.require("profile")) return nullptr;
  const auto name = reader.text("profile");
  if (!name) return nullptr;
  if (const auto known = loading.profiles.find(*name); known != loading.profiles.end())
    return known->second ? &*known->second : nullptr;
  std::optional<ProfileFile>& slot = loading.profiles[*name];
  if (const std::string trouble = id_trouble(*name); !trouble.empty()) {  // also keeps it within profiles/
    reader.problem("profile", trouble);
    return nullptr;
  }
  for (const auto& folder : loading.folders) {
    const auto path = folder / "profiles" / (*name + ".toml");
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) continue;
    if (const auto text = read_text(path, loading.problems))
      slot = parse_profile(*text, path.string(), *name, loading.problems);
    return slot ? &*slot : nullptr;
  }
  reader.problem("profile", fmt::format("there is no profiles/{}.toml beside the configuration nor in {}{}", *name,
                                        loading.folders.back().string(), hint(*name, profile_names(loading))));
  return nullptr;
}

template <class Visit>
void for_each_channel(modbus::Profile& profile, Visit visit) {
  for (auto& measure : profile.measures) visit(measure.channel);
  for (auto& state : profile.states) visit(state.channel);
  for (auto& expect : profile.expects) visit(expect.channel);
  if (profile.heartbeat) visit(profile.heartbeat->channel);
}

bool leaves_open(const ProfileFile& file, std::string_view key) {
  return std::ranges::find(file.open, key) != file.open.end();
}

void apply_word_order(TomlReader& reader, const ProfileFile& file, modbus::Profile& profile) {
  if (leaves_open(file, "word_order"))
    reader.require("word_order",
                   fmt::format("is required: the manual of {} does not print it; expected \"ABCD\", \"CDAB\", "
                               "\"BADC\" or \"DCBA\", by comparison with the display",
                               profile.name));
  if (const auto order = reader.choice("word_order", word_orders))
    for_each_channel(profile, [&](Channel& c) {
      if (modbus::width(c.type) > 1) c.order = *order;
    });
}

void apply_address_base(TomlReader& reader, const ProfileFile& file, modbus::Profile& profile) {
  constexpr const char* key = "address_base";
  if (!leaves_open(file, key)) {
    if (reader.has(key)) reader.problem(key, fmt::format("{} holds addresses as on the wire already", profile.name));
    reader.note(key);
    return;
  }
  reader.require(key, fmt::format("is required: the manual of {} does not say whether its register numbers count from "
                                  "0 or from 1",
                                  profile.name));
  const auto base = reader.integer(key, {0, 1}).value_or(0);
  for_each_channel(profile, [&](Channel& c) {
    if (c.address >= base) c.address = static_cast<std::uint16_t>(c.address - base);
  });
}

void apply_expects(TomlReader& device, const ProfileFile& file, modbus::Profile& profile) {
  std::vector<std::string> ids;
  std::ranges::copy_if(file.expect_ids, std::back_inserter(ids), [](const std::string& id) { return !id.empty(); });
  std::set<std::string> stated;
  for (TomlReader& reader : device.tables("expect")) {
    reader.require("equals");
    const auto equals = reader.number("equals");
    const auto id = reader.require("id") ? reader.text("id") : std::nullopt;
    reader.finish();
    if (!id) continue;
    const auto found = id->empty() ? file.expect_ids.end() : std::ranges::find(file.expect_ids, *id);
    if (found == file.expect_ids.end())
      reader.problem("id",
                     fmt::format("{} is not an [[expect]] of {}{}", in_quotes(*id), profile.name, hint(*id, ids)));
    else if (!stated.insert(*id).second)
      reader.problem("id", fmt::format("{} is stated twice", in_quotes(*id)));
    else if (equals)
      profile.expects[static_cast<std::size_t>(found - file.expect_ids.begin())].equals = *equals;
  }
  for (std::size_t i = 0; i < file.open_expects.size(); ++i)
    if (file.open_expects[i] && !stated.contains(file.expect_ids[i]))
      device.problem(fmt::format("{} leaves the value of {} to the site; state it in [[device.expect]]", profile.name,
                                 in_quotes(file.expect_ids[i])));
}

std::uint8_t read_unit(TomlReader& reader, BusDefaults* bus, const std::string& device) {
  if (!reader.require("unit")) return 1;
  const auto unit = reader.integer("unit", {-1'000'000, 1'000'000});
  if (!unit) return 1;
  const bool tcp = bus && bus->tcp;
  const bool good = (*unit >= 1 && *unit <= 247) || (*unit == 255 && (tcp || !bus));
  if (!good) {
    const std::string_view why = *unit == 0 ? " (0 is broadcast)" : "";
    reader.problem("unit", fmt::format("{} is not a Modbus unit{}; expected 1 to 247{}", *unit, why,
                                       tcp ? ", or 255 for the TCP server itself" : ""));
  } else if (bus) {
    const auto [at, fresh] = bus->units.emplace(static_cast<int>(*unit), device);
    if (!fresh) reader.problem("unit", fmt::format("{} is taken on this bus by {}", *unit, in_quotes(at->second)));
  }
  return static_cast<std::uint8_t>(*unit);
}

modbus::DevicePlan plan_of(const modbus::Profile& profile) {
  modbus::DevicePlan plan;
  for (const auto& measure : profile.measures) plan.channels.push_back(measure.channel);
  for (const auto& state : profile.states) plan.channels.push_back(state.channel);
  if (profile.heartbeat) plan.channels.push_back(profile.heartbeat->channel);
  plan.expects = profile.expects;
  plan.max_gap = profile.max_gap;
  plan.max_registers = profile.max_registers;
  plan.min_interval = profile.min_interval;
  plan.first_query_may_fail = profile.first_query_may_fail;
  return plan;
}

DeviceRules rules_of(const modbus::Profile& profile) {
  DeviceRules rules{profile.states, {}, profile.warm_up};
  if (profile.heartbeat) rules.heartbeat_within = profile.heartbeat->within;
  return rules;
}

std::size_t read_workplace_of(TomlReader& reader, Loading& loading) {
  if (loading.workplaces.size() > 1) reader.require("workplace", "is required where there are several workplaces");
  return loading.workplaces.refer(reader, "workplace").value_or(0);
}

/// The profile with everything the site says about it; an empty one when there is none.
modbus::Profile read_profile(TomlReader& reader, Loading& loading, std::vector<PointText>& points) {
  const ProfileFile* file = find_profile(reader, loading);
  if (!file) {
    for (const char* key : {"word_order", "address_base", "point", "expect"}) reader.note(key);
    return {};
  }
  modbus::Profile profile = file->profile;
  apply_word_order(reader, *file, profile);
  apply_address_base(reader, *file, profile);
  points = apply_points(reader, *file, profile);
  apply_expects(reader, *file, profile);
  return profile;
}

void read_device(TomlReader& reader, Loading& loading) {
  Settings& settings = loading.settings;
  core::Device device{.id = loading.devices.declare(reader)};
  const auto number = settings.site.devices.size();
  reader.require("bus");
  const std::size_t bus = loading.buses.refer(reader, "bus").value_or(loading.buses.size());
  BusDefaults* defaults = bus < loading.buses.size() ? &loading.bus_defaults[bus] : nullptr;
  const std::uint8_t unit = read_unit(reader, defaults, device.id);
  device.bus = static_cast<core::BusIndex>(bus);
  device.workplace = static_cast<core::WorkplaceIndex>(read_workplace_of(reader, loading));
  const auto period = reader.duration("period", {10ms, 24h}).value_or(1s);
  device.period = period;

  std::vector<PointText> texts;
  modbus::Profile profile = read_profile(reader, loading, texts);
  if (const auto v = reader.flag("baseline")) profile.baseline = *v;
  if (const auto v = reader.duration("scan_interval", {1s, 24h})) profile.scan_interval = *v;
  modbus::DevicePlan plan = plan_of(profile);
  plan.index = static_cast<std::uint32_t>(number);
  plan.id = device.id;
  plan.unit = unit;
  plan.period = period;
  const auto usual = profile.timeout.value_or(defaults ? defaults->timeout : milliseconds{500});
  plan.timeout = reader.duration("timeout", {10ms, 60s}).value_or(usual);
  plan.retries = static_cast<int>(reader.integer("retries", {0, 10}).value_or(defaults ? defaults->retries : 1));

  device.first_point = static_cast<core::PointIndex>(settings.site.points.size());
  device.point_count = static_cast<std::uint32_t>(profile.measures.size());
  settings.site.devices.push_back(device);
  for (std::size_t i = 0; i < profile.measures.size(); ++i) add_point(reader, loading, profile.measures[i], texts[i]);
  settings.devices.push_back(rules_of(profile));
  settings.devices.back().voc = load_voc(reader, loading, profile, texts);
  settings.profiles.push_back(std::move(profile));
  if (defaults) settings.buses[bus].devices.push_back(std::move(plan));
  reader.finish();
}

}  // namespace

void load_devices(TomlReader& root, Loading& loading) {
  if (!root.require("device", "at least one [[device]] is required")) return;
  for (TomlReader& reader : root.tables("device")) read_device(reader, loading);
}

}  // namespace hazgate::settings
