#include "settings/load_points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "settings/level_rules.hpp"
#include "settings/words.hpp"

namespace hazgate::settings {

using core::Unit;

namespace {

/// At the point's own table where there is one, else at the device.
void complain(const TomlReader& device, const PointText& text, const std::string& key, const std::string& what) {
  if (text.reader)
    text.reader->problem(key, what);
  else
    device.problem("profile", what);
}

void require_open(const TomlReader& device, const ProfileFile& file, std::size_t measure, const PointText& text) {
  for (const std::string& key : file.open_in_measure[measure]) {
    if (text.reader && text.reader->has(key)) continue;
    const std::string what = fmt::format("{} leaves {} of measure {} to the site; state it in [[device.point]]",
                                         file.profile.name, key, in_quotes(file.profile.measures[measure].id));
    (text.reader ? *text.reader : device).problem(what);
  }
}

/// Molar mass for the conversion; the measure's own serves where the agent's is not known, and must not contradict it.
std::optional<core::GramPerMol> molar_mass(const modbus::Measure& measure, const core::Agent& agent, std::string& why) {
  if (!measure.molar_mass) return agent.molar_mass;
  if (agent.molar_mass && std::abs(*measure.molar_mass / agent.molar_mass->value - 1) > 0.005)
    why = fmt::format("{} g/mol contradicts {} g/mol, which is what the limit of {} counts; remove it",
                      *measure.molar_mass, agent.molar_mass->value, agent.id);
  return core::GramPerMol{*measure.molar_mass};
}

std::string no_factor(Unit from, const core::Agent& agent) {
  const bool fraction = core::conversion_factor(from, Unit::ppm, {}).has_value();
  if (fraction && agent.unit == Unit::mg_per_m3)
    return fmt::format("{} of {} cannot become mg/m3 without its molar mass; state molar_mass (g/mol)",
                       core::symbol(from), agent.id);
  return fmt::format("{} cannot become {}, the unit of {}", core::symbol(from), core::symbol(agent.unit), agent.id);
}

PointRules rules_of(const modbus::Measure& measure, double factor) {
  const auto converted = [&](std::optional<double> v) { return v ? std::optional{*v * factor} : v; };
  PointRules rules{.scale = measure.scale * factor, .offset = measure.offset * factor};
  rules.min = converted(measure.min);
  rules.max = converted(measure.max);
  rules.loq = converted(measure.loq);
  rules.max_rate = converted(measure.max_rate);
  rules.error_values = measure.error_values;
  if (measure.stuck_after) rules.stuck_after = *measure.stuck_after;
  return rules;
}

/// Unit and factor from the measure's unit to it.
struct Canonical {
  Unit unit{};
  double factor = 1;
};
Canonical judged_in(const TomlReader& device, const core::Agent& agent, const modbus::Measure& measure,
                    const PointText& text) {
  const Unit from = core::unit_from(measure.unit).value_or(agent.unit);
  std::string contradiction;
  const auto mass = molar_mass(measure, agent, contradiction);
  if (!contradiction.empty()) complain(device, text, "molar_mass", contradiction);
  const auto factor = core::conversion_factor(from, agent.unit, mass);
  if (!factor) complain(device, text, "unit", no_factor(from, agent));
  return {agent.unit, factor.value_or(1)};
}

}  // namespace

namespace {

std::optional<double> read_sio2(TomlReader& reader) {
  const auto percent = reader.number("sio2_percent");
  if (!percent || (*percent >= 0 && *percent <= 100)) return percent;
  reader.problem("sio2_percent", fmt::format("{} is out of range; expected 0 to 100", *percent));
  return {};
}

/// The agent that the measure is judged as: a dust with much quartz is judged as that.
std::string judged_as(const TomlReader& device, const modbus::Measure& measure, const PointText& text,
                      const Loading& loading) {
  if (!text.sio2_percent) return measure.agent;
  const auto dust = loading.limits.dust_by_content(measure.agent, *text.sio2_percent);
  if (dust.has_value()) return dust->id;
  if (measure.agent == "none" || loading.limits.agent(measure.agent).has_value())
    complain(device, text, "sio2_percent", "belongs to a dust; remove it");
  return measure.agent;
}

}  // namespace

std::vector<PointText> apply_points(TomlReader& device, const ProfileFile& file, modbus::Profile& profile) {
  std::vector<PointText> texts;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < profile.measures.size(); ++i) {
    texts.push_back({file.measure_names[i], {}, {}});
    ids.push_back(profile.measures[i].id);
  }
  for (TomlReader& reader : device.tables("point")) {
    const auto id = reader.require("measure") ? reader.text("measure") : std::nullopt;
    const auto found = id ? std::ranges::find(ids, *id) : ids.end();
    if (id && found == ids.end())
      reader.problem("measure",
                     fmt::format("{} is not a measure of {}{}", in_quotes(*id), profile.name, hint(*id, ids)));
    modbus::Measure spare;
    std::string spare_name;
    const auto i = static_cast<std::size_t>(found - ids.begin());
    const bool known = i < texts.size();
    read_name(reader);
    read_measure_values(reader, known ? profile.measures[i] : spare, known ? texts[i].name : spare_name);
    const auto sio2 = read_sio2(reader);
    if (known) texts[i].sio2_percent = sio2;
    check_measure(reader, known ? profile.measures[i] : spare);
    reader.finish();
    if (known && texts[i].reader) reader.problem("measure", fmt::format("{} is stated twice", in_quotes(*id)));
    if (known) texts[i].reader = reader;
  }
  for (std::size_t i = 0; i < texts.size(); ++i) require_open(device, file, i, texts[i]);
  return texts;
}

void add_point(const TomlReader& device, Loading& loading, const modbus::Measure& measure, const PointText& text) {
  core::Site& site = loading.settings.site;
  const auto number = site.points.size();
  const core::Device& owner = site.devices.back();
  core::Point point{.id = owner.id + "." + measure.id,
                    .device = static_cast<core::DeviceIndex>(site.devices.size() - 1),
                    .workplace = owner.workplace,
                    .unit = core::unit_from(measure.unit).value_or(Unit::one),
                    .name = text.name};
  double factor = 1;
  std::vector<core::LevelRule> levels;
  const auto agent = judged_as(device, measure, text, loading);
  if (agent != "none") {
    std::string why;
    point.agent = loading.agent(agent, why);
    if (!why.empty()) complain(device, text, "agent", why);
  }
  if (point.agent) {
    const auto index = core::at(*point.agent);
    const Canonical canonical = judged_in(device, site.agents[index], measure, text);
    point.unit = canonical.unit;
    factor = canonical.factor;
    levels = loading.legal[index];
    if (site.workplaces[core::at(owner.workplace)].shifts.empty()) std::erase_if(levels, needs_shift);
    loading.points_of[index].push_back(number);
  }
  loading.points.declare(point.id);
  site.points.push_back(std::move(point));
  loading.settings.points.push_back(rules_of(measure, factor));
  loading.settings.points.back().levels = std::move(levels);
}

}  // namespace hazgate::settings
