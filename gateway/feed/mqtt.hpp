// The MQTT 5 connection. The only file with Paho; lives on a thread of its own, so that a name look-up or a dead broker
// never holds the polling loop.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hazgate::feed {

struct MqttOptions {
  std::string url;  ///< mqtt://host:port or mqtts://host:port
  std::string client_id, username, password;
  std::string ca, cert, key;  ///< file names, for mqtts
  std::string status_topic;
  std::string offline_payload;  ///< last will, retained
  std::chrono::seconds keep_alive{15};
};

struct Message {
  std::int64_t id = 0;  ///< 0: not from the outbox, nobody waits for its PUBACK
  bool urgent = false;  ///< alarms: ahead of all readings
  bool retain = false;
  std::string topic, payload;
};

struct MqttCounters {
  std::uint64_t published = 0, acknowledged = 0, refused = 0, connects = 0;
};

/// At least once, in order within each lane, never more in flight than the broker's Receive Maximum. A lost connection
/// makes a new one with jittered back-off (0.5 … 30 s) and sends again what was not acknowledged, in order.
class MqttFeed {
 public:
  struct Events {
    std::function<void(std::vector<std::int64_t> ids)> delivered;  ///< after PUBACK; on the feed's thread
    std::function<void(bool online, std::string why)> connection;  ///< each change; on the feed's thread
  };
  MqttFeed(MqttOptions options, Events events);
  ~MqttFeed();  ///< offline status, disconnect; at most 2 s

  /// From any thread. The caller keeps the total bounded (see app/outbox_pump).
  void offer(std::vector<Message> messages);
  /// Replaces the retained status; sent at once when online and again at each birth.
  void status(std::string payload);
  MqttCounters counters() const;  ///< from any thread
  bool online() const;            ///< from any thread

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hazgate::feed
