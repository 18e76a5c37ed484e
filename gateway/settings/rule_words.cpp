#include "settings/rule_words.hpp"

#include <fmt/format.h>

namespace hazgate::settings {

namespace {

std::string seconds(core::Duration time) { return fmt::format("{:g} s", core::in_seconds(time)); }
std::string seconds(const std::optional<core::Duration>& time) { return time ? seconds(*time) : "never"; }

std::string words(const core::LevelRule& rule) {
  const auto unit = core::symbol(rule.limit.unit);
  return fmt::format("above {:g} {}, clears at {:g}, on after {}, off after {}, {} sample{} ({} {})", rule.raise_above,
                     unit, rule.clear_at, seconds(rule.on_delay), seconds(rule.off_delay), rule.on_samples,
                     rule.on_samples == 1 ? "" : "s", core::name(rule.limit.kind), rule.limit.source);
}

std::string words(const core::LevelPolicy& policy) {
  const auto warn = policy.warn_within ? fmt::format("warn within {}, ", seconds(policy.warn_within)) : std::string();
  return fmt::format("{}, called again after {}, {}confirm within {}, dispose within {}",
                     policy.latching ? "latching" : "not latching", seconds(policy.realarm_after), warn,
                     seconds(policy.confirm_within), seconds(policy.dispose_within));
}

/// The second "reading exceed" of a point (the law's and the site's own) is "reading exceed 2".
std::string numbered(std::string rule, const std::vector<RuleWords>& all, const std::string& subject) {
  std::size_t same = 1;
  for (auto before = all.rbegin(); before != all.rend() && before->subject == subject; ++before)
    same += before->rule == rule || before->rule.starts_with(rule + " ") ? 1 : 0;
  return same == 1 ? rule : fmt::format("{} {}", rule, same);
}

std::string bound(std::string_view word, const std::optional<double>& value) {
  return value ? fmt::format(", {} {:g}", word, *value) : std::string();
}

/// What a raw number becomes, and by which limits: a changed scale changes a verdict as a changed limit does.
std::string judged_as(const Settings& settings, std::size_t i) {
  const auto& point = settings.site.points[i];
  const auto& rules = settings.points[i];
  const auto& workplace = settings.site.workplaces[core::at(point.workplace)];
  auto text =
      fmt::format("{} in {}, raw * {:g} + {:g}", point.agent ? settings.site.agents[core::at(*point.agent)].id : "none",
                  core::symbol(point.unit), rules.scale, rules.offset);
  text += bound("from", rules.min) + bound("to", rules.max) + bound("quantified from", rules.loq);
  if (point.agent && settings.site.agents[core::at(*point.agent)].reduced_for_long_shifts)
    text += ", reduced for long shifts";
  text += ", at " + workplace.id;
  for (const auto shift : workplace.shifts) text += ", shift " + settings.site.shifts[core::at(shift)].id;
  return text;
}

std::string hours(const ShiftSettings& shift) {
  std::string days;
  for (const int day : shift.days) days += fmt::format("{}{}", days.empty() ? "" : " ", day);
  return fmt::format("{:02}:{:02} for {:g} h on weekdays {}", shift.start_minute / 60, shift.start_minute % 60,
                     shift.hours, days);
}

}  // namespace

std::vector<RuleWords> rule_words(const Settings& settings) {
  std::vector<RuleWords> all;
  for (std::size_t i = 0; i < settings.points.size(); ++i) {
    const auto& point = settings.site.points[i];
    const auto& id = point.id;
    const auto& owner = settings.site.enterprise_of(point.workplace).id;
    all.push_back({owner, id, "judged as", judged_as(settings, i)});
    for (const auto& rule : settings.points[i].levels) {
      auto name = numbered(fmt::format("{} {}", core::name(rule.basis), core::name(rule.level)), all, id);
      all.push_back({owner, id, std::move(name), words(rule)});
    }
  }
  for (const auto level : {core::Level::notice, core::Level::warning, core::Level::exceed, core::Level::danger})
    all.push_back({"", "alarm", fmt::format("{} targets", core::name(level)), words(settings.alarm.policy.of(level))});
  all.push_back({"", "alarm", "shelf",
                 fmt::format("{}, at most {}", seconds(settings.alarm.policy.shelf),
                             seconds(settings.alarm.policy.longest_shelf))});
  const auto days = [](std::chrono::milliseconds kept) {
    return fmt::format("{:g} days", std::chrono::duration<double, std::ratio<86400>>(kept).count());
  };
  all.push_back({"", "retention", "readings", days(settings.retention.readings)});
  all.push_back({"", "retention", "exposure", days(settings.retention.exposure)});
  for (std::size_t i = 0; i < settings.shifts.size(); ++i)
    all.push_back({"", "shift " + settings.site.shifts[i].id, "hours", hours(settings.shifts[i])});
  return all;
}

std::string decided_by(const Settings& settings, const std::string& file_owner) {
  if (!settings.alarm.decided_by.empty()) return settings.alarm.decided_by;
  return file_owner.empty() ? "unknown" : "owner of the configuration file: " + file_owner;
}

}  // namespace hazgate::settings
