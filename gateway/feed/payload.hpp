// Pure: topics and JSON of the feed, version 1. The schemas beside it (schema/) are its description.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/alarm.hpp"
#include "core/alarm_figures.hpp"
#include "core/batch.hpp"
#include "core/site.hpp"
#include "feed/json_text.hpp"

namespace hazgate::feed {

/// hazgate/1/<site>/<enterprise>/<workplace>/<what>
std::string workplace_topic(const core::Site& site, core::WorkplaceIndex workplace, std::string_view what);
/// hazgate/1/<site>/<enterprise>/<what>
std::string enterprise_topic(const core::Site& site, std::string_view enterprise, std::string_view what);
/// hazgate/1/<site>/<enterprise>/<workplace>/readings
std::string readings_topic(const core::Site& site, core::WorkplaceIndex workplace);
/// The word for an alarm on every interface: <gateway>-<number>
std::string alarm_id(const core::Site& site, const core::Alarm& alarm);

/// hazgate/1/<site>/<enterprise>/<workplace>/alarm/<gateway>-<number>; of a bus, an output and the gateway itself
/// hazgate/1/<site>/gateway/<gateway>/alarm/<gateway>-<number>. Retained until core::ended(alarm); then the final
/// message is followed by an empty retained one, so that a new subscriber meets open alarms only.
std::string alarm_topic(const core::Site& site, const core::Alarm& alarm);
/// The same by words, of an alarm whose point the site no longer has.
std::string alarm_topic(const core::Site& site, std::string_view enterprise, std::string_view workplace,
                        std::uint64_t number);
/// The stream that alarm messages of an enterprise are numbered in: hazgate/1/<site>/<enterprise>/alarm, or that of the
/// gateway's own.
std::string alarm_stream(const core::Site& site, const core::Alarm& alarm);
/// hazgate/1/<site>/<enterprise>/<workplace>/escalation/<group>, or
/// hazgate/1/<site>/gateway/<gateway>/escalation/<group>
std::string escalation_topic(const core::Site& site, const core::Alarm& alarm, std::string_view group);
/// hazgate/1/<site>/gateway/<id>/status
std::string status_topic(const core::Site& site);

/// hazgate/1/<site>/gateway/<id>/request: actions, also at …/request/<user>, where the broker answers for who it is.
std::string request_topic(const core::Site& site);
/// For who follows a site: hazgate/1/<site>/+/<what>, and hazgate/1/<site>/gateway/+/response/<who>.
std::string every_enterprise_topic(const core::Site& site, std::string_view what);
std::string every_response_topic(const core::Site& site, std::string_view who);
/// hazgate/1/<site>/gateway/<id>/response/ : where an answer may go, and nowhere else; to who asked at …/request/<user>
/// at …/response/<user> and below.
std::string response_prefix(const core::Site& site);

/// 2026-11-23T20:00:00.000Z
void append_time(std::string& out, core::Timestamp t);

/// Builds readings messages without allocation per reading: what is constant of a point is written once, at start.
class ReadingsEncoder {
 public:
  explicit ReadingsEncoder(const core::Site& site);
  /// {"v":1,"gateway":…,"seq":…,"sent_at":…,"readings":[ …
  static void begin(std::string& out, std::string_view gateway, std::uint64_t seq, core::Timestamp sent_at);
  /// One reading; a value that is not finite becomes null.
  void add(std::string& out, const core::Reading& reading) const;
  /// The same, of a point by its words: the configuration may not know it any more.
  static void add(std::string& out, std::string_view point, std::string_view unit, core::Timestamp at,
                  const core::Sample& sample);
  /// What the readings of a message do not say by themselves.
  struct Holes {
    std::string_view thinned{};  ///< why they are minute means; empty where they are not
    std::size_t unreadable = 0;  ///< polls that the store could not give back
  };
  /// … ]} with "thinned":{"reason":…,"resolution_s":60} and "unreadable_polls":… where there is something to tell.
  static void end(std::string& out, const Holes& holes);

 private:
  std::string before_values_;               ///< of all points, one after the other: those of a device share their lines
  std::vector<std::uint32_t> before_ends_;  ///< of each point, in before_values_
  std::vector<std::uint8_t> unit_;          ///< alike, into after_value_
  std::vector<std::string> after_value_;    ///< of each unit
};

/// The alarm as it stands, texts in Chinese and English.
std::string alarm_message(const core::Site& site, const core::Alarm& alarm, std::uint64_t seq, core::Timestamp sent_at);
/// A target was missed (alarm.change): this contact group is the next to be told, the last one again and again.
std::string escalation_message(const core::Site& site, const core::Alarm& alarm, std::string_view group,
                               std::uint64_t seq, core::Timestamp sent_at);
/// The members of the alarm as it stands, without what belongs to a message: for whoever shows or answers with one.
void append_alarm(JsonWriter& json, const core::Site& site, const core::Alarm& alarm);

struct BusStatus {
  std::string id;
  bool open = false;
  std::string trouble;
  std::uint64_t polls = 0, failed = 0, skipped = 0, reopened = 0;
};
struct DeviceStatus {
  std::string id;
  bool answering = false;
};
struct Status {
  core::Timestamp at;
  std::string version;
  double uptime_s = 0;
  std::vector<BusStatus> buses;
  std::vector<DeviceStatus> devices;
  std::uint64_t outbox_rows = 0, outbox_bytes = 0;
  std::string store = "ok";  ///< "ok", "slow", "failing: <why>"
  std::string clock = "ok";  ///< "ok", "stepped <when>, <seconds> s"
  core::AlarmReport alarms;  ///< as EEMUA 191 and ISA-18.2 count them
  double worst_lateness_ms = 0;
};
/// The members of it, without what belongs to a message.
void append_status(JsonWriter& json, const core::Site& site, const Status& status);
std::string status_message(const core::Site& site, const Status& status);
/// The last will: {"v":1,"gateway":…,"online":false}
std::string offline_message(const core::Site& site);

}  // namespace hazgate::feed
