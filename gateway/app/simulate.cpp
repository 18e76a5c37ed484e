#include "app/simulate.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "drivers/simulator.hpp"
#include "settings/simulation.hpp"

namespace hazgate::app {

settings::Problems simulate(const SimulateOptions& options) {
  auto loaded = settings::load_simulation(options.config, options.data);
  if (loaded.has_error()) return loaded.error();
  const auto buses = loaded->size();
  modbus::Simulator simulator(std::move(*loaded), options.speed);
  spdlog::info("simulating buses={} speed={}", buses, options.speed);

  boost::asio::io_context io;
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&io](auto, int) { io.stop(); });
  boost::asio::steady_timer end(io);
  if (options.seconds > 0) {
    end.expires_after(std::chrono::seconds(options.seconds));
    end.async_wait([&io](auto) { io.stop(); });
  }
  io.run();
  const auto counters = simulator.counters();
  spdlog::info("simulated requests={} answers={} faults={}", counters.requests, counters.answers, counters.faults);
  return {};
}

}  // namespace hazgate::app
