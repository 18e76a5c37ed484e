#include "tests/bench/bare_pipeline.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <thread>

#include "tests/bench/bare_epoll.hpp"
#include "tests/bench/gateway_process.hpp"
#include "tests/bench/mqtt_client.hpp"

namespace hazgate::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int ticks_a_second = 100, ticks_a_message = 25;

std::string now_text() {
  const auto now = std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto second = std::chrono::time_point_cast<std::chrono::seconds>(now);
  return fmt::format("{:%FT%T}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(second)),
                     (now - second).count());
}

class Pipeline {
 public:
  explicit Pipeline(const PipelinePlan& plan)
      : plan_(plan),
        epoll_(plan.modbus_port, static_cast<std::size_t>(plan.devices),
               {.unit = 1, .function = modbus::Function::read_holding, .address = 0, .count = registers_a_device}),
        client_(plan.mqtt_port, "bare-pipeline"),
        texts_(static_cast<std::size_t>(plan.workplaces)) {}

  void tick(int number) {
    time_ = now_text();
    for (int d = number % ticks_a_second; d < plan_.devices; d += ticks_a_second)
      epoll_.ask(static_cast<std::size_t>(d));
    if (number % ticks_a_message == 0) publish();
  }
  void wait_until(Clock::time_point until) {
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
      if (left.count() <= 0) return;
      epoll_.wait(static_cast<int>(left.count()), [this](auto device, auto words) { on_answer(device, words); });
    }
  }

 private:
  void on_answer(std::size_t device, std::span<const std::uint16_t> words) {
    auto& text = texts_[device % texts_.size()];
    for (std::size_t i = 0; i < words.size(); ++i) {
      fmt::format_to(std::back_inserter(text),
                     "{}{{\"point\":\"gas-{}.m{}\",\"t\":\"{}\",\"value\":{},\"unit\":\"mg/m3\",\"flag\":\"N\"}}",
                     text.empty() ? "" : ",", device, i, time_, words[i] * 0.01);
    }
  }
  void publish() {
    for (std::size_t w = 0; w < texts_.size(); ++w) {
      if (texts_[w].empty()) continue;
      client_.publish(fmt::format("bare/1/bench/works/hall-{}/readings", w),
                      fmt::format(R"({{"v":1,"gateway":"bench","seq":{},"sent_at":"{}","readings":[{}]}})", ++seq_,
                                  time_, texts_[w]));
      texts_[w].clear();
    }
  }

  PipelinePlan plan_;
  BareEpoll epoll_;
  MqttClient client_;
  std::vector<std::string> texts_;
  std::string time_;
  std::uint64_t seq_ = 0;
};

}  // namespace

void run_bare_pipeline(const PipelinePlan& plan) {
  Pipeline pipeline(plan);
  auto next = Clock::now();
  for (int number = 0;; ++number) {
    pipeline.tick(number);
    next += std::chrono::milliseconds(1000 / ticks_a_second);
    pipeline.wait_until(next);
  }
}

}  // namespace hazgate::bench
