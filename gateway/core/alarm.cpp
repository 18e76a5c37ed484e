#include "core/alarm.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

namespace hazgate::core {

namespace {
constexpr std::array<std::string_view, 5> level_names{"none", "notice", "warning", "exceed", "danger"};
constexpr std::array<std::string_view, 16> basis_names{
    "reading",     "c_ste",    "twa", "twa_projected", "short_time", "baseline", "mixture", "link",
    "cross_check", "coverage", "bus", "broker",        "store",      "clock",    "output",  "duties"};
constexpr std::array<std::string_view, 9> state_names{"NORM",        "UNACK", "ACKED", "RTNUN", "LATCHED_UNACK",
                                                      "LATCHED_ACK", "SHLVD", "DSUPR", "OOSRV"};
constexpr std::array<std::string_view, 5> subject_names{"point", "device", "bus", "output", "gateway"};
constexpr std::array<std::string_view, gateway_parts> part_names{"broker", "store", "clock", "coverage", "duties"};
constexpr std::array<std::string_view, 5> verdict_names{"", "real", "false_alarm", "device_fault", "planned_work"};
constexpr std::array<std::string_view, 19> change_names{
    "raised",      "rose",      "fell",          "returned",   "retold",   "acknowledged", "confirmed",
    "disposed",    "shelved",   "unshelved",     "taken_out",  "put_back", "reset",        "commented",
    "shelf_ended", "realarmed", "target_missed", "suppressed", "released"};

template <class Enum, std::size_t size>
std::optional<Enum> find_name(const std::array<std::string_view, size>& names, std::string_view wanted) {
  auto found = std::find(names.begin(), names.end(), wanted);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}
}  // namespace

std::string_view name(Level level) { return level_names[static_cast<std::size_t>(level)]; }
std::optional<Level> level_from(std::string_view text) { return find_name<Level>(level_names, text); }
std::string_view name(Basis basis) { return basis_names[static_cast<std::size_t>(basis)]; }
std::optional<Basis> basis_from(std::string_view text) { return find_name<Basis>(basis_names, text); }
std::string_view name(AlarmState state) { return state_names[static_cast<std::size_t>(state)]; }
std::optional<AlarmState> alarm_state_from(std::string_view text) { return find_name<AlarmState>(state_names, text); }
std::string_view name(AlarmSubject subject) { return subject_names[static_cast<std::size_t>(subject)]; }
std::optional<AlarmSubject> alarm_subject_from(std::string_view text) {
  return find_name<AlarmSubject>(subject_names, text);
}
std::string_view name(GatewayPart part) { return part_names[static_cast<std::size_t>(part)]; }
std::string_view name(EventVerdict verdict) { return verdict_names[static_cast<std::size_t>(verdict)]; }
std::optional<EventVerdict> verdict_from(std::string_view text) { return find_name<EventVerdict>(verdict_names, text); }
std::string_view name(Change change) { return change_names[static_cast<std::size_t>(change)]; }
std::optional<Change> change_from(std::string_view text) { return find_name<Change>(change_names, text); }

bool operator==(const Alarm& a, const Alarm& b) {
  const auto event = [](const Alarm& x) {
    return std::tie(x.number, x.revision, x.subject, x.index, x.level, x.highest, x.state, x.at_least, x.basis, x.limit,
                    x.usual, x.contributors, x.detected_at, x.warned_at, x.confirmed_at, x.disposed_at, x.detected_by,
                    x.warned_by, x.confirmed_by, x.disposed_by, x.verdict, x.verdict_by, x.measure, x.disposal_owed,
                    x.warn_due_at, x.confirm_due_at, x.dispose_due_at, x.warn_missed, x.confirm_missed,
                    x.dispose_missed, x.escalations);
  };
  const auto handling = [](const Alarm& x) {
    return std::tie(x.acknowledged, x.latched, x.acknowledged_at, x.acknowledged_by, x.shelved_until,
                    x.shelved_at_level, x.suppressed, x.out_of_service, x.realarm_at, x.annunciations, x.activations,
                    x.activated_at, x.activated_before_at, x.chattering, x.quiet_since, x.returned_at, x.changed_at,
                    x.change, x.changed_by, x.note);
  };
  return event(a) == event(b) && handling(a) == handling(b) && same(a.value, b.value) && same(a.peak, b.peak);
}

}  // namespace hazgate::core
