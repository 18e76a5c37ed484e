#include "tests/bench/watched_point.hpp"

#include <stdexcept>
#include <thread>

#include "tests/bench/gateway_process.hpp"

namespace hazgate::bench {

using std::chrono::steady_clock;

namespace {
constexpr auto patience = std::chrono::seconds(5);
[[noreturn]] void give_up(const std::string& why) { throw std::runtime_error("watched point: " + why); }
}  // namespace

WatchedPoint::WatchedPoint(ModbusServer& server, MqttClient& alarms) : server_(server), alarms_(alarms) {
  server_.state().watched = watched_low;
}

void WatchedPoint::begin() {
  if (!alarms_.next(patience)) give_up("no alarm of the lower level");
  if (const auto early = alarms_.next(std::chrono::milliseconds(0))) give_up("an early alarm: " + early->payload);
}

double WatchedPoint::flip() {
  high_ = !high_;
  auto& state = server_.state();
  const auto before = state.changes_sent.load();
  state.watched = high_ ? watched_high : watched_low;
  const auto alarm = alarms_.next(patience);
  if (!alarm) give_up("no alarm after a change of the register");
  const bool right = alarm->payload.find(high_ ? "\"level\":\"exceed\"" : "\"level\":\"warning\"") != std::string::npos;
  if (!right || state.changes_sent != before + 1) give_up("an alarm of something else: " + alarm->payload);
  const auto took = alarm->at.time_since_epoch() - std::chrono::nanoseconds(state.sent_at_ns);
  return std::chrono::duration<double, std::milli>(took).count();
}

void WatchedPoint::rest() {
  std::uniform_int_distribution<long> pick(10'000, 60'000);
  std::this_thread::sleep_for(std::chrono::microseconds(pick(random_)));
}

}  // namespace hazgate::bench
