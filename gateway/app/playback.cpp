#include "app/playback.hpp"

#include <queue>

#include "drivers/simulator_polls.hpp"

namespace hazgate::app {

namespace {

struct Instrument {
  std::uint32_t device = 0;
  double period_s = 1;
  modbus::SimulatedPolls polls;
  std::uint64_t polled = 0;
  double next() const { return polls.begin() + static_cast<double>(polled) * period_s; }  ///< without drift
};

/// Ordered by time; at the same time by the number of the device, so that the same file gives the same alarm numbers.
using Due = std::pair<double, std::uint32_t>;  ///< seconds since the start, place in the instruments

}  // namespace

void play(const settings::Settings& settings, const settings::Playback& playback,
          const std::function<void(const modbus::Outcome&, core::Timestamp)>& on_outcome) {
  std::vector<Instrument> instruments;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due;
  for (std::size_t bus = 0; bus < settings.buses.size(); ++bus) {
    const auto& plans = settings.buses[bus].devices;
    for (std::size_t i = 0; i < plans.size(); ++i) {
      const auto& plan = plans[i];
      instruments.push_back({.device = plan.index,
                             .period_s = std::chrono::duration<double>(plan.period).count(),
                             .polls = {plan, playback.buses[bus].devices[i]}});
      const auto& polls = instruments.back().polls;
      if (polls.begin() < polls.end()) due.emplace(polls.begin(), static_cast<std::uint32_t>(instruments.size() - 1));
    }
  }
  while (!due.empty()) {
    const auto [seconds, place] = due.top();
    due.pop();
    auto& instrument = instruments[place];
    const auto values = instrument.polls.at(seconds);
    const auto at = playback.from + std::chrono::round<core::Duration>(std::chrono::duration<double>(seconds));
    if (!values.empty()) on_outcome({.device = instrument.device, .error = {}, .values = values, .detail = {}}, at);
    ++instrument.polled;
    if (instrument.next() < instrument.polls.end()) due.emplace(instrument.next(), place);
  }
}

}  // namespace hazgate::app
