// What the dense numbers mean: the site as configured, resolved once at start and never changed while running.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/advice.hpp"
#include "core/alarm.hpp"
#include "core/limit.hpp"
#include "core/reading.hpp"
#include "core/shift.hpp"

namespace hazgate::core {

struct Area {
  std::string id, name;
};
struct Enterprise {
  std::string id, name, area;
};

enum class WorkplaceKind { workplace, ambient };
struct Workplace {
  std::string id, name;
  EnterpriseIndex enterprise{};
  WorkplaceKind kind = WorkplaceKind::workplace;
  std::vector<ShiftIndex> shifts;  ///< over which exposure is counted; none where the air is ambient
};

struct Bus {
  std::string id;
};

/// A horn, lamp or fan: what [[action]] drives.
struct Output {
  std::string id, name;
};

/// The points of a device are neighbours: first_point, first_point + 1, … in the order of its profile.
struct Device {
  std::string id;
  BusIndex bus{};
  WorkplaceIndex workplace{};
  Duration period{};
  PointIndex first_point{};
  std::uint32_t point_count = 0;
  std::uint32_t derived_count = 0;  ///< of point_count, the last ones: no register has them, they come of the others
};

struct Point {
  std::string id;  ///< <device>.<measure>
  DeviceIndex device{};
  WorkplaceIndex workplace{};
  Unit unit{};                      ///< canonical
  std::optional<AgentIndex> agent;  ///< none: shown and stored, not judged
  std::string name;                 ///< what people read; empty: the agent's name, or the id
};

/// A compound that some VOC station reports.
struct Compound {
  std::string cas;  ///< "108-38-3/106-42-3" where isomers leave the column together
  std::string name_zh, name_en;
};

struct Site {
  std::string gateway_id, site_id, language = "zh";
  /// Local time minus UTC at a moment, for times that people read; empty: they read UTC.
  std::function<std::chrono::seconds(Timestamp)> utc_offset;
  std::vector<Shift> shifts;
  std::vector<Area> areas;
  std::vector<Enterprise> enterprises;
  std::vector<Workplace> workplaces;
  std::vector<Bus> buses;
  std::vector<Output> outputs;
  std::vector<Device> devices;
  std::vector<Point> points;
  std::vector<Agent> agents;
  std::vector<Compound> compounds;
  std::vector<Advice> advice;  ///< what to do first; may be empty

  /// The workplace that an alarm belongs to; none for a bus, an output and the gateway.
  std::optional<WorkplaceIndex> workplace_of(AlarmSubject subject, std::uint32_t index) const {
    if (subject == AlarmSubject::point) return points[index].workplace;
    if (subject == AlarmSubject::device) return devices[index].workplace;
    return std::nullopt;
  }
  /// The text id of whom an alarm is about.
  std::string_view subject_id(AlarmSubject subject, std::uint32_t index) const;
  /// What to do first; none where nothing fits, or the alarm has returned.
  const Advice* advice_for(const Alarm& alarm) const;
  const Device& device_of(PointIndex p) const { return devices[at(points[at(p)].device)]; }
  const Workplace& workplace_of(DeviceIndex d) const { return workplaces[at(devices[at(d)].workplace)]; }
  const Enterprise& enterprise_of(WorkplaceIndex w) const { return enterprises[at(workplaces[at(w)].enterprise)]; }
};

}  // namespace hazgate::core
