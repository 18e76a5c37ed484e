// A bare Paho client for the benches: publishes and listens, and stamps what it hears.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace mqtt {
class async_client;
}

namespace hazgate::bench {

struct Heard {
  std::chrono::steady_clock::time_point at;
  std::string topic, payload;
};

class MqttClient {
 public:
  /// Connected when it returns. MQTT 5, at most 20 in flight (mosquitto's Receive Maximum).
  MqttClient(std::uint16_t port, const std::string& id);
  ~MqttClient();

  /// QoS 1. With `keep` what comes is kept for next(), otherwise only counted.
  void subscribe(const std::string& topic, bool keep);
  std::optional<Heard> next(std::chrono::milliseconds timeout);
  std::uint64_t heard() const { return heard_; }

  /// QoS 1; waits while 20 messages are in flight.
  void publish(const std::string& topic, const std::string& payload);

 private:
  std::unique_ptr<mqtt::async_client> client_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Heard> kept_;
  std::atomic<std::uint64_t> heard_{0};
  std::atomic<bool> keep_{false};
};

}  // namespace hazgate::bench
