// [[cross_check]]: pairs of points that should show the same.
#include <fmt/format.h>

#include "settings/loading.hpp"
#include "settings/words.hpp"

namespace hazgate::settings {

using namespace std::chrono_literals;

namespace {

std::optional<std::array<core::PointIndex, 2>> read_pair(TomlReader& reader, const Loading& loading) {
  if (!reader.require("points")) return {};
  const auto ids = reader.texts("points");
  if (!ids) return {};
  if (ids->size() != 2) {
    reader.problem("points", fmt::format("names {} points; expected two, as \"<device>.<measure>\"", ids->size()));
    return {};
  }
  const auto numbers = loading.points.refer_all(reader, "points");
  if (numbers.size() != 2) return {};
  return std::array{static_cast<core::PointIndex>(numbers[0]), static_cast<core::PointIndex>(numbers[1])};
}

/// True where the two can be compared.
bool check_pair(const TomlReader& reader, const core::Site& site, const std::array<core::PointIndex, 2>& pair) {
  const auto& first = site.points[core::at(pair[0])];
  const auto& second = site.points[core::at(pair[1])];
  const bool one_place = first.workplace == second.workplace, one_unit = first.unit == second.unit;
  if (!one_place)
    reader.problem("points", fmt::format("{} is at workplace {}, {} at {}; only instruments at one workplace can be "
                                         "compared",
                                         first.id, site.workplaces[core::at(first.workplace)].id, second.id,
                                         site.workplaces[core::at(second.workplace)].id));
  if (!one_unit)
    reader.problem("points", fmt::format("{} is in {}, {} in {}; only points in one unit can be compared", first.id,
                                         core::symbol(first.unit), second.id, core::symbol(second.unit)));
  return one_place && one_unit;
}

void check_ratio(const TomlReader& reader, const core::CrossCheckRule& rule) {
  if (!rule.ratio) return;
  if (rule.energy_mean)
    reader.problem("ratio", "means nothing for levels in dB; state difference");
  else if (!(*rule.ratio > 1))
    reader.problem("ratio", fmt::format("{} is not more than 1", *rule.ratio));
  else if (!rule.difference && !rule.above)
    reader.problem("ratio", "needs above or difference beside it: near zero every factor is exceeded");
}

core::CrossCheckRule read_bounds(TomlReader& reader, bool levels) {
  core::CrossCheckRule rule;
  rule.energy_mean = levels;
  rule.ratio = reader.number("ratio");
  rule.difference = reader.number("difference");
  rule.above = reader.number("above");
  rule.window = reader.duration("window", {1min, 24h}).value_or(15min);
  if (!reader.has("ratio") && !reader.has("difference"))
    reader.problem("needs ratio or difference, to say how far the points may lie apart");
  check_ratio(reader, rule);
  if (rule.difference && !(*rule.difference > 0))
    reader.problem("difference", fmt::format("{} is not more than 0", *rule.difference));
  if (rule.above && *rule.above < 0) reader.problem("above", "is negative");
  return rule;
}

}  // namespace

void load_cross_checks(TomlReader& root, Loading& loading) {
  const core::Site& site = loading.settings.site;
  for (TomlReader& reader : root.tables("cross_check")) {
    const auto pair = read_pair(reader, loading);
    const bool comparable = pair && check_pair(reader, site, *pair);
    const auto unit = comparable ? site.points[core::at((*pair)[0])].unit : core::Unit::one;
    const auto rule = read_bounds(reader, core::is_level(unit));
    reader.finish();
    if (comparable) loading.settings.cross_checks.push_back({*pair, rule});
  }
}

}  // namespace hazgate::settings
