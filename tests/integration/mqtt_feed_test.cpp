#include "feed/mqtt.hpp"

#include <gmock/gmock.h>

#include <mutex>
#include <numeric>

#include "support/mosquitto.hpp"

namespace hazgate::feed {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using test::Mosquitto;
using test::Subscriber;

/// A feed and what it told.
class Listener {
 public:
  MqttFeed::Events events() {
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
  std::vector<std::string> told() const {
    std::lock_guard lock(mutex_);
    return told_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::int64_t> delivered_;
  std::vector<std::string> told_;
};

MqttOptions options_for(const Mosquitto& broker) {
  return {.url = broker.url(),
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

Message message(std::int64_t id, std::string payload, std::string topic = "t/readings") {
  return {.id = id, .topic = std::move(topic), .payload = std::move(payload)};
}

std::vector<Message> numbered(int from, int to) {
  std::vector<Message> messages;
  for (int i = from; i <= to; ++i) messages.push_back(message(i, std::to_string(i)));
  return messages;
}

TEST(MqttFeed, PublishesInOrderAndTellsEachIdOnceAfterItsPuback) {
  Mosquitto broker;
  Subscriber subscriber(broker, "t/readings");
  Listener listener;
  MqttFeed feed(options_for(broker), listener.events());
  feed.offer(numbered(1, 1000));
  ASSERT_TRUE(eventually([&] { return listener.count() >= 1000; }, 10s));
  ASSERT_TRUE(subscriber.wait_for(1000, 5s));
  auto heard = subscriber.heard();
  ASSERT_EQ(heard.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(heard[i].payload, std::to_string(i + 1));
  auto ids = listener.delivered();
  std::vector<std::int64_t> expected(1000);
  std::iota(expected.begin(), expected.end(), 1);
  EXPECT_EQ(ids, expected);
}

}  // namespace
}  // namespace hazgate::feed
