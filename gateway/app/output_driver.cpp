#include "app/output_driver.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace hazgate::app {

using std::chrono::steady_clock;

namespace {

std::chrono::seconds pause_after(int failures) {
  return std::min(std::chrono::seconds(60), std::chrono::seconds(1 << std::min(failures, 6)));
}

}  // namespace

void OutputDriver::drive() {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const auto value = wanted_.wanted(i);
    auto& state = states_[i];
    if (state.writing || state.confirmed == value) continue;
    // That the bus is down is told already; no output has failed.
    if (!pollers_[core::at(settings_.actions[i].bus)]->link().is_open()) continue;
    if (state.tried != value) state.failures = 0;  // a new wish is not kept waiting by an old failure
    if (state.failures > 0 && steady_clock::now() < state.not_before) continue;
    write(i, value);
  }
}

void OutputDriver::write(std::size_t output, std::uint16_t value) {
  const auto& action = settings_.actions[output];
  states_[output].tried = value;
  auto done = [this, output, value](boost::system::error_code error) {
    // The gateway stops or takes over another configuration: no output has failed.
    if (error == boost::asio::error::operation_aborted) {
      states_[output].writing = false;
      return;
    }
    on_answer(output, value, error ? error.message() : std::string());
  };
  states_[output].writing =
      pollers_[core::at(action.bus)]->write({action.unit, action.table, action.address, value, std::move(done)});
}

void OutputDriver::on_answer(std::size_t output, std::uint16_t value, const std::string& why) {
  auto& state = states_[output];
  state.writing = false;
  if (why.empty()) {
    state.failures = 0;
    state.confirmed = value;
    spdlog::info("output={} value={} state=confirmed", output, value);
  } else {
    state.not_before = steady_clock::now() + pause_after(state.failures);
    if (state.failures++ == 0) spdlog::error("output={} value={} state=failing reason=\"{}\"", output, value, why);
  }
  told_(output, why);
}

void OutputDriver::forget(core::BusIndex bus) {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (settings_.actions[i].bus != bus) continue;
    states_[i].confirmed.reset();
    states_[i].failures = 0;
  }
}

}  // namespace hazgate::app
