// What a device's measures are as channels of a VOC station, the points that are derived of them, and the baselines.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "settings/load_points.hpp"
#include "settings/words.hpp"

namespace hazgate::settings {

namespace {

/// What a gas chromatograph hardly tells from nothing, where its quantification limit is not stated.
constexpr double usual_resolution_ppb = 0.05;
constexpr double resolution_of_sums_ug_m3 = 1;
constexpr int longest_gap_in_scans = 3;  ///< as for exposure: what is longer is a gap

struct Device {
  const TomlReader& reader;
  Loading& loading;
  const modbus::Profile& profile;
  std::size_t first_point;
};

void complain(const Device& device, const PointText& text, const std::string& what) {
  if (text.reader)
    text.reader->problem("compound", what);
  else
    device.reader.problem("profile", fmt::format("{}: {}", device.profile.name, what));
}

/// Canonical units per unit of the measure.
double canonical_factor(const PointRules& point, const modbus::Measure& measure) { return point.scale / measure.scale; }

/// In ug/m3 at 25 °C for 1 of the point's canonical unit; a mass concentration is taken as measured in that state.
std::optional<double> mass_factor(const Device& device, std::size_t i, const VocCompound& compound) {
  const modbus::Measure& measure = device.profile.measures[i];
  const auto unit = core::unit_from(measure.unit);
  if (!unit) return {};
  const auto factor =
      core::conversion_factor(*unit, core::Unit::ug_per_m3, compound.molar_mass, core::ambient_molar_volume);
  if (!factor) return {};
  return *factor / canonical_factor(device.loading.settings.points[device.first_point + i], measure);
}

/// A compound that two channels report would count twice.
bool taken(const VocStation& station, const VocCompound& compound) {
  return std::ranges::any_of(station.compounds, [&](const VocCompound& other) { return other.cas == compound.cas; });
}

const VocList& list_of_compounds(Loading& loading) {
  if (!loading.voc) loading.voc = VocList::read(loading.folders, loading.problems);
  return *loading.voc;
}

void add_channel(const Device& device, std::size_t i, const PointText& text, VocStation& station) {
  const modbus::Measure& measure = device.profile.measures[i];
  const VocList& list = list_of_compounds(device.loading);
  const VocCompound* compound = list.find(measure.compound);
  if (!compound) {
    complain(device, text,
             fmt::format("{} is not a compound of voc116.csv{}", in_quotes(measure.compound),
                         hint(measure.compound, list.cas_numbers())));
    return;
  }
  const auto factor = mass_factor(device, i, *compound);
  if (!factor) complain(device, text, fmt::format("{} of {} is no concentration", measure.unit, measure.id));
  if (taken(station, *compound))
    complain(device, text, fmt::format("{} is reported by two measures and would count twice", measure.compound));
  station.channels.push_back({.place = static_cast<std::uint32_t>(i),
                              .ug_per_m3 = factor.value_or(1),
                              .mir = compound->mir,
                              .family = compound->family,
                              .chemical_class = compound->chemical_class});
  station.compounds.push_back(*compound);
  auto& named = device.loading.settings.site.compounds;
  const auto cas = cas_text(*compound);
  if (std::ranges::find(named, cas, &core::Compound::cas) == named.end())
    named.push_back({.cas = cas, .name_zh = compound->name_zh, .name_en = compound->name_en});
}

/// What a point that is derived of the others is called, in the profile and for people.
struct DerivedWords {
  std::string_view id, name;
  core::VocFigure figure{};
  core::Unit unit{};
};
constexpr std::array derived_points{
    DerivedWords{"tvoc", "TVOC", core::VocFigure::tvoc, core::Unit::ug_per_m3},
    DerivedWords{"ofp", "OFP", core::VocFigure::ofp, core::Unit::ug_per_m3},
    DerivedWords{"ofp_left_out", "OFP 未计入组分数", core::VocFigure::ofp_left_out, core::Unit::one}};

void add_derived(const Device& device, const DerivedWords& derived) {
  core::Site& site = device.loading.settings.site;
  core::Device& owner = site.devices.back();
  core::Point point{.id = fmt::format("{}.{}", owner.id, derived.id),
                    .device = static_cast<core::DeviceIndex>(site.devices.size() - 1),
                    .workplace = owner.workplace,
                    .unit = derived.unit,
                    .agent = {},
                    .name = std::string(derived.name)};
  device.loading.points.declare(point.id);
  site.points.push_back(std::move(point));
  device.loading.settings.points.emplace_back();
  ++owner.point_count;
  ++owner.derived_count;
}

core::BaselineRule baseline_rule(const Device& device, double resolution) {
  const core::Duration scan = device.profile.scan_interval.value_or(milliseconds{0});
  const core::Duration period = device.loading.settings.site.devices.back().period;
  return {
      .resolution = resolution, .scan_interval = scan, .longest_gap = longest_gap_in_scans * std::max(scan, period)};
}

/// In the point's unit: the quantification limit, else what is usual for a compound, else none.
double resolution(const PointRules& point, const VocStation& station, std::size_t place) {
  if (point.loq) return *point.loq;
  for (std::size_t c = 0; c < station.channels.size(); ++c)
    if (station.channels[c].place == place)
      return core::to_ug_per_m3_at_25_degc({usual_resolution_ppb}, station.compounds[c].molar_mass).value /
             station.channels[c].ug_per_m3;
  return 0;
}

void set_baselines(const Device& device, const VocStation& station) {
  auto& points = device.loading.settings.points;
  const auto measures = device.profile.measures.size();
  for (std::size_t i = device.first_point; i < points.size(); ++i) {
    const std::size_t place = i - device.first_point;
    const bool derived = place >= measures;
    if (derived && station.derived[place - measures] == core::VocFigure::ofp_left_out) continue;  // no air in it
    const bool wanted =
        derived ? device.profile.baseline : device.profile.measures[place].baseline.value_or(device.profile.baseline);
    if (wanted)
      points[i].baseline =
          baseline_rule(device, derived ? resolution_of_sums_ug_m3 : resolution(points[i], station, place));
  }
}

}  // namespace

VocStation load_voc(const TomlReader& reader, Loading& loading, const modbus::Profile& profile,
                    const std::vector<PointText>& texts) {
  const Device device{reader, loading, profile, core::at(loading.settings.site.devices.back().first_point)};
  VocStation station;
  for (std::size_t i = 0; i < profile.measures.size(); ++i)
    if (!profile.measures[i].compound.empty()) add_channel(device, i, texts[i], station);
  if (!station.channels.empty()) {
    station.families = loading.voc->families;
    station.classes = loading.voc->classes;
  }
  for (const std::string& word : profile.derived) {
    const auto& derived = *std::ranges::find(derived_points, word, &DerivedWords::id);
    station.derived.push_back(derived.figure);
    add_derived(device, derived);
  }
  set_baselines(device, station);
  return station;
}

}  // namespace hazgate::settings
