#include "tests/bench/mqtt_client.hpp"

#include <mqtt/async_client.h>

#include <thread>

namespace hazgate::bench {

constexpr std::size_t most_in_flight = 20;

MqttClient::MqttClient(std::uint16_t port, const std::string& id)
    : client_(
          std::make_unique<mqtt::async_client>("tcp://127.0.0.1:" + std::to_string(port), id,
                                               mqtt::create_options_builder().mqtt_version(MQTTVERSION_5).finalize())) {
  client_->set_message_callback([this](const mqtt::const_message_ptr& message) {
    const auto at = std::chrono::steady_clock::now();
    ++heard_;
    if (!keep_) return;
    std::lock_guard lock(mutex_);
    kept_.push_back({at, message->get_topic(), message->to_string()});
    changed_.notify_one();
  });
  client_->connect(mqtt::connect_options_builder().mqtt_version(MQTTVERSION_5).max_inflight(most_in_flight).finalize())
      ->wait();
}

MqttClient::~MqttClient() {
  try {
    client_->disconnect()->wait_for(std::chrono::seconds(1));
  } catch (const mqtt::exception&) {
    // the broker went first
  }
}

void MqttClient::subscribe(const std::string& topic, bool keep) {
  keep_ = keep;
  client_->subscribe(topic, 1)->wait();
}

std::optional<Heard> MqttClient::next(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, timeout, [this] { return !kept_.empty(); })) return std::nullopt;
  std::optional<Heard> first(std::move(kept_.front()));
  kept_.pop_front();
  return first;
}

void MqttClient::publish(const std::string& topic, const std::string& payload) {
  while (client_->get_pending_delivery_tokens().size() >= most_in_flight) std::this_thread::yield();
  client_->publish(topic, payload.data(), payload.size(), 1, false);
}

}  // namespace hazgate::bench
