// One MQTT 5 connection, from CONNECT to its end. The only file with Paho is the source behind this header.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "feed/mqtt.hpp"

namespace hazgate::feed {

/// What a session tells, on Paho's threads and with Paho's lock held: the receiver must only hand it on.
struct SessionUp {
  std::uint16_t receive_maximum = 65535;  ///< of the CONNACK; MQTT 5, 3.2.2.3.3
  std::uint32_t packet_maximum = 0xFFFFFFFF;
};
struct SessionDown {
  std::string why;
};
struct PublishAnswer {
  std::uint64_t ticket = 0;
  int reason = 0;  ///< of the PUBACK; 0x80 and above: the broker did not take it
};
using SessionEvent = std::variant<SessionUp, SessionDown, PublishAnswer>;

/// Throws std::runtime_error for options that no connection can come of: a wrong URL, a certificate that cannot be
/// read.
void check_options(const MqttOptions& options);
std::string reason_text(int reason);

/// Made afresh for each connection and without a store, so that our own queue is the only memory of what is owed.
class MqttSession {
 public:
  /// Begins to connect. Throws std::runtime_error when that is not even possible.
  MqttSession(const MqttOptions& options, std::function<void(SessionEvent)> tell);
  ~MqttSession();  ///< says DISCONNECT when connected; nothing is told afterwards

  /// False when the connection is gone; a SessionDown follows or came already.
  bool publish(std::uint64_t ticket, const Message& message);
  /// Lets the broker publish the last will: for an end in which the offline status did not get through.
  void leave_with_will();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hazgate::feed
