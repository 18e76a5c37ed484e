// [alarm]: what the site decided about its alarms. [[suppress]]: when the plant itself silences some of them.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "settings/loading.hpp"
#include "settings/words.hpp"

namespace hazgate::settings {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_contacts = 20;

/// 0 switches off.
void read_target(TomlReader& reader, const std::string& key, std::optional<core::Duration>& target) {
  const auto value = reader.duration(key, {0ms, 90 * 24h});
  if (value && *value > 0ms && *value < 1s) reader.problem(key, "is shorter than 1s; 0s switches it off");
  if (value) target = *value == 0ms ? std::nullopt : std::optional<core::Duration>(*value);
}

void read_level(TomlReader& alarm, core::Level level, AlarmSettings& settings) {
  auto reader = alarm.table(std::string(core::name(level)));
  if (!reader) return;
  auto& policy = settings.policy.levels[static_cast<std::size_t>(level)];
  auto& timing = settings.timings[static_cast<std::size_t>(level)];
  timing.on_delay = reader->duration("on_delay", {0ms, 15min});
  timing.off_delay = reader->duration("off_delay", {0ms, 24h});
  timing.dead_band_percent = reader->number("dead_band_percent");
  if (const auto percent = timing.dead_band_percent; percent && !(*percent >= 0 && *percent < 100))
    reader->problem("dead_band_percent", fmt::format("{} is not from 0 to below 100", *percent));
  policy.latching = reader->flag("latching").value_or(policy.latching);
  read_target(*reader, "realarm_after", policy.realarm_after);
  // From warning on persons are called with the rise itself.
  if (level == core::Level::notice) read_target(*reader, "warn_within", policy.warn_within);
  read_target(*reader, "confirm_within", policy.confirm_within);
  read_target(*reader, "dispose_within", policy.dispose_within);
  if (policy.confirm_within && policy.dispose_within && *policy.confirm_within > *policy.dispose_within)
    reader->problem("confirm_within", "is longer than dispose_within: an event is confirmed before it is disposed of");
  reader->finish();
}

std::vector<std::string> read_contacts(TomlReader& reader) {
  auto contacts = reader.texts("contacts").value_or(std::vector<std::string>{});
  if (contacts.size() > most_contacts)
    reader.problem("contacts", fmt::format("names {} groups; at most {}", contacts.size(), most_contacts));
  std::set<std::string> met;
  for (const auto& contact : contacts) {
    if (const auto trouble = id_trouble(contact); !trouble.empty())
      reader.problem("contacts", contact.empty() ? "has an empty name among them" : trouble);
    else if (!met.insert(contact).second)
      reader.problem("contacts", fmt::format("names the group {} twice", in_quotes(contact)));
  }
  return contacts;
}

std::vector<core::PointIndex> points_at(const core::Site& site, std::size_t workplace) {
  std::vector<core::PointIndex> points;
  for (std::uint32_t i = 0; i < site.points.size(); ++i)
    if (core::at(site.points[i].workplace) == workplace) points.push_back(core::PointIndex{i});
  return points;
}

void read_suppress(TomlReader& reader, Loading& loading) {
  SuppressSettings suppress;
  if (reader.has("workplace") == reader.has("points"))
    reader.problem("needs either workplace or points, to say whose alarms are silenced");
  const auto workplace = loading.workplaces.refer(reader, "workplace");
  if (workplace) suppress.points = points_at(loading.settings.site, *workplace);
  for (const auto point :
       reader.has("points") ? loading.points.refer_all(reader, "points") : std::vector<std::size_t>{})
    suppress.points.push_back(static_cast<core::PointIndex>(point));
  reader.note("points");
  reader.require("while", "is required: the point that tells the state of the plant");
  const auto condition = loading.points.refer(reader, "while");
  if (reader.has("below") == reader.has("above")) reader.problem("needs either below or above, a value of that point");
  suppress.below = reader.number("below");
  suppress.above = reader.number("above");
  reader.finish();
  if (!condition) return;
  suppress.condition = static_cast<core::PointIndex>(*condition);
  const bool named = workplace || !suppress.points.empty();
  std::erase(suppress.points, suppress.condition);
  if (suppress.points.empty() && named)
    reader.problem(reader.has("points") ? "points" : "workplace",
                   "has no point whose alarms could be silenced; the one that tells the state is not silenced itself");
  loading.settings.suppress.push_back(std::move(suppress));
}

}  // namespace

void load_alarm(TomlReader& root, Loading& loading) {
  auto reader = root.table("alarm");
  if (!reader) return;
  auto& alarm = loading.settings.alarm;
  alarm.contacts = read_contacts(*reader);
  alarm.decided_by = read_name(*reader, "decided_by");
  alarm.policy.longest_shelf = reader->duration("longest_shelf", {1min, 24h}).value_or(8h);
  alarm.policy.shelf = reader->duration("shelf", {1min, 24h}).value_or(1h);
  if (alarm.policy.shelf > alarm.policy.longest_shelf)
    reader->problem(reader->has("shelf") ? "shelf" : "longest_shelf",
                    "shelf (default 1h) is longer than longest_shelf (default 8h)");
  for (const auto level : {core::Level::notice, core::Level::warning, core::Level::exceed, core::Level::danger})
    read_level(*reader, level, alarm);
  reader->finish();
}

void load_suppress(TomlReader& root, Loading& loading) {
  for (TomlReader& reader : root.tables("suppress")) read_suppress(reader, loading);
}

}  // namespace hazgate::settings
