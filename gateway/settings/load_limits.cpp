// [[limit]]: levels of the site's own, beside the legal ones. [[action]]: outputs that follow the alarms.
#include <fmt/format.h>

#include <algorithm>

#include "settings/choices.hpp"
#include "settings/level_rules.hpp"
#include "settings/loading.hpp"
#include "settings/words.hpp"

namespace hazgate::settings {

using namespace std::chrono_literals;

namespace {

std::vector<std::size_t> points_of_agent(TomlReader& reader, Loading& loading) {
  const auto word = reader.text("agent");
  if (!word) return {};
  if (*word == "none") {
    reader.problem("agent", "\"none\" is not judged; name one point with point = \"<device>.<measure>\"");
    return {};
  }
  std::string why;
  const auto agent = loading.agent(*word, why);
  if (!why.empty()) reader.problem("agent", why);
  if (!agent) return {};
  const auto& points = loading.points_of[core::at(*agent)];
  if (points.empty()) reader.problem("agent", fmt::format("no point is judged as {}", in_quotes(*word)));
  return points;
}

std::vector<std::size_t> judged_points(TomlReader& reader, Loading& loading) {
  if (reader.has("agent") == reader.has("point")) {
    reader.problem("needs either agent or point, to say what it judges");
    reader.note("agent");
    reader.note("point");
    return {};
  }
  if (reader.has("agent")) {
    reader.note("point");
    return points_of_agent(reader, loading);
  }
  reader.note("agent");
  const auto point = loading.points.refer(reader, "point");
  return point ? std::vector{*point} : std::vector<std::size_t>{};
}

std::optional<core::Unit> read_unit(TomlReader& reader) {
  const auto word = reader.text("unit");
  if (!word) return {};
  const auto unit = core::unit_from(*word);
  if (!unit)
    reader.problem("unit", fmt::format("{} is not a unit; expected {}", in_quotes(*word), core::unit_symbols()));
  return unit;
}

/// The same level in the unit of one point; empty and a Problem where the units do not fit.
std::optional<SiteLevel> in_unit_of(const core::Point& point, SiteLevel level, const TomlReader& reader,
                                    const core::Site& site) {
  const auto mass = point.agent ? site.agents[core::at(*point.agent)].molar_mass : std::nullopt;
  const auto factor = core::conversion_factor(level.unit, point.unit, mass);
  if (!factor) {
    reader.problem("unit", fmt::format("{} cannot become {}, the unit of {}", core::symbol(level.unit),
                                       core::symbol(point.unit), point.id));
    return {};
  }
  level.value *= *factor;
  level.unit = point.unit;
  if (level.dead_band) *level.dead_band *= *factor;
  return level;
}

std::optional<SiteLevel> read_level(TomlReader& reader) {
  const Choices<core::Basis> averages{
      {"reading", core::Basis::reading}, {"15min", core::Basis::c_ste}, {"shift", core::Basis::twa}};
  SiteLevel site;
  reader.require("level");
  reader.require("value");
  const auto level = reader.choice("level", levels);
  const auto value = reader.number("value");
  site.basis = reader.choice("average", averages).value_or(site.basis);
  site.dead_band = reader.number("dead_band");
  if (site.dead_band && *site.dead_band < 0) reader.problem("dead_band", "is negative");
  site.on_delay = reader.duration("on_delay", {0ms, 24h});
  site.off_delay = reader.duration("off_delay", {0ms, 24h});
  if (!level || !value) return {};
  site.level = *level;
  site.value = *value;
  return site;
}

void read_limit(TomlReader& reader, Loading& loading) {
  const auto points = judged_points(reader, loading);
  auto site_level = read_level(reader);
  const auto unit = read_unit(reader);
  reader.finish();
  if (!site_level || (reader.has("unit") && !unit)) return;
  for (const std::size_t i : points) {
    const core::Point& point = loading.settings.site.points[i];
    site_level->unit = unit.value_or(point.unit);
    if (const auto level = in_unit_of(point, *site_level, reader, loading.settings.site))
      loading.settings.points[i].levels.push_back(level_rule(*level, loading.settings.alarm.timings));
    else
      return;  // one such point says it for all
  }
}

/// Its own `id`, or "<device>-coil-3".
std::string output_id(TomlReader& reader, const ActionSettings& action, std::size_t device, Loading& loading) {
  if (reader.has("id")) return loading.outputs.declare(reader);
  const auto& devices = loading.settings.site.devices;
  const auto* table = action.table == modbus::Table::coil ? "coil" : "register";
  auto id = fmt::format("{}-{}-{}", device < devices.size() ? devices[device].id : "", table, action.address);
  loading.outputs.declare(id);
  return id;
}

void read_action(TomlReader& reader, Loading& loading) {
  ActionSettings action;
  const Choices<OutputUntil> untils{{"end", OutputUntil::end}, {"acknowledged", OutputUntil::acknowledged}};
  action.until = reader.choice("until", untils).value_or(action.until);
  if (reader.require("on")) action.on = reader.choice("on", levels).value_or(action.on);
  reader.require("device");
  const std::size_t device = loading.devices.refer(reader, "device").value_or(loading.devices.size());
  if (device < loading.devices.size()) {
    action.bus = loading.settings.site.devices[device].bus;
    if (core::at(action.bus) < loading.settings.buses.size())
      for (const auto& plan : loading.settings.buses[core::at(action.bus)].devices)
        if (plan.index == device) action.unit = plan.unit;
  }
  if (reader.has("coil") == reader.has("register"))
    reader.problem("needs either coil or register, the output's address");
  const auto coil = reader.integer("coil", {0, 0xFFFF});
  const auto holding = reader.integer("register", {0, 0xFFFF});
  action.table = reader.has("register") ? modbus::Table::holding : modbus::Table::coil;
  action.address = static_cast<std::uint16_t>(coil.value_or(holding.value_or(0)));
  const std::int64_t greatest = action.table == modbus::Table::coil ? 1 : 0xFFFF;
  action.value = static_cast<std::uint16_t>(reader.integer("value", {0, greatest}).value_or(1));
  action.released = static_cast<std::uint16_t>(reader.integer("released", {0, greatest}).value_or(0));
  if (action.value == action.released) reader.problem("released", "is the same as value: the output would never move");
  if (const auto workplace = loading.workplaces.refer(reader, "workplace"))
    action.workplace = static_cast<core::WorkplaceIndex>(*workplace);
  loading.settings.site.outputs.push_back({output_id(reader, action, device, loading), read_name(reader)});
  reader.finish();
  // Two owners of one output would release it for each other.
  const auto output = std::tuple(device, action.table, action.address);
  if (device < loading.devices.size() && reader.has("coil") != reader.has("register") &&
      !loading.driven.insert(output).second)
    reader.problem(reader.has("register") ? "register" : "coil",
                   fmt::format("{} is driven by another [[action]] already", action.address));
  loading.settings.actions.push_back(action);
}

}  // namespace

void load_limits(TomlReader& root, Loading& loading) {
  for (TomlReader& reader : root.tables("limit")) read_limit(reader, loading);
}

void load_actions(TomlReader& root, Loading& loading) {
  for (TomlReader& reader : root.tables("action")) read_action(reader, loading);
}

}  // namespace hazgate::settings
