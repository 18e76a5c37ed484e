#include "app/site_document.hpp"

#include <algorithm>

#include "feed/json_text.hpp"

namespace hazgate::app {

using feed::JsonWriter;

namespace {

void append_limit(JsonWriter& json, std::string_view key, const core::Limit& limit) {
  json.open(key).text("kind", core::name(limit.kind)).number("value", limit.value);
  json.text("unit", core::symbol(limit.unit)).text("source", limit.source).close();
}

class SiteDocument {
 public:
  SiteDocument(const settings::Settings& settings, core::Role role, std::optional<core::EnterpriseIndex> only)
      : settings_(settings), site_(settings.site), role_(role), only_(only) {}

  std::string write(std::string_view revision, core::Timestamp now) {
    json_.open().text("revision", revision).text("site", site_.site_id).text("gateway", site_.gateway_id);
    json_.text("timezone", settings_.gateway.timezone);
    const auto offset = site_.utc_offset ? site_.utc_offset(now) : std::chrono::seconds(0);
    json_.number("utc_offset_minutes", static_cast<double>(offset.count()) / 60);
    places();
    agents();
    devices();
    json_.open_list("points");
    for (std::uint32_t i = 0; i < site_.points.size(); ++i)
      if (sees(site_.points[i].workplace)) point({}, core::PointIndex{i}, role_ != core::Role::regulator);
    json_.close_list().close();
    return json_.take();
  }
  std::string write_point(core::PointIndex index, bool with_set_points) {
    point({}, index, with_set_points);
    return json_.take();
  }

 private:
  bool sees(core::WorkplaceIndex workplace) const {
    return !only_ || site_.workplaces[core::at(workplace)].enterprise == *only_;
  }
  /// How the site is wired is nobody's business but its own.
  bool knows_lines() const { return !only_ && role_ != core::Role::regulator; }
  bool sees_enterprise(std::size_t index) const { return !only_ || core::at(*only_) == index; }

  void places() {
    json_.open_list("areas");
    for (const auto& area : site_.areas)
      if (!only_ || site_.enterprises[core::at(*only_)].area == area.id)
        json_.open().text("id", area.id).text("name", area.name).close();
    json_.close_list().open_list("enterprises");
    for (std::size_t i = 0; i < site_.enterprises.size(); ++i) {
      const auto& enterprise = site_.enterprises[i];
      if (sees_enterprise(i))
        json_.open().text("id", enterprise.id).text("name", enterprise.name).text("area", enterprise.area).close();
    }
    json_.close_list().open_list("workplaces");
    for (std::uint32_t i = 0; i < site_.workplaces.size(); ++i) {
      if (!sees(core::WorkplaceIndex{i})) continue;
      const auto& place = site_.workplaces[i];
      json_.open().text("id", place.id).text("name", place.name);
      json_.text("enterprise", site_.enterprise_of(core::WorkplaceIndex{i}).id);
      json_.text("kind", place.kind == core::WorkplaceKind::ambient ? "ambient" : "workplace").open_list("shifts");
      for (const auto shift : place.shifts) json_.text({}, site_.shifts[static_cast<std::size_t>(shift)].id);
      json_.close_list().close();
    }
    json_.close_list().open_list("shifts");
    for (const auto& shift : site_.shifts) json_.open().text("id", shift.id).number("hours", shift.hours).close();
    json_.close_list();
  }

  void agents() {
    std::vector<bool> here(site_.agents.size());
    for (const auto& point : site_.points)
      if (point.agent && sees(point.workplace)) here[core::at(*point.agent)] = true;
    json_.open_list("agents");
    for (std::size_t i = 0; i < site_.agents.size(); ++i) {
      if (!here[i]) continue;
      const auto& agent = site_.agents[i];
      json_.open().text("id", agent.id).text("zh", agent.name_zh).text("en", agent.name_en);
      json_.text("unit", core::symbol(agent.unit)).open_list("limits");
      for (const auto& limit : agent.limits) append_limit(json_, {}, limit);
      json_.close_list().close();
    }
    json_.close_list();
  }

  void devices() {
    json_.open_list("devices");
    for (std::uint32_t i = 0; i < site_.devices.size(); ++i) {
      const auto& device = site_.devices[i];
      if (!sees(device.workplace)) continue;
      json_.open().count("index", i).text("id", device.id);
      json_.text_or_null("bus", knows_lines() ? std::string_view(site_.buses[core::at(device.bus)].id) : "");
      json_.text("workplace", site_.workplaces[core::at(device.workplace)].id);
      json_.text("profile", settings_.profiles[i].name).number("period_s", core::in_seconds(device.period));
      json_.count("first_point", core::at(device.first_point)).count("point_count", device.point_count);
      voc(device, settings_.devices[i].voc);
      json_.close();
    }
    json_.close_list();
  }

  void voc(const core::Device& device, const settings::VocStation& station) {
    if (station.channels.empty()) {
      json_.null("voc");
      return;
    }
    json_.open("voc").open_list("channels");
    for (std::size_t i = 0; i < station.channels.size(); ++i) {
      const auto& channel = station.channels[i];
      const auto& compound = station.compounds[i];
      json_.open().count("point", core::at(device.first_point) + channel.place);
      json_.text("cas", settings::cas_text(compound)).text("zh", compound.name_zh).text("en", compound.name_en);
      json_.text("family", station.families[channel.family]).text("class", station.classes[channel.chemical_class]);
      json_.number("ug_per_m3", channel.ug_per_m3).number("mir", channel.mir.value_or(core::no_value)).close();
    }
    json_.close_list();
    const auto first_derived = core::at(device.first_point) + device.point_count - station.derived.size();
    for (const auto& [key, figure] : {std::pair{"tvoc", core::VocFigure::tvoc}, std::pair{"ofp", core::VocFigure::ofp},
                                      std::pair{"ofp_left_out", core::VocFigure::ofp_left_out}}) {
      const auto found = std::ranges::find(station.derived, figure);
      if (found == station.derived.end()) {
        json_.null(key);
      } else {
        json_.count(key, first_derived + static_cast<std::size_t>(found - station.derived.begin()));
      }
    }
    json_.close();
  }

  void point(std::string_view key, core::PointIndex index, bool with_set_points) {
    const auto& point = site_.points[core::at(index)];
    json_.open(key).count("index", core::at(index)).text("id", point.id).text("name", point.name);
    json_.text("device", site_.devices[core::at(point.device)].id);
    json_.text("workplace", site_.workplaces[core::at(point.workplace)].id).text("unit", core::symbol(point.unit));
    json_.text_or_null("agent", point.agent ? site_.agents[core::at(*point.agent)].id : std::string_view());
    json_.yes_no("energy_mean", core::is_level(point.unit)).open_list("set_points");
    if (with_set_points)
      for (const auto& rule : settings_.points[core::at(index)].levels) set_point(rule);
    json_.close_list().close();
  }

  void set_point(const core::LevelRule& rule) {
    json_.open().text("level", core::name(rule.level)).text("basis", core::name(rule.basis));
    json_.number("raise_above", rule.raise_above).number("clear_at", rule.clear_at);
    json_.number("on_delay_s", core::in_seconds(rule.on_delay)).number("off_delay_s", core::in_seconds(rule.off_delay));
    append_limit(json_, "limit", rule.limit);
    json_.close();
  }

  const settings::Settings& settings_;
  const core::Site& site_;
  core::Role role_;
  std::optional<core::EnterpriseIndex> only_;
  JsonWriter json_;
};

}  // namespace

std::string site_document(const settings::Settings& settings, core::Role role,
                          std::optional<core::EnterpriseIndex> only, std::string_view revision) {
  return SiteDocument(settings, role, only)
      .write(revision, std::chrono::time_point_cast<core::Duration>(std::chrono::system_clock::now()));
}

std::string point_document(const settings::Settings& settings, core::PointIndex point, bool with_set_points) {
  return SiteDocument(settings, core::Role::site_operator, std::nullopt).write_point(point, with_set_points);
}

}  // namespace hazgate::app
