// /metrics: how the gateway does, in Prometheus' text format.
#pragma once

#include <span>
#include <string>

#include "app/lateness.hpp"
#include "app/writer.hpp"
#include "feed/payload.hpp"
#include "web/live.hpp"
#include "web/server.hpp"

namespace hazgate::app {

struct MetricsInput {
  const feed::Status& status;
  const StoreHealth& store;
  const Lateness& lateness;
  std::span<const std::uint64_t> failed_polls;  ///< of each device, in the order of status.devices
  bool broker_up = false;
  std::uint64_t waiting_samples = 0;
  const web::ServerCounters* web = nullptr;  ///< none without a page
  const web::Live* live = nullptr;
  std::size_t sessions = 0;
};
std::string metrics_text(const MetricsInput& in);

}  // namespace hazgate::app
