#include "app/system_watch.hpp"

#include <sys/timex.h>

namespace hazgate::app {

using core::Basis;
using core::GatewayPart;
using core::Level;
using std::chrono::minutes;
using std::chrono::seconds;

std::optional<core::AlarmInput> SystemWatch::follow(Watched& part, core::ConditionInput condition,
                                                    core::Duration patience, bool trouble, core::Timestamp now) {
  if (!trouble) {
    part.since.reset();
    part.failures = 0;
    if (!std::exchange(part.told, false)) return std::nullopt;
    condition.level = Level::none;
    condition.since = now;
    return core::AlarmInput{.at = now, .what = std::move(condition)};
  }
  // A clock that stepped back begins the wait anew.
  if (!part.since || *part.since > now) part.since = now;
  if (part.told || now - *part.since < patience) return std::nullopt;
  part.told = true;
  condition.since = *part.since;
  return core::AlarmInput{.at = now, .what = std::move(condition)};
}

std::vector<core::AlarmInput> SystemWatch::look(const Facts& facts, core::Timestamp now) {
  struct Row {
    GatewayPart part;
    Basis basis;
    Level level;
    core::Duration patience;
    const std::optional<std::string>& why;
  };
  const std::array rows{Row{GatewayPart::broker, Basis::broker, Level::notice, seconds(30), facts.broker},
                        Row{GatewayPart::store, Basis::store, Level::warning, seconds(0), facts.store},
                        Row{GatewayPart::clock, Basis::clock, Level::notice, minutes(10), facts.clock}};
  std::vector<core::AlarmInput> told;
  for (const auto& row : rows) {
    const auto index = static_cast<std::uint32_t>(row.part);
    auto input = follow(parts_[index],
                        {.subject = core::AlarmSubject::gateway,
                         .index = index,
                         .level = row.level,
                         .basis = row.basis,
                         .why = row.why.value_or("")},
                        row.patience, row.why.has_value(), now);
    if (input) told.push_back(std::move(*input));
  }
  if (facts.duties)
    if (auto input = on_duties(*facts.duties, now)) told.push_back(std::move(*input));
  return told;
}

std::optional<core::AlarmInput> SystemWatch::on_duties(const core::OverdueDuties& overdue, core::Timestamp now) {
  constexpr auto index = static_cast<std::uint32_t>(GatewayPart::duties);
  auto& watched = parts_[index];
  if (overdue.count > std::exchange(watched.count, overdue.count)) watched.told = false;
  return follow(watched,
                {.subject = core::AlarmSubject::gateway,
                 .index = index,
                 .level = Level::notice,
                 .basis = Basis::duties,
                 .value = static_cast<double>(overdue.count),
                 .why = overdue.longest},
                core::Duration{0}, overdue.count > 0, now);
}

std::optional<core::AlarmInput> SystemWatch::on_output(std::size_t output, const std::string& why,
                                                       core::Timestamp now) {
  auto& watched = outputs_[output];
  const bool trouble = !why.empty();
  if (trouble && ++watched.failures < 2 && !watched.told) {
    watched.since = now;
    return std::nullopt;
  }
  return follow(watched,
                {.subject = core::AlarmSubject::output,
                 .index = static_cast<std::uint32_t>(output),
                 .level = Level::warning,
                 .basis = Basis::output,
                 .why = why},
                core::Duration{0}, trouble, now);
}

std::string clock_trouble() {
  timex state{};
  const int answer = adjtimex(&state);
  if (answer < 0) return {};
  return answer == TIME_ERROR || (state.status & STA_UNSYNC) != 0 ? "the kernel holds it for unsynchronised (no NTP)"
                                                                  : "";
}

}  // namespace hazgate::app
