// The configuration as typed values; defaults are the member initialisers.
#pragma once

#include <array>
#include <boost/system/result.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/alarm_life.hpp"
#include "core/baseline.hpp"
#include "core/cross_check.hpp"
#include "core/set_point.hpp"
#include "core/site.hpp"
#include "core/voc.hpp"
#include "drivers/poller.hpp"
#include "drivers/profile.hpp"
#include "drivers/rtu_link.hpp"
#include "drivers/tcp_link.hpp"
#include "settings/duty_file.hpp"
#include "settings/limit_table.hpp"
#include "settings/problem.hpp"
#include "settings/voc_list.hpp"

namespace hazgate::settings {

using std::chrono::milliseconds;

struct GatewaySettings {
  std::string id, site;
  std::string timezone = "Asia/Shanghai";
  std::filesystem::path data_dir = "data";         ///< relative to the working directory
  std::string language = "zh";                     ///< "zh" or "en"
  milliseconds commit_interval{250};               ///< bulk readings are on disk at most so much later
  std::optional<double> outdoor_ventilation_degc;  ///< design temperature of the place, for the limits of heat
};

/// A file without any [[shift]] gets three, "00-08", "08-16" and "16-24" on every day, so that no hour goes unjudged
/// (but for the one that is lived twice, where clocks go back in autumn: a window is 8 elapsed hours).
struct ShiftSettings {
  std::string id;
  int start_minute = 8 * 60;  ///< of the local day
  double hours = 8;
  std::vector<int> days{1, 2, 3, 4, 5};  ///< ISO: 1 Monday … 7 Sunday
};

/// Whom a person who asks over MQTT speaks for, and so what he may ask (app/who_may).
enum class MqttRole { site_operator, enterprise, regulator };

/// [[mqtt.user]]
struct MqttUser {
  std::string name;  ///< as the broker knows him: the level below the request topic
  MqttRole role = MqttRole::regulator;
  std::optional<core::EnterpriseIndex> enterprise;  ///< of role enterprise
};

struct MqttSettings {
  std::string url = "mqtt://127.0.0.1:1883";
  std::string client_id;  ///< default: hazgate-<gateway id>
  std::string username;
  std::filesystem::path password_file, ca, cert, key;
  std::uint64_t outbox_limit_mb = 1024;  ///< beyond it readings go out as minute means; alarms never thin
  std::vector<MqttUser> users;           ///< none: everybody whom the broker lets ask is an operator
};

/// [http]: page and API. Plain only on loopback, unless the file says in so many words that it wants it.
struct HttpSettings {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  bool loopback = true;
  std::filesystem::path cert, key;  ///< PEM; none: plain
  /// Addresses that may read /metrics without signing in.
  std::vector<std::string> metrics_from{"127.0.0.1", "::1"};
};

/// How long is kept what does not last for ever, as alarms do.
struct RetentionSettings {
  milliseconds readings = std::chrono::days(90);    ///< and the figures of each minute
  milliseconds exposure = std::chrono::days(3650);  ///< records of shifts, and the figures of each hour
};

/// One bus with its devices, ready for the poller.
struct BusSettings {
  std::string id;
  std::variant<modbus::TcpLinkOptions, modbus::RtuLinkOptions> link;
  std::vector<modbus::DevicePlan> devices;
};

/// How one measure's raw number becomes a reading in the point's canonical unit, and when it is doubtful.
/// All thresholds are in the canonical unit already; error values are raw.
struct PointRules {
  double scale = 1, offset = 0;  ///< raw to canonical
  std::optional<double> min, max, loq, max_rate;
  std::vector<double> error_values;
  std::optional<core::Duration> stuck_after;
  std::vector<core::LevelRule> levels;         ///< MAC, PC-STEL, the site's own; ordered by level
  std::optional<core::BaselineRule> baseline;  ///< none: not held against what is usual
};

/// A device whose measures are compounds; empty for every other.
struct VocStation {
  std::vector<core::VocChannel> channels;      ///< of the measures that have a compound
  std::vector<VocCompound> compounds;          ///< same order as channels
  std::vector<core::VocFigure> derived;        ///< the device's last points, in order
  std::vector<std::string> families, classes;  ///< names of the channels' groups
};

/// The device's channels are: its measures in order, then its state registers, then its heartbeat.
struct DeviceRules {
  std::vector<modbus::StateRegister> states;
  std::optional<milliseconds> heartbeat_within;
  core::Duration warm_up{};
  VocStation voc;
};

/// Of one level: what stands instead of the delays and the dead-band that come with the limits.
struct LevelTiming {
  std::optional<core::Duration> on_delay, off_delay;
  std::optional<double> dead_band_percent;  ///< of the set point; not for levels in dB and temperatures
};
using LevelTimings = std::array<LevelTiming, 5>;  ///< by core::Level

/// Targets unless the site says otherwise: confirm danger in 2 min, exceed in 10, warning in 30; dispose of danger in
/// 30 min, exceed in 4 h, warning in 24 h. Nothing latches, and nobody is called again but by a missed target.
core::AlarmPolicy usual_alarm_policy();

/// [alarm]
struct AlarmSettings {
  core::AlarmPolicy policy = usual_alarm_policy();
  LevelTimings timings;
  std::vector<std::string> contacts;  ///< groups, told one after the other when a target is missed
  std::string decided_by;             ///< who answers for limits and delays
};

/// [[suppress]]: alarms of these points are silent while the condition holds (ISA-18.2: suppressed by design).
struct SuppressSettings {
  std::vector<core::PointIndex> points;
  core::PointIndex condition{};
  std::optional<double> below, above;  ///< one of them; in the condition point's unit
};

/// What ends an output besides the alarm itself.
enum class OutputUntil { end, acknowledged };

/// [[action]]: a coil or register driven while an alarm of at least this level stands at the device's enterprise.
struct ActionSettings {
  core::Level on = core::Level::exceed;
  core::BusIndex bus{};
  std::uint8_t unit = 1;
  modbus::Table table = modbus::Table::coil;
  std::uint16_t address = 0, value = 1, released = 0;
  std::optional<core::WorkplaceIndex> workplace;  ///< only alarms of this workplace
  OutputUntil until = OutputUntil::end;
};

/// [[mixture]]: agents at one workplace that act alike, each with its points there; the very first point leads.
struct MixtureSettings {
  std::vector<std::vector<core::PointIndex>> agents;
};

/// [[cross_check]]: two points of one workplace, of the same unit.
struct CrossCheckSettings {
  std::array<core::PointIndex, 2> points{};
  core::CrossCheckRule rule;
};

/// Everything that `run` needs, resolved: names are gone, indices are dense and agree with `site`.
struct Settings {
  GatewaySettings gateway;
  core::Site site;
  std::vector<ShiftSettings> shifts;  ///< same order as site.shifts
  std::vector<BusSettings> buses;     ///< same order as site.buses
  std::vector<PointRules> points;     ///< same order as site.points
  std::vector<DeviceRules> devices;   ///< same order as site.devices
  /// Same order as site.devices; each with the overrides of its [[device.point]] applied: registers, raw scale and
  /// unit as on the instrument, for whoever needs the other end of the line (the simulator).
  std::vector<modbus::Profile> profiles;
  std::vector<ActionSettings> actions;  ///< same order as site.outputs
  AlarmSettings alarm;
  std::vector<SuppressSettings> suppress;
  std::vector<CrossCheckSettings> cross_checks;
  std::vector<MixtureSettings> mixtures;
  std::optional<MqttSettings> mqtt;
  std::optional<HttpSettings> http;
  RetentionSettings retention;
  LimitTable limits;  ///< also of agents that no point has: laboratories find them
  DutyTable duties;
};

}  // namespace hazgate::settings
