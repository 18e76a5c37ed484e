// One MQTT 5 connection, from CONNECT to its end. The only file with Paho is the source behind this header.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
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
struct SubscribeRefused {
  std::string topic, why;
};
using SessionEvent = std::variant<SessionUp, SessionDown, PublishAnswer, SubscribeRefused, Request, Followed>;

/// A message for us, as it came.
struct Incoming {
  std::string_view topic, payload, response_topic, correlation;
  bool retained = false;
};

/// Decides which messages are requests. It stands before the mailbox, so that a flood ends here and takes no memory,
/// and outlives the sessions, so that a new connection brings no new allowance. Dropped and counted are: topics not
/// ours (of a subscription that the broker still remembers), retained messages, what is too large, response topics that
/// do not lie under the prefix or, where the broker says who asks, are not his own, and more than `rate` a second.
class RequestGate {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::size_t payload_most = 64 * 1024, correlation_most = 256, topic_most = 256;
  static constexpr double rate = 20, burst = 40;
  explicit RequestGate(const MqttOptions& options) : topic_(options.request_topic), prefix_(options.response_prefix) {}

  /// From any thread. Empty when the message is dropped.
  std::optional<Request> admit(const Incoming& message, Time now);
  /// One that was admitted and yet came too late.
  void drop() { ++dropped_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  std::optional<std::string> user_of(std::string_view topic) const;
  bool may_answer_on(std::string_view topic, std::string_view user) const;
  bool within_rate(Time now);

  const std::string topic_, prefix_;
  std::mutex lock_;
  double allowance_ = burst;
  Time counted_until_{};
  std::atomic<std::uint64_t> dropped_{0};
};

/// Throws std::runtime_error for options that no connection can come of: a wrong URL, a certificate that cannot be
/// read.
void check_options(const MqttOptions& options);
std::string reason_text(int reason);

/// Made afresh for each connection and without a store, so that our own queue is the only memory of what is owed.
class MqttSession {
 public:
  /// Begins to connect. Throws std::runtime_error when that is not even possible.
  MqttSession(const MqttOptions& options, std::shared_ptr<RequestGate> gate, std::function<void(SessionEvent)> tell);
  ~MqttSession();  ///< says DISCONNECT when connected; nothing is told afterwards

  /// False when the connection is gone; a SessionDown follows or came already.
  bool publish(std::uint64_t ticket, const Message& message);
  /// Asks for the requests on `topic`; false as above. A SubscribeRefused follows if the broker will not.
  bool subscribe(const std::string& topic);
  /// Lets the broker publish the last will: for an end in which the offline status did not get through.
  void leave_with_will();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hazgate::feed
