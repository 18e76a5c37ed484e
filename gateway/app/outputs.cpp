#include "app/outputs.hpp"

namespace hazgate::app {

Outputs::Outputs(const settings::Settings& settings) : settings_(settings), standing_(settings.actions.size()) {}

/// Silenced alarms drive nothing; an alarm of the gateway's own drives only what is for all workplaces.
bool Outputs::drives(std::size_t output, const core::Alarm& alarm) const {
  const auto& action = settings_.actions[output];
  if (alarm.level < action.on || core::set_aside(alarm)) return false;
  if (action.until == settings::OutputUntil::acknowledged && alarm.acknowledged) return false;
  return !action.workplace || action.workplace == settings_.site.workplace_of(alarm.subject, alarm.index);
}

bool Outputs::on_alarm(const core::Alarm& alarm) {
  if (standing_.empty()) return false;
  auto& driven = driven_by_[alarm.number];
  driven.resize(standing_.size());
  bool changed = false;
  for (std::size_t i = 0; i < standing_.size(); ++i) {
    const bool drives_now = drives(i, alarm);
    if (drives_now == driven[i]) continue;
    driven[i] = drives_now;
    standing_[i] += drives_now ? 1 : -1;
    changed |= standing_[i] == (drives_now ? 1U : 0U);
  }
  if (alarm.level == core::Level::none) driven_by_.erase(alarm.number);
  return changed;
}

std::uint16_t Outputs::wanted(std::size_t i) const {
  return standing_[i] > 0 ? settings_.actions[i].value : settings_.actions[i].released;
}

}  // namespace hazgate::app
