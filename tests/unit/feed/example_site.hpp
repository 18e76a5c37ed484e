// A small site for the feed's tests: one paint shop with a toluene and a noise point, and an ambient station.
#pragma once

#include <chrono>

#include "core/alarm.hpp"
#include "core/site.hpp"

namespace hazgate::test {

using namespace std::chrono_literals;

inline core::Timestamp at(std::chrono::microseconds since_start) {
  // 2026-11-23 20:00:00 UTC
  return core::Timestamp(1'795'464'000s) + since_start;
}

inline core::Limit toluene_stel() {
  return {
      .kind = core::LimitKind::pc_stel, .value = 100, .unit = core::Unit::mg_per_m3, .source = "GBZ 2.1-2019 Table 1"};
}

inline core::Site example_site() {
  using namespace core;
  Site site;
  site.gateway_id = "gw-01";
  site.site_id = "fengxian";
  site.enterprises = {{"acme", "Acme Coatings", ""}};
  site.workplaces = {{"paint", "喷漆间", EnterpriseIndex{0}, WorkplaceKind::workplace},
                     {"gate", "厂界", EnterpriseIndex{0}, WorkplaceKind::ambient}};
  site.buses = {{"bus-1"}};
  site.devices = {{"voc-1", BusIndex{0}, WorkplaceIndex{0}, 1s, PointIndex{0}, 2},
                  {"slm-1", BusIndex{0}, WorkplaceIndex{1}, 1s, PointIndex{2}, 1}};
  site.compounds = {{"74-84-0", "乙烷", "Ethane"}, {"108-38-3/106-42-3", "间/对-二甲苯", "m/p-Xylene"}};
  site.points.resize(3);
  site.points[0].id = "voc-1.toluene";
  site.points[0].agent = AgentIndex{0};
  site.points[1].id = "voc-1.temperature";
  site.points[1].unit = Unit::degree_celsius;
  site.points[2].id = "slm-1.la";
  site.points[2].device = DeviceIndex{1};
  site.points[2].workplace = WorkplaceIndex{1};
  site.points[2].unit = Unit::db_a;
  site.points[2].agent = AgentIndex{1};
  site.agents.resize(2);
  site.agents[0].id = "cas:108-88-3";
  site.agents[0].name_zh = "甲苯";
  site.agents[0].name_en = "toluene";
  site.agents[0].limits = {toluene_stel()};
  site.agents[1].id = "noise";
  site.agents[1].name_zh = "噪声";
  site.agents[1].name_en = "noise";
  site.agents[1].unit = Unit::db_a;
  return site;
}

/// Toluene above its PC-STEL since 20:00:00, announced at 20:00:05, not yet seen by anybody.
inline core::Alarm toluene_alarm() {
  core::Alarm alarm;
  alarm.number = 7;
  alarm.revision = 2;
  alarm.level = alarm.highest = core::Level::exceed;
  alarm.state = core::AlarmState::unacknowledged;
  alarm.activations = alarm.annunciations = 1;
  alarm.value = alarm.peak = 120.25;
  alarm.basis = core::Basis::c_ste;
  alarm.limit = toluene_stel();
  alarm.detected_at = at(0s);
  alarm.warned_at = at(5s);
  alarm.changed_at = at(5s);
  return alarm;
}

/// A figure of a VOC station far above its usual one; nobody but the station's own history says so.
inline core::Alarm unusual_alarm() {
  core::Alarm alarm = toluene_alarm();
  alarm.level = alarm.highest = core::Level::notice;
  alarm.value = alarm.peak = 932.07;
  alarm.basis = core::Basis::baseline;
  alarm.limit = {core::LimitKind::site, 543.2, core::Unit::mg_per_m3, ""};
  alarm.usual = core::Usual{.median = 233.76, .z = 11.25};
  alarm.contributors = {{"74-84-0", 0.2462}, {"108-38-3/106-42-3", 0.1249}, {"1-2-3", 0.031}};
  alarm.warned_at.reset();
  return alarm;
}

inline core::Alarm silent_device_alarm() {
  core::Alarm alarm;
  alarm.number = 8;
  alarm.subject = core::AlarmSubject::device;
  alarm.index = 1;
  alarm.level = alarm.highest = core::Level::notice;
  alarm.state = core::AlarmState::unacknowledged;
  alarm.basis = core::Basis::link;
  alarm.activations = alarm.annunciations = 1;
  alarm.detected_at = alarm.changed_at = at(0s);
  return alarm;
}

}  // namespace hazgate::test
