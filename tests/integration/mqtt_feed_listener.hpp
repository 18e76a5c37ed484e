// What a feed under test tells, and options with short pauses.
#pragma once

#include <algorithm>
#include <mutex>
#include <numeric>
#include <string>
#include <vector>

#include "feed/mqtt.hpp"
#include "support/mosquitto.hpp"

namespace hazgate::test {

using namespace std::chrono_literals;

/// What a feed told.
class Listener {
 public:
  feed::MqttFeed::Events events() {
    return {.delivered =
                [this](std::vector<std::int64_t> ids) {
                  std::lock_guard lock(mutex_);
                  delivered_.insert(delivered_.end(), ids.begin(), ids.end());
                },
            .connection =
                [this](bool online, std::string why) {
                  std::lock_guard lock(mutex_);
                  told_.emplace_back((online ? "+ " : "- ") + why);
                }};
  }
  std::vector<std::int64_t> delivered() const {
    std::lock_guard lock(mutex_);
    return delivered_;
  }
  std::size_t count() const {
    std::lock_guard lock(mutex_);
    return delivered_.size();
  }
  bool was_told(const std::string& text) const {
    std::lock_guard lock(mutex_);
    return std::any_of(told_.begin(), told_.end(),
                       [&](const auto& line) { return line.find(text) != std::string::npos; });
  }
  std::vector<std::string> told() const {
    std::lock_guard lock(mutex_);
    return told_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::int64_t> delivered_;
  std::vector<std::string> told_;
};

inline feed::MqttOptions options_for(const std::string& url) {
  return {.url = url,
          .client_id = "hazgate-test",
          .username = "",
          .password = "",
          .ca = "",
          .cert = "",
          .key = "",
          .status_topic = "t/status",
          .offline_payload = "offline",
          .keep_alive = 2s,
          .retry_first = 50ms,
          .retry_most = 200ms};
}

inline feed::MqttOptions options_for(const Mosquitto& broker) { return options_for(broker.url()); }

inline feed::Message message(std::int64_t id, std::string payload, std::string topic = "t/readings") {
  return {.id = id, .topic = std::move(topic), .payload = std::move(payload)};
}

inline std::vector<feed::Message> numbered(int from, int to) {
  std::vector<feed::Message> messages;
  for (int i = from; i <= to; ++i) messages.push_back(message(i, std::to_string(i)));
  return messages;
}

inline std::vector<std::int64_t> ids(int from, int to) {
  std::vector<std::int64_t> all(static_cast<std::size_t>(to - from + 1));
  std::iota(all.begin(), all.end(), from);
  return all;
}

}  // namespace hazgate::test
