#include "tests/bench/bare_pipeline.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <bit>
#include <chrono>
#include <thread>
#include <vector>

#include "tests/bench/bare_epoll.hpp"
#include "tests/bench/mqtt_client.hpp"

namespace hazgate::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int tick_ms = 10, ticks_a_message = 25, most_registers = 125, most_values_a_message = 1000;

std::string now_text() {
  const auto now = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto second = std::chrono::time_point_cast<std::chrono::seconds>(now);
  return fmt::format("{:%FT%T}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(second)),
                     (now - second).count());
}

class Pipeline {
 public:
  explicit Pipeline(const PipelinePlan& plan)
      : load_(plan.load),
        epoll_(plan.modbus_port, static_cast<std::size_t>(load_.devices),
               {.unit = 1, .function = modbus::Function::read_holding, .address = 0, .count = 1}),
        client_(plan.mqtt_port, "bare-pipeline"),
        devices_(static_cast<std::size_t>(load_.devices)),
        texts_(static_cast<std::size_t>(load_.workplaces())) {
    for (std::size_t d = 0; d < devices_.size(); ++d)  // spread over the first period
      devices_[d].due_ms = static_cast<long>(d) * load_.period_ms / load_.devices;
  }

  void tick(int number) {
    time_ = now_text();
    for (std::size_t d = 0; d < devices_.size(); ++d) {
      auto& device = devices_[d];
      if (device.due_ms > static_cast<long>(number) * tick_ms) continue;
      device.due_ms += load_.period_ms;
      if (device.asked < 0) ask(d, 0);
    }
    if (number % ticks_a_message == 0)
      for (std::size_t w = 0; w < texts_.size(); ++w) publish(w);
  }
  void wait_until(Clock::time_point until) {
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
      if (left.count() <= 0) return;
      epoll_.wait(static_cast<int>(left.count()), [this](auto device, auto words) { on_answer(device, words); });
    }
  }

 private:
  struct Device {
    long due_ms = 0;
    int asked = -1;  ///< registers before those that are asked for now
  };
  struct Text {
    std::string json;
    int values = 0;
  };

  int registers() const { return load_.values * (load_.floats ? 2 : 1); }
  void ask(std::size_t d, int first) {
    devices_[d].asked = first;
    const int even = most_registers - (load_.floats ? 1 : 0);
    epoll_.ask(d, static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(std::min(even, registers() - first)));
  }
  void on_answer(std::size_t d, std::span<const std::uint16_t> words) {
    const std::size_t step = load_.floats ? 2 : 1;
    const auto w = d % texts_.size();
    auto& [json, values] = texts_[w];
    for (std::size_t i = 0; i < words.size(); i += step) {
      const double value =
          load_.floats
              ? static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(words[i]) << 16U | words[i + 1]))
              : words[i] * 0.01;
      fmt::format_to(std::back_inserter(json),
                     "{}{{\"point\":\"gas-{}.m{}\",\"t\":\"{}\",\"value\":{},\"unit\":\"mg/m3\",\"flag\":\"N\"}}",
                     json.empty() ? "" : ",", d, (static_cast<std::size_t>(devices_[d].asked) + i) / step, time_,
                     value);
      if (++values == most_values_a_message) publish(w);
    }
    const int next = devices_[d].asked + static_cast<int>(words.size());
    if (next < registers()) return ask(d, next);
    devices_[d].asked = -1;
  }
  void publish(std::size_t w) {
    auto& [json, values] = texts_[w];
    if (values == 0) return;
    client_.publish(
        fmt::format("bare/1/bench/works/hall-{}/readings", w),
        fmt::format(R"({{"v":1,"gateway":"bench","seq":{},"sent_at":"{}","readings":[{}]}})", ++seq_, time_, json));
    json.clear();
    values = 0;
  }

  Load load_;
  BareEpoll epoll_;
  MqttClient client_;
  std::vector<Device> devices_;
  std::vector<Text> texts_;
  std::string time_;
  std::uint64_t seq_ = 0;
};

}  // namespace

void run_bare_pipeline(const PipelinePlan& plan) {
  Pipeline pipeline(plan);
  auto next = Clock::now();
  for (int number = 0;; ++number) {
    pipeline.tick(number);
    next += std::chrono::milliseconds(tick_ms);
    pipeline.wait_until(next);
  }
}

}  // namespace hazgate::bench
